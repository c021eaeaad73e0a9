package draft

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"baosong/forms/atomicfile"
)

// disk is every step that changes what lies on disk for good. Tests fail, or
// stop, at each of them.
type disk interface {
	Create(name string) (file, error)
	Rename(from, to string) error
	Link(from, to string) error
	Remove(name string) error // with all it contains; no error if it is not there
	SyncDir(name string) error
}

type file interface {
	io.WriteCloser
	Sync() error
}

type osDisk struct{}

func (osDisk) Create(name string) (file, error) { return os.Create(name) }
func (osDisk) Rename(from, to string) error     { return atomicfile.Rename(from, to) }
func (osDisk) Link(from, to string) error       { return os.Link(from, to) }
func (osDisk) Remove(name string) error         { return os.RemoveAll(name) }
func (osDisk) SyncDir(name string) (err error)  { return atomicfile.SyncDir(name) }

const (
	draftFile = "draft.json"
	kept      = 10   // good versions, the current one among them
	replaced  = kept // the number of the version that was last gone back from
	// apart is how long after one version the next one was written that moves
	// on from draft.json.1. It doubles with each number.
	apart = 30 * time.Second
)

// version names the nth version of a draft in dir, 0 being the current one.
func version(dir string, n int) string {
	name := filepath.Join(dir, draftFile)
	switch {
	case n == replaced:
		name += ".replaced"
	case n > 0:
		name += "." + strconv.Itoa(n)
	}
	return name
}

// putVersion makes b the current version of the draft in dir. The one before
// it stays as draft.json.1 if good says that it is whole, and some of those
// before that. At any moment draft.json is either the old version or the new
// one.
func putVersion(d disk, dir string, b []byte, good bool) error {
	cur := version(dir, 0)
	tmp := cur + ".tmp"
	err := writeFile(d, tmp, b)
	if err == nil {
		err = keepVersion(d, dir, good)
	}
	if err == nil {
		err = d.Rename(tmp, cur)
	}
	if err != nil {
		_ = d.Remove(tmp) // the first error is the one to tell
		return err
	}
	return d.SyncDir(dir)
}

// keepVersion gives the current version its second name, draft.json.1, if it
// is whole, and sets it aside for a person to look at if not.
func keepVersion(d disk, dir string, good bool) error {
	cur, first := version(dir, 0), version(dir, 1)
	if !good {
		if _, err := os.Lstat(cur); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return d.Rename(cur, cur+".broken")
	}
	if same(cur, first) {
		return nil // the last saving was broken off after this
	}
	n, free := goes(dir)
	for ; n > 1; n-- {
		if err := d.Rename(version(dir, n-1), version(dir, n)); err != nil {
			return err
		}
		free = true
	}
	if free {
		return second(d, cur, first)
	}
	return alias(d, cur, first)
}

// goes returns the number whose version is given up for the current one to
// become draft.json.1: the first that is free, so that failing and trying again
// loses none; else the first that was written too soon after the next older
// one; else the last. What moves on from draft.json.1 is then at least apart
// after what did so before, from draft.json.2 twice that, and so on: the older,
// the wider, and the oldest is from one to two hours of typing ago. Where the
// clock was set back, so that the older one has the later time, they count as
// far enough from each other.
func goes(dir string) (n int, free bool) {
	var written [kept]time.Time
	for n := 1; n < kept; n++ {
		info, err := os.Lstat(version(dir, n))
		if errors.Is(err, fs.ErrNotExist) {
			return n, true
		}
		if err == nil {
			written[n] = info.ModTime()
		}
	}
	least := apart
	for n := 1; n < kept-1; n++ {
		if after := written[n].Sub(written[n+1]); after >= 0 && after < least {
			return n, false
		}
		least *= 2
	}
	return kept - 1, false
}

// second makes the file from appear as to as well, which is not there: as a
// second name where the file system can, and otherwise, as on FAT, as a copy.
func second(d disk, from, to string) error {
	if err := d.Link(from, to); err == nil {
		return nil
	}
	return copyFile(d, from, to)
}

// alias makes the file from appear as to as well, in place of what is there.
func alias(d disk, from, to string) error {
	if same(from, to) {
		return nil // renaming one name of a file to another does nothing
	}
	tmp := to + ".tmp"
	// What a kill left may be a second name of from: a copy would write into it.
	err := d.Remove(tmp)
	if err == nil {
		err = second(d, from, tmp)
	}
	if err == nil {
		err = d.Rename(tmp, to)
	}
	if err != nil {
		_ = d.Remove(tmp) // the first error is the one to tell
	}
	return err
}

// same reports whether two names are those of one file.
func same(a, b string) bool {
	x, err := os.Lstat(a)
	y, yerr := os.Lstat(b)
	return err == nil && yerr == nil && os.SameFile(x, y)
}

// writeFile writes a file that no other name refers to yet, and removes it
// again if that fails.
func writeFile(d disk, name string, b []byte) error {
	f, err := d.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return finish(d, f, name, err)
}

// finish syncs and closes f, and removes it if that or the writing, err, failed.
func finish(d disk, f file, name string, err error) error {
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err != nil {
		_ = d.Remove(name) // it holds nothing; the first error is the one to tell
	}
	return err
}

func copyFile(d disk, from, to string) (err error) {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	dst, err := d.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return finish(d, dst, to, err)
}

// diskError marks an error of a full disk as ErrDiskFull.
func diskError(err error) error {
	var errno syscall.Errno
	if err == nil || errors.Is(err, ErrDiskFull) || !errors.As(err, &errno) {
		return err
	}
	// On Windows the constants of package syscall are inventions of Go's; the
	// system answers ERROR_HANDLE_DISK_FULL or ERROR_DISK_FULL.
	windows := runtime.GOOS == "windows" && (errno == 39 || errno == 112)
	if windows || errno == syscall.ENOSPC || errno == syscall.EDQUOT {
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	}
	return err
}
