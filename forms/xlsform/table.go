package xlsform

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"baosong/forms"
)

// Bounds on what is read. Forms in use stay far below them; what is above was
// made by accident or with ill intent.
const (
	maxRows    = 20_000
	maxColumns = 300
	maxCells   = 200_000
	maxCell    = 32_767   // characters, what a cell of a workbook can hold
	maxText    = 16 << 20 // bytes, of all cells of a sheet
)

// ErrTooLarge says that a sheet has more than this program reads.
var ErrTooLarge = errors.New("too large")

// table is one sheet: its heading and the rows below that hold anything.
type table struct {
	name    string
	head    int // row of the heading
	columns []column
	rows    []row
}

// column is one heading: label::中文 (zh) has the key label and the language
// 中文 (zh).
type column struct {
	heading  string
	key      string
	language string
}

type row struct {
	number int // as a spreadsheet counts, the heading being 1
	cells  []string
}

func (r row) cell(i int) string {
	if i < len(r.cells) {
		return r.cells[i]
	}
	return ""
}

// get returns the cell below the first column with the key and no language.
func (t *table) get(r row, key string) string {
	for i, c := range t.columns {
		if c.key == key && c.language == "" {
			return r.cell(i)
		}
	}
	return ""
}

func (t *table) problem(r row, columnKey, format string, args ...any) Problem {
	return Problem{Sheet: t.name, Row: r.number, Column: columnKey, Err: forms.Faultf(format, args...)}
}

// newTable makes a table of records, the first one that is not empty being the
// heading. aliases maps headings that other tools use to ours.
func newTable(name string, records []row, aliases map[string]string) *table {
	t := &table{name: name}
	for _, r := range records {
		blank := true
		for i, c := range r.cells {
			r.cells[i] = strings.TrimSpace(strings.ReplaceAll(c, "\r\n", "\n"))
			blank = blank && r.cells[i] == ""
		}
		switch {
		case blank:
		case t.columns == nil:
			t.head = r.number
			for _, h := range r.cells {
				t.columns = append(t.columns, parseHeading(h, aliases))
			}
		default:
			t.rows = append(t.rows, r)
		}
	}
	return t
}

func parseHeading(h string, aliases map[string]string) column {
	key, language, _ := strings.Cut(h, "::")
	key = strings.Join(strings.FieldsFunc(strings.ToLower(key), func(r rune) bool { return r == ' ' || r == '_' }), "_")
	if a, ok := aliases[key]; ok {
		key = a
	}
	return column{heading: h, key: key, language: strings.TrimSpace(language)}
}

// languageTag returns the tag in 中文 (zh), or the whole where there is none.
func languageTag(name string) string {
	if i := strings.LastIndexByte(name, '('); i >= 0 && strings.HasSuffix(name, ")") {
		return strings.TrimSpace(name[i+1 : len(name)-1])
	}
	return name
}

// readCSV reads records of UTF-8 with or without a byte order mark, or of the
// GB 18030 that Excel writes on a Chinese Windows.
func readCSV(name string, r io.Reader) ([]row, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(b) > maxText {
		return nil, forms.Problem{Sheet: name, Err: forms.Faultf("over %d MB: %w", maxText>>20, ErrTooLarge)}
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(b) {
		if b, err = simplifiedchinese.GB18030.NewDecoder().Bytes(b); err != nil || bytes.ContainsRune(b, utf8.RuneError) {
			return nil, forms.Problem{Sheet: name, Err: forms.Faultf("neither UTF-8 nor GB 18030")}
		}
	}
	cr := csv.NewReader(bytes.NewReader(b))
	cr.FieldsPerRecord = -1
	var rows []row
	number, nextLine, cells := 0, 1, 0
	for {
		record, err := cr.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, forms.Problem{Sheet: name, Row: number + 1, Err: forms.Faultf("not CSV: %w", err)}
		}
		line, _ := cr.FieldPos(0)
		number += 1 + line - nextLine // the reader skips blank lines, a spreadsheet counts them
		nextLine = line + 1
		for _, f := range record {
			nextLine += strings.Count(f, "\n")
		}
		cells += len(record)
		if err := withinBounds(name, number, len(record), cells); err != nil {
			return nil, err
		}
		for i, f := range record {
			if utf8.RuneCountInString(f) > maxCell {
				return nil, forms.Problem{Sheet: name, Row: number, Err: forms.Faultf("cell %d holds over %d characters: %w", i+1, maxCell, ErrTooLarge)}
			}
		}
		rows = append(rows, row{number: number, cells: record})
	}
}

func withinBounds(name string, rows, columns, cells int) error {
	switch {
	case rows > maxRows:
		return forms.Problem{Sheet: name, Err: forms.Faultf("over %d rows: %w", maxRows, ErrTooLarge)}
	case columns > maxColumns:
		return forms.Problem{Sheet: name, Err: forms.Faultf("%d columns, over %d: %w", columns, maxColumns, ErrTooLarge)}
	case cells > maxCells:
		return forms.Problem{Sheet: name, Err: forms.Faultf("over %d cells: %w", maxCells, ErrTooLarge)}
	}
	return nil
}
