package media

import (
	"bytes"
	"encoding/binary"
	"math"
	"time"
)

// What the older and the open containers say at their start: the length, and the size where it stands beside it. All
// of it is advice: what cannot be read stays unknown.

// readAVI reads the main header (AVIMAINHEADER), which every AVI has at its start.
func (i *Info) readAVI(head []byte) {
	at := bytes.Index(head, []byte("avih"))
	if at < 0 || len(head) < at+8+40 {
		return
	}
	b := head[at+8:]
	perFrame, frames := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[16:])
	i.Duration = bounded(float64(perFrame) / 1e6 * float64(frames))
	i.Width, i.Height = int(binary.LittleEndian.Uint32(b[32:])), int(binary.LittleEndian.Uint32(b[36:]))
	if at := bytes.Index(head, []byte("vids")); at >= 0 && len(head) >= at+8 {
		i.Codec = fourCC(head[at+4 : at+8])
	}
}

func fourCC(b []byte) string {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return ""
		}
	}
	return string(bytes.ToLower(bytes.TrimSpace(b)))
}

// asfFile is the GUID of the file properties in a WMV (ASF, 3.2).
var asfFile = []byte{0xa1, 0xdc, 0xab, 0x8c, 0x47, 0xa9, 0xcf, 0x11, 0x8e, 0xe4, 0x00, 0xc0, 0x0c, 0x20, 0x53, 0x65}

// readASF reads the play duration, in units of 100 ns, less the preroll, in ms.
func (i *Info) readASF(head []byte) {
	at := bytes.Index(head, asfFile)
	if at < 0 || len(head) < at+88 {
		return
	}
	b := head[at+24:]
	play, preroll := binary.LittleEndian.Uint64(b[40:]), binary.LittleEndian.Uint64(b[56:])
	i.Duration = bounded(float64(play)/1e7 - float64(preroll)/1e3)
}

// Elements of Matroska (RFC 9559, 5.1).
const (
	ebmlSegment  = 0x18538067
	ebmlInfo     = 0x1549a966
	ebmlScale    = 0x2ad7b1
	ebmlDuration = 0x4489
	ebmlTracks   = 0x1654ae6b
	ebmlTrack    = 0xae
	ebmlVideo    = 0xe0
	ebmlWidth    = 0xb0
	ebmlHeight   = 0xba
	ebmlCluster  = 0x1f43b675
)

// readMKV walks the elements before the first cluster.
func (i *Info) readMKV(head []byte) {
	m := matroska{scale: 1e6}
	m.walk(head, 0)
	i.Duration = bounded(m.length * m.scale / 1e9)
	i.Width, i.Height = m.width, m.height
}

type matroska struct {
	scale, length float64
	width, height int
	elements      int
}

func (m *matroska) walk(b []byte, depth int) {
	for len(b) > 0 {
		if m.elements++; m.elements > 2000 || depth > 6 {
			return
		}
		id, n := vint(b, false)
		size, k := vint(b[n:], true)
		if n == 0 || k == 0 {
			return
		}
		b = b[n+k:]
		body := b[:min(size, uint64(len(b)))]
		switch id {
		case ebmlSegment, ebmlInfo, ebmlTracks, ebmlTrack, ebmlVideo:
			m.walk(body, depth+1)
		case ebmlScale:
			m.scale = float64(number(body))
		case ebmlDuration:
			m.length = float(body)
		case ebmlWidth:
			m.width = int(min(number(body), maxSide))
		case ebmlHeight:
			m.height = int(min(number(body), maxSide))
		case ebmlCluster:
			return
		}
		b = b[len(body):]
	}
}

// vint reads a variable-length number (RFC 8794, 4), with its length marker for ids. n is 0 when there is none.
func vint(b []byte, size bool) (v uint64, n int) {
	if len(b) == 0 || b[0] == 0 {
		return 0, 0
	}
	n = 1
	for mask := byte(0x80); b[0]&mask == 0; mask >>= 1 {
		n++
	}
	if n > len(b) {
		return 0, 0
	}
	v = uint64(b[0])
	if size {
		v &= 1<<(8-n) - 1
	}
	for _, c := range b[1:n] {
		v = v<<8 | uint64(c)
	}
	return v, n
}

func number(b []byte) uint64 {
	var v uint64
	for _, c := range b[:min(len(b), 8)] {
		v = v<<8 | uint64(c)
	}
	return v
}

func float(b []byte) float64 {
	switch len(b) {
	case 4:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	case 8:
		return math.Float64frombits(binary.BigEndian.Uint64(b))
	}
	return 0
}

// bounded is a length in seconds, 0 for one that no video has.
func bounded(seconds float64) time.Duration {
	if !(seconds > 0 && seconds < 1e6) {
		return 0
	}
	return time.Duration(seconds * float64(time.Second))
}
