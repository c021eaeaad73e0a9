package xlsform

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"baosong/forms"
)

// find returns the place of a row among rows, -1 if it is not there.
func find(rows []row, number int) int {
	i, ok := slices.BinarySearchFunc(rows, number, func(r row, n int) int { return cmp.Compare(r.number, n) })
	if !ok {
		return -1
	}
	return i
}

func cellsOf(rows []row, number int) []string {
	if i := find(rows, number); i >= 0 {
		return rows[i].cells
	}
	return nil
}

// text returns a cell as it is stored, cleaned of what word processors and web
// pages leave behind. Rows and columns count from 1.
func (s *bookSheet) text(r, c int) string {
	cells := cellsOf(s.rows, r)
	if c < 1 || c > len(cells) {
		return ""
	}
	return clean(cells[c-1])
}

func (s *bookSheet) display(r, c int) string {
	cells := cellsOf(s.show(), r)
	if c < 1 || c > len(cells) {
		return ""
	}
	return clean(cells[c-1])
}

func (s *bookSheet) width(r int) int { return len(cellsOf(s.rows, r)) }

// last returns the number of the last row.
func (s *bookSheet) last() int {
	if len(s.rows) == 0 {
		return 0
	}
	return s.rows[len(s.rows)-1].number
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\u2028", "\n", "_x000D_", "", "_x000B_", "\n")

// clean takes out marks that cannot be seen, and makes every line end the same.
func clean(s string) string {
	if strings.ContainsAny(s, "\r\v\u2028_") {
		s = lineEnds.Replace(s)
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\u00a0' || r == '\u2007' || r == '\u202f':
			return ' '
		case r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\u2060' || r == '\ufeff' || r == '\u00ad', r < ' ' && r != '\n' && r != '\t':
			return -1
		}
		return r
	}, s))
}

// maxSpread bounds the rows that one merged cell is copied down to, and the
// merged cells that are looked at.
const maxSpread = 1000

// spread copies the value of cells that are merged downwards, from the row on
// where the data begin, into each of their rows that holds anything else, and
// remembers which cells only have it from there.
func (s *bookSheet) spread(data int) {
	s.copied = map[[2]int]bool{}
	for _, ref := range s.merged[:min(len(s.merged), maxSpread)] {
		from, to, ok := strings.Cut(ref, ":")
		c1, r1, err1 := excelize.CellNameToCoordinates(from)
		_, r2, err2 := excelize.CellNameToCoordinates(to)
		if !ok || err1 != nil || err2 != nil || r1 < data || r2-r1 > maxSpread || s.text(r1, c1) == "" {
			continue
		}
		for r := r1 + 1; r <= r2; r++ {
			if i := find(s.rows, r); i >= 0 {
				s.rows[i].cells = put(s.rows[i].cells, c1, s.text(r1, c1))
				s.copied[[2]int{r, c1}] = true
			}
		}
	}
}

func put(cells []string, column int, v string) []string {
	for len(cells) < column {
		cells = append(cells, "")
	}
	cells[column-1] = v
	return cells
}

// spreadOnly reports whether a cell has its value from a merged cell above.
func (s *bookSheet) spreadOnly(r, c int) bool { return s.copied[[2]int{r, c}] }

// ErrFormula says that a cell holds a formula which has not been worked out.
var ErrFormula = errors.New("a formula without a value")

// value turns a cell into an answer of q.
func (f *filler) value(q *forms.Question, s *bookSheet, r, c int) (string, error) {
	raw := s.text(r, c)
	if strings.HasPrefix(raw, "#") && s.formulas[cellName(c, r)] {
		return "", ErrFormula
	}
	number, err := strconv.ParseFloat(raw, 64)
	isNumber := err == nil && !math.IsInf(number, 0) && !math.IsNaN(number)
	switch q.Type {
	case forms.TypeDate, forms.TypeDateTime, forms.TypeTime:
		if v, ok := f.moment(q.Type, number); isNumber && ok {
			return v, nil
		}
		if isNumber && number < firstSerial && !twoDigitDay.MatchString(raw) {
			// 5.30 typed for 30 May is stored as 5.3, as 3 May would be.
			return "", fmt.Errorf("%s could be more than one date: %w", raw, forms.ErrValue)
		}
	case forms.TypeText, forms.TypeHidden:
		if isNumber {
			return plainNumber(raw, s.display(r, c), number), nil
		}
	case forms.TypeInteger, forms.TypeDecimal:
		if isNumber {
			raw = strconv.FormatFloat(number, 'f', -1, 64)
		}
	}
	return forms.Normalize(q, raw)
}

// plainNumber is a number as an answer in words: as the sheet shows it, unless
// that shortens it.
func plainNumber(raw, shown string, number float64) string {
	if shown != "" && !exponent.MatchString(shown) && !strings.Contains(shown, "#") {
		return shown
	}
	if exponent.MatchString(raw) {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return raw
}

// exponent is how spreadsheets store and show one, with its sign: 12E3 is a code that a person typed.
var exponent = regexp.MustCompile(`[eE][+-]`)

var twoDigitDay = regexp.MustCompile(`^\d{1,2}\.\d{2}$`)

const (
	firstSerial = 3_000     // 1908, before which no form asks
	lastSerial  = 2_958_466 // the end of the year 9999
)

// moment turns a spreadsheet's number of days into a date or time.
func (f *filler) moment(t forms.Type, days float64) (string, bool) {
	if t == forms.TypeTime {
		days -= math.Floor(days)
	} else if days < firstSerial || days >= lastSerial {
		return "", false
	}
	at, err := excelize.ExcelDateToTime(days, f.from1904)
	if err != nil {
		return "", false
	}
	at = at.Round(time.Second)
	switch {
	case t == forms.TypeDate:
		return at.Format(time.DateOnly), true
	case t == forms.TypeTime && at.Second() == 0:
		return at.Format("15:04"), true
	case t == forms.TypeTime:
		return at.Format("15:04:05"), true
	case at.Second() == 0:
		return at.Format("2006-01-02T15:04"), true
	}
	return at.Format("2006-01-02T15:04:05"), true
}
