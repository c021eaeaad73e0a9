package isobmff

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Bounds on what a picture file may hold; phones write some hundred tiles at most, each in one piece.
const (
	maxItems   = 4096
	maxExtents = 64 // of an item
	maxProps   = 64 // of an item
)

// Span is a range of bytes in the file.
type Span struct{ Off, Len int64 }

// Picture is what the boxes say about a HEIC or AVIF picture (ISO/IEC 23008-12).
type Picture struct {
	Brand       string // of ftyp
	Codec       string // item type of the primary picture, of its tiles when it is a grid: hvc1, av01, jpeg…
	Width       int    // as shown: after irot
	Height      int
	Orientation int    // irot and imir as an EXIF orientation, 1 to 8; decoders apply it by themselves
	Profile     []byte // ICC profile, nil when colours are given by code points
	Primaries   int    // code points of colr nclx (ISO/IEC 23091-2), 0 when not said
	Matrix      int    // likewise
	Full        bool   // full range
	Exif        []Span // the Exif item, with its 4-byte offset in front
	XMP         []Span // the XMP item, an XML document
	Items       int    // in iinf: pictures and metadata
}

// item is an entry of a meta box.
type item struct {
	kind    string
	content string
	spans   []Span
	props   []int // 1-based indices into ipco, in order
}

// layout is a picture file taken apart.
type layout struct {
	Picture
	boxes   []box // at the top
	items   map[uint32]*item
	props   []node // of ipco
	primary *item  // nil when there is none
}

// ReadPicture reads the description of a picture file of the given size in bytes. Errors are those of this package, or of
// reading; what was understood before is returned with them.
func ReadPicture(r io.ReaderAt, size int64) (Picture, error) {
	l, err := readPicture(r, size)
	return l.Picture, err
}

func readPicture(r io.ReaderAt, size int64) (layout, error) {
	boxes, err := top(r, size)
	if err != nil && len(boxes) == 0 {
		return layout{}, err
	}
	p := layout{Picture: Picture{Orientation: 1}, boxes: boxes}
	for _, b := range boxes {
		switch b.kind {
		case "ftyp":
			if head, err := load(r, b); err == nil && len(head) >= 4 {
				p.Brand = string(head[:4])
			}
		case "meta":
			payload, err := load(r, b)
			if err != nil {
				return p, err
			}
			if len(payload) < 4 {
				return p, fmt.Errorf("meta: %w", ErrBad)
			}
			if err = p.read(payload[4:], b.body+4); err == nil {
				err = ranOut(boxes)
			}
			return p, err
		}
	}
	if err == nil {
		if err = ranOut(boxes); err == nil {
			err = fmt.Errorf("no meta box: %w", ErrBad)
		}
	}
	return p, err
}

func (p *layout) read(meta []byte, off int64) error {
	budget := maxBoxes
	parts := children(meta, off, &budget)
	items := map[uint32]*item{}
	p.items = items
	if n, ok := find(parts, "iinf"); ok {
		if err := readInfo(n, items, &budget); err != nil {
			return err
		}
	}
	if n, ok := find(parts, "iloc"); ok {
		base := int64(-1)
		if d, ok := find(parts, "idat"); ok {
			base = d.off + int64(d.head)
		}
		if err := readLocations(n.data, items, base); err != nil {
			return err
		}
	}
	if n, ok := find(parts, "iprp"); ok {
		sub := children(n.data, n.off+int64(n.head), &budget)
		if co, ok := find(sub, "ipco"); ok {
			p.props = children(co.data, co.off+int64(co.head), &budget)
		}
		for _, ma := range sub {
			if ma.kind == "ipma" {
				readAssociations(ma.data, items)
			}
		}
	}
	if budget <= 0 {
		return fmt.Errorf("more than %d boxes in meta: %w", maxBoxes, ErrTooLarge)
	}
	p.Items = len(items)
	for _, it := range items {
		switch {
		case it.kind == "Exif":
			p.Exif = it.spans
		case it.kind == "mime" && it.content == "application/rdf+xml":
			p.XMP = it.spans
		}
	}
	p.primary = items[primaryID(parts)]
	if p.primary == nil {
		return fmt.Errorf("no primary picture: %w", ErrBad)
	}
	p.Codec = p.primary.kind
	if p.primary.kind == "grid" || p.primary.kind == "iovl" {
		p.Codec = tileKind(items)
	}
	p.apply(p.primary.props, p.props)
	return nil
}

func tileKind(items map[uint32]*item) string {
	for _, kind := range []string{"hvc1", "av01", "avc1", "jpeg"} {
		for _, it := range items {
			if it.kind == kind {
				return kind
			}
		}
	}
	return "grid"
}

// apply reads the properties of the primary picture in the order they are to be applied (23008-12, 6.5).
func (p *Picture) apply(order []int, props []node) {
	var o turn
	for _, i := range order {
		if i < 1 || i > len(props) {
			continue
		}
		n := props[i-1]
		switch {
		case n.kind == "ispe" && len(n.data) >= 12:
			p.Width = int(binary.BigEndian.Uint32(n.data[4:]) & 0x7fffffff)
			p.Height = int(binary.BigEndian.Uint32(n.data[8:]) & 0x7fffffff)
		case n.kind == "irot" && len(n.data) >= 1:
			for range n.data[0] & 3 {
				o = o.turnLeft()
			}
		case n.kind == "imir" && len(n.data) >= 1:
			o = o.mirror(n.data[0]&1 == 0)
		case n.kind == "colr" && len(n.data) >= 4:
			p.colour(n.data)
		}
	}
	p.Orientation = o.exif()
	if p.Orientation >= 5 {
		p.Width, p.Height = p.Height, p.Width
	}
}

func (p *Picture) colour(b []byte) {
	switch string(b[:4]) {
	case "prof", "rICC":
		p.Profile = b[4:]
	case "nclx":
		if len(b) >= 11 {
			p.Primaries = int(binary.BigEndian.Uint16(b[4:]))
			p.Matrix = int(binary.BigEndian.Uint16(b[8:]))
			p.Full = b[10]&0x80 != 0
		}
	}
}

func primaryID(parts []node) uint32 {
	n, ok := find(parts, "pitm")
	switch {
	case ok && len(n.data) >= 8 && n.data[0] != 0:
		return binary.BigEndian.Uint32(n.data[4:])
	case ok && len(n.data) >= 6:
		return uint32(binary.BigEndian.Uint16(n.data[4:]))
	}
	return 0
}

// readInfo reads iinf (14496-12, 8.11.6).
func readInfo(n node, items map[uint32]*item, budget *int) error {
	skip := 6
	if len(n.data) > 0 && n.data[0] != 0 {
		skip = 8
	}
	if len(n.data) < skip {
		return nil
	}
	for _, e := range children(n.data[skip:], 0, budget) {
		b := e.data
		if e.kind != "infe" || len(b) < 12 || b[0] < 2 {
			continue
		}
		if len(items) >= maxItems {
			return fmt.Errorf("more than %d items: %w", maxItems, ErrTooLarge)
		}
		id, b := uint32(binary.BigEndian.Uint16(b[4:])), b[8:]
		if e.data[0] >= 3 {
			if len(e.data) < 14 {
				continue
			}
			id, b = binary.BigEndian.Uint32(e.data[4:]), e.data[10:]
		}
		it := &item{kind: string(b[:4])}
		if it.kind == "mime" {
			name := clipNUL(b[4:])
			it.content = clipNUL(b[min(len(b), 4+len(name)+1):])
		}
		items[id] = it
	}
	return nil
}

func clipNUL(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

// readLocations reads iloc (14496-12, 8.11.3). idat is where construction method 1 counts from, -1 when there is none.
func readLocations(b []byte, items map[uint32]*item, idat int64) error {
	c := cursor{b: b}
	version := c.uint(1)
	c.uint(3)
	sizes := c.uint(2)
	offSize, lenSize := int(sizes>>12), int(sizes>>8&15)
	baseSize, indexSize := int(sizes>>4&15), int(sizes&15)
	wide := 2
	if version == 2 {
		wide = 4
	}
	count := c.uint(wide)
	if count > maxItems {
		return fmt.Errorf("%d items: %w", count, ErrTooLarge)
	}
	for range count {
		id := uint32(c.uint(wide))
		method := uint64(0)
		if version >= 1 {
			method = c.uint(2) & 15
		}
		c.uint(2) // data reference
		base := c.uint(baseSize)
		extents := c.uint(2)
		if extents > maxExtents {
			return fmt.Errorf("item %d in %d pieces: %w", id, extents, ErrTooLarge)
		}
		for range extents {
			if c.bad {
				return nil
			}
			if version >= 1 {
				c.uint(indexSize)
			}
			off, n := base+c.uint(offSize), c.uint(lenSize)
			if method == 1 {
				if idat < 0 {
					continue
				}
				off += uint64(idat)
			}
			if it := items[id]; it != nil && method <= 1 && off < 1<<62 && n < 1<<62 {
				it.spans = append(it.spans, Span{int64(off), int64(n)})
			}
		}
	}
	return nil
}

// readAssociations reads ipma (23008-12, 9.3.1).
func readAssociations(b []byte, items map[uint32]*item) {
	c := cursor{b: b}
	version := c.uint(1)
	flags := c.uint(3)
	for range min(c.uint(4), maxItems) {
		wide := 2
		if version >= 1 {
			wide = 4
		}
		it := items[uint32(c.uint(wide))]
		for range c.uint(1) {
			index := int(c.uint(1))
			if flags&1 != 0 {
				index = (index&0x7f)<<8 | int(c.uint(1))
			} else {
				index &= 0x7f
			}
			if it != nil && len(it.props) < maxProps {
				it.props = append(it.props, index)
			}
		}
		if c.bad {
			return
		}
	}
}

// cursor reads big-endian numbers; past the end it reads zeros and is bad.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) uint(n int) uint64 {
	if len(c.b) < n || n > 8 {
		c.bad, c.b = true, nil
		return 0
	}
	var v uint64
	for _, x := range c.b[:n] {
		v = v<<8 | uint64(x)
	}
	c.b = c.b[n:]
	return v
}
