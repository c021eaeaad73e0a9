package outbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"baosong/mailer"
)

const (
	firstRetry = 30 * time.Second
	maxRetry   = time.Hour
	giveUp     = 24 * time.Hour // of failures in a row
)

// Event tells how a Job goes on. Done and Total are bytes of Part n.
type Event struct {
	Job         Job
	Part        int // from 1
	Done, Total int64
	// Err, without the rest, is a failure of the outbox itself, see [Box.Run].
	Err error
}

// maxWait is how long Run waits at most before it looks at the clock again: a
// timer stands still while a laptop sleeps.
const maxWait = time.Minute

// Run makes passes until ctx ends: at once, when something is due, and on
// [Box.Wake]. Failures of the outbox itself are told as an Event with Err.
func (b *Box) Run(ctx context.Context, senders Senders, tell func(Event)) {
	if tell == nil {
		tell = func(Event) {}
	}
	for ctx.Err() == nil {
		next, err := b.Pass(ctx, senders, tell)
		wait := maxWait
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			tell(Event{Err: err})
		} else if !next.IsZero() {
			wait = min(wait, max(0, next.Sub(b.now())))
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-b.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Wake makes Run look at the outbox now.
func (b *Box) Wake() {
	select {
	case b.wake <- struct{}{}:
	default: // it is about to
	}
}

// Pass sends everything that is due, Job after Job and Part after Part, and
// returns the time of the next try, zero when nothing waits. What goes wrong
// with a message is kept in its Job; the error is about the outbox itself, or
// ctx. Tell may be nil; it is called from this goroutine.
func (b *Box) Pass(ctx context.Context, senders Senders, tell func(Event)) (next time.Time, err error) {
	if tell == nil {
		tell = func(Event) {}
	}
	locked, err := b.lock.TryLock()
	if err != nil {
		return next, fmt.Errorf("lock outbox: %w", err)
	}
	if !locked {
		return next, ErrBusy
	}
	defer func() { err = errors.Join(err, b.lock.Unlock()) }()
	if err := b.sweep(); err != nil {
		return next, err
	}
	jobs, listErr := b.List()
	for _, j := range jobs {
		due, err := b.sendJob(ctx, j.ID, senders, tell)
		if errors.Is(err, ErrNotFound) {
			continue // removed meanwhile
		}
		if err != nil {
			return next, err
		}
		if !due.IsZero() && (next.IsZero() || due.Before(next)) {
			next = due
		}
	}
	return next, listErr
}

// sweep removes what a broken-off Add left. An Add of a running window is
// younger than a day.
func (b *Box) sweep() error {
	entries, err := os.ReadDir(b.root)
	if err != nil {
		return fmt.Errorf("clean outbox: %w", err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), newPrefix) {
			continue
		}
		if fi, err := e.Info(); err != nil || time.Since(fi.ModTime()) < 24*time.Hour {
			continue
		}
		if err := os.RemoveAll(b.dir(e.Name())); err != nil {
			return fmt.Errorf("clean outbox: %w", err)
		}
	}
	return nil
}

// sendJob sends the due Parts of one Job and returns when to come again.
func (b *Box) sendJob(ctx context.Context, id string, senders Senders, tell func(Event)) (time.Time, error) {
	jobCtx, stop := context.WithCancel(ctx)
	defer stop()
	b.mu.Lock()
	b.running[id] = stop
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		delete(b.running, id)
		b.mu.Unlock()
	}()
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return time.Time{}, err
		}
		j, err := b.Get(id)
		if err != nil || n > len(j.Parts) {
			return time.Time{}, err
		}
		p := j.Parts[n-1]
		switch {
		case p.State == Sent:
			continue
		case p.State == Failed || p.State == Cancelled:
			return time.Time{}, nil
		case p.State != Sending && p.Next.After(b.now()):
			return p.Next, nil
		}
		if err := b.sendPart(jobCtx, id, n, senders, tell); err != nil {
			return time.Time{}, err
		}
		if j, err = b.Get(id); err != nil {
			return time.Time{}, err
		}
		if j.Parts[n-1].State != Sent {
			return j.Parts[n-1].Next, ctx.Err()
		}
	}
}

// sendPart makes one try with one message. Its error is about the outbox.
func (b *Box) sendPart(ctx context.Context, id string, n int, senders Senders, tell func(Event)) error {
	j, err := b.mark(id, n, func(p *Part) { p.State = Sending })
	if errors.Is(err, errStopped) {
		return nil
	}
	if err != nil {
		return err
	}
	tell(Event{Job: j, Part: n, Total: j.Parts[n-1].Size})
	sendErr := b.transmit(ctx, j, n, senders, tell)
	j, err = b.mark(id, n, func(p *Part) { p.settle(sendErr, b.now()) })
	if errors.Is(err, errStopped) {
		return nil
	}
	if err == nil {
		done := int64(0)
		if sendErr == nil {
			done = j.Parts[n-1].Size
		}
		tell(Event{Job: j, Part: n, Done: done, Total: j.Parts[n-1].Size})
	}
	if f := j.Fault(); err == nil && f != nil && f.Kind == mailer.Login {
		err = b.hold(j, *f)
	}
	return err
}

// hold stops the other Jobs of an account whose login was refused: each of them
// would try the login again, and providers lock accounts for that.
func (b *Box) hold(refused Job, f Fault) error {
	jobs, err := b.List()
	if jobs == nil {
		return err
	}
	for _, j := range jobs {
		if j.ID == refused.ID || j.Account != refused.Account || j.State() != Queued && j.State() != Uncertain {
			continue
		}
		err := b.update(j.ID, func(j *Job) error {
			i := slices.IndexFunc(j.Parts, func(p Part) bool { return p.State != Sent })
			if i >= 0 && j.Parts[i].State != Cancelled { // by the person, since the list was made
				j.Parts[i].State, j.Parts[i].Next, j.Parts[i].Fault = Failed, time.Time{}, &f
			}
			return nil
		})
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}

func (b *Box) transmit(ctx context.Context, j Job, n int, senders Senders, tell func(Event)) error {
	sender, err := senders(j.Account)
	if err != nil {
		return err
	}
	f, err := b.Message(j.ID, n)
	if err != nil {
		return &mailer.Error{Kind: mailer.Local, Step: "open", Err: err}
	}
	// Only read: a failing Close must not undo the server's answer.
	defer func() { _ = f.Close() }()
	size := j.Parts[n-1].Size
	fi, err := f.Stat()
	if err == nil && fi.Size() != size {
		err = fmt.Errorf("%s has %d bytes, %d were written", filepath.Base(f.Name()), fi.Size(), size)
	}
	if err != nil {
		return &mailer.Error{Kind: mailer.Local, Step: "open", Err: err}
	}
	return sender.Send(ctx, j.Envelope, f, size, func(done, total int64) {
		tell(Event{Job: j, Part: n, Done: done, Total: total})
	})
}

var errStopped = errors.New("cancelled meanwhile")

// mark changes one Part on disk, unless the person cancelled it meanwhile and
// the server did not take it.
func (b *Box) mark(id string, n int, change func(*Part)) (Job, error) {
	var out Job
	err := b.update(id, func(j *Job) error {
		p := j.Parts[n-1]
		change(&p)
		if j.Parts[n-1].State == Cancelled && p.State != Sent {
			return errStopped
		}
		j.Parts[n-1] = p
		out = *j
		return nil
	})
	return out, err
}

// settle records the outcome of one try.
func (p *Part) settle(err error, now time.Time) {
	if err == nil {
		*p = Part{N: p.N, Size: p.Size, MessageID: p.MessageID, State: Sent, SentAt: now}
		return
	}
	p.Fault, p.Next = faultOf(err, now), time.Time{}
	if p.Fault.Kind == mailer.Cancelled {
		p.State, p.Fault = Queued, nil
		return
	}
	p.State = Failed
	if !mailer.Retryable(err) {
		return
	}
	if p.Tries == 0 {
		p.Since = now
	}
	p.Tries++
	if now.Sub(p.Since) >= giveUp {
		return
	}
	p.State = Queued
	if p.Fault.Kind == mailer.Uncertain {
		p.State = Uncertain
	}
	p.Next = now.Add(delay(p.Tries))
}

// delay returns how long to wait after the given number of failures in a row:
// exponential, with jitter, so that a hundred units do not come back at once.
func delay(tries int) time.Duration {
	b := backoff.ExponentialBackOff{InitialInterval: firstRetry, RandomizationFactor: 0.3, Multiplier: 2, MaxInterval: maxRetry}
	b.Reset()
	var d time.Duration
	for range min(tries, 16) {
		d = b.NextBackOff()
	}
	return d
}

func faultOf(err error, now time.Time) *Fault {
	if e, ok := errors.AsType[*mailer.Error](err); ok {
		text := e.Text
		if text == "" && e.Err != nil {
			text = e.Err.Error()
		}
		return &Fault{Kind: e.Kind, Step: e.Step, Host: e.Host, Code: e.Code, Text: text, At: now}
	}
	if errors.Is(err, context.Canceled) {
		return &Fault{Kind: mailer.Cancelled, Text: err.Error(), At: now}
	}
	return &Fault{Kind: mailer.Local, Text: err.Error(), At: now}
}
