package media

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"baosong/forms/media/exif"
	"baosong/forms/media/isobmff"
)

// Probe tells what the file at path is and says about itself. A file that is damaged, cut short or of no known kind
// is answered with what is known and an error carrying a Problem; an unknown kind alone is no error.
func Probe(ctx context.Context, path string) (Info, error) {
	f, st, err := openRegular(path)
	if err != nil {
		return Info{}, fmt.Errorf("probe: %w", err)
	}
	defer f.Close()
	return ProbeReader(ctx, f, st.Size(), filepath.Base(path))
}

// ProbeReader is Probe over size bytes of r. The name only decides which of several right endings stays.
func ProbeReader(ctx context.Context, r io.ReaderAt, size int64, name string) (Info, error) {
	info := Info{Size: size, Orientation: 1}
	if err := ctx.Err(); err != nil {
		return info, fmt.Errorf("probe %s: %w", name, err)
	}
	if size == 0 {
		return info, fmt.Errorf("probe %s: empty: %w", name, Truncated)
	}
	head := make([]byte, min(size, headSize))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		if err == nil || errors.Is(err, io.EOF) {
			err = Changed
		}
		return info, fmt.Errorf("probe %s: %w", name, classify(err))
	}
	format, ending := sniff(head, r, size)
	info.describe(format, filepath.Ext(name))
	if info.Kind == Unknown {
		info.other(format, ending)
		return info, nil
	}
	// The parsers read where the file tells them to: what they may read in all is bounded.
	in := &meter{ctx: ctx, r: r, left: 256 << 20}
	if err := info.read(in, size, head); err != nil {
		return info, fmt.Errorf("probe %s: %w", name, classify(err))
	}
	return info, nil
}

// other names a format that only the general table of file kinds knows.
func (i *Info) other(mime Format, ending string) {
	i.MIME, i.Ext = string(mime), ending
	switch s := string(mime); {
	case len(s) > 6 && s[:6] == "image/":
		i.Kind = Image
	case len(s) > 6 && s[:6] == "video/":
		i.Kind = Video
	case len(s) > 6 && s[:6] == "audio/":
		i.Kind = Audio
	case len(s) > 5 && s[:5] == "text/":
		i.Kind = Document
	case s == "application/vnd.rar", s == "application/x-7z-compressed", s == "application/gzip", s == "application/x-tar":
		i.Kind = Archive
	}
}

func (i *Info) read(r io.ReaderAt, size int64, head []byte) error {
	switch i.Format {
	case JPEG:
		return i.readJPEG(r)
	case PNG:
		return i.readPNG(r, size)
	case HEIC, AVIF:
		return i.readISO(r, size)
	case WebP:
		return i.readWebP(r, size)
	case GIF:
		if len(head) < 10 {
			return Truncated
		}
		i.Width, i.Height = int(binary.LittleEndian.Uint16(head[6:])), int(binary.LittleEndian.Uint16(head[8:]))
	case BMP:
		return i.readConfig(r, size)
	case TIFF:
		return i.readTIFF(r, size)
	case MP4, MOV, M4V, ThGP, M4A:
		return i.readMovie(r, size)
	case AVI:
		i.readAVI(head)
	case MKV, WebM:
		i.readMKV(head)
	case WMV:
		i.readASF(head)
	}
	return nil
}

func (i *Info) readJPEG(r io.ReaderAt) error {
	h, err := readJPEGHead(r)
	i.Width, i.Height = h.width, h.height
	i.Codec = "jpeg"
	i.Personal = h.personal()
	i.readExif(h.exif())
	i.turn()
	return err
}

func (i *Info) readTIFF(r io.ReaderAt, size int64) error {
	err := i.readConfig(r, size)
	b, berr := exif.ParseTIFF(r, size)
	if berr != nil {
		return err
	}
	i.readExif(b)
	_, kinds := b.Clean() // among them, as other metadata, what a TIFF is made of
	i.Personal = slices.DeleteFunc(kinds, func(k string) bool { return k == RemovedOther })
	if b.HasXMP() {
		i.Personal = sorted(append(i.Personal, RemovedXMP))
	}
	i.turn()
	return err
}

// turn swaps the sides of a picture that lies down.
func (i *Info) turn() {
	if i.Orientation >= 5 {
		i.Width, i.Height = i.Height, i.Width
	}
}

func (i *Info) readExif(b *exif.Block) {
	if b == nil {
		return
	}
	i.Orientation = b.Orientation()
	i.Taken, i.ZoneKnown = b.Taken()
	i.Camera = b.Camera()
	if lat, lon, ok := b.Position(); ok {
		i.Position = &Position{lat, lon}
	}
}

func (i *Info) readISO(r io.ReaderAt, size int64) error {
	p, err := isobmff.ReadPicture(r, size)
	i.Width, i.Height, i.Codec = p.Width, p.Height, p.Codec
	if b := exifItem(r, p.Exif); b != nil {
		i.readExif(b)
		_, i.Personal = b.Clean()
	}
	if len(p.XMP) > 0 {
		i.Personal = sorted(append(i.Personal, RemovedXMP))
	}
	i.Orientation = p.Orientation // EXIF's is only a copy here (23008-12, A.2.1)
	if err == nil && i.Format == HEIC && i.Width < leastHEIC {
		err = fmt.Errorf("%d pixels wide: %w", i.Width, Unsupported)
	}
	return err
}

// leastHEIC is the width from which on the decoder hands out what is there: it takes lines of colour for shorter than
// libheif makes them, which are 64 bytes at least.
const leastHEIC = 97

// exifItem reads the Exif item of a HEIF picture (23008-12, A.2.1): four bytes say how far on the block starts.
func exifItem(r io.ReaderAt, spans []isobmff.Span) *exif.Block {
	b := readSpans(r, spans)
	if len(b) < 4 {
		return nil
	}
	skip := int64(binary.BigEndian.Uint32(b)) + 4
	if skip >= int64(len(b)) {
		return nil
	}
	block, err := exif.Parse(b[skip:])
	if err != nil {
		return nil
	}
	return block
}

// maxItem bounds metadata items of HEIC, PNG and WebP.
const maxItem = 4 << 20

func readSpans(r io.ReaderAt, spans []isobmff.Span) []byte {
	var out []byte
	for _, s := range spans {
		if s.Len <= 0 || s.Len > maxItem || int64(len(out))+s.Len > maxItem {
			return nil
		}
		b := make([]byte, s.Len)
		if n, err := r.ReadAt(b, s.Off); n < len(b) && err != nil {
			return nil
		}
		out = append(out, b...)
	}
	return out
}

func (i *Info) readMovie(r io.ReaderAt, size int64) error {
	m, err := isobmff.ReadMovie(r, size)
	i.Width, i.Height, i.Rotation = m.Width, m.Height, m.Rotation
	i.Duration, i.Taken, i.Camera = m.Duration, m.Created, m.Camera
	i.ZoneKnown = !m.Created.IsZero()
	i.Codec = codecName(m.Codec)
	i.Position = parseISO6709(m.Location)
	if i.Format == MP4 && m.Codec == "" && m.Audio != "" {
		i.Kind, i.MIME, i.Codec = Audio, "audio/mp4", m.Audio
	}
	if err != nil && !errors.Is(err, isobmff.ErrTruncated) {
		return err
	}
	// What lacks its end may be cleaned all the same.
	_, personal, cerr := isobmff.CleanMovie(r, size)
	if i.Personal = personal; err == nil {
		err = cerr
	}
	return err
}

func codecName(entry string) string {
	switch entry {
	case "avc1", "avc3":
		return "h264"
	case "hvc1", "hev1", "dvh1", "dvhe":
		return "hevc"
	case "mp4v":
		return "mpeg4"
	case "av01":
		return "av1"
	case "vp09":
		return "vp9"
	case "jpeg", "mjpa", "mjpb":
		return "mjpeg"
	case "s263", "h263":
		return "h263"
	case "apcn", "apch", "apcs", "apco", "ap4h":
		return "prores"
	}
	return entry
}

// meter bounds what is read in all and ends with the context.
type meter struct {
	ctx  context.Context
	r    io.ReaderAt
	left int64
}

func (m *meter) ReadAt(p []byte, off int64) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	if m.left -= int64(len(p)) + 64; m.left < 0 {
		return 0, fmt.Errorf("too much to read: %w", Corrupt)
	}
	return m.r.ReadAt(p, off)
}
