package kit

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// squareLayout gives what it holds a side of so many pixels at 100 %.
type squareLayout float32

func (l squareLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
	}
}

func (l squareLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSquareSize(look.Px(float32(l)))
}

// readable is the width in pixels at 100 % beyond which lines become too long to read.
const readable = 860

// Windowed is a tall object that draws only what is in sight.
type Windowed interface {
	fyne.CanvasObject
	// SetWindow tells which part of the object, in its own coordinates, is in sight.
	SetWindow(top, bottom float32)
}

// Page is a column of objects that scrolls, no wider than can be read. The wheel moves the page wherever the mouse
// is: texts of several lines would swallow it otherwise. Do not put on it what scrolls by itself.
type Page struct {
	widget.BaseWidget
	column  *fyne.Container
	content *scrolled
	scroll  *container.Scroll
	watched []Windowed
	since   []Windowed           // watched since the last SetObjects
	places  map[Windowed]float32 // from the top of the content

	measuring bool
}

// NewPage returns a page of objects from top to bottom.
func NewPage(objects ...fyne.CanvasObject) *Page {
	p := &Page{column: container.New(&columnLayout{gap: 10}, objects...), places: map[Windowed]float32{}}
	p.content = &scrolled{content: container.New(centreLayout{}, p.column), page: p}
	p.content.ExtendBaseWidget(p.content)
	p.scroll = container.NewScroll(p.content) // to the side too, where large letters do not fit a small window
	p.ExtendBaseWidget(p)
	return p
}

// Relayout makes room for objects whose size has changed.
func (p *Page) Relayout() {
	p.column.Refresh()
	p.scroll.Refresh()
}

// MakeRoom lays the page out for objects that have grown, and draws none of them anew.
func (p *Page) MakeRoom() { p.content.Resize(p.content.MinSize().Max(p.scroll.Size())) }

// SetObjects shows other objects. What was watched before the last time is forgotten, if nobody asked for it again.
func (p *Page) SetObjects(objects ...fyne.CanvasObject) {
	p.watched, p.since = p.since, nil
	p.places = map[Windowed]float32{}
	p.column.Objects = objects
	p.column.Refresh()
	p.scroll.Refresh() // back to where there is something
	p.measure()
}

// Watch tells a tall object on the page, from now on, which part of it is in sight.
func (p *Page) Watch(w Windowed) {
	p.since = append(p.since, w)
	if !slices.Contains(p.watched, w) {
		p.watched = append(p.watched, w)
	}
	p.measure()
}

// measure looks up where the watched objects stand on the page.
func (p *Page) measure() {
	if p.measuring { // looking up may draw the page for the first time, which lays it out
		return
	}
	p.measuring = true
	driver := fyne.CurrentApp().Driver()
	top := driver.AbsolutePositionForObject(p.content).Y
	for _, w := range p.watched {
		p.places[w] = driver.AbsolutePositionForObject(w).Y - top
	}
	p.measuring = false
	p.tell()
}

// tell lets the watched objects know which part of them is in sight.
func (p *Page) tell() {
	top := -p.content.Position().Y
	for _, w := range p.watched {
		w.SetWindow(top-p.places[w], top-p.places[w]+p.scroll.Size().Height)
	}
}

// Reveal scrolls so that an object of the page is in sight.
func (p *Page) Reveal(o fyne.CanvasObject) { p.RevealSpan(o, 0, o.Size().Height) }

// RevealSpan scrolls so that a span of an object, in its own coordinates, is in sight: its top if it is taller than
// the page.
func (p *Page) RevealSpan(o fyne.CanvasObject, top, bottom float32) {
	settle()
	p.scroll.Refresh() // the content may have grown since it was laid out
	p.measure()
	driver := fyne.CurrentApp().Driver()
	at := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(p.content).Y
	top, bottom = top+at, bottom+at
	gap := look.Px(16)
	offset := p.scroll.Offset.Y
	if bottom+gap > offset+p.scroll.Size().Height {
		offset = bottom + gap - p.scroll.Size().Height
	}
	if top-gap < offset {
		offset = top - gap
	}
	p.scroll.ScrollToOffset(fyne.NewPos(0, max(0, offset)))
}

// Scroll returns the scroller, for tests and for keeping the place.
func (p *Page) Scroll() *container.Scroll { return p.scroll }

// CreateRenderer implements fyne.Widget.
func (p *Page) CreateRenderer() fyne.WidgetRenderer {
	wheel := &wheel{page: p}
	wheel.ExtendBaseWidget(wheel)
	return widget.NewSimpleRenderer(container.NewStack(p.scroll, wheel))
}

// wheel lies over the page and takes nothing but the mouse wheel.
type wheel struct {
	widget.BaseWidget
	page *Page
}

// Scrolled implements fyne.Scrollable.
func (w *wheel) Scrolled(ev *fyne.ScrollEvent) { w.page.scroll.Scrolled(ev) }

// CreateRenderer implements fyne.Widget.
func (w *wheel) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewWithoutLayout())
}

// scrolled is the content of a scroller that tells when it has moved or changed its size. The scroller itself tells
// of the wheel only, not of ScrollToBottom or a resize.
type scrolled struct {
	widget.BaseWidget
	content fyne.CanvasObject
	page    *Page
}

// Move implements fyne.CanvasObject.
func (s *scrolled) Move(p fyne.Position) {
	s.BaseWidget.Move(p)
	s.page.tell()
}

// Resize implements fyne.CanvasObject.
func (s *scrolled) Resize(size fyne.Size) {
	s.BaseWidget.Resize(size)
	s.page.measure()
}

// CreateRenderer implements fyne.Widget.
func (s *scrolled) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(s.content) }

// pageMargin is between what surrounds a page and its column, at 100 %.
const pageMargin = 16

// centreLayout sets a column of at most the readable width in the middle.
type centreLayout struct{}

func (centreLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	width := min(size.Width-2*look.Px(pageMargin), look.Px(readable))
	o[0].Move(fyne.NewPos((size.Width-width)/2, theme.Padding()))
	o[0].Resize(fyne.NewSize(width, size.Height-2*theme.Padding()))
}

func (centreLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().AddWidthHeight(2*theme.Padding(), 2*theme.Padding())
}
