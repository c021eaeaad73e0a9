package media

import (
	"math"
)

// plane is one channel of a picture, 8 bits a sample.
type plane struct {
	pix    []byte
	stride int
	w, h   int
}

func newPlane(w, h int) plane { return plane{make([]byte, w*h), w, w, h} }

func (p plane) row(y int) []byte { return p.pix[y*p.stride:][:p.w] }

// rows is where the scaler takes a channel from: row y, valid until the next call; buf may be used for it.
type rows interface {
	row(y int, buf []byte) []byte
}

type planeRows plane

func (p planeRows) row(y int, _ []byte) []byte { return plane(p).row(y) }

// kernel says which source samples make up each target sample, and with what weights. Weights are 14-bit fixed point
// and add up to exactly one.
type kernel struct {
	first   []int32
	weights []int16 // taps for each target sample
	taps    int
}

const weightBits = 14

// newKernel makes the weights of a Catmull-Rom cubic, widened by the scale when shrinking, which is what keeps
// small text sharp without ringing much. Samples beyond the edge count as the edge.
func newKernel(src, dst int) kernel {
	scale := float64(src) / float64(dst)
	wide := max(scale, 1)
	taps := min(int(math.Ceil(4*wide))+1, src)
	k := kernel{first: make([]int32, dst), weights: make([]int16, dst*taps), taps: taps}
	exact := make([]float64, taps)
	for i := range dst {
		centre := (float64(i)+0.5)*scale - 0.5
		first := min(max(int(math.Floor(centre-2*wide))+1, 0), src-taps)
		k.first[i] = int32(first)
		clear(exact)
		sum := 0.0
		for j := int(math.Floor(centre-2*wide)) + 1; float64(j) < centre+2*wide; j++ {
			at := min(max(j, first), first+taps-1)
			v := catmullRom((float64(j) - centre) / wide)
			exact[at-first] += v
			sum += v
		}
		k.round(i, exact, sum)
	}
	return k
}

// round turns weights into fixed point; what rounding leaves over goes to the largest.
func (k *kernel) round(i int, exact []float64, sum float64) {
	out := k.weights[i*k.taps:][:k.taps]
	left, largest := 1<<weightBits, 0
	for t, v := range exact {
		out[t] = int16(math.Round(v / sum * (1 << weightBits)))
		left -= int(out[t])
		if out[t] > out[largest] {
			largest = t
		}
	}
	out[largest] += int16(left)
}

func catmullRom(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// scaler scales channels of one size to another.
type scaler struct {
	across, down kernel
	srcW, srcH   int
	dstW, dstH   int
	ring         [][]int16 // rows already scaled across, by source row modulo len
	sum          []int32
	buf          []byte
}

// midBits are the fractional bits between the two passes.
const midBits = 6

func newScaler(srcW, srcH, dstW, dstH int) *scaler {
	s := &scaler{across: newKernel(srcW, dstW), down: newKernel(srcH, dstH), srcW: srcW, srcH: srcH, dstW: dstW, dstH: dstH}
	s.ring = make([][]int16, s.down.taps)
	for i := range s.ring {
		s.ring[i] = make([]int16, dstW)
	}
	s.sum = make([]int32, dstW)
	s.buf = make([]byte, srcW)
	return s
}

// scale makes the target channel, reading each source row once and from top to bottom.
func (s *scaler) scale(src rows) plane {
	dst := newPlane(s.dstW, s.dstH)
	have := 0
	for y := range s.dstH {
		first := int(s.down.first[y])
		for ; have < first+s.down.taps; have++ {
			s.acrossRow(s.ring[have%len(s.ring)], src.row(have, s.buf))
		}
		s.downRow(dst.row(y), first, s.down.weights[y*s.down.taps:][:s.down.taps])
	}
	return dst
}

func (s *scaler) acrossRow(dst []int16, src []byte) {
	taps := s.across.taps
	weights := s.across.weights
	if taps == commonTaps {
		for x, first := range s.across.first {
			w, in := (*[commonTaps]int16)(weights), (*[commonTaps]byte)(src[first:])
			weights = weights[commonTaps:]
			v := int32(w[0])*int32(in[0]) + int32(w[1])*int32(in[1]) + int32(w[2])*int32(in[2]) +
				int32(w[3])*int32(in[3]) + int32(w[4])*int32(in[4]) + int32(w[5])*int32(in[5])
			dst[x] = int16((v + 1<<(weightBits-midBits-1)) >> (weightBits - midBits))
		}
		return
	}
	for x, first := range s.across.first {
		w := weights[:taps]
		weights = weights[taps:]
		in := src[first:][:len(w)]
		var v int32
		for i, k := range w {
			v += int32(k) * int32(in[i])
		}
		dst[x] = int16((v + 1<<(weightBits-midBits-1)) >> (weightBits - midBits))
	}
}

// commonTaps is how many samples make up one when a picture is shrunk by little, as after a decoder that has done
// the rest. With the number known, the loops are written out, which halves their time.
const commonTaps = 6

func (s *scaler) downRow(dst []byte, first int, weights []int16) {
	sum := s.sum[:len(dst)]
	row := func(i int) []int16 { return s.ring[(first+i)%len(s.ring)][:len(sum)] }
	if len(weights) == commonTaps {
		var w [commonTaps]int32
		for i, v := range weights {
			w[i] = int32(v)
		}
		r0, r1, r2, r3, r4, r5 := row(0), row(1), row(2), row(3), row(4), row(5)
		for x := range sum {
			sum[x] = w[0]*int32(r0[x]) + w[1]*int32(r1[x]) + w[2]*int32(r2[x]) +
				w[3]*int32(r3[x]) + w[4]*int32(r4[x]) + w[5]*int32(r5[x])
		}
	} else {
		clear(sum)
		for i, w := range weights {
			if w == 0 {
				continue
			}
			k := int32(w)
			for x, v := range row(i) {
				sum[x] += k * int32(v)
			}
		}
	}
	for x, v := range sum {
		v = (v + 1<<(weightBits+midBits-1)) >> (weightBits + midBits)
		if uint32(v) > 255 {
			v = ^(v >> 31) & 255
		}
		dst[x] = byte(v)
	}
}

// fit returns the size with its longer side at most edge; 0 means as it is. Neither side becomes 0.
func fit(w, h, edge int) (int, int) {
	long := max(w, h)
	if edge <= 0 || long <= edge {
		return w, h
	}
	side := func(n int) int {
		return max(1, (2*n*edge+long)/(2*long))
	}
	return side(w), side(h)
}
