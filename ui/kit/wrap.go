package kit

import (
	"fyne.io/fyne/v2"

	"baosong/ui/look"
)

// wrapLayout sets objects side by side, and goes on beneath where there is no room. What is too wide by itself gets the
// whole width, so that its text goes on beneath. Unlike Fyne's, it asks for no more room than its widest object does,
// however wide it was laid out before.
type wrapLayout struct {
	gap   float32 // between two of them, at 100 %
	width float32 // of the last time, 0 before
}

// broad is what can do with less than the width it takes on a line.
type broad interface{ lineWidth() float32 }

// Layout implements fyne.Layout.
func (l *wrapLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	l.flow(objects, func(o fyne.CanvasObject, at fyne.Position, width float32) {
		o.Move(at)
		o.Resize(fyne.NewSize(width, o.MinSize().Height))
		o.Resize(fyne.NewSize(width, o.MinSize().Height)) // texts know their height only once they know their width
	})
}

// MinSize implements fyne.Layout.
func (l *wrapLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		if o.Visible() {
			size.Width = max(size.Width, o.MinSize().Width)
		}
	}
	size.Height = l.flow(objects, func(fyne.CanvasObject, fyne.Position, float32) {})
	return size
}

// flow sets each object, and returns how high all of them are together.
func (l *wrapLayout) flow(objects []fyne.CanvasObject, set func(o fyne.CanvasObject, at fyne.Position, width float32)) float32 {
	const rounding = 0.5
	var at fyne.Position
	var high float32 // the line so far
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		width := o.MinSize().Width
		if b, ok := o.(broad); ok {
			width = max(width, b.lineWidth())
		}
		if l.width > 0 {
			width = min(width, l.width)
			if at.X > 0 && at.X+width > l.width+rounding {
				at, high = fyne.NewPos(0, at.Y+high+look.Px(l.gap)), 0
			}
		}
		set(o, at, width)
		high = max(high, o.MinSize().Height)
		at.X += width + look.Px(l.gap)
	}
	return at.Y + high
}
