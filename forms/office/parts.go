package office

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"
)

// noDate is 1980-01-01, the first day a zip can name and the one that Office
// itself writes.
const noDate = 1<<5 | 1

// parts collects the parts of an Office document and writes them as one zip:
// in a fixed order, without times and with their sizes known beforehand, so that
// equal content gives equal bytes. Parts are kept compressed until Close.
type parts struct {
	w    io.Writer
	list []*part
	fl   *flate.Writer           // of the part being written
	last func(*zip.Writer) error // writes further entries at the end; may be nil
}

// part is one entry being written, or written.
type part struct {
	name string
	size uint64
	sum  uint32
	body bytes.Buffer
	fl   *flate.Writer // nil once the part has ended
}

func (p *part) Write(b []byte) (int, error) {
	p.size += uint64(len(b))
	p.sum = crc32.Update(p.sum, crc32.IEEETable, b)
	return p.fl.Write(b)
}

// Create starts a part; it ends with the next one.
func (ps *parts) Create(name string) (io.Writer, error) {
	if err := ps.end(); err != nil {
		return nil, err
	}
	if ps.fl == nil {
		var err error
		if ps.fl, err = flate.NewWriter(io.Discard, flate.DefaultCompression); err != nil {
			return nil, fmt.Errorf("part %s: %w", name, err)
		}
	}
	p := &part{name: name, fl: ps.fl}
	p.fl.Reset(&p.body)
	ps.list = append(ps.list, p)
	return p, nil
}

func (ps *parts) end() error {
	if len(ps.list) == 0 {
		return nil
	}
	p := ps.list[len(ps.list)-1]
	if p.fl == nil {
		return nil
	}
	err := p.fl.Close()
	p.fl = nil
	return err
}

// add writes a whole part.
func (ps *parts) add(name string, b []byte) error {
	w, err := ps.Create(name)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// AddFS is what excelize's writer asks for and never calls.
func (ps *parts) AddFS(fs.FS) error { return fmt.Errorf("add a file system: %w", fs.ErrInvalid) }

// Close writes the zip.
func (ps *parts) Close() error {
	if err := ps.end(); err != nil {
		return err
	}
	zw := zip.NewWriter(ps.w)
	slices.SortStableFunc(ps.list, func(a, b *part) int {
		return cmp.Or(rank(a.name)-rank(b.name), strings.Compare(a.name, b.name))
	})
	for _, p := range ps.list {
		h := &zip.FileHeader{Name: p.name, Method: zip.Deflate, CRC32: p.sum, UncompressedSize64: p.size}
		if err := raw(zw, h, p.body.Bytes()); err != nil {
			return err
		}
	}
	if ps.last != nil {
		if err := ps.last(zw); err != nil {
			return err
		}
	}
	return zw.Close()
}

// rank puts first what readers look for first.
func rank(name string) int {
	switch name {
	case "[Content_Types].xml":
		return 0
	case "_rels/.rels":
		return 1
	}
	return 2
}

// stored writes b as an entry that is not compressed.
func stored(zw *zip.Writer, name string, b []byte) error {
	h := &zip.FileHeader{Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(b), UncompressedSize64: uint64(len(b))}
	return raw(zw, h, b)
}

func raw(zw *zip.Writer, h *zip.FileHeader, b []byte) error {
	h.CompressedSize64 = uint64(len(b))
	//lint:ignore SA1019 CreateRaw writes this field and not Modified
	h.ModifiedDate = noDate
	w, err := zw.CreateRaw(h)
	if err != nil {
		return fmt.Errorf("entry %s: %w", h.Name, err)
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("entry %s: %w", h.Name, err)
	}
	return nil
}
