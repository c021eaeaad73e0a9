package kit

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// Photo is one picture or video of a gallery.
type Photo struct {
	ID      string
	Caption string
	Group   string // the heading it stands under, such as a day; shown where it changes
	Badge   string // "影像 1:20", shown over the picture; may be empty
	Detail  string // time, size; may be empty
	Level   Level  // of Note
	Note    string // what is wrong with it; may be empty
	Ticked  bool   // whether the gallery's tick is set
}

// PhotoAction is something to do with one photo.
type PhotoAction struct {
	Label  string
	Icon   fyne.Resource
	Danger bool
	Do     func(id string)
}

// GalleryOptions are the words and callbacks of a gallery.
type GalleryOptions struct {
	CaptionHint string // stands in an empty caption
	Loading     string // stands where a picture is being read
	Broken      string // stands where it cannot be read
	Load        LoadImage
	Captioned   func(id, caption string) // as one types
	Left        func(id string)          // the caption was left
	Enlarge     func(id string)          // the picture was tapped
	Actions     []PhotoAction
	More        string                   // the word on the button for the actions there is no room for
	ReadOnly    bool                     // captions and ticks stay as they are
	TickLabel   string                   // what a photo can be ticked as; may be empty
	Tick        func(id string, on bool) // it was ticked, or no longer is
	Visible     func(first, last int)    // the photos in sight; may be nil
	// Reveal is asked to bring a span of the gallery into sight when Tab goes to a caption outside of it; may be nil.
	Reveal func(top, bottom float32)
	// Do runs a function on the UI goroutine; nil is fyne.Do.
	Do func(func())
	// Open is the context that reading a picture ends with at the latest; nil for none. Begin runs the reading in a
	// goroutine; nil starts one. Both are called on the UI goroutine.
	Open  func() context.Context
	Begin func(func())
}

// Sizes in pixels at 100 %.
const (
	photoHeight  = 176
	photoGap     = 8
	groupHeight  = 40
	narrowCell   = 640 // the width below which a photo's tick has a line of its own
	tickHeight   = 40  // of that line
	firstWindow  = 700 // what counts as in sight until somebody says
	windowMargin = 300 // what is drawn beyond the sight, so that scrolling finds it there
)

// Gallery shows photos with their captions. It is as tall as all of them, and draws those in sight: put it on a
// Page that watches it.
type Gallery struct {
	widget.BaseWidget
	opts        GalleryOptions
	photos      []Photo
	places      []float32 // of each photo, from the top
	heads       []groupHead
	width       float32
	height      float32
	cellHeight  float32
	top, bottom float32
	cells       map[int]*photoCell
	free        []*photoCell
	titles      []*Text
	thumbs      *thumbs
	first, last int
	drawn       *galleryRenderer
}

type groupHead struct {
	title string
	y     float32
}

// NewGallery returns an empty gallery.
func NewGallery(opts GalleryOptions) *Gallery {
	g := &Gallery{
		opts: opts, cells: map[int]*photoCell{}, thumbs: newThumbs(opts.Load, opts.Do, heldThumbs).within(opts.Open, opts.Begin),
		bottom: look.Px(firstWindow), first: -1, last: -1,
	}
	g.ExtendBaseWidget(g)
	return g
}

// SetPhotos shows other photos. The caption being written keeps the keyboard if its photo is still there.
func (g *Gallery) SetPhotos(photos []Photo) {
	g.photos = append([]Photo(nil), photos...)
	g.place()
	at := map[string]int{}
	for i, p := range g.photos {
		at[p.ID] = i
	}
	cells := g.cells
	g.cells = map[int]*photoCell{}
	for _, c := range cells { // a cell stays with its photo wherever that has moved to
		if i, ok := at[c.photo.ID]; ok && g.cells[i] == nil {
			c.bind(i, g.photos[i])
			g.cells[i] = c
		} else {
			g.release(c)
		}
	}
	g.update()
}

// Photos returns what is shown, with captions as they stand.
func (g *Gallery) Photos() []Photo { return append([]Photo(nil), g.photos...) }

// SetPhoto shows a photo anew, by its id. redraw reads its picture again, as after a turn.
func (g *Gallery) SetPhoto(p Photo, redraw bool) {
	i := g.index(p.ID)
	if i < 0 {
		return
	}
	g.photos[i] = p
	if redraw {
		g.thumbs.forget(p.ID)
	}
	if c := g.cells[i]; c != nil {
		c.bind(i, p)
		if redraw {
			c.picture()
		}
	}
}

// Reveal brings a photo into sight.
func (g *Gallery) Reveal(id string) {
	if i := g.index(id); i >= 0 && g.opts.Reveal != nil {
		g.opts.Reveal(g.places[i], g.places[i]+g.cellHeight)
	}
}

// Shown reports whether a photo is drawn with its picture.
func (g *Gallery) Shown(id string) bool {
	c := g.cells[g.index(id)]
	return c != nil && c.img.Image != nil
}

// FocusCaption brings a photo into sight and gives its caption the keyboard.
func (g *Gallery) FocusCaption(id string) {
	g.Reveal(id) // what is in sight is not known before the page has been drawn
	g.focusCaption(g.index(id))
}

func (g *Gallery) index(id string) int {
	for i, p := range g.photos {
		if p.ID == id {
			return i
		}
	}
	return -1
}

func (g *Gallery) focusCaption(i int) bool {
	if i < 0 || i >= len(g.photos) {
		return false
	}
	y := g.places[i]
	if y < g.top || y+g.cellHeight > g.bottom {
		if g.opts.Reveal != nil {
			g.opts.Reveal(y, y+g.cellHeight)
		}
		if g.cells[i] == nil { // nobody scrolls for us, or not yet
			g.SetWindow(y, y+max(g.bottom-g.top, g.cellHeight))
		}
	}
	if g.cells[i] == nil {
		return false
	}
	focus(g.cells[i].caption)
	return true
}

// SetWindow implements Windowed.
func (g *Gallery) SetWindow(top, bottom float32) {
	if top == g.top && bottom == g.bottom {
		return
	}
	g.top, g.bottom = top, bottom
	g.update()
}

// narrow tells whether a photo's tick has a line of its own.
func (g *Gallery) narrow() bool { return g.opts.TickLabel != "" && g.width < look.Px(narrowCell) }

// place works out where each photo and heading stands.
func (g *Gallery) place() {
	g.cellHeight = look.Px(photoHeight)
	if g.narrow() {
		g.cellHeight += look.Px(tickHeight)
	}
	g.places = g.places[:0]
	g.heads = g.heads[:0]
	y, group := float32(0), ""
	for _, p := range g.photos {
		if p.Group != group {
			group = p.Group
			if group != "" {
				g.heads = append(g.heads, groupHead{group, y})
				y += look.Px(groupHeight)
			}
		}
		g.places = append(g.places, y)
		y += g.cellHeight + look.Px(photoGap)
	}
	g.height = max(0, y-look.Px(photoGap))
}

// update gives the photos in sight a cell, and takes it from the others.
func (g *Gallery) update() {
	from, to := g.top-look.Px(windowMargin), g.bottom+look.Px(windowMargin)
	height := g.cellHeight
	first, last := -1, -1
	for i, at := range g.places {
		if at+height > g.top && at < g.bottom {
			if first < 0 {
				first = i
			}
			last = i
		}
		if c := g.cells[i]; c != nil && (at+height <= from || at >= to) && !c.caption.focused {
			delete(g.cells, i)
			g.release(c)
		}
	}
	for i, at := range g.places {
		if at+height > from && at < to && g.cells[i] == nil {
			g.cells[i] = g.cell(i)
		}
	}
	if g.drawn != nil {
		g.drawn.arrange()
		canvas.Refresh(g) // what came into sight has drawn itself; the rest has not changed
	}
	if first != g.first || last != g.last {
		g.first, g.last = first, last
		if g.opts.Visible != nil {
			g.opts.Visible(first, last)
		}
	}
}

func (g *Gallery) cell(i int) *photoCell {
	var c *photoCell
	if n := len(g.free); n > 0 {
		c, g.free = g.free[n-1], g.free[:n-1]
	} else {
		c = newPhotoCell(g)
	}
	c.bind(i, g.photos[i])
	return c
}

func (g *Gallery) release(c *photoCell) {
	c.unbind()
	g.free = append(g.free, c)
}

// Resize lays the photos out for another width.
func (g *Gallery) Resize(size fyne.Size) {
	if size.Width != g.width {
		g.width = size.Width
		g.place()
		defer g.update()
	}
	g.BaseWidget.Resize(size)
}

// edge is the longer side, in pixels of the screen, that thumbnails are read at.
func (g *Gallery) edge() int {
	scale := float32(1)
	if c := fyne.CurrentApp().Driver().CanvasForObject(g); c != nil {
		scale = c.Scale()
	}
	return int(look.Px(photoHeight) * 4 / 3 * scale)
}

// CreateRenderer implements fyne.Widget.
func (g *Gallery) CreateRenderer() fyne.WidgetRenderer {
	g.drawn = &galleryRenderer{gallery: g}
	for i, c := range g.cells { // of a renderer that was given up, see Destroy
		c.bind(i, g.photos[i])
	}
	g.drawn.arrange()
	return g.drawn
}

type galleryRenderer struct {
	gallery *Gallery
	objects []fyne.CanvasObject
}

func (r *galleryRenderer) Layout(fyne.Size) { r.arrange() }

func (r *galleryRenderer) MinSize() fyne.Size {
	return fyne.NewSize(look.Px(200), r.gallery.height)
}

func (r *galleryRenderer) Refresh() {
	r.gallery.free = nil // nobody refreshes those in other colours and sizes
	r.arrange()
	for _, o := range r.objects {
		o.Refresh()
	}
}

// arrange places cells and headings; the order of the objects is the order Tab goes through them.
func (r *galleryRenderer) arrange() {
	g := r.gallery
	r.objects = r.objects[:0]
	for len(g.titles) < len(g.heads) {
		g.titles = append(g.titles, newText("", theme.ColorNameForeground, theme.SizeNameText, true).oneLine())
	}
	for i, h := range g.heads {
		g.titles[i].SetText(h.title)
		g.titles[i].Move(fyne.NewPos(0, h.y))
		g.titles[i].Resize(fyne.NewSize(g.width, look.Px(groupHeight)))
		r.objects = append(r.objects, g.titles[i])
	}
	for i, at := range g.places {
		if c := g.cells[i]; c != nil {
			c.Move(fyne.NewPos(0, at))
			c.Resize(fyne.NewSize(g.width, g.cellHeight))
			r.objects = append(r.objects, c)
		}
	}
}

func (r *galleryRenderer) Destroy() {
	for _, c := range r.gallery.cells {
		c.unbind()
	}
}

func (r *galleryRenderer) Objects() []fyne.CanvasObject { return r.objects }
