package ui

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"baosong/mailer"
	"baosong/ui/kit"
)

// find returns the first widget of a kind below o for which ok holds.
func find[T fyne.CanvasObject](o fyne.CanvasObject, ok func(T) bool) (found T, there bool) {
	if w, is := o.(T); is && ok(w) {
		return w, true
	}
	if !o.Visible() {
		return found, false
	}
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		inside = o.Objects
	case fyne.Widget:
		inside = test.WidgetRenderer(o).Objects()
	}
	for _, c := range inside {
		if w, is := find(c, ok); is {
			return w, true
		}
	}
	return found, false
}

type tappable interface {
	fyne.CanvasObject
	fyne.Tappable
}

type selector interface {
	fyne.CanvasObject
	SetSelected(string)
}

// enter gives a control what a person would type or choose, and leaves it.
func (k *desk) enter(control fyne.CanvasObject, text string) {
	k.t.Helper()
	typed := func(c *kit.Entry) {
		k.write(c, text)
	}
	switch c := control.(type) {
	case *kit.Entry:
		typed(c)
	case *kit.NumberEntry:
		typed(&c.Entry)
	case *kit.DateEntry:
		typed(&c.Entry)
	case *kit.SuggestEntry:
		typed(c.Entry())
	case *kit.LongText:
		typed(c.Entry())
	case *kit.Acknowledge:
		box, _ := find(control, func(tappable) bool { return true })
		k.measure("tick a statement", func() { test.Tap(box) })
	case *kit.Choice:
		k.enterLabel(c, k.labelOf(text))
	default:
		k.t.Fatalf("cannot enter into a %T", control)
	}
}

// enterLabel chooses what a label stands for.
func (k *desk) enterLabel(c *kit.Choice, label string) {
	k.t.Helper()
	if list, ok := find(fyne.CanvasObject(c), func(selector) bool { return true }); ok {
		k.measure("choose from a list", func() { list.SetSelected(label) })
		return
	}
	k.choose(c, label)
}

// choose taps the option of that label.
func (k *desk) choose(control fyne.CanvasObject, label string) {
	k.t.Helper()
	option, ok := find(control, func(o tappable) bool {
		_, has := find(fyne.CanvasObject(o), func(x *kit.Text) bool { return x.Text() == label })
		return has
	})
	if !ok {
		k.t.Fatalf("no option %q in %q", label, read(control))
	}
	k.measure("choose an option", func() { test.Tap(option) })
}

// labelOf returns the label the notice gives a choice.
func (k *desk) labelOf(name string) string {
	for _, list := range k.notice().Form.Choices {
		for _, c := range list {
			if c.Name == name {
				return c.Label.In("zh")
			}
		}
	}
	return name
}

// entriesOf returns the lines of text on the page, from top to bottom.
func entriesOf(k *desk) []*kit.Entry {
	var out []*kit.Entry
	find(k.win.Content(), func(e *kit.Entry) bool {
		out = append(out, e)
		return false
	})
	return out
}

// write goes to a line, types text in place of what is there, key by key, and
// leaves it.
func (k *desk) write(c *kit.Entry, text string) {
	k.t.Helper()
	k.measure("go to a line", c.Focus)
	focused := k.win.Canvas().Focused()
	if focused == nil {
		k.t.Fatal("the entry does not take the keyboard")
	}
	c.SetText("")
	for _, r := range text {
		k.measure("type a character", func() { test.Type(focused, string(r)) })
	}
	k.measure("leave a line", k.win.Canvas().Unfocus)
}

// typeInto puts text into a line in place of what is there, and leaves it.
func typeInto(k *desk, e *kit.Entry, text string) {
	k.t.Helper()
	k.write(e, text)
	k.settle()
}

func hostPort(s mailer.Server) string { return fmt.Sprintf("%s:%d", s.Host, s.Port) }
