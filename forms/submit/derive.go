package submit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"baosong/forms"
	"baosong/forms/media"
)

// derive makes from each material the file that is packed, in dir. It tells
// the bytes of originals that are done.
func (s *submission) derive(ctx context.Context, dir string, done func(int64)) error {
	var todo []*item
	var sizes []int64
	for _, it := range s.items {
		if it.same == nil {
			todo, sizes = append(todo, it), append(sizes, it.material.Size)
		}
	}
	var before int64
	told := func(p media.Progress) {
		done(p.Bytes - before)
		before = p.Bytes
	}
	return media.Each(ctx, sizes, told, func(ctx context.Context, i int) error {
		it := todo[i]
		if err := s.deriveOne(ctx, it, filepath.Join(dir, strconv.Itoa(i))); err != nil {
			return &MaterialError{Question: it.packed.Question, Name: it.material.Name, Err: err}
		}
		return nil
	})
}

func (s *submission) deriveOne(ctx context.Context, it *item, path string) error {
	original, err := s.original(it.material.ID)
	if err != nil {
		return err
	}
	p := it.packed
	m := it.material
	opt := media.Options{Edge: s.opt.PhotoEdge, Turn: m.Turn, Frame: m.Frame, Original: m.Original, MaxBytes: s.photoBytes()}
	if it.question.Type != forms.TypeImage {
		if as, err := asIs(ctx, original, it.material); err != nil || as {
			it.path, it.crcs = original, []uint32{m.CRC32}
			p.Size, p.SHA256 = m.Size, strings.ToLower(m.SHA256)
			return err
		}
		opt = media.Options{Original: true}
	}
	made, err := s.prepare(ctx, original, path, opt)
	if err != nil {
		return err
	}
	if it.question.Type == forms.TypeImage && !strings.HasPrefix(made.MIME, "image/") {
		return fmt.Errorf("%s is no photo: %w", made.MIME, media.Unsupported)
	}
	it.path, it.crcs = path, []uint32{made.CRC32}
	p.MIME, p.Size, p.SHA256, p.Removed = made.MIME, made.Size, hex.EncodeToString(made.SHA256[:]), made.Removed
	if made.Width > 0 {
		p.Width, p.Height = made.Width, made.Height
	}
	if it.question.Type == forms.TypeImage {
		p.File = strings.TrimSuffix(p.File, ".jpg") + safeExt(made.Ext)
	}
	if p.SHA256 != strings.ToLower(it.material.SHA256) {
		p.Original = strings.ToLower(it.material.SHA256)
	}
	return nil
}

// photoBytes is what a photo takes at most, so that it always fits into a package whole.
func (s *submission) photoBytes() int64 { return s.opt.Limit / 2 }

// original returns where the original lies.
func (s *submission) original(id string) (string, error) {
	f, err := s.in.Open(id)
	if err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// asIs reports whether a file that is not a photo can be packed as it is,
// without making a copy: nothing would be taken out of it.
func asIs(ctx context.Context, path string, m forms.Material) (bool, error) {
	info, _ := media.Probe(ctx, path) // of a damaged one, what is known
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if len(info.Personal) > 0 {
		return false, nil
	}
	if _, derr := parseDigest(m.SHA256); derr != nil {
		return false, derr
	}
	// A damaged video is sent all the same: that is for people to judge.
	return true, nil
}

func (s *submission) prepare(ctx context.Context, from, to string, opt media.Options) (made media.Prepared, err error) {
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return s.opt.Tools.Prepare(ctx, from, f, opt)
}

// digestPieces works out the digests of pieces, and holds the whole against its
// own; each file is read once.
func (s *submission) digestPieces(ctx context.Context) error {
	for _, it := range s.items {
		if it.same != nil || len(it.packed.Pieces) == 0 {
			continue
		}
		if err := digestPieces(ctx, it); err != nil {
			return &MaterialError{Question: it.packed.Question, Name: it.material.Name, Err: err}
		}
	}
	for i := range s.items {
		it := s.items[i]
		if it.same != nil {
			it.packed.Pieces = it.same.packed.Pieces
		}
		s.report.Materials[i] = *it.packed
	}
	var err error
	s.json, err = MarshalReport(s.report)
	return err
}

func digestPieces(ctx context.Context, it *item) (err error) {
	f, err := os.Open(it.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	it.crcs = make([]uint32, len(it.packed.Pieces))
	whole := sha256.New()
	for i := range it.packed.Pieces {
		p := &it.packed.Pieces[i]
		sum, crc := sha256.New(), crc32.NewIEEE()
		if _, err := io.CopyN(io.MultiWriter(whole, sum, crc), &contextReader{ctx, f}, p.Size); err != nil {
			return err
		}
		p.SHA256, it.crcs[i] = hex.EncodeToString(sum.Sum(nil)), crc.Sum32()
	}
	if hex.EncodeToString(whole.Sum(nil)) != it.packed.SHA256 {
		return media.Changed // since it was attached: nobody could join the pieces
	}
	return nil
}

// contextReader fails once its context is done.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}

func parseDigest(s string) (d [32]byte, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(d) {
		return d, fmt.Errorf("digest %.80q", s)
	}
	return [32]byte(b), nil
}
