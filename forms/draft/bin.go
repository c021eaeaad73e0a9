package draft

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"baosong/forms"
)

// Archive puts the draft id aside. Like Delete and Restore it returns
// ErrNoDraft, or a *LockedError if the draft is open.
func (s *Store) Archive(id string) error { return s.move("archive", id, Archived, Live) }

// Delete puts the draft id into the bin, from where Restore brings it back.
// Nothing leaves the bin by itself: Purge and EmptyBin do that, when a person
// says so.
func (s *Store) Delete(id string) error { return s.move("delete", id, Bin, Live, Archived) }

// Restore brings the draft id back from the archive or the bin.
func (s *Store) Restore(id string) error { return s.move("restore", id, Live, Archived, Bin) }

func (s *Store) move(verb, id string, to Place, from ...Place) error {
	err := s.locked(id, func(p Place) error {
		if to == Bin { // the time of the folder is that of deleting
			if err := os.Chtimes(s.dir(p, id), time.Time{}, time.Now()); err != nil {
				return err
			}
		}
		if err := s.disk.Rename(s.dir(p, id), s.dir(to, id)); err != nil {
			return err
		}
		return errors.Join(s.disk.SyncDir(s.dir(to, "")), s.disk.SyncDir(s.dir(p, "")))
	}, from...)
	if err != nil {
		return fmt.Errorf("%s draft %s: %w", verb, id, diskError(err))
	}
	return nil
}

// locked calls work with where the draft id lies, while nobody has it open.
func (s *Store) locked(id string, work func(Place) error, places ...Place) (err error) {
	if _, err := s.find(id, places...); err != nil {
		return err
	}
	l, err := s.lock(id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.drop()) }()
	p, err := s.find(id, places...) // it may have been moved meanwhile
	if err != nil {
		return err
	}
	return work(p)
}

// Purge removes the draft id from the bin for good, with its materials. Of a
// submitted one stays, unlisted, what it was submitted as, so that no other
// draft is ever sent under the same number.
func (s *Store) Purge(id string) error {
	err := s.locked(id, func(Place) error {
		d, _, err := read(s.dir(Bin, id), id)
		if err == nil && d.State == Submitted {
			return s.hollow(d)
		}
		gone := filepath.Join(s.root, purgePrefix+id)
		if err := s.disk.Rename(s.dir(Bin, id), gone); err != nil {
			return err
		}
		if err := s.disk.SyncDir(s.dir(Bin, "")); err != nil {
			return err
		}
		return errors.Join(s.disk.Remove(gone), s.disk.Remove(s.holderName(id)))
	}, Bin)
	if err != nil {
		return fmt.Errorf("purge draft %s: %w", id, diskError(err))
	}
	return nil
}

// hollow takes everything out of the submitted draft d in the bin but what it
// was submitted as.
func (s *Store) hollow(d doc) error {
	dir := s.dir(Bin, d.ID)
	if !d.Emptied {
		d.Emptied, d.Answers, d.Materials, d.History = true, &forms.Answers{}, nil, history{}
		d.Serial++
		b, err := d.encode()
		if err != nil {
			return err
		}
		// First, so that no half of it is ever taken for the whole.
		if err := putVersion(s.disk, dir, b, true); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != draftFile {
			err = errors.Join(err, s.disk.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

// EmptyBin purges all that is in the bin, and returns how many drafts that
// were. One that fails does not keep the others.
func (s *Store) EmptyBin() (n int, err error) {
	list, err := s.list(true, Bin)
	if err != nil {
		return 0, fmt.Errorf("empty the bin: %w", err)
	}
	for _, i := range list {
		perr := s.Purge(i.ID) // again, if it was broken off
		if perr == nil && !i.emptied {
			n++
		}
		err = errors.Join(err, perr)
	}
	return n, err
}

// sweep removes what a killed process left of drafts it was making or purging.
// Nothing refers to them, so failing to remove one costs only room.
func (s *Store) sweep() {
	entries, err := os.ReadDir(s.root)
	if err != nil {
		return
	}
	for _, e := range entries {
		info, err := e.Info()
		making := strings.HasPrefix(e.Name(), buildPrefix) && err == nil && time.Since(info.ModTime()) > 24*time.Hour
		if making || strings.HasPrefix(e.Name(), purgePrefix) {
			_ = os.RemoveAll(filepath.Join(s.root, e.Name()))
		}
	}
}
