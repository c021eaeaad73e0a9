package exif

import (
	"encoding/binary"
	"slices"
)

// Clean returns a copy with only the tags that say when and with what camera and settings a photo was taken,
// and the kinds of what it left out, sorted. b is not changed.
func (b *Block) Clean() (*Block, []string) {
	removed := map[string]bool{}
	filter := func(d Dir, keep func(Tag) bool) Dir {
		var out Dir
		for _, e := range d {
			if keep(e.Tag) && len(e.Data) <= maxKept && out.get(e.Tag) == nil {
				out = append(out, e)
			} else {
				removed[removedAs(e.Tag)] = true
			}
		}
		return out
	}
	out := &Block{
		Order:   b.Order,
		Main:    filter(b.Main, keepMain),
		Photo:   filter(b.Photo, keepPhoto),
		Interop: filter(b.Interop, keepInterop),
	}
	if len(b.GPS) > 0 {
		removed[RemovedLocation] = true
	}
	if len(b.Thumbnail) > 0 || len(b.Small) > 0 {
		removed[RemovedThumbnail] = true
	}
	kinds := make([]string, 0, len(removed))
	for k := range removed {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	return out, kinds
}

// SetOrientation replaces the orientation tag, 1 to 8.
func (b *Block) SetOrientation(o int) {
	b.Main = b.Main.with(Entry{Tag: TagOrientation, Type: Short, Data: b.Order.AppendUint16(nil, uint16(o))})
}

// SetSize replaces the pixel size, which is that of the picture as stored.
func (b *Block) SetSize(w, h int) {
	b.Photo = b.Photo.with(Entry{Tag: TagWidth, Type: Long, Data: b.Order.AppendUint32(nil, uint32(w))})
	b.Photo = b.Photo.with(Entry{Tag: TagHeight, Type: Long, Data: b.Order.AppendUint32(nil, uint32(h))})
}

// SetSRGB says that the colours are those of sRGB.
func (b *Block) SetSRGB() {
	b.Interop = nil
	if b.Photo.get(tagColours) != nil {
		b.Photo = b.Photo.with(Entry{Tag: tagColours, Type: Short, Data: b.Order.AppendUint16(nil, 1)})
	}
}

// with returns d with e in place of the entry of the same tag.
func (d Dir) with(e Entry) Dir {
	out := slices.DeleteFunc(slices.Clone(d), func(x Entry) bool { return x.Tag == e.Tag })
	return append(out, e)
}

// Empty reports whether nothing is left to write.
func (b *Block) Empty() bool {
	return len(b.Main) == 0 && len(b.Photo) == 0 && len(b.GPS) == 0 && len(b.Thumbnail) == 0
}

// Bytes writes the block, starting with its TIFF header: the directories one after the other, each followed by
// its longer values, then the thumbnail. The same block gives the same bytes.
func (b *Block) Bytes() []byte {
	w := &writer{order: b.Order}
	if w.order == nil {
		w.order = binary.LittleEndian
	}
	mark := "II*\x00"
	if w.order.Uint16([]byte{0, 1}) == 1 {
		mark = "MM\x00*"
	}
	w.out = w.order.AppendUint32([]byte(mark), 8)

	// Where a directory will stand is known only once those before it are laid out, so sizes come first.
	main, photo := b.Main, b.Photo
	hasPhoto := len(photo) > 0 || len(b.Interop) > 0
	if hasPhoto {
		main = main.with(w.pointer(tagPhotoIFD, 0))
	}
	if len(b.GPS) > 0 {
		main = main.with(w.pointer(tagGPSIFD, 0))
	}
	if len(b.Interop) > 0 {
		photo = photo.with(w.pointer(tagInteropIFD, 0))
	}
	at := uint32(8) + main.size()
	if hasPhoto {
		main = main.with(w.pointer(tagPhotoIFD, at))
		at += photo.size()
	}
	if len(b.Interop) > 0 {
		photo = photo.with(w.pointer(tagInteropIFD, at))
		at += b.Interop.size()
	}
	if len(b.GPS) > 0 {
		main = main.with(w.pointer(tagGPSIFD, at))
		at += b.GPS.size()
	}
	var small Dir
	next := uint32(0)
	if len(b.Thumbnail) > 0 {
		next = at
		small = Dir{
			{Tag: 0x0103, Type: Short, Data: w.order.AppendUint16(nil, 6)}, // old-style JPEG
			w.pointer(tagThumbOffset, 0),
			w.pointer(tagThumbLength, uint32(len(b.Thumbnail))),
		}
		small = small.with(w.pointer(tagThumbOffset, at+small.size()))
	}

	w.dir(main, next)
	if hasPhoto {
		w.dir(photo, 0)
	}
	if len(b.Interop) > 0 {
		w.dir(b.Interop, 0)
	}
	if len(b.GPS) > 0 {
		w.dir(b.GPS, 0)
	}
	if len(small) > 0 {
		w.dir(small, 0)
		w.out = append(w.out, b.Thumbnail...)
	}
	return w.out
}

type writer struct {
	order ByteOrder
	out   []byte
}

func (w *writer) pointer(t Tag, to uint32) Entry {
	return Entry{Tag: t, Type: Long, Data: w.order.AppendUint32(nil, to)}
}

// size is the number of bytes that dir writes.
func (d Dir) size() uint32 {
	n := 2 + 12*len(d) + 4
	for _, e := range d {
		if len(e.Data) > 4 {
			n += (len(e.Data) + 1) &^ 1
		}
	}
	return uint32(n)
}

// dir writes one directory at the end of the output; tags in ascending order, values on even offsets (TIFF 6.0, section 2).
func (w *writer) dir(d Dir, next uint32) {
	d = slices.Clone(d)
	slices.SortStableFunc(d, func(a, b Entry) int { return int(a.Tag) - int(b.Tag) })
	values := uint32(len(w.out) + 2 + 12*len(d) + 4)
	w.out = w.order.AppendUint16(w.out, uint16(len(d)))
	for _, e := range d {
		w.out = w.order.AppendUint16(w.out, uint16(e.Tag))
		w.out = w.order.AppendUint16(w.out, uint16(e.Type))
		w.out = w.order.AppendUint32(w.out, uint32(len(e.Data)/max(1, e.Type.size())))
		if len(e.Data) <= 4 {
			var four [4]byte
			copy(four[:], e.Data)
			w.out = append(w.out, four[:]...)
			continue
		}
		w.out = w.order.AppendUint32(w.out, values)
		values += uint32(len(e.Data)+1) &^ 1
	}
	w.out = w.order.AppendUint32(w.out, next)
	for _, e := range d {
		if len(e.Data) > 4 {
			w.out = append(w.out, e.Data...)
			if len(e.Data)%2 == 1 {
				w.out = append(w.out, 0)
			}
		}
	}
}
