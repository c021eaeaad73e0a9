package media_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"baosong/forms/media"
	"baosong/forms/media/sample"
)

func TestGather(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, data []byte) string {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var long bytes.Buffer
	if err := sample.Video(&long, sample.VideoOptions{Length: 9 * time.Second}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		put("外/单独.jpg", nil),
		put("夹/IMG_1.HEIC", nil),
		put("夹/IMG_2.JPG", nil),
		put("夹/IMG_2.MOV", long.Bytes()), // too long to belong to the photo
		put("夹/IMG_3.MOV", testdata(t, "apple.mov")),
		put("夹/里/b.mp4", testdata(t, "phone.mp4")),
	}
	put("夹/IMG_1.MOV", testdata(t, "apple.mov"))
	put("夹/._IMG_1.HEIC", nil)
	put("夹/.DS_Store", nil)
	put("夹/Thumbs.db", nil)
	put("夹/desktop.ini", nil)
	put("夹/IMG_1.AAE", nil)
	put("夹/.git/config", nil)
	put("夹/__MACOSX/x.jpg", nil)
	put("夹/~$总结.docx", nil)
	g, err := media.Gather(t.Context(), []string{want[0], filepath.Join(dir, "夹")})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(g.Files, want) {
		t.Errorf("files %q\nwant  %q", g.Files, want)
	}
	skipped := map[media.SkipReason]int{media.SkipLive: 1, media.SkipHidden: 3, media.SkipSystem: 4, media.SkipSidecar: 1}
	if !maps.Equal(g.Skipped, skipped) || g.Count() != 9 {
		t.Errorf("left out %v, want %v", g.Skipped, skipped)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := media.Gather(ctx, []string{dir}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for i := range 60 {
		put("多/"+strconv.Itoa(i)+"/"+strconv.Itoa(i)+".jpg", nil)
	}
	if g, err := media.Gather(t.Context(), []string{filepath.Join(dir, "多")}); err != nil || len(g.Files) != 60 {
		t.Errorf("%d files: %v", len(g.Files), err)
	}
}

// blurred is the photo at path as a shaking hand takes it: its pixels far apart, smoothed.
func blurred(t *testing.T, path string) string {
	t.Helper()
	small, err := media.Thumbnail(t.Context(), path, 40)
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewRGBA(image.Rect(0, 0, 1600, 1200))
	b := small.Bounds()
	for y := range 1200 {
		for x := range 1600 {
			out.Set(x, y, mix(small, float64(x)*float64(b.Dx()-1)/1600, float64(y)*float64(b.Dy()-1)/1200))
		}
	}
	return encoded(t, out)
}

func encoded(t *testing.T, img image.Image) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return write(t, "x.jpg", b.Bytes())
}
