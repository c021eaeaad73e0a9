package icc

import (
	"encoding/binary"
	"fmt"
	"math"
)

// curve fills the table of a channel from a curve tag: a table, a power, or one of five formulas (10.6 and 10.18).
func (t *Transform) curve(channel int, tag []byte) error {
	f, err := parseCurve(tag)
	if err != nil {
		return err
	}
	for i := range 256 {
		v := f(float64(i) / 255)
		if math.IsNaN(v) {
			return fmt.Errorf("curve gives no number: %w", ErrUnsupported)
		}
		t.linear[channel][i] = float32(min(max(v, 0), 1))
	}
	return nil
}

func parseCurve(tag []byte) (func(float64) float64, error) {
	if len(tag) < 12 {
		return nil, fmt.Errorf("no curve: %w", ErrUnsupported)
	}
	switch string(tag[:4]) {
	case "curv":
		n := int(binary.BigEndian.Uint32(tag[8:]))
		if n > 1<<16 || len(tag) < 12+2*n {
			return nil, fmt.Errorf("curve of %d entries: %w", n, ErrUnsupported)
		}
		return sampled(tag[12:], n), nil
	case "para":
		return formula(int(binary.BigEndian.Uint16(tag[8:])), tag[12:])
	}
	return nil, fmt.Errorf("curve %q: %w", tag[:4], ErrUnsupported)
}

func sampled(b []byte, n int) func(float64) float64 {
	at := func(i int) float64 { return float64(binary.BigEndian.Uint16(b[2*i:])) }
	switch n {
	case 0:
		return func(x float64) float64 { return x }
	case 1:
		gamma := at(0) / 256
		return func(x float64) float64 { return math.Pow(x, gamma) }
	}
	return func(x float64) float64 {
		pos := x * float64(n-1)
		i := min(int(pos), n-2)
		part := pos - float64(i)
		return (at(i)*(1-part) + at(i+1)*part) / 65535
	}
}

// formula is a parametric curve of types 0 to 4 with parameters g, a, b, c, d, e, f.
func formula(kind int, b []byte) (func(float64) float64, error) {
	counts := []int{1, 3, 4, 5, 7}
	if kind >= len(counts) || len(b) < 4*counts[kind] {
		return nil, fmt.Errorf("curve of type %d: %w", kind, ErrUnsupported)
	}
	var p [7]float64
	for i := range counts[kind] {
		p[i] = fixed(b[4*i:])
	}
	g, a, bb, c, d, e, f := p[0], p[1], p[2], p[3], p[4], p[5], p[6]
	switch kind {
	case 0:
		return func(x float64) float64 { return math.Pow(x, g) }, nil
	case 1:
		d, c = -bb/a, 0
	case 2:
		d, c, e, f = -bb/a, 0, c, c
	}
	return func(x float64) float64 {
		if x >= d {
			return math.Pow(a*x+bb, g) + e
		}
		return c*x + f
	}, nil
}
