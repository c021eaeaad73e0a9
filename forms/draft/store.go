// Package draft keeps Drafts on disk: answers and materials being worked on,
// their last good versions, what can be undone, and who has them open. What is
// on disk always opens: every change is written beside the old state and then
// takes its place.
package draft

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"baosong/forms"
)

var (
	// ErrNoDraft says that there is no draft of that id where it was looked for.
	ErrNoDraft = errors.New("no such draft")
	// ErrFrozen says that the draft was submitted and cannot be changed.
	ErrFrozen = errors.New("the draft was submitted and is frozen")
	// ErrNotFrozen says that only a submitted draft can be corrected.
	ErrNotFrozen = errors.New("the draft was not submitted")
	// ErrClosed says that the draft was closed.
	ErrClosed = errors.New("the draft is closed")
	// ErrBroken says that no version of the draft on disk is whole.
	ErrBroken = errors.New("no version of the draft is whole")
	// ErrNewer says that a newer version of the program wrote the draft.
	ErrNewer = errors.New("the draft was written by a newer version of the program")
	// ErrDiskFull says that the disk, or the user's share of it, is full.
	ErrDiskFull = errors.New("the disk is full")
)

// CorrectedError says that a newer revision of the same submission exists.
type CorrectedError struct {
	ID        string // the draft of the newer revision
	Submitted bool   // whether that one was submitted too
}

func (e *CorrectedError) Error() string { return "a newer revision exists as draft " + e.ID }

// Prober works out the type and the sizes of a file from its content, as
// media.Probe does. Draft fills in ID, Name, Size and SHA256 itself.
type Prober func(ctx context.Context, path string) (forms.Material, error)

// Progress is told the bytes done and the bytes there are, from the goroutine
// that does the work.
type Progress func(done, total int64)

// Store is the folder that all drafts of one user lie in. It is safe for
// concurrent use, also by several processes.
type Store struct {
	root  string
	probe Prober
	disk  disk

	buffers sync.Pool // for copying, *[]byte
}

// Place is where in the store a draft lies.
type Place string

const (
	Live     Place = ""        // being worked on, or submitted
	Archived Place = "archive" // put aside
	Bin      Place = "bin"     // deleted, and can be restored
)

const (
	locksDir     = "locks"
	thumbsDir    = "thumbs"
	materialsDir = "materials"
	buildPrefix  = "new-"  // a draft that is being made
	purgePrefix  = "gone-" // a draft that is being removed
)

// Open opens the store in the folder root, which it makes if need be, for the
// user alone. probe may be nil where nothing is attached.
func Open(root string, probe Prober) (*Store, error) {
	return open(root, probe, osDisk{})
}

func open(root string, probe Prober, d disk) (*Store, error) {
	for _, sub := range []string{"", locksDir, string(Archived), string(Bin)} {
		if err := os.MkdirAll(filepath.Join(root, sub), 0o700); err != nil {
			return nil, fmt.Errorf("open drafts: %w", diskError(err))
		}
	}
	s := &Store{root: root, probe: probe, disk: d}
	s.sweep()
	return s, nil
}

// New makes an empty draft that answers n, and opens it.
func (s *Store) New(n *forms.Notice) (*Draft, error) {
	now := time.Now()
	d := doc{
		Notice:  forms.NoticeRef{ID: n.ID, Title: n.Title},
		Unit:    n.Roles.Unit,
		Created: now,
		State:   Working,
		Answers: &forms.Answers{},
	}
	if n.Form != nil {
		d.Notice.FormVersion = n.Form.Version
	}
	id, err := s.build(d, "")
	if err != nil {
		return nil, fmt.Errorf("new draft: %w", err)
	}
	return s.Load(id)
}

// build makes a draft with the content of d and the materials in the folder
// from, all at once, and returns its id.
func (s *Store) build(d doc, from string) (id string, err error) {
	d.ID = newID()
	d.Modified, d.Serial = time.Now(), 1
	tmp := filepath.Join(s.root, buildPrefix+d.ID)
	if err := os.MkdirAll(filepath.Join(tmp, materialsDir), 0o700); err != nil {
		return "", diskError(err)
	}
	defer func() {
		if err != nil {
			err = diskError(errors.Join(err, s.disk.Remove(tmp)))
		}
	}()
	for _, m := range d.Materials {
		name := filepath.Join(materialsDir, fileName(m))
		err := s.share(filepath.Join(from, name), filepath.Join(tmp, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a missing one is a finding later
			return "", err
		}
	}
	if err := s.disk.SyncDir(filepath.Join(tmp, materialsDir)); err != nil {
		return "", err
	}
	b, err := d.encode()
	if err != nil {
		return "", err
	}
	if err := putVersion(s.disk, tmp, b, false); err != nil {
		return "", err
	}
	if err := s.disk.Rename(tmp, s.dir(Live, d.ID)); err != nil {
		return "", err
	}
	return d.ID, s.disk.SyncDir(s.root)
}

// share makes the material from, which never changes, appear as to as well.
func (s *Store) share(from, to string) error {
	if _, err := os.Stat(from); err != nil {
		return err
	}
	return second(s.disk, from, to)
}

func (s *Store) dir(p Place, id string) string {
	return filepath.Join(s.root, string(p), id)
}

// find returns where the draft id lies. It refuses whatever is not an id, so
// that an id never leads out of the store.
func (s *Store) find(id string, places ...Place) (Place, error) {
	if !isID(id) {
		return "", fmt.Errorf("draft %q: %w", id, ErrNoDraft)
	}
	for _, p := range places {
		if info, err := os.Stat(s.dir(p, id)); err == nil && info.IsDir() {
			return p, nil
		}
	}
	return "", fmt.Errorf("draft %s: %w", id, ErrNoDraft)
}

var idPattern = regexp.MustCompile(`^d-[a-z2-7]{8}$`)

func isID(s string) bool { return idPattern.MatchString(s) }

// newID returns an id with 40 random bits. Making the draft fails in the
// unlikely case that it is taken.
func newID() string {
	b := make([]byte, 5)
	_, _ = rand.Read(b) // never fails
	return "d-" + strings.ToLower(base32.StdEncoding.EncodeToString(b))
}
