package xlsform

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"baosong/forms"
)

// Bounds on the XML of a part, which are checked before the workbook library
// takes it apart, since each tag costs it far more memory than it has bytes.
const (
	maxTags      = 2_000_000 // of a sheet: 500,000 cells, though they be empty
	maxOtherTags = 400_000   // of the strings that the sheets share
	maxSmallTags = 150_000   // of any other part
	maxMerged    = 20_000
	maxTag       = 1 << 18   // bytes from < to >
	maxWidth     = 2_000_000 // cells of all rows, those without an element counted
)

// guardXML refuses a part with more tags than max, or a tag that is too long.
func guardXML(name string, part []byte, tags int) error {
	if n := bytes.Count(part, []byte("<")); n > tags {
		return fmt.Errorf("%s: %d tags, over %d: %w", name, n, tags, ErrTooLarge)
	}
	for rest := part; ; {
		i := bytes.IndexByte(rest, '<')
		if i < 0 {
			return nil
		}
		rest = rest[i:]
		j := bytes.IndexByte(rest, '>')
		if j < 0 {
			j = len(rest)
		}
		if j > maxTag {
			return fmt.Errorf("%s: a tag of %d bytes: %w", name, j, ErrTooLarge)
		}
		rest = rest[min(j, len(rest)):]
	}
}

// guardStrings refuses shared strings (ECMA-376 part 1, 18.4.9) that are
// longer than what a cell can hold; each may be used in every cell.
func guardStrings(name string, part []byte) error {
	if err := guardXML(name, part, maxOtherTags); err != nil {
		return err
	}
	dec := xml.NewDecoder(bytes.NewReader(part))
	for length := 0; ; {
		t, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w: %w", name, ErrNotWorkbook, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "si" {
				length = 0
			}
		case xml.CharData:
			if length += len(t); length > 4*maxCell {
				return fmt.Errorf("%s: a cell over %d characters: %w", name, maxCell, ErrTooLarge)
			}
		}
	}
}

// sheetScan is what the workbook library does not tell of a sheet while
// streaming its rows.
type sheetScan struct {
	formulas map[string]bool
	merged   []string
}

// scanSheet looks through the XML of a worksheet (ECMA-376 part 1, 18.3.1) for
// formulas and merged cells, and refuses more rows, columns or cells with
// something in them than are read, before they are taken apart.
func scanSheet(name string, part []byte) (sheetScan, error) {
	s := sheetScan{formulas: map[string]bool{}}
	if err := guardXML(name, part, maxTags); err != nil {
		return s, err
	}
	at := sheetPlace{name: name}
	err := eachTag(part, func(t startTag) error {
		switch string(t.name) {
		case "f":
			s.formulas[at.cell] = true
		case "mergeCell":
			if s.merged = append(s.merged, t.attr("ref")); len(s.merged) > maxMerged {
				return forms.Problem{Sheet: name, Err: forms.Faultf("over %d merged cells: %w", maxMerged, ErrTooLarge)}
			}
		}
		return at.pass(t)
	})
	if errors.Is(err, errXML) {
		err = fmt.Errorf("sheet %s: %w: %w", name, ErrNotWorkbook, err)
	}
	return s, err
}

// sheetPlace follows the cells of a sheet and counts those that hold anything.
type sheetPlace struct {
	name         string
	cell         string
	row, column  int
	widest       int // column of the row
	cells, width int
}

func (at *sheetPlace) pass(t startTag) error {
	switch string(t.name) {
	case "row":
		at.row, at.column, at.widest = at.row+1, 0, 0
	case "c":
		at.column++
		at.cell = t.attr("r")
		if c, r, err := excelize.CellNameToCoordinates(at.cell); err == nil {
			at.column, at.row = c, r
		} else if bytes.IndexByte(t.attrs, '&') >= 0 {
			return errXML // a place that only a decoder would see
		}
		at.width += max(0, at.column-at.widest)
		if at.widest = max(at.widest, at.column); at.width > maxWidth {
			return forms.Problem{Sheet: at.name, Err: forms.Faultf("too wide: %w", ErrTooLarge)}
		}
	case "v", "is":
		at.cells++
		return withinBounds(at.name, at.row, at.column, at.cells)
	}
	return nil
}
