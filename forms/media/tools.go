package media

import (
	"context"
	"fmt"
	"image"
	"io"

	"github.com/gen2brain/avif"
	"github.com/gen2brain/heic"

	"baosong/forms/media/isobmff"
)

// Tools are what media may use beside this process. The zero value uses nothing.
type Tools struct {
	// Decoder decodes HEIC and AVIF. Without it they are decoded in this process, which stalls its garbage collector for
	// as long as that takes.
	Decoder *Decoder
	// FFmpeg is the path of ffmpeg, as FindFFmpeg gives it; "" when there is none.
	FFmpeg string
	// Room bounds the memory for pictures; nil is no bound.
	Room *Room
}

// decodeISO decodes a HEIC or AVIF picture, which comes out upright.
func (t Tools) decodeISO(ctx context.Context, s source) (image.Image, error) {
	var file io.Reader = io.NewSectionReader(s.r, 0, s.size)
	size := s.size
	if s.info.Format == HEIC {
		if tile, n, ok := isobmff.Grid(s.r, s.size); ok {
			file, size = tile, n
		}
	}
	in := &stream{ctx: ctx, r: file}
	if t.Decoder != nil {
		return t.Decoder.decode(ctx, s.info.Format, in, size)
	}
	return decodeISO(s.info.Format, in)
}

func decodeISO(f Format, in io.Reader) (img image.Image, err error) {
	if f == AVIF {
		img, err = avif.Decode(in)
	} else {
		img, err = heic.Decode(in)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", Corrupt, err)
	}
	if f == HEIC {
		mend(img)
	}
	return img, nil
}

// mend puts right the first bytes of a picture. The decoder hands out memory after freeing it, and by then the free list
// has been written over 24 bytes of the first row, which shows as a dark dash. Those of the second row stand in.
func mend(img image.Image) {
	const written = 24
	var pix []byte
	stride := 0
	switch img := img.(type) {
	case *image.YCbCr:
		pix, stride = img.Y, img.YStride
	case *image.Gray:
		pix, stride = img.Pix, img.Stride
	case *image.RGBA:
		pix, stride = img.Pix, img.Stride
	case *image.NRGBA:
		pix, stride = img.Pix, img.Stride
	}
	if n := min(written, stride); len(pix) >= stride+n {
		copy(pix[:n], pix[stride:])
	}
}
