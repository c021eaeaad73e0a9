package kit

import (
	"image"
	"testing"

	"fyne.io/fyne/v2"
)

// A page of paper is shown whole: as wide as the column at most, and as tall as that asks for.
func TestPictureFitsItsColumn(t *testing.T) {
	setup(t)
	p := NewPicture(image.NewGray(image.Rect(0, 0, 210, 297)), 620)
	page := NewPage(NewText("共 1 页"), p)
	w := window(t, page)
	for _, width := range []float32{400, 1000} {
		w.Resize(fyne.NewSize(width, 600))
		relayout(w)
		room := width - 2*pageMargin
		size := p.panel.Size()
		if size.Width != min(room, 620) || p.panel.Position().X != (p.Size().Width-size.Width)/2 {
			t.Errorf("in %v, the page is %v wide, at %v", room, size.Width, p.panel.Position())
		}
		paper := p.panel.content.Size()
		if got := paper.Height / paper.Width; got < 1.41 || got > 1.42 || p.Size().Height != size.Height {
			t.Errorf("in %v, the paper is %v of %v", room, paper, p.Size())
		}
	}
}
