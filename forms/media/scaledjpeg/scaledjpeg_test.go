package scaledjpeg_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"baosong/forms/media/sample"
	"baosong/forms/media/scaledjpeg"
)

func photo(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := sample.Photo(&b, sample.PhotoOptions{Index: 7, Width: w, Height: h, NoThumbnail: true}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestAgreesWithTheStandardDecoder compares with the mean of the pixels that the standard decoder makes.
func TestAgreesWithTheStandardDecoder(t *testing.T) {
	files := map[string][]byte{}
	for _, size := range [][2]int{{640, 480}, {641, 479}, {373, 231}, {1, 1}, {333, 222}, {250, 1}} {
		files[fmt.Sprint(size)] = photo(t, size[0], size[1])
	}
	// 4:2:0, 4:2:2, 4:4:4, 4:4:0, grey and restart markers, made by ../testdata/make.sh.
	for _, name := range samples(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = data
	}
	for name, data := range files {
		for _, denom := range []int{2, 4, 8} {
			t.Run(fmt.Sprint(name, "/", denom), func(t *testing.T) {
				want, err := jpeg.Decode(bytes.NewReader(data))
				if err != nil {
					t.Fatal(err)
				}
				got, err := scaledjpeg.Decode(data, denom)
				if err != nil {
					t.Fatal(err)
				}
				if dB := agreement(t, want, got, denom); dB < 32 {
					t.Errorf("agrees to %.1f dB only", dB)
				}
			})
		}
	}
}

func samples(t *testing.T) []string {
	names, err := filepath.Glob("testdata/*.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if len(names) < 5 {
		t.Fatalf("only %d samples in testdata", len(names))
	}
	return names
}

// agreement is the PSNR in dB of got against want averaged over squares of denom samples, the worst of the channels.
func agreement(t *testing.T, want, got image.Image, denom int) float64 {
	t.Helper()
	b := want.Bounds()
	if size := image.Pt((b.Dx()+denom-1)/denom, (b.Dy()+denom-1)/denom); got.Bounds().Size() != size {
		t.Fatalf("size %v, want %v", got.Bounds().Size(), size)
	}
	if g, ok := got.(*image.Gray); ok {
		w := want.(*image.Gray)
		return psnr(w.Pix, w.Stride, g.Pix, g.Stride, b.Dx(), b.Dy(), denom)
	}
	g, w := got.(*image.YCbCr), want.(*image.YCbCr)
	if g.SubsampleRatio != w.SubsampleRatio {
		t.Fatalf("sampling %v, want %v", g.SubsampleRatio, w.SubsampleRatio)
	}
	cw, ch := b.Dx(), b.Dy()
	switch w.SubsampleRatio {
	case image.YCbCrSubsampleRatio420:
		cw, ch = (cw+1)/2, (ch+1)/2
	case image.YCbCrSubsampleRatio422:
		cw = (cw + 1) / 2
	case image.YCbCrSubsampleRatio440:
		ch = (ch + 1) / 2
	}
	return min(psnr(w.Y, w.YStride, g.Y, g.YStride, b.Dx(), b.Dy(), denom),
		psnr(w.Cb, w.CStride, g.Cb, g.CStride, cw, ch, denom), psnr(w.Cr, w.CStride, g.Cr, g.CStride, cw, ch, denom))
}

// psnr looks at whole squares only: what a block holds beyond the edge of the picture is the encoder's business.
func psnr(want []byte, ws int, got []byte, gs int, w, h, denom int) float64 {
	var sum, n float64
	for y := range h / denom {
		for x := range w / denom {
			mean := 0.0
			for i := range denom * denom {
				mean += float64(want[(y*denom+i/denom)*ws+x*denom+i%denom])
			}
			d := mean/float64(denom*denom) - float64(got[y*gs+x])
			sum += d * d
			n++
		}
	}
	if sum == 0 {
		return math.Inf(1)
	}
	return 10 * math.Log10(255*255*n/sum)
}

func TestRefuses(t *testing.T) {
	data := photo(t, 320, 240)
	for n := 0; n < len(data); n += 97 {
		if _, err := scaledjpeg.Decode(data[:n], 2); err == nil {
			t.Errorf("%d of %d bytes were enough", n, len(data))
		}
	}
	if _, err := scaledjpeg.Decode(data, 3); err == nil {
		t.Error("a third is no scale")
	}
	// Damage may pass unseen, as it does with every decoder; it must not end the program.
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		bad := bytes.Clone(data)
		for range 4 {
			bad[rnd.IntN(len(bad))] = byte(rnd.Uint32())
		}
		_, _ = scaledjpeg.Decode(bad, 2)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(photo(f, 33, 17), uint8(2))
	f.Add(photo(f, 16, 16), uint8(8))
	names, _ := filepath.Glob("testdata/*.jpg")
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, uint8(4))
	}
	f.Fuzz(func(t *testing.T, data []byte, denom uint8) {
		c, err := jpeg.DecodeConfig(bytes.NewReader(data))
		if err == nil && c.Width*c.Height > 1<<20 {
			return
		}
		got, err := scaledjpeg.Decode(data, int(denom))
		if err != nil {
			return
		}
		want, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			return // the standard decoder is stricter
		}
		n := int(denom)
		if w, g := want.Bounds().Size(), got.Bounds().Size(); g != image.Pt((w.X+n-1)/n, (w.Y+n-1)/n) {
			t.Errorf("%v scaled to %v", w, g)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	data := photo(b, 4000, 3000)
	for _, denom := range []int{1, 2, 4, 8} {
		b.Run(fmt.Sprint(denom), func(b *testing.B) {
			for b.Loop() {
				var err error
				if denom == 1 {
					_, err = jpeg.Decode(bytes.NewReader(data))
				} else {
					_, err = scaledjpeg.Decode(data, denom)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
