package native

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// loop is a UI goroutine as Fyne's: it looks 60 times a second, and runs functions between.
type loop struct {
	funcs  chan func()
	events chan struct{} // of the system, empty ones too
	looks  atomic.Int64
}

func (l *loop) run(stop chan struct{}) {
	tick := time.NewTicker(time.Second / 60)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case f := <-l.funcs:
			f()
		case <-tick.C:
			l.looks.Add(1)
			select {
			case <-l.events:
			default:
			}
		}
	}
}

func (l *loop) wait(d time.Duration) {
	l.looks.Add(1)
	select {
	case <-l.events:
	case <-time.After(d):
	}
}

// resting starts a Rest over a loop.
func resting(t *testing.T, busy func() bool) (*Rest, *loop) {
	l := &loop{funcs: make(chan func(), 100), events: make(chan struct{}, 100)}
	r := &Rest{
		busy: busy,
		do:   func(f func()) { l.funcs <- f },
		doWait: func(f func()) {
			done := make(chan struct{})
			l.funcs <- func() { f(); close(done) }
			<-done
		},
		wait: l.wait,
		wake: func() { l.events <- struct{}{} },
	}
	stop := make(chan struct{})
	go l.run(stop)
	r.start()
	t.Cleanup(func() {
		r.Stop()
		synctest.Wait()
		time.Sleep(2 * nap)
		close(stop)
	})
	return r, l
}

func (l *loop) looksIn(d time.Duration) int64 {
	before := l.looks.Load()
	time.Sleep(d)
	synctest.Wait()
	return l.looks.Load() - before
}

func TestTheUIGoroutineRestsWhileNothingHappens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, l := resting(t, func() bool { return false })
		if n := l.looksIn(calm); n < 59 {
			t.Errorf("looks %d times in the first second: nothing moves smoothly", n)
		}
		time.Sleep(2 * nap)
		if n := l.looksIn(time.Minute); n > 120 {
			t.Errorf("looks %d times in a minute", n)
		}
		began := time.Now()
		r.Wait(func() {})
		if took := time.Since(began); took > 0 {
			t.Errorf("what comes back to it waits for %v", took)
		}
		if n := l.looksIn(calm / 2); n < 29 {
			t.Errorf("looks %d times in half a second after something happened", n)
		}
		time.Sleep(calm + 3*nap/2)
		l.events <- struct{}{} // somebody moves the mouse
		if n := l.looksIn(calm / 2); n < 29 {
			t.Errorf("looks %d times in half a second after an event", n)
		}
	})
}

func TestTheUIGoroutineDoesNotRestWhileSomethingMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, l := resting(t, func() bool { return true })
		time.Sleep(time.Minute)
		if n := l.looksIn(time.Second); n < 59 {
			t.Errorf("looks %d times in a second", n)
		}
	})
}

// What comes at the very moment the goroutine goes to rest is not left lying.
func TestNothingWaitsForARest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := resting(t, func() bool { return false })
		for i := range 200 {
			time.Sleep(calm + time.Duration(i)*7*time.Millisecond)
			began := time.Now()
			done := make(chan struct{})
			r.Do(func() { close(done) })
			<-done
			if took := time.Since(began); took > 0 {
				t.Fatalf("round %d waits for %v", i, took)
			}
		}
	})
}

func TestNobodyIsWokenOnceStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, l := resting(t, func() bool { return false })
		r.Stop()
		time.Sleep(2 * calm)
		r.wake = func() { t.Error("woken after the end") }
		ran := make(chan struct{})
		r.Do(func() { close(ran) })
		<-ran
		if n := l.looksIn(time.Second); n < 59 {
			t.Errorf("looks %d times in a second", n)
		}
	})
}
