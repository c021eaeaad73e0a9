package draft

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Holder is the program that has a draft open.
type Holder struct {
	Host  string    `json:"host"` // name of the computer, "" if unknown
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

// Here reports whether the holder is this very process: another window.
func (h Holder) Here() bool { return h.Nearby() && h.PID == os.Getpid() }

// Nearby reports whether the holder runs on this computer.
func (h Holder) Nearby() bool {
	host, err := os.Hostname()
	return err == nil && h.Host == host
}

// LockedError says that a draft is open elsewhere. The Holder is zero if it
// could not be found out.
type LockedError struct {
	ID     string
	Holder Holder
}

func (e *LockedError) Error() string {
	return fmt.Sprintf("draft %s is open in process %d on %s since %s",
		e.ID, e.Holder.PID, e.Holder.Host, e.Holder.Since.Format(time.DateTime))
}

// lock is held while a draft is open. The lock file lies outside the draft's
// folder, so that the folder can be moved while it is held, and is never
// removed, so that two processes never lock two files of one name.
type lock struct {
	file   *flock.Flock
	holder string
	// interrupted says that the last holder did not release it.
	interrupted bool
}

func (s *Store) lockName(id string) string   { return filepath.Join(s.root, locksDir, id+".lock") }
func (s *Store) holderName(id string) string { return filepath.Join(s.root, locksDir, id+".json") }

// lock takes the draft id, or returns a *LockedError. It waits a moment, since
// Store.List holds locks while it looks.
func (s *Store) lock(id string) (*lock, error) {
	f := flock.New(s.lockName(id))
	ctx, cancel := context.WithTimeout(context.Background(), 150*time.Millisecond)
	defer cancel()
	ok, err := f.TryLockContext(ctx, 15*time.Millisecond)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("lock draft %s: %w", id, diskError(err))
	}
	if !ok {
		return nil, &LockedError{ID: id, Holder: s.holder(id)}
	}
	l := &lock{file: f, holder: s.holderName(id)}
	_, err = os.Stat(l.holder)
	l.interrupted = err == nil
	return l, nil
}

// sign leaves word of who holds the lock. Windows lets nobody read a locked
// file, so that it is another one.
func (l *lock) sign(d disk) error {
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	b, err := json.Marshal(Holder{Host: host, PID: os.Getpid(), Since: time.Now()})
	if err != nil {
		return err
	}
	tmp := l.holder + ".tmp" // nobody else writes it while the lock is held
	if err := writeFile(d, tmp, b); err != nil {
		return err
	}
	if err := d.Rename(tmp, l.holder); err != nil {
		return err
	}
	return d.SyncDir(filepath.Dir(l.holder))
}

// drop gives up the lock and leaves the word of the last holder as it is.
func (l *lock) drop() error { return l.file.Close() }

func (l *lock) release() error {
	err := os.Remove(l.holder)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, l.drop())
}

// holder returns who signed for the draft id, or the zero Holder.
func (s *Store) holder(id string) (h Holder) {
	f, err := os.Open(s.holderName(id))
	if err != nil {
		return Holder{}
	}
	defer func() { _ = f.Close() }() // only read
	if err := json.NewDecoder(io.LimitReader(f, 4096)).Decode(&h); err != nil {
		return Holder{}
	}
	return h
}

// held returns who has the draft id open now, nil if nobody does, and whether
// the last holder did not close it.
func (s *Store) held(id string) (who *Holder, interrupted bool) {
	f := flock.New(s.lockName(id), flock.SetFlag(os.O_RDONLY))
	ok, err := f.TryRLock()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false // never opened
	}
	_, signed := os.Stat(s.holderName(id))
	if ok {
		_ = f.Close() // a shared lock ends with the handle in any case
		return nil, signed == nil
	}
	_ = f.Close()
	h := s.holder(id)
	return &h, false
}
