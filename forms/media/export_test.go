package media

import "context"

// TakeRoom takes all of a room.
func TakeRoom(ctx context.Context, r *Room) (release func(), err error) { return r.take(ctx, r.size) }
