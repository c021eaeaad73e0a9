package office

import (
	"strconv"
	"strings"

	"baosong/forms"
)

// textWidth is the width of the text area, 156 mm in twentieths of a point.
const textWidth = 8844

// labelWidth is the width of the cells that name an answer: six characters.
const labelWidth = 1700

// table opens a table with columns of these widths.
func (d *document) table(style string, widths ...int) {
	sum := 0
	for _, w := range widths {
		sum += w
	}
	d.open("w:tbl")
	d.open("w:tblPr")
	if style != "" {
		d.empty("w:tblStyle", "w:val", style)
	}
	d.empty("w:tblW", "w:w", strconv.Itoa(sum), "w:type", "dxa")
	d.empty("w:jc", "w:val", "center")
	d.empty("w:tblLayout", "w:type", "fixed")
	d.close("w:tblPr")
	d.open("w:tblGrid")
	for _, w := range widths {
		d.empty("w:gridCol", "w:w", strconv.Itoa(w))
	}
	d.close("w:tblGrid")
}

// row opens a row. A head row comes again on each page.
func (d *document) row(head, whole bool) {
	d.open("w:tr")
	d.open("w:trPr")
	if whole {
		d.empty("w:cantSplit")
	}
	if head {
		d.empty("w:tblHeader")
	}
	d.close("w:trPr")
}

// openCell opens a cell over span columns.
func (d *document) openCell(width, span int) {
	d.open("w:tc")
	d.open("w:tcPr")
	d.empty("w:tcW", "w:w", strconv.Itoa(width), "w:type", "dxa")
	if span > 1 {
		d.empty("w:gridSpan", "w:val", strconv.Itoa(span))
	}
	d.empty("w:vAlign", "w:val", "center")
	d.close("w:tcPr")
}

func (d *document) cell(width, span int, style, s string) {
	d.openCell(width, span)
	d.para(style, s)
	d.close("w:tc")
}

// answerTable writes answers two a row; those that need it have a row alone.
func (d *document) answerTable(ps []place) {
	if len(ps) == 0 {
		return
	}
	const value = textWidth/2 - labelWidth
	d.table("TableGrid", labelWidth, value, labelWidth, value)
	for i := 0; i < len(ps); i++ {
		first := ps[i]
		if columns(label(first.q)) > 18 && !long(first.q) {
			d.statement(first)
			continue
		}
		pair := i+1 < len(ps) && !d.wide(first) && !d.wide(ps[i+1])
		d.row(false, !long(first.q))
		d.cell(labelWidth, 1, "TableLabel", label(first.q))
		if !pair {
			d.cell(textWidth-labelWidth, 3, "TableText", d.value(first))
			d.close("w:tr")
			continue
		}
		i++
		d.cell(value, 1, "TableText", d.value(first))
		d.cell(labelWidth, 1, "TableLabel", label(ps[i].q))
		d.cell(value, 1, "TableText", d.value(ps[i]))
		d.close("w:tr")
	}
	d.close("w:tbl")
	d.para("Gap", "")
}

// statement writes a label that is a sentence, and the answer beside it.
func (d *document) statement(p place) {
	const value = textWidth/2 - labelWidth
	d.row(false, true)
	d.cell(textWidth-value, 3, "TableText", label(p.q))
	d.cell(value, 1, "TableNumber", d.value(p))
	d.close("w:tr")
}

// wide reports whether a label or an answer does not fit half a row.
func (d *document) wide(p place) bool {
	return long(p.q) || p.q.Type.Media() || columns(label(p.q)) > 18 || columns(d.value(p)) > 22 || longestWord(d.value(p)) > 20
}

// longestWord is the length of the longest run of letters that has no place to
// break a line, such as an address.
func longestWord(s string) int {
	most := 0
	for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return r <= ' ' || r >= 0x2000 }) {
		most = max(most, len(w))
	}
	return most
}

// listTable writes the entries of a repeat as rows, without the columns that
// are empty in all of them.
func (d *document) listTable(r place) {
	n := d.Report.Answers.Len(r.path)
	var cols []*forms.Question
	var rows [][]string
	all := leaves(r.q.Children, "")
	texts := make([][]string, n)
	for i := range texts {
		for _, p := range leaves(r.q.Children, r.path.Entry(i+1)) {
			texts[i] = append(texts[i], d.value(p))
		}
	}
	rows = make([][]string, n)
	for c, p := range all {
		used := false
		for _, t := range texts {
			used = used || t[c] != ""
		}
		if !used {
			continue
		}
		cols = append(cols, p.q)
		for i := range rows {
			rows[i] = append(rows[i], texts[i][c])
		}
	}
	d.listRows(cols, rows)
}

func (d *document) listRows(cols []*forms.Question, rows [][]string) {
	const number = 700
	widths := []int{number}
	for range cols {
		widths = append(widths, (textWidth-number)/len(cols))
	}
	d.table("TableGrid", widths...)
	d.row(true, true)
	d.cell(number, 1, "TableLabel", "序号")
	for i, q := range cols {
		d.cell(widths[i+1], 1, "TableLabel", label(q))
	}
	d.close("w:tr")
	for n, row := range rows {
		d.row(false, true)
		d.cell(number, 1, "TableNumber", strconv.Itoa(n+1))
		for i, s := range row {
			d.cell(widths[i+1], 1, "TableText", s)
		}
		d.close("w:tr")
	}
	d.close("w:tbl")
	d.para("Gap", "")
}
