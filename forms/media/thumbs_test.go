package media_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"baosong/forms"
	"baosong/forms/media"
	"baosong/forms/media/sample"
)

var digestA, digestB = strings.Repeat("a", 64), strings.Repeat("b", 64)

func TestThumbsQuickThenProperThenKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "thumbs")
	path := write(t, "a.jpg", photo(t, phone(6)))
	thumbs := media.NewThumbs(dir, media.Tools{}, media.ThumbsOptions{})
	quick := 0
	r := media.ThumbRequest{Path: path, Digest: digestA, Edge: 320, Quick: func(img image.Image) {
		quick++
		if s := img.Bounds().Size(); max(s.X, s.Y) != 160 {
			t.Errorf("the camera's thumbnail is %v", s)
		}
		upright(t, img)
	}}
	img, err := thumbs.Get(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if s := img.Bounds().Size(); s != image.Pt(320, 240) || quick != 1 {
		t.Errorf("%v, quick %d times", s, quick)
	}
	upright(t, img)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if img, err = thumbs.Get(t.Context(), r); err != nil || img.Bounds().Dx() != 320 || quick != 1 {
		t.Errorf("kept: %v, quick %d times", err, quick)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err = thumbs.Get(t.Context(), r); !errors.Is(err, media.Unreadable) {
		t.Errorf("without the folder and the file: %v", err)
	}
	if err := thumbs.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := thumbs.Get(t.Context(), media.ThumbRequest{Path: "testdata/o1.jpg", Edge: 64}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func TestThumbsTurnAndFrame(t *testing.T) {
	thumbs := media.NewThumbs(t.TempDir(), media.Tools{}, media.ThumbsOptions{})
	green := color.RGBA{0x20, 0xa0, 0x20, 255}
	for o := range 8 {
		path := filepath.Join("testdata", "o"+string(rune('1'+o))+".jpg")
		r := media.ThumbRequest{Path: path, Digest: digestA[:63] + string(rune('1'+o)), Edge: 50, Frame: forms.Frame{Left: 0.5, Right: 1, Bottom: 0.4}, Turn: 1}
		for range 2 { // made, then kept
			img, err := thumbs.Get(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			if c := quarter(img, 0); !alike(c, green, 16) || img.Bounds().Dx() > img.Bounds().Dy() {
				t.Errorf("%s: %v in %v", path, c, img.Bounds())
			}
		}
	}
}

func TestThumbsFolderIsBounded(t *testing.T) {
	dir := t.TempDir()
	thumbs := media.NewThumbs(dir, media.Tools{}, media.ThumbsOptions{MaxBytes: 20_000})
	path := write(t, "a.jpg", photo(t, phone(1)))
	for i := range 30 {
		_, err := thumbs.Get(t.Context(), media.ThumbRequest{Path: path, Digest: digestA, Edge: 100 + i})
		if err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if total > 20_000 || len(entries) < 3 {
		t.Errorf("%d files take %d bytes", len(entries), total)
	}
	if err := os.WriteFile(filepath.Join(dir, digestB[:32]+"-64-0.jpg"), []byte("\xff\xd8 not a picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := thumbs.Get(t.Context(), media.ThumbRequest{Path: path, Digest: digestB, Edge: 64}); err != nil {
		t.Errorf("a damaged cache: %v", err)
	}
	// A digest that is none must not become the name of a file.
	if _, err := thumbs.Get(t.Context(), media.ThumbRequest{Path: path, Digest: "../../x", Edge: 64}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "..", "..", "x-64-0.jpg")); err == nil {
		t.Error("a digest decided where a file lies")
	}
}

// TestThumbsServeTheScreenFirst holds the only worker and looks at who is served after it.
func TestThumbsServeTheScreenFirst(t *testing.T) {
	path := write(t, "a.jpg", photo(t, phone(1)))
	synctest.Test(t, func(t *testing.T) {
		room := media.NewRoom(1)
		thumbs := media.NewThumbs(t.TempDir(), media.Tools{Room: room}, media.ThumbsOptions{Workers: 1})
		release, err := media.TakeRoom(t.Context(), room, 1)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var served []string
		var wg sync.WaitGroup
		ask := func(ctx context.Context, name string, ahead bool) {
			wg.Go(func() {
				_, err := thumbs.Get(ctx, media.ThumbRequest{Path: path, Edge: 300, Ahead: ahead})
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					name += " cancelled"
				}
				served = append(served, name)
			})
			synctest.Wait()
		}
		gone, cancel := context.WithCancel(t.Context())
		ask(t.Context(), "first", false) // has the worker, and waits for room
		ask(t.Context(), "ahead 1", true)
		ask(t.Context(), "screen 1", false)
		ask(gone, "scrolled away", false)
		ask(t.Context(), "screen 2", false)
		ask(t.Context(), "ahead 2", true)
		cancel()
		synctest.Wait()
		for range 5 { // one after the other: who takes the room again stands behind the one that waits for it
			again := make(chan func(), 1)
			go func() {
				release, _ := media.TakeRoom(t.Context(), room, 1)
				again <- release
			}()
			synctest.Wait()
			release()
			synctest.Wait()
			release = <-again
		}
		release()
		wg.Wait()
		want := []string{"scrolled away cancelled", "first", "screen 2", "screen 1", "ahead 2", "ahead 1"}
		if !slices.Equal(served, want) {
			t.Errorf("served %q, want %q", served, want)
		}
	})
}

func TestLooks(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, opt sample.PhotoOptions) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, photo(t, opt), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	look := func(path string) media.Look {
		l, err := media.Tools{}.Look(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	large := file("a.jpg", sample.PhotoOptions{Index: 3, Width: 1600, Height: 1200})
	small := file("b.jpg", sample.PhotoOptions{Index: 3, Width: 800, Height: 600, Quality: 50, Orientation: 6})
	other := file("c.jpg", sample.PhotoOptions{Index: 8, Width: 1600, Height: 1200})
	a, b, c := look(large), look(small), look(other)
	if len(a.Advice) != 0 || !slices.Equal(b.Advice, []media.Advice{media.Tiny}) {
		t.Errorf("advice on a good and a tiny photo: %q, %q", a.Advice, b.Advice)
	}
	pairs := media.Alike([]media.Likeness{{"a", digestA, a.Hash}, {"b", digestB, b.Hash}, {"c", "", c.Hash}, {"d", digestA, 0}})
	if want := []media.Pair{{"a", "b", false}, {"a", "d", true}}; !slices.Equal(pairs, want) {
		t.Errorf("alike: %v, want %v; hashes %x %x %x", pairs, want, a.Hash, b.Hash, c.Hash)
	}
	if l := look(blurred(t, large)); !slices.Equal(l.Advice, []media.Advice{media.Blurred}) {
		t.Errorf("a blurred photo: %q", l.Advice)
	}
	if l := look(encoded(t, image.NewGray(image.Rect(0, 0, 1600, 1200)))); !slices.Equal(l.Advice, []media.Advice{media.Black}) || l.Hash != 0 {
		t.Errorf("a black photo: %+v", l)
	}
	thumbs := media.NewThumbs(t.TempDir(), media.Tools{}, media.ThumbsOptions{})
	r := media.ThumbRequest{Path: large, Digest: digestA}
	if l, err := thumbs.Look(t.Context(), r); err != nil || l.Hash != a.Hash {
		t.Errorf("%+v: %v", l, err)
	}
	r.Path = "gone"
	if l, err := thumbs.Look(t.Context(), r); err != nil || l.Hash != a.Hash {
		t.Errorf("kept: %+v: %v", l, err)
	}
}

// mix is the colour between pixels.
func mix(img image.Image, x, y float64) color.Color {
	ix, iy := int(x), int(y)
	fx, fy := x-float64(ix), y-float64(iy)
	var sum [3]float64
	for i, w := range []float64{(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy} {
		c := color.RGBAModel.Convert(img.At(ix+i%2, iy+i/2)).(color.RGBA)
		sum[0], sum[1], sum[2] = sum[0]+w*float64(c.R), sum[1]+w*float64(c.G), sum[2]+w*float64(c.B)
	}
	return color.RGBA{uint8(sum[0]), uint8(sum[1]), uint8(sum[2]), 255}
}
