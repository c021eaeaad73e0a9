// Package icc turns the colours of a picture into sRGB, which is what office programs, chat programs and mail readers
// take every picture for. It reads the profiles that cameras, phones and scanners embed: three primaries with curves, or
// one curve for greys (ICC.1:2022, 8.3 and 8.4).
package icc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrUnsupported means that a profile is damaged, or of a kind with tables of colours, as printers have.
var ErrUnsupported = errors.New("icc: kind of profile is not supported")

// maxTags bounds the tag table; profiles have some twenty.
const maxTags = 200

// Transform turns 8-bit samples into sRGB. It may be used from several goroutines.
type Transform struct {
	linear [3][256]float32 // of each channel, 0 to 1
	matrix matrix          // linear samples to linear sRGB
	gray   bool
}

// Parse reads a profile.
func Parse(profile []byte) (*Transform, error) {
	tags, err := tagTable(profile)
	if err != nil {
		return nil, err
	}
	switch string(profile[16:20]) {
	case "GRAY":
		t := &Transform{gray: true, matrix: identity}
		if err := t.curve(0, tags["kTRC"]); err != nil {
			return nil, err
		}
		t.linear[1], t.linear[2] = t.linear[0], t.linear[0]
		return t, nil
	case "RGB ":
		t := new(Transform)
		var m matrix
		for i, c := range []string{"r", "g", "b"} {
			if err := t.curve(i, tags[c+"TRC"]); err != nil {
				return nil, err
			}
			xyz := tags[c+"XYZ"]
			if len(xyz) < 20 || string(xyz[:4]) != "XYZ " {
				return nil, fmt.Errorf("no %sXYZ: %w", c, ErrUnsupported)
			}
			for k := range 3 {
				m[k][i] = fixed(xyz[8+4*k:])
			}
		}
		t.matrix = srgbD50.inverse().times(m)
		return t, nil
	}
	return nil, fmt.Errorf("colour space %q: %w", profile[16:20], ErrUnsupported)
}

// CodePoints is the transform for colours given by code points (ISO/IEC 23091-2), as HEIC and AVIF have where they carry
// no profile. It is nil for those of sRGB and for unknown ones. The curve is taken for that of sRGB.
func CodePoints(primaries int) *Transform {
	var p [3][2]float64
	switch primaries {
	case 9: // BT.2020
		p = [3][2]float64{{0.708, 0.292}, {0.170, 0.797}, {0.131, 0.046}}
	case 11, 12: // P3; with the white of cinemas or that of screens, which white balance hides
		p = [3][2]float64{{0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}}
	default:
		return nil
	}
	return fromPrimaries(p, decodeSRGB)
}

// AdobeRGB is the transform for Adobe RGB (1998), which cameras can write without a profile.
func AdobeRGB() *Transform {
	return fromPrimaries([3][2]float64{{0.640, 0.330}, {0.210, 0.710}, {0.150, 0.060}},
		func(v float64) float64 { return math.Pow(v, 563.0/256) })
}

// fromPrimaries makes a transform from chromaticities, for a white of D65, and a curve.
func fromPrimaries(p [3][2]float64, curve func(float64) float64) *Transform {
	srgb := [3][2]float64{{0.640, 0.330}, {0.300, 0.600}, {0.150, 0.060}}
	t := &Transform{matrix: primaryMatrix(srgb).inverse().times(primaryMatrix(p))}
	for i := range 256 {
		v := float32(curve(float64(i) / 255))
		t.linear[0][i], t.linear[1][i], t.linear[2][i] = v, v, v
	}
	return t
}

// Identity reports whether nothing would be seen to change: no colour of a coarse grid moves by more than two steps.
func (t *Transform) Identity() bool {
	e := encoder()
	for r := 0; r < 256; r += 51 {
		for g := 0; g < 256; g += 51 {
			for b := 0; b < 256; b += 51 {
				in := [3]int{r, g, b}
				out := [3]byte{byte(r), byte(g), byte(b)}
				t.one(e, out[:])
				for i := range in {
					if d := in[i] - int(out[i]); d > 2 || d < -2 {
						return false
					}
				}
			}
		}
	}
	return true
}

// Pixels changes pixels of four bytes (red, green, blue, alpha not premultiplied) in place.
func (t *Transform) Pixels(pix []byte) {
	e := encoder()
	for ; len(pix) >= 4; pix = pix[4:] {
		t.one(e, pix)
	}
}

// Gray is what becomes of each grey.
func (t *Transform) Gray() *[256]byte {
	e := encoder()
	out := new([256]byte)
	for i := range out {
		p := [3]byte{byte(i), byte(i), byte(i)}
		t.one(e, p[:])
		out[i] = p[1]
	}
	return out
}

func (t *Transform) one(e *[1 << encodeBits]byte, p []byte) {
	r, g, b := t.linear[0][p[0]], t.linear[1][p[1]], t.linear[2][p[2]]
	m := &t.matrix
	p[0] = e[index(float32(m[0][0])*r+float32(m[0][1])*g+float32(m[0][2])*b)]
	p[1] = e[index(float32(m[1][0])*r+float32(m[1][1])*g+float32(m[1][2])*b)]
	p[2] = e[index(float32(m[2][0])*r+float32(m[2][1])*g+float32(m[2][2])*b)]
}

// encodeBits is enough for the dark end, where the curve of sRGB is steep.
const encodeBits = 13

func index(v float32) int {
	return int(min(max(v, 0), 1)*(1<<encodeBits-1) + 0.5)
}

// encoder is the curve of sRGB (IEC 61966-2-1) from linear light to bytes.
func encoder() *[1 << encodeBits]byte {
	e := new([1 << encodeBits]byte)
	for i := range e {
		v := float64(i) / (1<<encodeBits - 1)
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		e[i] = byte(v*255 + 0.5)
	}
	return e
}

func decodeSRGB(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// tagTable reads the header and where the tags lie (7.2 and 7.3).
func tagTable(p []byte) (map[string][]byte, error) {
	if len(p) < 132 || string(p[36:40]) != "acsp" {
		return nil, fmt.Errorf("no header: %w", ErrUnsupported)
	}
	n := binary.BigEndian.Uint32(p[128:])
	if n > maxTags || len(p) < 132+12*int(n) {
		return nil, fmt.Errorf("%d tags: %w", n, ErrUnsupported)
	}
	tags := make(map[string][]byte, n)
	for i := range int(n) {
		e := p[132+12*i:]
		off, size := uint64(binary.BigEndian.Uint32(e[4:])), uint64(binary.BigEndian.Uint32(e[8:]))
		if off+size <= uint64(len(p)) {
			tags[string(e[:4])] = p[off : off+size]
		}
	}
	return tags, nil
}

// fixed reads an s15Fixed16Number.
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }
