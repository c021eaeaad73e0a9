package bag

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
	"sync/atomic"
)

const (
	chunkSize  = 512 << 10
	chunkCount = 6
)

// chunk is a piece of one file on its way to the disk and to the digests;
// whoever is done with it last gives it back.
type chunk struct {
	buf  []byte
	data []byte // part of buf that is content
	file int
	last bool
	held atomic.Int32
}

// digester works out the digests of files that come in chunks, in order, on a
// goroutine of its own, while the caller reads and writes.
type digester struct {
	work, free chan *chunk
	files      []File
	crcs       []uint32
	sums       [][sha256.Size]byte
	failed     atomic.Pointer[error]
	wg         sync.WaitGroup
}

func newDigester(files []File) *digester {
	d := &digester{
		work: make(chan *chunk, chunkCount), free: make(chan *chunk, chunkCount),
		files: files, crcs: make([]uint32, len(files)), sums: make([][sha256.Size]byte, len(files)),
	}
	for range chunkCount {
		d.free <- &chunk{}
	}
	d.wg.Go(d.run)
	return d
}

func (d *digester) run() {
	sha := sha256.New()
	for c := range d.work {
		f := d.files[c.file]
		d.crcs[c.file] = crc32.Update(d.crcs[c.file], crc32.IEEETable, c.data)
		if !f.known() {
			sha.Write(c.data)
		}
		if c.last {
			d.sums[c.file] = f.SHA256
			if !f.known() {
				sha.Sum(d.sums[c.file][:0])
				sha.Reset()
			}
			if err := f.differs(d.sums[c.file], d.crcs[c.file]); err != nil {
				d.failed.CompareAndSwap(nil, &err)
			}
		}
		d.done(c)
	}
}

// known reports whether both digests are, so that the cheaper one is enough to
// tell that the content is still the same.
func (f File) known() bool { return f.SHA256 != [32]byte{} && f.CRC32 != 0 }

// differs is an error where content has other digests than the known ones.
func (f File) differs(sum [sha256.Size]byte, crc uint32) error {
	if f.SHA256 != [32]byte{} && sum != f.SHA256 {
		return changed(f, "SHA-256 is %x, %x announced", sum, f.SHA256)
	}
	if f.CRC32 != 0 && crc != f.CRC32 {
		return changed(f, "CRC-32 is %08x, %08x announced", crc, f.CRC32)
	}
	return nil
}

func (d *digester) done(c *chunk) {
	if c.held.Add(-1) == 0 {
		d.free <- c
	}
}

// err is the first digest that was not as announced.
func (d *digester) err() error {
	if p := d.failed.Load(); p != nil {
		return *p
	}
	return nil
}

// finish waits for the last digest.
func (d *digester) finish() error {
	close(d.work)
	d.wg.Wait()
	return d.err()
}

// payload writes all files, the stored ones through a digester.
func (w *writer) payload(files []File) error {
	d := newDigester(files)
	base := len(w.heads)
	err := w.feed(d, files)
	if derr := d.finish(); err == nil {
		err = derr
	}
	if err != nil {
		return err
	}
	for i, f := range files {
		if !inMemory(f) {
			w.heads[base+i].crc = d.crcs[i]
			w.sums[base+i] = d.sums[i]
		}
	}
	return nil
}

func inMemory(f File) bool { return deflatable(f.Name) && f.Size <= maxText }

func (w *writer) feed(d *digester, files []File) error {
	for i, f := range files {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		var err error
		if inMemory(f) {
			err = w.text(f)
		} else {
			err = w.stored(d, i, f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) stored(d *digester, i int, f File) error {
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	err = w.copyStored(d, i, f, r)
	if cerr := r.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("%s: %w", f.Name, cerr)
	}
	return err
}

// copyStored writes header and content of one file. The header shares the
// first chunk, so that a small file costs one system call.
func (w *writer) copyStored(d *digester, i int, f File, r io.Reader) error {
	h := w.head(payload+f.Name, f)
	h.usize, h.csize = uint32(f.Size), uint32(f.Size)
	w.heads = append(w.heads, h)
	w.sums = append(w.sums, [sha256.Size]byte{})
	for left, first := f.Size, true; left > 0 || first; first = false {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if err := d.err(); err != nil {
			return err
		}
		c := <-d.free
		c.buf = c.buf[:0]
		if first {
			c.buf = h.local(c.buf)
		}
		n, err := c.fill(r, left)
		if err != nil {
			c.held.Store(1)
			d.done(c)
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return changed(f, "%d bytes missing of %d announced", left-int64(n), f.Size)
			}
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		left -= int64(n)
		c.file, c.last = i, left == 0
		c.held.Store(2)
		d.work <- c
		err = w.emit(c.buf)
		d.done(c)
		if err != nil {
			return err
		}
		w.advance(n)
	}
	return atEnd(f, r)
}

// fill reads up to left bytes behind what buf holds.
func (c *chunk) fill(r io.Reader, left int64) (int, error) {
	from := len(c.buf)
	n := int(min(left, chunkSize))
	if cap(c.buf) < from+n {
		grown := make([]byte, from, from+n)
		copy(grown, c.buf)
		c.buf = grown
	}
	c.buf = c.buf[:from+n]
	n, err := io.ReadFull(r, c.buf[from:])
	c.data = c.buf[from : from+n]
	return n, err
}

func atEnd(f File, r io.Reader) error {
	var one [1]byte
	switch n, err := io.ReadFull(r, one[:]); {
	case n > 0:
		return changed(f, "more than the %d bytes announced", f.Size)
	case errors.Is(err, io.EOF):
		return nil
	default:
		return fmt.Errorf("%s: %w", f.Name, err)
	}
}
