package icc_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"baosong/forms/media/icc"
)

// profile makes a profile with the given tags, in pairs of name and data.
func profile(space string, tags ...string) []byte {
	head := make([]byte, 132)
	copy(head[16:], space)
	copy(head[20:], "XYZ ")
	copy(head[36:], "acsp")
	n := len(tags) / 2
	binary.BigEndian.PutUint32(head[128:], uint32(n))
	var table, data []byte
	for i := range n {
		table = append(table, tags[2*i]...)
		table = binary.BigEndian.AppendUint32(table, uint32(132+12*n+len(data)))
		table = binary.BigEndian.AppendUint32(table, uint32(len(tags[2*i+1])))
		data = append(data, tags[2*i+1]...)
	}
	return append(append(head, table...), data...)
}

// para is a parametric curve of a type with its parameters.
func para(kind uint16, v ...float64) string {
	b := append([]byte("para\x00\x00\x00\x00"), byte(kind>>8), byte(kind), 0, 0)
	for _, f := range v {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(f*65536)))
	}
	return string(b)
}

func xyz(v ...float64) string {
	b := []byte("XYZ \x00\x00\x00\x00")
	for _, f := range v {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(f*65536)))
	}
	return string(b)
}

// gamma is a curve tag with one entry.
func gamma(g float64) string {
	n := uint16(g * 256)
	return string([]byte{'c', 'u', 'r', 'v', 0, 0, 0, 0, 0, 0, 0, 1, byte(n >> 8), byte(n)})
}

var srgbCurve = para(3, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045)

// displayP3 has the numbers of Apple's profile of that name: P3's primaries as seen under D50.
func displayP3() []byte {
	return profile("RGB ", "rXYZ", xyz(0.51512, 0.24120, -0.00105), "gXYZ", xyz(0.29198, 0.69225, 0.04189), "bXYZ", xyz(0.15710, 0.06657, 0.78407),
		"rTRC", srgbCurve, "gTRC", srgbCurve, "bTRC", srgbCurve)
}

func srgb() []byte {
	return profile("RGB ", "rXYZ", xyz(0.43607, 0.22249, 0.01392), "gXYZ", xyz(0.38515, 0.71687, 0.09708), "bXYZ", xyz(0.14307, 0.06061, 0.71410),
		"rTRC", srgbCurve, "gTRC", srgbCurve, "bTRC", srgbCurve)
}

func TestColoursKnownFromElsewhere(t *testing.T) {
	p3, err := icc.Parse(displayP3())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		t        *icc.Transform
		from, to [3]byte
	}{
		// CSS Color 4 and every browser agree on these: color(display-p3 …) of sRGB's primaries.
		{"red", p3, [3]byte{234, 51, 35}, [3]byte{255, 0, 0}},
		{"green", p3, [3]byte{117, 251, 76}, [3]byte{0, 255, 0}},
		{"white", p3, [3]byte{255, 255, 255}, [3]byte{255, 255, 255}},
		{"grey", p3, [3]byte{119, 119, 119}, [3]byte{119, 119, 119}},
		{"red by code point", icc.CodePoints(12), [3]byte{234, 51, 35}, [3]byte{255, 0, 0}},
		{"beyond sRGB", p3, [3]byte{255, 0, 0}, [3]byte{255, 0, 0}},
		{"Adobe RGB's red", icc.AdobeRGB(), [3]byte{219, 0, 0}, [3]byte{255, 0, 0}},
	} {
		got := append(tt.from[:], 77)
		tt.t.Pixels(got)
		for i := range 3 {
			if d := int(got[i]) - int(tt.to[i]); d > 3 || d < -3 {
				t.Errorf("%s: %v became %v, want %v", tt.name, tt.from, got, tt.to)
				break
			}
		}
		if got[3] != 77 {
			t.Errorf("%s: alpha became %d", tt.name, got[3])
		}
	}
}

func TestIdentity(t *testing.T) {
	s, err := icc.Parse(srgb())
	if err != nil || !s.Identity() {
		t.Errorf("sRGB changes colours: %v", err)
	}
	p3, err := icc.Parse(displayP3())
	if err != nil || p3.Identity() {
		t.Errorf("P3 changes nothing: %v", err)
	}
	if icc.CodePoints(1) != nil || icc.CodePoints(2) != nil {
		t.Error("the primaries of sRGB, or unknown ones, were to be changed")
	}
}

func TestGray(t *testing.T) {
	linear, err := icc.Parse(profile("GRAY", "kTRC", gamma(1)))
	if err != nil {
		t.Fatal(err)
	}
	if g := linear.Gray(); g[0] != 0 || g[255] != 255 || g[55] < 126 || g[55] > 130 { // 0.2158 of light is the middle
		t.Errorf("linear greys: %d %d %d", g[0], g[55], g[255])
	}
	usual, err := icc.Parse(profile("GRAY", "kTRC", gamma(2.2)))
	if err != nil || !usual.Identity() {
		t.Logf("gamma 2.2 is changed a little: %v", err)
	}
}

func TestDamagedProfiles(t *testing.T) {
	whole := displayP3()
	for n := range len(whole) {
		if _, err := icc.Parse(whole[:n]); !errors.Is(err, icc.ErrUnsupported) {
			t.Fatalf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
	if _, err := icc.Parse(profile("CMYK", "A2B0", "mft1")); !errors.Is(err, icc.ErrUnsupported) {
		t.Errorf("inks: %v", err)
	}
	for i := range whole {
		bad := bytes.Clone(whole)
		bad[i] ^= 0xff
		if p, err := icc.Parse(bad); err == nil {
			p.Pixels([]byte{1, 2, 3, 4, 250, 250, 250, 255})
		}
	}
}
