package media

import "context"

// TakeRoom takes n bytes of a room.
func TakeRoom(ctx context.Context, r *Room, n int64) (release func(), err error) {
	return r.take(ctx, n)
}
