package isobmff

import (
	"encoding/binary"
	"io"
	"time"
)

// fragmented is how long a movie in fragments lasts (14496-12, 8.8): the end of the last of them.
func fragmented(r io.ReaderAt, boxes []box, moov []byte) time.Duration {
	budget := maxBoxes
	parts := children(moov, 0, &budget)
	scales, defaults := map[uint32]uint32{}, map[uint32]uint32{}
	for _, n := range parts {
		switch n.kind {
		case "trak":
			trak := children(n.data, 0, &budget)
			tkhd, _ := find(trak, "tkhd")
			mdia, _ := find(trak, "mdia")
			mdhd, _ := find(children(mdia.data, 0, &budget), "mdhd")
			_, scale, _ := times(mdhd.data)
			scales[trackID(tkhd.data)] = scale
		case "mvex":
			for _, e := range children(n.data, 0, &budget) {
				if e.kind == "trex" && len(e.data) >= 16 {
					defaults[binary.BigEndian.Uint32(e.data[4:])] = binary.BigEndian.Uint32(e.data[12:])
				}
			}
		}
	}
	for i := len(boxes) - 1; i >= 0; i-- {
		if boxes[i].kind != "moof" {
			continue
		}
		moof, err := load(r, boxes[i])
		if err != nil {
			return 0
		}
		longest := time.Duration(0)
		for _, traf := range children(moof, 0, &budget) {
			if traf.kind == "traf" {
				longest = max(longest, fragmentEnd(children(traf.data, 0, &budget), scales, defaults))
			}
		}
		return longest
	}
	return 0
}

// trackID is that in a tkhd payload (8.3.2).
func trackID(b []byte) uint32 {
	switch {
	case len(b) >= 16 && b[0] == 0:
		return binary.BigEndian.Uint32(b[12:])
	case len(b) >= 24 && b[0] == 1:
		return binary.BigEndian.Uint32(b[20:])
	}
	return 0
}

// fragmentEnd is when the samples of one track in one fragment end: tfdt and the durations in trun (8.8.8, 8.8.12).
func fragmentEnd(traf []node, scales, defaults map[uint32]uint32) time.Duration {
	tfhd, _ := find(traf, "tfhd")
	c := cursor{b: tfhd.data}
	flags := c.uint(4)
	id := uint32(c.uint(4))
	each := uint64(defaults[id])
	if flags&1 != 0 {
		c.uint(8)
	}
	if flags&2 != 0 {
		c.uint(4)
	}
	if flags&8 != 0 {
		each = c.uint(4)
	}
	tfdt, _ := find(traf, "tfdt")
	d := cursor{b: tfdt.data}
	wide := 4
	if d.uint(4)>>24 == 1 {
		wide = 8
	}
	end := d.uint(wide)
	for _, n := range traf {
		if n.kind == "trun" {
			end += runLength(n.data, each)
		}
	}
	return ticks(end, scales[id])
}

// runLength adds up the durations of a run of samples, in ticks.
func runLength(b []byte, each uint64) uint64 {
	c := cursor{b: b}
	flags := c.uint(4)
	count := c.uint(4)
	for bit := uint64(1); bit <= 4; bit <<= 2 { // offset of the data, flags of the first sample
		if flags&bit != 0 {
			c.uint(4)
		}
	}
	if flags&0x100 == 0 {
		return count * each
	}
	sum := uint64(0)
	for range count {
		sum += c.uint(4)
		for bit := uint64(0x200); bit <= 0x800; bit <<= 1 { // size, flags, offset of each
			if flags&bit != 0 {
				c.uint(4)
			}
		}
		if c.bad {
			break
		}
	}
	return sum
}
