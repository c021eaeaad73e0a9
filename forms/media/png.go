package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"baosong/forms/media/exif"
)

// maxChunks bounds the chunks of a PNG; encoders write IDAT in pieces of 8 KiB or more.
const maxChunks = 1 << 17

// chunk is a chunk of a PNG (ISO/IEC 15948, 5.3); off is where its length stands.
type chunk struct {
	kind string
	off  int64
	size int64 // of its data
}

func (c chunk) end() int64 { return c.off + 12 + c.size }

// pngChunks lists the chunks up to IEND. The error carries a Problem.
func pngChunks(r io.ReaderAt, size int64) ([]chunk, error) {
	var out []chunk
	var h [8]byte
	for off := int64(8); off+12 <= size; {
		if n, err := r.ReadAt(h[:], off); n < len(h) {
			return out, fmt.Errorf("png at %d: %w", off, classify(orEOF(err)))
		}
		c := chunk{kind: string(h[4:]), off: off, size: int64(binary.BigEndian.Uint32(h[:]))}
		if len(out) == 0 && c.kind != "IHDR" {
			return nil, fmt.Errorf("png: first chunk is %q: %w", c.kind, Corrupt)
		}
		if c.end() > size {
			return out, fmt.Errorf("png: chunk %q: %w", c.kind, Truncated)
		}
		if out = append(out, c); len(out) > maxChunks {
			return nil, fmt.Errorf("png: more than %d chunks: %w", maxChunks, Corrupt)
		}
		if c.kind == "IEND" {
			return out, nil
		}
		off = c.end()
	}
	return out, fmt.Errorf("png: no end: %w", Truncated)
}

func orEOF(err error) error {
	if err == nil {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (c chunk) load(r io.ReaderAt) ([]byte, error) {
	if c.size > maxItem {
		return nil, fmt.Errorf("png: chunk %q of %d bytes: %w", c.kind, c.size, Corrupt)
	}
	b := make([]byte, c.size)
	if n, err := r.ReadAt(b, c.off+8); n < len(b) {
		return nil, fmt.Errorf("png: chunk %q: %w", c.kind, classify(orEOF(err)))
	}
	return b, nil
}

func (i *Info) readPNG(r io.ReaderAt, size int64) error {
	chunks, err := pngChunks(r, size)
	i.Codec = "png"
	for _, c := range chunks {
		switch c.kind {
		case "IHDR":
			if b, err := c.load(r); err == nil && len(b) >= 8 {
				i.Width, i.Height = int(binary.BigEndian.Uint32(b)), int(binary.BigEndian.Uint32(b[4:]))
			}
		case "acTL":
			i.Animated = true
		case "eXIf":
			if b, err := c.load(r); err == nil {
				if block, err := exif.Parse(b); err == nil {
					i.readExif(block)
				}
			}
		}
	}
	_, removed := pngKeep(r, chunks)
	i.Personal = removed
	i.turn()
	return err
}

// pngKeep picks the chunks that show the picture and says what the others hold. The EXIF chunk is dropped too:
// whoever writes puts a cleaned one in its place.
func pngKeep(r io.ReaderAt, chunks []chunk) (keep []chunk, removed []string) {
	for _, c := range chunks {
		switch c.kind {
		case "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "mDCV", "cLLI",
			"bKGD", "pHYs", "sPLT", "acTL", "fcTL", "fdAT":
			keep = append(keep, c)
		case "eXIf":
			if b, err := c.load(r); err == nil {
				if block, err := exif.Parse(b); err == nil {
					_, kinds := block.Clean()
					removed = append(removed, kinds...)
				}
			}
		case "tIME", "hIST":
			removed = append(removed, RemovedOther)
		case "iTXt":
			kind := RemovedComment
			if b, err := c.load(r); err == nil && bytes.HasPrefix(b, []byte("XML:com.adobe.xmp\x00")) {
				kind = RemovedXMP
				if saysWhere(b) {
					removed = append(removed, RemovedLocation)
				}
			}
			removed = append(removed, kind)
		case "tEXt", "zTXt":
			removed = append(removed, RemovedComment)
		default:
			removed = append(removed, RemovedOther)
		}
	}
	return keep, sorted(removed)
}

// pngExif is the EXIF block of a PNG, nil without one.
func pngExif(r io.ReaderAt, chunks []chunk) *exif.Block {
	for _, c := range chunks {
		if c.kind != "eXIf" {
			continue
		}
		if b, err := c.load(r); err == nil {
			if block, err := exif.Parse(b); err == nil {
				return block
			}
		}
	}
	return nil
}

// pngProfile unpacks the ICC profile (15948, 11.3.3.3), nil without one.
func pngProfile(r io.ReaderAt, chunks []chunk) []byte {
	for _, c := range chunks {
		if c.kind != "iCCP" {
			continue
		}
		b, err := c.load(r)
		if err != nil {
			return nil
		}
		_, packed, ok := bytes.Cut(b, []byte{0})
		if !ok || len(packed) < 2 {
			return nil
		}
		z, err := zlib.NewReader(bytes.NewReader(packed[1:]))
		if err != nil {
			return nil
		}
		out, err := io.ReadAll(io.LimitReader(z, maxItem+1))
		if err != nil || len(out) > maxItem {
			return nil
		}
		return out
	}
	return nil
}

// cleanPNG copies the chunks that show the picture, with a cleaned EXIF block before the image data. Bytes behind
// IEND do not come along. Orientation, 1 to 8, replaces that of the file; 0 leaves it.
func cleanPNG(w io.Writer, r io.ReaderAt, size int64, orientation int) ([]string, error) {
	chunks, err := pngChunks(r, size)
	if err != nil {
		return nil, err
	}
	keep, removed := pngKeep(r, chunks)
	if end := chunks[len(chunks)-1].end(); end < size {
		removed = sorted(append(removed, RemovedTrailer))
	}
	block := oriented(pngExif(r, chunks), orientation)
	if _, err := io.Copy(w, io.NewSectionReader(r, 0, 8)); err != nil {
		return nil, fmt.Errorf("png: %w", err)
	}
	for _, c := range keep {
		if c.kind == "IDAT" && block != nil {
			if clean, _ := block.Clean(); !clean.Empty() {
				if err := writeChunk(w, "eXIf", clean.Bytes()); err != nil {
					return nil, err
				}
			}
			block = nil
		}
		n, err := io.Copy(w, io.NewSectionReader(r, c.off, c.end()-c.off))
		if err == nil && n < c.end()-c.off {
			err = Changed
		}
		if err != nil {
			return nil, fmt.Errorf("png: %w", classifyCopy(err))
		}
	}
	return removed, nil
}

// classifyCopy gives an error of io.Copy a Problem only where it came from the file: those of the target are the
// caller's own.
func classifyCopy(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return classify(err)
	}
	return err
}

func writeChunk(w io.Writer, kind string, data []byte) error {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("png: %w", err)
	}
	return nil
}

// packProfile is the data of an iCCP chunk.
func packProfile(profile []byte) []byte {
	var b bytes.Buffer
	b.WriteString("icc\x00\x00")
	z := zlib.NewWriter(&b)
	_, _ = z.Write(profile) // a bytes.Buffer takes everything
	_ = z.Close()
	return b.Bytes()
}
