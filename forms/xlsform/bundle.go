package xlsform

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"

	"baosong/forms"
)

// ErrNoForm says that a zip is no workbook and holds none that is a form.
var ErrNoForm = errors.New("no form in the file")

// maxBooks bounds the workbooks of a bundle that are tried.
const maxBooks = 20

// readBundle reads the form of a bundle: its CSV files, or the first of its
// workbooks that is one. Zips within the zip are not opened.
func readBundle(z *zipped) (*forms.Notice, []Problem, error) {
	for _, f := range z.File {
		if path.Base(f.Name) == "survey.csv" {
			return Read(z.Reader, path.Dir(f.Name))
		}
	}
	var other error
	for _, f := range z.books() {
		n, warnings, err := readBook(f)
		if err == nil {
			return n, warnings, nil
		}
		if !errors.Is(err, errNoSurvey) && !errors.Is(err, ErrNotWorkbook) {
			return nil, warnings, fmt.Errorf("%s: %w", path.Base(f.Name), err) // the form, and something is wrong with it
		}
		other = err
	}
	return nil, nil, errors.Join(fmt.Errorf("a zip without a form in it: %w", ErrNoForm), other)
}

// books returns the workbooks of a bundle, but for what Office leaves beside
// one that is open.
func (z *zipped) books() []*zip.File {
	var out []*zip.File
	for _, f := range z.File {
		if strings.EqualFold(path.Ext(f.Name), ".xlsx") && !strings.HasPrefix(path.Base(f.Name), "~$") && len(out) < maxBooks {
			out = append(out, f)
		}
	}
	return out
}

func readBook(f *zip.File) (*forms.Notice, []Problem, error) {
	b, err := unpack(f, maxParted)
	if err != nil {
		return nil, nil, err
	}
	z, err := openZip(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, nil, err
	}
	if !z.isWorkbook() {
		return nil, nil, ErrNotWorkbook
	}
	return z.notice()
}
