package kit

import (
	"context"
	"errors"
	"fmt"
	"image"
	"sync"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"baosong/ui/look"
)

// pictures is a loader under the test's control, and an executor that runs what comes back on the test's goroutine.
type pictures struct {
	mu     sync.Mutex
	asked  []string
	ended  []string // whose context was done before they were let go
	gate   chan struct{}
	poor   bool // whether a poorer picture comes first
	broken map[string]bool
	ui     chan func()
}

func newPictures() *pictures {
	gate := make(chan struct{})
	close(gate)
	return &pictures{gate: gate, broken: map[string]bool{}, ui: make(chan func(), 1000)}
}

func (p *pictures) load(ctx context.Context, id string, edge int, quick func(image.Image)) (image.Image, error) {
	if p.poor {
		quick(image.NewGray(image.Rect(0, 0, 1, 1)))
	}
	p.mu.Lock()
	p.asked = append(p.asked, id)
	gate := p.gate
	p.mu.Unlock()
	select {
	case <-gate:
	case <-ctx.Done():
		p.mu.Lock()
		p.ended = append(p.ended, id)
		p.mu.Unlock()
		return nil, ctx.Err()
	}
	if p.broken[id] {
		return nil, errors.New("no picture")
	}
	return image.NewGray(image.Rect(0, 0, edge, edge)), nil
}

// settle waits for every load and runs what came back.
func (p *pictures) settle(g *Gallery) {
	g.thumbs.wait.Wait()
	for len(p.ui) > 0 {
		(<-p.ui)()
	}
}

func (p *pictures) options() GalleryOptions {
	return GalleryOptions{
		CaptionHint: "说明", Loading: "正在读取", Broken: "读不出来", Load: p.load,
		Do: func(f func()) { p.ui <- f },
	}
}

func photos(n int) []Photo {
	var out []Photo
	for i := range n {
		out = append(out, Photo{ID: fmt.Sprint("p", i)})
	}
	return out
}

// gallery shows n photos on a page of 800 × 600.
func gallery(t *testing.T, n int, opts GalleryOptions) (*Gallery, *Page, fyne.Window) {
	t.Helper()
	var page *Page
	var g *Gallery
	opts.Reveal = func(top, bottom float32) { page.RevealSpan(g, top, bottom) }
	g = NewGallery(opts)
	page = NewPage(g)
	w := window(t, page)
	page.Watch(g)
	g.SetPhotos(photos(n))
	relayout(w)
	return g, page, w
}

// relayout does what the window does in each frame: the column takes the height that its content has come to.
func relayout(w fyne.Window) {
	w.Resize(w.Canvas().Size().AddWidthHeight(0, 1))
	w.Resize(w.Canvas().Size().AddWidthHeight(0, -1))
}

// Fyne gives renderers up that were not drawn for a while, and asks for new ones when they are to be drawn again.
func TestGalleryIsDrawnAgainAfterAWhile(t *testing.T) {
	setup(t)
	p := newPictures()
	g, _, _ := gallery(t, 3, p.options())
	p.settle(g)
	test.WidgetRenderer(g).Destroy()
	g.CreateRenderer()
	p.settle(g)
	for _, photo := range g.Photos() {
		if !g.Shown(photo.ID) {
			t.Errorf("%s has lost its picture", photo.ID)
		}
	}
}

func TestGalleryDrawsWhatIsInSight(t *testing.T) {
	setup(t)
	p := newPictures()
	opts := p.options()
	first, last := -1, -1
	opts.Visible = func(f, l int) { first, last = f, l }
	g, page, _ := gallery(t, 200, opts)
	p.settle(g)
	if first != 0 || last < 2 || last > 5 {
		t.Errorf("in sight are %d to %d", first, last)
	}
	if n := len(g.cells); n > 10 {
		t.Errorf("%d of 200 photos are drawn", n)
	}
	if n := len(p.asked); n > 10 {
		t.Errorf("%d pictures were read for one screen", n)
	}
	page.Scroll().ScrollToBottom()
	p.settle(g)
	if last != 199 {
		t.Errorf("at the end, the last in sight is %d", last)
	}
	if len(g.cells)+len(g.free) > 20 {
		t.Errorf("%d cells for one screen", len(g.cells)+len(g.free))
	}
}

// A cell that was out of sight while the person chose larger letters has them when it comes back.
func TestGalleryCellsComeBackInTheSizeOfTheDay(t *testing.T) {
	setup(t)
	p := newPictures()
	g, page, w := gallery(t, 200, p.options())
	p.settle(g)
	middle := fyne.NewPos(0, 3000)
	page.Scroll().ScrollToOffset(middle) // with cells on either side
	p.settle(g)
	page.Scroll().ScrollToTop()
	p.settle(g)
	if len(g.free) == 0 {
		t.Fatal("no cell waits")
	}
	fyne.CurrentApp().Settings().SetTheme(look.New(look.Faces{}, look.ModeLight, 200))
	w.Content().Refresh()
	page.Scroll().ScrollToOffset(middle)
	p.settle(g)
	for i, c := range g.cells {
		fresh := newPhotoCell(g)
		fresh.Resize(c.Size())
		fresh.bind(i, g.photos[i])
		for what, pair := range map[string][2]fyne.CanvasObject{
			"words": {c.detail, fresh.detail}, "buttons": {c.actions, fresh.actions}, "caption": {c.caption, fresh.caption},
		} {
			got, want := test.WidgetRenderer(pair[0].(fyne.Widget)).MinSize(), test.WidgetRenderer(pair[1].(fyne.Widget)).MinSize()
			if got != want {
				t.Errorf("the %s of photo %d need %v, want %v", what, i, got, want)
			}
		}
	}
}

func TestGalleryShowsLoadingAndBroken(t *testing.T) {
	setup(t)
	p := newPictures()
	p.broken["p1"] = true
	p.gate = make(chan struct{})
	g, _, w := gallery(t, 2, p.options())
	see(t, w.Content(), "正在读取")
	close(p.gate)
	p.settle(g)
	hidden(t, w.Content(), "正在读取")
	see(t, g.cells[1], "读不出来")
	hidden(t, g.cells[0], "读不出来")
	if g.cells[0].img.Image == nil || !g.cells[0].img.Visible() {
		t.Error("the picture is not shown")
	}
}

func TestGalleryShowsAPoorerPictureFirst(t *testing.T) {
	setup(t)
	p := newPictures()
	p.poor, p.gate = true, make(chan struct{})
	g, _, _ := gallery(t, 1, p.options())
	(<-p.ui)()
	if img := g.cells[0].img.Image; img == nil || img.Bounds().Dx() != 1 {
		t.Errorf("before the picture is read, %v is shown", img)
	}
	if g.thumbs.cached("p0") != nil {
		t.Error("the poorer picture is kept")
	}
	close(p.gate)
	p.settle(g)
	if img := g.cells[0].img.Image; img == nil || img.Bounds().Dx() == 1 {
		t.Errorf("afterwards, %v is shown", img)
	}
}

func TestGalleryDropsStaleLoads(t *testing.T) {
	setup(t)
	p := newPictures()
	p.gate = make(chan struct{})
	g, page, _ := gallery(t, 200, p.options())
	page.Scroll().ScrollToBottom()
	close(p.gate)
	p.settle(g)
	for i, c := range g.cells {
		if c.photo.ID != g.photos[i].ID {
			t.Errorf("cell %d shows %s", i, c.photo.ID)
		}
	}
	for id := range g.thumbs.held {
		if g.index(id) < 150 {
			t.Errorf("%s was read to the end though it is out of sight", id)
		}
	}
	if g.thumbs.order.Len() == 0 {
		t.Error("nothing was read")
	}
}

// A picture that was read in time but comes back late is not shown in the row that has gone over to another photo.
func TestLatePicturesDoNotLandInAnotherRow(t *testing.T) {
	setup(t)
	p := newPictures()
	g, page, _ := gallery(t, 200, p.options())
	g.thumbs.wait.Wait()
	p.gate = make(chan struct{}) // what is asked for from here on does not come
	page.Scroll().ScrollToBottom()
	for len(p.ui) > 0 {
		(<-p.ui)()
	}
	for i, c := range g.cells {
		if c.img.Image != nil {
			t.Errorf("photo %d shows another's picture", i)
		}
	}
	close(p.gate)
	p.settle(g)
	for i, c := range g.cells {
		if c.img.Image == nil {
			t.Errorf("photo %d shows no picture", i)
		}
	}
}

func TestTheWheelMovesThePageWhereverTheMouseIs(t *testing.T) {
	setup(t)
	p := newPictures()
	opts := p.options()
	first := -1
	opts.Visible = func(f, _ int) { first = f }
	g, _, w := gallery(t, 200, opts)
	for range 10 { // over a caption, which has a scroller of its own, too
		test.Scroll(w.Canvas(), fyne.NewPos(400, 300), 0, -300)
	}
	p.settle(g)
	if first < 10 || g.cells[first] == nil {
		t.Errorf("after ten turns of the wheel the first photo in sight is %d", first)
	}
}

func TestGalleryHoldsABoundedNumberOfPictures(t *testing.T) {
	setup(t)
	p := newPictures()
	g, page, _ := gallery(t, 300, p.options())
	for range 150 {
		page.Scroll().ScrollToOffset(page.Scroll().Offset.AddXY(0, 320))
		p.settle(g)
	}
	if n := len(g.thumbs.held); n > heldThumbs || n != g.thumbs.order.Len() {
		t.Errorf("%d pictures are held, %d in order", n, g.thumbs.order.Len())
	}
	before := len(p.asked)
	page.Scroll().ScrollToOffset(page.Scroll().Offset.AddXY(0, -320))
	p.settle(g)
	if len(p.asked) != before {
		t.Errorf("scrolling back reads %d pictures again", len(p.asked)-before)
	}
}

func TestCaptionsAreATabApart(t *testing.T) {
	setup(t)
	p := newPictures()
	opts := p.options()
	captions := map[string]string{}
	var left []string
	opts.Captioned = func(id, s string) { captions[id] = s }
	opts.Left = func(id string) { left = append(left, id) }
	g, _, w := gallery(t, 30, opts)
	g.FocusCaption("p0")
	for i := range 30 {
		e, ok := w.Canvas().Focused().(*captionEntry)
		if !ok || e.cell.index != i {
			t.Fatalf("at photo %d the keyboard is at %T", i, w.Canvas().Focused())
		}
		for _, r := range fmt.Sprint("说明", i) {
			e.TypedRune(r)
		}
		relayout(w)
		if i < 29 {
			if !e.AcceptsTab() {
				t.Fatalf("photo %d does not take Tab", i)
			}
			key(w.Canvas(), fyne.KeyTab)
		} else if e.AcceptsTab() {
			t.Error("the last caption keeps Tab")
		}
	}
	p.settle(g)
	for i, photo := range g.Photos() {
		if want := fmt.Sprint("说明", i); photo.Caption != want || captions[photo.ID] != want {
			t.Errorf("photo %d is captioned %q, told %q", i, photo.Caption, captions[photo.ID])
		}
	}
	if len(left) != 29 {
		t.Errorf("%d captions were left", len(left))
	}

	e := w.Canvas().Focused().(*captionEntry)
	e.KeyDown(&fyne.KeyEvent{Name: "LeftShift"})
	if !e.AcceptsTab() {
		t.Fatal("the last caption does not take Shift+Tab")
	}
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyTab})
	if back := w.Canvas().Focused().(*captionEntry); back.cell.index != 28 || back.Text != "说明28" {
		t.Errorf("Shift+Tab goes to %d with %q", back.cell.index, back.Text)
	}
}

func TestScrolledCaptionsKeepTheirText(t *testing.T) {
	setup(t)
	p := newPictures()
	g, page, w := gallery(t, 200, p.options())
	g.FocusCaption("p0")
	w.Canvas().Focused().TypedRune('甲')
	page.Scroll().ScrollToBottom()
	if e, ok := w.Canvas().Focused().(*captionEntry); !ok || e.cell.photo.ID != "p0" {
		t.Error("scrolling away took the keyboard from the caption")
	}
	for i, c := range g.cells {
		if c.caption.Text != g.photos[i].Caption {
			t.Errorf("photo %d shows the caption %q", i, c.caption.Text)
		}
	}
	w.Canvas().Unfocus()
	page.Scroll().ScrollToTop()
	if got := g.cells[0].caption.Text; got != "甲" {
		t.Errorf("back at the top the caption is %q", got)
	}
	p.settle(g)
}

func TestPhotosMoveWithTheirCells(t *testing.T) {
	setup(t)
	p := newPictures()
	g, _, w := gallery(t, 3, p.options())
	p.settle(g)
	g.FocusCaption("p2")
	w.Canvas().Focused().TypedRune('乙')
	asked := len(p.asked)
	rest := g.Photos()[1:]
	g.SetPhotos(rest) // the first was removed
	relayout(w)
	p.settle(g)
	if e, ok := w.Canvas().Focused().(*captionEntry); !ok || e.cell.photo.ID != "p2" || e.cell.index != 1 || e.Text != "乙" {
		t.Errorf("after a removal the keyboard is at %v", w.Canvas().Focused())
	}
	if len(p.asked) != asked {
		t.Errorf("a removal reads %d pictures again", len(p.asked)-asked)
	}
	if len(g.cells) != 2 || g.Size().Height < 2*photoHeight {
		t.Errorf("%d cells, %v high", len(g.cells), g.Size().Height)
	}
	g.SetPhoto(Photo{ID: "p1", Caption: "转过", Note: "缺少人物", Level: Warning}, true)
	p.settle(g)
	see(t, g.cells[0], "转过", "缺少人物")
	if len(p.asked) != asked+1 {
		t.Errorf("a turned photo was read %d times", len(p.asked)-asked)
	}
}

func TestGalleryActionsNameTheirPhoto(t *testing.T) {
	setup(t)
	p := newPictures()
	opts := p.options()
	var done []string
	opts.Actions = []PhotoAction{{Label: "移除", Do: func(id string) { done = append(done, id) }}}
	opts.Enlarge = func(id string) { done = append(done, "large "+id) }
	g, _, w := gallery(t, 3, opts)
	p.settle(g)
	tapText(t, g.cells[1], "移除")
	for _, o := range visible(g.cells[2]) {
		if picture, ok := o.(*tapped); ok {
			test.Tap(picture)
		}
	}
	g.FocusCaption("p0")
	key(w.Canvas(), fyne.KeyEscape, fyne.KeySpace)
	if fmt.Sprint(done) != "[p1 large p2 p0]" {
		t.Errorf("done: %v", done)
	}
}

func TestGalleryGroups(t *testing.T) {
	setup(t)
	p := newPictures()
	opts := p.options()
	opts.TickLabel = "涉及未成年人"
	g := NewGallery(opts)
	window(t, NewPage(g))
	list := photos(5)
	for i := range list {
		list[i].Group, list[i].Detail = "5月30日", "09:00 · 1600×1200 · 320 KB"
		if i > 2 {
			list[i].Group = "5月31日"
		}
	}
	g.Resize(fyne.NewSize(800, 100))
	g.SetPhotos(list)
	p.settle(g)
	see(t, g, "5月30日", "5月31日")
	for i, want := range []float32{40, 224, 408, 632, 816} { // a heading is 40 high, a photo 176, and 8 lie between
		if g.places[i] != look.Px(want) {
			t.Errorf("photo %d stands at %v", i, g.places[i])
		}
	}
	beside, size := place(g, g.cells[0].tick), g.cells[0].tick.MinSize()
	if beside.X < 800-size.Width-20 {
		t.Errorf("the tick stands at %v of 800", beside)
	}
	g.Resize(fyne.NewSize(500, 100)) // the tick goes beneath what is known of the photo, and takes nothing from it
	detail, tick := place(g, g.cells[0].detail), place(g, g.cells[0].tick)
	if tick.Y < detail.Y+g.cells[0].detail.Size().Height || g.cells[0].detail.Size().Width < 200 {
		t.Errorf("the detail stands at %v, %v wide, the tick at %v", detail, g.cells[0].detail.Size().Width, tick)
	}
	p.settle(g)
}

// place is where something stands in the gallery.
func place(g *Gallery, o fyne.CanvasObject) fyne.Position {
	d := fyne.CurrentApp().Driver()
	return d.AbsolutePositionForObject(o).Subtract(d.AbsolutePositionForObject(g))
}

// Each step goes on by a whole page, so that every row in sight goes over to another photo: lay out and refresh of
// one screen.
func BenchmarkPageOf200Photos(b *testing.B) {
	setup(b)
	opts := newPictures().options()
	opts.Do = func(func()) {}
	opts.Actions = []PhotoAction{{Label: "转"}, {Label: "移到…"}, {Label: "移除"}}
	g := NewGallery(opts)
	page := NewPage(g)
	w := test.NewTempWindow(b, page)
	w.Resize(fyne.NewSize(1024, 700))
	page.Watch(g)
	list := photos(200)
	for i := range list {
		list[i].Caption, list[i].Detail = fmt.Sprint("说明 ", i), "2024-05-30 09:12 · 3.2 MB"
	}
	g.SetPhotos(list)
	relayout(w)
	at, step := float32(0), float32(700)
	for b.Loop() {
		if at+step > g.height-700 || at+step < 0 {
			step = -step
		}
		at += step
		page.Scroll().ScrollToOffset(fyne.NewPos(0, at))
	}
	g.thumbs.wait.Wait()
}
