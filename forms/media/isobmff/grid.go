package isobmff

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
)

// Grid gives a HEIC picture as the only tile of a grid (23008-12, 6.6.2.3), with how many bytes that is, and ok false for
// one that is no single picture of 4:2:0 and 8 bits without transparency. libheif copies the planes of tiles, where those
// of a picture by itself it takes to RGB and back, with wrong colours along the edges. Metadata and profiles stay out.
// A grid of grey tiles, which libheif would not take, comes out as it is but for the mark of that.
func Grid(r io.ReaderAt, size int64) (file io.Reader, n int64, ok bool) {
	l, err := readPicture(r, size)
	if err == nil && l.primary.kind == "grid" {
		if grey := l.greyTiles(); grey != nil {
			return io.NewSectionReader(Patched(r, grey), 0, size), size, true
		}
	}
	if err != nil || l.primary.kind != "hvc1" {
		return nil, 0, false
	}
	tile, shape, turns, ok := l.tile()
	if !ok {
		return nil, 0, false
	}
	w, h := binary.BigEndian.Uint32(shape[4:]), binary.BigEndian.Uint32(shape[8:])
	var parts []io.Reader
	length := int64(0)
	for _, s := range l.primary.spans {
		if s.Off < 0 || s.Len < 0 || s.Off+s.Len > size {
			return nil, 0, false
		}
		parts, length = append(parts, io.NewSectionReader(r, s.Off, s.Len)), length+s.Len
	}
	if w < 1 || h < 1 || w >= 1<<16 || h >= 1<<16 || length < 1 || length >= 1<<31 {
		return nil, 0, false
	}
	head := gridHead(tile, pack("ispe", shape), turns, uint32(length))
	head = append(head, 0, 0, 0, 0, byte(w>>8), byte(w), byte(h>>8), byte(h)) // one row, one column
	return io.MultiReader(append([]io.Reader{bytes.NewReader(head)}, parts...)...), int64(len(head)) + length, true
}

// tile gives the boxes of a picture's decoder configuration, the payload of its shape, and the boxes of how it is turned and
// cut, in order; ok is false for one that is not of 4:2:0 and 8 bits, or has transparency.
func (l *layout) tile() (hvcC, shape []byte, turns [][]byte, ok bool) {
	for _, p := range l.props {
		if p.kind == "auxC" && (bytes.Contains(p.data, []byte("alpha")) || bytes.Contains(p.data, []byte("auxid:1"))) {
			return nil, nil, nil, false
		}
	}
	for _, i := range l.primary.props {
		if i < 1 || i > len(l.props) {
			return nil, nil, nil, false
		}
		switch p := l.props[i-1]; p.kind {
		case "hvcC": // chroma format, and depths less 8 (14496-15, 8.3.2.1)
			if hvcC != nil || len(p.data) < 23 || p.data[16]&3 != 1 || p.data[17]&7 != 0 || p.data[18]&7 != 0 {
				return nil, nil, nil, false
			}
			hvcC = pack("hvcC", p.data)
		case "ispe":
			if len(p.data) < 12 {
				return nil, nil, nil, false
			}
			shape = p.data[:12]
		case "irot", "imir", "clap":
			if len(p.data) > 32 || len(turns) == 8 { // clap, the longest of them, has 32
				return nil, nil, nil, false
			}
			turns = append(turns, pack(p.kind, p.data))
		}
	}
	return hvcC, shape, turns, hvcC != nil && shape != nil
}

// greyTiles makes tiles without colours say that they have 4:2:0: of those, too, libheif makes a picture then.
func (l *layout) greyTiles() (patches []Patch) {
	for _, p := range l.props {
		if p.kind != "hvcC" {
			continue
		}
		if len(p.data) < 23 || p.data[16]&3 != 0 {
			return nil
		}
		patches = append(patches, Patch{Off: p.off + int64(p.head) + 16, Len: 1, Data: []byte{p.data[16] | 1}})
	}
	return patches
}

// gridHead is the file up to the description of the grid, which takes eight bytes and is followed by the tile of length
// bytes. The tile is item 1, the grid item 2.
func gridHead(hvcC, ispe []byte, turns [][]byte, length uint32) []byte {
	infe := func(id byte, kind string) []byte {
		return pack("infe", []byte{2, 0, 0, 0, 0, id, 0, 0}, []byte(kind), []byte{0})
	}
	uses := []byte{0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 2, 0x81, 2, 0, 2, byte(1 + len(turns)), 2}
	for i := range turns {
		uses = append(uses, 0x80|byte(3+i))
	}
	ftyp := pack("ftyp", []byte("heic\x00\x00\x00\x00mif1heic"))
	meta := func(at uint32) []byte {
		place := func(id byte, at, length uint32) []byte {
			b := []byte{0, id, 0, 0, 0, 1}
			return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, at), length)
		}
		return pack("meta", make([]byte, 4),
			pack("hdlr", make([]byte, 8), []byte("pict"), make([]byte, 13)),
			pack("pitm", []byte{0, 0, 0, 0, 0, 2}),
			pack("iinf", []byte{0, 0, 0, 0, 0, 2}, infe(1, "hvc1"), infe(2, "grid")),
			pack("iref", make([]byte, 4), pack("dimg", []byte{0, 2, 0, 1, 0, 1})),
			pack("iprp", pack("ipco", hvcC, ispe, slices.Concat(turns...)), pack("ipma", uses)),
			pack("iloc", []byte{0, 0, 0, 0, 0x44, 0, 0, 2}, place(2, at, 8), place(1, at+8, length)))
	}
	at := len(ftyp) + len(meta(0)) + 8
	mdat := append(binary.BigEndian.AppendUint32(nil, 8+8+length), "mdat"...)
	return slices.Concat(ftyp, meta(uint32(at)), mdat)
}

// pack makes a box.
func pack(kind string, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), []byte(kind), body)
}
