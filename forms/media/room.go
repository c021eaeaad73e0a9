package media

import (
	"context"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// Room bounds the memory that pictures being decoded take together: work that finds none waits for it. The nil Room has
// no bound.
type Room struct {
	size int64
	sem  *semaphore.Weighted
}

// NewRoom makes a Room of size bytes. A picture that needs more than that gets all of it, and is alone then.
func NewRoom(size int64) *Room { return &Room{size, semaphore.NewWeighted(size)} }

// take waits for n bytes and returns how to give them back.
func (r *Room) take(ctx context.Context, n int64) (release func(), err error) {
	if r == nil {
		return func() {}, ctx.Err()
	}
	n = min(max(n, 0), r.size)
	if err := r.sem.Acquire(ctx, n); err != nil {
		return nil, err
	}
	return func() { r.sem.Release(n) }, nil
}

// Progress is how far work on many files is.
type Progress struct {
	Items, TotalItems int
	Bytes, TotalBytes int64
}

// Each calls work for each file, sizes[i] bytes long, on as many at a time as there are processors, and tells progress
// after each; progress may be nil and is never called twice at once. The first error, or the end of ctx, stops it.
func Each(ctx context.Context, sizes []int64, progress func(Progress), work func(ctx context.Context, i int) error) error {
	p := Progress{TotalItems: len(sizes)}
	for _, n := range sizes {
		p.TotalBytes += n
	}
	var mu sync.Mutex
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, n := range sizes {
		if inner.Err() != nil {
			break
		}
		g.Go(func() error {
			if err := inner.Err(); err != nil {
				return err
			}
			if err := work(inner, i); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			p.Items, p.Bytes = p.Items+1, p.Bytes+n
			if progress != nil {
				progress(p)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}
