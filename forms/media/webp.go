package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"baosong/forms/media/exif"
)

// riffChunks lists the chunks of a WebP (RFC 9649, 2.3). off is where the chunk's name stands, size is that of its
// data without the padding byte.
func riffChunks(r io.ReaderAt, size int64) ([]chunk, error) {
	var h [12]byte
	if n, err := r.ReadAt(h[:], 0); n < len(h) {
		return nil, fmt.Errorf("webp: %w", classify(orEOF(err)))
	}
	end := int64(binary.LittleEndian.Uint32(h[4:])) + 8
	if end > size {
		return nil, fmt.Errorf("webp: %d of %d bytes: %w", size, end, Truncated)
	}
	var out []chunk
	for off := int64(12); off+8 <= end; {
		if n, err := r.ReadAt(h[:8], off); n < 8 {
			return out, fmt.Errorf("webp: %w", classify(orEOF(err)))
		}
		c := chunk{kind: string(h[:4]), off: off, size: int64(binary.LittleEndian.Uint32(h[4:]))}
		if off+8+c.size > end {
			return out, fmt.Errorf("webp: chunk %q: %w", c.kind, Truncated)
		}
		if out = append(out, c); len(out) > maxChunks {
			return nil, fmt.Errorf("webp: more than %d chunks: %w", maxChunks, Corrupt)
		}
		off += 8 + (c.size+1)&^1
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("webp: no picture: %w", Corrupt)
	}
	return out, nil
}

func (i *Info) readWebP(r io.ReaderAt, size int64) error {
	chunks, err := riffChunks(r, size)
	i.Codec = "webp"
	for _, c := range chunks {
		i.webpSize(r, c)
		switch c.kind {
		case "ANIM":
			i.Animated = true
		case "EXIF":
			if b, err := c.load(r); err == nil {
				if block, err := exif.Parse(b); err == nil {
					i.readExif(block)
					_, kinds := block.Clean()
					i.Personal = append(i.Personal, kinds...)
				}
			}
		case "XMP ":
			i.Personal = append(i.Personal, RemovedXMP)
		}
	}
	i.Personal = sorted(i.Personal)
	i.turn()
	return err
}

// webpSize reads the size from the first chunk that has it: the canvas, a lossy or a lossless bitstream.
func (i *Info) webpSize(r io.ReaderAt, c chunk) {
	if i.Width != 0 || c.size < 10 {
		return
	}
	var b [10]byte
	if n, _ := r.ReadAt(b[:], c.off+8); n < len(b) {
		return
	}
	switch c.kind {
	case "VP8X":
		i.Width = 1 + (int(b[4]) | int(b[5])<<8 | int(b[6])<<16)
		i.Height = 1 + (int(b[7]) | int(b[8])<<8 | int(b[9])<<16)
	case "VP8 ":
		i.Width = int(binary.LittleEndian.Uint16(b[6:]) & 0x3fff)
		i.Height = int(binary.LittleEndian.Uint16(b[8:]) & 0x3fff)
	case "VP8L":
		v := binary.LittleEndian.Uint32(b[1:])
		i.Width, i.Height = int(v&0x3fff)+1, int(v>>14&0x3fff)+1
	}
}

// cleanWebP copies a WebP without what is not picture: its EXIF chunk is replaced by a cleaned one, XMP and chunks
// nobody knows go. The bytes that make the pixels stay.
func cleanWebP(ctx context.Context, w io.Writer, r io.ReaderAt, size int64) ([]string, error) {
	chunks, err := riffChunks(r, size)
	if err != nil {
		return nil, err
	}
	var removed []string
	var keep []chunk
	var block []byte
	total := int64(4)
	for _, c := range chunks {
		switch c.kind {
		case "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP":
			keep = append(keep, c)
			total += 8 + (c.size+1)&^1
		case "EXIF":
			removed = append(removed, RemovedOther)
			if b, err := c.load(r); err == nil {
				if parsed, err := exif.Parse(b); err == nil {
					clean, kinds := parsed.Clean()
					removed = append(removed[:len(removed)-1], kinds...)
					block = clean.Bytes()
				}
			}
		case "XMP ":
			removed = append(removed, RemovedXMP)
		default:
			removed = append(removed, RemovedOther)
		}
	}
	if end := chunks[len(chunks)-1]; end.off+8+(end.size+1)&^1 < size {
		removed = append(removed, RemovedTrailer)
	}
	if len(block) > 0 {
		total += 8 + int64(len(block)+1)&^1
	}
	out := &errWriter{w: w}
	out.write(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(total)))
	out.write([]byte("WEBP"))
	for _, c := range keep {
		head := binary.LittleEndian.AppendUint32([]byte(c.kind), uint32(c.size))
		in := &stream{ctx, io.NewSectionReader(r, c.off+8, c.size)}
		if c.kind == "VP8X" && c.size >= 10 {
			flags, err := c.load(r)
			if err != nil {
				return nil, err
			}
			flags[0] &^= flagEXIF | flagXMP
			if len(block) > 0 {
				flags[0] |= flagEXIF
			}
			in.r = bytes.NewReader(flags)
		}
		out.write(head)
		out.copy(in, c.size)
		out.write(make([]byte, c.size&1))
	}
	if len(block) > 0 {
		out.write(binary.LittleEndian.AppendUint32([]byte("EXIF"), uint32(len(block))))
		out.write(block)
		out.write(make([]byte, len(block)&1))
	}
	return sorted(removed), out.err
}

// Flags of VP8X (RFC 9649, 2.7.1).
const (
	flagXMP  = 1 << 2
	flagEXIF = 1 << 3
)

// errWriter keeps the first error.
type errWriter struct {
	w   io.Writer
	err error
}

func (e *errWriter) write(b []byte) {
	if e.err == nil && len(b) > 0 {
		_, e.err = e.w.Write(b)
	}
}

func (e *errWriter) copy(r io.Reader, n int64) {
	if e.err != nil {
		return
	}
	k, err := io.Copy(e.w, r)
	if err == nil && k < n {
		err = Changed
	}
	e.err = err
}

// frameHead is what stands before the picture in an ANMF chunk: place, size, duration and flags.
const frameHead = 16

// stillWebP makes a file of its own of a frame (RFC 9649, 2.7.1.1).
func stillWebP(frame []byte) []byte {
	body := frame[frameHead:]
	head := []byte("WEBP")
	if bytes.HasPrefix(body, []byte("ALPH")) {
		const alpha = 1 << 4
		head = append(head, 'V', 'P', '8', 'X', 10, 0, 0, 0, alpha, 0, 0, 0)
		head = append(head, frame[6:12]...) // the size, less one, as VP8X has it
	}
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(head)+len(body)))
	return append(append(out, head...), body...)
}
