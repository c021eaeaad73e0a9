package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// actionRow is a line of buttons. Those that do not fit are in the menu of the last one.
type actionRow struct {
	widget.BaseWidget
	actions []Action
	buttons []*Button
	more    *Button
	fit     int  // how many buttons there is room for
	right   bool // whether they stand at the right
}

// newActionRow returns a row of buttons of a kind. more is the word on the button that shows the rest.
func newActionRow(more string, actions []Action, button func(Action) *Button) *actionRow {
	r := &actionRow{actions: actions, fit: len(actions)}
	for _, a := range actions {
		r.buttons = append(r.buttons, button(a))
	}
	r.more = button(Action{Label: more, Icon: theme.MoreHorizontalIcon(), Do: r.menu})
	r.ExtendBaseWidget(r)
	return r
}

// NewActionRow returns quiet buttons at the right of the room they are given. Those that do not fit are in a menu, of
// which more is the word on the button. A primary action is one that is not quiet.
func NewActionRow(more string, actions ...Action) fyne.CanvasObject {
	r := newActionRow(more, actions, func(a Action) *Button {
		if a.Primary {
			return NewButton(a)
		}
		return NewQuietButton(a)
	})
	r.right = true
	return r
}

// menu shows what did not fit.
func (r *actionRow) menu() {
	c := fyne.CurrentApp().Driver().CanvasForObject(r.more)
	if c == nil {
		return
	}
	var items []*fyne.MenuItem
	for _, a := range r.actions[r.fit:] {
		items = append(items, fyne.NewMenuItemWithIcon(a.Label, a.Icon, a.Do))
	}
	widget.ShowPopUpMenuAtRelativePosition(fyne.NewMenu("", items...), c, fyne.NewPos(0, r.more.Size().Height), r.more)
}

// Focus gives the keyboard to the first button.
func (r *actionRow) Focus() {
	switch {
	case r.fit > 0:
		focus(r.buttons[0])
	case len(r.buttons) > 0:
		focus(r.more)
	}
}

// actionGap is between two buttons, at 100 %.
const actionGap = 2

// width is how wide the row is with all of its buttons.
func (r *actionRow) width() float32 {
	var width float32
	for i, b := range r.buttons {
		if i > 0 {
			width += look.Px(actionGap)
		}
		width += b.MinSize().Width
	}
	return width
}

// fitting tells how many buttons there is room for beside the menu of the rest, and how wide that is together.
func (r *actionRow) fitting(room float32) (n int, width float32) {
	if width = r.width(); width <= room+0.5 { // what was laid out for its own width must not be cut by rounding
		return len(r.buttons), width
	}
	width = r.more.MinSize().Width
	for _, b := range r.buttons {
		with := width + b.MinSize().Width + look.Px(actionGap)
		if with > room {
			break
		}
		n, width = n+1, with
	}
	return n, width
}

// arrange sets as many buttons as fit a width.
func (r *actionRow) arrange(size fyne.Size) {
	n, width := r.fitting(size.Width)
	x := float32(0)
	if r.right {
		x = size.Width - width
	}
	r.fit = n
	for i, b := range r.buttons {
		show(b, i < n)
		if i < n {
			b.Move(fyne.NewPos(x, 0))
			b.Resize(fyne.NewSize(b.MinSize().Width, size.Height))
			x += b.MinSize().Width + look.Px(actionGap)
		}
	}
	show(r.more, n < len(r.buttons))
	r.more.Move(fyne.NewPos(x, 0))
	r.more.Resize(fyne.NewSize(r.more.MinSize().Width, size.Height))
}

// CreateRenderer implements fyne.Widget.
func (r *actionRow) CreateRenderer() fyne.WidgetRenderer {
	out := &actionRowRenderer{row: r}
	for _, b := range r.buttons {
		out.objects = append(out.objects, b)
	}
	out.objects = append(out.objects, r.more)
	return out
}

type actionRowRenderer struct {
	row     *actionRow
	objects []fyne.CanvasObject
}

func (r *actionRowRenderer) Layout(size fyne.Size) { r.row.arrange(size) }

func (r *actionRowRenderer) MinSize() fyne.Size { return r.row.more.MinSize() }

func (r *actionRowRenderer) Refresh() {
	for _, o := range r.objects {
		o.Refresh()
	}
}

func (r *actionRowRenderer) Destroy()                     {}
func (r *actionRowRenderer) Objects() []fyne.CanvasObject { return r.objects }
