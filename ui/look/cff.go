package look

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/go-text/typesetting/font"
)

// lean empties the outlines of a font file that no character leads to: a third of a face for several countries. It works
// in place, since fresh memory is what takes time when a program starts: the table becomes shorter, the file does not.
// A file stays as it is where its outlines are not in a CFF table, or not as such tables are written today.
func lean(sfnt []byte) {
	faces, err := readFaces(bytes.NewReader(sfnt), int64(len(sfnt)))
	if err != nil || len(faces) != 1 {
		return
	}
	row := slices.IndexFunc(faces[0].tables, func(t table) bool { return t.tag == "CFF " })
	if row < 0 {
		return
	}
	essentials, err := faces[0].repack(bytes.NewReader(sfnt), essential)
	if err != nil {
		return
	}
	parsed, err := font.ParseTTF(bytes.NewReader(essentials))
	if err != nil {
		return
	}
	wanted := make([]bool, 1<<16)
	wanted[0] = true // what stands for characters the face has not
	for it := parsed.Cmap.Iter(); it.Next(); {
		if _, glyph := it.Char(); int(glyph) < len(wanted) {
			wanted[glyph] = true
		}
	}
	cff := faces[0].tables[row]
	length := leanCFF(sfnt[cff.offset:][:cff.length], func(glyph int) bool { return wanted[glyph] })
	binary.BigEndian.PutUint32(sfnt[12+16*row+12:], uint32(length))
}

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

// leanCFF makes a CFF table one in which glyphs that are not kept draw nothing, and returns its length. A table that is
// written in another way stays as it is.
func leanCFF(b []byte, keep func(glyph int) bool) int {
	glyphs, moved, ok := layoutCFF(b)
	if !ok {
		return len(b)
	}
	shift := glyphs.end - emptied(b, glyphs, keep)
	copy(b[glyphs.end-shift:], b[glyphs.end:])
	for _, n := range moved {
		at := n.at
		if at >= glyphs.end {
			at -= shift
		}
		binary.BigEndian.PutUint32(b[at+1:], uint32(n.value-shift))
	}
	return len(b) - shift
}

// layoutCFF finds the outlines of a CFF table, and the offsets that lead to what stands behind them.
func layoutCFF(b []byte) (glyphs index, moved []number, ok bool) {
	if len(b) < 4 {
		return glyphs, nil, false
	}
	names, ok := readIndex(b, int(b[2]))
	if !ok {
		return glyphs, nil, false
	}
	tops, ok := readIndex(b, names.end)
	if !ok || len(tops.offsets) != 2 {
		return glyphs, nil, false
	}
	top, ok := readDict(b, tops.offsets[0], tops.offsets[1])
	if !ok || len(top[opCharStrings]) != 1 || len(top[opFDArray]) != 1 {
		return glyphs, nil, false
	}
	glyphs, ok = readIndex(b, top[opCharStrings][0].value)
	if !ok || len(glyphs.offsets) == 0 {
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

// emptied makes the outlines that are not kept end at once, moves the others up to them, and returns where the INDEX
// ends.
func emptied(b []byte, glyphs index, keep func(int) bool) int {
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
	for i := range n {
		place(i)
		outline := b[glyphs.offsets[i]:glyphs.offsets[i+1]]
		if len(outline) > 0 && !keep(i) {
			outline = outline[:1]
			outline[0] = endchar
		}
		end += copy(b[end:], outline)
	}
	place(n)
	return end
}
