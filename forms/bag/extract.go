package bag

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"baosong/forms/atomicfile"
)

// InvalidError says that a bag did not verify.
type InvalidError struct {
	Name   string
	Result Result
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("bag: %q is not valid: %v (%d findings)", e.Name, e.Result.Findings[0], len(e.Result.Findings))
}

// Extract verifies the bag and unpacks it, in one pass, to a new folder dir,
// which becomes the bag's own: dir/bagit.txt, dir/data/… Its parent must
// exist. The folder appears whole or not at all: a bag that is not valid
// gives an *InvalidError, a name that some system cannot hold an *Error with
// ReasonName. No name in the bag can lead out of the folder.
func (b *Bag) Extract(ctx context.Context, dir string, progress func(done, total int64)) error {
	structure := b.structure()
	for _, f := range structure {
		if f.Reason == ReasonName {
			return &Error{Op: "extract", File: f.File, Reason: ReasonName, Detail: f.Detail}
		}
	}
	if res := b.result(structure); !res.Valid {
		return &InvalidError{b.name, res}
	}
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = fs.ErrExist
		}
		return fmt.Errorf("bag: extract to %q: %w", dir, err)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".bag-*.tmp")
	if err != nil {
		return fmt.Errorf("bag: extract to %q: %w", dir, err)
	}
	if err := b.extractTo(ctx, tmp, dir, structure, progress); err != nil {
		return also(err, os.RemoveAll(tmp))
	}
	if err := atomicfile.SyncDir(filepath.Dir(dir)); err != nil {
		return fmt.Errorf("bag: extract to %q: %w", dir, err)
	}
	return nil
}

func (b *Bag) extractTo(ctx context.Context, tmp, dir string, structure []Finding, progress func(done, total int64)) error {
	root, err := os.OpenRoot(tmp)
	if err != nil {
		return fmt.Errorf("bag: extract to %q: %w", dir, err)
	}
	content, err := b.scan(ctx, progress, func(f *file) (io.WriteCloser, error) { return create(root, f.name) })
	// The folder must be let go of before it can be renamed on Windows.
	if err = also(err, root.Close()); err != nil {
		return fmt.Errorf("bag: extract %q: %w", b.name, err)
	}
	if res := b.result(append(structure, content...)); !res.Valid {
		return &InvalidError{b.name, res}
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return fmt.Errorf("bag: extract to %q: %w", dir, err)
	}
	if err := atomicfile.Rename(tmp, dir); err != nil {
		return fmt.Errorf("bag: extract to %q: %w", dir, err)
	}
	return nil
}

// synced is a file that is on the disk once Close returns.
type synced struct{ *os.File }

func (s synced) Close() error {
	return also(s.Sync(), s.File.Close())
}

func create(root *os.Root, name string) (io.WriteCloser, error) {
	if dir := path.Dir(name); dir != "." {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
	}
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	return synced{f}, nil
}
