package media

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"baosong/forms"
)

// ThumbsOptions are the bounds of a Thumbs; the zero value is good.
type ThumbsOptions struct {
	MaxBytes int64 // that the folder may take; 0 is 64 MiB
	Workers  int   // pictures made at a time; 0 is one less than there are processors
}

// Thumbs makes thumbnails and keeps them in a folder, which is a cache: it may be deleted at any time. Requests that
// wait are served newest first, since what was asked for last is what is on the screen now.
type Thumbs struct {
	dir   string
	tools Tools
	max   int64

	mu      sync.Mutex
	free    int       // workers without work
	waiting []*waiter // the last one is served next
	used    int64     // bytes in dir; -1 until they are counted
	closed  bool
}

// NewThumbs makes a Thumbs over the folder dir, which it makes when there is something to keep.
func NewThumbs(dir string, tools Tools, opt ThumbsOptions) *Thumbs {
	if opt.MaxBytes <= 0 {
		opt.MaxBytes = 64 << 20
	}
	if opt.Workers <= 0 {
		opt.Workers = max(1, runtime.GOMAXPROCS(0)-1)
	}
	return &Thumbs{dir: dir, tools: tools, max: opt.MaxBytes, free: opt.Workers, used: -1}
}

// ThumbRequest asks for the thumbnail of a file.
type ThumbRequest struct {
	Path   string
	Digest string // SHA-256 of the file in hexadecimal; without it nothing is kept
	Edge   int    // longest side in pixels
	Turn   int    // quarter turns clockwise after the picture stands upright
	Frame  forms.Frame
	Ahead  bool // not on the screen yet: all others go first
	// Quick is given the thumbnail that the camera put into the file, where there is one and the proper one takes work. It
	// is called before Get returns, by the goroutine that called Get; nil if nobody wants it.
	Quick func(image.Image)
}

func (r ThumbRequest) view() view { return view{r.Edge, r.Turn, r.Frame} }

// Get gives a thumbnail, of a video its poster frame. It waits until others are made, and until ctx is done at most. The
// error carries a Problem: Unsupported for what has no picture, NeedsTool for a video without ffmpeg.
func (t *Thumbs) Get(ctx context.Context, r ThumbRequest) (image.Image, error) {
	key := r.key()
	if img := t.kept(key); img != nil {
		return img, nil
	}
	s, err := openSource(ctx, r.Path)
	if err != nil {
		return nil, fmt.Errorf("thumbnail: %w", err)
	}
	defer s.file.Close()
	if s.info.Kind == Image && r.Quick != nil {
		if img := s.embedded(r.view(), false); img != nil {
			r.Quick(img)
		}
	}
	if err := t.begin(ctx, r.Ahead); err != nil {
		return nil, err
	}
	defer t.end()
	img, err := t.tools.thumbnail(ctx, s.source, r.Path, r.view())
	if err != nil {
		return nil, fmt.Errorf("thumbnail %s: %w", filepath.Base(r.Path), err)
	}
	t.keep(key, img)
	return img, nil
}

// Close ends all that waits.
func (t *Thumbs) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for _, w := range t.waiting {
		w.granted <- os.ErrClosed
	}
	t.waiting = nil
	return nil
}

// waiter is a request that waits for a worker.
type waiter struct {
	granted chan error // with room for one
	ahead   bool
}

// begin waits for a worker.
func (t *Thumbs) begin(ctx context.Context, ahead bool) error {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return os.ErrClosed
	}
	if t.free > 0 {
		t.free--
		t.mu.Unlock()
		return nil
	}
	w := &waiter{granted: make(chan error, 1), ahead: ahead}
	t.waiting = append(t.waiting, w)
	t.mu.Unlock()
	select {
	case err := <-w.granted:
		return err
	case <-ctx.Done():
	}
	t.mu.Lock()
	i := slices.Index(t.waiting, w)
	if i >= 0 {
		t.waiting = slices.Delete(t.waiting, i, i+1)
	}
	t.mu.Unlock()
	if i < 0 { // it was its turn in the same moment
		if err := <-w.granted; err == nil {
			t.end()
		}
	}
	return ctx.Err()
}

// end gives a worker back, to the newest request on the screen, else to the newest.
func (t *Thumbs) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		t.free++
		return
	}
	next := len(t.waiting) - 1
	for i := next; i >= 0; i-- {
		if !t.waiting[i].ahead {
			next = i
			break
		}
	}
	w := t.waiting[next]
	t.waiting = slices.Delete(t.waiting, next, next+1)
	w.granted <- nil
}

// key names the thumbnail in the folder, "" when it is not to be kept.
func (r ThumbRequest) key() string {
	if !isDigest(r.Digest) {
		return ""
	}
	name := fmt.Sprintf("%.32s-%d-%d", r.Digest, r.Edge, r.Turn&3)
	if f := r.Frame; f != (forms.Frame{}) {
		at := func(v float64) int { return int(v * 10000) }
		name += fmt.Sprintf("-%d-%d-%d-%d", at(f.Left), at(f.Top), at(f.Right), at(f.Bottom))
	}
	return name + ".jpg"
}

func isDigest(s string) bool {
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == 64
}

// kept reads a thumbnail from the folder, nil when it is not there or not whole.
func (t *Thumbs) kept(key string) image.Image {
	if key == "" {
		return nil
	}
	f, err := os.Open(filepath.Join(t.dir, key))
	if err != nil {
		return nil
	}
	defer f.Close()
	if c, err := jpeg.DecodeConfig(f); err != nil || max(c.Width, c.Height) > 4096 {
		return nil
	}
	if _, err := f.Seek(0, 0); err != nil {
		return nil
	}
	img, err := jpeg.Decode(f)
	if err != nil {
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(f.Name(), now, now) // what is used goes last when room is made
	return img
}

// keep puts a thumbnail into the folder. A cache that cannot be written is none: that is no error.
func (t *Thumbs) keep(key string, img image.Image) {
	if key == "" {
		return
	}
	n, err := t.write(key, img)
	if err != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.used < 0 {
		t.used = t.trim(t.max)
	} else {
		t.used += n
	}
	if t.used > t.max {
		t.used = t.trim(t.max * 3 / 4)
	}
}

func (t *Thumbs) write(key string, img image.Image) (n int64, err error) {
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return 0, err
	}
	f, err := os.CreateTemp(t.dir, "new-*")
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	err = jpeg.Encode(f, flatten(img), &jpeg.Options{Quality: 85})
	if st, serr := f.Stat(); serr == nil {
		n = st.Size()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	return n, os.Rename(f.Name(), filepath.Join(t.dir, key))
}

// trim removes the thumbnails that were not used for longest until the rest takes limit bytes, and returns what it takes.
func (t *Thumbs) trim(limit int64) int64 {
	entries, err := os.ReadDir(t.dir)
	if err != nil {
		return 0
	}
	var files []os.FileInfo
	total := int64(0)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			files = append(files, info)
			total += info.Size()
		}
	}
	slices.SortFunc(files, func(a, b os.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, f := range files {
		if total <= limit {
			break
		}
		if err := os.Remove(filepath.Join(t.dir, f.Name())); err == nil {
			total -= f.Size()
		}
	}
	return total
}
