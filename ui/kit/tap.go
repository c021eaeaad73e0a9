package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// tapped is what takes a tap but never the keyboard: Tab passes it by.
type tapped struct {
	widget.BaseWidget
	content fyne.CanvasObject
	do      func()
	hovered bool
	marked  bool
}

func newTapIcon(icon fyne.Resource, do func()) *tapped { return newTapped(widget.NewIcon(icon), do) }

func newTapped(content fyne.CanvasObject, do func()) *tapped {
	t := &tapped{content: content, do: do}
	t.ExtendBaseWidget(t)
	return t
}

// Tapped implements fyne.Tappable.
func (t *tapped) Tapped(*fyne.PointEvent) { t.do() }

// Cursor implements desktop.Cursorable.
func (t *tapped) Cursor() desktop.Cursor { return desktop.PointerCursor }

// MouseIn implements desktop.Hoverable.
func (t *tapped) MouseIn(*desktop.MouseEvent) {
	t.hovered = true
	t.Refresh()
}

// MouseMoved implements desktop.Hoverable.
func (t *tapped) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (t *tapped) MouseOut() {
	t.hovered = false
	t.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (t *tapped) CreateRenderer() fyne.WidgetRenderer {
	r := &tappedRenderer{tapped: t, ground: canvas.NewRectangle(color.Transparent)}
	r.objects = []fyne.CanvasObject{r.ground, t.content}
	r.Refresh()
	return r
}

type tappedRenderer struct {
	tapped  *tapped
	ground  *canvas.Rectangle
	objects []fyne.CanvasObject
}

func (r *tappedRenderer) icon() bool {
	_, ok := r.tapped.content.(*widget.Icon)
	return ok
}

func (r *tappedRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	if !r.icon() {
		r.tapped.content.Resize(size)
		return
	}
	side := theme.IconInlineSize()
	r.tapped.content.Resize(fyne.NewSquareSize(side))
	r.tapped.content.Move(fyne.NewPos((size.Width-side)/2, (size.Height-side)/2))
}

func (r *tappedRenderer) MinSize() fyne.Size {
	if r.icon() {
		return fyne.NewSquareSize(theme.IconInlineSize() + theme.InnerPadding())
	}
	return r.tapped.content.MinSize()
}

func (r *tappedRenderer) Refresh() {
	r.ground.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	focusRing(r.ground, r.tapped.marked, r.tapped.hovered)
	r.tapped.content.Refresh()
}

func (r *tappedRenderer) Destroy()                     {}
func (r *tappedRenderer) Objects() []fyne.CanvasObject { return r.objects }

// pressed is what takes a tap and the keyboard: space and Enter do what a tap does.
type pressed struct {
	tapped
	step func(by int) // to a neighbour, by the arrow keys; may be nil
}

func newPressed(content fyne.CanvasObject, do func()) *pressed {
	p := &pressed{}
	p.content, p.do = content, do
	p.ExtendBaseWidget(p)
	return p
}

// TypedKey implements fyne.Focusable.
func (p *pressed) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		p.do()
	case fyne.KeyDown:
		if p.step != nil {
			p.step(1)
		}
	case fyne.KeyUp:
		if p.step != nil {
			p.step(-1)
		}
	}
}

// TypedRune implements fyne.Focusable.
func (p *pressed) TypedRune(rune) {}

// FocusGained implements fyne.Focusable.
func (p *pressed) FocusGained() {
	p.marked = true
	p.Refresh()
	follow(p)
}

// FocusLost implements fyne.Focusable.
func (p *pressed) FocusLost() {
	p.marked = false
	p.Refresh()
}

// NewTapped makes a tap anywhere on content do something. It does not take the keyboard: content has a button for it.
func NewTapped(content fyne.CanvasObject, do func()) fyne.CanvasObject { return newTapped(content, do) }
