package media

import (
	"context"
	"image"
)

// TakeRoom takes n bytes of a room.
func TakeRoom(ctx context.Context, r *Room, n int64) (release func(), err error) {
	return r.take(ctx, n)
}

// Recode is recode.
func Recode(img *image.YCbCr, matrix int, full bool) { recode(img, matrix, full) }
