package forms

import (
	"image"
	"math"
	"testing"
)

func TestFrameKeepsPixels(t *testing.T) {
	for _, c := range []struct {
		frame Frame
		want  image.Rectangle
	}{
		{Frame{}, image.Rect(0, 0, 400, 300)},
		{Frame{0.25, 0, 1, 0.5}, image.Rect(100, 0, 400, 150)},
		{Frame{0.9999, 0.9999, 1, 1}, image.Rect(399, 299, 400, 300)},
		{Frame{0.5, 0, 0.2, 1}, image.Rect(0, 0, 400, 300)}, // not valid: nothing is lost
	} {
		if got := c.frame.In(400, 300); got != c.want {
			t.Errorf("%v keeps %v, want %v", c.frame, got, c.want)
		}
	}
	for _, bad := range []Frame{{-0.1, 0, 1, 1}, {0, 0, 1.1, 1}, {0.5, 0, 0.5, 1}, {math.NaN(), 0, 1, 1}, {0, 0, 1, math.Inf(1)}} {
		if bad.Valid() {
			t.Errorf("%v is taken for a frame", bad)
		}
	}
}

func TestSentIsWhatIsKeptAsItIsTurned(t *testing.T) {
	for _, c := range []struct {
		m    Material
		w, h int
	}{
		{Material{Width: 400, Height: 300}, 400, 300},
		{Material{Width: 400, Height: 300, Turn: 2}, 400, 300},
		{Material{Width: 400, Height: 300, Turn: 3}, 300, 400},
		{Material{Width: 400, Height: 300, Turn: 1, Frame: Frame{0.25, 0, 1, 0.5}}, 150, 300},
		{Material{Turn: 1, Frame: Frame{0.25, 0, 1, 0.5}}, 0, 0},
	} {
		if w, h := c.m.Sent(); w != c.w || h != c.h {
			t.Errorf("%+v is sent %d × %d, not %d × %d", c.m, w, h, c.w, c.h)
		}
	}
}

func TestWrongEnding(t *testing.T) {
	for name, want := range map[string]bool{"a.jpg": false, "a.JPG": false, "a.png": true, "a": true, "a.jpg.exe": true} {
		if got := (Material{Name: name, Ext: ".jpg"}).WrongEnding(); got != want {
			t.Errorf("%s of a JPEG: %v", name, got)
		}
	}
	if (Material{Name: "a.xyz"}).WrongEnding() {
		t.Error("of content nobody knows, every ending is right")
	}
}
