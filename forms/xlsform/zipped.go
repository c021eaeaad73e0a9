package xlsform

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// What a file turns out to be instead of a workbook.
var (
	ErrNotWorkbook = errors.New("not a workbook")
	ErrPassword    = errors.New("the workbook is protected by a password")
	ErrOldFormat   = errors.New("a workbook of the old .xls format")
)

// Bounds on a zip. What of it is read has bounds of its own, so that a
// workbook may hold any number of pictures, and a bundle videos.
const (
	maxParts     = 10_000
	maxDirectory = 4 << 20  // bytes of the zip's directory
	maxPart      = 16 << 20 // bytes of a part, unpacked; a million rows take 40 MB
	maxParted    = 40 << 20 // bytes of all parts that are read, unpacked
)

// zipped is a zip whose directory was found within bounds.
type zipped struct{ *zip.Reader }

// meter lets only so many bytes be read, as long as it counts.
type meter struct {
	io.ReaderAt
	left  int64
	count bool
}

func (m *meter) ReadAt(p []byte, at int64) (int, error) {
	if m.count {
		if m.left -= int64(len(p)); m.left < 0 {
			return 0, fmt.Errorf("over %d files inside: %w", maxParts, ErrTooLarge)
		}
	}
	return m.ReaderAt.ReadAt(p, at)
}

// openZip opens a workbook or a bundle, and says what it is where it is neither.
func openZip(r io.ReaderAt, size int64) (*zipped, error) {
	m := &meter{ReaderAt: r, left: maxDirectory, count: true}
	zr, err := zip.NewReader(m, size)
	m.count = false
	switch {
	case errors.Is(err, ErrTooLarge):
		return nil, err
	case err != nil:
		return nil, otherFormat(io.NewSectionReader(r, 0, size))
	case len(zr.File) > maxParts:
		return nil, fmt.Errorf("%d files inside, over %d: %w", len(zr.File), maxParts, ErrTooLarge)
	}
	for _, f := range zr.File {
		if f.Flags&1 != 0 {
			return nil, ErrPassword
		}
	}
	return &zipped{zr}, nil
}

// otherFormat tells apart what Office writes as compound files (MS-CFB), by
// the names in their directory.
func otherFormat(r io.Reader) error {
	head := make([]byte, 8)
	if _, err := io.ReadFull(r, head); err != nil || string(head) != "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" {
		return ErrNotWorkbook
	}
	names := []struct {
		name []byte
		err  error
	}{{wide("EncryptedPackage"), ErrPassword}, {wide("Workbook"), ErrOldFormat}, {wide("Book"), ErrOldFormat}}
	found := ErrNotWorkbook
	const overlap = 64
	buf, kept := make([]byte, 1<<16), 0
	for {
		n, err := io.ReadFull(r, buf[kept:])
		part := buf[:kept+n]
		for _, x := range names {
			if bytes.Contains(part, x.name) {
				if found = x.err; errors.Is(found, ErrPassword) {
					return found
				}
				break
			}
		}
		if err != nil {
			return found
		}
		kept = copy(buf, part[len(part)-overlap:])
	}
}

// wide returns s in UTF-16, as the directory of a compound file has it.
func wide(s string) []byte {
	var b []byte
	for _, c := range []byte(s) {
		b = append(b, c, 0)
	}
	return b
}

// file returns the first file of that name, in whatever case, as Office finds
// its parts.
func (z *zipped) file(name string) *zip.File {
	for _, f := range z.File {
		if strings.EqualFold(f.Name, name) {
			return f
		}
	}
	return nil
}

func (z *zipped) isWorkbook() bool { return z.file("xl/workbook.xml") != nil }

func (z *zipped) part(name string) ([]byte, error) {
	f := z.file(name)
	if f == nil {
		return nil, fmt.Errorf("no part %s: %w", name, ErrNotWorkbook)
	}
	return unpack(f, maxPart)
}

// unpack reads f, which may be limit bytes long. Neither the size that the
// directory claims nor the one that comes out may exceed it.
func unpack(f *zip.File, limit uint64) (_ []byte, err error) {
	if f.UncompressedSize64 > limit {
		return nil, fmt.Errorf("%s unpacks to %d MB, over %d: %w", f.Name, f.UncompressedSize64>>20, limit>>20, ErrTooLarge)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", f.Name, ErrNotWorkbook, err)
	}
	defer r.Close()
	b := bytes.NewBuffer(make([]byte, 0, f.UncompressedSize64+bytes.MinRead))
	if _, err := io.Copy(b, io.LimitReader(r, int64(limit)+1)); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", f.Name, ErrNotWorkbook, err)
	}
	if uint64(b.Len()) > limit {
		return nil, fmt.Errorf("%s: over %d MB: %w", f.Name, limit>>20, ErrTooLarge)
	}
	return b.Bytes(), nil
}

// only returns a zip of the named files alone, packed as they are.
func (z *zipped) only(names []string) (*bytes.Reader, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		f := z.file(name)
		if f == nil {
			continue
		}
		if err := w.Copy(f); err != nil {
			return nil, fmt.Errorf("%s: %w: %w", name, ErrNotWorkbook, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pick the sheets: %w", err)
	}
	return bytes.NewReader(b.Bytes()), nil
}
