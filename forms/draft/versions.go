package draft

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"baosong/forms"
)

// Version is the answers as they once were saved.
type Version struct {
	Saved   time.Time
	Answers *forms.Answers
}

// Versions reads the last good versions that are on disk, ten at most, the
// newest first. What is not whole is left out.
func (d *Draft) Versions() ([]Version, error) {
	d.writing.Lock()
	defer d.writing.Unlock()
	var list []Version
	for n := range kept {
		v, err := readVersion(d.dir, d.ID, n)
		switch {
		case err == nil:
			list = append(list, Version{v.Modified, v.Answers})
		case errors.Is(err, fs.ErrNotExist) && n == 0: // the folder may be gone
			return nil, fmt.Errorf("versions of draft %s: %w", d.ID, err)
		}
	}
	return list, nil
}

// Replace makes a the answers, such as those of a Version. Like any other
// change it can be undone, and Save writes it. Pointers into Answers are stale
// afterwards. The error is ErrFrozen or ErrClosed.
func (d *Draft) Replace(a *forms.Answers) error {
	if err := d.changeable(); err != nil {
		return fmt.Errorf("replace the answers of draft %s: %w", d.ID, err)
	}
	before := d.Snapshot()
	now, err := encodeAnswers(before.answers)
	if err != nil {
		return fmt.Errorf("replace the answers of draft %s: %w", d.ID, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.note(before.number, now); err != nil { // a step of its own
		return fmt.Errorf("replace the answers of draft %s: %w", d.ID, err)
	}
	*d.Answers = *a.Clone()
	return nil
}
