package xlsform

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"baosong/forms"
)

// Rows of a template's sheets.
const (
	formHeadRow  = 3  // of the sheet of single answers
	tablePathRow = 1  // hidden
	tableHeadRow = 2  // labels
	tableHintRow = 3  // hints
	tableRows    = 50 // entries numbered; more may be added below
)

// Template writes a workbook for filling in the notice's form without this
// program: a sheet for single answers and one for each repeat, with labels and
// hints as headings, lists to choose from, and all but the answers locked.
func Template(w io.Writer, n *forms.Notice) (err error) {
	x := excelize.NewFile()
	defer func() { err = errors.Join(err, x.Close()) }()
	t := &template{layout: newLayout(n), x: x, lists: map[string]string{}}
	if err := t.write(); err != nil {
		return fmt.Errorf("make the template of %s: %w", n.ID, err)
	}
	if err := x.Write(w); err != nil {
		return fmt.Errorf("write the template of %s: %w", n.ID, err)
	}
	return nil
}

// template is a workbook being made. Its setters do nothing once err is set.
type template struct {
	*layout
	x      *excelize.File
	styles map[string]int
	lists  map[string]string // ranges of choices, by list name
	err    error
}

func (t *template) try(err error) {
	if t.err == nil {
		t.err = err
	}
}

func (t *template) set(sheet, cell string, v any, style string) {
	if t.err != nil {
		return
	}
	t.try(t.x.SetCellValue(sheet, cell, v))
	t.try(t.x.SetCellStyle(sheet, cell, cell, t.styles[style]))
}

func cellName(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		return "A1"
	}
	return name
}

func columnName(column int) string {
	name, err := excelize.ColumnNumberToName(column)
	if err != nil {
		return "A"
	}
	return name
}

func (t *template) write() error {
	t.makeStyles()
	names := []string{t.words.guide, t.words.form}
	for _, table := range t.tables {
		names = append(names, table.sheet)
	}
	for i, name := range append(names, t.words.choices, metaSheet) {
		if i == 0 {
			t.try(t.x.SetSheetName(t.x.GetSheetName(0), name))
			continue
		}
		_, err := t.x.NewSheet(name)
		t.try(err)
	}
	t.writeLists()
	t.writeGuide()
	t.writeSingle()
	for _, table := range t.tables {
		t.writeTable(table)
	}
	for i, v := range []string{t.notice.ID, t.notice.Form.Version} {
		t.set(metaSheet, cellName(i+1, 1), v, "plain")
	}
	for _, sheet := range names {
		t.try(t.x.ProtectSheet(sheet, &excelize.SheetProtectionOptions{
			SelectLockedCells: true, SelectUnlockedCells: true, FormatColumns: true, FormatRows: true,
		}))
	}
	t.try(t.x.SetSheetVisible(t.words.choices, false))
	t.try(t.x.SetSheetVisible(metaSheet, false))
	t.try(t.x.ProtectWorkbook(&excelize.WorkbookProtectionOptions{LockStructure: true}))
	if index, err := t.x.GetSheetIndex(t.words.form); err == nil {
		t.x.SetActiveSheet(index)
	}
	return t.err
}

// makeStyles makes the looks of cells. Those for answers are not locked, and
// hold their own number format.
func (t *template) makeStyles() {
	border := []excelize.Border{}
	for _, side := range []string{"left", "right", "top", "bottom"} {
		border = append(border, excelize.Border{Type: side, Color: "A6A6A6", Style: 1})
	}
	fill := func(colour string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
	}
	font := func(size float64, bold bool, colour string) *excelize.Font {
		return &excelize.Font{Family: "微软雅黑", Size: size, Bold: bold, Color: colour}
	}
	wrap := &excelize.Alignment{Vertical: "top", WrapText: true}
	middle := &excelize.Alignment{Vertical: "center", WrapText: true}
	centre := &excelize.Alignment{Vertical: "center", Horizontal: "center", WrapText: true}
	looks := map[string]*excelize.Style{
		"plain": {Font: font(10.5, false, ""), Alignment: wrap},
		"title": {Font: font(16, true, ""), Alignment: &excelize.Alignment{Vertical: "center"}},
		"head":  {Font: font(10.5, true, ""), Alignment: centre, Fill: fill("D9E2F3"), Border: border},
		"group": {Font: font(10.5, true, ""), Alignment: middle, Fill: fill("EDEDED"), Border: border},
		"label": {Font: font(10.5, false, ""), Alignment: middle, Border: border},
		"must":  {Font: font(10.5, true, "C00000"), Alignment: middle, Border: border},
		"hint":  {Font: font(9, false, "7F7F7F"), Alignment: wrap, Border: border},
	}
	formats := map[string]string{"text": "@", "number": "0", "decimal": "General", "date": "yyyy-mm-dd", "time": "hh:mm", "moment": "yyyy-mm-dd hh:mm"}
	for name, format := range formats {
		for suffix, colour := range map[string]string{"": "F7FBFF", "!": "FFF9E5"} {
			looks[name+suffix] = &excelize.Style{
				Font: font(10.5, false, ""), Alignment: wrap, Border: border, Fill: fill(colour),
				CustomNumFmt: &format, Protection: &excelize.Protection{Locked: false},
			}
		}
	}
	t.styles = map[string]int{}
	for name, look := range looks {
		id, err := t.x.NewStyle(look)
		t.try(err)
		t.styles[name] = id
	}
}

// answerStyle returns the look of the cells for a question's answers.
func answerStyle(q *forms.Question) string {
	name := "text"
	switch q.Type {
	case forms.TypeInteger:
		name = "number"
	case forms.TypeDecimal:
		name = "decimal"
	case forms.TypeDate:
		name = "date"
	case forms.TypeTime:
		name = "time"
	case forms.TypeDateTime:
		name = "moment"
	}
	if q.Required != "" {
		name += "!"
	}
	return name
}

// writeLists puts the labels of every choice list into a hidden sheet, where
// validation finds them whatever their length.
func (t *template) writeLists() {
	column := 0
	for _, q := range t.questions() {
		key := listKey(q)
		if q.Type != forms.TypeSelectOne || t.lists[key] != "" {
			continue
		}
		column++
		labels := t.labels(q)
		for i, label := range labels {
			t.set(t.words.choices, cellName(column, i+1), label, "plain")
		}
		c := columnName(column)
		t.lists[key] = fmt.Sprintf("'%s'!$%s$1:$%s$%d", t.words.choices, c, c, len(labels))
	}
}

func listKey(q *forms.Question) string { return q.List + "/" + strconv.FormatBool(q.OrOther) }

// questions returns all that the workbook asks.
func (t *template) questions() []*forms.Question {
	out := append([]*forms.Question{}, t.single...)
	for _, table := range t.tables {
		out = append(out, table.fields...)
	}
	return out
}

func (t *template) writeGuide() {
	n, sheet := t.notice, t.words.guide
	t.try(t.x.SetColWidth(sheet, "A", "A", 12))
	t.try(t.x.SetColWidth(sheet, "B", "B", 80))
	t.try(t.x.SetSheetView(sheet, 0, &excelize.ViewOptions{ShowGridLines: new(bool)}))
	t.set(sheet, "A1", n.Title, "title")
	row := 3
	put := func(key, v string) {
		if v != "" {
			t.set(sheet, cellName(1, row), key, "plain")
			t.set(sheet, cellName(2, row), v, "plain")
			t.height(sheet, row, v, 80, 18)
			row++
		}
	}
	put(t.words.title, n.Number)
	put(t.words.sender, strings.Join(n.Issuers, "、"))
	put(t.words.deadline, formatDeadline(n.Deadline))
	to := n.ReportTo
	put(t.words.reportTo, strings.Join(strings.Fields(strings.Join([]string{to.Department, to.Person, to.Phone, to.Email}, " ")), "  "))
	row++
	for i, step := range t.words.steps {
		put(strconv.Itoa(i+1), step)
	}
	t.page(sheet)
}

func (t *template) writeSingle() {
	sheet := t.words.form
	for column, width := range map[string]float64{"A": 4, "B": 30, "C": 60, "D": 42} {
		t.try(t.x.SetColWidth(sheet, column, column, width))
	}
	t.try(t.x.SetColVisible(sheet, "A", false))
	t.set(sheet, "B1", t.notice.Form.Title.In(t.lang), "title")
	t.try(t.x.SetRowHeight(sheet, 1, 30))
	t.set(sheet, "B2", t.words.required, "plain")
	for i, v := range []string{"path", t.words.item, t.words.answer, t.words.note} {
		t.set(sheet, cellName(i+1, formHeadRow), v, "head")
	}
	t.try(t.x.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: formHeadRow, TopLeftCell: cellName(1, formHeadRow+1), ActivePane: "bottomLeft"}))
	row := formHeadRow
	for _, q := range t.single {
		row++
		if q.Type == forms.TypeGroup || q.Type == forms.TypeNote {
			t.set(sheet, cellName(2, row), t.label(q), "group")
			t.height(sheet, row, t.label(q), 120, 20)
			t.try(t.x.MergeCell(sheet, cellName(2, row), cellName(4, row)))
			t.try(t.x.SetCellStyle(sheet, cellName(2, row), cellName(4, row), t.styles["group"]))
			continue
		}
		look := "label"
		if strings.HasSuffix(t.heading(q), " *") {
			look = "must"
		}
		t.set(sheet, cellName(1, row), string(q.Path()), "plain")
		t.set(sheet, cellName(2, row), t.heading(q), look)
		t.set(sheet, cellName(3, row), forms.Display(q, t.notice.Form, q.Literal(), t.lang), answerStyle(q))
		t.set(sheet, cellName(4, row), t.hint(q), "hint")
		t.height(sheet, row, t.heading(q), 26, 18)
		if q.Has("multiline") {
			t.try(t.x.SetRowHeight(sheet, row, 110))
		}
		t.validate(sheet, cellName(3, row), q)
	}
	t.page(sheet)
}

func (t *template) writeTable(table *repeatTable) {
	sheet, column := table.sheet, 1
	t.set(sheet, cellName(1, tablePathRow), string(table.repeat.Path()), "plain")
	t.set(sheet, cellName(1, tableHeadRow), t.words.number, "head")
	t.set(sheet, cellName(1, tableHintRow), t.words.oneRow, "hint")
	t.try(t.x.SetColWidth(sheet, "A", "A", 8))
	count := tableRows
	if table.count > 0 {
		count = table.count
	}
	for i := range count {
		t.set(sheet, cellName(1, tableHintRow+1+i), i+1, "label")
	}
	if table.up != nil {
		column++
		t.answers(sheet, column, "number!")
		t.set(sheet, cellName(column, tablePathRow), parentKey, "plain")
		t.set(sheet, cellName(column, tableHeadRow), fmt.Sprintf(t.words.belongs, t.label(table.up.repeat))+" *", "head")
		t.set(sheet, cellName(column, tableHintRow), "", "hint")
		t.try(t.x.SetColWidth(sheet, columnName(column), columnName(column), 12))
	}
	for _, g := range table.given {
		column++
		t.set(sheet, cellName(column, tableHeadRow), t.label(g.q), "head")
		t.set(sheet, cellName(column, tableHintRow), t.hint(g.q), "hint")
		for i, v := range g.values {
			t.set(sheet, cellName(column, tableHintRow+1+i), v, "label")
		}
		t.try(t.x.SetColWidth(sheet, columnName(column), columnName(column), 14))
	}
	for _, q := range table.fields {
		column++
		if table.count > 0 {
			t.try(t.x.SetCellStyle(sheet, cellName(column, tableHintRow+1), cellName(column, tableHintRow+table.count), t.styles[answerStyle(q)]))
		} else {
			t.answers(sheet, column, answerStyle(q))
		}
		t.set(sheet, cellName(column, tablePathRow), string(q.Path()), "plain")
		t.set(sheet, cellName(column, tableHeadRow), t.heading(q), "head")
		t.set(sheet, cellName(column, tableHintRow), t.hint(q), "hint")
		t.try(t.x.SetColWidth(sheet, columnName(column), columnName(column), columnFor(q)))
		last := tableHintRow + 1000
		if table.count > 0 {
			last = tableHintRow + table.count
		}
		t.validate(sheet, cellName(column, tableHintRow+1)+":"+cellName(column, last), q)
	}
	t.try(t.x.SetRowVisible(sheet, tablePathRow, false))
	t.try(t.x.SetRowHeight(sheet, tableHeadRow, 34))
	t.try(t.x.SetRowHeight(sheet, tableHintRow, 64))
	t.try(t.x.SetPanes(sheet, &excelize.Panes{
		Freeze: true, XSplit: 1, YSplit: tableHintRow, TopLeftCell: cellName(2, tableHintRow+1), ActivePane: "bottomRight",
	}))
	t.page(sheet)
}

// columnFor is how wide a column for the answers of q is, in characters.
func columnFor(q *forms.Question) float64 {
	switch {
	case q.Has("multiline"):
		return 48
	case q.Type == forms.TypeText || q.Type.Media():
		return 26
	}
	return 16
}

// parentKey heads the column with the number of the entry a row belongs to.
const parentKey = ".."

// answers opens a column for answers, however many rows are filled in.
func (t *template) answers(sheet string, column int, style string) {
	t.try(t.x.SetColStyle(sheet, columnName(column), t.styles[style]))
}

// height makes a row high enough for s in a column of a width, in characters, as far as a row can be.
func (t *template) height(sheet string, row int, s string, width int, line float64) {
	lines := 0
	for part := range strings.SplitSeq(s, "\n") {
		w := 0
		for _, c := range part {
			w++
			if c > 0x2e80 {
				w++
			}
		}
		lines += max(1, (w+width-1)/width)
	}
	t.try(t.x.SetRowHeight(sheet, row, min(float64(lines)*line, excelize.MaxRowHeight)))
}

// page sets a sheet up for printing on A4 across.
func (t *template) page(sheet string) {
	landscape, a4, wide, tall, fit := "landscape", 9, 1, 0, true
	t.try(t.x.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}))
	t.try(t.x.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &a4, FitToWidth: &wide, FitToHeight: &tall}))
}

func firstRunes(s string, n int) string {
	runes := []rune(s)
	return string(runes[:min(len(runes), n)])
}
