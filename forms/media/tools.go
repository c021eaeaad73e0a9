package media

import (
	"context"
	"fmt"
	"image"
	"io"

	"github.com/gen2brain/avif"
	"github.com/gen2brain/heic"
)

// Tools are programs outside this process that media may use. The zero value uses none.
type Tools struct {
	// Child is the command line of a process that runs ServeDecoder, for HEIC and AVIF. Without it they are decoded in
	// this process, which stalls its garbage collector for as long as that takes.
	Child []string
	// FFmpeg is the path of ffmpeg; "" when there is none.
	FFmpeg string
}

func (t Tools) decodeISO(_ context.Context, s source, _ int) (image.Image, error) {
	in := io.NewSectionReader(s.r, 0, s.size)
	var img image.Image
	var err error
	if s.info.Format == AVIF {
		img, err = avif.Decode(in)
	} else {
		img, err = heic.Decode(in)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", Corrupt, err)
	}
	return img, nil
}
