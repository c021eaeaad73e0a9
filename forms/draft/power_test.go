package draft

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"baosong/forms"
)

// aged returns a folder for drafts with one that has all its versions, each
// with a material more, and its id.
func aged(t *testing.T) (root, id string) {
	t.Helper()
	s, err := open(filepath.Join(memory(t), "草稿"), sniff, lazy{})
	must(t, err)
	d := newDraft(t, s)
	for range kept + 1 {
		must(t, grow(memory(t), d))
	}
	must(t, d.Close())
	return s.root, d.ID
}

// copied returns a copy of the folder root in which the versions of the draft
// id lie so far apart in time that the next saving moves all of them on, and
// the one after that gives draft.json.1 up.
func copied(t *testing.T, root, id string) string {
	t.Helper()
	to := filepath.Join(memory(t), "草稿")
	must(t, os.CopyFS(to, os.DirFS(root)))
	now := time.Now()
	for n := range kept {
		at := now.Add(-2 * time.Hour * time.Duration(max(n, 1)))
		if n == 0 {
			at = at.Add(time.Second)
		}
		must(t, os.Chtimes(version(filepath.Join(to, id), n), at, at))
	}
	return to
}

// faulty opens the draft id in a copy of the folder root.
func faulty(t *testing.T, root, id string, f *fault) *Draft {
	t.Helper()
	to := copied(t, root, id)
	at := f.at
	f.at, f.kinds, f.unsynced = 0, map[string]int{}, map[string]bool{}
	s, err := open(to, sniff, f)
	must(t, err)
	d, err := s.Load(id)
	must(t, err)
	f.at, f.n, f.kinds, f.undo = at, 0, map[string]int{}, nil
	return d
}

// grow makes a change with a new material and saves it. The file that is
// attached lies in the folder tmp.
func grow(tmp string, d *Draft) error {
	n := d.Answers.Len("entry") + 1
	m, err := attachNth(tmp, d, n)
	if err != nil {
		return err
	}
	return errors.Join(enter(d, n, m), d.Save())
}

// TestPowerCut stops the writing of a draft at every single step that touches
// the disk, and loses what is not synced in each way that a power cut can.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	root, id := aged(t)
	for _, loss := range []string{"nothing", "content", "content and names"} {
		t.Run("loses "+loss, func(t *testing.T) {
			t.Parallel()
			for at := 1; ; at++ {
				f := &fault{at: at, err: errPower, stays: true}
				if cut(t, root, id, f, loss) {
					t.Logf("the power was cut at each of %d steps: %v; opened each time", at-1, f.kinds)
					assertSteps(t, f)
					return
				}
			}
		})
	}
}

// assertSteps checks that the disk was not passed by.
func assertSteps(t *testing.T, f *fault) {
	t.Helper()
	if f.n < 40 || f.n > 200 || f.kinds["write"] < 5 || f.kinds["fsync"] < 10 || f.kinds["rename"] < 10 {
		t.Errorf("%d steps: %v", f.n, f.kinds)
	}
}

// cut stops at one step and checks what is left. It reports true when all was
// done before that step.
func cut(t *testing.T, root, id string, f *fault, loss string) (done bool) {
	t.Helper()
	d := faulty(t, root, id, f)
	told := d.Answers.Len("entry")
	err := everyStep(memory(t), d, func() { told++ })
	if err != nil && !errors.Is(err, errPower) {
		t.Fatalf("step %d: %v", f.at, err)
	}
	must(t, d.lock.drop()) // as the system does when the process dies
	if err != nil && loss != "nothing" {
		must(t, f.lose(loss != "content"))
	}
	assertLeft(t, d.store.root, d.ID, told, f.at)
	return err == nil
}

// everyStep does all that writes to a draft, and tells of each change when it
// is saved.
func everyStep(tmp string, d *Draft, saved func()) error {
	for range 2 {
		if err := grow(tmp, d); err != nil {
			return err
		}
		saved()
	}
	for n := range 2 { // what is replaced is kept, saved or not
		a := d.Answers.Clone()
		err := errors.Join(a.Set("back", strconv.Itoa(n)), d.Answers.Set("ahead", strconv.Itoa(n)), d.Replace(a), d.Save())
		if err != nil {
			return err
		}
	}
	if _, err := d.store.Duplicate(d.ID); err != nil {
		return err
	}
	if err := d.Freeze(forms.SubmissionRef{ID: "s", Revision: 1}, Packing{}); err != nil {
		return err
	}
	_, err := d.store.Correct(d.ID)
	return err
}

// assertLeft opens what is left after step at of everyStep.
func assertLeft(t *testing.T, root, id string, told, at int) {
	t.Helper()
	s, err := open(root, sniff, lazy{})
	must(t, err)
	if got, _ := countedTo(t, s, id); got < told || got > told+1 {
		t.Fatalf("step %d: %d changes are on disk, and %d were told to be", at, got, told)
	}
	if n := whole(s.dir(Live, id), id); n < kept-1 { // one is given up, or is on its way to its name
		t.Fatalf("step %d: only %d versions are whole", at, n)
	}
}

// whole counts the versions that are whole, the replaced one aside.
func whole(dir, id string) (n int) {
	serials := map[int]bool{}
	for n := range kept {
		if v, err := readVersion(dir, id, n); err == nil {
			serials[v.Serial] = true
		}
	}
	return len(serials)
}

// TestFullDisk fills the disk at every step: each time the error says so, the
// last state is there to be opened, and with room again nothing was lost.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	root, id := aged(t)
	for at := 1; ; at++ {
		f := &fault{at: at, err: &os.PathError{Op: "write", Path: "示例", Err: syscall.ENOSPC}}
		d := faulty(t, root, id, f)
		told := d.Answers.Len("entry")
		err := grow(memory(t), d)
		if err == nil && f.n < at {
			if at < 15 {
				t.Errorf("only %d steps: the disk is passed by", at)
			}
			must(t, d.Close())
			return
		}
		if err != nil && !errors.Is(err, ErrDiskFull) {
			t.Fatalf("step %d: %v", at, err)
		}
		assertNothingHalf(t, d)
		v, _, rerr := read(d.dir, d.ID)
		if rerr != nil || v.Answers.Len("entry") < told {
			t.Fatalf("step %d: on disk %d of %d, %v", at, v.Answers.Len("entry"), told, rerr)
		}
		must(t, grow(memory(t), d))
		want := d.Answers.Len("entry")
		if n := whole(d.dir, d.ID); n != kept {
			t.Errorf("step %d: with room again, %d versions, want %d", at, n, kept)
		}
		must(t, d.Close())
		if got, _ := countedTo(t, d.store, d.ID); got != want {
			t.Errorf("step %d: with room again, %d of %d are on disk", at, got, want)
		}
	}
}

// assertNothingHalf checks that failed writings left no file behind.
func assertNothingHalf(t *testing.T, d *Draft) {
	t.Helper()
	for _, pattern := range []string{"*.tmp", filepath.Join(materialsDir, incoming+"*")} {
		left, err := filepath.Glob(filepath.Join(d.dir, pattern))
		if err != nil || len(left) > 0 {
			t.Errorf("left behind: %v %v", left, err)
		}
	}
}

// A file system without second names, such as FAT, keeps versions all the same.
func TestWithoutLinks(t *testing.T) {
	s, err := open(filepath.Join(memory(t), "草稿"), sniff, noLinks{})
	must(t, err)
	d := newDraft(t, s)
	for range kept + 1 {
		must(t, grow(memory(t), d))
	}
	must(t, grow(memory(t), d))
	must(t, d.Freeze(forms.SubmissionRef{ID: "s", Revision: 1}, Packing{}))
	id, err := s.Correct(d.ID)
	must(t, err)
	must(t, d.Close())
	first, _ := countedTo(t, s, d.ID)
	next, _ := countedTo(t, s, id)
	if first != kept+2 || next != first {
		t.Errorf("%d changes, and %d in the correction", first, next)
	}
	for n := range kept {
		if _, err := readVersion(d.dir, d.ID, n); err != nil {
			t.Errorf("version %d: %v", n, err)
		}
	}
}
