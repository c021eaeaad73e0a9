package media

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"

	"baosong/forms/media/exif"
)

const (
	defaultQuality  = 85
	originalQuality = 95  // where all pixels are wanted, but cannot stay as they were
	lowestQuality   = 50  // below this, fewer pixels look better than coarser ones
	lowestEdge      = 640 // pixels
)

// encode writes a picture as it is to be sent, in memory: a JPEG, or a PNG where the picture came as one and that is
// smaller.
func encode(ctx context.Context, p *picture, opt Options) ([]byte, Format, image.Point, error) {
	quality := opt.Quality
	if quality <= 0 || quality > 100 {
		quality = defaultQuality
	}
	edge := opt.Edge
	for {
		if err := ctx.Err(); err != nil {
			return nil, "", image.Point{}, err
		}
		img := p.render(edge)
		size := img.Bounds().Size()
		data, format, err := p.encodeImage(img, quality, opt.MaxBytes)
		if err != nil {
			return nil, "", size, fmt.Errorf("encode: %w", err)
		}
		long := max(size.X, size.Y)
		if opt.MaxBytes <= 0 || int64(len(data)) <= opt.MaxBytes || long <= lowestEdge {
			return data, format, size, nil
		}
		// Bytes go about with the square of the edge; a little less makes the next try the last one mostly.
		edge = max(lowestEdge, min(long*9/10, int(0.95*float64(long)*math.Sqrt(float64(opt.MaxBytes)/float64(len(data))))))
	}
}

// encodeImage writes one rendering at the highest quality that fits into maxBytes, or at the lowest.
func (p *picture) encodeImage(img image.Image, quality int, maxBytes int64) ([]byte, Format, error) {
	data, err := p.jpeg(img, quality)
	if err != nil {
		return nil, "", err
	}
	if p.isPNG {
		sharp, err := p.png(img, len(data))
		if err != nil {
			return nil, "", err
		}
		if sharp != nil {
			return sharp, PNG, nil
		}
	}
	if maxBytes > 0 && int64(len(data)) > maxBytes {
		data, err = p.within(img, quality, maxBytes)
	}
	return data, JPEG, err
}

// within looks for the highest quality below one that does not fit, to two steps; the lowest when none fits.
func (p *picture) within(img image.Image, high int, maxBytes int64) ([]byte, error) {
	low := min(lowestQuality, high)
	best, err := p.jpeg(img, low)
	if err != nil || int64(len(best)) > maxBytes {
		return best, err
	}
	for high-low > 2 {
		middle := (low + high) / 2
		try, err := p.jpeg(img, middle)
		if err != nil {
			return nil, err
		}
		if int64(len(try)) <= maxBytes {
			best, low = try, middle
		} else {
			high = middle
		}
	}
	return best, nil
}

// jpeg writes a JPEG with the cleaned EXIF block and the colour profile of the source.
func (p *picture) jpeg(img image.Image, quality int) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, flatten(img), &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	size := img.Bounds().Size()
	out := make([]byte, 0, b.Len()+len(p.profile)+1024)
	out = append(out, 0xff, markSOI)
	out = appendExif(out, p.newExif(size))
	out = appendProfile(out, p.profile)
	return append(out, b.Bytes()[2:]...), nil
}

// png writes a PNG with the cleaned EXIF block and the colour profile of the source; nil when it does not come out
// below limit bytes.
func (p *picture) png(img image.Image, limit int) ([]byte, error) {
	var b bytes.Buffer
	if few := palette(img); few != nil {
		img = few
	}
	// Trying hard takes seconds on a photo. What is far off with little effort does not come down to the limit.
	fast := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := fast.Encode(&b, img); err != nil {
		return nil, err
	}
	if b.Len() > 2*limit {
		return nil, nil
	}
	b.Reset()
	if err := png.Encode(&b, img); err != nil {
		return nil, err
	}
	const head = 8 + 12 + 13 // signature and IHDR
	var extra bytes.Buffer
	if len(p.profile) > 0 {
		if err := writeChunk(&extra, "iCCP", packProfile(p.profile)); err != nil {
			return nil, err
		}
	}
	if block := p.newExif(img.Bounds().Size()); block != nil {
		if err := writeChunk(&extra, "eXIf", block.Bytes()); err != nil {
			return nil, err
		}
	}
	if b.Len()+extra.Len() >= limit {
		return nil, nil
	}
	raw := b.Bytes()
	return append(append(bytes.Clone(raw[:head]), extra.Bytes()...), raw[head:]...), nil
}

// newExif is the cleaned EXIF block for new pixels, upright and of the given size; nil when the source had none.
func (p *picture) newExif(size image.Point) *exif.Block {
	if p.exif == nil {
		return nil
	}
	b, _ := p.exif.Clean()
	b.SetOrientation(1)
	b.SetSize(size.X, size.Y)
	if p.profile == nil {
		b.SetSRGB()
	}
	return b
}

// palette is the same picture with a table of its colours, nil when it has more than 256, as photos have.
func palette(img image.Image) *image.Paletted {
	src, ok := img.(*image.NRGBA)
	if !ok {
		return nil
	}
	out := image.NewPaletted(src.Rect, nil)
	index := map[[4]byte]byte{}
	for y := range src.Rect.Dy() {
		row := src.Pix[y*src.Stride:][:4*src.Rect.Dx()]
		for x := range src.Rect.Dx() {
			c := [4]byte(row[4*x:])
			i, known := index[c]
			if !known {
				if len(index) == 256 {
					return nil
				}
				i = byte(len(index))
				index[c] = i
				out.Palette = append(out.Palette, color.NRGBA{c[0], c[1], c[2], c[3]})
			}
			out.Pix[y*out.Stride+x] = i
		}
	}
	return out
}
