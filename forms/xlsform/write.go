package xlsform

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"baosong/forms"
)

// Write writes the notice as one workbook with all its sheets, which Read
// gives back without loss.
func Write(w io.Writer, n *forms.Notice) (err error) {
	x := excelize.NewFile()
	defer func() { err = errors.Join(err, x.Close()) }()
	sheets := []struct {
		name string
		rows [][]string
	}{
		{"survey", surveyRows(n.Form)},
		{"choices", choiceRows(n.Form)},
		{"settings", settingsRows(n.Form)},
		{"notice", noticeRows(n)},
		{"roster", rosterRows(n.Roster)},
		{"example", exampleRows(n)},
	}
	for i, s := range sheets {
		if i == 0 {
			err = x.SetSheetName(x.GetSheetName(0), s.name)
		} else if len(s.rows) > 1 {
			_, err = x.NewSheet(s.name)
		} else {
			continue
		}
		if err == nil {
			err = writeSheet(x, s.name, s.rows)
		}
		if err != nil {
			return fmt.Errorf("write sheet %s: %w", s.name, err)
		}
	}
	if err := x.Write(w); err != nil {
		return fmt.Errorf("write the workbook: %w", err)
	}
	return nil
}

// writeSheet writes rows as text, so that no cell turns into a number or date.
func writeSheet(x *excelize.File, sheet string, rows [][]string) error {
	text, err := x.NewStyle(&excelize.Style{
		NumFmt:    49,
		Alignment: &excelize.Alignment{Vertical: "top", WrapText: true},
	})
	if err != nil {
		return err
	}
	heading, err := x.NewStyle(&excelize.Style{
		NumFmt: 49, Font: &excelize.Font{Bold: true},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"D9E2F3"}},
	})
	if err != nil {
		return err
	}
	sw, err := x.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	for i := range rows[0] {
		if err := sw.SetColWidth(i+1, i+1, columnWidth(rows, i)); err != nil {
			return err
		}
	}
	if err := sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for i, r := range rows {
		style := text
		if i == 0 {
			style = heading
		}
		cells := make([]any, len(r))
		for j, v := range r {
			if utf8.RuneCountInString(v) > maxCell {
				return fmt.Errorf("row %d: a cell over %d characters: %w", i+1, maxCell, ErrTooLarge)
			}
			cells[j] = excelize.Cell{Value: v, StyleID: style}
		}
		if err := sw.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			return err
		}
	}
	return sw.Flush()
}

// columnWidth fits the widest line of a column, between 8 and 50 characters.
func columnWidth(rows [][]string, i int) float64 {
	width := 8
	for _, r := range rows {
		for line := range strings.SplitSeq(r[i], "\n") {
			w := 2
			for _, c := range line {
				w++
				if c > 0x2e80 {
					w++
				}
			}
			width = max(width, w)
		}
	}
	return float64(min(width, 50))
}

// grid gathers rows of keyed cells and writes only the columns in use, in the
// order in which they were announced.
type grid struct {
	keys []string
	used map[string]bool
	rows []map[string]string
}

func (g *grid) put(r map[string]string, key, v string) {
	if v == "" {
		return
	}
	if _, known := g.used[key]; !known {
		g.keys = append(g.keys, key)
	}
	g.used[key] = true
	r[key] = v
}

func newGrid(always []string, keys ...string) *grid {
	g := &grid{used: map[string]bool{}}
	for i, k := range slices.Concat(always, keys) {
		if _, known := g.used[k]; !known {
			g.keys = append(g.keys, k)
			g.used[k] = i < len(always)
		}
	}
	return g
}

func (g *grid) table() [][]string {
	var keys []string
	for _, k := range g.keys {
		if g.used[k] {
			keys = append(keys, k)
		}
	}
	out := [][]string{keys}
	for _, r := range g.rows {
		line := make([]string, len(keys))
		for i, k := range keys {
			line[i] = r[k]
		}
		out = append(out, line)
	}
	return out
}

// translated returns the headings of a column in all languages of the form.
func translated(f *forms.Form, key string) []string {
	out := []string{key}
	for _, tag := range f.Languages {
		out = append(out, key+"::"+languageName(f, tag))
	}
	return out
}

func languageName(f *forms.Form, tag string) string {
	if name := f.LanguageNames[tag]; name != "" {
		return name
	}
	return tag
}

func (g *grid) putText(r map[string]string, f *forms.Form, key string, t forms.Text) {
	g.put(r, key, t[""])
	for _, tag := range f.Languages {
		g.put(r, key+"::"+languageName(f, tag), t[tag])
	}
}

func surveyRows(f *forms.Form) [][]string {
	var keys []string
	for _, key := range []string{
		"label", "hint", "required", "required_message", "relevant", "constraint", "constraint_message", "warning",
		"warning_message", "calculation", "default", "appearance", "choice_filter", "repeat_count", "read_only", "parameters",
	} {
		if texts(&forms.Question{})[key] != nil {
			keys = append(keys, translated(f, key)...)
		} else {
			keys = append(keys, key)
		}
	}
	always := []string{"type", "name"}
	if len(f.Languages) > 0 {
		always = append(always, translated(f, "label")[1:]...) // they tell the order of the languages
	}
	g := newGrid(always, keys...)
	g.putQuestions(f, f.Questions)
	return g.table()
}

func (g *grid) putQuestions(f *forms.Form, questions []*forms.Question) {
	for _, q := range questions {
		if q.Generated {
			continue
		}
		r := map[string]string{"type": typeCell(q)}
		for key, v := range cells(q) {
			g.put(r, key, *v)
		}
		for key, t := range texts(q) {
			g.putText(r, f, key, *t)
		}
		for _, kv := range q.Extra {
			g.put(r, kv.Key, kv.Value)
		}
		g.rows = append(g.rows, r)
		if q.Type.Nested() {
			g.putQuestions(f, q.Children)
			g.rows = append(g.rows, map[string]string{"type": "end " + string(q.Type)})
		}
	}
}

func typeCell(q *forms.Question) string {
	switch {
	case q.Type.Nested():
		return "begin " + string(q.Type)
	case q.List != "" && q.OrOther:
		return string(q.Type) + " " + q.List + " or_other"
	case q.List != "":
		return string(q.Type) + " " + q.List
	}
	return string(q.Type)
}

func choiceRows(f *forms.Form) [][]string {
	g := newGrid([]string{"list_name", "name"}, translated(f, "label")...)
	for _, list := range f.Lists {
		for _, c := range f.Choices[list] {
			r := map[string]string{"list_name": list, "name": c.Name}
			g.putText(r, f, "label", c.Label)
			for _, kv := range c.Filters {
				g.put(r, kv.Key, kv.Value)
			}
			g.rows = append(g.rows, r)
		}
	}
	return g.table()
}

func settingsRows(f *forms.Form) [][]string {
	g := newGrid(nil, append(translated(f, "form_title"), "form_id", "version", "default_language")...)
	r := map[string]string{}
	g.putText(r, f, "form_title", f.Title)
	g.put(r, "form_id", f.ID)
	g.put(r, "version", f.Version)
	if f.Default != "" {
		g.put(r, "default_language", languageName(f, f.Default))
	}
	for _, kv := range f.Settings {
		g.put(r, kv.Key, kv.Value)
	}
	g.rows = append(g.rows, r)
	return g.table()
}

func noticeRows(n *forms.Notice) [][]string {
	rows := [][]string{{"key", "value"}}
	put := func(key, v string) {
		if v != "" {
			rows = append(rows, []string{key, v})
		}
	}
	for _, key := range []string{"id", "title", "short_title", "document_number", "day", "theme"} {
		put(key, *noticeTexts(n)[key])
	}
	for _, v := range n.Issuers {
		put("issuer", v)
	}
	put("timezone", zoneOf(n))
	put("period_from", formatDate(n.From))
	put("period_to", formatDate(n.Until))
	put("deadline", formatDeadline(n.Deadline))
	for _, v := range n.Asks {
		put("asks", v)
	}
	putContact := func(prefix string, c forms.Contact) {
		for _, field := range []string{"department", "person", "phone", "email"} {
			put(prefix+"."+field, *contactFields(&c)[field])
		}
	}
	putContact("report_to", n.ReportTo)
	for i, c := range n.Contacts {
		putContact("contact."+strconv.Itoa(i+1), c)
	}
	for _, key := range []string{"follows", "role.unit", "role.kind", "role.person", "role.phone", "role.email"} {
		put(key, *noticeTexts(n)[key])
	}
	for _, kv := range n.Extra {
		put(kv.Key, kv.Value)
	}
	return rows
}

// zoneOf returns the offset of the first of the notice's times that is set.
func zoneOf(n *forms.Notice) string {
	for _, t := range []time.Time{n.Deadline, n.From, n.Until} {
		if !t.IsZero() {
			return t.Format("-07:00")
		}
	}
	return ""
}

func formatDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func formatDeadline(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case t.Add(time.Nanosecond).Format(time.TimeOnly) == "00:00:00" && t.Nanosecond() != 0:
		return t.Format(time.DateOnly)
	case t.Second() == 0:
		return t.Format("2006-01-02T15:04")
	}
	return t.Format("2006-01-02T15:04:05")
}

func rosterRows(units forms.Roster) [][]string {
	g := newGrid([]string{"name", "kind", "email", "example"})
	for _, u := range units {
		r := map[string]string{"name": u.Name, "kind": u.Kind, "email": u.Email}
		if u.Example {
			r["example"] = "yes"
		}
		for _, kv := range u.Extra {
			g.put(r, kv.Key, kv.Value)
		}
		g.rows = append(g.rows, r)
	}
	return g.table()
}

func exampleRows(n *forms.Notice) [][]string {
	rows := [][]string{{"path", "value"}}
	if n.Example == nil {
		return rows
	}
	var put func(a *forms.Answers, at forms.Path, questions []*forms.Question)
	put = func(a *forms.Answers, at forms.Path, questions []*forms.Question) {
		for _, q := range questions {
			p := at.Child(q.Name)
			switch {
			case a == nil:
			case q.Type == forms.TypeGroup:
				put(a.Groups[q.Name], p, q.Children)
			case q.Type == forms.TypeRepeat:
				for i, e := range a.Repeats[q.Name] {
					put(e, p.Entry(i+1), q.Children)
				}
			case a.Values[q.Name] != "":
				rows = append(rows, []string{string(p), a.Values[q.Name]})
			}
		}
	}
	put(n.Example, "", n.Form.Questions)
	return rows
}
