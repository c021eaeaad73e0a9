package unit

import (
	"sync"
	"time"

	"baosong/mailer/outbox"
)

const eventEvery = 100 * time.Millisecond // no news more often than this, but for the beginning and the end of a part

// Outgoing sends what lies in the outbox, from when the program starts until
// it ends, whatever page is open.
type Outgoing struct {
	shell *Shell
	pace  outbox.Pace      // of the goroutine that sends
	watch func(Moved)      // of the UI goroutine
	moved map[string]Moved // the last of each job that is not over, of the UI goroutine
	last  time.Time        // of the goroutine that sends
	news  int              // how many there were, of the goroutine that sends
	shown int              // which of them was shown last, of the UI goroutine
	told  string           // what is wrong with the outbox, of the goroutine that sends

	runs  sync.WaitGroup
	mu    sync.Mutex
	await map[string]chan<- error
	later func() // shows the news that came too soon, should none follow; nil if there is none
}

// Moved is a step of a job, for those who watch.
type Moved struct {
	outbox.Event
	Progress outbox.Progress
}

// NewOutgoing starts sending what waits from the last time.
func NewOutgoing(s *Shell) *Outgoing {
	o := &Outgoing{shell: s, moved: map[string]Moved{}, await: map[string]chan<- error{}}
	o.runs.Go(func() { s.Desk.Run(s.ctx, o.tell) })
	return o
}

// Watch sets who is told of every step, on the UI goroutine; nil is nobody.
func (o *Outgoing) Watch(watch func(Moved)) { o.watch = watch }

// Moved returns the last step of a job that is going out, and whether there was one.
func (o *Outgoing) Moved(id string) (Moved, bool) {
	m, ok := o.moved[id]
	return m, ok
}

// Wait returns when sending has ended, after the Shell's Stop.
func (o *Outgoing) Wait() { o.runs.Wait() }

// Await sends to arrived, which has room for it, how a job ended, unless stop
// was called before.
func (o *Outgoing) Await(id string, arrived chan<- error) (stop func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.await[id] = arrived
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.await, id)
	}
}

func (o *Outgoing) tell(ev outbox.Event) {
	if ev.Err != nil {
		if o.told != ev.Err.Error() { // it is looked at every minute, and said once
			o.told = ev.Err.Error()
			o.shell.Thread.Do(func() { o.shell.Fail(ev.Err) })
		}
		return
	}
	now := o.shell.Desk.Now()
	m := Moved{Event: ev, Progress: o.pace.Add(ev, now)}
	o.news++
	news := o.news
	show := func() {
		o.shell.Thread.Do(func() {
			if news > o.shown {
				o.shown = news
				o.show(m)
			}
		})
	}
	if ev.Job.State() == outbox.Sending && ev.Done > 0 && ev.Done < ev.Total && now.Sub(o.last) < eventEvery {
		o.soon(show)
		return
	}
	o.last = now
	show()
	if over, err := ended(ev.Job); over {
		o.mu.Lock()
		if arrived, ok := o.await[ev.Job.ID]; ok {
			arrived <- err
			delete(o.await, ev.Job.ID)
		}
		o.mu.Unlock()
	}
}

// show keeps a step and tells of it, on the UI goroutine.
func (o *Outgoing) show(m Moved) {
	o.moved[m.Job.ID] = m
	if over, _ := ended(m.Job); over {
		delete(o.moved, m.Job.ID)
	}
	if o.watch != nil {
		o.watch(m)
	}
}

// soon shows news in a while, or what has come instead until then: a server that takes its time must not leave old
// news standing.
func (o *Outgoing) soon(show func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.later == nil {
		time.AfterFunc(eventEvery, func() {
			o.mu.Lock()
			newest := o.later
			o.later = nil
			o.mu.Unlock()
			newest()
		})
	}
	o.later = show
}

// Unsent returns how many jobs are on their way or wait for another try. Call
// it off the UI goroutine.
func (o *Outgoing) Unsent() int {
	jobs, _ := o.shell.Desk.Home.Outbox.List() // one that cannot be read is not going out
	n := 0
	for _, j := range jobs {
		switch j.State() {
		case outbox.Queued, outbox.Sending, outbox.Uncertain:
			n++
		}
	}
	return n
}
