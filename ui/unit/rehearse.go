package unit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"baosong/mailer/outbox"
	"baosong/mailer/post"
	"baosong/ui/kit"
)

// rehearse takes a copy of the draft through the whole trip, to servers on this
// computer. The draft itself stays as it is, and nothing is sent.
func (p *sendPage) rehearse() {
	e := p.e
	if p.rehearsing {
		e.tell(kit.Info, e.words.T("send.rehearsing-already"))
		return
	}
	p.rehearsing = true
	p.progress = kit.NewProgressRow(e.words.T("send.rehearsing"))
	p.result.Set(kit.None, "")
	show := e.throttled(p.progress)
	p.planned.Add(p.progress)
	e.page.Relayout()
	e.busy.Go(func() {
		n, err := e.rehearsal(show)
		e.thread.Do(func() {
			p.rehearsing = false
			if e.ctx.Err() != nil {
				return
			}
			p.planned.Remove(p.progress)
			if err != nil {
				p.result.Set(kit.Error, e.words.Error(err).String())
			} else {
				p.result.Set(kit.Success, e.words.T("send.rehearsed", "n", n))
			}
			e.page.Relayout()
		})
	})
}

func (e *Editor) rehearsal(show func(done, total int64, text string)) (messages int, err error) {
	if err := e.saver.Flush(e.ctx); err != nil {
		return 0, err
	}
	if err := e.desk.Rehearse(rehearsalSender, e.notice.ReportTo.Email); err != nil {
		return 0, err
	}
	drafts := e.desk.Home.Drafts
	id, err := drafts.Duplicate(e.draft.ID)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, drafts.Delete(id), drafts.Purge(id)) }()
	d, err := drafts.Load(id)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	job, err := e.desk.Submit(e.ctx, e.notice, d, post.Options{Account: rehearsalSender}, func(step post.Step, done, total int64) {
		show(done, total, e.words.T("send.step."+string(step)))
	})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, e.forget(job.ID)) }()
	return len(job.Parts), e.rehearsed(job.ID)
}

// rehearsed waits until the outbox has sent a job.
func (e *Editor) rehearsed(id string) error {
	arrived := make(chan error, 1)
	stop := e.outgoing.Await(id, arrived)
	defer stop()
	if job, err := e.desk.Home.Outbox.Get(id); err == nil { // it may have gone before
		if over, err := ended(job); over {
			return err
		}
	}
	e.desk.Wake()
	select {
	case err := <-arrived:
		return err
	case <-e.ctx.Done():
		return context.Canceled
	}
}

// forget takes a job out of the outbox, also one that was broken off: it would be
// tried at the next start, when there is no such account. The outbox lets go of
// it a moment after it is told of as sent or was stopped.
func (e *Editor) forget(id string) error {
	if err := e.desk.Home.Outbox.Cancel(id); err != nil && !errors.Is(err, outbox.ErrSent) {
		return err
	}
	const patience, step = 2 * time.Second, 20 * time.Millisecond
	for waited := time.Duration(0); ; waited += step {
		err := e.desk.Home.Outbox.Remove(id)
		if !errors.Is(err, outbox.ErrWaiting) || waited >= patience {
			return err
		}
		time.Sleep(step)
	}
}

// ended says whether a job is over, and how.
func ended(j outbox.Job) (bool, error) {
	switch j.State() {
	case outbox.Sent:
		return true, nil
	case outbox.Failed:
		return true, j.Fault().Err()
	case outbox.Cancelled:
		return true, context.Canceled
	}
	return false, nil
}

// freeName returns path, or path with a number where there is something of that
// name already.
func freeName(path string) string {
	name := path
	for n := 2; n < 100; n++ {
		if _, err := os.Lstat(name); err != nil {
			break
		}
		name = fmt.Sprintf("%s (%d)", path, n)
	}
	return name
}
