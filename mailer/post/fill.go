package post

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/forms/xlsform"
)

// Fill reads the filled workbook at path for an open draft. Files that it names
// are taken from the draft where they were attached before, else attached
// where they lie in the folder of the workbook. It returns the answers, for
// Form.Refill, and the cells that found no place. It does not touch the
// draft's own answers.
func (d *Desk) Fill(ctx context.Context, n *forms.Notice, dr *draft.Draft, path string) (*forms.Answers, []xlsform.Unplaced, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	a, all, err := xlsform.Fill(n, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, nil, err
	}
	attached := map[string]string{}
	for _, m := range dr.Materials() {
		attached[m.Name] = m.ID
	}
	var left []xlsform.Unplaced
	for _, u := range all {
		if !errors.Is(u.Err, xlsform.ErrFile) || !plainName(u.Text) {
			left = append(left, u)
			continue
		}
		id, ok := attached[u.Text]
		if !ok {
			m, err := dr.Attach(ctx, filepath.Join(filepath.Dir(path), u.Text), nil)
			switch {
			case ctx.Err() != nil:
				return nil, nil, ctx.Err()
			case errors.Is(err, draft.ErrDiskFull), errors.Is(err, draft.ErrFrozen):
				return nil, nil, err
			case err != nil: // it is not there, or no file for a report
				left = append(left, u)
				continue
			}
			id, attached[u.Text] = m.ID, m.ID
		}
		if err := a.Set(u.Path, id); err != nil {
			return nil, nil, fmt.Errorf("fill: %w", err)
		}
	}
	return a, left, nil
}

// plainName reports whether a cell holds the name of a file, and no way to one.
func plainName(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.ContainsAny(s, "/\\:\n")
}
