package draft

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"baosong/forms"
)

// Version is the answers as they once were saved.
type Version struct {
	Saved   time.Time
	Answers *forms.Answers
}

// Versions reads the good versions that are on disk, the newest first: the
// current one, the one before it, those of the last one to two hours of
// typing, the farther apart the older, and the one that Replace last replaced;
// eleven at most. What is not whole is left out.
func (d *Draft) Versions() ([]Version, error) {
	d.writing.Lock()
	defer d.writing.Unlock()
	var found []doc
	for n := range replaced + 1 {
		v, err := readVersion(d.dir, d.ID, n)
		switch {
		case err == nil:
			found = append(found, v)
		case errors.Is(err, fs.ErrNotExist) && n == 0: // the folder may be gone
			return nil, fmt.Errorf("versions of draft %s: %w", d.ID, err)
		}
	}
	slices.SortStableFunc(found, func(a, b doc) int { return cmp.Compare(b.Serial, a.Serial) })
	found = slices.CompactFunc(found, func(a, b doc) bool { return a.Serial == b.Serial }) // one of two names
	list := make([]Version, 0, len(found))
	for _, v := range found {
		list = append(list, Version{v.Modified, v.Answers})
	}
	return list, nil
}

// before is a draft as it was before Replace.
type before struct {
	doc     doc
	changes int // that it contains
}

// Replace makes a the answers, such as those of a Version. Like any other
// change it can be undone, and Save writes it. What was there before stays
// among the Versions, saved or not, until Replace replaces other answers than
// those it put there. Pointers into Answers are stale afterwards. The error is ErrFrozen
// or ErrClosed.
func (d *Draft) Replace(a *forms.Answers) error {
	if err := d.changeable(); err != nil {
		return fmt.Errorf("replace the answers of draft %s: %w", d.ID, err)
	}
	s := d.Snapshot()
	now, err := encodeAnswers(s.answers)
	next, nerr := encodeAnswers(a)
	if err := errors.Join(err, nerr); err != nil {
		return fmt.Errorf("replace the answers of draft %s: %w", d.ID, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.note(s.number, now); err != nil { // a step of its own
		return fmt.Errorf("replace the answers of draft %s: %w", d.ID, err)
	}
	if !bytes.Equal(now, d.goneBack) && !bytes.Equal(now, next) {
		d.before = &before{doc: d.with(s.answers), changes: d.changes}
	}
	d.goneBack = next
	*d.Answers = *a.Clone()
	return nil
}

// keepReplaced writes what Replace replaced, if that is not on disk, and gives
// it a name that no saving takes from it.
func (d *Draft) keepReplaced() error {
	d.mu.Lock()
	b, closed := d.before, d.closed
	d.mu.Unlock()
	if b == nil || closed {
		return nil
	}
	if err := d.put(b.doc, b.changes); err != nil {
		return err
	}
	if err := alias(d.store.disk, version(d.dir, 0), version(d.dir, replaced)); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.before == b {
		d.before = nil
	}
	return nil
}
