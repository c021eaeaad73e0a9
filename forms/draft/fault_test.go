package draft

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// lazy is a disk that syncs nothing: what a process wrote is there for others
// when it is killed, and only then.
type lazy struct{ osDisk }

func (lazy) Create(name string) (file, error) {
	f, err := os.Create(name)
	return lazyFile{f}, err
}
func (lazy) SyncDir(string) error { return nil }

type lazyFile struct{ *os.File }

func (lazyFile) Sync() error { return nil }

// memory returns a new folder that lies in memory where the system has such a
// place: what a kill leaves there is what it leaves on a disk, and nobody waits
// for what other programs write.
func memory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "baosong-test-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// noLinks is a disk without second names.
type noLinks struct{ osDisk }

func (noLinks) Link(string, string) error { return io.ErrNoProgress }

// fault is a disk that fails at one step, and remembers what is not synced.
type fault struct {
	osDisk
	at    int            // the step that fails, from 1; 0 for none
	n     int            // steps so far
	kinds map[string]int // steps so far, by what they do
	err   error          // what it fails with; nil for a kill at a write, fsync or rename
	stays bool           // every step after it fails too: nobody is left to do them

	unsynced map[string]bool // files with content not synced
	undo     []undone        // changes to folders not synced
}

// undone takes a change to a folder back.
type undone struct {
	dirs []string
	back func() error
}

var errPower = errors.New("the power is gone")

// step counts, and fails where it is time to. half, which may be nil, does
// what is done of a step that fails.
func (f *fault) step(kind string, half func()) error {
	if f.err == nil && !slices.Contains([]string{"write", "fsync", "rename"}, kind) {
		return nil
	}
	f.n++
	f.kinds[kind]++
	if f.n != f.at && (!f.stays || f.at == 0 || f.n < f.at) {
		return nil
	}
	if half != nil {
		half()
	}
	if f.err == nil {
		die()
	}
	return f.err
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
	if err := f.step("create", nil); err != nil {
		return nil, err
	}
	f.undo = append(f.undo, undone{[]string{filepath.Dir(name)}, remember(name)})
	w, err := f.osDisk.Create(name)
	f.unsynced[name] = true
	return &faultFile{f, w, name}, err
}

func (f *fault) Rename(from, to string) error {
	if err := f.step("rename", nil); err != nil {
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
	if err := f.step("link", nil); err != nil {
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
		if err := f.step("remove", nil); err != nil {
			return err
		}
		f.undo = append(f.undo, undone{[]string{filepath.Dir(name)}, remember(name)})
	}
	return f.osDisk.Remove(name) // for which a full disk has room
}

func (f *fault) SyncDir(name string) error {
	if err := f.step("fsync", nil); err != nil {
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

func (w *faultFile) Write(b []byte) (n int, err error) {
	var werr error
	half := func() { n, werr = w.file.Write(b[:len(b)/2]) }
	if err := w.step("write", half); err != nil {
		return n, errors.Join(err, werr)
	}
	return w.file.Write(b)
}

func (w *faultFile) Sync() error {
	if err := w.step("fsync", nil); err != nil {
		return err
	}
	delete(w.unsynced, w.name)
	return nil // losing is done by hand
}

func (w *faultFile) Close() error {
	err := w.step("close", nil)
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
