package media

import (
	"image"

	"baosong/forms"
)

// view is which part of a picture is wanted, how it is laid and how large.
type view struct {
	edge  int         // longest side in pixels, 0 for all there are
	turn  int         // quarter turns clockwise after the picture stands upright
	frame forms.Frame // of the upright picture, before turn
}

func (o Options) view() view { return view{o.Edge, o.Turn, o.Frame} }

// changes reports whether anything but the size is to be changed.
func (v view) changes() bool { return v.turn&3 != 0 || v.framed() }

func (v view) framed() bool { return v.frame != forms.Frame{} && v.frame.Valid() }

// size is what is kept of an upright picture of w × h pixels, before it is turned and scaled.
func (v view) size(w, h int) (int, int) {
	r := v.frame.In(w, h)
	return r.Dx(), r.Dy()
}

// denom is by how much a decoder may shrink an upright picture of w × h pixels: 1, 2, 4 or 8.
func (v view) denom(w, h int) int {
	if v.edge <= 0 {
		return 1
	}
	w, h = v.size(w, h)
	d := 1
	for d < 8 && max(w, h) >= 2*d*v.edge {
		d *= 2
	}
	return d
}

// apply cuts the picture to the frame and adds the turn to its orientation.
func (p *picture) apply(v view) {
	if v.framed() {
		r := stored(v.frame, p.orientation, p.img.Bounds())
		if s, ok := p.img.(interface {
			SubImage(image.Rectangle) image.Image
		}); ok {
			p.img = s.SubImage(r)
		}
	}
	p.orientation = turned(p.orientation, v.turn)
}

// turned is the EXIF orientation that asks for o and then for quarter turns clockwise.
func turned(o, quarters int) int {
	plain, mirrored := [4]int{1, 6, 3, 8}, [4]int{2, 7, 4, 5}
	for _, cycle := range [][4]int{plain, mirrored} {
		for i, v := range cycle {
			if v == o {
				return cycle[(i+quarters&3)&3]
			}
		}
	}
	return turned(1, quarters)
}

// stored is where a frame of the upright picture lies in the stored one, which asks for orientation o and has the
// bounds b. It begins at even pixels, so that shared colour samples stay with theirs.
func stored(f forms.Frame, o int, b image.Rectangle) image.Rectangle {
	switch o {
	case 2, 3:
		f.Left, f.Right = 1-f.Right, 1-f.Left
	case 6, 7:
		f.Top, f.Bottom, f.Left, f.Right = 1-f.Right, 1-f.Left, f.Top, f.Bottom
	case 5:
		f.Top, f.Bottom, f.Left, f.Right = f.Left, f.Right, f.Top, f.Bottom
	case 8:
		f.Top, f.Bottom, f.Left, f.Right = f.Left, f.Right, 1-f.Bottom, 1-f.Top
	}
	switch o {
	case 3, 4:
		f.Top, f.Bottom = 1-f.Bottom, 1-f.Top
	case 7:
		f.Left, f.Right = 1-f.Right, 1-f.Left
	}
	r := f.In(b.Dx(), b.Dy())
	r.Min.X, r.Min.Y = r.Min.X&^1, r.Min.Y&^1
	return r.Add(b.Min)
}
