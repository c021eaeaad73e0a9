package look

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/go-text/typesetting/font"
)

// lean empties the outlines of a font file that no character leads to: a third of a face for several countries. The file
// comes back as it is where its outlines are not in a CFF table, or not as such tables are written today.
func lean(sfnt []byte) []byte {
	faces, err := readFaces(bytes.NewReader(sfnt), int64(len(sfnt)))
	if err != nil || len(faces) != 1 {
		return sfnt
	}
	cff, ok := faces[0].find("CFF ")
	if !ok {
		return sfnt
	}
	essentials, err := faces[0].repack(bytes.NewReader(sfnt), essential)
	if err != nil {
		return sfnt
	}
	parsed, err := font.ParseTTF(bytes.NewReader(essentials))
	if err != nil {
		return sfnt
	}
	wanted := make([]bool, 1<<16)
	wanted[0] = true // what stands for characters the face has not
	for it := parsed.Cmap.Iter(); it.Next(); {
		if _, glyph := it.Char(); int(glyph) < len(wanted) {
			wanted[glyph] = true
		}
	}
	smaller := leanCFF(sfnt[cff.offset:][:cff.length], func(glyph int) bool { return wanted[glyph] })
	if smaller == nil {
		return sfnt
	}
	out := face{flavor: faces[0].flavor, tables: faces[0].tables}
	for i, t := range out.tables {
		if t.tag == cff.tag {
			out.tables[i].offset, out.tables[i].length = uint32(len(sfnt)), uint32(len(smaller))
		}
	}
	packed, err := out.repack(extended{sfnt, smaller}, func(string) bool { return true })
	if err != nil {
		return sfnt
	}
	return packed
}

// extended is a file and, behind it, more.
type extended struct{ file, more []byte }

// ReadAt implements io.ReaderAt for ranges within either.
func (e extended) ReadAt(p []byte, at int64) (int, error) {
	part := e.file
	if at >= int64(len(part)) {
		part, at = e.more, at-int64(len(part))
	}
	if at < 0 || at > int64(len(part)) {
		return 0, io.EOF
	}
	n := copy(p, part[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
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

// leanCFF returns a CFF table in which glyphs that are not kept draw nothing, nil where it is written in another way.
func leanCFF(b []byte, keep func(glyph int) bool) []byte {
	if len(b) < 4 {
		return nil
	}
	names, ok := readIndex(b, int(b[2]))
	if !ok {
		return nil
	}
	tops, ok := readIndex(b, names.end)
	if !ok || len(tops.offsets) != 2 {
		return nil
	}
	top, ok := readDict(b, tops.offsets[0], tops.offsets[1])
	if !ok || len(top[opCharStrings]) != 1 || len(top[opFDArray]) != 1 {
		return nil
	}
	glyphs, ok := readIndex(b, top[opCharStrings][0].value)
	if !ok || len(glyphs.offsets) == 0 {
		return nil
	}
	moved := []number{}
	for _, op := range []int{opCharset, opFDArray, opFDSelect} {
		moved = append(moved, top[op]...)
	}
	fonts, ok := readIndex(b, top[opFDArray][0].value)
	if !ok {
		return nil
	}
	for i := 0; i+1 < len(fonts.offsets); i++ {
		dict, ok := readDict(b, fonts.offsets[i], fonts.offsets[i+1])
		if !ok || len(dict[opPrivate]) != 2 || dict[opPrivate][1].value < glyphs.end {
			return nil // subroutines are found from there
		}
		moved = append(moved, dict[opPrivate][1])
	}
	out := make([]byte, glyphs.start, len(b)+3*len(glyphs.offsets))
	copy(out, b)
	out = emptied(out, b, glyphs, keep)
	shift := glyphs.end - len(out)
	out = append(out, b[glyphs.end:]...)
	for _, n := range moved {
		if n.value < glyphs.end {
			continue
		}
		if n.width != 5 {
			return nil
		}
		at := n.at
		if at >= glyphs.end {
			at -= shift
		}
		binary.BigEndian.PutUint32(out[at+1:], uint32(n.value-shift))
	}
	return out
}

// emptied appends the INDEX of the outlines to out; those that are not kept end at once.
func emptied(out, b []byte, glyphs index, keep func(int) bool) []byte {
	const endchar, size = 14, 4
	n := len(glyphs.offsets) - 1
	at := len(out) + 3
	out = append(out, byte(n>>8), byte(n), size)
	out = append(out, make([]byte, (n+1)*size)...)
	base := len(out) - 1
	for i := range n {
		binary.BigEndian.PutUint32(out[at+i*size:], uint32(len(out)-base))
		if keep(i) {
			out = append(out, b[glyphs.offsets[i]:glyphs.offsets[i+1]]...)
		} else {
			out = append(out, endchar)
		}
	}
	binary.BigEndian.PutUint32(out[at+n*size:], uint32(len(out)-base))
	return out
}
