package look

import (
	"bufio"
	"encoding/binary"
	"io"
	"slices"
)

// index is an INDEX of a CFF table (Adobe Technical Note 5176, section 5).
type index struct {
	start, end int // in the table
	offsets    []int
}

func readIndex(b []byte, at int) (x index, ok bool) {
	if at < 0 || at+2 > len(b) {
		return x, false
	}
	n := int(be16(b, at))
	if n == 0 {
		return index{start: at, end: at + 2}, true
	}
	if at+3 > len(b) {
		return x, false
	}
	size := int(b[at+2])
	base := at + 3 + (n+1)*size - 1
	if size < 1 || size > 4 || base >= len(b) {
		return x, false
	}
	x = index{start: at, offsets: make([]int, n+1)}
	last := base + 1
	for i := range x.offsets {
		v := 0
		for _, c := range b[at+3+i*size:][:size] {
			v = v<<8 | int(c)
		}
		if base+v < last || base+v > len(b) {
			return x, false
		}
		x.offsets[i], last = base+v, base+v
	}
	x.end = last
	return x, true
}

// number is an operand of a DICT (section 4), and where it stands.
type number struct{ value, at, width int }

// operators of a DICT; those of two bytes are 1200 and the second.
const (
	opCharset, opCharStrings, opPrivate = 15, 17, 18
	opFDArray, opFDSelect               = 1236, 1237
)

// readDict returns the operands of each operator in b[from:to].
func readDict(b []byte, from, to int) (map[int][]number, bool) {
	dict := map[int][]number{}
	var operands []number
	for at := from; at < to; {
		c := int(b[at])
		width := 1
		var value int
		switch {
		case c <= 21:
			if c == 12 {
				if at+1 >= to {
					return nil, false
				}
				c, width = 1200+int(b[at+1]), 2
			}
			dict[c], operands = operands, nil
			at += width
			continue
		case c == 28 && at+3 <= to:
			value, width = int(int16(be16(b, at+1))), 3
		case c == 29 && at+5 <= to:
			value, width = int(int32(binary.BigEndian.Uint32(b[at+1:]))), 5
		case c == 30: // a real number: to the half byte 0xf
			for at+width < to && b[at+width]&0xf != 0xf {
				width++
			}
			width++
		case c >= 32 && c <= 246:
			value = c - 139
		case c >= 247 && c <= 254 && at+2 <= to:
			value, width = 0, 2 // no offset is that small
		default:
			return nil, false
		}
		operands = append(operands, number{value, at, width})
		at += width
	}
	return dict, true
}

// readCFF reads a CFF table of len(b) bytes into b as one in which glyphs that are not kept draw nothing, and returns
// its length. Their outlines are passed over: b beyond the length returned is not touched but for the end of the table,
// since fresh memory is what takes time when a program starts. A table that is written in another way than such are
// today is read as it is.
func readCFF(r io.ReaderAt, b []byte, keep func(glyph int) bool) (int, error) {
	glyphs, moved, ok := layoutCFF(r, b)
	if !ok {
		_, err := r.ReadAt(b, 0)
		return len(b), err
	}
	end, err := readOutlines(r, b, glyphs, keep)
	if err != nil {
		return 0, err
	}
	shift := glyphs.end - end
	copy(b[end:], b[glyphs.end:])
	for _, n := range moved {
		at := n.at
		if at >= glyphs.end {
			at -= shift
		}
		binary.BigEndian.PutUint32(b[at+1:], uint32(n.value-shift))
	}
	return len(b) - shift, nil
}

// layoutCFF reads all of a CFF table but the outlines into b, and finds those, and the offsets that lead to what stands
// behind them.
func layoutCFF(r io.ReaderAt, b []byte) (glyphs index, moved []number, ok bool) {
	const start = 64 << 10 // more than comes before a top DICT
	read := func(from, to int) bool {
		_, err := r.ReadAt(b[from:max(from, to)], int64(from))
		return err == nil
	}
	head := b[:min(start, len(b))]
	if len(b) < 4 || !read(0, len(head)) {
		return glyphs, nil, false
	}
	names, ok := readIndex(head, int(b[2]))
	if !ok {
		return glyphs, nil, false
	}
	tops, ok := readIndex(head, names.end)
	if !ok || len(tops.offsets) != 2 {
		return glyphs, nil, false
	}
	top, ok := readDict(head, tops.offsets[0], tops.offsets[1])
	if !ok || len(top[opCharStrings]) != 1 || len(top[opFDArray]) != 1 {
		return glyphs, nil, false
	}
	at := top[opCharStrings][0].value
	if at < 0 || at+3 > len(b) || !read(len(head), at+3) {
		return glyphs, nil, false
	}
	outlines := at + 3 + (int(be16(b, at))+1)*int(b[at+2])
	if outlines > len(b) || !read(max(len(head), at+3), outlines) {
		return glyphs, nil, false
	}
	glyphs, ok = readIndex(b, at)
	if !ok || len(glyphs.offsets) == 0 || !read(glyphs.end, len(b)) {
		return glyphs, nil, false
	}
	for _, op := range []int{opCharset, opFDArray, opFDSelect} {
		moved = append(moved, top[op]...)
	}
	fonts, ok := readIndex(b, top[opFDArray][0].value)
	if !ok {
		return glyphs, nil, false
	}
	for i := 0; i+1 < len(fonts.offsets); i++ {
		dict, ok := readDict(b, fonts.offsets[i], fonts.offsets[i+1])
		if !ok || len(dict[opPrivate]) != 2 || dict[opPrivate][1].value < glyphs.end {
			return glyphs, nil, false // subroutines are found from there
		}
		moved = append(moved, dict[opPrivate][1])
	}
	moved = slices.DeleteFunc(moved, func(n number) bool { return n.value < glyphs.end })
	return glyphs, moved, !slices.ContainsFunc(moved, func(n number) bool { return n.width != 5 })
}

// readOutlines reads the outlines that are kept, one after the other, behind the offsets of their INDEX, and returns
// where it ends. One that is not kept ends at once.
func readOutlines(r io.ReaderAt, b []byte, glyphs index, keep func(int) bool) (int, error) {
	const endchar = 14
	n := len(glyphs.offsets) - 1
	size := int(b[glyphs.start+2])
	at := glyphs.start + 3
	base := at + (n+1)*size - 1
	end := base + 1
	place := func(i int) {
		for k, v := size-1, end-base; k >= 0; k, v = k-1, v>>8 {
			b[at+i*size+k] = byte(v)
		}
	}
	outlines := bufio.NewReaderSize(io.NewSectionReader(r, int64(end), int64(glyphs.end-end)), 64<<10)
	for i := range n {
		place(i)
		length := glyphs.offsets[i+1] - glyphs.offsets[i]
		switch {
		case keep(i):
			if _, err := io.ReadFull(outlines, b[end:end+length]); err != nil {
				return 0, err
			}
			end += length
		case length > 0:
			if _, err := outlines.Discard(length); err != nil {
				return 0, err
			}
			b[end] = endchar
			end++
		}
	}
	place(n)
	return end, nil
}
