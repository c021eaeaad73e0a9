package xlsform

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"
)

// What a file turns out to be instead of a workbook.
var (
	ErrNotWorkbook = errors.New("not a workbook")
	ErrPassword    = errors.New("the workbook is protected by a password")
	ErrOldFormat   = errors.New("a workbook of the old .xls format")
)

// Bounds on a workbook's parts, unpacked. A form with 2,000 questions in three
// languages takes 3 MB; a million rows take 40 and more.
const (
	maxWorkbook = 64 << 20
	maxPart     = 16 << 20
	maxParts    = 2_000
)

// zipped is a zip whose directory was found within bounds.
type zipped struct {
	*zip.Reader
	source io.ReaderAt
	size   int64
}

// openZip opens a workbook or a bundle, and says what it is where it is neither.
func openZip(r io.ReaderAt, size int64) (*zipped, error) {
	if size > maxWorkbook {
		return nil, fmt.Errorf("%d MB, over %d: %w", size>>20, maxWorkbook>>20, ErrTooLarge)
	}
	zr, err := zip.NewReader(r, size)
	if err != nil {
		return nil, otherFormat(io.NewSectionReader(r, 0, size))
	}
	if len(zr.File) > maxParts {
		return nil, fmt.Errorf("%d files inside, over %d: %w", len(zr.File), maxParts, ErrTooLarge)
	}
	for _, f := range zr.File {
		if f.Flags&1 != 0 {
			return nil, ErrPassword
		}
	}
	return &zipped{Reader: zr, source: r, size: size}, nil
}

// otherFormat tells apart what Office writes as compound files (MS-CFB).
func otherFormat(r io.Reader) error {
	head := make([]byte, 8)
	if _, err := io.ReadFull(r, head); err != nil || string(head) != "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" {
		return ErrNotWorkbook
	}
	body, err := io.ReadAll(io.LimitReader(r, maxWorkbook))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotWorkbook, err)
	}
	switch {
	case bytes.Contains(body, wide("EncryptedPackage")):
		return ErrPassword
	case bytes.Contains(body, wide("Workbook")), bytes.Contains(body, wide("Book")):
		return ErrOldFormat
	}
	return ErrNotWorkbook
}

// wide returns s in UTF-16, as the directory of a compound file has it.
func wide(s string) []byte {
	var b []byte
	for _, c := range []byte(s) {
		b = append(b, c, 0)
	}
	return b
}

func (z *zipped) isWorkbook() bool {
	for _, f := range z.File {
		if f.Name == "xl/workbook.xml" {
			return true
		}
	}
	return false
}

func (z *zipped) part(name string) ([]byte, error) {
	for _, f := range z.File {
		if strings.EqualFold(f.Name, name) {
			return z.bytes(f, maxPart)
		}
	}
	return nil, fmt.Errorf("no part %s: %w", name, ErrNotWorkbook)
}

// bytes unpacks f, which may be limit bytes long. Neither the size that the
// directory claims nor the one that comes out may exceed it.
func (z *zipped) bytes(f *zip.File, limit uint64) (_ []byte, err error) {
	if f.UncompressedSize64 > limit {
		return nil, fmt.Errorf("%s unpacks to %d MB, over %d: %w", f.Name, f.UncompressedSize64>>20, limit>>20, ErrTooLarge)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", f.Name, ErrNotWorkbook, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", f.Name, ErrNotWorkbook, err)
	}
	if uint64(len(b)) > limit {
		return nil, fmt.Errorf("%s: over %d MB: %w", f.Name, limit>>20, ErrTooLarge)
	}
	return b, nil
}

// book is the sheets of a workbook as text.
type book struct {
	sheets   []bookSheet
	warnings []Problem
	from1904 bool // days count from 1904-01-01, as old Macs have it
}

type bookSheet struct {
	name     string
	rows     []row           // values as stored
	shown    []row           // values as displayed
	formulas map[string]bool // cells, such as B7
	merged   []string        // ranges, such as B7:C9
	copied   map[[2]int]bool // cells filled from a merged one, by row and column
}

// book reads the sheets whose name want accepts, with dates as the serial
// numbers that a workbook holds.
func (z *zipped) book(want func(name string) bool) (*book, error) {
	parts, err := z.sheetParts()
	if err != nil {
		return nil, err
	}
	scans := map[string]sheetScan{}
	var total uint64
	for _, f := range z.File {
		total += f.UncompressedSize64
	}
	if total > maxWorkbook {
		return nil, fmt.Errorf("unpacks to %d MB, over %d: %w", total>>20, maxWorkbook>>20, ErrTooLarge)
	}
	for name, part := range parts {
		b, err := z.part(part)
		if err != nil {
			return nil, err
		}
		if !want(name) {
			continue
		}
		if scans[name], err = scanSheet(name, b); err != nil {
			return nil, err
		}
	}
	x, err := excelize.OpenReader(io.NewSectionReader(z.source, 0, z.size), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxWorkbook, UnzipXMLSizeLimit: maxWorkbook,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotWorkbook, err)
	}
	out := &book{}
	for _, name := range x.GetSheetList() {
		if !want(name) {
			continue
		}
		s := bookSheet{name: name, formulas: scans[name].formulas, merged: scans[name].merged}
		s.rows, err = sheetRows(x, name, true)
		if err == nil {
			s.shown, err = sheetRows(x, name, false)
		}
		if err != nil {
			return nil, errors.Join(err, x.Close())
		}
		out.sheets = append(out.sheets, s)
		out.warnings = append(out.warnings, formulaWarnings(s)...)
	}
	if p, err := x.GetWorkbookProps(); err == nil && p.Date1904 != nil {
		out.from1904 = *p.Date1904
	}
	return out, x.Close()
}

func sheetRows(x *excelize.File, name string, raw bool) ([]row, error) {
	rows, err := x.Rows(name)
	if err != nil {
		return nil, fmt.Errorf("sheet %s: %w: %w", name, ErrNotWorkbook, err)
	}
	var out []row
	cells := 0
	for number := 1; rows.Next(); number++ {
		record, err := rows.Columns(excelize.Options{RawCellValue: raw})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("sheet %s row %d: %w: %w", name, number, ErrNotWorkbook, err), rows.Close())
		}
		cells += len(record)
		if err := withinBounds(name, number, len(record), cells); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		if len(record) > 0 {
			out = append(out, row{number: number, cells: record})
		}
	}
	if err := errors.Join(rows.Error(), rows.Close()); err != nil {
		return nil, fmt.Errorf("sheet %s: %w: %w", name, ErrNotWorkbook, err)
	}
	return out, nil
}

func formulaWarnings(s bookSheet) []Problem {
	var out []Problem
	for cell := range s.formulas {
		column, number, err := excelize.SplitCellName(cell)
		if err != nil {
			continue
		}
		out = append(out, Problem{Sheet: s.name, Row: number, Column: column, Err: errors.New("a formula; its last value was taken")})
	}
	return out
}

// sheetParts returns the part that holds each sheet, by the sheet's name.
func (z *zipped) sheetParts() (map[string]string, error) {
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
			return nil, err
		}
		if err := xml.Unmarshal(b, into); err != nil {
			return nil, fmt.Errorf("%s: %w: %w", part, ErrNotWorkbook, err)
		}
	}
	targets := map[string]string{}
	for _, r := range rels.Rels {
		targets[r.ID] = path.Join("xl", r.Target)
		if strings.HasPrefix(r.Target, "/") {
			targets[r.ID] = strings.TrimPrefix(path.Clean(r.Target), "/")
		}
	}
	parts := map[string]string{}
	for _, s := range wb.Sheets {
		if parts[s.Name] = targets[s.ID]; targets[s.ID] == "" {
			return nil, fmt.Errorf("sheet %s has no part: %w", s.Name, ErrNotWorkbook)
		}
	}
	return parts, nil
}
