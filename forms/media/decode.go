package media

import (
	"context"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"baosong/forms/media/exif"
	"baosong/forms/media/isobmff"
)

// Bounds on one decoded picture.
const (
	maxSide   = 1 << 16
	maxPixels = 256 << 20
	maxDecode = 400 << 20 // bytes that decoding may take
)

// picture is a decoded picture with what has to go along when it is written again.
type picture struct {
	img         image.Image
	orientation int    // still to be applied, 1 to 8
	profile     []byte // ICC, of the colours in img; nil is sRGB
	exif        *exif.Block
	removed     []string
	isPNG       bool // drawn sharply, such as a screenshot
}

// source is an open file to decode.
type source struct {
	r    io.ReaderAt
	size int64
	info Info
}

// decode decodes a picture that will be shown or sent with a long edge of edge pixels, 0 for all of them: a decoder
// that can may give fewer pixels, but not fewer than that.
func (s source) decode(ctx context.Context, t Tools, edge int) (*picture, error) {
	if err := s.roomFor(); err != nil {
		return nil, err
	}
	p, err := s.decodeFormat(ctx, t, edge)
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", s.info.Format, classify(err))
	}
	p.removed = sorted(append(p.removed, s.info.Personal...))
	if b := p.img.Bounds(); b.Empty() {
		return nil, fmt.Errorf("decode %s: no pixels: %w", s.info.Format, Corrupt)
	}
	return p, nil
}

// roomFor refuses pictures whose pixels would not fit into what one picture may take.
func (s source) roomFor() error {
	w, h := int64(s.info.Width), int64(s.info.Height)
	if w <= 0 || h <= 0 {
		return fmt.Errorf("decode %s: size %d × %d: %w", s.info.Format, w, h, Corrupt)
	}
	if w >= maxSide || h >= maxSide || w*h > maxPixels {
		return fmt.Errorf("decode %s: %d × %d pixels: %w", s.info.Format, w, h, TooLarge)
	}
	per := int64(4)
	switch s.info.Format {
	case JPEG:
		per = 2
	case HEIC, AVIF, WebP:
		per = 3
	}
	if w*h*per > maxDecode {
		return fmt.Errorf("decode %s: %d × %d pixels: %w", s.info.Format, w, h, TooLarge)
	}
	return nil
}

func (s source) decodeFormat(ctx context.Context, t Tools, edge int) (*picture, error) {
	in := &stream{ctx: ctx, r: io.NewSectionReader(s.r, 0, s.size)}
	p := &picture{orientation: s.info.Orientation}
	var err error
	switch s.info.Format {
	case JPEG:
		return s.decodeJPEG(in)
	case PNG:
		return s.decodePNG(in)
	case GIF:
		p.img, err = gif.Decode(in)
		p.isPNG = true
	case BMP:
		p.img, err = bmp.Decode(in)
		p.isPNG = true
	case TIFF:
		p.img, err = tiff.Decode(in)
	case WebP:
		p.img, err = webp.Decode(in)
		p.exif, p.profile = s.webpExtras()
	case HEIC, AVIF:
		p.img, err = t.decodeISO(ctx, s, edge)
		p.exif, p.profile = s.isoExtras()
		p.orientation = 1 // the decoder has applied it
	default:
		return nil, Unsupported
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (s source) decodeJPEG(in io.Reader) (*picture, error) {
	h, err := readJPEGHead(s.r)
	if err != nil {
		return nil, err
	}
	if h.depth != 8 || h.comps != 1 && h.comps != 3 && h.comps != 4 {
		return nil, fmt.Errorf("jpeg with %d channels of %d bits: %w", h.comps, h.depth, Unsupported)
	}
	if need := h.decodeBytes(); need > maxDecode {
		return nil, fmt.Errorf("jpeg needs %d bytes: %w", need, TooLarge)
	}
	img, err := jpeg.Decode(in)
	if err != nil {
		return nil, err
	}
	p := &picture{img: img, orientation: 1, exif: h.exif(), profile: h.profile()}
	if p.exif != nil {
		p.orientation = p.exif.Orientation()
	}
	if h.comps == 4 {
		p.profile = nil // it describes inks, and what is made of them here is sRGB
	}
	return p, nil
}

// decodeBytes is what the standard decoder takes for this picture: the samples, and for a progressive one the
// coefficients, four bytes each.
func (h *jpegHead) decodeBytes() int64 {
	top := byte(0)
	for i := range min(h.comps, 4) {
		top = max(top, h.sampling[i]>>4*(h.sampling[i]&15))
	}
	samples := int64(0)
	for i := range min(h.comps, 4) {
		samples += int64(h.width) * int64(h.height) * int64(h.sampling[i]>>4*(h.sampling[i]&15)) / int64(max(top, 1))
	}
	if h.sof == 0xc2 {
		return samples * 5
	}
	return samples
}

func (s source) decodePNG(in io.Reader) (*picture, error) {
	chunks, err := pngChunks(s.r, s.size)
	if err != nil {
		return nil, err
	}
	img, err := png.Decode(in)
	if err != nil {
		return nil, err
	}
	return &picture{
		img: img, orientation: s.info.Orientation, isPNG: true,
		exif: pngExif(s.r, chunks), profile: pngProfile(s.r, chunks),
	}, nil
}

func (s source) webpExtras() (*exif.Block, []byte) {
	chunks, err := riffChunks(s.r, s.size)
	if err != nil {
		return nil, nil
	}
	var block *exif.Block
	var profile []byte
	for _, c := range chunks {
		if c.kind != "EXIF" && c.kind != "ICCP" {
			continue
		}
		b, err := c.load(s.r)
		if err != nil {
			continue
		}
		if c.kind == "ICCP" {
			profile = b
		} else if parsed, err := exif.Parse(b); err == nil {
			block = parsed
		}
	}
	return block, profile
}

func (s source) isoExtras() (*exif.Block, []byte) {
	p, err := isobmff.ReadPicture(s.r, s.size)
	if err != nil {
		return nil, nil
	}
	return exifItem(s.r, p.Exif), p.Profile
}

// stream reads a file for a decoder that knows no context.
type stream struct {
	ctx context.Context
	r   io.Reader
}

func (s *stream) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// readConfig reads the size of formats whose headers the libraries know.
func (i *Info) readConfig(r io.ReaderAt, size int64) error {
	in := io.NewSectionReader(r, 0, size)
	var c image.Config
	var err error
	if i.Format == BMP {
		c, err = bmp.DecodeConfig(in)
	} else {
		c, err = tiff.DecodeConfig(in)
	}
	i.Width, i.Height = c.Width, c.Height
	return err
}
