package kit

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// Picture is an image in the middle of the room it is given, whole, as tall as its width asks for.
type Picture struct {
	widget.BaseWidget
	panel *Panel
	most  float32
	ratio float32 // of height to width
}

// NewPicture returns a picture no wider than most, in pixels at 100 %.
func NewPicture(img image.Image, most float32) *Picture {
	b := img.Bounds()
	drawn := canvas.NewImageFromImage(img)
	drawn.FillMode, drawn.ScaleMode = canvas.ImageFillContain, canvas.ImageScaleSmooth
	p := &Picture{panel: NewPanel(drawn), most: most, ratio: float32(b.Dy()) / float32(max(1, b.Dx()))}
	p.ExtendBaseWidget(p)
	return p
}

// sizeAt is the size of the picture with its frame in a given width.
func (p *Picture) sizeAt(width float32) fyne.Size {
	frame := 2 * look.Px(p.panel.padding)
	width = min(width, look.Px(p.most))
	return fyne.NewSize(width, (width-frame)*p.ratio+frame)
}

// CreateRenderer implements fyne.Widget.
func (p *Picture) CreateRenderer() fyne.WidgetRenderer {
	return &pictureRenderer{WidgetRenderer: widget.NewSimpleRenderer(p.panel), picture: p}
}

type pictureRenderer struct {
	fyne.WidgetRenderer
	picture *Picture
}

func (r *pictureRenderer) Layout(size fyne.Size) {
	own := r.picture.sizeAt(size.Width)
	r.picture.panel.Resize(own)
	r.picture.panel.Move(fyne.NewPos((size.Width-own.Width)/2, 0))
}

func (r *pictureRenderer) MinSize() fyne.Size {
	width := r.picture.Size().Width
	if width == 0 {
		width = look.Px(r.picture.most)
	}
	return fyne.NewSize(look.Px(80), r.picture.sizeAt(width).Height)
}
