package media_test

import (
	"image"
	"image/color"
	"math"
	"testing"

	"baosong/forms/media"
)

// TestColoursOfOtherMatrices writes colours by the formulas of ISO/IEC 23091-2 and reads them as JPEG's after they were
// recoded.
func TestColoursOfOtherMatrices(t *testing.T) {
	for _, tt := range []struct {
		matrix int
		kr, kb float64
	}{{1, 0.2126, 0.0722}, {5, 0.299, 0.114}, {6, 0.299, 0.114}, {9, 0.2627, 0.0593}} {
		for _, full := range []bool{true, false} {
			for _, want := range []color.RGBA{
				{208, 32, 32, 255}, {32, 160, 32, 255}, {32, 64, 208, 255}, {224, 208, 32, 255}, {128, 128, 128, 255}, {0, 0, 0, 255}, {255, 255, 255, 255},
			} {
				r, g, b := float64(want.R), float64(want.G), float64(want.B)
				y := tt.kr*r + (1-tt.kr-tt.kb)*g + tt.kb*b
				cb, cr := (b-y)/(2*(1-tt.kb)), (r-y)/(2*(1-tt.kr))
				if !full {
					y, cb, cr = 16+y*219/255, cb*224/255, cr*224/255
				}
				img := image.NewYCbCr(image.Rect(0, 0, 2, 2), image.YCbCrSubsampleRatio420)
				for i := range img.Y {
					img.Y[i] = byte(math.Round(y))
				}
				img.Cb[0], img.Cr[0] = byte(math.Round(128+cb)), byte(math.Round(128+cr))
				media.Recode(img, tt.matrix, full)
				if got := color.RGBAModel.Convert(img.At(1, 1)).(color.RGBA); !alike(got, want, 4) {
					t.Errorf("matrix %d, full range %v: %v became %v", tt.matrix, full, want, got)
				}
			}
		}
	}
}
