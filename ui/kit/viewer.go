package kit

import (
	"context"
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// ViewerOptions are the words and callbacks of a Viewer.
type ViewerOptions struct {
	Loading, Broken string
	Previous, Next  string
	Place           func(n, of int) string // "第 3 张，共 20 张", n from 1
	Load            LoadImage
	Do              func(func())           // on the UI goroutine; nil is fyne.Do
	Open            func() context.Context // as in GalleryOptions, and so is Begin
	Begin           func(func())
	Edge            int    // pixels of the longer side that are read
	Closed          func() // Escape
}

// heldLarge is how many large pictures are kept: so one can go back a few.
const heldLarge = 5

// Viewer shows photos large, one at a time: arrows and Page keys go on, Escape closes.
type Viewer struct {
	widget.BaseWidget
	photos         []Photo
	at             int
	opts           ViewerOptions
	thumbs         *thumbs
	cancel         func()
	img            *canvas.Image
	state          *Text
	caption, place *Text
	previous, next *Button
	content        fyne.CanvasObject
}

// NewViewer returns a viewer that shows one of several photos.
func NewViewer(photos []Photo, at int, opts ViewerOptions) *Viewer {
	v := &Viewer{
		photos: photos, opts: opts, thumbs: newThumbs(opts.Load, opts.Do, heldLarge).within(opts.Open, opts.Begin), cancel: func() {},
		img: &canvas.Image{FillMode: canvas.ImageFillContain}, state: NewMuted(""),
		caption: NewText(""), place: NewMuted("").whole(),
	}
	v.state.segment.Style.Alignment = fyne.TextAlignCenter
	v.previous = NewButton(Action{Label: opts.Previous, Icon: theme.NavigateBackIcon(), Do: func() { v.step(-1) }})
	v.next = NewButton(Action{Label: opts.Next, Icon: theme.NavigateNextIcon(), Do: func() { v.step(1) }})
	foot := container.NewBorder(nil, nil, container.NewCenter(v.previous),
		container.NewHBox(container.NewCenter(v.place), container.NewCenter(v.next)), v.caption)
	v.content = container.NewBorder(nil, foot, nil, nil,
		container.NewStack(v.img, container.NewVBox(layout.NewSpacer(), v.state, layout.NewSpacer())))
	v.ExtendBaseWidget(v)
	v.Go(at)
	return v
}

// Photo returns what is shown.
func (v *Viewer) Photo() Photo { return v.photos[v.at] }

// Go shows another photo; there is none before the first and after the last.
func (v *Viewer) Go(at int) {
	if at < 0 || at >= len(v.photos) {
		return
	}
	v.at = at
	p := v.photos[at]
	v.caption.SetText(p.Caption)
	v.place.SetText(v.opts.Place(at+1, len(v.photos)))
	enable(v.previous, at > 0)
	enable(v.next, at+1 < len(v.photos))
	v.cancel()
	v.cancel = v.thumbs.show(p.ID, v.opts.Edge, v.opts.Loading, v.opts.Broken, v.show)
}

func (v *Viewer) show(img image.Image, state string) {
	v.img.Image = img
	show(v.img, img != nil)
	v.state.SetText(state)
	show(v.state, state != "")
	v.img.Refresh()
}

func enable(b *Button, on bool) {
	if on {
		b.Enable()
	} else {
		b.Disable()
	}
}

// step goes on by a button, and keeps the keys where they were.
func (v *Viewer) step(by int) {
	v.Go(v.at + by)
	focus(v)
}

// Stop gives up what is being read.
func (v *Viewer) Stop() { v.cancel() }

// TypedKey implements fyne.Focusable.
func (v *Viewer) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyLeft, fyne.KeyUp, fyne.KeyPageUp:
		v.Go(v.at - 1)
	case fyne.KeyRight, fyne.KeyDown, fyne.KeyPageDown, fyne.KeySpace:
		v.Go(v.at + 1)
	case fyne.KeyHome:
		v.Go(0)
	case fyne.KeyEnd:
		v.Go(len(v.photos) - 1)
	case fyne.KeyEscape:
		if v.opts.Closed != nil {
			v.opts.Closed()
		}
	}
}

// TypedRune implements fyne.Focusable.
func (v *Viewer) TypedRune(rune) {}

// FocusGained implements fyne.Focusable.
func (v *Viewer) FocusGained() {}

// FocusLost implements fyne.Focusable.
func (v *Viewer) FocusLost() {}

// MinSize leaves room for a picture.
func (v *Viewer) MinSize() fyne.Size {
	return v.BaseWidget.MinSize().Max(fyne.NewSize(look.Px(400), look.Px(300)))
}

// CreateRenderer implements fyne.Widget.
func (v *Viewer) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(v.content) }

// Sheet is something that is done before going on: a title, content that fills most of the window, and its buttons.
type Sheet struct {
	pop  *widget.PopUp
	back fyne.Focusable
}

// ShowSheet shows a sheet over a window. Its actions close it first, then do what they do.
func ShowSheet(w fyne.Window, title string, content fyne.CanvasObject, actions ...Action) *Sheet {
	c := w.Canvas()
	s := &Sheet{back: c.Focused()}
	for i, a := range actions {
		actions[i].Do = func() {
			s.Close()
			if a.Do != nil {
				a.Do()
			}
		}
	}
	foot := container.NewHBox(layout.NewSpacer())
	first, takes := content.(fyne.Focusable)
	for _, a := range actions {
		b := NewButton(a)
		b.Escape = s.Close
		foot.Add(b)
		if !takes {
			first = b
		}
	}
	pad := look.Px(12)
	s.pop = widget.NewModalPopUp(container.New(layout.NewCustomPaddedLayout(0, pad, pad, pad),
		container.NewBorder(NewSubheading(title), foot, nil, nil, content)), c)
	size := c.Size()
	s.pop.Resize(fyne.NewSize(size.Width-look.Px(64), size.Height-look.Px(64)))
	s.pop.Show()
	focus(first)
	return s
}

// Close takes the sheet away and gives the keyboard back.
func (s *Sheet) Close() {
	s.pop.Hide()
	if s.back != nil {
		focus(s.back)
	}
}
