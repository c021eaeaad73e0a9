package outbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"baosong/mailer"
)

// A refused login stops every job of the account without another try, also
// those that wait for another reason; other accounts go on.
func TestRefusedLoginHoldsTheAccount(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := open(t, dir)
		s := &script{answers: []error{fault(mailer.Temporary), fault(mailer.Login)}}
		queue(t, b, "s1-r1", "one")
		time.Sleep(time.Second)
		queue(t, b, "s2-r1", "two")
		queue(t, b, "s3-r1", "three")
		other := queueFor(t, b, "s4-r1", "other", "four")
		pass(t, b, s)
		for _, id := range []string{"s1-r1", "s2-r1", "s3-r1"} {
			if j := wantState(t, b, id, Failed); j.Fault().Kind != mailer.Login {
				t.Errorf("%s: %+v", id, j.Fault())
			}
		}
		wantState(t, b, other.ID, Sent)
		for range 3 {
			time.Sleep(24 * time.Hour)
			pass(t, b, s)
		}
		if fmt.Sprint(s.got) != "[four]" || len(s.answers) != 0 {
			t.Fatalf("sent %v by itself", s.got)
		}
		if err := b.Unlock("other"); err != nil { // another account's code changes nothing
			t.Fatal(err)
		}
		wantState(t, b, "s1-r1", Failed)
		if err := b.Unlock("a"); err != nil {
			t.Fatal(err)
		}
		pass(t, b, s)
		if fmt.Sprint(s.got) != "[four one two three]" {
			t.Errorf("after the code was given: %v", s.got)
		}
	})
}

// Run sends at once, again by itself when it is time, and when it is woken;
// it ends with its context.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b, s := open(t, dir), &script{answers: []error{fault(mailer.Connect)}}
		queue(t, b, "s1-r1", "one")
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			b.Run(ctx, s.senders, nil)
		}()
		start := time.Now()
		synctest.Wait()
		wantState(t, b, "s1-r1", Queued)
		time.Sleep(2 * firstRetry)
		synctest.Wait()
		wantState(t, b, "s1-r1", Sent)
		queue(t, b, "s2-r1", "two")
		b.Wake()
		synctest.Wait()
		wantState(t, b, "s2-r1", Sent)
		if took := time.Since(start); took != 2*firstRetry {
			t.Errorf("woken after %v", took)
		}
		stop()
		<-ended
	})
}

// An outbox that cannot be read is told of, and looked at again.
func TestRunTellsOfDamage(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b, s := open(t, dir), &script{}
		queue(t, b, "s1-r1", "one")
		if err := os.WriteFile(filepath.Join(dir, "s1-r1", "state.json"), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		told := 0
		go b.Run(ctx, s.senders, func(e Event) {
			if e.Err != nil {
				told++
			}
		})
		time.Sleep(maxWait + time.Second)
		synctest.Wait()
		stop()
		synctest.Wait()
		if told != 2 {
			t.Errorf("told %d times", told)
		}
	})
}

func TestRemove(t *testing.T) {
	b, s := open(t, t.TempDir()), &script{}
	queue(t, b, "s1-r1", "one")
	if err := b.Remove("s1-r1"); !errors.Is(err, ErrWaiting) {
		t.Errorf("one that waits: %v", err)
	}
	pass(t, b, s)
	if err := b.Remove("s1-r1"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Get("s1-r1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after removing: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(b.root, "*")); err != nil || len(left) != 1 { // the lock
		t.Errorf("left: %q, %v", left, err)
	}
	if err := b.Remove("s1-r1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("twice: %v", err)
	}
}

func TestPace(t *testing.T) {
	j := Job{ID: "s1", Parts: []Part{{N: 1, Size: 1000}, {N: 2, Size: 3000}}}
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	var p Pace
	add := func(sec, part int, done int64) Progress {
		return p.Add(Event{Job: j, Part: part, Done: done, Total: j.Parts[part-1].Size}, at.Add(time.Duration(sec)*time.Second))
	}
	if got := add(0, 1, 0); got != (Progress{Total: 4000}) {
		t.Errorf("at the start: %+v", got)
	}
	add(1, 1, 100)
	if got := add(4, 1, 400); got != (Progress{400, 4000, 36 * time.Second}) {
		t.Errorf("100 bytes a second: %+v", got)
	}
	j.Parts[0].State = Sent
	if got := add(10, 2, 0); got != (Progress{1000, 4000, 30 * time.Second}) {
		t.Errorf("after the first part: %+v", got)
	}
	for s := range 40 { // another network: half as fast
		add(10+s, 2, int64(s)*50)
	}
	if got := add(50, 2, 2000); got != (Progress{3000, 4000, 20 * time.Second}) {
		t.Errorf("slower: %+v", got)
	}
	if got := add(51, 2, 0); got.Done != 1000 || got.Left != 0 {
		t.Errorf("a message that starts again: %+v", got)
	}
	j2 := Job{ID: "s2", Parts: []Part{{N: 1, Size: 10}}}
	if got := p.Add(Event{Job: j2, Part: 1, Done: 5, Total: 10}, at); got != (Progress{Done: 5, Total: 10}) {
		t.Errorf("another job: %+v", got)
	}
}
