package media

import (
	"image"
	"image/draw"

	"baosong/forms/media/icc"
)

// colours finds out what has to be done for the picture to be sRGB. A profile of a kind that is not understood, as
// printers have, stays with the picture instead.
func (p *picture) colours() {
	if p.profile == nil {
		if p.toSRGB == nil && p.exif != nil && p.exif.AdobeRGB() {
			p.toSRGB = icc.AdobeRGB()
		}
		return
	}
	t, err := icc.Parse(p.profile)
	if err != nil {
		return
	}
	p.profile = nil
	if !t.Identity() {
		p.toSRGB = t
	}
}

// srgb converts a scaled picture.
func (p *picture) srgb(img image.Image) image.Image {
	if p.toSRGB == nil {
		return img
	}
	switch img := img.(type) {
	case *image.Gray:
		table := p.toSRGB.Gray()
		for i, v := range img.Pix {
			img.Pix[i] = table[v]
		}
		return img
	case *image.NRGBA:
		p.toSRGB.Pixels(img.Pix)
		return img
	}
	out := toNRGBA(img)
	p.toSRGB.Pixels(out.Pix)
	return out
}

// coefficients are those of a YCbCr matrix (ISO/IEC 23091-2, table 4).
func coefficients(code int) (kr, kb float64) {
	switch code {
	case 1:
		return 0.2126, 0.0722
	case 9, 10:
		return 0.2627, 0.0593
	}
	return 0.299, 0.114
}

// recode turns samples of another matrix or of the narrow range of video into those of JPEG, in place. Each channel needs
// the others; where colours are shared by several pixels, brightness takes those of its own place, and colour that of the
// first pixel of its place, which is what counts for little: the three matrices differ little in it.
func recode(img *image.YCbCr, matrix int, full bool) {
	kr, kb := coefficients(matrix)
	if full && kr == 0.299 {
		return
	}
	yOff, yMul, cMul := 0.0, 1.0, 1.0
	if !full {
		yOff, yMul, cMul = 16, 255.0/219, 255.0/224
	}
	// From Y, Cb, Cr to RGB and back, both linear: a 3 × 3 matrix, of which luma's row and those of the colours without
	// luma remain, since greys stay grey.
	kg := 1 - kr - kb
	const r, g, b = 0.299, 0.587, 0.114
	rCr, bCb := 2*(1-kr), 2*(1-kb)
	gCb, gCr := -2*kb*(1-kb)/kg, -2*kr*(1-kr)/kg
	yCb, yCr := g*gCb+b*bCb, r*rCr+g*gCr
	cbCb, cbCr := (bCb-yCb)/(2*(1-b)), -yCr/(2*(1-b))
	crCb, crCr := -yCb/(2*(1-r)), (rCr-yCr)/(2*(1-r))
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		for x := img.Rect.Min.X; x < img.Rect.Max.X; x++ {
			i, c := img.YOffset(x, y), img.COffset(x, y)
			cb, cr := cMul*(float64(img.Cb[c])-128), cMul*(float64(img.Cr[c])-128)
			img.Y[i] = toByte((float64(img.Y[i])-yOff)*yMul + yCb*cb + yCr*cr)
		}
	}
	for i := range img.Cb {
		cb, cr := cMul*(float64(img.Cb[i])-128), cMul*(float64(img.Cr[i])-128)
		img.Cb[i], img.Cr[i] = toByte(128+cbCb*cb+cbCr*cr), toByte(128+crCb*cb+crCr*cr)
	}
}

func toByte(v float64) byte { return byte(min(max(v+0.5, 0), 255)) }

// toNRGBA converts an opaque picture.
func toNRGBA(img image.Image) *image.NRGBA {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Rect, img, b.Min, draw.Src)
	return &image.NRGBA{Pix: out.Pix, Stride: out.Stride, Rect: out.Rect}
}
