package office

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"time"

	"github.com/xuri/excelize/v2"

	"baosong/forms"
)

// Entry is one unit in a Rollup: one of the roster, one that reported, or both.
type Entry struct {
	Unit      string        // as the roster or the report names it
	Kind      string        // label of the kind of unit
	Report    *forms.Report // the current revision; nil if none came
	Received  time.Time     // when it came
	Late      bool          // after the deadline
	State     string        // of the review, in words; "" is 未报送 or 已收
	Reason    string        // of the review
	Shortlist bool
}

// Rollup writes the organizer's workbook over the reports to a notice: who
// reported, what each unit answered, and a sheet for each repeat with one row
// an entry, with sums. Entries are read once, in order, and not kept; an error
// among them ends the writing.
func Rollup(w io.Writer, n *forms.Notice, entries iter.Seq2[Entry, error]) (err error) {
	b, err := newBook(10 * lineHeight)
	if err != nil {
		return fmt.Errorf("rollup: %w", err)
	}
	defer func() { err = errors.Join(err, b.f.Close()) }()
	if err := b.properties(n.Title, n.ReportTo.Department, time.Time{}); err != nil {
		return fmt.Errorf("rollup: %w", err)
	}
	r, err := newRollup(b, n)
	if err != nil {
		return fmt.Errorf("rollup: %w", err)
	}
	for e, err := range entries {
		if err != nil {
			return fmt.Errorf("rollup: %w", err)
		}
		if err := r.add(e); err != nil {
			return fmt.Errorf("rollup: unit %s: %w", e.Unit, err)
		}
	}
	if err := b.write(w); err != nil {
		return fmt.Errorf("rollup: %w", err)
	}
	return nil
}

// rollup is the workbook over all reports, being written.
type rollup struct {
	*book
	n       *forms.Notice
	lists   []list
	roster  *sheet
	answers *sheet
	sheets  []*sheet // of the lists
	unit    int      // number of the last unit
	none    int      // budget of pictures
}

func newRollup(b *book, n *forms.Notice) (*rollup, error) {
	r := &rollup{book: b, n: n, lists: lists(n.Form.Questions, nil)}
	var err error
	if r.roster, err = b.sheet("报送情况", 2, r.rosterColumns()); err != nil {
		return nil, err
	}
	lead := []column{{title: "单位序号", kind: kindInteger}, {title: "单位", width: 24}}
	if r.answers, err = b.sheet("基本情况", len(lead), append(lead[:2:2], r.answerColumns()...)); err != nil {
		return nil, err
	}
	for _, l := range r.lists {
		s, err := b.sheet(l.sheetName(), len(lead), append(lead[:2:2], l.columns(false)...))
		if err != nil {
			return nil, err
		}
		r.sheets = append(r.sheets, s)
	}
	return r, nil
}

func (r *rollup) rosterColumns() []column {
	cols := []column{
		{title: "序号", kind: kindInteger, width: 7},
		{title: "单位", width: 24},
		{title: "单位类别", width: 16},
		{title: "报送状态", width: 11},
		{title: "收到时间", kind: kindTime},
		{title: "补报", width: 7},
		{title: "版次", kind: kindInteger, width: 7},
		{title: "审核意见", width: 22},
		{title: "择优", width: 7},
	}
	for _, l := range r.lists {
		cols = append(cols, column{title: label(l.q) + "数", kind: kindInteger, sum: true})
	}
	return append(
		cols,
		column{title: "材料数", kind: kindInteger, sum: true},
		column{title: "材料大小（MB）", kind: kindDecimal, width: 16, sum: true},
		column{title: "联系人", width: 12},
		column{title: "联系电话", width: 14},
		column{title: "电子邮箱", width: 22},
		column{title: "报送件编号", width: 20},
	)
}

func (r *rollup) answerColumns() []column {
	var cols []column
	for _, p := range leaves(r.n.Form.Questions, "") {
		cols = append(cols, leafColumn(p.q))
	}
	return cols
}

func (r *rollup) add(e Entry) error {
	r.unit++
	if err := r.addRoster(e); err != nil {
		return err
	}
	if e.Report == nil || e.Report.Answers == nil {
		return nil
	}
	v := newView(Input{Notice: r.n, Report: e.Report})
	cells := []any{r.integer(r.unit), r.text(e.Unit)}
	for _, p := range leaves(r.n.Form.Questions, "") {
		cells = append(cells, r.cell(kindOf(p.q.Type), e.Report.Answers.Get(p.path), v.value(p)))
	}
	if err := r.answers.add(cells); err != nil {
		return err
	}
	for i, l := range r.lists {
		if err := l.write(r.sheets[i], v, []any{r.unit, e.Unit}, &r.none); err != nil {
			return err
		}
	}
	return nil
}

func (r *rollup) addRoster(e Entry) error {
	yes := func(b bool) any {
		if b {
			return r.text("是")
		}
		return r.text("")
	}
	state := cmp.Or(e.State, "已收")
	if e.Report == nil {
		state = cmp.Or(e.State, "未报送")
	}
	cells := []any{
		r.integer(r.unit), r.text(e.Unit), r.text(e.Kind), r.text(state),
		r.at(e.Received, zone(r.n)), yes(e.Late),
	}
	report := cmp.Or(e.Report, &forms.Report{})
	if report.Answers == nil {
		cells = append(cells, r.text(""), r.text(e.Reason), yes(e.Shortlist))
		for range len(r.lists) + 6 {
			cells = append(cells, r.text(""))
		}
		return r.roster.add(cells)
	}
	cells = append(cells, r.integer(report.Submission.Revision), r.text(e.Reason), yes(e.Shortlist))
	v := newView(Input{Notice: r.n, Report: report})
	for _, l := range r.lists {
		cells = append(cells, r.integer(l.count(v)))
	}
	var size int64
	for _, m := range report.Materials {
		size += m.Size
	}
	cells = append(
		cells, r.integer(len(report.Materials)),
		excelize.Cell{StyleID: r.book.cells[kindDecimal], Value: math.Round(float64(size)/1e4) / 100},
	)
	u := report.Unit
	for _, s := range []string{u.Person, u.Phone, u.Email, report.Submission.ID} {
		cells = append(cells, r.text(s))
	}
	return r.roster.add(cells)
}

// count is the number of entries of the list in one report.
func (l list) count(v *view) int {
	n := 0
	// The callback never fails, so neither does walk.
	_ = l.walk(v, l.outer, "", nil, func(forms.Path, int, []any) error {
		n++
		return nil
	})
	return n
}
