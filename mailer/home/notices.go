package home

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"baosong/forms"
	"baosong/forms/atomicfile"
	"baosong/forms/xlsform"
)

// ErrNoNotice says that there is no notice of that id.
var ErrNoNotice = errors.New("no such notice")

var noticeID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,63}$`)

const imported = "notice.xlsx" // the file of an imported notice, in its folder

// Notices returns the imported and the built-in notices. One that cannot be
// read is left out and named in the error, which stands beside the others. An
// imported notice takes the place of a built-in one of the same id.
func (h *Home) Notices() ([]*forms.Notice, error) {
	var out []*forms.Notice
	var errs []error
	seen := map[string]bool{}
	add := func(n *forms.Notice, err error) {
		switch {
		case err != nil:
			errs = append(errs, err)
		case !seen[n.ID]:
			seen[n.ID] = true
			out = append(out, n)
		}
	}
	entries, err := os.ReadDir(filepath.Join(h.Dir, "notices"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, fmt.Errorf("list notices: %w", err))
	}
	for _, e := range entries {
		if e.IsDir() && noticeID.MatchString(e.Name()) {
			n, _, err := xlsform.ReadFile(filepath.Join(h.Dir, "notices", e.Name(), imported))
			if !errors.Is(err, fs.ErrNotExist) { // an import that was broken off
				add(n, err)
			}
		}
	}
	built, err := fs.ReadDir(h.notices, ".")
	if err != nil {
		errs = append(errs, fmt.Errorf("list built-in notices: %w", err))
	}
	for _, e := range built {
		n, _, err := xlsform.Read(h.notices, e.Name())
		add(n, err)
	}
	return out, errors.Join(errs...)
}

// Notice returns one notice.
func (h *Home) Notice(id string) (*forms.Notice, error) {
	all, err := h.Notices()
	for _, n := range all {
		if n.ID == id {
			return n, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("notice %q: %w", id, ErrNoNotice), err)
}

// Import reads a notice from a workbook, a folder of CSV files or a bundle,
// and keeps it, with the files of the bundle: see Attachments. It returns what
// is worth a warning beside it.
func (h *Home) Import(path string) (*forms.Notice, []forms.Problem, error) {
	n, problems, err := xlsform.ReadFile(path)
	if err != nil {
		return nil, problems, err
	}
	if !noticeID.MatchString(n.ID) {
		return nil, problems, fmt.Errorf("import notice: id %q is not of letters, digits and hyphens", n.ID)
	}
	dir := filepath.Join(h.Dir, "notices", n.ID)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, problems, fmt.Errorf("import notice %s: %w", n.ID, err)
	}
	keep, drop, err := unbundle(path, filepath.Join(dir, attachments))
	if err != nil {
		_ = os.Remove(dir) // stays where there was one of this id before
		return nil, problems, fmt.Errorf("import notice %s: %w", n.ID, err)
	}
	// Kept as this program writes it, whatever it came in: one reader, one format.
	if err := atomicfile.Write(filepath.Join(dir, imported), func(w io.Writer) error { return xlsform.Write(w, n) }); err != nil {
		return nil, problems, errors.Join(fmt.Errorf("import notice %s: %w", n.ID, err), drop())
	}
	if err := keep(); err != nil {
		return nil, problems, fmt.Errorf("import notice %s: %w", n.ID, err)
	}
	return n, problems, nil
}
