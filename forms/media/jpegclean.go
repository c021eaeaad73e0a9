package media

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"baosong/forms/media/exif"
)

// cleanJPEG copies a JPEG without its personal metadata; the bytes that make the pixels stay exactly. What follows
// the first picture (a motion photo's clip, a second view) does not come along. Orientation, 1 to 8, replaces that of the
// file; 0 leaves it.
func cleanJPEG(ctx context.Context, w io.Writer, r io.ReaderAt, size int64, h *jpegHead, orientation int) ([]string, error) {
	removed := h.personal()
	out := []byte{0xff, markSOI}
	out = appendExif(out, oriented(h.exif(), orientation))
	for _, s := range h.segments {
		if keep, _ := s.keeps(); !keep {
			continue
		}
		if s.marker == markAPP0 { // JFIF: without its thumbnail
			if s.data[12] != 0 || s.data[13] != 0 {
				removed = sorted(append(removed, RemovedThumbnail))
			}
			s.data = append(bytes.Clone(s.data[:12]), 0, 0)
		}
		out = appendSegment(out, s.marker, s.data)
	}
	if _, err := w.Write(out); err != nil {
		return nil, fmt.Errorf("jpeg: %w", err)
	}
	in := bufio.NewReaderSize(&stream{ctx, io.NewSectionReader(r, h.scan, size-h.scan)}, 64<<10)
	dst := bufio.NewWriterSize(w, 64<<10)
	s := &scanCopier{in: in, out: dst}
	if err := s.run(); err != nil {
		return nil, fmt.Errorf("jpeg: %w", err)
	}
	if err := dst.Flush(); err != nil {
		return nil, fmt.Errorf("jpeg: %w", err)
	}
	if in.Buffered() > 0 || h.scan+s.n < size {
		removed = sorted(append(removed, RemovedTrailer))
	}
	return removed, nil
}

// oriented is a cleaned block with another orientation, or the block itself when that is 0.
func oriented(b *exif.Block, orientation int) *exif.Block {
	if orientation == 0 {
		return b
	}
	if b == nil {
		b = &exif.Block{Order: binary.LittleEndian}
	}
	b, _ = b.Clean()
	b.SetOrientation(orientation)
	return b
}

// appendExif appends an EXIF segment with what may stay of b.
func appendExif(out []byte, b *exif.Block) []byte {
	if b == nil {
		return out
	}
	clean, _ := b.Clean()
	if clean.Empty() {
		return out
	}
	data := append(bytes.Clone(exifMark), clean.Bytes()...)
	if len(data) > 0xffff-2 {
		return out
	}
	return appendSegment(out, 0xe1, data)
}

// appendProfile appends an ICC profile in as many segments as it needs (ICC.1, annex B.4).
func appendProfile(out, profile []byte) []byte {
	const room = 0xffff - 2 - 14
	n := (len(profile) + room - 1) / room
	if n > 255 {
		return out
	}
	for i := range n {
		part := profile[i*room : min(len(profile), (i+1)*room)]
		out = appendSegment(out, 0xe2, append(append(bytes.Clone(iccMark), byte(i+1), byte(n)), part...))
	}
	return out
}

func appendSegment(out []byte, marker byte, data []byte) []byte {
	out = append(out, 0xff, marker)
	out = binary.BigEndian.AppendUint16(out, uint16(len(data)+2))
	return append(out, data...)
}

// maxScans bounds the scans of a progressive picture. Encoders write about ten; each costs the decoder a pass over
// all blocks, however few bytes it has.
const maxScans = 120

// scanCopier copies from the first SOS to EOI, leaving out comments and application data between scans. A nil out
// only looks.
type scanCopier struct {
	in    *bufio.Reader
	out   *bufio.Writer
	n     int64 // bytes read
	scans int
}

func (s *scanCopier) run() error {
	for {
		marker, err := s.toMarker()
		if err != nil {
			return s.cut(err)
		}
		if marker == markEOI {
			return s.write([]byte{0xff, markEOI})
		}
		if marker == markSOS {
			if s.scans++; s.scans > maxScans {
				return fmt.Errorf("more than %d scans: %w", maxScans, Unsupported)
			}
		}
		if err := s.segment(marker); err != nil {
			return s.cut(err)
		}
	}
}

// cut names the end of the file what it is here.
func (s *scanCopier) cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("after %d bytes of the picture: %w", s.n, Truncated)
	}
	return err
}

func (s *scanCopier) write(b []byte) error {
	if s.out == nil {
		return nil
	}
	_, err := s.out.Write(b)
	return err
}

// toMarker copies entropy-coded data up to the next marker that is neither a stuffed byte nor a restart (T.81, B.1.1).
func (s *scanCopier) toMarker() (byte, error) {
	for {
		b, err := s.in.ReadSlice(0xff)
		s.n += int64(len(b))
		if errors.Is(err, bufio.ErrBufferFull) {
			if err := s.write(b); err != nil {
				return 0, err
			}
			continue
		}
		if err != nil {
			return 0, err
		}
		if err := s.write(b[:len(b)-1]); err != nil {
			return 0, err
		}
		m := byte(0xff)
		for m == 0xff { // fill bytes
			if m, err = s.in.ReadByte(); err != nil {
				return 0, err
			}
			s.n++
		}
		if m != 0 && (m < 0xd0 || m > 0xd7) {
			return m, nil
		}
		if err := s.write([]byte{0xff, m}); err != nil {
			return 0, err
		}
	}
}

// segment copies or skips a marker segment after the first scan has begun.
func (s *scanCopier) segment(marker byte) error {
	var size [2]byte
	if _, err := io.ReadFull(s.in, size[:]); err != nil {
		return err
	}
	n := int(binary.BigEndian.Uint16(size[:]))
	if n < 2 {
		return fmt.Errorf("segment of %d bytes: %w", n, Corrupt)
	}
	data := make([]byte, n-2)
	if _, err := io.ReadFull(s.in, data); err != nil {
		return err
	}
	s.n += int64(n)
	if marker == markCOM || marker >= markAPP0 && marker <= 0xef {
		return nil
	}
	return s.write(appendSegment(nil, marker, data))
}
