// Package office writes the documents people read: a report as a .docx in the
// layout of GB/T 9704-2012, as a workbook and as a page of HTML, and the
// workbook over all reports to a notice. It knows no form: groups become
// chapters, repeats become tables and galleries, labels become headings.
package office

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"baosong/forms"
)

// Lang is the language of the documents. The layout is that of Chinese
// official documents, so there is no other.
const Lang = "zh"

// Input is what the documents of one report are made from.
type Input struct {
	Notice *forms.Notice // its Form compiled
	Report *forms.Report
	// Picture returns a small JPEG of a photo, nil where there is none to show.
	// It may be nil itself: then the documents have no pictures.
	Picture func(forms.Packed) ([]byte, error)
	// MaxPictures bounds the pictures in one document; 0 is 200. Galleries
	// are shortened evenly, and say so.
	MaxPictures int
}

func (in Input) maxPictures() int { return cmp.Or(in.MaxPictures, 200) }

// view answers what the writers ask about one report.
type view struct {
	Input
	materials map[forms.Path]*forms.Packed
}

func newView(in Input) *view {
	v := &view{Input: in, materials: map[forms.Path]*forms.Packed{}}
	for i := range in.Report.Materials {
		p := &in.Report.Materials[i]
		v.materials[p.Question] = p
	}
	return v
}

// place is a question with its path below an entry, a group or the whole.
type place struct {
	q    *forms.Question
	path forms.Path
}

func label(q *forms.Question) string {
	return cmp.Or(strings.TrimSpace(q.Label.In(Lang)), q.Name)
}

// shown reports whether an answer of this type is for people to read.
func shown(t forms.Type) bool {
	switch t {
	case forms.TypeNote, forms.TypeHidden, forms.TypeStart, forms.TypeEnd, forms.TypeToday:
		return false
	}
	return true
}

// leaves returns the questions with answers in qs, those in groups too, but
// not those in repeats.
func leaves(qs []*forms.Question, at forms.Path) []place {
	var out []place
	for _, q := range qs {
		switch {
		case q.Type == forms.TypeGroup:
			out = append(out, leaves(q.Children, groupPath(at, q))...)
		case q.Type != forms.TypeRepeat && shown(q.Type) && (q.Type != forms.TypeCalculate || q.Label != nil):
			out = append(out, place{q, at.Child(q.Name)})
		}
	}
	return out
}

// repeats returns the repeats in qs and in their groups, not those in repeats.
func repeats(qs []*forms.Question, at forms.Path) []place {
	var out []place
	for _, q := range qs {
		switch q.Type {
		case forms.TypeGroup:
			out = append(out, repeats(q.Children, groupPath(at, q))...)
		case forms.TypeRepeat:
			out = append(out, place{q, at.Child(q.Name)})
		}
	}
	return out
}

// groupPath is the path of a group; those without a name only gather.
func groupPath(at forms.Path, q *forms.Question) forms.Path {
	if q.Name == "" {
		return at
	}
	return at.Child(q.Name)
}

// value returns the answer at p as a person reads it.
func (v *view) value(p place) string {
	raw := v.Report.Answers.Get(p.path)
	if raw == "" {
		return ""
	}
	if p.q.Type.Media() {
		if m := v.materials[p.path]; m != nil {
			return fileName(m)
		}
		return ""
	}
	return strings.TrimSpace(forms.Display(p.q, v.Notice.Form, raw, Lang))
}

// fileName is the name without the folder that all files of a bag share.
func fileName(m *forms.Packed) string { return strings.TrimPrefix(m.File, "data/") }

// long reports whether the answer to q is meant to be running text.
func long(q *forms.Question) bool { return q.Type == forms.TypeText && q.Has("multiline") }

// title names an entry by its first answer in words that is no address of a
// page, or by its number.
func (v *view) title(ps []place, n int) string {
	for _, p := range ps {
		switch p.q.Type {
		case forms.TypeText, forms.TypeSelectOne, forms.TypeCalculate:
			s := v.value(p)
			if _, err := strconv.ParseFloat(s, 64); s != "" && err != nil && !strings.Contains(s, "\n") && !strings.Contains(s, "://") {
				return s
			}
		}
	}
	return "第" + numeral(n) + "项"
}

// photos returns the pictures among ps.
func (v *view) photos(ps []place) []*forms.Packed {
	var out []*forms.Packed
	for _, p := range ps {
		if m := v.materials[p.path]; m != nil && p.q.Type == forms.TypeImage && strings.HasPrefix(m.MIME, "image/") {
			out = append(out, m)
		}
	}
	return out
}

// gallery reports whether the entries of a repeat are pictures with little
// beside them, and so shown as a gallery rather than as tables.
func gallery(q *forms.Question) bool {
	ps := leaves(q.Children, "")
	return len(ps) <= 4 && len(repeats(q.Children, "")) == 0 &&
		slices.ContainsFunc(ps, func(p place) bool { return p.q.Type == forms.TypeImage })
}

// reportTitle is what the report is about: the title of the notice without the
// words that make it a notice.
func (v *view) reportTitle() string {
	about := strings.TrimSpace(v.Notice.Title)
	for _, lead := range []string{"关于印发", "关于报送", "关于开展", "关于举办", "关于做好", "关于"} {
		if rest, ok := strings.CutPrefix(about, lead); ok {
			about = rest
			break
		}
	}
	for _, end := range []string{"的通知", "通知", "实施方案", "工作方案", "方案", "的", "报送"} {
		about = strings.TrimSuffix(about, end)
	}
	if about == "" {
		about = v.Notice.ShortTitle
	}
	if strings.HasSuffix(about, "报名") {
		return about + "表"
	}
	return strings.TrimSuffix(about, "总结") + "总结"
}

// day returns the calendar day of t where the notice was given, China
// Standard Time unless its deadline says otherwise.
func (v *view) day(t time.Time) time.Time { return t.In(zone(v.Notice)) }

func zone(n *forms.Notice) *time.Location {
	if n.Deadline.IsZero() || n.Deadline.Location() == time.UTC {
		return time.FixedZone("CST", 8*3600)
	}
	return n.Deadline.Location()
}

// numeral writes n in Chinese, from 1 to 99; others in digits.
func numeral(n int) string {
	d := []rune("零一二三四五六七八九")
	switch {
	case n < 1 || n > 99:
		return strconv.Itoa(n)
	case n < 10:
		return string(d[n])
	}
	s := "十"
	if n >= 20 {
		s = string(d[n/10]) + s
	}
	if n%10 > 0 {
		s += string(d[n%10])
	}
	return s
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
