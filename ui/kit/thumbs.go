package kit

import (
	"container/list"
	"context"
	"image"
	"sync"

	"fyne.io/fyne/v2"
)

// LoadImage reads a picture whose longer side is about edge pixels. It is called off the UI goroutine, several at
// a time, and ends early when the context does. Until it has the picture it may hand a poorer one to quick.
type LoadImage func(ctx context.Context, id string, edge int, quick func(image.Image)) (image.Image, error)

// Bounds on what thumbnails take: pictures held, and pictures read at a time.
const (
	heldThumbs    = 96 // more than two screens of the smallest size
	readingThumbs = 32
)

// thumbs loads pictures for what is in sight, and drops loads whose row has moved on.
// Everything but the work of load runs on the UI goroutine.
type thumbs struct {
	load  LoadImage
	do    func(func())
	limit int
	slots chan struct{}
	held  map[string]*list.Element
	order *list.List // of *thumb, the latest used first
	wait  sync.WaitGroup
	// open is the context that reading ends with at the latest, and begin runs it; both are called on the UI goroutine.
	open  func() context.Context
	begin func(func())
}

type thumb struct {
	id  string
	img image.Image
}

func newThumbs(load LoadImage, do func(func()), limit int) *thumbs {
	if do == nil {
		do = fyne.Do
	}
	t := &thumbs{
		load: load, do: do, limit: limit, slots: make(chan struct{}, readingThumbs),
		held: map[string]*list.Element{}, order: list.New(), open: context.Background,
	}
	t.begin = t.wait.Go
	return t
}

// within has pictures read by begin, and only as long as the context of open lasts; nil changes nothing.
func (t *thumbs) within(open func() context.Context, begin func(func())) *thumbs {
	if open != nil {
		t.open = open
	}
	if begin != nil {
		t.begin = begin
	}
	return t
}

// cached returns a picture that is at hand.
func (t *thumbs) cached(id string) image.Image {
	e, ok := t.held[id]
	if !ok {
		return nil
	}
	t.order.MoveToFront(e)
	return e.Value.(*thumb).img
}

func (t *thumbs) keep(id string, img image.Image) {
	t.forget(id)
	t.held[id] = t.order.PushFront(&thumb{id, img})
	for t.order.Len() > t.limit {
		t.forget(t.order.Back().Value.(*thumb).id)
	}
}

// forget drops a picture that has changed.
func (t *thumbs) forget(id string) {
	if e, ok := t.held[id]; ok {
		t.order.Remove(e)
		delete(t.held, id)
	}
}

// get loads a picture and hands it to ready on the UI goroutine, a poorer one first if there is one, unless cancel was
// called there before.
func (t *thumbs) get(id string, edge int, ready func(image.Image, error)) (cancel func()) {
	ctx, stop := context.WithCancel(t.open())
	dropped, done := false, false
	t.begin(func() {
		defer stop()
		select {
		case t.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		img, err := t.load(ctx, id, edge, func(poor image.Image) {
			t.do(func() {
				if !dropped && !done {
					ready(poor, nil)
				}
			})
		})
		<-t.slots
		given := ctx.Err() != nil // up, with the page it was for
		t.do(func() {
			if done = true; dropped || given {
				return
			}
			if err == nil {
				t.keep(id, img)
			}
			ready(img, err)
		})
	})
	return func() {
		dropped = true
		stop()
	}
}

// show has a photo's picture shown: at once where it is at hand, else as soon
// as it is read, with the words loading until then and broken where it cannot
// be. What it returns gives that up.
func (t *thumbs) show(id string, edge int, loading, broken string, show func(image.Image, string)) (cancel func()) {
	if img := t.cached(id); img != nil {
		show(img, "")
		return func() {}
	}
	show(nil, loading)
	return t.get(id, edge, func(img image.Image, err error) {
		if err != nil {
			show(nil, broken)
			return
		}
		show(img, "")
	})
}
