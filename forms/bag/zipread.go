package bag

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"slices"
	"strings"
)

// macJunk is the folder macOS adds beside the one that was asked for.
const macJunk = "__MACOSX/"

// zipSource is a zip in which every byte is accounted for.
type zipSource struct {
	r       io.ReaderAt
	closer  io.Closer
	entries []*zipEntry // by position
	sealed  bool        // says it was written here
	altered string      // why it is not as it was written, if sealed
}

// openZip reads all headers, and refuses an archive that two readers could
// read in two ways: gaps, overlaps, headers that disagree, data behind the
// end. No content is read.
func openZip(r io.ReaderAt, size int64, lim Limits) (*zipSource, error) {
	d, err := findEnd(r, size)
	if err != nil {
		return nil, err
	}
	// 2 KiB an entry is generous: names are bounded, extra fields are short.
	if d.entries > int64(lim.Entries) || d.size > 2048*(d.entries+1) {
		return nil, refuse("", ReasonLimit, "%d entries, central directory of %d bytes", d.entries, d.size)
	}
	dir := make([]byte, d.size)
	if err := readAt(r, dir, d.off); err != nil {
		return nil, err
	}
	z := &zipSource{r: r}
	for range d.entries {
		var e *zipEntry
		if e, dir, err = parseCentral(dir); err != nil {
			return nil, err
		}
		z.sealed = z.sealed || e.sealed
		z.entries = append(z.entries, e)
	}
	if len(dir) > 0 {
		return nil, refuse("", ReasonLayout, "the central directory holds more than its entries")
	}
	if err := decodeNames(z.entries); err != nil {
		return nil, err
	}
	if err := z.checkEntries(size, lim); err != nil {
		return nil, err
	}
	if err := z.readLocals(d.off); err != nil {
		return nil, err
	}
	z.checkSeal(d)
	return z, nil
}

func (z *zipSource) checkEntries(size int64, lim Limits) error {
	var names tree
	var total int64
	for _, e := range z.entries {
		if err := e.check(lim); err != nil {
			return err
		}
		if err := names.add(strings.TrimSuffix(e.name, "/"), e.dir); err != nil {
			return refuse(e.name, ReasonTwin, "%v", err)
		}
		if e.usize > lim.TotalBytes-total {
			return refuse(e.name, ReasonLimit, "more than %d bytes of content", lim.TotalBytes)
		}
		total += e.usize
	}
	if total > bombFloor && total/lim.Ratio > size {
		return refuse("", ReasonBomb, "%d bytes of content in %d", total, size)
	}
	return nil
}

// readLocals compares the local headers (APPNOTE 4.3.7) and sees that entries
// lie one behind the other from the first byte to the central directory.
func (z *zipSource) readLocals(dirOff int64) error {
	// The order of the central directory is judged by checkSeal alone.
	byPos := slices.SortedStableFunc(slices.Values(z.entries), func(a, b *zipEntry) int { return cmp.Compare(a.off, b.off) })
	if !slices.Equal(byPos, z.entries) {
		z.altered = "the central directory is out of order"
	}
	z.entries = byPos
	pos := int64(0)
	for i, e := range z.entries {
		if e.off < pos {
			return refuse(e.name, ReasonOverlap, "begins at %d, before the end of another", e.off)
		}
		if e.off > pos {
			return refuse(e.name, ReasonLayout, "%d hidden bytes before it", e.off-pos)
		}
		if err := z.readLocal(e, i, dirOff); err != nil {
			return err
		}
		next := dirOff
		if i+1 < len(z.entries) {
			next = z.entries[i+1].off
		}
		end := e.data + e.csize
		if e.csize > dirOff-e.data || end > next {
			return refuse(e.name, ReasonOverlap, "reaches beyond the next")
		}
		if e.flags&flagDescriptor != 0 {
			if err := z.readDescriptor(e, end, next); err != nil {
				return err
			}
			end = next
		}
		pos = end
	}
	if pos != dirOff {
		return refuse("", ReasonLayout, "%d hidden bytes before the central directory", dirOff-pos)
	}
	return nil
}

func (z *zipSource) readLocal(e *zipEntry, i int, dirOff int64) error {
	le := binary.LittleEndian
	b := make([]byte, lenLocal, lenLocal+len(e.rawName)+64)
	if e.off+lenLocal > dirOff {
		return refuse(e.name, ReasonLayout, "no room for its header")
	}
	if err := readAt(z.r, b, e.off); err != nil {
		return err
	}
	n := int64(le.Uint16(b[26:])) + int64(le.Uint16(b[28:]))
	if le.Uint32(b) != sigLocal || e.off+lenLocal+n > dirOff {
		return refuse(e.name, ReasonHeaders, "no local header where the directory says")
	}
	b = append(b, make([]byte, n)...)
	if err := readAt(z.r, b[lenLocal:], e.off+lenLocal); err != nil {
		return err
	}
	e.data = e.off + int64(len(b))
	name := b[lenLocal : lenLocal+int(le.Uint16(b[26:]))]
	extra := b[lenLocal+len(name):]
	if what := e.disagrees(b, name, extra); what != "" {
		return refuse(e.name, ReasonHeaders, "%s", what)
	}
	if extraField(extra, extraSeal) != nil {
		z.sealed = true
	}
	if z.altered == "" && !bytes.Equal(b, e.ours(i).local(nil)) {
		z.altered = "local header of " + e.name
	}
	return nil
}

// disagrees names what the local header tells differently from the directory.
// Time and version are left to checkSeal: they differ between honest tools.
func (e *zipEntry) disagrees(b, name, extra []byte) string {
	le := binary.LittleEndian
	const telling = flagEncrypted | flagDescriptor | flagStrong | flagUTF8 | flagMasked
	crc, csize, usize := le.Uint32(b[14:]), int64(le.Uint32(b[18:])), int64(le.Uint32(b[22:]))
	if x := extraField(extra, extraZip64); csize == 0xffffffff || usize == 0xffffffff {
		for _, v := range []*int64{&usize, &csize} {
			if *v == 0xffffffff && len(x) >= 8 {
				*v, x = int64(le.Uint64(x)&(1<<63-1)), x[8:]
			}
		}
	}
	// With a descriptor the sizes may be left out here; it is compared itself.
	later := e.flags&flagDescriptor != 0
	path, has := unicodePath(e.extra, e.rawName)
	localPath, localHas := unicodePath(extra, name)
	switch {
	case !bytes.Equal(name, e.rawName):
		return "name"
	case !e.utf8() && has && localHas && path != localPath:
		return "Unicode name"
	case le.Uint16(b[6:])&telling != e.flags&telling:
		return "flags"
	case le.Uint16(b[8:]) != e.method:
		return "method"
	case crc != e.crc && !(later && crc == 0):
		return "CRC"
	case csize != e.csize && !(later && csize == 0):
		return "compressed size"
	case usize != e.usize && !(later && usize == 0):
		return "size"
	}
	return ""
}

// readDescriptor compares a data descriptor (APPNOTE 4.3.9), which must fill
// the room up to the next entry.
func (z *zipSource) readDescriptor(e *zipEntry, at, next int64) error {
	le := binary.LittleEndian
	n := next - at
	if n != 12 && n != 16 && n != 20 && n != 24 {
		return refuse(e.name, ReasonLayout, "%d bytes where its data descriptor should be", n)
	}
	b := make([]byte, n)
	if err := readAt(z.r, b, at); err != nil {
		return err
	}
	if n == 16 || n == 24 {
		if le.Uint32(b) != sigDesc {
			return refuse(e.name, ReasonLayout, "malformed data descriptor")
		}
		b = b[4:]
	}
	crc, csize, usize := le.Uint32(b), uint64(0), uint64(0)
	if len(b) == 12 {
		csize, usize = uint64(le.Uint32(b[4:])), uint64(le.Uint32(b[8:]))
	} else {
		csize, usize = le.Uint64(b[4:]), le.Uint64(b[12:])
	}
	if crc != e.crc || csize != uint64(e.csize) || usize != uint64(e.usize) {
		return refuse(e.name, ReasonHeaders, "data descriptor")
	}
	return nil
}
