package media

import (
	"bufio"
	"bytes"
	"context"
	"errors"
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
	"baosong/forms/media/icc"
	"baosong/forms/media/isobmff"
	"baosong/forms/media/scaledjpeg"
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
	profile     []byte // ICC, of the colours in img; nil is sRGB, or what toSRGB takes
	toSRGB      *icc.Transform
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

// decode decodes a picture that will be shown or sent as v says: a decoder that can may give fewer pixels, but not fewer
// than that. The picture is cut to v's frame; render does the rest.
func (s source) decode(ctx context.Context, t Tools, v view) (*picture, error) {
	if err := s.bounds(); err != nil {
		return nil, err
	}
	p, err := s.decodeFormat(ctx, t, v)
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", s.info.Format, classify(err))
	}
	p.colours()
	p.apply(v)
	p.removed = sorted(append(p.removed, s.info.Personal...))
	if b := p.img.Bounds(); b.Empty() {
		return nil, fmt.Errorf("decode %s: no pixels: %w", s.info.Format, Corrupt)
	}
	return p, nil
}

// bounds refuses pictures whose pixels would not fit into what one picture may take.
func (s source) bounds() error {
	w, h := int64(s.info.Width), int64(s.info.Height)
	if w <= 0 || h <= 0 {
		return fmt.Errorf("decode %s: size %d × %d: %w", s.info.Format, w, h, Corrupt)
	}
	if w >= maxSide || h >= maxSide || w*h > maxPixels {
		return fmt.Errorf("decode %s: %d × %d pixels: %w", s.info.Format, w, h, TooLarge)
	}
	if s.memory(view{}) > maxDecode {
		return fmt.Errorf("decode %s: %d × %d pixels: %w", s.info.Format, w, h, TooLarge)
	}
	return nil
}

// memory is about how many bytes decoding takes.
func (s source) memory(v view) int64 {
	n := int64(s.info.Width) * int64(s.info.Height)
	switch s.info.Format {
	case JPEG:
		d := int64(v.denom(s.info.Width, s.info.Height))
		return 2 * n / (d * d)
	case HEIC, AVIF, WebP:
		return 3 * n
	}
	return 4 * n
}

func (s source) decodeFormat(ctx context.Context, t Tools, v view) (*picture, error) {
	in := &stream{ctx: ctx, r: io.NewSectionReader(s.r, 0, s.size)}
	p := &picture{orientation: s.info.Orientation}
	var err error
	switch s.info.Format {
	case JPEG:
		return s.decodeJPEG(ctx, in, v.denom(s.info.Width, s.info.Height))
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
		p.exif, _ = exif.ParseTIFF(s.r, s.size) // without it the picture is as good
	case WebP:
		p.img, err = s.decodeWebP(in)
		switch img := p.img.(type) { // VP8 has the range of video (RFC 6386, 9.2), and the decoder leaves it
		case *image.YCbCr:
			recode(img, 6, false)
		case *image.NYCbCrA:
			recode(&img.YCbCr, 6, false)
		}
		p.exif, p.profile = s.webpExtras()
	case HEIC, AVIF:
		return s.decodeISO(ctx, t)
	default:
		return nil, Unsupported
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (s source) decodeJPEG(ctx context.Context, in io.Reader, denom int) (*picture, error) {
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
	if err := s.scans(ctx, h); err != nil {
		return nil, err
	}
	img, err := s.pixels(in, h, denom)
	if err != nil {
		return nil, err
	}
	p := &picture{img: img, orientation: 1, exif: h.exif(), profile: h.profile()}
	if p.exif != nil {
		p.orientation = p.exif.Orientation()
	}
	if h.comps == 4 {
		p.profile = nil // it describes inks, and what the decoder makes of them is taken for sRGB
	}
	return p, nil
}

// maxQuick bounds the files that are read into memory to be decoded at a part of their size.
const maxQuick = 32 << 20

// pixels decodes at 1/denom of the size where that is possible, else at the full one.
func (s source) pixels(in io.Reader, h *jpegHead, denom int) (image.Image, error) {
	if denom > 1 && (h.sof == 0xc0 || h.sof == 0xc1) && h.comps != 4 && s.size <= maxQuick {
		data := make([]byte, s.size)
		if _, err := io.ReadFull(in, data); err != nil {
			return nil, err
		}
		if img, err := scaledjpeg.Decode(data, denom); err == nil {
			return img, nil
		}
		// The standard decoder takes more kinds, and names what is wrong.
		in = bytes.NewReader(data)
	}
	return jpeg.Decode(in)
}

// maxVisits bounds how many blocks the scans of a picture go over together: about a second of decoding.
const maxVisits = 32 << 20

// scans refuses a progressive picture that would take the decoder very long, however few bytes it has.
func (s source) scans(ctx context.Context, h *jpegHead) error {
	if h.sof != 0xc2 {
		return nil
	}
	c := &scanCopier{in: bufio.NewReaderSize(&stream{ctx, io.NewSectionReader(s.r, h.scan, s.size-h.scan)}, 64<<10)}
	if err := c.run(); err != nil {
		return err
	}
	if blocks := h.samples() / 64; int64(c.scans)*blocks > maxVisits {
		return fmt.Errorf("jpeg of %d blocks in %d scans: %w", blocks, c.scans, TooLarge)
	}
	return nil
}

// decodeBytes is what the standard decoder takes for this picture: the samples, and for a progressive one the
// coefficients, four bytes each.
func (h *jpegHead) decodeBytes() int64 {
	if h.sof == 0xc2 {
		return h.samples() * 5
	}
	return h.samples()
}

// samples is how many the picture has in all its channels.
func (h *jpegHead) samples() int64 {
	top := byte(0)
	for i := range min(h.comps, 4) {
		top = max(top, h.sampling[i]>>4*(h.sampling[i]&15))
	}
	samples := int64(0)
	for i := range min(h.comps, 4) {
		samples += int64(h.width) * int64(h.height) * int64(h.sampling[i]>>4*(h.sampling[i]&15)) / int64(max(top, 1))
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

// decodeWebP decodes a WebP, of a moving one the first frame, which the decoder does not know by itself.
func (s source) decodeWebP(in io.Reader) (image.Image, error) {
	if !s.info.Animated {
		return webp.Decode(in)
	}
	chunks, err := riffChunks(s.r, s.size)
	if err != nil {
		return nil, err
	}
	for _, c := range chunks {
		if c.kind == "ANMF" && c.size > frameHead && c.size <= maxQuick {
			b := make([]byte, c.size)
			if n, err := s.r.ReadAt(b, c.off+8); n < len(b) {
				return nil, orEOF(err)
			}
			return webp.Decode(bytes.NewReader(stillWebP(b)))
		}
	}
	return nil, fmt.Errorf("webp: no frame: %w", Corrupt)
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

func (s source) decodeISO(ctx context.Context, t Tools) (*picture, error) {
	img, err := t.decodeISO(ctx, s)
	if err != nil {
		return nil, err
	}
	p := &picture{img: img, orientation: 1} // the decoder has applied it
	iso, err := isobmff.ReadPicture(s.r, s.size)
	if err != nil {
		return nil, err
	}
	p.exif, p.profile = exifItem(s.r, iso.Exif), iso.Profile
	if ycc, ok := img.(*image.YCbCr); ok {
		recode(ycc, iso.Matrix, iso.Matrix == 0 || iso.Full)
	}
	if p.profile == nil {
		p.toSRGB = icc.CodePoints(iso.Primaries)
	}
	return p, nil
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
	if rare := new(tiff.UnsupportedError); errors.Is(err, bmp.ErrUnsupported) || errors.As(err, rare) {
		return fmt.Errorf("%w: %w", Unsupported, err)
	}
	return err
}
