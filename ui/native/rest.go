package native

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	calm    = time.Second           // without an event before the UI goroutine rests: longer than any animation
	nap     = 2 * time.Second       // how long it rests at most: what Fyne itself sends it, as new colours, waits that long
	between = 20 * time.Millisecond // one rest and the next: time to draw a frame
)

// Rest lets the UI goroutine sleep while nothing happens. Fyne wakes it 60 times a second for as long as a program
// runs, to look for events and for what there is to draw; a laptop with the window open feels that.
type Rest struct {
	busy       func() bool         // whether something moves although no event comes
	do, doWait func(func())        // run a function on the UI goroutine
	wait       func(time.Duration) // for an event, and handle it; nil where that cannot be done
	wake       func()              // ends a wait
	began      time.Time
	last       atomic.Int64 // when something happened last, since began
	stopped    chan struct{}
	stop       sync.Once
}

// Do runs f on the UI goroutine, at once even if that rests.
func (r *Rest) Do(f func()) {
	r.happens()
	r.do(f)
}

// Wait runs f on the UI goroutine and returns when it has run.
func (r *Rest) Wait(f func()) {
	r.happens()
	r.doWait(f)
}

// Stop ends resting for good: once the window is going, there is nobody to wake.
func (r *Rest) Stop() { r.stop.Do(func() { close(r.stopped) }) }

// happens keeps the UI goroutine awake for a while. It can only be at rest if nothing has happened for long; if it
// goes to rest just now, it has seen the old time, and what wakes it comes after.
func (r *Rest) happens() {
	now := time.Since(r.began)
	before := time.Duration(r.last.Swap(int64(now)))
	if r.wait == nil || now-before < calm {
		return
	}
	select {
	case <-r.stopped:
	default:
		r.wake()
	}
}

// start begins to let the UI goroutine rest.
func (r *Rest) start() {
	r.began, r.stopped = time.Now(), make(chan struct{})
	if r.wait == nil {
		return
	}
	go func() {
		for {
			select {
			case <-r.stopped:
				return
			case <-time.After(max(between, calm-r.quiet())):
				r.doWait(r.rest)
			}
		}
	}()
}

// rest waits for an event if nothing has happened for long. It runs on the UI goroutine.
func (r *Rest) rest() {
	if r.quiet() < calm {
		return
	}
	began := time.Now()
	if !r.busy() {
		r.wait(nap)
	}
	if time.Since(began) < nap {
		r.last.Store(int64(time.Since(r.began)))
	}
}

// quiet is how long nothing has happened.
func (r *Rest) quiet() time.Duration { return time.Since(r.began) - time.Duration(r.last.Load()) }
