package unit

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"baosong/forms"
	"baosong/ui/kit"
)

// slot is the place of a question on the page, empty while it is not asked.
type slot struct {
	question *forms.Question
	path     forms.Path
	top      bool // the page's own group, whose heading is there already
	was      forms.State
	box      *fyne.Container
}

// questions draws the questions below a path. Top is whether they are the
// page itself.
func (e *Editor) questions(qs []*forms.Question, at forms.Path, top bool) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	for _, q := range qs {
		if q.Type == forms.TypeHidden {
			continue
		}
		s := &slot{question: q, path: at.Child(q.Name), top: top, box: kit.NewColumn()}
		if q.Type == forms.TypeGroup && q.Name == "" {
			s.path = at // a group without a name only gathers
		} else {
			e.slots[s.path] = s
		}
		e.fill(s)
		out = append(out, s.box)
	}
	return out
}

// fill draws a question as it is asked now.
func (e *Editor) fill(s *slot) {
	s.was = e.checker.State(s.path)
	gathers := s.question.Type == forms.TypeGroup && s.question.Name == ""
	if !s.was.Relevant && !gathers {
		s.box.Objects = nil
		delete(e.fields, s.path)
		s.box.Hide()
		return
	}
	q := s.question
	label := q.Label.In(e.words.Lang())
	switch {
	case q.Type == forms.TypeGroup:
		s.box.Objects = nil
		if !s.top && label != "" {
			s.box.Objects = []fyne.CanvasObject{kit.NewSubheading(label)}
		}
		s.box.Objects = append(s.box.Objects, e.questions(q.Children, s.path, false)...)
	case q.Type == forms.TypeRepeat:
		s.box.Objects = e.repeat(q, s.path, s.top)
	case q.Type == forms.TypeNote:
		s.box.Objects = []fyne.CanvasObject{kit.NewText(label)}
	default:
		s.box.Objects = []fyne.CanvasObject{e.field(q, s.path, s.was)}
	}
	if s.box.Hidden {
		s.box.Show()
	}
}

// refill draws a question anew that is on the page.
func (e *Editor) refill(s *slot) {
	e.fill(s)
	s.box.Refresh()
}

func (e *Editor) mark(s forms.State) string {
	if s.Required && !e.locked {
		return e.words.T("unit.required")
	}
	return ""
}

// field draws one question.
func (e *Editor) field(q *forms.Question, p forms.Path, s forms.State) fyne.CanvasObject {
	if f := e.kept[p]; f != nil {
		e.fields[p] = f
		return f
	}
	control, bind := e.control(q, p, s)
	label := q.Label.In(e.words.Lang())
	if q.Type == forms.TypeAcknowledge && !e.locked {
		label = ""
	}
	mark := e.mark(s)
	if label == "" {
		mark = "" // the statement says it itself
	}
	f := kit.NewField(label, mark, q.Hint.In(e.words.Lang()), control)
	e.fields[p] = f
	if bind != nil {
		bind(func() { e.left(p) })
	}
	if s.Value != "" && !e.locked {
		e.showFinding(p)
	}
	return f
}

// control makes the widget for a question, and returns how to be told when it
// is left; nil where that does not matter.
func (e *Editor) control(q *forms.Question, p forms.Path, s forms.State) (fyne.CanvasObject, func(func())) {
	lang := e.words.Lang()
	set := func(v string) { e.set(q, p, v) }
	setNow := func(v string) { set(v); e.left(p) }
	switch {
	case q.Type.Media():
		return e.file(q, p, s), nil
	case e.locked || s.ReadOnly || !q.Type.Typed():
		return kit.NewText(e.display(q, s.Value)), nil
	case q.Type == forms.TypeInteger || q.Type == forms.TypeDecimal || q.Has("numbers"):
		w := kit.NewNumberEntry("", set)
		w.SetValue(s.Value)
		return w, func(f func()) { w.OnLeave = f }
	case q.Type == forms.TypeDate:
		w := kit.NewDateEntry(e.dateTexts(), e.near, set)
		w.SetValue(s.Value)
		return w, func(f func()) { w.OnLeave = f }
	case q.Type == forms.TypeSelectOne:
		w := kit.NewChoice(options(s.Choices, lang), e.words.T("unit.choose"), setNow)
		w.SetValue(s.Value)
		return w, nil
	case q.Type == forms.TypeSelectMultiple:
		w := kit.NewMultiChoice(options(s.Choices, lang), func(v []string) { setNow(strings.Join(v, " ")) })
		w.SetValues(strings.Fields(s.Value))
		return w, nil
	case q.Type == forms.TypeAcknowledge:
		statement := q.Label.In(lang)
		if s.Required {
			statement = e.words.T("unit.required-statement", "text", statement)
		}
		w := kit.NewAcknowledge(statement, func(on bool) {
			setNow(map[bool]string{true: "OK"}[on])
		})
		w.SetValue(s.Value != "")
		return w, nil
	case q.Has("roster"):
		w := kit.NewSuggestEntry("", e.suggest, set)
		w.SetValue(s.Value)
		return w, func(f func()) { w.SetOnLeave(func() { e.fromRoster(p); f() }) }
	case q.Has("multiline"):
		w := kit.NewLongText("", 6, e.advice(q), set)
		w.SetValue(s.Value)
		return w, w.SetOnLeave
	}
	w := kit.NewEntry("", set)
	w.SetValue(s.Value)
	return w, func(f func()) { w.OnLeave = f }
}

// bounds finds the lengths a rule of the form asks for.
var bounds = regexp.MustCompile(`string-length\((?:normalize-space\(\.\)|\.)\)\s*(>=|<=)\s*([0-9]{1,6})`)

// advice counts a long text against what the form advises.
func (e *Editor) advice(q *forms.Question) kit.Advice {
	a := kit.Advice{Count: func(s string) int { return utf8.RuneCountInString(strings.Join(strings.Fields(s), " ")) }}
	for _, m := range bounds.FindAllStringSubmatch(q.Warning+" "+q.Constraint, -1) {
		n, _ := strconv.Atoi(m[2])
		if m[1] == ">=" {
			a.Min = n
		} else {
			a.Max = n
		}
	}
	a.Text = func(n int) string {
		switch {
		case a.Min > 0 && a.Max > 0:
			return e.words.T("unit.count-between", "n", n, "min", a.Min, "max", a.Max)
		case a.Min > 0:
			return e.words.T("unit.count-least", "n", n, "min", a.Min)
		case a.Max > 0:
			return e.words.T("unit.count-most", "n", n, "max", a.Max)
		}
		return e.words.T("unit.count", "n", n)
	}
	return a
}

func options(cs []forms.Choice, lang string) []kit.Option {
	out := make([]kit.Option, 0, len(cs))
	for _, c := range cs {
		out = append(out, kit.Option{Value: c.Name, Label: c.Label.In(lang)})
	}
	return out
}

// near is the day the calendar opens at.
func (e *Editor) near() time.Time {
	if e.notice.From.IsZero() {
		return e.desk.Now()
	}
	return e.notice.From
}

func (e *Editor) dateTexts() kit.DateTexts {
	t := kit.DateTexts{
		Placeholder: e.words.T("unit.date.example"), Open: e.words.T("unit.date.open"),
		Previous: e.words.T("unit.date.previous"), Next: e.words.T("unit.date.next"),
		Today: e.words.T("unit.date.today"), Clear: e.words.T("unit.date.clear"),
		Month: func(y int, m time.Month) string { return e.words.T("unit.date.month", "y", y, "m", int(m)) },
	}
	copy(t.Weekdays[:], strings.Fields(e.words.T("unit.date.weekdays")))
	return t
}

// suggest returns units of the roster that hold what was typed, in its order:
// the characters need not stand together.
func (e *Editor) suggest(text string) []string {
	var out []string
	text = strings.TrimSpace(text)
	for _, u := range e.notice.Roster {
		if text != "" && u.Name != text && inOrder(u.Name, text) {
			out = append(out, u.Name)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { // what begins with the text, then what holds it whole
		return rank(b, text) - rank(a, text)
	})
	return out[:min(len(out), 8)]
}

func rank(name, text string) int {
	switch {
	case strings.HasPrefix(name, text):
		return 2
	case strings.Contains(name, text):
		return 1
	}
	return 0
}

func inOrder(name, text string) bool {
	for _, r := range text {
		i := strings.IndexRune(name, r)
		if i < 0 {
			return false
		}
		name = name[i+utf8.RuneLen(r):]
	}
	return true
}

// fromRoster answers what the roster knows of the unit that was chosen, where
// the person has not answered yet.
func (e *Editor) fromRoster(p forms.Path) {
	name := e.checker.State(p).Value
	i := slices.IndexFunc(e.notice.Roster, func(u forms.RosterUnit) bool { return u.Name == name })
	if name == "" || i < 0 || e.locked {
		return
	}
	u := e.notice.Roster[i]
	for role, value := range map[string]string{e.notice.Roles.Kind: u.Kind, e.notice.Roles.Email: u.Email} {
		q := e.notice.Form.Named(role)
		if q == nil || value == "" || e.checker.State(q.Path()).Value != "" {
			continue
		}
		e.set(q, q.Path(), value)
		if f := e.fields[q.Path()]; f != nil { // drawn anew, it would lose the keyboard that is on its way there
			if c, ok := f.Control().(interface{ SetValue(string) }); ok {
				c.SetValue(value)
			}
		}
	}
}

// redraw draws the page anew where it is. Who is typing goes on typing.
func (e *Editor) redraw() {
	focused, _ := e.win.Canvas().Focused().(fyne.CanvasObject)
	here := focused != nil && e.page.Holds(focused)
	e.kept = map[forms.Path]*kit.Field{}
	for p, f := range e.fields {
		if text, typing := f.Typing(); typing && !e.locked && e.answers(p, text) {
			e.kept[p] = f
		}
	}
	seat, at := e.seat(), e.page.Scroll().Offset
	e.draw()
	e.kept = nil
	lost := here && !e.page.Holds(focused)
	if lost && !e.sitAt(seat) {
		e.win.Canvas().Unfocus()
	}
	e.page.Scroll().ScrollToOffset(at)
	e.steps()
}

// answers tells whether a text is the answer to a question.
func (e *Editor) answers(p forms.Path, text string) bool {
	v, err := forms.Normalize(e.notice.Form.Lookup(p), text)
	if err != nil {
		v = text
	}
	return v == e.checker.State(p).Value
}
