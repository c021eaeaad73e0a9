package bag

import (
	"bufio"
	"errors"
	"hash"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
)

// file is one file of a bag, wherever it lies.
type file struct {
	name string // relative to the bag, NFC
	size int64
	raw  string    // name as the container has it, before normalization
	zip  *zipEntry // in a zip
}

// source is where the files of a bag lie.
type source interface {
	// open gives the content of a file. Reading it to the end checks the size
	// and what else the container knows; a failure is an *Error.
	open(f *file) (io.ReadCloser, error)
	io.Closer
}

// checked reads content and compares it with what the container announced.
type checked struct {
	r      io.Reader
	name   string
	left   int64
	finish func() error // at the end of the content
	close  func() error
	err    error
}

func (c *checked) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.r.Read(p)
	if c.left -= int64(n); c.left < 0 {
		c.err = &Error{Op: "read", File: c.name, Reason: ReasonSize, Detail: "longer than announced"}
		return 0, c.err
	}
	switch {
	case errors.Is(err, io.EOF) && c.left > 0:
		err = &Error{Op: "read", File: c.name, Reason: ReasonSize, Detail: "shorter than announced"}
	case errors.Is(err, io.EOF):
		if ferr := c.finish(); ferr != nil {
			err = ferr
		}
	case err != nil:
		if _, ok := errors.AsType[*Error](err); !ok {
			err = &Error{Op: "read", File: c.name, Reason: readReason(err), Err: err}
		}
	}
	c.err = err
	return n, err
}

func readReason(err error) Reason {
	if _, ok := errors.AsType[flate.CorruptInputError](err); ok || errors.Is(err, io.ErrUnexpectedEOF) {
		return ReasonCorrupt
	}
	return ReasonRead
}

func (c *checked) Close() error { return c.close() }

// tally feeds everything that passes to a hash.
type tally struct {
	r io.Reader
	h hash.Hash32
}

func (t tally) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.h.Write(p[:n])
	return n, err
}

func (z *zipSource) open(f *file) (io.ReadCloser, error) {
	e := f.zip
	fail := func(r Reason, detail string) error {
		return &Error{Op: "read", File: f.name, Reason: r, Detail: detail}
	}
	section := io.NewSectionReader(z.r, e.data, e.csize)
	plain := tally{section, crc32.NewIEEE()}
	c := &checked{name: f.name, left: e.usize, close: func() error { return nil }}
	checkCRC := func() error {
		if plain.h.Sum32() != e.crc {
			return fail(ReasonCRC, "content differs from its CRC")
		}
		return nil
	}
	if e.method == methodStore {
		c.r, c.finish = plain, checkCRC
		return c, nil
	}
	packed := tally{section, crc32.NewIEEE()}
	buffered := bufio.NewReader(packed)
	inflate := flate.NewReader(buffered)
	plain.r = inflate
	c.r, c.close = plain, inflate.Close
	c.finish = func() error {
		if _, err := buffered.ReadByte(); !errors.Is(err, io.EOF) {
			return fail(ReasonCorrupt, "bytes after the compressed data")
		}
		if z.sealed && e.sealed && packed.h.Sum32() != e.seal {
			return fail(ReasonAltered, "compressed data is not as it was written")
		}
		return checkCRC()
	}
	return c, nil
}

func (z *zipSource) Close() error {
	if z.closer == nil {
		return nil
	}
	return z.closer.Close()
}
