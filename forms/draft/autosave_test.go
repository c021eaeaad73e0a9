package draft

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"baosong/forms"
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

// However fast somebody types, and without a pause: what is not on disk was
// typed within the last second. It is not written oftener than once a second.
func TestAutosaveWhileTyping(t *testing.T) {
	for _, every := range []time.Duration{30 * time.Millisecond, 170 * time.Millisecond, 399 * time.Millisecond} {
		t.Run(every.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := open(memory(t), nil, lazy{})
				must(t, err)
				ty := newTypist(t, newDraft(t, s))
				var typed []time.Time
				for start := time.Now(); time.Since(start) < 30*time.Second; {
					ty.key(t)
					typed = append(typed, time.Now())
					time.Sleep(every)
					synctest.Wait()
					if n := ty.onDisk(t); n < len(typed) && time.Since(typed[n]) > time.Second {
						t.Fatalf("after %d keys, all after %d are lost: %v of typing", ty.n, n, time.Since(typed[n]))
					}
				}
				if n := len(ty.fails); n < 20 || n > 30 {
					t.Errorf("written %d times in 30 seconds", n)
				}
			})
		})
	}
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

// stuck is a disk that answers nothing any more, as a network drive does whose
// server is gone.
type stuck struct {
	osDisk
	busy chan string   // takes what was asked of it
	free chan struct{} // closed when it answers again
}

func (s stuck) wait(what string) {
	select {
	case s.busy <- what:
	default:
	}
	<-s.free
}

func (s stuck) Create(name string) (file, error) { s.wait("create"); return s.osDisk.Create(name) }
func (s stuck) Rename(from, to string) error     { s.wait("rename"); return s.osDisk.Rename(from, to) }
func (s stuck) Link(from, to string) error       { s.wait("link"); return s.osDisk.Link(from, to) }
func (s stuck) Remove(name string) error         { s.wait("remove"); return s.osDisk.Remove(name) }
func (s stuck) SyncDir(name string) error        { s.wait("sync"); return s.osDisk.SyncDir(name) }

// All that the window calls while a person types returns although the disk
// does not answer: none of it waits for the disk. If one did, the test would
// not end.
func TestTypingNeverWaitsForTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		d := newDraft(t, s)
		m, err := d.Attach(t.Context(), write(t, "a.txt", "示例"), nil)
		must(t, err)
		must(t, d.Save())
		disk := stuck{busy: make(chan string, 1), free: make(chan struct{})}
		s.disk = disk
		ty := newTypist(t, d)
		ty.key(t)
		time.Sleep(time.Second)
		if what := <-disk.busy; what != "create" { // the Autosaver waits for the disk from here on
			t.Fatalf("the disk was asked to %s", what)
		}
		attaching := make(chan error)
		go func() {
			_, err := d.Attach(context.Background(), write(t, "b.txt", "示例二"), nil)
			attaching <- err
		}()
		start := time.Now()
		for range 100 {
			ty.key(t)
			d.Snapshot()
			d.Materials()
			_, _ = d.Material(m.ID)
			_, err := d.MaterialPath(m.ID)
			must(t, errors.Join(err, d.Turn(m.ID, 1)))
			_, _, _ = d.State(), d.Submission(), d.Modified()
			ok, err := d.Undo()
			again, rerr := d.Redo()
			if !ok || !again || err != nil || rerr != nil {
				t.Fatalf("Undo %v %v, Redo %v %v", ok, err, again, rerr)
			}
			must(t, d.Replace(d.Answers.Clone()))
		}
		if took := time.Since(start); took != 0 { // of the bubble's time, in which only waiting counts
			t.Errorf("100 keys waited for %v", took)
		}
		close(disk.free)
		must(t, <-attaching)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if got := ty.onDisk(t); got != 101 {
			t.Errorf("once the disk answers again, %d of 101 keys are on it", got)
		}
	})
}

// BenchmarkSnapshot is what a saving takes of the goroutine that draws, with
// the answers of a large report: 300 questions and 50 entries of ten.
// 60 frames a second leave each 16.7 ms.
func BenchmarkSnapshot(b *testing.B) {
	s, err := Open(b.TempDir(), nil)
	if err != nil {
		b.Fatal(err)
	}
	d, err := s.New(notice())
	if err != nil {
		b.Fatal(err)
	}
	for i := range 300 {
		if err := d.Answers.Set(forms.Path(fmt.Sprintf("q%d", i)), strings.Repeat("示例", 50)); err != nil {
			b.Fatal(err)
		}
	}
	for range 50 {
		p, err := d.Answers.Insert("entry", 0, nil)
		for i := range 10 {
			err = errors.Join(err, d.Answers.Set(p.Child(fmt.Sprintf("q%d", i)), strings.Repeat("示例", 50)))
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	a := newAutosaver(d, func(f func()) {}, func(error) {}, time.Hour, time.Hour)
	b.ResetTimer()
	for b.Loop() {
		a.Changed()
		d.Snapshot()
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(time.Second/60)*100, "%-of-a-frame")
}
