package unit

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/forms"
	"baosong/ui/kit"
)

// questions draws the questions below a path. Top is whether they are the
// page itself, whose heading is there already.
func (e *Editor) questions(qs []*forms.Question, at forms.Path, top bool) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	for _, q := range qs {
		p := at.Child(q.Name)
		s := e.checker.State(p)
		e.shown[p] = s.Relevant
		if !s.Relevant || q.Type == forms.TypeHidden {
			continue
		}
		switch {
		case q.Type == forms.TypeGroup:
			if !top {
				out = append(out, kit.NewSubheading(q.Label.In(e.words.Lang())))
			}
			out = append(out, e.questions(q.Children, p, false)...)
		case q.Type == forms.TypeRepeat:
			out = append(out, e.repeat(q, p, top)...)
		default:
			out = append(out, e.field(q, p, s))
		}
	}
	return out
}

// field draws one question.
func (e *Editor) field(q *forms.Question, p forms.Path, s forms.State) fyne.CanvasObject {
	control, bind := e.control(q, p, s)
	mark := ""
	if s.Required {
		mark = e.words.T("unit.required")
	}
	label := q.Label.In(e.words.Lang())
	if q.Type == forms.TypeAcknowledge {
		label = ""
	}
	f := kit.NewField(label, mark, q.Hint.In(e.words.Lang()), control)
	e.fields[p] = f
	if bind != nil {
		bind(func() { e.left(p) })
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
	case e.locked || s.ReadOnly || !q.Type.Typed():
		return kit.NewText(forms.Display(q, e.notice.Form, s.Value, lang)), nil
	case q.Type == forms.TypeInteger || q.Type == forms.TypeDecimal:
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
		w := kit.NewAcknowledge(q.Label.In(lang), func(on bool) {
			setNow(map[bool]string{true: "OK"}[on])
		})
		w.SetValue(s.Value != "")
		return w, nil
	case q.Type.Media():
		return e.file(q, p, s), nil
	case q.Has("roster"):
		w := kit.NewSuggestEntry("", e.suggest, set)
		w.SetValue(s.Value)
		return w, w.SetOnLeave
	case q.Has("multiline"):
		w := kit.NewLongText("", 6, e.count(), set)
		w.SetValue(s.Value)
		return w, w.SetOnLeave
	}
	w := kit.NewEntry("", set)
	w.SetValue(s.Value)
	return w, func(f func()) { w.OnLeave = f }
}

func (e *Editor) count() kit.Advice {
	return kit.Advice{
		Count: func(s string) int { return utf8.RuneCountInString(strings.Join(strings.Fields(s), "")) },
		Text:  func(n int) string { return e.words.T("unit.count", "n", n) },
	}
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

// suggest returns units of the roster that hold what was typed.
func (e *Editor) suggest(text string) []string {
	var out []string
	for _, u := range e.notice.Roster {
		if text = strings.TrimSpace(text); text != "" && strings.Contains(u.Name, text) && u.Name != text {
			out = append(out, u.Name)
		}
	}
	return out[:min(len(out), 8)]
}

// repeat draws the entries of a repeat as cards, or as a gallery.
func (e *Editor) repeat(q *forms.Question, p forms.Path, top bool) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	label := q.Label.In(e.words.Lang())
	if !top {
		out = append(out, kit.NewSubheading(label))
	}
	if f := e.checker.State(p).Findings; len(f) > 0 {
		line := kit.NewFinding()
		line.Set(level(f[0]), e.words.Finding(f[0]))
		out = append(out, line)
	}
	if image := galleryOf(q); image != nil {
		return append(out, e.gallery(q, image, p)...)
	}
	for i := range e.checker.Answers().Len(p) {
		entry := p.Entry(i + 1)
		e.shown[entry] = true
		var actions []kit.Action
		if !e.locked {
			actions = []kit.Action{{Label: e.words.T("unit.delete"), Icon: theme.DeleteIcon(), Danger: true, Do: func() { e.remove(entry) }}}
		}
		card := kit.NewCard(e.words.T("unit.entry", "label", label, "n", i+1), container.NewVBox(e.questions(q.Children, entry, false)...), actions, nil)
		out = append(out, card)
	}
	if !e.locked {
		out = append(out, widget.NewButtonWithIcon(e.words.T("unit.add", "label", label), theme.ContentAddIcon(), func() { e.insert(p) }))
	}
	return out
}

func (e *Editor) insert(p forms.Path) {
	if _, err := e.checker.Insert(p, 0, nil); err != nil {
		e.fail(err)
		return
	}
	e.saver.Changed()
	e.redraw()
}

func (e *Editor) remove(entry forms.Path) {
	if _, err := e.checker.Remove(entry); err != nil {
		e.fail(err)
		return
	}
	e.saver.Changed()
	e.redraw()
}

// galleryOf returns the image question of a repeat that is shown as a gallery.
func galleryOf(q *forms.Question) *forms.Question {
	i := slices.IndexFunc(q.Children, func(c *forms.Question) bool { return c.Type == forms.TypeImage })
	if i < 0 || !q.Has("gallery") {
		return nil
	}
	return q.Children[i]
}
