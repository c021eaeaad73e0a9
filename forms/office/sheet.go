package office

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// column is a column of a sheet.
type column struct {
	title string
	kind  kind
	width float64 // in characters of the default face; 0 is by kind
	sum   bool    // summed below the rows
}

var widths = [kinds]float64{kindText: 18, kindInteger: 10, kindDecimal: 11, kindDate: 12, kindTime: 17}

// lastRow is where a sheet ends and goes on in another; Excel's bound is a
// little more.
const lastRow = 1_000_000

// sheet is a table that is written row by row: a head that stays in sight and
// comes again on every page, a filter, sums at the end.
type sheet struct {
	book   *book
	label  string
	title  string // the sheet's name
	sw     *excelize.StreamWriter
	cols   []column
	freeze int     // columns that stay in sight
	row    int     // last row written
	height float64 // of every row in points; 0 is as high as its text needs
	most   float64 // highest row
	sums   []float64
	summed []bool // columns that have a number
	pics   []anchor
}

// sheet begins a sheet with the first freeze columns staying in sight.
func (b *book) sheet(label string, freeze int, cols []column) (*sheet, error) {
	for i, c := range cols {
		if c.width == 0 {
			most := 30.0
			if c.kind == kindInteger || c.kind == kindDecimal {
				most = 13 // the head may take two lines
			}
			cols[i].width = max(widths[c.kind], min(2*columns(c.title)+3, most))
		}
	}
	s := &sheet{book: b, label: label, freeze: freeze, cols: cols, most: b.highest}
	if err := s.begin(); err != nil {
		return nil, fmt.Errorf("sheet %s: %w", label, err)
	}
	b.sheets = append(b.sheets, s)
	return s, nil
}

func (s *sheet) begin() error {
	f := s.book.f
	s.title, s.row, s.pics = s.book.name(s.label), 0, nil
	s.sums, s.summed = make([]float64, len(s.cols)), make([]bool, len(s.cols))
	if len(s.book.names) == 1 {
		if err := f.SetSheetName(f.GetSheetName(0), s.title); err != nil {
			return err
		}
	} else if _, err := f.NewSheet(s.title); err != nil {
		return err
	}
	if err := s.page(); err != nil {
		return err
	}
	var err error
	if s.sw, err = f.NewStreamWriter(s.title); err != nil {
		return err
	}
	for i, c := range s.cols {
		if err := s.sw.SetColWidth(i+1, i+1, c.width); err != nil {
			return err
		}
	}
	return s.header()
}

func (s *sheet) header() error {
	cells := make([]any, len(s.cols))
	lines := 1
	for i, c := range s.cols {
		cells[i] = excelize.Cell{StyleID: s.book.head, Value: c.title}
		lines = max(lines, linesOf(c.title, c.width))
	}
	s.row = 1
	return s.sw.SetRow("A1", cells, excelize.RowOpts{Height: float64(lines)*lineHeight + 8})
}

// pagesWide is how many pages the columns need to stay readable.
func (s *sheet) pagesWide() int {
	const page = 240 // characters
	var sum float64
	for _, c := range s.cols {
		sum += c.width
	}
	return max(1, int(math.Ceil(sum/page)))
}

// page sets the sheet up to be printed on A4 across.
func (s *sheet) page() error {
	f := s.book.f
	a4, across, wide, asMany := 9, "landscape", s.pagesWide(), 0
	fit := true
	if err := f.SetSheetProps(s.title, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	if err := f.SetPageLayout(s.title, &excelize.PageLayoutOptions{Size: &a4, Orientation: &across, FitToWidth: &wide, FitToHeight: &asMany}); err != nil {
		return err
	}
	side, top, edge, middle := 0.5, 0.7, 0.3, true
	if err := f.SetPageMargins(s.title, &excelize.PageLayoutMarginsOptions{
		Left: &side, Right: &side, Top: &top, Bottom: &top, Header: &edge, Footer: &edge, Horizontally: &middle,
	}); err != nil {
		return err
	}
	if err := f.SetHeaderFooter(s.title, &excelize.HeaderFooterOptions{OddHeader: "&C&\"" + faceName + ",Bold\"&14&A", OddFooter: "&C第 &P 页，共 &N 页"}); err != nil {
		return err
	}
	corner, err := excelize.CoordinatesToCellName(s.freeze+1, 2)
	if err != nil {
		return err
	}
	pane := "bottomLeft"
	if s.freeze > 0 {
		pane = "bottomRight"
	}
	return f.SetPanes(s.title, &excelize.Panes{Freeze: true, XSplit: s.freeze, YSplit: 1, TopLeftCell: corner, ActivePane: pane})
}

// add writes a row.
func (s *sheet) add(cells []any) error {
	if s.row >= lastRow {
		if err := s.end(); err != nil {
			return err
		}
		if err := s.begin(); err != nil {
			return err
		}
	}
	lines := 1
	for i, c := range cells {
		cell, ok := c.(excelize.Cell)
		if !ok || i >= len(s.cols) {
			continue
		}
		if text, ok := cell.Value.(string); ok {
			lines = max(lines, linesOf(text, s.cols[i].width))
		} else if s.cols[i].sum {
			s.sums[i] += number(cell.Value)
			s.summed[i] = true
		}
	}
	s.row++
	height := s.height
	if height == 0 {
		height = min(float64(lines)*lineHeight+4, s.most)
	}
	return s.sw.SetRow("A"+strconv.Itoa(s.row), cells, excelize.RowOpts{Height: height})
}

// lineHeight is that of a line of text, in points.
const lineHeight = 14

// linesOf is how many lines a text takes in a column. Not every program makes
// rows as high as their text, so heights are written.
func linesOf(text string, width float64) int {
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n += max(1, int(math.Ceil(2*columns(line)/(width-1))))
	}
	return n
}

func number(v any) float64 {
	switch n := v.(type) {
	case int:
		return float64(n)
	case int64:
		return float64(n)
	case float64:
		return n
	}
	return 0
}

// end writes the sums and what belongs to the rows as a whole.
func (s *sheet) end() error {
	last, err := excelize.CoordinatesToCellName(len(s.cols), s.row)
	if err != nil {
		return err
	}
	if err := s.book.f.AutoFilter(s.title, "A1:"+last, nil); err != nil {
		return err
	}
	if err := s.printTitles(); err != nil {
		return err
	}
	if err := s.total(); err != nil {
		return err
	}
	if err := s.draw(); err != nil {
		return err
	}
	return s.sw.Flush()
}

// printTitles makes the head and the columns that stay in sight come again on
// every page.
func (s *sheet) printTitles() error {
	at := "'" + s.title + "'!"
	titles := at + "$1:$1"
	if s.freeze > 0 {
		last, err := excelize.ColumnNumberToName(s.freeze)
		if err != nil {
			return err
		}
		titles = at + "$A:$" + last + "," + titles
	}
	return s.book.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: titles, Scope: s.title})
}

// total writes sums that follow the filter, as formulas with their results.
func (s *sheet) total() error {
	summed := false
	cells := make([]any, len(s.cols))
	for i, c := range s.cols {
		cells[i] = excelize.Cell{StyleID: s.book.totals[kindText], Value: ""}
		if !s.summed[i] {
			continue
		}
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		summed = true
		cells[i] = excelize.Cell{
			StyleID: s.book.totals[c.kind], Value: s.sums[i],
			Formula: fmt.Sprintf("SUBTOTAL(109,%s2:%s%d)", name, name, s.row),
		}
	}
	if !summed {
		return nil
	}
	cells[0] = excelize.Cell{StyleID: s.book.totals[kindText], Value: "合计"}
	s.row++
	return s.sw.SetRow("A"+strconv.Itoa(s.row), cells)
}
