package post

import (
	"fmt"

	"baosong/mailer"
	"baosong/mailer/outbox"
)

// leastBound is the smallest bound that a refusal sets, in raw bytes of files:
// no server takes less, and what refuses less means something else by it.
const leastBound = 256 << 10

// learning passes events on, and first remembers what they say about the size
// of messages.
func (d *Desk) learning(tell func(outbox.Event)) func(outbox.Event) {
	if tell == nil {
		tell = func(outbox.Event) {}
	}
	return func(ev outbox.Event) {
		if ev.Err == nil {
			if err := d.learn(ev.Job, ev.Part); err != nil {
				tell(outbox.Event{Err: err})
			}
		}
		tell(ev)
	}
}

// learn lowers what an account's messages may carry when one was refused for
// its size (RFC 1870, section 6), so that those made next are smaller: to half
// of it, or to the largest that the server took.
func (d *Desk) learn(j outbox.Job, part int) error {
	if part < 1 || part > len(j.Parts) || d.rehearsing(j.Account) {
		return nil
	}
	p := j.Parts[part-1]
	if p.State != outbox.Failed || p.Fault == nil || p.Fault.Kind != mailer.TooLarge {
		return nil
	}
	d.mu.Lock()
	delete(d.sizes, j.Account) // the server may announce another SIZE by now
	d.mu.Unlock()
	bound := rawSize(p.Size) / 2
	for _, taken := range j.Parts {
		if taken.State == outbox.Sent && taken.Size < p.Size {
			bound = max(bound, rawSize(taken.Size))
		}
	}
	a, err := d.Home.Account(j.Account)
	if err == nil && bound >= leastBound && (a.Bound == 0 || bound < a.Bound) {
		a.Bound = bound
		err = d.Home.SaveAccount(a)
	}
	if err != nil {
		return fmt.Errorf("remember what %s takes: %w", p.Fault.Host, err)
	}
	return nil
}
