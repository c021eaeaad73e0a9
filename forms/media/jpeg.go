package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"baosong/forms/media/exif"
)

// JPEG markers (ITU-T T.81, table B.1).
const (
	markSOI  = 0xd8
	markEOI  = 0xd9
	markSOS  = 0xda
	markAPP0 = 0xe0
	markCOM  = 0xfe
)

// maxSegments bounds the segments before the first scan; a profile and a gain map together have some dozen.
const maxSegments = 2000

var (
	exifMark = []byte("Exif\x00\x00")
	xmpMark  = []byte("http://ns.adobe.com/xap/1.0/\x00")
	xmpMore  = []byte("http://ns.adobe.com/xmp/extension/\x00")
	iccMark  = []byte("ICC_PROFILE\x00")
	mpfMark  = []byte("MPF\x00")
)

// segment is a marker segment before the scans. Data is what follows its length.
type segment struct {
	marker byte
	data   []byte
}

// jpegHead is what stands before the first scan of a JPEG.
type jpegHead struct {
	segments []segment
	scan     int64 // where the first SOS marker stands
	width    int
	height   int
	comps    int
	depth    int // bits
	sof      byte
	sampling [4]byte // of each component, as in SOF
}

// readJPEGHead reads the segments up to the first scan. The error carries a Problem.
func readJPEGHead(r io.ReaderAt) (*jpegHead, error) {
	h := &jpegHead{}
	in := &jpegReader{r: r, off: 2}
	for range maxSegments {
		marker, err := in.marker()
		if err != nil {
			return h, err
		}
		if marker == markSOS {
			h.scan = in.off - 2
			if h.width == 0 {
				return h, fmt.Errorf("jpeg: scan before size: %w", Corrupt)
			}
			return h, nil
		}
		if marker == markEOI {
			return h, fmt.Errorf("jpeg: no picture: %w", Corrupt)
		}
		data, err := in.segment()
		if err != nil {
			return h, err
		}
		h.segments = append(h.segments, segment{marker, data})
		if isSOF(marker) && len(data) >= 6 {
			h.sof, h.depth = marker, int(data[0])
			h.height, h.width = int(binary.BigEndian.Uint16(data[1:])), int(binary.BigEndian.Uint16(data[3:]))
			h.comps = int(data[5])
			for i := 0; i < min(h.comps, 4) && 6+3*i+1 < len(data); i++ {
				h.sampling[i] = data[6+3*i+1]
			}
		}
	}
	return h, fmt.Errorf("jpeg: more than %d segments: %w", maxSegments, Corrupt)
}

func isSOF(m byte) bool {
	return m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc
}

// jpegReader reads markers and segments, a page at a time.
type jpegReader struct {
	r    io.ReaderAt
	off  int64
	page []byte
	at   int64 // where page starts
}

// bytes returns n bytes at the current offset and moves on.
func (j *jpegReader) bytes(n int) ([]byte, error) {
	if j.off < j.at || j.off+int64(n) > j.at+int64(len(j.page)) {
		page := make([]byte, max(n, 16<<10))
		k, err := j.r.ReadAt(page, j.off)
		if k < n {
			if err == nil || errors.Is(err, io.EOF) {
				err = Truncated
			}
			return nil, fmt.Errorf("jpeg at %d: %w", j.off, classify(err))
		}
		j.page, j.at = page[:k], j.off
	}
	b := j.page[j.off-j.at:][:n:n]
	j.off += int64(n)
	return b, nil
}

// marker reads the next marker. Fill bytes (0xff) may precede it; anything else does not belong there, but cameras
// have been seen to pad with zeros, so a few bytes are passed over.
func (j *jpegReader) marker() (byte, error) {
	stray := 0
	for {
		b, err := j.bytes(1)
		if err != nil {
			return 0, err
		}
		if b[0] != 0xff {
			if stray++; stray > 64 {
				return 0, fmt.Errorf("jpeg at %d: no marker: %w", j.off, Corrupt)
			}
			continue
		}
		for b[0] == 0xff {
			if b, err = j.bytes(1); err != nil {
				return 0, err
			}
		}
		if b[0] != 0 && b[0] != 1 && (b[0] < 0xd0 || b[0] > 0xd8) {
			return b[0], nil
		}
	}
}

func (j *jpegReader) segment() ([]byte, error) {
	b, err := j.bytes(2)
	if err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(b))
	if n < 2 {
		return nil, fmt.Errorf("jpeg at %d: segment of %d bytes: %w", j.off, n, Corrupt)
	}
	return j.bytes(n - 2)
}

// exif returns the EXIF block, nil when there is none that can be read.
func (h *jpegHead) exif() *exif.Block {
	for _, s := range h.segments {
		if s.marker == 0xe1 && bytes.HasPrefix(s.data, exifMark) {
			if b, err := exif.Parse(s.data); err == nil {
				return b
			}
		}
	}
	return nil
}

// profile puts the ICC profile together from its segments (ICC.1, annex B.4), nil when there is none or it is broken.
func (h *jpegHead) profile() []byte {
	var parts [256][]byte
	total := 0
	for _, s := range h.segments {
		if s.marker != 0xe2 || !bytes.HasPrefix(s.data, iccMark) || len(s.data) < len(iccMark)+2 {
			continue
		}
		seq, n := s.data[len(iccMark)], int(s.data[len(iccMark)+1])
		if seq == 0 || int(seq) > n || (total != 0 && total != n) {
			return nil
		}
		parts[seq], total = s.data[len(iccMark)+2:], n
	}
	var out []byte
	for i := 1; i <= total; i++ {
		if parts[i] == nil {
			return nil
		}
		out = append(out, parts[i]...)
	}
	return out
}

// needsColours reports whether the picture is in other colours than sRGB.
func (h *jpegHead) needsColours() bool {
	p := picture{profile: h.profile(), exif: h.exif()}
	p.colours()
	return p.toSRGB != nil
}

// keeps reports whether a segment is needed to show the picture, and otherwise what it holds.
func (s segment) keeps() (bool, string) {
	switch {
	case s.marker < markAPP0 || s.marker > 0xef && s.marker != markCOM:
		return true, ""
	case s.marker == markAPP0 && bytes.HasPrefix(s.data, []byte("JFIF\x00")) && len(s.data) >= 14:
		return true, ""
	case s.marker == 0xee && bytes.HasPrefix(s.data, []byte("Adobe")):
		return true, ""
	case s.marker == 0xe2 && bytes.HasPrefix(s.data, iccMark):
		return true, ""
	case s.marker == 0xe1 && (bytes.HasPrefix(s.data, xmpMark) || bytes.HasPrefix(s.data, xmpMore)):
		return false, RemovedXMP
	case s.marker == markCOM:
		return false, RemovedComment
	case s.marker == 0xe2 && bytes.HasPrefix(s.data, mpfMark):
		return false, RemovedTrailer
	case s.marker == markAPP0:
		return false, RemovedThumbnail // JFXX
	}
	return false, RemovedOther
}

// personal lists what keeps and exif.Clean would take away.
func (h *jpegHead) personal() []string {
	var out []string
	for _, s := range h.segments {
		if s.marker == 0xe1 && bytes.HasPrefix(s.data, exifMark) {
			if b, err := exif.Parse(s.data); err == nil {
				_, kinds := b.Clean()
				out = append(out, kinds...)
			} else {
				out = append(out, RemovedOther)
			}
			continue
		}
		if keep, what := s.keeps(); !keep {
			out = append(out, what)
		}
		if bytes.HasPrefix(s.data, xmpMark) && saysWhere(s.data) {
			out = append(out, RemovedLocation)
		}
	}
	return sorted(out)
}

// saysWhere reports whether an XMP packet has coordinates or names of places.
func saysWhere(xmp []byte) bool {
	for _, w := range []string{"GPSLatitude", "LocationCreated", "photoshop:City", "Iptc4xmpCore:Location"} {
		if bytes.Contains(xmp, []byte(w)) {
			return true
		}
	}
	return false
}

func sorted(kinds []string) []string {
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
