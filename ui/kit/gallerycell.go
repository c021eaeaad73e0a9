package kit

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// photoCell shows one photo of a gallery at a time; as the gallery scrolls, it goes over to another one.
type photoCell struct {
	widget.BaseWidget
	gallery *Gallery
	index   int
	photo   Photo
	img     *canvas.Image
	state   *Text // loading, broken
	badge   *Badge
	caption *captionEntry
	detail  *Text
	note    *Finding
	tick    *widget.Check
	content *fyne.Container
	actions *actionRow
	cancel  func()
}

func newPhotoCell(g *Gallery) *photoCell {
	c := &photoCell{
		gallery: g, img: &canvas.Image{FillMode: canvas.ImageFillContain}, state: NewMuted(""),
		badge: newBadge(None, ""), detail: NewMuted("").oneLine(), note: NewFinding(), cancel: func() {},
	}
	c.state.segment.Style.Alignment = fyne.TextAlignCenter
	c.note.text.oneLine()
	c.caption = newCaptionEntry(c)
	ground := newPanel(container.NewStack(), theme.ColorNameHeaderBackground, "", 0)
	picture := newTapped(container.NewStack(ground, c.img,
		container.NewVBox(layout.NewSpacer(), c.state, layout.NewSpacer()),
		container.NewVBox(layout.NewSpacer(), container.NewHBox(c.badge))), func() {
		if g.opts.Enlarge != nil {
			g.opts.Enlarge(c.photo.ID)
		}
	})
	var actions []Action
	for _, a := range g.opts.Actions {
		actions = append(actions, Action{Label: a.Label, Icon: a.Icon, Danger: a.Danger, Do: func() { a.Do(c.photo.ID) }})
	}
	c.actions = newActionRow(g.opts.More, actions, NewQuietButton)
	c.tick = widget.NewCheck(g.opts.TickLabel, c.ticked)
	show(c.tick, g.opts.TickLabel != "")
	if g.opts.ReadOnly {
		c.tick.Disable()
		c.caption.Disable()
	}
	about := container.New(aboutLayout{g}, container.NewStack(c.note, c.detail), c.tick)
	words := container.NewBorder(nil, container.NewVBox(about, c.actions), nil, nil, c.caption)
	c.content = container.New(cellLayout{}, picture, words)
	c.ExtendBaseWidget(c)
	return c
}

func (c *photoCell) bind(index int, p Photo) {
	changed := c.photo.ID != p.ID
	c.index, c.photo = index, p
	c.caption.SetValue(p.Caption)
	c.detail.SetText(p.Detail)
	show(c.detail, p.Detail != "" && p.Note == "")
	c.note.Set(p.Level, p.Note)
	c.badge.Set(Info, p.Badge)
	if c.tick.Checked != p.Ticked {
		c.tick.Checked = p.Ticked
		c.tick.Refresh()
	}
	if changed {
		c.picture()
	}
}

func (c *photoCell) ticked(on bool) {
	g := c.gallery
	if c.index < len(g.photos) && g.photos[c.index].ID == c.photo.ID {
		g.photos[c.index].Ticked = on
	}
	c.photo.Ticked = on
	if g.opts.Tick != nil {
		g.opts.Tick(c.photo.ID, on)
	}
}

// picture shows the photo's picture, at once if it is at hand.
func (c *photoCell) picture() {
	c.cancel()
	g := c.gallery
	c.cancel = g.thumbs.show(c.photo.ID, g.edge(), g.opts.Loading, g.opts.Broken, c.show)
}

func (c *photoCell) show(img image.Image, state string) {
	c.img.Image = img
	show(c.img, img != nil)
	c.state.SetText(state)
	show(c.state, state != "")
	c.img.Refresh()
}

// unbind stops what is being read for a photo that is out of sight.
func (c *photoCell) unbind() {
	c.cancel()
	c.cancel = func() {}
	c.photo = Photo{}
	c.img.Image = nil
}

// CreateRenderer implements fyne.Widget.
func (c *photoCell) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(newPanel(c.content, look.ColorSurface, theme.ColorNameSeparator, 6))
}

// aboutLayout sets what is known of a photo and its tick on a line, or on two where that is too narrow.
type aboutLayout struct{ gallery *Gallery }

func (l aboutLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	about, tick := o[0], o[1]
	side := tick.MinSize()
	if !tick.Visible() {
		side = fyne.Size{}
	}
	if l.gallery.narrow() {
		about.Resize(fyne.NewSize(size.Width, size.Height-side.Height))
		tick.Move(fyne.NewPos(0, size.Height-side.Height))
	} else {
		about.Resize(fyne.NewSize(size.Width-side.Width, size.Height))
		tick.Move(fyne.NewPos(size.Width-side.Width, (size.Height-side.Height)/2))
	}
	tick.Resize(side)
}

func (l aboutLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	about, tick := o[0].MinSize(), o[1].MinSize()
	switch {
	case !o[1].Visible():
		return about
	case l.gallery.narrow():
		return fyne.NewSize(max(about.Width, tick.Width), about.Height+tick.Height)
	}
	return fyne.NewSize(about.Width+tick.Width, max(about.Height, tick.Height))
}

// cellLayout sets a picture of 4:3 beside the words.
type cellLayout struct{}

// narrowest is the width in pixels at 100 % beneath which words take room from the picture.
const narrowest = 260

func (cellLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	width := min(size.Height*4/3, size.Width*9/20)
	if size.Width < look.Px(narrowest) {
		width = size.Width * 3 / 10
	}
	o[0].Resize(fyne.NewSize(width, width*3/4))
	o[1].Move(fyne.NewPos(width+theme.Padding(), 0))
	o[1].Resize(fyne.NewSize(size.Width-width-theme.Padding(), size.Height))
}

func (cellLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(1, 1) }

// captionEntry is the caption of a photo. Tab goes to the next photo's caption, wherever it is.
type captionEntry struct {
	Entry
	cell    *photoCell
	focused bool
	shift   bool
}

func newCaptionEntry(c *photoCell) *captionEntry {
	e := &captionEntry{cell: c}
	g := c.gallery
	e.init(g.opts.CaptionHint, func(text string) {
		i := c.index
		if i < len(g.photos) && g.photos[i].ID == c.photo.ID {
			g.photos[i].Caption = text
			c.photo.Caption = text
		}
		if g.opts.Captioned != nil {
			g.opts.Captioned(c.photo.ID, text)
		}
	})
	e.MultiLine = true
	e.Wrapping = fyne.TextWrapBreak
	e.OnLeave = func() {
		if g.opts.Left != nil && c.photo.ID != "" {
			g.opts.Left(c.photo.ID)
		}
	}
	e.ExtendBaseWidget(e)
	e.SetMinRowsVisible(2)
	return e
}

// AcceptsTab takes Tab as long as there is a caption to go to.
func (e *captionEntry) AcceptsTab() bool {
	i := e.cell.index
	if e.shift {
		return i > 0
	}
	return i+1 < len(e.cell.gallery.photos)
}

// KeyDown implements desktop.Keyable: a Tab does not tell of the Shift beside it.
func (e *captionEntry) KeyDown(ev *fyne.KeyEvent) {
	e.shift = e.shift || shiftKey(ev.Name)
	e.Entry.KeyDown(ev)
}

// KeyUp implements desktop.Keyable.
func (e *captionEntry) KeyUp(ev *fyne.KeyEvent) {
	e.shift = e.shift && !shiftKey(ev.Name)
	e.Entry.KeyUp(ev)
}

func shiftKey(k fyne.KeyName) bool { return k == "LeftShift" || k == "RightShift" }

// TypedKey goes to a neighbour by Tab, and on to the next by Enter: a caption is one line. Escape goes to the
// photo's buttons.
func (e *captionEntry) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyTab:
		by := 1
		if e.shift {
			by = -1
		}
		e.cell.gallery.focusCaption(e.cell.index + by)
	case fyne.KeyReturn, fyne.KeyEnter:
		e.cell.gallery.focusCaption(e.cell.index + 1)
	case fyne.KeyEscape: // to what can be done with the photo
		e.cell.actions.Focus()
	default:
		e.Entry.TypedKey(ev)
	}
}

// FocusGained implements fyne.Focusable.
func (e *captionEntry) FocusGained() {
	e.focused = true
	e.Entry.Entry.FocusGained() // the gallery has brought all of the photo into sight
}

// FocusLost implements fyne.Focusable.
func (e *captionEntry) FocusLost() {
	e.focused, e.shift = false, false
	e.Entry.FocusLost()
}
