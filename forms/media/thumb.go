package media

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"path/filepath"

	"baosong/forms/media/exif"
)

// Thumbnail gives a small upright picture of a photo, its long side at most edge pixels: from the thumbnail that the
// camera put into the file where that is large enough, else from the picture. For files that are not pictures the
// error is Unsupported: a caller draws a card for them.
func Thumbnail(ctx context.Context, path string, edge int) (image.Image, error) {
	return Tools{}.Thumbnail(ctx, path, edge)
}

// Thumbnail is the function of that name with the help of tools.
func (t Tools) Thumbnail(ctx context.Context, path string, edge int) (image.Image, error) {
	s, err := openSource(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("thumbnail: %w", err)
	}
	defer s.file.Close()
	if s.info.Kind != Image {
		return nil, fmt.Errorf("thumbnail %s: %s: %w", filepath.Base(path), s.info.Format, Unsupported)
	}
	if img := s.embedded(edge); img != nil {
		return img, nil
	}
	img, err := s.small(ctx, t, view{edge: edge})
	if err != nil {
		return nil, fmt.Errorf("thumbnail %s: %w", filepath.Base(path), err)
	}
	return img, nil
}

// small decodes and renders a picture.
func (s source) small(ctx context.Context, t Tools, v view) (image.Image, error) {
	release, err := t.Room.take(ctx, s.memory(v))
	if err != nil {
		return nil, err
	}
	defer release()
	p, err := s.decode(ctx, t, v)
	if err != nil {
		return nil, err
	}
	return p.render(v.edge), nil
}

// embedded is the thumbnail inside the file, upright and scaled, nil when there is none that will do: none that has
// at least three quarters of the size asked for and the shape of the picture.
func (s source) embedded(edge int) image.Image {
	block := s.exifBlock()
	if block == nil || len(block.Thumbnail) == 0 {
		return nil
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(block.Thumbnail))
	if err != nil || max(c.Width, c.Height) > 1024 || 4*max(c.Width, c.Height) < 3*edge {
		return nil
	}
	w, h := s.info.Width, s.info.Height
	if s.info.Orientation >= 5 {
		w, h = h, w
	}
	// Cameras letterbox 3:2 pictures into 4:3 thumbnails, and editors crop without making a new one.
	if d := c.Width*h - c.Height*w; d*50 > c.Width*h || -d*50 > c.Width*h {
		return nil
	}
	img, err := jpeg.Decode(bytes.NewReader(block.Thumbnail))
	if err != nil {
		return nil
	}
	return (&picture{img: img, orientation: s.info.Orientation}).render(edge)
}

func (s source) exifBlock() *exif.Block {
	if s.info.Format != JPEG {
		return nil
	}
	h, err := readJPEGHead(s.r)
	if err != nil {
		return nil
	}
	return h.exif()
}
