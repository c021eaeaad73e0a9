package kit

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// Frame is a part of a picture, in parts of its width and height from 0 to 1.
type Frame struct{ Left, Top, Right, Bottom float64 }

// WholeFrame keeps everything.
func WholeFrame() Frame { return Frame{Right: 1, Bottom: 1} }

const (
	frameStep  = 0.02 // by an arrow key
	frameLeast = 0.05 // of a side that a frame keeps
	gripReach  = 18   // pixels at 100 % around an edge in which the mouse takes it
)

// grip says which edges of the frame the mouse has taken; all of them is the frame itself.
type grip struct{ left, top, right, bottom bool }

// Cropper lets a person choose a part of a picture: with the mouse by edges, corners and the frame itself; with the
// arrow keys the frame moves, with Shift its right and lower edges do, + and - make it larger and smaller.
type Cropper struct {
	widget.BaseWidget
	img            image.Image
	frame          Frame
	changed        func(Frame)
	OnAccept       func() // Enter
	OnCancel       func() // Escape
	grip           grip
	dragging       bool
	focused, shift bool
}

// NewCropper shows a picture and a frame on it. changed may be nil.
func NewCropper(img image.Image, frame Frame, changed func(Frame)) *Cropper {
	c := &Cropper{img: img, frame: frame, changed: changed}
	c.ExtendBaseWidget(c)
	return c
}

// Frame returns what is chosen.
func (c *Cropper) Frame() Frame { return c.frame }

// SetFrame chooses a part; one that is outside or too small is mended.
func (c *Cropper) SetFrame(f Frame) {
	f.Left, f.Right = between(f.Left, f.Right)
	f.Top, f.Bottom = between(f.Top, f.Bottom)
	if f == c.frame {
		return
	}
	c.frame = f
	c.Refresh()
	if c.changed != nil {
		c.changed(f)
	}
}

// between keeps two edges within 0 and 1, in order, and apart.
func between(low, high float64) (float64, float64) {
	low, high = max(0, min(low, 1-frameLeast)), max(frameLeast, min(high, 1))
	if high-low < frameLeast {
		high = min(1, low+frameLeast)
		low = high - frameLeast
	}
	return low, high
}

// move shifts the frame as far as the picture goes.
func (c *Cropper) move(dx, dy float64) {
	f := c.frame
	dx = max(-f.Left, min(dx, 1-f.Right))
	dy = max(-f.Top, min(dy, 1-f.Bottom))
	c.SetFrame(Frame{f.Left + dx, f.Top + dy, f.Right + dx, f.Bottom + dy})
}

// TypedKey implements fyne.Focusable.
func (c *Cropper) TypedKey(ev *fyne.KeyEvent) {
	by := map[fyne.KeyName][2]float64{
		fyne.KeyLeft: {-frameStep, 0}, fyne.KeyRight: {frameStep, 0}, fyne.KeyUp: {0, -frameStep}, fyne.KeyDown: {0, frameStep},
	}
	switch ev.Name {
	case fyne.KeyLeft, fyne.KeyRight, fyne.KeyUp, fyne.KeyDown:
		d := by[ev.Name]
		if !c.shift {
			c.move(d[0], d[1])
			return
		}
		f := c.frame
		f.Right, f.Bottom = max(f.Right+d[0], f.Left+frameLeast), max(f.Bottom+d[1], f.Top+frameLeast)
		c.SetFrame(f)
	case fyne.KeyReturn, fyne.KeyEnter:
		if c.OnAccept != nil {
			c.OnAccept()
		}
	case fyne.KeyEscape:
		if c.OnCancel != nil {
			c.OnCancel()
		}
	}
}

// TypedRune implements fyne.Focusable.
func (c *Cropper) TypedRune(r rune) {
	d := map[rune]float64{'+': frameStep, '=': frameStep, '-': -frameStep, '＋': frameStep, '－': -frameStep}[r]
	if d != 0 {
		c.SetFrame(Frame{c.frame.Left - d, c.frame.Top - d, c.frame.Right + d, c.frame.Bottom + d})
	}
}

// KeyDown implements desktop.Keyable.
func (c *Cropper) KeyDown(ev *fyne.KeyEvent) { c.shift = c.shift || shiftKey(ev.Name) }

// KeyUp implements desktop.Keyable.
func (c *Cropper) KeyUp(ev *fyne.KeyEvent) { c.shift = c.shift && !shiftKey(ev.Name) }

// FocusGained implements fyne.Focusable.
func (c *Cropper) FocusGained() { c.focused = true; c.Refresh() }

// FocusLost implements fyne.Focusable.
func (c *Cropper) FocusLost() { c.focused, c.shift = false, false; c.Refresh() }

// Tapped takes the keyboard.
func (c *Cropper) Tapped(*fyne.PointEvent) { focus(c) }

// area is where the picture lies in the widget.
func (c *Cropper) area() (fyne.Position, fyne.Size) {
	size, b := c.Size(), c.img.Bounds()
	scale := min(size.Width/float32(b.Dx()), size.Height/float32(b.Dy()))
	shown := fyne.NewSize(float32(b.Dx())*scale, float32(b.Dy())*scale)
	return fyne.NewPos((size.Width-shown.Width)/2, (size.Height-shown.Height)/2), shown
}

// box is the frame in the widget.
func (c *Cropper) box() (fyne.Position, fyne.Size) {
	at, size := c.area()
	f := c.frame
	return at.AddXY(size.Width*float32(f.Left), size.Height*float32(f.Top)),
		fyne.NewSize(size.Width*float32(f.Right-f.Left), size.Height*float32(f.Bottom-f.Top))
}

// gripAt returns what the mouse takes at a place: an edge or two that are near, else the frame.
func (c *Cropper) gripAt(p fyne.Position) grip {
	at, size := c.box()
	reach := look.Px(gripReach)
	near := func(v, edge float32) bool { return v > edge-reach && v < edge+reach }
	g := grip{
		left: near(p.X, at.X), right: near(p.X, at.X+size.Width),
		top: near(p.Y, at.Y), bottom: near(p.Y, at.Y+size.Height),
	}
	if g.left && g.right { // a narrow frame: the nearer edge
		g.left = p.X-at.X < size.Width/2
		g.right = !g.left
	}
	if g.top && g.bottom {
		g.top = p.Y-at.Y < size.Height/2
		g.bottom = !g.top
	}
	if g == (grip{}) {
		return grip{true, true, true, true}
	}
	return g
}

// Dragged implements fyne.Draggable.
func (c *Cropper) Dragged(ev *fyne.DragEvent) {
	if !c.dragging {
		c.grip = c.gripAt(ev.Position.Subtract(ev.Dragged))
		c.dragging = true
	}
	_, size := c.area()
	dx, dy := float64(ev.Dragged.DX/size.Width), float64(ev.Dragged.DY/size.Height)
	if c.grip == (grip{true, true, true, true}) {
		c.move(dx, dy)
		return
	}
	f := c.frame
	if c.grip.left {
		f.Left = max(0, min(f.Left+dx, f.Right-frameLeast))
	}
	if c.grip.right {
		f.Right = min(1, max(f.Right+dx, f.Left+frameLeast))
	}
	if c.grip.top {
		f.Top = max(0, min(f.Top+dy, f.Bottom-frameLeast))
	}
	if c.grip.bottom {
		f.Bottom = min(1, max(f.Bottom+dy, f.Top+frameLeast))
	}
	c.SetFrame(f)
}

// DragEnd implements fyne.Draggable.
func (c *Cropper) DragEnd() {
	c.dragging = false
	focus(c) // pressing the mouse took the keyboard away
}

// CreateRenderer implements fyne.Widget.
func (c *Cropper) CreateRenderer() fyne.WidgetRenderer {
	r := &cropperRenderer{cropper: c, picture: canvas.NewImageFromImage(c.img), frame: canvas.NewRectangle(color.Transparent)}
	r.picture.FillMode = canvas.ImageFillStretch
	r.objects = []fyne.CanvasObject{r.picture}
	for i := range r.shades {
		r.shades[i] = canvas.NewRectangle(color.NRGBA{A: 0xa0})
		r.objects = append(r.objects, r.shades[i])
	}
	r.objects = append(r.objects, r.frame)
	for i := range r.corners {
		r.corners[i] = canvas.NewRectangle(color.White)
		r.objects = append(r.objects, r.corners[i])
	}
	r.Refresh()
	return r
}

type cropperRenderer struct {
	cropper *Cropper
	picture *canvas.Image
	shades  [4]*canvas.Rectangle // above, below, left, right of the frame
	frame   *canvas.Rectangle
	corners [4]*canvas.Rectangle
	objects []fyne.CanvasObject
}

func (r *cropperRenderer) Layout(fyne.Size) {
	at, size := r.cropper.area()
	in, box := r.cropper.box()
	set := func(o fyne.CanvasObject, x, y, w, h float32) {
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(max(0, w), max(0, h)))
	}
	set(r.picture, at.X, at.Y, size.Width, size.Height)
	set(r.shades[0], at.X, at.Y, size.Width, in.Y-at.Y)
	set(r.shades[1], at.X, in.Y+box.Height, size.Width, at.Y+size.Height-in.Y-box.Height)
	set(r.shades[2], at.X, in.Y, in.X-at.X, box.Height)
	set(r.shades[3], in.X+box.Width, in.Y, at.X+size.Width-in.X-box.Width, box.Height)
	set(r.frame, in.X, in.Y, box.Width, box.Height)
	side := look.Px(12)
	for i, o := range r.corners {
		x, y := in.X, in.Y
		if i%2 == 1 {
			x += box.Width
		}
		if i > 1 {
			y += box.Height
		}
		set(o, x-side/2, y-side/2, side, side)
	}
}

func (r *cropperRenderer) MinSize() fyne.Size { return fyne.NewSize(look.Px(320), look.Px(240)) }

func (r *cropperRenderer) Refresh() {
	r.Layout(r.cropper.Size())
	r.frame.StrokeColor, r.frame.StrokeWidth = color.White, look.Px(2)
	for _, o := range r.corners {
		o.StrokeColor, o.StrokeWidth = color.Black, 1
		o.FillColor = color.White
		if r.cropper.focused { // where the keyboard is
			o.FillColor = theme.Color(theme.ColorNamePrimary)
		}
		o.Refresh()
	}
	r.frame.Refresh()
}

func (r *cropperRenderer) Destroy()                     {}
func (r *cropperRenderer) Objects() []fyne.CanvasObject { return r.objects }
