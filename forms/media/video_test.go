package media_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"baosong/forms/media"
)

// withFFmpeg are Tools with ffmpeg, which .ci/need.sh installs. Where it is not on the path, it holds them to
// saying what is needed, and reports false.
func withFFmpeg(t *testing.T) (media.Tools, bool) {
	t.Helper()
	tools := media.Tools{FFmpeg: media.FindFFmpeg()}
	if tools.CanCompress() {
		return tools, true
	}
	dst := filepath.Join(t.TempDir(), "x.mp4")
	if err := tools.Compress(t.Context(), "testdata/phone.mp4", dst, media.Offer{Width: 64, Height: 48}, nil); !errors.Is(err, media.NeedsTool) {
		t.Errorf("compressing without ffmpeg: %v", err)
	}
	return tools, false
}

func TestOffersAreSmallerAndFit(t *testing.T) {
	info := media.Info{Kind: media.Video, Width: 3840, Height: 2160, Duration: time.Minute, Size: 400 << 20}
	offers := media.Offers(info)
	if len(offers) != 2 || offers[0].Width != 1920 || offers[0].Height != 1080 || offers[1].Width != 1280 || offers[1].Height != 720 {
		t.Fatalf("offers for a minute of 4K: %+v", offers)
	}
	if a, b := offers[0], offers[1]; a.Bytes <= b.Bytes || a.Time <= b.Time || a.Bytes > 60<<20 || b.Bytes < 5<<20 || a.Time > 5*time.Minute {
		t.Errorf("estimates %+v", offers)
	}
	upright := info
	upright.Width, upright.Height = 1080, 1920
	if o := media.Offers(upright); len(o) != 2 || o[0].Width != 1080 || o[1].Width != 720 || o[1].Height != 1280 {
		t.Errorf("offers for an upright one: %+v", o)
	}
	small := info
	small.Width, small.Height, small.Size = 1280, 720, 6<<20
	if o := media.Offers(small); len(o) != 0 {
		t.Errorf("offers for one that is small already: %+v", o)
	}
	for _, none := range []media.Info{{Kind: media.Image}, {Kind: media.Video, Width: 100, Height: 100, Size: 1 << 30}} {
		if o := media.Offers(none); len(o) != 0 {
			t.Errorf("offers for %+v: %+v", none, o)
		}
	}
}

func TestCompress(t *testing.T) {
	tools, ok := withFFmpeg(t)
	if !ok {
		return
	}
	dst := filepath.Join(t.TempDir(), "-小.mp4")
	var told []time.Duration
	err := tools.Compress(t.Context(), "testdata/turned.mp4", dst, media.Offer{Width: 90, Height: 120}, func(done, total time.Duration) {
		if total < 900*time.Millisecond || done > total || len(told) > 0 && done < told[len(told)-1] {
			t.Errorf("%v of %v after %v", done, total, told)
		}
		told = append(told, done)
	})
	if err != nil {
		t.Fatal(err)
	}
	info, err := media.Probe(t.Context(), dst)
	if err != nil {
		t.Fatal(err)
	}
	if info.Width != 90 || info.Height != 120 || info.Codec != "h264" || info.Format != media.MP4 || len(told) == 0 {
		t.Errorf("%+v, told %d times", info, len(told))
	}
	if err := tools.Compress(t.Context(), "testdata/phone.mp4", dst, media.Offer{Width: 90, Height: 120}, nil); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(dst)
	if err != nil {
		t.Fatal(err)
	}
	if w := traceIn(data); w != nil {
		t.Errorf("%q is in the smaller copy", w)
	}
	if info, err = media.Probe(t.Context(), dst); err != nil || !info.Taken.Equal(taken) {
		t.Errorf("taken %v: %v", info.Taken, err)
	}
}

func TestCompressEndsWithItsContext(t *testing.T) {
	tools, ok := withFFmpeg(t)
	if !ok {
		return
	}
	dst := filepath.Join(t.TempDir(), "a.mp4")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tools.Compress(ctx, "testdata/phone.mp4", dst, media.Offer{Width: 160, Height: 120}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := tools.Compress(t.Context(), "testdata/text.doc", dst, media.Offer{Width: 160, Height: 120}, nil); err == nil {
		t.Error("a document was compressed")
	}
	if _, err := os.Stat(dst); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
}

func TestWithoutFFmpegVideosSayWhatIsNeeded(t *testing.T) {
	var none media.Tools
	if _, err := none.Poster(t.Context(), "testdata/phone.mp4", 100); !errors.Is(err, media.NeedsTool) || !strings.Contains(err.Error(), "ffmpeg") {
		t.Errorf("poster: %v", err)
	}
	dst := filepath.Join(t.TempDir(), "a.mp4")
	if err := none.Compress(t.Context(), "testdata/phone.mp4", dst, media.Offer{Width: 64, Height: 48}, nil); !errors.Is(err, media.NeedsTool) {
		t.Errorf("compress: %v", err)
	}
}

func TestPoster(t *testing.T) {
	tools, ok := withFFmpeg(t)
	if !ok {
		return
	}
	for _, file := range []string{"phone.mp4", "turned.mp4", "film.mkv", "old.avi", "film.wmv"} {
		img, err := tools.Poster(t.Context(), filepath.Join("testdata", file), 100)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		long, short := img.Bounds().Dx(), img.Bounds().Dy()
		if file == "turned.mp4" {
			long, short = short, long
		}
		if long != 100 || short < 74 || short > 76 { // 75, made even
			t.Errorf("%s is %v", file, img.Bounds())
		}
	}
	if _, err := tools.Poster(t.Context(), "testdata/archive.zip", 100); err == nil {
		t.Error("an archive has a poster")
	}
}
