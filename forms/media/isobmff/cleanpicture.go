package isobmff

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"

	"baosong/forms/media/exif"
)

// maxMeta bounds the metadata of all items that is read to be cleaned; what is more is blanked unread.
const maxMeta = 4 << 20

// CleanPicture is CleanMovie for HEIC and AVIF pictures: the EXIF item keeps its place and says no more than when and
// with what the picture was taken, XMP becomes blanks, and the pictures stay byte for byte.
func CleanPicture(r io.ReaderAt, size int64) ([]Patch, []string, error) {
	was, err := readPicture(r, size)
	if err != nil {
		return nil, nil, err
	}
	c := &cleaner{r: r, size: size, kinds: map[string]bool{}, unread: maxMeta}
	if err := c.top(was.boxes, "ftyp", "meta", "mdat"); err != nil {
		return nil, nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(was.items)) {
		c.item(was.items[id])
	}
	patches := merge(c.patches)
	// What points at the boxes themselves must not cost the picture.
	is, err := ReadPicture(Patched(r, patches), size)
	if err != nil || is.Codec != was.Codec || is.Width != was.Width || is.Height != was.Height || is.Orientation != was.Orientation || is.Items != was.Items {
		return nil, nil, fmt.Errorf("metadata within the boxes: %w", ErrBad)
	}
	return patches, slices.Sorted(maps.Keys(c.kinds)), nil
}

// item cleans an item that is not a picture.
func (c *cleaner) item(it *item) {
	if it.kind != "Exif" && it.kind != "mime" && it.kind != "uri " || len(it.spans) == 0 {
		return
	}
	var data, clean []byte
	for _, s := range it.spans {
		n := max(0, min(s.Len, c.size-s.Off))
		if n > c.unread {
			data = nil
			break
		}
		c.unread -= n
		b := make([]byte, n)
		k, _ := c.r.ReadAt(b, s.Off) // what is not there needs no cleaning
		data = append(data, b[:k]...)
	}
	switch {
	case it.kind == "Exif":
		clean = c.exif(data)
	case it.content == "application/rdf+xml":
		c.kinds[RemovedXMP] = true
		if bytes.Contains(data, []byte("GPSLatitude")) {
			c.kinds[RemovedLocation] = true
		}
		clean = bytes.Repeat([]byte{' '}, len(data))
	default:
		c.kinds[RemovedOther] = true
	}
	for _, s := range it.spans {
		length := min(s.Len, c.size-s.Off)
		if length <= 0 {
			continue
		}
		n := min(int64(len(clean)), length)
		c.patches = append(c.patches, Patch{Off: s.Off, Len: length, Data: clean[:n]})
		clean = clean[n:]
	}
}

// exif is the item with what may stay: four bytes that say how far on the block starts, and the block. It is nil when
// nothing can stay.
func (c *cleaner) exif(data []byte) []byte {
	skip := int64(len(data))
	if len(data) >= 4 {
		skip = int64(binary.BigEndian.Uint32(data)) + 4
	}
	block, err := exif.Parse(data[min(skip, int64(len(data))):])
	if err != nil {
		c.kinds[RemovedOther] = true
		return nil
	}
	block, kinds := block.Clean()
	for _, k := range kinds {
		c.kinds[k] = true
	}
	out := append(make([]byte, 4), block.Bytes()...)
	if len(out) > len(data) {
		c.kinds[RemovedOther] = true
		return nil
	}
	return out
}
