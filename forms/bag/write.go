package bag

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/klauspost/compress/flate"

	"baosong/forms/atomicfile"
)

// Write makes one package: a BagIt 1.0 bag (RFC 8493) with a SHA-256 manifest
// in a zip with one top folder. The same content gives the same bytes. The
// file appears at path whole or, on error or cancellation, not at all; one
// that is there is replaced. Each file is read once, whatever its size, and
// about 3 MiB are held, and up to 8 MiB more while text is deflated.
//
// progress, which may be nil, gets the bytes of payload done and to do.
//
// A wrong name, tag or size, and content that is not what File says, give an
// *Error naming the file.
func Write(ctx context.Context, path string, c Content, progress func(done, total int64)) (err error) {
	files, err := c.check()
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".bag-*.tmp")
	if err != nil {
		return fmt.Errorf("bag: write %q: %w", path, err)
	}
	open := true
	defer func() {
		if err == nil {
			return
		}
		if open {
			_ = tmp.Close() // the error that brought us here counts
		}
		_ = os.Remove(tmp.Name())
	}()
	w := newWriter(ctx, tmp, c, progress)
	if err := w.write(files); err != nil {
		return wrapWrite(path, err)
	}
	if err := tmp.Chmod(0o644); err != nil && runtime.GOOS != "windows" {
		return wrapWrite(path, err)
	}
	if err := tmp.Sync(); err != nil {
		return wrapWrite(path, err)
	}
	open = false
	if err := tmp.Close(); err != nil {
		return wrapWrite(path, err)
	}
	if err := ctx.Err(); err != nil {
		return wrapWrite(path, err)
	}
	if err := atomicfile.Rename(tmp.Name(), path); err != nil {
		return wrapWrite(path, err)
	}
	if err := atomicfile.SyncDir(filepath.Dir(path)); err != nil {
		return wrapWrite(path, err)
	}
	return nil
}

func wrapWrite(path string, err error) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	return fmt.Errorf("bag: write %q: %w", filepath.Base(path), err)
}

// writer writes the entries of one zip in order.
type writer struct {
	ctx      context.Context
	f        *os.File
	c        Content
	pos      int64
	heads    []head
	sums     [][sha256.Size]byte // of heads
	progress func(done, total int64)
	done     int64
	total    int64
	newest   File // its time is that of the tag files
	deflate  *flate.Writer
	packed   bytes.Buffer
}

func newWriter(ctx context.Context, f *os.File, c Content, progress func(done, total int64)) *writer {
	w := &writer{ctx: ctx, f: f, c: c, progress: progress}
	for _, f := range c.Files {
		w.total += f.Size
		if f.Modified.After(w.newest.Modified) {
			w.newest = f
		}
	}
	return w
}

// write lays out bagit.txt, bag-info.txt, the payload by name, the manifest,
// the tag manifest. The manifests come last, so that one pass is enough even
// where no digest is known beforehand.
func (w *writer) write(files []File) error {
	if err := w.small(baseBagit, []byte(declaration), w.newest); err != nil {
		return err
	}
	if err := w.small(baseInfo, []byte(w.c.info()), w.newest); err != nil {
		return err
	}
	if err := w.payload(files); err != nil {
		return err
	}
	var manifest, tags []byte
	for i, f := range files {
		manifest = manifestLine(manifest, w.sums[i+2], payload+f.Name)
	}
	if err := w.small(baseManifest, manifest, w.newest); err != nil {
		return err
	}
	tags = manifestLine(tags, w.sums[1], baseInfo)
	tags = manifestLine(tags, w.sums[0], baseBagit)
	tags = manifestLine(tags, w.sums[len(w.sums)-1], baseManifest)
	if err := w.small(baseTags, tags, w.newest); err != nil {
		return err
	}
	return w.finish()
}

// manifestLine has two spaces, as sha256sum writes and reads it.
func manifestLine(b []byte, sum [sha256.Size]byte, name string) []byte {
	b = hex.AppendEncode(b, sum[:])
	b = append(b, "  "...)
	b = append(b, name...)
	return append(b, '\n')
}

// small writes content that is in memory, deflated where that saves anything.
func (w *writer) small(name string, content []byte, f File) error {
	sum := sha256.Sum256(content)
	h := w.head(name, f)
	h.crc = crc32.ChecksumIEEE(content)
	h.usize = uint32(len(content))
	if deflatable(name) {
		packed, err := w.deflated(content)
		if err != nil {
			return err
		}
		if len(packed) < len(content) {
			h.method = methodDeflate
			content = packed
		}
	}
	h.csize = uint32(len(content))
	if h.method == methodDeflate || len(w.heads) == 0 {
		h.hasSeal = true
		h.seal = crc32.ChecksumIEEE(content)
	}
	if err := w.emit(h.local(nil)); err != nil {
		return err
	}
	if err := w.emit(content); err != nil {
		return err
	}
	w.heads = append(w.heads, h)
	w.sums = append(w.sums, sum)
	return nil
}

// deflated packs content; what it returns is good until the next call.
func (w *writer) deflated(content []byte) (_ []byte, err error) {
	w.packed.Reset()
	if w.deflate == nil { // it takes a megabyte to make
		w.deflate, err = flate.NewWriter(&w.packed, flate.DefaultCompression)
	} else {
		w.deflate.Reset(&w.packed)
	}
	if err != nil {
		return nil, err
	}
	if _, err := w.deflate.Write(content); err != nil {
		return nil, err
	}
	if err := w.deflate.Close(); err != nil {
		return nil, err
	}
	return w.packed.Bytes(), nil
}

func (w *writer) head(name string, f File) head {
	h := head{name: w.c.Name + "/" + name, off: uint32(w.pos)}
	h.time, h.date = dosTime(f.Modified)
	return h
}

func (w *writer) emit(b []byte) error {
	n, err := w.f.Write(b)
	w.pos += int64(n)
	return err
}

func (w *writer) advance(n int) {
	w.done += int64(n)
	if w.progress != nil {
		w.progress(w.done, w.total)
	}
}

// text reads a small text file and writes it deflated.
func (w *writer) text(f File) (err error) {
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	content, err := io.ReadAll(io.LimitReader(r, f.Size+1))
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	if int64(len(content)) != f.Size {
		return changed(f, "%d bytes read, %d announced", len(content), f.Size)
	}
	if err := f.differs(sha256.Sum256(content), crc32.ChecksumIEEE(content)); err != nil {
		return err
	}
	if err := w.small(payload+f.Name, content, f); err != nil {
		return err
	}
	w.advance(len(content))
	return nil
}

func changed(f File, format string, args ...any) error {
	return &Error{Op: "write", File: f.Name, Reason: ReasonChanged, Detail: fmt.Sprintf(format, args...)}
}

// finish writes the central directory, and the CRCs that were not known when
// the local headers were written.
func (w *writer) finish() error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	start := w.pos
	var dir []byte
	for i := range w.heads {
		h := &w.heads[i]
		dir = h.central(dir)
		if h.method == methodStore && !h.hasSeal {
			var crc [4]byte
			binary.LittleEndian.PutUint32(crc[:], h.crc)
			if _, err := w.f.WriteAt(crc[:], int64(h.off)+14); err != nil {
				return err
			}
		}
	}
	if w.pos+int64(len(dir))+lenEnd > MaxPackage {
		return &Error{Op: "write", Reason: ReasonLimit, Detail: "package reaches 4 GiB"}
	}
	size := uint32(len(dir))
	return w.emit(endRecord(dir, len(w.heads), size, uint32(start)))
}
