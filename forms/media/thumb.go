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

// Thumbnail is the function of that name with the help of tools, by which videos have one too: their poster frame.
func (t Tools) Thumbnail(ctx context.Context, path string, edge int) (image.Image, error) {
	s, err := openSource(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("thumbnail: %w", err)
	}
	defer s.file.Close()
	v := view{edge: edge}
	if img := s.embedded(v, true); img != nil {
		return img, nil
	}
	img, err := t.thumbnail(ctx, s.source, path, v)
	if err != nil {
		return nil, fmt.Errorf("thumbnail %s: %w", filepath.Base(path), err)
	}
	return img, nil
}

// thumbnail makes one from the picture itself.
func (t Tools) thumbnail(ctx context.Context, s source, path string, v view) (image.Image, error) {
	switch s.info.Kind {
	case Image:
		return s.small(ctx, t, v)
	case Video:
		return t.Poster(ctx, path, v.edge)
	}
	return nil, fmt.Errorf("%s: %w", s.info.MIME, Unsupported)
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

// embedded is the thumbnail inside the file as v says, nil when there is none that will do: none that has the shape of
// the picture and, if it has to be enough, three quarters of the size asked for.
func (s source) embedded(v view, enough bool) image.Image {
	if s.info.Format != JPEG {
		return nil
	}
	h, err := readJPEGHead(s.r)
	if err != nil {
		return nil
	}
	var block *exif.Block
	if block = h.exif(); block == nil || len(block.Thumbnail) == 0 {
		return nil
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(block.Thumbnail))
	if err != nil || max(c.Width, c.Height) > 1024 || enough && (v.framed() || 4*max(c.Width, c.Height) < 3*v.edge) {
		return nil
	}
	w, ht := s.info.Width, s.info.Height
	if s.info.Orientation >= 5 {
		w, ht = ht, w
	}
	// Cameras letterbox 3:2 pictures into 4:3 thumbnails, and editors crop without making a new one.
	if d := c.Width*ht - c.Height*w; d*50 > c.Width*ht || -d*50 > c.Width*ht {
		return nil
	}
	img, err := jpeg.Decode(bytes.NewReader(block.Thumbnail))
	if err != nil {
		return nil
	}
	p := &picture{img: img, orientation: s.info.Orientation, profile: h.profile()}
	p.colours()
	p.apply(v)
	return p.render(v.edge)
}
