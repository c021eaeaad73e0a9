// Package exif reads, cleans and writes the TIFF block that cameras put into photos (CIPA DC-008, "Exif 2.32").
//
// Values are kept as the bytes they were, so that a block which is read, cleaned and written again carries
// exactly the values of the tags it keeps.
package exif

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Bounds on what is accepted from a file.
const (
	maxEntries = 512     // tags in one directory
	maxKept    = 256     // bytes of one value that is written again; the longest that matters is a lens name
	maxBlock   = 4 << 20 // bytes of a whole block; JPEG allows 64 KiB, PNG and HEIF more
	maxValue   = 4 << 10 // bytes of one value of a TIFF picture
	maxRead    = 1 << 20 // bytes of a TIFF picture that are read in all
)

// ErrBad means that the block is not a TIFF structure at all. Damage inside is not an error: what can be read is.
var ErrBad = errors.New("not an EXIF block")

// Type is a TIFF field type (TIFF 6.0, page 15).
type Type uint16

// The field types in use.
const (
	Byte      Type = 1
	ASCII     Type = 2
	Short     Type = 3
	Long      Type = 4
	Rational  Type = 5
	Undefined Type = 7
	SLong     Type = 9
	SRational Type = 10
)

// size is the number of bytes of one value, 0 for a type that is not known.
func (t Type) size() int {
	sizes := [...]int{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8}
	if int(t) >= len(sizes) {
		return 0
	}
	return sizes[t]
}

// Entry is one tag of a directory; Data holds its values in the byte order of the block.
type Entry struct {
	Tag  Tag
	Type Type
	Data []byte
}

// Dir is a directory (IFD): tags in ascending order.
type Dir []Entry

// get returns the entry of a tag, or nil.
func (d Dir) get(t Tag) *Entry {
	for i := range d {
		if d[i].Tag == t {
			return &d[i]
		}
	}
	return nil
}

// ByteOrder is binary.LittleEndian or binary.BigEndian.
type ByteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// Block is a parsed EXIF block.
type Block struct {
	Order     ByteOrder
	Main      Dir // IFD0, without the pointers to the others
	Photo     Dir // the Exif IFD
	GPS       Dir
	Interop   Dir
	Small     Dir    // IFD1, which describes the thumbnail
	Thumbnail []byte // the embedded JPEG, part of the block that was parsed
}

// Parse reads a block that starts with the TIFF header ("II*\0" or "MM\0*"), with or without "Exif\0\0" before it.
// Directories that point outside, or at each other, are left out.
func Parse(b []byte) (*Block, error) {
	if len(b) > 6 && string(b[:6]) == "Exif\x00\x00" {
		b = b[6:]
	}
	if len(b) < 8 || len(b) > maxBlock {
		return nil, fmt.Errorf("exif: %d bytes: %w", len(b), ErrBad)
	}
	return parse(&parser{b: b, size: uint64(len(b)), seen: map[uint32]bool{}})
}

// ParseTIFF reads the same out of a TIFF picture of the given size. Long values, such as where the picture's strips
// are, and the pictures after the first are left out.
func ParseTIFF(r io.ReaderAt, size int64) (*Block, error) {
	if size < 8 {
		return nil, fmt.Errorf("tiff: %d bytes: %w", size, ErrBad)
	}
	b, err := parse(&parser{r: r, size: uint64(size), left: maxRead, seen: map[uint32]bool{}})
	if err == nil {
		b.Small, b.Thumbnail = nil, nil
	}
	return b, err
}

func parse(p *parser) (*Block, error) {
	head := p.slice(0, 8)
	if head == nil {
		return nil, fmt.Errorf("exif: no header: %w", ErrBad)
	}
	switch string(head[:4]) {
	case "II*\x00":
		p.order = binary.LittleEndian
	case "MM\x00*":
		p.order = binary.BigEndian
	default:
		return nil, fmt.Errorf("exif: byte order %q: %w", head[:4], ErrBad)
	}
	out := &Block{Order: p.order}
	var next uint32
	out.Main, next = p.dir(p.order.Uint32(head[4:]))
	out.Main, out.Photo = p.follow(out.Main, tagPhotoIFD)
	out.Main, out.GPS = p.follow(out.Main, tagGPSIFD)
	out.Photo, out.Interop = p.follow(out.Photo, tagInteropIFD)
	out.Small, _ = p.dir(next)
	out.Thumbnail = p.thumbnail(out.Small)
	return out, nil
}

// parser reads from memory, or from a file as far as left allows.
type parser struct {
	b     []byte
	r     io.ReaderAt
	size  uint64
	left  uint64
	order ByteOrder
	seen  map[uint32]bool
}

// slice is a range of the block, nil when it is not all there.
func (p *parser) slice(off, n uint64) []byte {
	if off > p.size || n > p.size-off {
		return nil
	}
	if p.r == nil {
		return p.b[off : off+n : off+n]
	}
	if n > p.left {
		return nil
	}
	p.left -= n
	b := make([]byte, n)
	if k, _ := p.r.ReadAt(b, int64(off)); uint64(k) < n { // what cannot be read is not there
		return nil
	}
	return b
}

// dir reads the directory at off and the offset of the next one. A directory met before counts as empty,
// which is what ends loops.
func (p *parser) dir(off uint32) (Dir, uint32) {
	count := p.slice(uint64(off), 2)
	if off < 8 || count == nil || p.seen[off] {
		return nil, 0
	}
	p.seen[off] = true
	n := int(p.order.Uint16(count))
	if n > maxEntries {
		return nil, 0
	}
	var d Dir
	at := uint64(off) + 2
	for range n {
		raw := p.slice(at, 12)
		if raw == nil {
			return d, 0
		}
		if e, ok := p.entry(raw); ok {
			d = append(d, e)
		}
		at += 12
	}
	next := p.slice(at, 4)
	if next == nil {
		return d, 0
	}
	return d, p.order.Uint32(next)
}

func (p *parser) entry(raw []byte) (Entry, bool) {
	e := Entry{Tag: Tag(p.order.Uint16(raw)), Type: Type(p.order.Uint16(raw[2:]))}
	n := uint64(p.order.Uint32(raw[4:])) * uint64(e.Type.size())
	switch {
	case n == 0 || p.r != nil && n > maxValue:
		return e, false
	case n <= 4:
		e.Data = raw[8 : 8+n : 8+n]
	default:
		e.Data = p.slice(uint64(p.order.Uint32(raw[8:])), n)
	}
	return e, e.Data != nil
}

// follow takes a pointer tag out of d and reads the directory it names.
func (p *parser) follow(d Dir, t Tag) (Dir, Dir) {
	for i, e := range d {
		if e.Tag == t && e.Type == Long && len(e.Data) == 4 {
			sub, _ := p.dir(p.order.Uint32(e.Data))
			return append(d[:i:i], d[i+1:]...), sub
		}
	}
	return d, nil
}

func (p *parser) thumbnail(d Dir) []byte {
	off, n := p.long(d, tagThumbOffset), p.long(d, tagThumbLength)
	if off == 0 || n < 4 {
		return nil
	}
	t := p.slice(uint64(off), uint64(n))
	if t == nil || t[0] != 0xff || t[1] != 0xd8 {
		return nil
	}
	return t
}

func (p *parser) long(d Dir, t Tag) uint32 {
	e := d.get(t)
	if e == nil || e.Type != Long || len(e.Data) != 4 {
		return 0
	}
	return p.order.Uint32(e.Data)
}
