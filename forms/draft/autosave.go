package draft

import (
	"context"
	"sync"
	"time"
)

const (
	quiet   = 400 * time.Millisecond // after the last change
	longest = time.Second            // after the first change not yet written
	// A failed writing is tried again after a second, then after twice as long
	// each time.
	retryFirst = time.Second
	retryMost  = 30 * time.Second
)

// Autosaver writes a draft soon after it changed: 0.4 s after the last change,
// and 1 s after the first one not yet written while changes go on, so that a
// kill loses about the last second of typing, and what the disk had not taken
// by then. It works in a goroutine of its own.
type Autosaver struct {
	draft          *Draft
	own            func(func())
	tried          func(error)
	quiet, longest time.Duration

	changed chan struct{}
	flush   chan chan error
	stop    chan struct{}
	once    sync.Once
	done    chan struct{}
}

// NewAutosaver starts saving d. own calls a function on the goroutine that owns
// the answers and returns when it has run, such as fyne.DoAndWait; it is never
// called from within Changed. tried is told how each writing went, nil being
// success, from the Autosaver's goroutine; a failed one is tried again.
func NewAutosaver(d *Draft, own func(func()), tried func(error)) *Autosaver {
	return newAutosaver(d, own, tried, quiet, longest)
}

func newAutosaver(d *Draft, own func(func()), tried func(error), quiet, longest time.Duration) *Autosaver {
	a := &Autosaver{
		draft: d, own: own, tried: tried, quiet: quiet, longest: longest,
		changed: make(chan struct{}, 1),
		flush:   make(chan chan error),
		stop:    make(chan struct{}),
		done:    make(chan struct{}),
	}
	go a.run()
	return a
}

// Changed says that the draft changed. It returns at once and may be called
// from any goroutine.
func (a *Autosaver) Changed() {
	select {
	case a.changed <- struct{}{}:
	default: // already noted
	}
}

// Flush writes the draft now and returns how that went. It must not be called
// on the goroutine that owns the answers unless own runs its function there
// and then.
func (a *Autosaver) Flush(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case a.flush <- answer:
	case <-a.done:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close flushes and ends the Autosaver. When flushing fails, it ends all the
// same: the draft is as it was last written.
func (a *Autosaver) Close(ctx context.Context) error {
	err := a.Flush(ctx)
	a.once.Do(func() { close(a.stop) })
	select {
	case <-a.done:
	case <-ctx.Done():
	}
	return err
}

func (a *Autosaver) run() {
	defer close(a.done)
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	var due time.Time // of the first change not yet written, zero if there is none
	retry := retryFirst
	after := func(err error) {
		timer.Stop()
		due = time.Time{}
		if err == nil {
			retry = retryFirst
			return
		}
		timer.Reset(retry)
		retry = min(2*retry, retryMost)
	}
	for {
		select {
		case <-a.stop:
			return
		case <-a.changed:
			now := time.Now()
			if due.IsZero() {
				due = now.Add(a.longest)
			}
			timer.Reset(min(a.quiet, due.Sub(now)))
		case <-timer.C:
			after(a.save())
		case answer := <-a.flush:
			err := a.save()
			after(err)
			answer <- err
		}
	}
}

func (a *Autosaver) save() error {
	var s *Snapshot
	a.own(func() { s = a.draft.Snapshot() })
	err := a.draft.Write(s)
	a.tried(err)
	return err
}
