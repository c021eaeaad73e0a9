package kit

import (
	"fyne.io/fyne/v2"

	"baosong/ui/look"
)

// focus gives the keyboard to an object that is on a canvas.
func focus(o fyne.Focusable) {
	if c := canvasOf(o); c != nil {
		c.Focus(o)
	}
}

// canvasOf returns the canvas that an object is on, nil if none. A canvas knows the outermost widget only, not what is
// embedded in it.
func canvasOf(o fyne.Focusable) fyne.Canvas {
	object, ok := o.(fyne.CanvasObject)
	if !ok {
		return nil
	}
	driver := fyne.CurrentApp().Driver()
	if c := driver.CanvasForObject(object); c != nil {
		return c
	}
	settle()
	return driver.CanvasForObject(object)
}

// settle lays out what has changed on the windows. The driver does so as it draws, and until then it neither knows
// that what is new is on a canvas nor where it is: it could not be given the keyboard, nor be scrolled to.
func settle() {
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		c, ok := w.Canvas().(interface{ EnsureMinSize() bool })
		if ok && c.EnsureMinSize() {
			w.SetFixedSize(w.FixedSize()) // what has grown beyond the window makes it grow, as when it is drawn
		}
	}
}

// Repaint has the windows drawn anew. Fyne sees to that for what it has drawn before; what is shown for the first time
// would come into sight as late as the mouse moves.
func Repaint() {
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		if c, ok := w.Canvas().(interface{ SetDirty() }); ok {
			c.SetDirty()
		}
	}
}

// follow scrolls the page that an object is on so that who goes to it by the keyboard sees it: what it is about above
// it, and what may be said beneath.
func follow(o fyne.Focusable) {
	c := canvasOf(o)
	if c == nil {
		return
	}
	object := o.(fyne.CanvasObject)
	for _, p := range pagesIn(c.Content()) {
		if p.Holds(object) {
			p.reach(object)
			return
		}
	}
}

// reach scrolls to what one went to by the keyboard.
func (p *Page) reach(o fyne.CanvasObject) {
	p.RevealSpan(o, -look.Px(56), o.Size().Height+look.Px(24))
}

// Lead has the page follow the keyboard to the buttons of a list, as it does by itself where it is not in a dialog: into
// what lies over a window nobody can look.
func (p *Page) Lead(list *fyne.Container) {
	for _, o := range list.Objects {
		switch o := o.(type) {
		case *Button:
			o.page = p
		case *FileRow:
			p.Lead(o.actions)
		}
	}
}

// pagesIn returns the pages below an object: they stand in containers, not in widgets.
func pagesIn(o fyne.CanvasObject) []*Page {
	switch o := o.(type) {
	case *Page:
		return []*Page{o}
	case *fyne.Container:
		var out []*Page
		for _, child := range o.Objects {
			out = append(out, pagesIn(child)...)
		}
		return out
	}
	return nil
}

// Holds tells whether an object is on the page: whether it moves with it.
func (p *Page) Holds(o fyne.CanvasObject) bool {
	driver := fyne.CurrentApp().Driver()
	at, before := p.content.Position(), driver.AbsolutePositionForObject(o)
	p.content.BaseWidget.Move(at.AddXY(0, 1))
	after := driver.AbsolutePositionForObject(o)
	p.content.BaseWidget.Move(at)
	return before != after
}
