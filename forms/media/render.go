package media

import (
	"image"
	"image/color"
	"image/draw"
)

// render scales a picture so that its long side is at most edge (0: as it is), turns it upright and makes its colours
// sRGB. The result is an *image.YCbCr with 4:2:0 sampling, an *image.Gray or, for pictures that are not stored as one of
// these, an *image.NRGBA.
func (p *picture) render(edge int) image.Image { return p.srgb(p.scaled(edge)) }

func (p *picture) scaled(edge int) image.Image {
	b := p.img.Bounds()
	w, h := fit(b.Dx(), b.Dy(), edge)
	switch img := p.img.(type) {
	case *image.YCbCr:
		return p.renderYCbCr(img, w, h)
	case *image.Gray:
		src := grayPlane(img)
		return planeGray(resize(src, w, h).upright(p.orientation))
	}
	return p.renderRGB(w, h)
}

// resize scales a plane.
func resize(src plane, w, h int) plane {
	if src.w == w && src.h == h {
		// A copy, since colours may be changed in place and a picture may be rendered again.
		dst := newPlane(w, h)
		for y := range h {
			copy(dst.row(y), src.row(y))
		}
		return dst
	}
	return newScaler(src.w, src.h, w, h).scale(planeRows(src))
}

func (p *picture) renderYCbCr(img *image.YCbCr, w, h int) image.Image {
	y, cb, cr := yccPlanes(img)
	cw, ch := (w+1)/2, (h+1)/2
	y = resize(y, w, h).upright(p.orientation)
	cb = resize(cb, cw, ch).upright(p.orientation)
	cr = resize(cr, cw, ch).upright(p.orientation)
	return &image.YCbCr{
		Y: y.pix, Cb: cb.pix, Cr: cr.pix, YStride: y.stride, CStride: cb.stride,
		SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, y.w, y.h),
	}
}

// yccPlanes cuts the picture out of the blocks that a decoder pads it to.
func yccPlanes(img *image.YCbCr) (y, cb, cr plane) {
	r := img.Rect
	y = plane{img.Y[img.YOffset(r.Min.X, r.Min.Y):], img.YStride, r.Dx(), r.Dy()}
	fx, fy := subsampling(img.SubsampleRatio)
	c := plane{stride: img.CStride, w: (r.Max.X+fx-1)/fx - r.Min.X/fx, h: (r.Max.Y+fy-1)/fy - r.Min.Y/fy}
	at := img.COffset(r.Min.X, r.Min.Y)
	cb, cr = c, c
	cb.pix, cr.pix = img.Cb[at:], img.Cr[at:]
	return y, cb, cr
}

func subsampling(s image.YCbCrSubsampleRatio) (x, y int) {
	switch s {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

func grayPlane(img *image.Gray) plane {
	r := img.Rect
	return plane{img.Pix[img.PixOffset(r.Min.X, r.Min.Y):], img.Stride, r.Dx(), r.Dy()}
}

func planeGray(p plane) *image.Gray {
	return &image.Gray{Pix: p.pix, Stride: p.stride, Rect: image.Rect(0, 0, p.w, p.h)}
}

// renderRGB scales premultiplied channels, so that what is transparent does not bleed.
func (p *picture) renderRGB(w, h int) image.Image {
	src := &channelRows{img: p.img, b: p.img.Bounds()}
	s := newScaler(src.b.Dx(), src.b.Dy(), w, h)
	var planes [4]plane
	for c := range planes {
		if c == 3 && opaque(p.img) {
			break
		}
		src.channel = c
		planes[c] = s.scale(src).upright(p.orientation)
	}
	out := image.NewNRGBA(image.Rect(0, 0, planes[0].w, planes[0].h))
	for y := range planes[0].h {
		row := out.Pix[y*out.Stride:][:4*planes[0].w]
		r, g, b := planes[0].row(y), planes[1].row(y), planes[2].row(y)
		if planes[3].pix == nil {
			for x := range r {
				row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = r[x], g[x], b[x], 255
			}
			continue
		}
		a := planes[3].row(y)
		for x := range r {
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = divide(r[x], a[x]), divide(g[x], a[x]), divide(b[x], a[x]), a[x]
		}
	}
	return out
}

// divide takes the alpha out of a premultiplied sample.
func divide(v, a byte) byte {
	if a == 0 {
		return 0
	}
	return byte(min(255, (int(v)*255+int(a)/2)/int(a)))
}

func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

// channelRows gives one premultiplied channel of any picture to the scaler.
type channelRows struct {
	img     image.Image
	b       image.Rectangle
	channel int
	line    *image.RGBA
}

func (c *channelRows) row(y int, buf []byte) []byte {
	if c.line == nil {
		c.line = image.NewRGBA(image.Rect(0, 0, c.b.Dx(), 1))
	}
	// draw has fast paths for the common kinds of pictures and is right for all of them.
	draw.Draw(c.line, c.line.Rect, c.img, image.Pt(c.b.Min.X, c.b.Min.Y+y), draw.Src)
	out := buf[:c.b.Dx()]
	for x := range out {
		out[x] = c.line.Pix[4*x+c.channel]
	}
	return out
}

// flatten lays a picture with transparent parts on white, for formats without.
func flatten(img image.Image) image.Image {
	n, ok := img.(*image.NRGBA)
	if !ok {
		return img
	}
	if n.Opaque() { // the same bytes, in the type that encoders are quick with
		return &image.RGBA{Pix: n.Pix, Stride: n.Stride, Rect: n.Rect}
	}
	out := image.NewRGBA(n.Rect)
	draw.Draw(out, out.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, n, n.Rect.Min, draw.Over)
	return out
}
