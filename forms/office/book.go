package office

import (
	"errors"
	"fmt"
	"io"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"baosong/forms"
)

// kind is the type of the cells of a column.
type kind int

const (
	kindText kind = iota
	kindInteger
	kindDecimal
	kindDate
	kindTime
	kinds
)

func kindOf(t forms.Type) kind {
	switch t {
	case forms.TypeInteger:
		return kindInteger
	case forms.TypeDecimal, forms.TypeCalculate:
		return kindDecimal
	case forms.TypeDate, forms.TypeToday:
		return kindDate
	case forms.TypeDateTime, forms.TypeStart, forms.TypeEnd:
		return kindTime
	}
	return kindText
}

// book is a workbook being written, row by row, on all its sheets at once.
type book struct {
	f      *excelize.File
	sheets []*sheet
	names  map[string]bool
	head   int
	cells  [kinds]int // style of each kind
	left   [kinds]int // the same where kinds stand below each other
	totals [kinds]int // the same in a row of sums
	quoted int        // text that looks like a formula
	media  [][]byte   // JPEGs
	// highest is the height of a row, in points, that text is cut off at.
	highest float64
}

func newBook(highest float64) (*book, error) {
	b := &book{f: excelize.NewFile(), names: map[string]bool{}, highest: highest}
	if err := b.styles(); err != nil {
		return nil, errors.Join(err, b.f.Close())
	}
	return b, nil
}

const faceName = "宋体"

func (b *book) styles() error {
	if err := b.f.SetDefaultFont(faceName); err != nil {
		return err
	}
	border := []excelize.Border{}
	for _, side := range []string{"left", "right", "top", "bottom"} {
		border = append(border, excelize.Border{Type: side, Color: "A6A6A6", Style: 1})
	}
	style := func(bold bool, fill, align, format string) (int, error) {
		s := &excelize.Style{
			Border:    border,
			Font:      &excelize.Font{Family: faceName, Size: 10.5, Bold: bold},
			Alignment: &excelize.Alignment{Vertical: "top", Horizontal: align, WrapText: true},
		}
		if fill != "" {
			s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{fill}}
		}
		if format != "" {
			s.CustomNumFmt = &format
		}
		return b.f.NewStyle(s)
	}
	var err error
	if b.head, err = style(true, "DDEBF7", "center", ""); err != nil {
		return err
	}
	formats := [kinds]string{kindInteger: "0", kindDate: "yyyy-mm-dd", kindTime: "yyyy-mm-dd hh:mm"}
	aligns := [kinds]string{kindText: "left", kindInteger: "center", kindDate: "center", kindTime: "center"}
	for k := range kinds {
		if b.cells[k], err = style(false, "", aligns[k], formats[k]); err != nil {
			return err
		}
		if b.left[k], err = style(false, "", "left", formats[k]); err != nil {
			return err
		}
		if b.totals[k], err = style(true, "F2F2F2", aligns[k], formats[k]); err != nil {
			return err
		}
	}
	// A format of its own keeps this style apart from that of other text.
	if b.quoted, err = style(false, "", "left", "@"); err != nil {
		return err
	}
	quote := true
	b.f.Styles.CellXfs.Xf[b.quoted].QuotePrefix = &quote
	return nil
}

// cell returns what goes into a cell for an answer: a number or a day where it
// is one, text otherwise. Text that a spreadsheet could take for a formula is
// marked as text, and stays it when somebody edits the cell.
func (b *book) cell(k kind, raw, text string) any {
	switch k {
	case kindInteger:
		if n, err := strconv.ParseInt(raw, 10, 64); err == nil && n > -1e15 && n < 1e15 {
			return excelize.Cell{StyleID: b.cells[k], Value: n}
		}
	case kindDecimal:
		// More than 15 digits would be rounded, as in a number of an account.
		if f, err := strconv.ParseFloat(raw, 64); err == nil && len(raw) < 16 && f > -1e15 && f < 1e15 {
			return excelize.Cell{StyleID: b.cells[k], Value: f}
		}
	case kindDate, kindTime:
		for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
			if t, err := time.Parse(layout, raw); err == nil && t.Year() > 1900 {
				return excelize.Cell{StyleID: b.cells[k], Value: serial(t)}
			}
		}
	}
	return b.text(text)
}

func (b *book) text(s string) any {
	if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r\n") || strings.HasPrefix(s, "＝") {
		return excelize.Cell{StyleID: b.quoted, Value: s}
	}
	return excelize.Cell{StyleID: b.cells[kindText], Value: s}
}

func (b *book) integer(n int) any { return excelize.Cell{StyleID: b.cells[kindInteger], Value: n} }

// at is the cell for a moment, empty for the zero time.
func (b *book) at(t time.Time, in *time.Location) any {
	if t.IsZero() {
		return b.text("")
	}
	t = t.In(in)
	return excelize.Cell{StyleID: b.cells[kindTime], Value: serial(time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC))}
}

// serial counts days from the first one of spreadsheets, as they do. It is
// larger by one or two milliseconds where it is not a whole day: programs that
// cut off the seconds show 09:59 for a ten o'clock that is a trifle short.
func serial(t time.Time) float64 {
	days := t.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24
	if days == math.Trunc(days) {
		return days
	}
	return (math.Ceil(days*1e8) + 1) / 1e8
}

// name makes a sheet name out of a label: at most 31 characters, none that
// Excel forbids, not one that is there.
func (b *book) name(label string) string {
	s := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) || r < ' ' {
			return ' '
		}
		return r
	}, label)
	if s = strings.TrimSpace(cut(s, 27)); s == "" {
		s = "表"
	}
	out := s
	for n := 2; b.names[strings.ToLower(out)]; n++ {
		out = s + " " + strconv.Itoa(n)
	}
	b.names[strings.ToLower(out)] = true
	return out
}

// properties say what the workbook is.
func (b *book) properties(title, creator string, created time.Time) error {
	stamp := created.UTC().Format(time.RFC3339)
	return b.f.SetDocProps(&excelize.DocProperties{Title: title, Creator: creator, LastModifiedBy: creator, Created: stamp, Modified: stamp})
}

// write ends the sheets and writes the workbook.
func (b *book) write(w io.Writer) error {
	for _, s := range b.sheets {
		if err := s.end(); err != nil {
			return fmt.Errorf("sheet %s: %w", s.title, err)
		}
	}
	b.sortTypes()
	ps := &parts{w: w, last: b.writeMedia}
	b.f.SetZipWriter(func(io.Writer) excelize.ZipWriter { return ps })
	_, err := b.f.WriteTo(io.Discard)
	return err
}

// sortTypes puts the kinds of pictures in one order; the library adds them in
// that of a map.
func (b *book) sortTypes() {
	if b.f.ContentTypes == nil {
		return
	}
	types := b.f.ContentTypes.Defaults
	sort.Slice(types, func(i, j int) bool { return types[i].Extension < types[j].Extension })
}
