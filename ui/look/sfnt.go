package look

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"slices"
	"unicode/utf16"
)

// Bounds on a font file: a system face stays far below them, a broken file is refused.
const (
	maxFaces     = 256
	maxTables    = 128
	maxNameTable = 1 << 20
	maxFaceBytes = 128 << 20
)

const flavorCFF = 0x4F54544F // OTTO: outlines in a CFF table

var errNotFont = errors.New("not an OpenType font")

// table is one row of a table directory (OpenType 1.9, "Table Directory").
type table struct {
	tag              string
	checksum         uint32
	offset, length   uint32
	repackedAtOffset uint32
}

// face is one face of a font file or collection, read as far as its directory.
type face struct {
	flavor uint32
	tables []table // in the order of the file
}

// readFaces reads the directories of every face in a font file or collection of size bytes.
func readFaces(r io.ReaderAt, size int64) ([]face, error) {
	var head [12]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return nil, fmt.Errorf("read font header: %w", err)
	}
	if string(head[:4]) != "ttcf" {
		f, err := readDirectory(r, size, 0)
		if err != nil {
			return nil, err
		}
		return []face{f}, nil
	}
	n := binary.BigEndian.Uint32(head[8:])
	if n == 0 || n > maxFaces {
		return nil, fmt.Errorf("font collection of %d faces: %w", n, errNotFont)
	}
	offsets := make([]byte, 4*n)
	if _, err := r.ReadAt(offsets, 12); err != nil {
		return nil, fmt.Errorf("read font collection header: %w", err)
	}
	faces := make([]face, 0, n)
	for i := range n {
		f, err := readDirectory(r, size, int64(binary.BigEndian.Uint32(offsets[4*i:])))
		if err != nil {
			return nil, fmt.Errorf("face %d: %w", i, err)
		}
		faces = append(faces, f)
	}
	return faces, nil
}

func readDirectory(r io.ReaderAt, size, at int64) (face, error) {
	var head [12]byte
	if _, err := r.ReadAt(head[:], at); err != nil {
		return face{}, fmt.Errorf("read table directory: %w", err)
	}
	f := face{flavor: binary.BigEndian.Uint32(head[:])}
	switch f.flavor {
	case 0x00010000, flavorCFF, 0x74727565: // TrueType, OTTO, true
	default:
		return face{}, fmt.Errorf("flavor %08x: %w", f.flavor, errNotFont)
	}
	n := int(binary.BigEndian.Uint16(head[4:]))
	if n == 0 || n > maxTables {
		return face{}, fmt.Errorf("%d tables: %w", n, errNotFont)
	}
	rows := make([]byte, 16*n)
	if _, err := r.ReadAt(rows, at+12); err != nil {
		return face{}, fmt.Errorf("read table directory: %w", err)
	}
	for row := range slices.Chunk(rows, 16) {
		t := table{
			tag:      string(row[:4]),
			checksum: binary.BigEndian.Uint32(row[4:]),
			offset:   binary.BigEndian.Uint32(row[8:]),
			length:   binary.BigEndian.Uint32(row[12:]),
		}
		if int64(t.offset)+int64(t.length) > size {
			return face{}, fmt.Errorf("table %q lies outside the file: %w", t.tag, errNotFont)
		}
		f.tables = append(f.tables, t)
	}
	return f, nil
}

func (f face) find(tag string) (table, bool) {
	i := slices.IndexFunc(f.tables, func(t table) bool { return t.tag == tag })
	if i < 0 {
		return table{}, false
	}
	return f.tables[i], true
}

// read returns the first limit bytes of a table, or nothing if it has none of them.
func (f face) read(r io.ReaderAt, tag string, limit uint32) []byte {
	t, ok := f.find(tag)
	if !ok {
		return nil
	}
	data := make([]byte, min(t.length, limit))
	if _, err := r.ReadAt(data, int64(t.offset)); err != nil {
		return nil
	}
	return data
}

// outlines reports whether the face draws by tables that the renderer knows: newer Apple faces have only hvgl.
func (f face) outlines() bool {
	_, glyf := f.find("glyf")
	_, cff := f.find("CFF ")
	_, cff2 := f.find("CFF2")
	return glyf || cff || cff2
}

// weight is OS/2 usWeightClass (400 regular, 700 bold), or the default of the wght axis where the face is
// variable, since the renderer draws the default instance.
func (f face) weight(r io.ReaderAt) int {
	if axes := f.read(r, "fvar", 1<<12); len(axes) >= 16 {
		at, count, size := int(be16(axes, 4)), int(be16(axes, 8)), int(be16(axes, 10))
		for i := range count {
			row := at + i*size
			if row+12 > len(axes) {
				break
			}
			if string(axes[row:row+4]) == "wght" {
				return int(be16(axes, row+8)) // the whole part of a 16.16 number
			}
		}
	}
	if os2 := f.read(r, "OS/2", 8); len(os2) >= 6 {
		return int(be16(os2, 4))
	}
	return 400
}

// families returns the names of the face's family (name ids 1 and 16) in every language it has.
func (f face) families(r io.ReaderAt) []string {
	data := f.read(r, "name", maxNameTable)
	if len(data) < 6 {
		return nil
	}
	count, storage := int(be16(data, 2)), int(be16(data, 4))
	var names []string
	for i := range count {
		row := 6 + 12*i
		if row+12 > len(data) {
			break
		}
		platform, id := be16(data, row), be16(data, row+6)
		start := storage + int(be16(data, row+10))
		end := start + int(be16(data, row+8))
		if id != 1 && id != 16 || end > len(data) {
			continue
		}
		var name string
		switch platform {
		case 0, 3: // Unicode, Windows: UTF-16BE
			name = decodeUTF16(data[start:end])
		case 1: // Macintosh: only its ASCII part is of use here
			name = string(data[start:end])
		}
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func decodeUTF16(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

func be16(b []byte, at int) uint16 { return binary.BigEndian.Uint16(b[at:]) }

// drawn are the tables the renderer reads: all but those for vertical writing, hinting, signatures and other shapes of
// a character, such as another country's.
func drawn(tag string) bool {
	switch tag {
	case "DSIG", "GSUB", "VORG", "vhea", "vmtx", "BASE", "fpgm", "prep", "cvt ", "hdmx", "VDMX", "LTSH", "EBDT", "EBLC", "EBSC":
		return false
	}
	return true
}

// essential are the tables without which the renderer refuses a face; what is wrong in others it leaves out.
func essential(tag string) bool {
	switch tag {
	case "cmap", "head", "maxp", "OS/2", "hhea", "hmtx":
		return true
	}
	return false
}

// repack returns the tables of a face that keep takes as a font file of its own, in room if that is large enough.
// Of the outlines in a CFF table it takes those that are wanted. Checksums are taken over from the collection: summing
// up 16 MB again would take longer than reading them.
func (f face) repack(r io.ReaderAt, keep func(tag string) bool, wanted func(glyph int) bool, room []byte) ([]byte, error) {
	tables := slices.DeleteFunc(slices.Clone(f.tables), func(t table) bool { return !keep(t.tag) })
	slices.SortFunc(tables, func(a, b table) int {
		switch {
		case a.tag < b.tag:
			return -1
		case a.tag > b.tag:
			return 1
		}
		return 0
	})
	end := uint64(12 + 16*len(tables))
	for i := range tables {
		tables[i].repackedAtOffset = uint32(end)
		end += (uint64(tables[i].length) + 3) &^ 3
		if end > maxFaceBytes {
			return nil, fmt.Errorf("face larger than %d bytes: %w", maxFaceBytes, errNotFont)
		}
	}
	out := room
	if uint64(cap(out)) < end {
		out = make([]byte, end, end+end/4) // the next may be larger; what is not touched costs nothing
	}
	out = out[:end]
	binary.BigEndian.PutUint32(out, f.flavor)
	writeSearch(out[4:12], len(tables))
	for i, t := range tables {
		row := out[12+16*i:]
		copy(row, t.tag)
		binary.BigEndian.PutUint32(row[4:], t.checksum)
		binary.BigEndian.PutUint32(row[8:], t.repackedAtOffset)
		content := out[t.repackedAtOffset:][:t.length]
		data := io.NewSectionReader(r, int64(t.offset), int64(t.length))
		length := len(content)
		var err error
		if t.tag == "CFF " {
			length, err = readCFF(data, content, wanted)
		} else {
			_, err = data.ReadAt(content, 0)
		}
		if err != nil {
			return nil, fmt.Errorf("read table %q: %w", t.tag, err)
		}
		if t.tag == "cmap" && f.flavor == flavorCFF {
			withoutHangul(content)
		}
		binary.BigEndian.PutUint32(row[12:], uint32(length))
	}
	return out, nil
}

// withoutHangul takes Korean syllables out of a table of characters (OpenType 1.9, "cmap", format 12): a ninth of the
// outlines of a face for several countries, which few need here. The renderer takes another of the system's faces then.
func withoutHangul(cmap []byte) {
	const first, last = 0xac00, 0xd7a3
	if len(cmap) < 4 {
		return
	}
	be32 := func(at int) int { return int(binary.BigEndian.Uint32(cmap[at:])) }
	for record := 4; record+8 <= min(len(cmap), 4+8*int(be16(cmap, 2))); record += 8 {
		table := be32(record + 4)
		if table+16 > len(cmap) || be16(cmap, table) != 12 || be32(table+12) > (len(cmap)-table-16)/12 {
			continue
		}
		groups := cmap[table+16:][:12*be32(table+12)]
		kept := groups[:0]
		for group := range slices.Chunk(groups, 12) {
			if from, to := binary.BigEndian.Uint32(group), binary.BigEndian.Uint32(group[4:]); from < first || to > last {
				kept = append(kept, group...)
			}
		}
		binary.BigEndian.PutUint32(cmap[table+12:], uint32(len(kept)/12))
	}
}

// writeSearch writes numTables, searchRange, entrySelector and rangeShift.
func writeSearch(out []byte, n int) {
	selector := bits.Len(uint(n)) - 1
	span := 16 << selector
	for i, v := range []int{n, span, selector, 16*n - span} {
		binary.BigEndian.PutUint16(out[2*i:], uint16(v))
	}
}
