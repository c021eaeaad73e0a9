package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// Button is Fyne's button, with a frame while it has the keyboard: Fyne tints the ground, which nobody sees on one
// that is filled with the colour of the tint.
//
// Enter presses it as space does.
type Button struct {
	widget.Button
	Escape func() // what the key does, as in a dialog; may be nil

	page    *Page // in a dialog, see Page.Lead
	focused bool
}

// NewButton returns a button that does an action.
func NewButton(a Action) *Button {
	icon := a.Icon
	if a.Danger && !a.Primary && icon != nil {
		icon = theme.NewColoredResource(icon, look.ColorErrorText)
	}
	b := &Button{}
	b.Text, b.Icon, b.OnTapped = a.Label, icon, a.Do
	switch {
	case a.Primary && a.Danger:
		b.Importance = widget.DangerImportance
	case a.Primary:
		b.Importance = widget.HighImportance
	}
	b.ExtendBaseWidget(b)
	return b
}

// NewQuietButton returns a button without a ground of its own.
func NewQuietButton(a Action) *Button {
	b := NewButton(a)
	b.Importance = widget.LowImportance
	return b
}

// Focus gives the keyboard to the button.
func (b *Button) Focus() { focus(b) }

// FocusGained implements fyne.Focusable.
func (b *Button) FocusGained() {
	b.focused = true
	b.Button.FocusGained()
	if b.page != nil {
		b.page.reach(b)
		return
	}
	follow(b)
}

// FocusLost implements fyne.Focusable.
func (b *Button) FocusLost() {
	b.focused = false
	b.Button.FocusLost()
}

// TypedKey implements fyne.Focusable. A key leaves the keyboard where it is, where a tap takes it away.
func (b *Button) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		if !b.Disabled() && b.OnTapped != nil {
			b.OnTapped()
		}
	case fyne.KeyEscape:
		if b.Escape != nil {
			b.Escape()
		}
	default:
		b.Button.TypedKey(ev)
	}
}

// CreateRenderer implements fyne.Widget.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	r := &buttonRenderer{WidgetRenderer: b.Button.CreateRenderer(), button: b, ring: canvas.NewRectangle(nil)}
	r.frame()
	return r
}

type buttonRenderer struct {
	fyne.WidgetRenderer
	button *Button
	ring   *canvas.Rectangle
}

// frameGap is between the edge of a filled button and the frame on it, at 100 %.
const frameGap = 3

func (r *buttonRenderer) filled() bool {
	i := r.button.Importance
	return i == widget.HighImportance || i == widget.DangerImportance
}

func (r *buttonRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	gap := float32(0)
	if r.filled() {
		gap = look.Px(frameGap)
	}
	r.ring.Move(fyne.NewSquareOffsetPos(gap))
	r.ring.Resize(size.SubtractWidthHeight(2*gap, 2*gap))
}

func (r *buttonRenderer) Refresh() {
	r.WidgetRenderer.Refresh()
	r.frame()
}

func (r *buttonRenderer) frame() {
	r.ring.CornerRadius = theme.Size(theme.SizeNameButtonRadius)
	focusRing(r.ring, r.button.focused, false)
	if r.button.focused && r.filled() {
		name := theme.ColorNameForegroundOnPrimary
		if r.button.Importance == widget.DangerImportance {
			name = theme.ColorNameForegroundOnError
		}
		r.ring.StrokeColor = theme.Color(name)
		r.ring.Refresh()
	}
}

func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	own := r.WidgetRenderer.Objects()
	return append(own[:len(own):len(own)], r.ring)
}
