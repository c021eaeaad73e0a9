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
	fit     int // how many buttons there is room for
}

// newActionRow returns a row. more is the word on the button that shows the rest.
func newActionRow(more string, actions []Action) *actionRow {
	r := &actionRow{actions: actions, fit: len(actions)}
	for _, a := range actions {
		r.buttons = append(r.buttons, NewQuietButton(a))
	}
	r.more = NewQuietButton(Action{Label: more, Icon: theme.MoreHorizontalIcon(), Do: r.menu})
	r.ExtendBaseWidget(r)
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

// arrange sets as many buttons as fit a width from the left.
func (r *actionRow) arrange(size fyne.Size) {
	gap, all := look.Px(2), float32(0)
	for _, b := range r.buttons {
		all += b.MinSize().Width + gap
	}
	room, more := size.Width, r.more.MinSize().Width
	cut := all-gap > room
	if cut {
		room -= more
	}
	x := float32(0)
	r.fit = 0
	for i, b := range r.buttons {
		width := b.MinSize().Width
		if r.fit < i || x+width > room {
			b.Hide()
			continue
		}
		b.Show()
		b.Move(fyne.NewPos(x, 0))
		b.Resize(fyne.NewSize(width, size.Height))
		x += width + gap
		r.fit++
	}
	show(r.more, cut)
	r.more.Move(fyne.NewPos(x, 0))
	r.more.Resize(fyne.NewSize(more, size.Height))
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
