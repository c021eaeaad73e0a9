package draft

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"baosong/forms"
)

var (
	// ErrNotRegular says that what was to be attached is no ordinary file.
	ErrNotRegular = errors.New("not an ordinary file")
	// ErrChanging says that a file changed while it was being attached.
	ErrChanging = errors.New("the file changed while it was read")
)

const (
	incoming = "incoming-" // a material that is being copied in
	// atOnce is how many files AttachAll copies at a time: while one waits for
	// the disk, others are read and digested.
	atOnce  = 4
	telling = 100 * time.Millisecond // between two words of progress
)

// Attached is how attaching one file went.
type Attached struct {
	Path     string // as given
	Material forms.Material
	Err      error
}

// AttachProgress counts what AttachAll is done with, failed files among them.
type AttachProgress struct {
	Items, OfItems int
	Bytes, OfBytes int64
}

// AttachAll attaches the files at paths as Attach does, several at a time. each
// is told of every file in the order of paths as soon as it and those before
// it are done, also of one that failed, which does not stop the others.
// progress, which may be nil, is told at most ten times a second and at the
// end. Both are called from goroutines of AttachAll, one at a time. The error
// is that of ctx: what was attached before it ended stays, and each is told of
// that alone.
func (d *Draft) AttachAll(ctx context.Context, paths []string, progress func(AttachProgress), each func(Attached)) error {
	b := &batch{done: make([]*Attached, len(paths)), each: each, tell: progress}
	b.progress.OfItems = len(paths)
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil { // an error is told when it is its turn
			b.progress.OfBytes += info.Size()
		}
	}
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, p := range paths {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			var before int64
			m, err := d.Attach(ctx, p, func(done, _ int64) {
				b.bytes(done - before)
				before = done
			})
			if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return ctx.Err()
			}
			b.finished(i, Attached{Path: p, Material: m, Err: err})
			return nil
		})
	}
	err := g.Wait()
	b.end()
	return err
}

// batch is the files of one AttachAll.
type batch struct {
	each func(Attached)
	tell func(AttachProgress)

	mu       sync.Mutex
	done     []*Attached // by the number of the file, nil while it is not done
	next     int         // the first that each was not told of
	progress AttachProgress
	told     time.Time
}

func (b *batch) bytes(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.progress.Bytes += n
	b.say(false)
}

func (b *batch) finished(i int, a Attached) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done[i] = &a
	b.progress.Items++
	for b.next < len(b.done) && b.done[b.next] != nil {
		b.each(*b.done[b.next])
		b.next++
	}
	b.say(false)
}

// end tells of those that wait for one before them, which never came.
func (b *batch) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.done[b.next:] {
		if a != nil {
			b.each(*a)
		}
	}
	b.say(true)
}

func (b *batch) say(last bool) {
	if b.tell == nil || !last && time.Since(b.told) < telling {
		return
	}
	b.told = time.Now()
	b.tell(b.progress)
}

// Attach copies the file at path into the draft and returns it as a Material,
// whose id is for an answer to hold. A file with the same content is stored
// once, under the name it had first. The draft is not saved: the answer that
// holds the id is, and the Material with it.
func (d *Draft) Attach(ctx context.Context, path string, progress Progress) (forms.Material, error) {
	m, err := d.attach(ctx, path, progress)
	if err != nil {
		return forms.Material{}, fmt.Errorf("attach %s: %w", filepath.Base(path), diskError(err))
	}
	return m, nil
}

func (d *Draft) attach(ctx context.Context, path string, progress Progress) (m forms.Material, err error) {
	if err := d.changeable(); err != nil {
		return m, err
	}
	if d.store.probe == nil {
		return m, errors.New("the store was opened without a prober")
	}
	ext := strings.ToLower(filepath.Ext(path))
	if !materialExt.MatchString(ext) {
		ext = ""
	}
	tmp := filepath.Join(d.dir, materialsDir, incoming+newID()+ext)
	size, sum, crc, err := d.copyIn(ctx, path, tmp, progress)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, d.store.disk.Remove(tmp)) }() // unless it was renamed
	id := "m-" + sum[:32]
	if m, ok := d.Material(id); ok && d.stored(m) {
		return m, nil
	}
	// Read a moment ago, it comes from memory now.
	if m, err = d.store.probe(ctx, tmp); err != nil {
		return m, err
	}
	m.ID, m.SHA256, m.CRC32, m.Size, m.Name = id, sum, crc, size, filepath.Base(path)
	if !materialExt.MatchString(m.Ext) {
		m.Ext = ""
	}
	to := filepath.Join(d.dir, materialsDir, fileName(m))
	if err := d.store.disk.Rename(tmp, to); err != nil {
		return m, err
	}
	return d.add(m)
}

// changeable returns why nothing can be attached, if so.
func (d *Draft) changeable() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fixed()
}

func (d *Draft) fixed() error {
	switch {
	case d.closed:
		return ErrClosed
	case d.doc.State == Submitted:
		return ErrFrozen
	}
	return nil
}

// add enters m, or returns the material of the same content that came first.
func (d *Draft) add(m forms.Material) (forms.Material, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.fixed(); err != nil {
		return m, err
	}
	d.loose = true
	for i, old := range d.doc.Materials {
		if old.ID == m.ID {
			m.Name, m.Turn, m.Frame, m.Original = old.Name, old.Turn, old.Frame, old.Original
			d.doc.Materials = slices.Clone(d.doc.Materials)
			d.doc.Materials[i] = m
			d.changes++
			return m, nil
		}
	}
	d.doc.Materials = append(slices.Clip(d.doc.Materials), m)
	d.changes++
	return m, nil
}

// stored reports whether the file of m is there, by its size alone.
func (d *Draft) stored(m forms.Material) bool {
	info, err := os.Stat(filepath.Join(d.dir, materialsDir, fileName(m)))
	return err == nil && info.Mode().IsRegular() && info.Size() == m.Size
}

// settle makes the names of attached files durable, before the draft refers to
// them: once for all that were attached since.
func (d *Draft) settle() error {
	d.mu.Lock()
	loose := d.loose
	d.loose = false
	d.mu.Unlock()
	if !loose {
		return nil
	}
	err := d.store.disk.SyncDir(filepath.Join(d.dir, materialsDir))
	if err != nil {
		d.mu.Lock()
		d.loose = true
		d.mu.Unlock()
	}
	return err
}

// copyIn copies the file at path to the new file tmp, and returns its size in
// bytes and its digests.
func (d *Draft) copyIn(ctx context.Context, path, tmp string, progress Progress) (n int64, sum string, crc uint32, err error) {
	// Opening a pipe would wait for its other end.
	if info, err := os.Stat(path); err != nil {
		return 0, "", 0, err
	} else if !info.Mode().IsRegular() {
		return 0, "", 0, ErrNotRegular
	}
	src, err := os.Open(path)
	if err != nil {
		return 0, "", 0, err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	info, err := src.Stat()
	if err != nil {
		return 0, "", 0, err
	}
	dst, err := d.store.disk.Create(tmp)
	if err != nil {
		return 0, "", 0, err
	}
	h, c := sha256.New(), crc32.NewIEEE()
	n, err = d.store.transfer(ctx, io.MultiWriter(h, c, dst), src, info.Size(), progress)
	if err == nil && n != info.Size() {
		err = ErrChanging
	}
	if err := finish(d.store.disk, dst, tmp, err); err != nil {
		return 0, "", 0, err
	}
	return n, hexSum(h), c.Sum32(), nil
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// transfer copies src to dst until its end, or until ctx is done.
func (s *Store) transfer(ctx context.Context, dst io.Writer, src io.Reader, total int64, progress Progress) (n int64, err error) {
	buf, ok := s.buffers.Get().(*[]byte)
	if !ok {
		b := make([]byte, 256<<10)
		buf = &b
	}
	defer s.buffers.Put(buf)
	for {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		k, rerr := src.Read(*buf)
		if _, err := dst.Write((*buf)[:k]); err != nil {
			return n, err
		}
		n += int64(k)
		if progress != nil {
			progress(n, total)
		}
		if rerr == io.EOF {
			return n, nil
		}
		if rerr != nil {
			return n, rerr
		}
	}
}
