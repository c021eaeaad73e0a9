package scaledjpeg

import "encoding/binary"

const (
	lookBits = 9
	fastBits = 10
)

// huffman is a table of codes (T.81, annex C): short ones are looked up, longer ones found by their greatest values.
type huffman struct {
	look  [1 << lookBits]uint16 // symbol << 8 | length, 0 for longer codes
	max   [18]int32             // the greatest code of each length, left-aligned to 16 bits, exclusive
	delta [17]int32             // from a code of each length to its index in values
	vals  []byte
	// fast holds AC codes together with the value behind them where both are short:
	// value << 8 | run << 4 | length of both; 0 for all others.
	fast [1 << fastBits]int16
}

// newHuffman reads a table: 16 counts and the values. It returns how many bytes it took.
func newHuffman(p []byte, ac bool) (*huffman, int, error) {
	total := 0
	for _, n := range p[:16] {
		total += int(n)
	}
	if total == 0 || total > 256 || len(p) < 16+total {
		return nil, 0, ErrDamaged
	}
	h := &huffman{vals: p[16 : 16+total]}
	code, index := int32(0), int32(0)
	for length := int32(1); length <= 16; length++ {
		n := int32(p[length-1])
		if code+n > 1<<length {
			return nil, 0, ErrDamaged
		}
		h.delta[length] = index - code
		for range n {
			if length <= lookBits {
				first := code << (lookBits - length)
				for j := range int32(1) << (lookBits - length) {
					h.look[first+j] = uint16(h.vals[index])<<8 | uint16(length)
				}
			}
			code++
			index++
		}
		h.max[length] = code << (16 - length)
		code <<= 1
	}
	h.max[17] = 1 << 30
	if ac {
		h.speed()
	}
	return h, 16 + total, nil
}

// speed fills fast.
func (h *huffman) speed() {
	for i := range h.fast {
		e := h.look[i>>(fastBits-lookBits)]
		length, run, size := int(e&0xff), int(e>>12), int(e>>8&15)
		if length == 0 || size == 0 || length+size > fastBits {
			continue
		}
		v := i >> (fastBits - length - size) & (1<<size - 1)
		if v < 1<<(size-1) {
			v += -1<<size + 1
		}
		if v >= -128 && v <= 127 {
			h.fast[i] = int16(v<<8 | run<<4 | (length + size))
		}
	}
}

// symbol reads one code; a code that does not exist gives 0xff, which is never valid where symbols are checked.
func (h *huffman) symbol(in *bitReader) byte {
	if e := h.look[in.peek(lookBits)]; e != 0 {
		in.skip(uint(e & 0xff))
		return byte(e >> 8)
	}
	v := int32(in.peek(16))
	length := lookBits + 1
	for v >= h.max[length] {
		length++
	}
	if length > 16 {
		return 0xff
	}
	in.skip(uint(length))
	i := v>>(16-length) + h.delta[length]
	if uint(i) >= uint(len(h.vals)) {
		return 0xff
	}
	return h.vals[i]
}

// bitReader reads bits, the highest first, and takes the stuffed zeros out (T.81, B.1.1.5). At a marker it goes on with
// zeros and counts them.
type bitReader struct {
	data []byte
	at   int
	acc  uint64 // the next bits, left-aligned
	n    uint   // how many are in acc
	over int    // bytes made up
}

// fill sees to it that there are 32 bits: enough for a code and its value.
func (r *bitReader) fill() {
	if r.n >= 32 {
		return
	}
	if r.at+4 <= len(r.data) {
		v := binary.BigEndian.Uint32(r.data[r.at:])
		if v&0x80808080&(v&0x7f7f7f7f+0x01010101) == 0 { // none of the four is 0xff
			r.acc |= uint64(v) << (32 - r.n)
			r.n += 32
			r.at += 4
			return
		}
	}
	for r.n <= 56 {
		b := byte(0)
		switch {
		case r.at < len(r.data) && r.data[r.at] != 0xff:
			b = r.data[r.at]
			r.at++
		case r.at+1 < len(r.data) && r.data[r.at+1] == 0:
			b = 0xff
			r.at += 2
		default:
			r.over++
		}
		r.acc |= uint64(b) << (56 - r.n)
		r.n += 8
	}
}

func (r *bitReader) peek(n uint) uint32 { return uint32(r.acc >> (64 - n)) }

func (r *bitReader) skip(n uint) {
	r.acc <<= n
	r.n -= n
}

// extend reads a value of n bits, whose first bit says its sign (T.81, F.2.2.1).
func (r *bitReader) extend(n uint) int32 {
	if n == 0 {
		return 0
	}
	v := int32(r.peek(n))
	r.skip(n)
	if v < 1<<(n-1) {
		v += -1<<n + 1
	}
	return v
}

// restart moves behind the restart marker that has to be next.
func (r *bitReader) restart(want byte) bool {
	at := r.position()
	for at+1 < len(r.data) && r.data[at] == 0xff && r.data[at+1] == 0xff {
		at++
	}
	if at+1 >= len(r.data) || r.data[at] != 0xff || r.data[at+1] != 0xd0+want {
		return false
	}
	*r = bitReader{data: r.data, at: at + 2}
	return true
}

// position is where the first byte stands of which nothing was used: where a marker has to be after a scan.
func (r *bitReader) position() int {
	unread := int(r.n)/8 - r.over
	at := r.at
	for range max(unread, 0) {
		at--
		if at > 0 && r.data[at] == 0 && r.data[at-1] == 0xff {
			at--
		}
	}
	return at
}
