// Package xlsform reads and writes Notices as XLSForm: a workbook, or a folder
// of CSV files, with the sheets survey, choices and settings of the XLSForm
// standard (xlsform.org) and three of its own that other tools pass over:
// notice (key, value), roster (name, kind, email, example) and example (path,
// value). It also writes the workbook that a unit fills in offline, and reads
// it back.
package xlsform

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"baosong/forms"
)

// Problem is one thing wrong with a sheet, by its row and column.
type Problem = forms.Problem

// sheetNames are the sheets that are read, in this order.
var sheetNames = []string{"survey", "choices", "settings", "notice", "roster", "example"}

// Read reads a notice from the CSV files of a folder, survey.csv and so on;
// all but survey.csv may be missing. The problems it returns are warnings; a
// notice that cannot be used is an error that joins all that is wrong with it,
// each a Problem.
func Read(fsys fs.FS, dir string) (*forms.Notice, []Problem, error) {
	sheets := map[string][]row{}
	var errs []error
	for _, name := range sheetNames {
		f, err := fsys.Open(path.Join(dir, name+".csv"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read the notice: %w", err)
		}
		rows, err := readCSV(name, f)
		if err != nil {
			errs = append(errs, err)
		}
		if err := f.Close(); err != nil {
			errs = append(errs, err)
		}
		sheets[name] = rows
	}
	if len(errs) > 0 {
		return nil, nil, errors.Join(errs...)
	}
	return build(sheets, nil)
}

// ReadFile reads a notice from a workbook, a folder of CSV files, or a zip
// that holds either.
func ReadFile(name string) (*forms.Notice, []Problem, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, fmt.Errorf("read the notice: %w", err)
	}
	if info.IsDir() {
		return Read(os.DirFS(name), ".")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("read the notice: %w", err)
	}
	defer f.Close()
	n, warnings, err := readFrom(f, info.Size())
	if err != nil {
		return nil, warnings, &fs.PathError{Op: "read the notice", Path: name, Err: err}
	}
	return n, warnings, nil
}

// readFrom reads a workbook or a bundle.
func readFrom(r io.ReaderAt, size int64) (*forms.Notice, []Problem, error) {
	z, err := openZip(r, size)
	if err != nil {
		return nil, nil, err
	}
	if z.isWorkbook() {
		return z.notice()
	}
	return readBundle(z)
}

// notice reads the notice of a workbook.
func (z *zipped) notice() (*forms.Notice, []Problem, error) {
	b, err := z.book(func(name string) bool { return wanted(name) != "" })
	if err == nil {
		err = b.close()
	}
	if err != nil {
		return nil, nil, err
	}
	sheets := map[string][]row{}
	for _, s := range b.sheets {
		sheets[wanted(s.name)] = s.rows
	}
	return build(sheets, b.warnings)
}

// wanted returns which of the sheets that are read is called name, or "".
func wanted(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	for _, s := range sheetNames {
		if name == s {
			return s
		}
	}
	return ""
}

var errNoSurvey = forms.Faultf("there is no such sheet, or nothing in it")

// build makes a notice of its sheets.
func build(sheets map[string][]row, warnings []Problem) (*forms.Notice, []Problem, error) {
	if len(sheets["survey"]) == 0 {
		return nil, warnings, Problem{Sheet: "survey", Err: errNoSurvey}
	}
	n := &forms.Notice{Form: &forms.Form{LanguageNames: map[string]string{}}}
	rd := &reader{form: n.Form, warnings: warnings}
	survey := newTable("survey", sheets["survey"], surveyAliases)
	rd.survey(survey)
	rd.choices(newTable("choices", sheets["choices"], choiceAliases))
	rd.settings(newTable("settings", sheets["settings"], settingAliases))
	if n.Form.Default == "" && len(n.Form.Languages) > 0 {
		n.Form.Default = n.Form.Languages[0]
	}
	if rows := sheets["notice"]; len(rows) > 0 {
		rd.notice(newTable("notice", rows, nil), n)
	} else {
		rd.bareForm(n)
	}
	n.Form.Year = n.From.Year()
	if n.From.IsZero() {
		n.Form.Year = 0
	}
	if err := n.Form.Compile(); err != nil {
		rd.errs = append(rd.errs, err)
	}
	rd.checkRoles(n)
	rd.roster(newTable("roster", sheets["roster"], nil), n)
	if rows := sheets["example"]; len(rows) > 0 {
		rd.example(newTable("example", rows, nil), n)
	}
	if len(rd.errs) > 0 {
		return nil, rd.warnings, inOrder(rd.errs)
	}
	return n, rd.warnings, nil
}

// inOrder joins errors anew, those of problems in the order of the sheets and
// their rows.
func inOrder(errs []error) error {
	var flat []error
	for _, err := range errs {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			flat = append(flat, joined.Unwrap()...)
		} else {
			flat = append(flat, err)
		}
	}
	place := func(err error) (sheet, row int) {
		p, _ := errors.AsType[Problem](err)
		return slices.Index(sheetNames, p.Sheet), p.Row
	}
	slices.SortStableFunc(flat, func(a, b error) int {
		sheetA, rowA := place(a)
		sheetB, rowB := place(b)
		return cmp.Or(cmp.Compare(sheetA, sheetB), cmp.Compare(rowA, rowB))
	})
	return errors.Join(flat...)
}

// bareForm makes do with the settings of a form that brings no notice sheet.
func (rd *reader) bareForm(n *forms.Notice) {
	n.ID = strings.Trim(strings.Map(func(r rune) rune {
		if r < 0x80 && noticeID.MatchString(string(r)) {
			return r
		}
		return '-'
	}, n.Form.ID), "-")
	if !noticeID.MatchString(n.ID) {
		rd.fail(Problem{Sheet: "settings", Column: "form_id", Err: forms.Faultf("neither a notice sheet nor a form_id of letters and digits")})
	}
	n.Title = n.Form.Title.In(rd.form.Default)
	n.ShortTitle = n.Title
}
