package xlsform

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/xuri/excelize/v2"

	"baosong/forms"
)

// book is the sheets of a workbook as text.
type book struct {
	sheets   []bookSheet
	warnings []Problem
	from1904 bool // days count from 1904-01-01, as old Macs have it
	close    func() error
}

type bookSheet struct {
	name     string
	rows     []row           // values as stored
	show     func() []row    // values as displayed
	formulas map[string]bool // cells, such as B7
	merged   []string        // ranges, such as B7:C9
	copied   map[[2]int]bool // cells filled from a merged one, by row and column
}

// bookParts are the parts of a workbook that the library needs besides sheets.
// It gets no others: pictures and comments are not what is read.
var bookParts = []string{
	"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml",
}

// book reads the sheets whose name want accepts, with dates as the serial
// numbers that a workbook holds; those that it does not accept are warned of.
// The caller closes the book.
func (z *zipped) book(want func(name string) bool) (*book, error) {
	for _, name := range bookParts[:4] {
		if err := z.guard(name, guardSmall); err != nil {
			return nil, err
		}
	}
	names, parts, err := z.sheetParts()
	if err != nil {
		return nil, err
	}
	out := &book{}
	needed := slices.Clone(bookParts)
	for _, name := range names {
		if !want(name) {
			out.warnings = append(out.warnings, Problem{Sheet: name, Err: forms.Faultf("unknown sheet; it is not read")})
			continue
		}
		s := bookSheet{name: name}
		if err := z.guard(parts[name], func(_ string, b []byte) error { return s.scan(b) }); err != nil {
			return nil, err
		}
		out.sheets = append(out.sheets, s)
		needed = append(needed, parts[name])
	}
	if err := errors.Join(z.guard("xl/styles.xml", guardSmall), z.guard("xl/sharedStrings.xml", guardStrings), z.fits(needed)); err != nil {
		return nil, err
	}
	only, err := z.only(needed)
	if err != nil {
		return nil, err
	}
	x, err := excelize.OpenReader(only, excelize.Options{RawCellValue: true, UnzipSizeLimit: maxParted, UnzipXMLSizeLimit: maxParted})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotWorkbook, err)
	}
	if err := out.read(x); err != nil {
		return nil, errors.Join(err, x.Close())
	}
	out.close = x.Close
	return out, nil
}

func guardSmall(name string, part []byte) error { return guardXML(name, part, maxSmallTags) }

// guard unpacks a part, if it is there, and has it looked at.
func (z *zipped) guard(name string, look func(name string, part []byte) error) error {
	if z.file(name) == nil {
		return nil
	}
	b, err := z.part(name)
	if err != nil {
		return err
	}
	return look(name, b)
}

// fits reports whether parts are small enough together.
func (z *zipped) fits(parts []string) error {
	var total uint64
	for _, name := range parts {
		if f := z.file(name); f != nil {
			total += f.UncompressedSize64
		}
	}
	if total > maxParted {
		return fmt.Errorf("unpacks to %d MB, over %d: %w", total>>20, maxParted>>20, ErrTooLarge)
	}
	return nil
}

func (s *bookSheet) scan(part []byte) error {
	found, err := scanSheet(s.name, part)
	s.formulas, s.merged = found.formulas, found.merged
	return err
}

func (b *book) read(x *excelize.File) error {
	for i := range b.sheets {
		s := &b.sheets[i]
		var err error
		if s.rows, err = sheetRows(x, s.name, true); err != nil {
			return err
		}
		s.show = sync.OnceValue(func() []row {
			rows, err := sheetRows(x, s.name, false)
			if err != nil {
				return nil // the stored values will do
			}
			return rows
		})
		s.reachFormulas()
		b.warnings = append(b.warnings, formulaWarnings(s)...)
	}
	if p, err := x.GetWorkbookProps(); err == nil && p.Date1904 != nil {
		b.from1904 = *p.Date1904
	}
	return nil
}

func sheetRows(x *excelize.File, name string, raw bool) ([]row, error) {
	rows, err := x.Rows(name)
	if err != nil {
		return nil, fmt.Errorf("sheet %s: %w: %w", name, ErrNotWorkbook, err)
	}
	var out []row
	text := 0
	for number := 1; rows.Next(); number++ {
		record, err := rows.Columns(excelize.Options{RawCellValue: raw})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("sheet %s row %d: %w: %w", name, number, ErrNotWorkbook, err), rows.Close())
		}
		for len(record) > 0 && record[len(record)-1] == "" {
			record = record[:len(record)-1]
		}
		if len(record) == 0 {
			continue
		}
		for _, s := range record {
			text += len(s)
		}
		err = withinBounds(name, number, len(record), 0)
		if text > maxText {
			err = Problem{Sheet: name, Err: forms.Faultf("over %d MB of text: %w", maxText>>20, ErrTooLarge)}
		}
		if err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		out = append(out, row{number: number, cells: slices.Clip(record)})
	}
	if err := errors.Join(rows.Error(), rows.Close()); err != nil {
		return nil, fmt.Errorf("sheet %s: %w: %w", name, ErrNotWorkbook, err)
	}
	return out, nil
}

// reachFormulas makes rows as wide as their last formula, which may have no
// value.
func (s *bookSheet) reachFormulas() {
	for cell := range s.formulas {
		column, number, err := excelize.CellNameToCoordinates(cell)
		if i := find(s.rows, number); err == nil && i >= 0 && column <= maxColumns && column > len(s.rows[i].cells) {
			s.rows[i].cells = put(s.rows[i].cells, column, "")
		}
	}
}

func formulaWarnings(s *bookSheet) []Problem {
	var out []Problem
	for cell := range s.formulas {
		column, number, err := excelize.SplitCellName(cell)
		if err != nil {
			continue
		}
		out = append(out, Problem{Sheet: s.name, Row: number, Column: column, Err: forms.Faultf("a formula; its last value was taken")})
	}
	slices.SortFunc(out, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(len(a.Column), len(b.Column)), cmp.Compare(a.Column, b.Column))
	})
	return out
}

// maxSheets bounds the sheets of a workbook.
const maxSheets = 300

// sheetParts returns the names of the sheets, in their order, and the part
// that holds each.
func (z *zipped) sheetParts() (names []string, parts map[string]string, err error) {
	var wb struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var rels struct {
		Rels []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	for part, into := range map[string]any{"xl/workbook.xml": &wb, "xl/_rels/workbook.xml.rels": &rels} {
		b, err := z.part(part)
		if err != nil {
			return nil, nil, err
		}
		if err := xml.Unmarshal(b, into); err != nil {
			return nil, nil, fmt.Errorf("%s: %w: %w", part, ErrNotWorkbook, err)
		}
	}
	targets := map[string]string{}
	for _, r := range rels.Rels {
		targets[r.ID] = path.Join("xl", r.Target)
		if strings.HasPrefix(r.Target, "/") {
			targets[r.ID] = strings.TrimPrefix(path.Clean(r.Target), "/")
		}
	}
	if len(wb.Sheets) > maxSheets {
		return nil, nil, fmt.Errorf("%d sheets, over %d: %w", len(wb.Sheets), maxSheets, ErrTooLarge)
	}
	parts = map[string]string{}
	for _, s := range wb.Sheets {
		names = append(names, s.Name)
		if parts[s.Name] = targets[s.ID]; targets[s.ID] == "" {
			return nil, nil, fmt.Errorf("sheet %s has no part: %w", s.Name, ErrNotWorkbook)
		}
	}
	return names, parts, nil
}
