package draft

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"baosong/forms"
)

// fault is a disk that fails at one step, and remembers what is not synced.
type fault struct {
	osDisk
	at    int   // the step that fails, from 1; 0 for none
	n     int   // steps so far
	err   error // what it fails with
	stays bool  // every step after it fails too: nobody is left to do them

	unsynced map[string]bool // files with content not synced
	undo     []undone        // changes to folders not synced
}

// quick is a disk that never fails, and syncs nothing.
func quick() *fault { return &fault{unsynced: map[string]bool{}} }

// undone takes a change to a folder back.
type undone struct {
	dirs []string
	back func() error
}

var errPower = errors.New("the power is gone")

func (f *fault) step() error {
	f.n++
	if f.n == f.at || f.stays && f.at > 0 && f.n > f.at {
		return f.err
	}
	return nil
}

// remember returns what puts the file name back as it is now.
func remember(name string) func() error {
	b, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return func() error { return os.RemoveAll(name) }
	}
	if err != nil {
		return func() error { return err }
	}
	return func() error {
		// A new file: the old one may have a second name.
		return errors.Join(os.RemoveAll(name), os.WriteFile(name, b, 0o600))
	}
}

func (f *fault) Create(name string) (file, error) {
	if err := f.step(); err != nil {
		return nil, err
	}
	f.undo = append(f.undo, undone{[]string{filepath.Dir(name)}, remember(name)})
	w, err := f.osDisk.Create(name)
	f.unsynced[name] = true
	return &faultFile{f, w, name}, err
}

func (f *fault) Rename(from, to string) error {
	if err := f.step(); err != nil {
		return err
	}
	u := undone{dirs: []string{filepath.Dir(from), filepath.Dir(to)}}
	if info, err := os.Stat(from); err == nil && info.IsDir() {
		u.back = func() error { return os.Rename(to, from) }
	} else {
		first, second := remember(from), remember(to)
		u.back = func() error { return errors.Join(first(), second()) }
	}
	f.undo = append(f.undo, u)
	if f.unsynced[from] {
		f.unsynced[to] = true
	}
	delete(f.unsynced, from)
	return f.osDisk.Rename(from, to)
}

func (f *fault) Link(from, to string) error {
	if err := f.step(); err != nil {
		return err
	}
	f.undo = append(f.undo, undone{[]string{filepath.Dir(to)}, remember(to)})
	if f.unsynced[from] {
		f.unsynced[to] = true
	}
	return f.osDisk.Link(from, to)
}

func (f *fault) Remove(name string) error {
	if f.stays {
		if err := f.step(); err != nil {
			return err
		}
		f.undo = append(f.undo, undone{[]string{filepath.Dir(name)}, remember(name)})
	}
	return f.osDisk.Remove(name) // for which a full disk has room
}

func (f *fault) SyncDir(name string) error {
	if err := f.step(); err != nil {
		return err
	}
	f.undo = slices.DeleteFunc(f.undo, func(u undone) bool { return slices.Contains(u.dirs, name) })
	return nil
}

type faultFile struct {
	*fault
	file file
	name string
}

func (w *faultFile) Write(b []byte) (int, error) {
	if err := w.step(); err != nil {
		n, werr := w.file.Write(b[:len(b)/2])
		return n, errors.Join(err, werr)
	}
	return w.file.Write(b)
}

func (w *faultFile) Sync() error {
	if err := w.step(); err != nil {
		return err
	}
	delete(w.unsynced, w.name)
	return nil // losing is done by hand
}

func (w *faultFile) Close() error {
	err := w.step()
	return errors.Join(err, w.file.Close())
}

// lose does to the folders what a power cut may: files lose what was not
// synced and, if folders do too, names are as they were at the last sync.
func (f *fault) lose(folders bool) error {
	for name := range f.unsynced {
		if _, err := os.Stat(name); err != nil {
			continue
		}
		if err := os.Truncate(name, 0); err != nil {
			return err
		}
	}
	if folders {
		for _, u := range slices.Backward(f.undo) {
			if err := u.back(); err != nil {
				return err
			}
		}
	}
	return nil
}

// aged returns a folder for drafts with one that has all its versions, each
// with a material more, and its id.
func aged(t *testing.T) (root, id string) {
	t.Helper()
	s := newStore(t)
	d := newDraft(t, s)
	for range kept + 1 {
		must(t, grow(t, d))
	}
	must(t, d.Close())
	return s.root, d.ID
}

// faulty opens the draft id in a copy of the folder root.
func faulty(t *testing.T, root, id string, f *fault) *Draft {
	t.Helper()
	to := filepath.Join(t.TempDir(), "草稿")
	must(t, os.CopyFS(to, os.DirFS(root)))
	at := f.at
	f.at, f.unsynced = 0, map[string]bool{}
	s, err := open(to, sniff, f)
	must(t, err)
	d, err := s.Load(id)
	must(t, err)
	f.at, f.n, f.undo = at, 0, nil
	return d
}

// grow makes a change with a new material and saves it.
func grow(t *testing.T, d *Draft) error {
	t.Helper()
	n := d.Answers.Len("entry") + 1
	m, err := d.Attach(t.Context(), write(t, "a.txt", fmt.Sprintf("示例 %d", n)), nil)
	if err != nil {
		return err
	}
	p, err := d.Answers.Insert("entry", 0, nil)
	must(t, err)
	must(t, d.Answers.Set(p.Child("file"), m.ID))
	must(t, d.Answers.Set("n", strconv.Itoa(n)))
	return d.Save()
}

// TestPowerCut stops the writing of a draft at every single step that touches
// the disk, and loses what is not synced in each way that a power cut can.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	root, id := aged(t)
	for _, loss := range []string{"nothing", "content", "content and names"} {
		t.Run("loses "+loss, func(t *testing.T) {
			t.Parallel()
			at := 1
			for ; !cut(t, root, id, at, loss); at++ {
				if at > 200 {
					t.Fatal("no end of steps")
				}
			}
			t.Logf("stopped at each of %d steps", at-1)
			if at < 40 {
				t.Errorf("only %d steps: the disk is passed by", at-1)
			}
		})
	}
}

// cut stops at one step and checks what is left. It reports true when all was
// done before that step.
func cut(t *testing.T, root, id string, at int, loss string) (done bool) {
	t.Helper()
	f := &fault{at: at, err: errPower, stays: true}
	d := faulty(t, root, id, f)
	s := d.store
	told, err := d.Answers.Len("entry"), error(nil)
	for range 2 {
		if err = grow(t, d); err != nil {
			break
		}
		told++
	}
	if err == nil {
		_, err = s.Duplicate(d.ID)
	}
	if err == nil {
		err = d.Freeze(forms.SubmissionRef{ID: "s", Revision: 1})
	}
	if err == nil {
		_, err = s.Correct(d.ID)
	}
	if err != nil && !errors.Is(err, errPower) {
		t.Fatalf("step %d: %v", at, err)
	}
	must(t, d.lock.drop()) // as the system does when the process dies
	if err != nil && loss != "nothing" {
		must(t, f.lose(loss != "content"))
	}

	again, oerr := open(s.root, sniff, quick())
	must(t, oerr)
	if got := countedTo(t, again, d.ID); got < told || got > told+1 {
		t.Fatalf("step %d: %d changes are on disk, and %d were told to be", at, got, told)
	}
	return err == nil
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
		err := grow(t, d)
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
		must(t, grow(t, d))
		want := d.Answers.Len("entry")
		must(t, d.Close())
		if got := countedTo(t, d.store, d.ID); got != want {
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
	s, err := open(filepath.Join(t.TempDir(), "草稿"), sniff, noLinks{})
	must(t, err)
	d := newDraft(t, s)
	for range kept + 1 {
		must(t, grow(t, d))
	}
	must(t, grow(t, d))
	must(t, d.Freeze(forms.SubmissionRef{ID: "s", Revision: 1}))
	id, err := s.Correct(d.ID)
	must(t, err)
	must(t, d.Close())
	if a, b := countedTo(t, s, d.ID), countedTo(t, s, id); a != kept+2 || b != a {
		t.Errorf("%d changes, and %d in the correction", a, b)
	}
	for n := range kept {
		if _, err := readVersion(d.dir, d.ID, n); err != nil {
			t.Errorf("version %d: %v", n, err)
		}
	}
}

type noLinks struct{ osDisk }

func (noLinks) Link(string, string) error { return io.ErrNoProgress }
