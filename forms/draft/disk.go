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
	kept      = 10 // good versions, the current one among them
)

// version names the nth version of a draft in dir, 0 being the current one.
func version(dir string, n int) string {
	name := filepath.Join(dir, draftFile)
	if n > 0 {
		name += "." + strconv.Itoa(n)
	}
	return name
}

// putVersion makes b the current version of the draft in dir. The one before
// it stays as draft.json.1, and so on, if good says that it is whole. At any
// moment draft.json is either the old version or the new one.
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
	cur := version(dir, 0)
	if !good {
		if _, err := os.Lstat(cur); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return d.Rename(cur, cur+".broken")
	}
	if err := shift(d, dir); err != nil {
		return err
	}
	if err := d.Link(cur, version(dir, 1)); err == nil {
		return nil
	}
	return copyFile(d, cur, version(dir, 1)) // no second names here, as on FAT
}

// shift frees the name draft.json.1. It moves versions only as far as the
// first free name, so that failing and trying again loses none.
func shift(d disk, dir string) error {
	n := 1
	for ; n < kept-1; n++ {
		if _, err := os.Lstat(version(dir, n)); errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	for ; n > 1; n-- {
		if err := d.Rename(version(dir, n-1), version(dir, n)); err != nil {
			return err
		}
	}
	return nil
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
