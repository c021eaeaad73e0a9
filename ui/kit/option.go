package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// option is one box to tick, or one of several to choose from. Its text may wrap.
type option struct {
	widget.BaseWidget
	text             *Text
	icon             *widget.Icon
	exclusive        bool
	passed           bool // by Tab, for another of those to choose one from
	checked          bool
	focused, hovered bool
	tapped           func()
	step             func(by int) // to a neighbour, by the arrow keys
	left             func()
}

func newOption(label string, exclusive bool) *option {
	o := &option{text: NewText(label), icon: widget.NewIcon(nil), exclusive: exclusive}
	o.ExtendBaseWidget(o)
	o.set(false)
	return o
}

func (o *option) set(checked bool) {
	o.checked = checked
	var icon fyne.Resource
	switch {
	case o.exclusive && checked:
		icon = theme.RadioButtonCheckedIcon()
	case o.exclusive:
		icon = theme.RadioButtonIcon()
	case checked:
		icon = theme.CheckButtonCheckedIcon()
	default:
		icon = theme.CheckButtonIcon()
	}
	name := theme.ColorNameForeground
	if checked {
		name = theme.ColorNamePrimary
	}
	o.icon.SetResource(theme.NewColoredResource(icon, name))
}

// lineWidth is how wide the option is on one line.
func (o *option) lineWidth() float32 {
	return o.text.lineWidth() + besideLayout{}.indent(o.icon)
}

// Tapped implements fyne.Tappable.
func (o *option) Tapped(*fyne.PointEvent) {
	o.passed = false
	focus(o)
	o.tapped()
}

// Disabled implements fyne.Disableable: Tab goes to one of the options to choose one from, as everywhere, and the arrow
// keys to the others. Nothing else asks whether an option is disabled.
func (o *option) Disabled() bool { return o.passed }

// Enable implements fyne.Disableable.
func (o *option) Enable() { o.passed = false }

// Disable implements fyne.Disableable.
func (o *option) Disable() { o.passed = true }

// TypedKey chooses by space, and steps by the arrows.
func (o *option) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeySpace:
		o.tapped()
	case fyne.KeyDown, fyne.KeyRight:
		if o.step != nil {
			o.step(1)
		}
	case fyne.KeyUp, fyne.KeyLeft:
		if o.step != nil {
			o.step(-1)
		}
	}
}

// TypedRune implements fyne.Focusable.
func (o *option) TypedRune(rune) {}

// FocusGained implements fyne.Focusable.
func (o *option) FocusGained() {
	o.focused = true
	o.Refresh()
	follow(o)
}

// FocusLost implements fyne.Focusable.
func (o *option) FocusLost() {
	o.focused = false
	o.Refresh()
	if o.left != nil {
		o.left()
	}
}

// MouseIn implements desktop.Hoverable.
func (o *option) MouseIn(*desktop.MouseEvent) {
	o.hovered = true
	o.Refresh()
}

// MouseMoved implements desktop.Hoverable.
func (o *option) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (o *option) MouseOut() {
	o.hovered = false
	o.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (o *option) CreateRenderer() fyne.WidgetRenderer {
	r := &optionRenderer{option: o, ground: canvas.NewRectangle(color.Transparent)}
	r.objects = []fyne.CanvasObject{r.ground, o.icon, o.text}
	r.Refresh()
	return r
}

type optionRenderer struct {
	option  *option
	ground  *canvas.Rectangle
	objects []fyne.CanvasObject
}

func (r *optionRenderer) parts() []fyne.CanvasObject { return r.objects[1:] }

func (r *optionRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	besideLayout{}.Layout(r.parts(), size)
}

func (r *optionRenderer) MinSize() fyne.Size { return besideLayout{}.MinSize(r.parts()) }

func (r *optionRenderer) Refresh() {
	r.ground.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	focusRing(r.ground, r.option.focused, r.option.hovered)
	r.option.icon.Refresh()
	r.option.text.Refresh()
}

// focusRing shows by a frame where the keyboard is, and by a tint where the mouse is.
func focusRing(r *canvas.Rectangle, focused, hovered bool) {
	r.FillColor, r.StrokeColor, r.StrokeWidth = color.Transparent, color.Transparent, 0
	if hovered {
		r.FillColor = theme.Color(theme.ColorNameHover)
	}
	if focused {
		r.StrokeColor, r.StrokeWidth = theme.Color(theme.ColorNamePrimary), 2
	}
	r.Refresh()
}

func (r *optionRenderer) Destroy()                     {}
func (r *optionRenderer) Objects() []fyne.CanvasObject { return r.objects }
