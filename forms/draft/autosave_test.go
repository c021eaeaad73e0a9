package draft

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// typist changes a draft as a window does: one goroutine at a time.
type typist struct {
	mu    sync.Mutex
	d     *Draft
	saver *Autosaver
	n     int
	fails []error
}

func newTypist(t *testing.T, d *Draft) *typist {
	ty := &typist{d: d}
	ty.saver = NewAutosaver(d, func(f func()) {
		ty.mu.Lock()
		defer ty.mu.Unlock()
		f()
	}, func(err error) { ty.fails = append(ty.fails, err) })
	t.Cleanup(func() { _ = ty.saver.Close(context.Background()) })
	return ty
}

func (ty *typist) key(t *testing.T) {
	t.Helper()
	ty.mu.Lock()
	ty.n++
	must(t, ty.d.Answers.Set("n", strconv.Itoa(ty.n)))
	ty.mu.Unlock()
	ty.saver.Changed()
}

// onDisk is the last key that draft.json holds.
func (ty *typist) onDisk(t *testing.T) int {
	t.Helper()
	v, err := readVersion(ty.d.dir, ty.d.ID, 0)
	must(t, err)
	n, _ := strconv.Atoi(v.Answers.Get("n"))
	return n
}

func TestAutosaveAfterTheLastChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ty := newTypist(t, newDraft(t, newStore(t)))
		for range 5 {
			ty.key(t)
			time.Sleep(150 * time.Millisecond)
		}
		if got := ty.onDisk(t); got != 0 {
			t.Errorf("written in the middle of a word: %d", got)
		}
		time.Sleep(850 * time.Millisecond)
		synctest.Wait()
		if got := ty.onDisk(t); got != 5 {
			t.Errorf("a second after the last change, %d of 5 are on disk", got)
		}
	})
}

func TestAutosaveWhileTyping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ty := newTypist(t, newDraft(t, newStore(t)))
		const perSecond = 5
		for range 30 * perSecond {
			ty.key(t)
			time.Sleep(time.Second / perSecond)
			synctest.Wait()
			if lost := ty.n - ty.onDisk(t); lost > 5*perSecond {
				t.Fatalf("after %d keys, the last %d are not on disk: more than five seconds", ty.n, lost)
			}
		}
		if n := len(ty.fails); n < 5 || n > 10 {
			t.Errorf("written %d times in 30 seconds", n)
		}
	})
}

func TestAutosaveFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ty := newTypist(t, newDraft(t, newStore(t)))
		ty.key(t)
		must(t, ty.saver.Flush(t.Context()))
		if got := ty.onDisk(t); got != 1 {
			t.Errorf("after Flush, %d of 1 on disk", got)
		}
		ty.key(t)
		must(t, ty.saver.Close(t.Context()))
		if got := ty.onDisk(t); got != 2 {
			t.Errorf("after Close, %d of 2 on disk", got)
		}
		if err := ty.saver.Flush(t.Context()); !errors.Is(err, ErrClosed) {
			t.Errorf("Flush after Close: %v", err)
		}
	})
}

// full is a disk that is full while its flag is set.
type full struct {
	osDisk
	flag *atomic.Bool
}

func (f full) Create(name string) (file, error) {
	if f.flag.Load() {
		return nil, &errNoSpace
	}
	return f.osDisk.Create(name)
}

var errNoSpace = pathError{syscall.ENOSPC}

type pathError struct{ err error }

func (e *pathError) Error() string { return "write draft.json.tmp: " + e.err.Error() }
func (e *pathError) Unwrap() error { return e.err }

func TestAutosaveTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flag atomic.Bool
		s := newStore(t)
		s.disk = full{flag: &flag}
		ty := newTypist(t, newDraft(t, s))
		flag.Store(true)
		ty.key(t)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(ty.fails) < 3 || !errors.Is(ty.fails[0], ErrDiskFull) {
			t.Fatalf("ten seconds of a full disk were told as %v", ty.fails)
		}
		flag.Store(false)
		time.Sleep(retryMost)
		synctest.Wait()
		if got := ty.onDisk(t); got != 1 || ty.fails[len(ty.fails)-1] != nil {
			t.Errorf("after room was made, %d of 1 on disk, told %v", got, ty.fails[len(ty.fails)-1])
		}
	})
}
