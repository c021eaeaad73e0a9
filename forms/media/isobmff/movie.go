package isobmff

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"time"
)

// Movie is what the boxes say about a video.
type Movie struct {
	Brand     string        // of ftyp, "" in old QuickTime files
	Duration  time.Duration // as the movie says, or else of its longest track, or up to the end of its last fragment
	Created   time.Time     // UTC; zero when it is not said
	Width     int           // in pixels, as shown: after rotation and the display matrix
	Height    int
	Rotation  int    // clockwise degrees that players turn the picture: 0, 90, 180, 270
	Codec     string // the sample entry of the video track: avc1, hvc1, mp4v…; "" without a video track
	Audio     string // likewise of the first audio track
	Camera    string
	Location  string // as stored, ISO 6709, "" when not said
	Faststart bool   // moov stands before the data
}

// ReadMovie reads the description of a video of the given size in bytes wherever its moov box stands. Errors are those of
// this package, or of reading; ErrTruncated, of a video that lacks its end, comes with all that its moov box says.
func ReadMovie(r io.ReaderAt, size int64) (Movie, error) {
	boxes, err := top(r, size)
	if err != nil && len(boxes) == 0 {
		return Movie{}, err
	}
	var m Movie
	data := false
	for _, b := range boxes {
		switch b.kind {
		case "ftyp":
			if head, err := load(r, b); err == nil && len(head) >= 4 {
				m.Brand = strings.TrimSpace(string(head[:4]))
			}
		case "mdat":
			data = true
		case "moov":
			payload, err := load(r, b)
			if err != nil {
				return m, err
			}
			m.Faststart = !data
			m.read(payload, b.body)
			if m.Duration == 0 {
				m.Duration = fragmented(r, boxes, payload)
			}
			return m, ranOut(boxes)
		}
	}
	if err == nil {
		err = ranOut(boxes)
	}
	if err == nil {
		err = ErrNoMovie
	}
	return m, err
}

// ranOut reports a box that was promised to be longer than the file is.
func ranOut(boxes []box) error {
	if n := len(boxes); n > 0 && boxes[n-1].ranOut {
		return fmt.Errorf("box %q: %w", boxes[n-1].kind, ErrTruncated)
	}
	return nil
}

func (m *Movie) read(moov []byte, off int64) {
	budget := maxBoxes
	longest := time.Duration(0)
	for _, n := range children(moov, off, &budget) {
		switch n.kind {
		case "mvhd":
			m.Created, _, m.Duration = times(n.data)
		case "trak":
			longest = max(longest, m.track(n, &budget))
		}
	}
	if m.Duration == 0 {
		m.Duration = longest
	}
	fields, _ := userData(moov, off)
	for _, f := range fields {
		if f.location() && m.Location == "" {
			m.Location = f.text
		}
		if f.name == "model" && m.Camera == "" {
			m.Camera = f.text
		}
	}
	for _, f := range fields {
		if f.name == "make" && !strings.HasPrefix(m.Camera, f.text) {
			m.Camera = strings.TrimSpace(f.text + " " + m.Camera)
			break
		}
	}
}

// epoch is what ISO media files count seconds from.
var epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)

// times reads creation time, time scale and duration from an mvhd or mdhd payload (14496-12, 8.2.2 and 8.4.2).
func times(b []byte) (created time.Time, scale uint32, d time.Duration) {
	var at, length uint64
	switch {
	case len(b) >= 20 && b[0] == 0:
		at = uint64(binary.BigEndian.Uint32(b[4:]))
		scale = binary.BigEndian.Uint32(b[12:])
		if length = uint64(binary.BigEndian.Uint32(b[16:])); length == 1<<32-1 {
			length = 0
		}
	case len(b) >= 32 && b[0] == 1:
		at = binary.BigEndian.Uint64(b[4:])
		scale = binary.BigEndian.Uint32(b[20:])
		length = binary.BigEndian.Uint64(b[24:])
	}
	// A Duration holds 292 years; these are 272.
	if at > 0 && at < 1<<33 {
		created = epoch.Add(time.Duration(at) * time.Second)
		if created.Year() < 1990 {
			created = time.Time{}
		}
	}
	return created, scale, ticks(length, scale)
}

// ticks is a length in units of 1/scale seconds; 0 for one that makes no sense.
func ticks(length uint64, scale uint32) time.Duration {
	if scale == 0 || length/uint64(scale) >= 1<<22 {
		return 0
	}
	whole, part := length/uint64(scale), length%uint64(scale)
	return time.Duration(whole)*time.Second + time.Duration(part*uint64(time.Second)/uint64(scale))
}

// track reads a track and returns how long it lasts, with what an edit list leaves out (14496-12, 8.6.6).
func (m *Movie) track(trak node, budget *int) (length time.Duration) {
	parts := children(trak.data, trak.off+int64(trak.head), budget)
	mdia, ok := find(parts, "mdia")
	if !ok {
		return 0
	}
	media := children(mdia.data, mdia.off+int64(mdia.head), budget)
	kind := handler(media)
	if mdhd, ok := find(media, "mdhd"); ok && (kind == "vide" || kind == "soun") {
		var created time.Time
		created, _, length = times(mdhd.data)
		if m.Created.IsZero() {
			m.Created = created
		}
	}
	entry := sampleEntry(media, budget)
	switch {
	case kind == "soun" && m.Audio == "":
		m.Audio = entry.kind
	case kind == "vide" && m.Codec == "":
		m.Codec = entry.kind
		if tkhd, ok := find(parts, "tkhd"); ok {
			m.shape(tkhd.data)
		}
		// The display size may be left out; the coded one never is (14496-12, 12.1.3).
		if m.Width == 0 && len(entry.data) >= 28 {
			m.Width = int(binary.BigEndian.Uint16(entry.data[24:]))
			m.Height = int(binary.BigEndian.Uint16(entry.data[26:]))
			if m.Rotation%180 != 0 {
				m.Width, m.Height = m.Height, m.Width
			}
		}
	}
	return length
}

// handler is the kind of media in a track (hdlr, 8.4.3): vide, soun, meta…
func handler(media []node) string {
	h, ok := find(media, "hdlr")
	if !ok || len(h.data) < 12 {
		return ""
	}
	return string(h.data[8:12])
}

// sampleEntry is the first entry of stsd.
func sampleEntry(media []node, budget *int) node {
	minf, _ := find(media, "minf")
	stbl, _ := find(children(minf.data, 0, budget), "stbl")
	stsd, _ := find(children(stbl.data, 0, budget), "stsd")
	if len(stsd.data) < 8 {
		return node{}
	}
	if entries := children(stsd.data[8:], 0, budget); len(entries) > 0 {
		return entries[0]
	}
	return node{}
}

// shape reads display size and rotation from tkhd (8.3.2): the size is 16.16 fixed point and comes before the
// matrix is applied.
func (m *Movie) shape(b []byte) {
	at := 40
	if len(b) > 0 && b[0] == 1 {
		at = 52
	}
	if len(b) < at+44 {
		return
	}
	matrix := b[at:]
	m.Width = int(binary.BigEndian.Uint32(b[at+36:]) >> 16)
	m.Height = int(binary.BigEndian.Uint32(b[at+40:]) >> 16)
	fixed := func(i int) int32 { return int32(binary.BigEndian.Uint32(matrix[4*i:])) }
	switch a, b, c, d := fixed(0), fixed(1), fixed(3), fixed(4); {
	case a == 0 && d == 0 && b > 0 && c < 0:
		m.Rotation = 90
	case a < 0 && d < 0 && b == 0 && c == 0:
		m.Rotation = 180
	case a == 0 && d == 0 && b < 0 && c > 0:
		m.Rotation = 270
	}
	if m.Rotation%180 != 0 {
		m.Width, m.Height = m.Height, m.Width
	}
}
