package draft

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"baosong/forms"
)

// Info is what a list of drafts shows of one.
type Info struct {
	ID          string
	Place       Place
	NoticeID    string
	NoticeTitle string
	Title       string // name of the unit, "" while it is not known
	Modified    time.Time
	Deleted     time.Time // when it went into the bin, zero elsewhere
	Size        int64     // bytes of its materials
	State       State
	Submission  forms.SubmissionRef
	// Held is who has it open, nil if nobody does.
	Held *Holder
	// Recovery says what opening it would have to make good, nil if nothing.
	Recovery *Recovery
	// Problem is why it cannot be opened, nil if it can. The fields that could
	// not be read are zero then.
	Problem error

	emptied bool // purged, but for what it was submitted as
}

// List returns the drafts in places, the live ones if none are given, those
// changed last first. A broken one is listed with its problem.
func (s *Store) List(places ...Place) ([]Info, error) {
	if len(places) == 0 {
		places = []Place{Live}
	}
	return s.list(false, places...)
}

// list lists, if all is set, also what Purge leaves of submitted drafts.
func (s *Store) list(all bool, places ...Place) ([]Info, error) {
	var list []Info
	for _, p := range places {
		entries, err := os.ReadDir(filepath.Join(s.root, string(p)))
		if err != nil {
			return nil, fmt.Errorf("list drafts: %w", err)
		}
		for _, e := range entries {
			if !e.IsDir() || !isID(e.Name()) {
				continue
			}
			if info, ok := s.info(p, e.Name()); ok && (!info.emptied || all) {
				list = append(list, info)
			}
		}
	}
	slices.SortFunc(list, func(a, b Info) int {
		return cmp.Or(b.Modified.Compare(a.Modified), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

// info describes one draft; false if it was moved away meanwhile.
func (s *Store) info(p Place, id string) (Info, bool) {
	i := Info{ID: id, Place: p}
	d, rec, err := read(s.dir(p, id), id)
	if err != nil {
		i.Problem = err
		st, err := os.Stat(s.dir(p, id))
		if err != nil {
			return i, !missing(err)
		}
		i.Modified = st.ModTime()
		if p == Bin {
			i.Deleted = st.ModTime()
		}
		return i, true
	}
	i.NoticeID, i.NoticeTitle = d.Notice.ID, d.Notice.Title
	i.Title = unitName(d.Answers, d.Unit)
	i.Modified, i.State, i.Submission = d.Modified, d.State, d.Submission
	i.emptied = d.Emptied
	for _, m := range d.Materials {
		i.Size += m.Size
	}
	if st, err := os.Stat(s.dir(p, id)); err == nil && p == Bin {
		i.Deleted = st.ModTime()
	}
	i.Held, rec.Interrupted = s.held(id)
	if rec.Interrupted || rec.Broken != nil {
		i.Recovery = &rec
	}
	return i, true
}

// Duplicate makes a new draft with the answers and materials that the draft id
// has on disk, whether or not it is open or submitted, and returns its id.
func (s *Store) Duplicate(id string) (string, error) {
	to, err := s.fork(id, func(d *doc) error {
		d.Submission = forms.SubmissionRef{}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("duplicate: %w", err)
	}
	return to, nil
}

// Correct starts the next revision of the submitted draft id, from the same
// answers and materials, and returns the id of its draft. The error is
// ErrNotFrozen, or a *CorrectedError if there is a newer revision already.
func (s *Store) Correct(id string) (string, error) {
	to, err := s.fork(id, func(d *doc) error {
		if d.State != Submitted {
			return fmt.Errorf("draft %s: %w", id, ErrNotFrozen)
		}
		d.Submission.Revision++
		return s.vacant(d.Submission, id)
	})
	if err != nil {
		return "", fmt.Errorf("correct: %w", err)
	}
	return to, nil
}

// fork makes a new working draft of what id has on disk, changed by change.
func (s *Store) fork(id string, change func(*doc) error) (string, error) {
	p, err := s.find(id, Live, Archived)
	if err != nil {
		return "", err
	}
	d, _, err := read(s.dir(p, id), id)
	if err != nil {
		return "", err
	}
	if err := change(&d); err != nil {
		return "", err
	}
	d.State, d.Created, d.History, d.Packing = Working, time.Now(), history{}, Packing{}
	return s.build(d, s.dir(p, id))
}

// vacant returns a *CorrectedError if a draft other than except is, or is to
// be, ref or a later revision of it. A deleted draft counts only if it was
// submitted.
func (s *Store) vacant(ref forms.SubmissionRef, except string) error {
	list, err := s.list(true, Live, Archived, Bin)
	if err != nil {
		return err
	}
	for _, i := range list {
		gone := i.Place == Bin && i.State != Submitted
		if i.ID != except && !gone && i.Submission.ID == ref.ID && i.Submission.Revision >= ref.Revision {
			return &CorrectedError{ID: i.ID, Submitted: i.State == Submitted}
		}
	}
	return nil
}
