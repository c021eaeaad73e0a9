package office

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"baosong/forms"
)

// Workbook writes the report as an .xlsx to work on: the answers that are
// given once on the first sheet, and a sheet for each repeat of the form, with
// one row an entry. Errors of Picture and of w come back wrapped.
func Workbook(w io.Writer, in Input) (err error) {
	b, err := newBook(409)
	if err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	defer func() { err = errors.Join(err, b.f.Close()) }()
	if err := b.report(newView(in)); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	if err := b.write(w); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	return nil
}

func (b *book) report(v *view) error {
	if err := b.properties(v.Report.Notice.Title, v.Report.Unit.Name, v.Report.Created); err != nil {
		return err
	}
	if err := b.single(v); err != nil {
		return err
	}
	budget := v.maxPictures()
	for _, l := range lists(v.Notice.Form.Questions, nil) {
		s, err := b.sheet(l.sheetName(), l.freeze(), l.columns(v.Picture != nil))
		if err != nil {
			return err
		}
		if err := l.write(s, v, nil, &budget); err != nil {
			return fmt.Errorf("sheet %s: %w", s.title, err)
		}
	}
	return nil
}

// single writes the first sheet: what the report is, and the answers that are
// given once, by page.
func (b *book) single(v *view) error {
	s, err := b.sheet("基本情况", 0, []column{{title: "栏目", width: 18}, {title: "题项", width: 32}, {title: "内容", width: 110}})
	if err != nil {
		return err
	}
	r := v.Report
	rows := [][3]any{
		{b.text("报送"), b.text("通知"), b.text(cmp.Or(r.Notice.Title, v.Notice.Title))},
		{b.text("报送"), b.text("报送单位"), b.text(r.Unit.Name)},
		{b.text("报送"), b.text("报送时间"), b.at(r.Created, zone(v.Notice))},
		{b.text("报送"), b.text("报送件编号"), b.text(r.Submission.ID)},
		{b.text("报送"), b.text("版次"), b.integer(r.Submission.Revision)},
	}
	if r.Late {
		rows = append(rows, [3]any{b.text("报送"), b.text("补报"), b.text("是")})
	}
	for _, page := range v.Notice.Form.Pages() {
		if page.Type != forms.TypeGroup {
			continue
		}
		for _, p := range leaves(page.Children, groupPath("", page)) {
			value := b.cell(kindOf(p.q.Type), v.Report.Answers.Get(p.path), v.value(p))
			rows = append(rows, [3]any{b.text(chapterOf(page)), b.text(label(p.q)), value})
		}
	}
	for _, row := range rows {
		row[2] = b.leftward(row[2])
		if err := s.add(row[:]); err != nil {
			return err
		}
	}
	return nil
}

// leftward aligns a cell with text above and below it.
func (b *book) leftward(c any) any {
	cell, ok := c.(excelize.Cell)
	if !ok {
		return c
	}
	if k := slices.Index(b.cells[:], cell.StyleID); k >= 0 {
		cell.StyleID = b.left[k]
	}
	return cell
}

// list is a repeat as a sheet shows it, with the repeats it lies in, the
// outermost first.
type list struct {
	outer []place
	place // path from the entry around it, or from the whole
}

// lists returns the repeats in qs at any depth, outer ones first.
func lists(qs []*forms.Question, outer []place) []list {
	var out []list
	for _, r := range repeats(qs, "") {
		out = append(out, list{outer: outer, place: r})
		out = append(out, lists(r.q.Children, append(slices.Clip(outer), r))...)
	}
	return out
}

// sheetName is the word after sheet= in the parameters, or the label; lists of
// materials say that they are.
func (l list) sheetName() string {
	for w := range strings.FieldsSeq(l.q.Parameters) {
		if name, ok := strings.CutPrefix(w, "sheet="); ok && name != "" {
			return name
		}
	}
	if l.material() != nil {
		return label(l.q) + "目录"
	}
	return label(l.q)
}

// material is the question for the material that the entries are about.
func (l list) material() *place {
	ps := leaves(l.q.Children, "")
	i := slices.IndexFunc(ps, func(p place) bool { return p.q.Type.Media() })
	if i < 0 || len(ps) > 6 {
		return nil
	}
	return &ps[i]
}

func (l list) freeze() int { return 2*len(l.outer) + 1 }

// name is the question that names an entry of r, or nil.
func name(r place) *place {
	ps := leaves(r.q.Children, "")
	if i := slices.IndexFunc(ps, func(p place) bool { return p.q.Type == forms.TypeText && !long(p.q) }); i >= 0 {
		return &ps[i]
	}
	return nil
}

// columns are the numbers and names of the entries around, the number, the
// answers, and what is known about the material.
func (l list) columns(pictures bool) []column {
	var out []column
	for _, o := range l.outer {
		title := label(o.q)
		if n := name(o); n != nil {
			title = label(n.q)
		}
		out = append(out, column{title: label(o.q) + "序号", kind: kindInteger}, column{title: title, width: 28})
	}
	out = append(out, column{title: "序号", kind: kindInteger, width: 7})
	m := l.material()
	if m != nil && m.q.Type == forms.TypeImage && pictures {
		out = append(out, column{title: "缩略图", width: thumbColumn})
	}
	for _, p := range leaves(l.q.Children, "") {
		out = append(out, leafColumn(p.q))
	}
	if m == nil {
		return out
	}
	out = append(out, column{title: "原文件名", width: 22}, column{title: "大小（MB）", kind: kindDecimal, sum: true})
	switch m.q.Type {
	case forms.TypeImage:
		out = append(out, column{title: "像素", width: 13}, column{title: "拍摄时间", kind: kindTime})
	case forms.TypeVideo, forms.TypeAudio:
		out = append(out, column{title: "时长（秒）", kind: kindDecimal, sum: true})
	}
	return out
}

func leafColumn(q *forms.Question) column {
	c := column{title: label(q), kind: kindOf(q.Type)}
	c.sum = c.kind == kindInteger || c.kind == kindDecimal
	switch {
	case long(q):
		c.width = 34
	case q.Type.Media():
		c.width = 30
	case q.Type == forms.TypeSelectOne && !q.OrOther:
		c.width = columns(c.title) + 3 // the head may take two lines
		for _, o := range q.Options() {
			c.width = max(c.width, min(2*columns(o.Label.In(Lang))+3, widths[kindText]))
		}
	case q.Type == forms.TypeAcknowledge:
		c.width = max(8, columns(c.title)+3)
	}
	return c
}

// write adds a row for each entry, after the cells in lead.
func (l list) write(s *sheet, v *view, lead []any, budget *int) error {
	if m := l.material(); m != nil && m.q.Type == forms.TypeImage && v.Picture != nil {
		s.height = thumbRow
	}
	return l.walk(v, l.outer, "", lead, func(at forms.Path, n int, lead []any) error {
		return l.entry(s, v, at, n, lead, budget)
	})
}

// walk calls entry for each entry of the list, with its path, its number and
// the cells for the entries around it.
func (l list) walk(v *view, outer []place, at forms.Path, lead []any, entry func(forms.Path, int, []any) error) error {
	r := l.place
	if len(outer) > 0 {
		r = outer[0]
	}
	repeat := join(at, r.path)
	for n := 1; n <= v.Report.Answers.Len(repeat); n++ {
		e := repeat.Entry(n)
		if len(outer) == 0 {
			if err := entry(e, n, lead); err != nil {
				return err
			}
			continue
		}
		title := ""
		if p := name(r); p != nil {
			title = v.value(place{p.q, join(e, p.path)})
		}
		cells := append(slices.Clip(lead), n, title)
		if err := l.walk(v, outer[1:], e, cells, entry); err != nil {
			return err
		}
	}
	return nil
}

func join(at, p forms.Path) forms.Path {
	if at == "" {
		return p
	}
	return at + "/" + p
}

func (l list) entry(s *sheet, v *view, at forms.Path, n int, lead []any, budget *int) error {
	b := s.book
	cells := make([]any, 0, len(s.cols))
	for _, c := range append(slices.Clip(lead), n) {
		switch c := c.(type) {
		case int:
			cells = append(cells, b.integer(c))
		case string:
			cells = append(cells, b.text(c))
		}
	}
	thumb := -1
	if s.height > 0 {
		thumb = len(cells)
		cells = append(cells, b.text(""))
	}
	var m *forms.Packed
	material := l.material()
	for _, p := range leaves(l.q.Children, at) {
		cells = append(cells, b.cell(kindOf(p.q.Type), v.Report.Answers.Get(p.path), v.value(p)))
		if material != nil && p.q == material.q {
			m = v.materials[p.path]
		}
	}
	if material != nil {
		cells = append(cells, b.material(m, material.q.Type, v)...)
	}
	if err := s.add(cells); err != nil {
		return err
	}
	if thumb < 0 || m == nil || *budget <= 0 {
		return nil
	}
	*budget--
	jpeg, err := v.Picture(*m)
	if err != nil || len(jpeg) == 0 {
		return err
	}
	return s.picture(thumb, jpeg, m.Caption)
}

// material returns the cells for what is known about a material. When a photo
// was taken is told as the camera's clock had it.
func (b *book) material(m *forms.Packed, t forms.Type, v *view) []any {
	blank := b.text("")
	if m == nil {
		m = &forms.Packed{}
	}
	decimal := func(f float64) any {
		if f == 0 {
			return blank
		}
		s := strconv.FormatFloat(math.Ceil(f*100)/100, 'f', -1, 64)
		return b.cell(kindDecimal, s, s)
	}
	out := []any{b.text(m.Name), decimal(float64(m.Size) / 1e6)}
	switch t {
	case forms.TypeImage:
		pixels := ""
		if m.Width > 0 {
			pixels = strconv.Itoa(m.Width) + "×" + strconv.Itoa(m.Height)
		}
		out = append(out, b.text(pixels), b.at(m.Taken, m.Taken.Location()))
	case forms.TypeVideo, forms.TypeAudio:
		out = append(out, decimal(m.Duration))
	}
	return out
}
