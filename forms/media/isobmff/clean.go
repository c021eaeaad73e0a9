package isobmff

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
)

// Kinds of metadata that CleanMovie reports as removed.
const (
	RemovedLocation = "location"
	RemovedTrack    = "telemetry" // a track of measurements, which mostly holds positions, or one of subtitles that do
	RemovedXMP      = "xmp"
	RemovedOther    = "other-metadata"
)

// maxPatches bounds what one file can ask for; a camera's telemetry track has one sample a second or so.
const maxPatches = 1 << 17

// CleanMovie finds what has to be blanked so that a video says when and with what it was taken, but not where and by
// whom. The boxes become free boxes of the same size, so no offset changes and players see the same samples.
// Patches are sorted and do not overlap. The kinds of what goes are sorted.
func CleanMovie(r io.ReaderAt, size int64) ([]Patch, []string, error) {
	boxes, err := top(r, size)
	if err != nil && len(boxes) == 0 {
		return nil, nil, err
	}
	if !slices.ContainsFunc(boxes, func(b box) bool { return b.kind == "moov" }) {
		return nil, nil, ErrNoMovie
	}
	c := cleaner{r: r, size: size, kinds: map[string]bool{}}
	if err := c.top(boxes, "ftyp", "styp", "mdat", "moof", "mfra", "sidx", "ssix", "pdin", "prft", "emsg", "pnot"); err != nil {
		return nil, nil, err
	}
	if len(c.patches) > maxPatches {
		return nil, nil, fmt.Errorf("%d places to clean: %w", len(c.patches), ErrTooLarge)
	}
	patches := merge(c.patches)
	// What points at the boxes themselves must not cost the video.
	was, _ := ReadMovie(r, size) // of one that is cut short, what is known
	was.Location = ""
	if is, _ := ReadMovie(Patched(r, patches), size); is != was {
		return nil, nil, fmt.Errorf("measurements within the header: %w", ErrBad)
	}
	return patches, slices.Sorted(maps.Keys(c.kinds)), nil
}

type cleaner struct {
	r       io.ReaderAt
	size    int64
	patches []Patch
	kinds   map[string]bool
	unread  int64 // bytes of metadata that may still be read
}

// top cleans a file but for its boxes of the kinds to keep: movie headers, free space, all else, and what lies behind it.
func (c *cleaner) top(boxes []box, keep ...string) error {
	end := int64(0)
	for _, b := range boxes {
		end = b.end
		switch {
		case slices.Contains(keep, b.kind):
		case b.kind == "free" || b.kind == "skip" || b.kind == "wide":
			c.zero(b.body, b.end)
		case b.kind == "moov":
			payload, err := load(c.r, b)
			if err != nil {
				return err
			}
			if err := c.movie(payload, b.body); err != nil {
				return err
			}
		default:
			c.blank(b.off, int(b.body-b.off), b.end, removedBox(b.kind))
		}
	}
	if end < c.size && !c.zeros(end, c.size) {
		c.zero(end, c.size)
		c.kinds[RemovedOther] = true
	}
	return nil
}

// blank turns a box into a free box of zeros.
func (c *cleaner) blank(off int64, head int, end int64, kind string) {
	c.patches = append(c.patches, Patch{Off: off + 4, Len: 4, Data: []byte("free")})
	c.zero(off+int64(head), end)
	c.kinds[kind] = true
}

// zero blanks a range; padding stays out of the report.
func (c *cleaner) zero(from, to int64) {
	from, to = max(from, 0), min(to, c.size)
	if to > from {
		c.patches = append(c.patches, Patch{Off: from, Len: to - from})
	}
}

// zeros reports whether a short range is already blank; a long one counts as not.
func (c *cleaner) zeros(from, to int64) bool {
	if to-from > 4096 {
		return false
	}
	b := make([]byte, to-from)
	if _, err := c.r.ReadAt(b, from); err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}

func removedBox(kind string) string {
	switch kind {
	case "uuid":
		return RemovedXMP
	case "gps ", "GPS ":
		return RemovedLocation
	}
	return RemovedOther
}

func (c *cleaner) movie(moov []byte, off int64) error {
	budget := maxBoxes
	for _, n := range children(moov, off, &budget) {
		at := n.off + int64(n.head)
		switch n.kind {
		case "mvhd", "mvex", "iods", "udta", "meta", "rmra":
		case "cmov":
			return fmt.Errorf("compressed movie header: %w", ErrBad)
		case "free", "skip", "wide":
			c.zero(at, n.off+n.size())
		case "trak":
			c.track(n, &budget)
		default:
			c.blank(n.off, n.head, n.off+n.size(), removedBox(n.kind))
		}
	}
	fields, all := userData(moov, off)
	if !all || budget <= 0 {
		return fmt.Errorf("more than %d boxes in the movie header: %w", maxBoxes, ErrTooLarge)
	}
	for _, f := range fields {
		if f.keep {
			if f.name == "free" || f.name == "skip" {
				c.zero(f.box.off+int64(f.box.head), f.box.off+f.box.size())
			}
			continue
		}
		kind := RemovedOther
		if f.location() {
			kind = RemovedLocation
		}
		if f.name == "XMP_" {
			kind = RemovedXMP
		}
		c.blank(f.box.off, f.box.head, f.box.off+f.box.size(), kind)
	}
	return nil
}

// position is how drones and dashboard cameras write it into subtitles.
var position = regexp.MustCompile(`(?i)\bgps ?\(|\blatitude *[:=]|\$G[A-Z](RMC|GGA),`)

// maxSubtitles bounds what is read to see whether subtitles tell positions; those of a drone do from the first on.
const maxSubtitles = 64 << 10

// measures reports whether a track holds measurements (GoPro gpmd, Google camm, Apple mebx, Sony rtmd…) or subtitles that
// tell positions, as DJI's do.
func (c *cleaner) measures(media []node, budget *int) bool {
	switch handler(media) {
	case "meta", "data", "camm", "ctbx":
		return true
	case "text", "sbtl", "subt":
		var text []byte
		samples(media, budget, func(off, length int64) bool {
			b := make([]byte, max(0, min(length, c.size-off, maxSubtitles)))
			n, _ := c.r.ReadAt(b, off) // what is not there tells nothing
			text = append(text, b[:n]...)
			return len(text) < maxSubtitles
		})
		return position.Match(text)
	}
	return sampleEntry(media, budget).kind == "mett"
}

// track blanks a track of measurements with its samples, and the loose boxes of the others.
func (c *cleaner) track(trak node, budget *int) {
	parts := children(trak.data, trak.off+int64(trak.head), budget)
	mdia, _ := find(parts, "mdia")
	media := children(mdia.data, mdia.off+int64(mdia.head), budget)
	if c.measures(media, budget) {
		samples(media, budget, func(off, length int64) bool {
			c.zero(off, off+length)
			return len(c.patches) <= maxPatches
		})
		c.blank(trak.off, trak.head, trak.off+trak.size(), RemovedTrack)
		return
	}
	for _, n := range slices.Concat(parts, media) {
		switch n.kind {
		case "uuid":
			c.blank(n.off, n.head, n.off+n.size(), RemovedXMP)
		case "free", "skip":
			c.zero(n.off+int64(n.head), n.off+n.size())
		}
	}
}

// samples goes through where the samples of a track lie, found by stsz, stsc and stco or co64 (14496-12, 8.7), until visit
// returns false.
func samples(media []node, budget *int, visit func(off, length int64) bool) {
	minf, _ := find(media, "minf")
	stbl, _ := find(children(minf.data, 0, budget), "stbl")
	tables := children(stbl.data, 0, budget)
	chunks := chunkOffsets(tables)
	sizes := sampleSizes(tables)
	runs, _ := find(tables, "stsc")
	entry := cursor{b: runs.data}
	entry.uint(4)
	n := entry.uint(4)
	sample, before := 0, 0
	for i := range n {
		first, per := int(entry.uint(4)), int(entry.uint(4))
		entry.uint(4)
		if entry.bad || first <= before { // runs that do not ascend would visit chunks again and again
			break
		}
		before = first
		last := len(chunks)
		if i+1 < n {
			peek := entry
			last = min(last, int(peek.uint(4))-1)
		}
		for chunk := first; chunk <= last; chunk++ {
			off, length := chunks[chunk-1], int64(0)
			if here := min(per, sizes.count-sample); sizes.fixed > 0 {
				length, sample = int64(here)*sizes.fixed, sample+here
			} else {
				for range here {
					length += sizes.at(sample)
					sample++
				}
			}
			if !visit(off, length) {
				return
			}
		}
	}
}

func chunkOffsets(tables []node) []int64 {
	n, wide := node{}, 4
	if t, ok := find(tables, "stco"); ok {
		n = t
	} else if t, ok := find(tables, "co64"); ok {
		n, wide = t, 8
	}
	c := cursor{b: n.data}
	c.uint(4)
	count := c.uint(4)
	var out []int64
	for range min(count, uint64(len(n.data)/wide)) {
		v := c.uint(wide)
		if c.bad {
			break
		}
		out = append(out, int64(min(v, 1<<62)))
	}
	return out
}

// sizeTable is stsz or stz2: one size for all samples, or one each.
type sizeTable struct {
	fixed int64
	count int
	b     []byte
	bits  int
}

func sampleSizes(tables []node) sizeTable {
	if n, ok := find(tables, "stsz"); ok && len(n.data) >= 12 {
		t := sizeTable{fixed: int64(binary.BigEndian.Uint32(n.data[4:])), count: int(binary.BigEndian.Uint32(n.data[8:])), b: n.data[12:], bits: 32}
		if t.fixed == 0 {
			t.count = min(t.count, len(t.b)/4)
		}
		return t
	}
	if n, ok := find(tables, "stz2"); ok && len(n.data) >= 12 {
		t := sizeTable{count: int(binary.BigEndian.Uint32(n.data[8:])), b: n.data[12:], bits: int(n.data[7])}
		if t.bits != 4 && t.bits != 8 && t.bits != 16 {
			return sizeTable{}
		}
		t.count = min(t.count, len(t.b)*8/t.bits)
		return t
	}
	return sizeTable{}
}

func (t sizeTable) at(i int) int64 {
	switch {
	case t.bits == 32:
		return int64(binary.BigEndian.Uint32(t.b[4*i:]))
	case t.bits == 16:
		return int64(binary.BigEndian.Uint16(t.b[2*i:]))
	case t.bits == 8:
		return int64(t.b[i])
	case i%2 == 0:
		return int64(t.b[i/2] >> 4)
	}
	return int64(t.b[i/2] & 15)
}
