package submit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"baosong/forms"
	"baosong/forms/media"
)

// derive makes from each material the file that is packed, in dir. It tells
// the bytes of originals that are done.
func (s *submission) derive(ctx context.Context, dir string, done func(int64)) error {
	g, ctx := errgroup.WithContext(ctx)
	// A decoded photo takes some 100 MB at most; more than four at a time would
	// not be faster on the machines this runs on.
	g.SetLimit(min(4, runtime.GOMAXPROCS(0)))
	var mu sync.Mutex
	for i, it := range s.items {
		if it.same != nil {
			continue
		}
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := s.deriveOne(ctx, it, filepath.Join(dir, strconv.Itoa(i))); err != nil {
				return &MaterialError{Question: it.packed.Question, Name: it.material.Name, Err: err}
			}
			mu.Lock()
			defer mu.Unlock()
			done(it.material.Size)
			return nil
		})
	}
	return g.Wait()
}

func (s *submission) deriveOne(ctx context.Context, it *item, path string) error {
	original, err := s.original(it.material.ID)
	if err != nil {
		return err
	}
	p := it.packed
	opt := media.Options{Edge: s.opt.PhotoEdge}
	if it.question.Type != forms.TypeImage {
		if as, err := asIs(ctx, original, it.material); err != nil || as {
			it.path, p.Size, p.SHA256 = original, it.material.Size, strings.ToLower(it.material.SHA256)
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
	it.path = path
	p.MIME, p.Size, p.SHA256, p.Removed = made.MIME, made.Size, hex.EncodeToString(made.SHA256[:]), made.Removed
	if made.Width > 0 {
		p.Width, p.Height = made.Width, made.Height
	}
	if it.question.Type == forms.TypeImage {
		p.File = strings.TrimSuffix(p.File, ".jpg") + safeExt(made.Ext)
		if err := turn(it, path); err != nil {
			return err
		}
	}
	if p.SHA256 != strings.ToLower(it.material.SHA256) {
		p.Original = strings.ToLower(it.material.SHA256)
	}
	return nil
}

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
	info, err := media.Probe(ctx, path)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err == nil && len(info.Personal) > 0 {
		return false, nil
	}
	if _, derr := parseDigest(m.SHA256); derr != nil {
		return false, derr
	}
	// A damaged video is sent as it is: that is for people to judge.
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

// turn gives a photo the quarter turns that the person added.
func turn(it *item, path string) (err error) {
	quarters := it.material.Turn & 3
	if quarters == 0 {
		return nil
	}
	img, err := decode(path)
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	n := &counter{}
	turned := rotate(img, quarters)
	if err := jpeg.Encode(io.MultiWriter(f, h, n), turned, &jpeg.Options{Quality: 88}); err != nil {
		return err
	}
	p := it.packed
	p.Width, p.Height, p.Size, p.MIME = turned.Bounds().Dx(), turned.Bounds().Dy(), n.n, "image/jpeg"
	p.SHA256 = hex.EncodeToString(h.Sum(nil))
	p.File = strings.TrimSuffix(p.File, filepath.Ext(p.File)) + ".jpg"
	return nil
}

type counter struct{ n int64 }

func (c *counter) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	return len(b), nil
}

func decode(path string) (_ image.Image, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	img, _, err := image.Decode(f)
	return img, err
}

// rotate turns img clockwise by quarters, 1 to 3.
func rotate(img image.Image, quarters int) *image.RGBA {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if quarters%2 == 1 {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range b.Dy() {
		for x := range b.Dx() {
			dx, dy := x, y
			switch quarters {
			case 1:
				dx, dy = b.Dy()-1-y, x
			case 2:
				dx, dy = b.Dx()-1-x, b.Dy()-1-y
			case 3:
				dx, dy = y, b.Dx()-1-x
			}
			out.Set(dx, dy, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}

// digestPieces works out the digests of pieces, each file read once.
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
	for i := range it.packed.Pieces {
		p := &it.packed.Pieces[i]
		h := sha256.New()
		if _, err := io.CopyN(h, &contextReader{ctx, f}, p.Size); err != nil {
			return err
		}
		p.SHA256 = hex.EncodeToString(h.Sum(nil))
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
