package media_test

import (
	"bytes"
	"fmt"
	"image/color"
	"path/filepath"
	"testing"

	"baosong/forms"
	"baosong/forms/media"
)

// TestTurnAndFrame cuts one quarter out of the scene in all orientations and turns it.
func TestTurnAndFrame(t *testing.T) {
	red, green, blue := color.RGBA{0xd0, 0x20, 0x20, 255}, color.RGBA{0x20, 0xa0, 0x20, 255}, color.RGBA{0x20, 0x40, 0xd0, 255}
	right := forms.Frame{Left: 0.5, Right: 1, Top: 0, Bottom: 0.8} // green over yellow
	for o := 1; o <= 8; o++ {
		file := fmt.Sprintf("o%d.jpg", o)
		for _, original := range []bool{false, true} {
			img := prepared(t, media.Tools{}, file, media.Options{Frame: right, Original: original})
			if c := quarter(img, 0); !alike(c, green, 12) || !alike(quarter(img, 1), green, 12) || img.Bounds().Dx() > 62 {
				t.Errorf("%s: the right half, original %v, is %v of %v", file, original, c, img.Bounds())
			}
			img = prepared(t, media.Tools{}, file, media.Options{Frame: right, Turn: 1, Original: original})
			if c := quarter(img, 1); !alike(c, green, 12) || img.Bounds().Dy() > 62 {
				t.Errorf("%s: the right half, turned, original %v, has %v at the right of %v", file, original, c, img.Bounds())
			}
		}
		for turn, want := range []color.RGBA{red, blue} {
			img := prepared(t, media.Tools{}, file, media.Options{Turn: turn})
			if c := quarter(img, 0); !alike(c, want, 12) {
				t.Errorf("%s turned by %d begins with %v", file, turn, c)
			}
		}
		// Without a frame 原图 is turned by a mark only.
		var b bytes.Buffer
		p, err := media.Prepare(t.Context(), filepath.Join("testdata", file), &b, media.Options{Original: true, Turn: 1})
		if err != nil {
			t.Fatal(err)
		}
		again := preparedFrom(t, media.Tools{}, write(t, "x.jpg", b.Bytes()), media.Options{Edge: 90})
		if c := quarter(again, 0); !alike(c, blue, 14) || p.Width != 96 || p.Height != 120 {
			t.Errorf("%s as original, turned: begins with %v, %d × %d", file, c, p.Width, p.Height)
		}
	}
}
