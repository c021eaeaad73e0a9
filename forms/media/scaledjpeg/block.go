package scaledjpeg

// Where a coefficient in zigzag order (T.81, figure A.6) stands in a square of its lowest frequencies, by rows; those
// outside go to the place behind the last one, which nobody reads.
var (
	zig4 = [64]uint8{
		0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 16, 13, 10, 7, 16, 16,
		16, 16, 11, 14, 16, 16, 16, 16, 16, 15, 16, 16, 16, 16, 16, 16,
		16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
		16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
	}
	// The last coefficient in zigzag order that lies in the square of so many frequencies a side.
	last = [5]int{1: 0, 2: 4, 4: 24}
)

// block decodes one block into dst, whose rows are c.stride apart. It reports false for codes that do not exist.
func (d *decoder) block(c *component, dst []byte) bool {
	var b [17]int32
	in := &d.bits
	in.fill()
	size := c.dc.symbol(in)
	if size > 11 {
		return false
	}
	c.pred += in.extend(uint(size))
	b[0] = c.pred * c.quant[0]
	flat := true
	// The bits at hand are kept in variables of their own, which is worth a tenth of the time.
	acc, n := in.acc, in.n
	for k := 1; k < 64; k++ {
		if n < 32 {
			in.acc, in.n = acc, n
			in.fill()
			acc, n = in.acc, in.n
		}
		var v int32
		if e := c.ac.fast[acc>>(64-fastBits)]; e != 0 { // code and value in one step
			k += int(e >> 4 & 15)
			acc, n = acc<<(e&15), n-uint(e&15)
			v = int32(e) >> 8
		} else {
			in.acc, in.n = acc, n
			s := c.ac.symbol(in)
			run, size := int(s>>4), uint(s&15)
			if size > 10 {
				return false
			}
			if size == 0 && run != 15 {
				if run != 0 {
					return false
				}
				acc, n = in.acc, in.n
				break
			}
			k += run
			v = in.extend(size) // 0 after a run of 15 zeros, which is then the sixteenth
			acc, n = in.acc, in.n
		}
		if k > 63 {
			return false
		}
		if k <= d.last {
			b[zig4[k]] = v * c.quant[k]
			flat = false
		}
	}
	in.acc, in.n = acc, n
	switch {
	case d.side == 1:
		dst[0] = clamp((b[0] + 4) >> 3)
	case flat:
		v := clamp((b[0] + 4) >> 3)
		for y := range d.side {
			row := dst[y*c.stride:][:d.side]
			for x := range row {
				row[x] = v
			}
		}
	case d.side == 2:
		inverse2(&b, dst, c.stride)
	default:
		inverse4(&b, dst, c.stride)
	}
	return true
}

// clamp turns a sample around zero into a byte.
func clamp(v int32) byte {
	v += 128
	if uint32(v) > 255 {
		v = ^(v >> 31) & 255
	}
	return byte(v)
}

// √2 cos(π/8) and √2 cos(3π/8) in fixed point.
const (
	fixBits = 11
	cosine1 = 2676 // 1.306563
	cosine3 = 1108 // 0.541196
)

// inverse4 is the inverse DCT of four points across and down. With the factor √2 of each pass taken out, a block's
// 1/4 becomes 1/8.
func inverse4(b *[17]int32, dst []byte, stride int) {
	var t [16]int32
	for x := range 4 {
		a0, a1, a2, a3 := b[x]<<fixBits, b[4+x], b[8+x]<<fixBits, b[12+x]
		s, d := a0+a2, a0-a2
		o0, o1 := a1*cosine1+a3*cosine3, a1*cosine3-a3*cosine1
		const round, shift = 1 << (fixBits - 5), fixBits - 4 // four bits stay for the second pass
		t[x], t[12+x] = (s+o0+round)>>shift, (s-o0+round)>>shift
		t[4+x], t[8+x] = (d+o1+round)>>shift, (d-o1+round)>>shift
	}
	for y := range 4 {
		r := t[4*y:][:4]
		out := dst[y*stride:][:4]
		s, d := (r[0]+r[2])<<fixBits, (r[0]-r[2])<<fixBits
		o0, o1 := r[1]*cosine1+r[3]*cosine3, r[1]*cosine3-r[3]*cosine1
		const shift = fixBits + 4 + 3
		const round = 1 << (shift - 1)
		out[0], out[3] = clamp((s+o0+round)>>shift), clamp((s-o0+round)>>shift)
		out[1], out[2] = clamp((d+o1+round)>>shift), clamp((d-o1+round)>>shift)
	}
}

// inverse2 is the same of two points, whose cosine is 1/√2 and cancels out.
func inverse2(b *[17]int32, dst []byte, stride int) {
	s0, d0 := b[0]+b[4], b[0]-b[4]
	s1, d1 := b[1]+b[5], b[1]-b[5]
	dst[0], dst[1] = clamp((s0+s1+4)>>3), clamp((s0-s1+4)>>3)
	dst[stride], dst[stride+1] = clamp((d0+d1+4)>>3), clamp((d0-d1+4)>>3)
}
