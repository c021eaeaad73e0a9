package media

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"baosong/forms"
	"baosong/forms/media/isobmff"
)

// Options say how a file is to be handed on.
type Options struct {
	// Edge is the longest side of a photo in pixels; 0 keeps all pixels. Photos are never enlarged.
	Edge int
	// Quality is that of JPEG, 1 to 100; 0 is 85. MaxBytes may lower it.
	Quality int
	// MaxBytes is what a photo should take at most; 0 is no limit. Where even a poor picture of that size takes more,
	// its pixels become fewer. It does not hold with Original, nor for videos and documents.
	MaxBytes int64
	// Original keeps the image data as it is, byte for byte, and cleans only the metadata. A turn then becomes a mark in the
	// metadata; where the format has none, and for a frame, the picture is written anew with all its pixels.
	Original bool
	// Turn adds quarter turns clockwise to the upright picture.
	Turn int
	// Frame is the part that is kept of the upright picture, before Turn.
	Frame forms.Frame
	// Progress is told the bytes read so far of a file that is copied; it may be nil.
	Progress func(done, total int64)
}

// Prepared is what was written.
type Prepared struct {
	Format        Format
	Ext, MIME     string
	Width, Height int // as shown
	Size          int64
	SHA256        [32]byte
	CRC32         uint32   // IEEE, as zip uses it
	Removed       []string // kinds of metadata that went, sorted: see the Removed constants
}

// Prepare writes to dst what is to be sent for the file at path: a photo upright, scaled and without personal
// metadata, a video with its location blanked and nothing else changed, any other file as it is. The same file and
// options give the same bytes. When it fails, what dst has received is useless.
func Prepare(ctx context.Context, path string, dst io.Writer, opt Options) (Prepared, error) {
	return Tools{}.Prepare(ctx, path, dst, opt)
}

// Prepare is the function of that name with the help of tools.
func (t Tools) Prepare(ctx context.Context, path string, dst io.Writer, opt Options) (Prepared, error) {
	name := filepath.Base(path)
	s, err := openSource(ctx, path)
	if err != nil {
		return Prepared{}, fmt.Errorf("prepare: %w", err)
	}
	defer s.file.Close()
	out := &digester{w: dst, sum: sha256.New()}
	p, err := t.prepare(ctx, s.source, out, opt)
	if err == nil {
		err = unchanged(s.file, s.before)
	}
	if err != nil {
		return Prepared{}, fmt.Errorf("prepare %s: %w", name, err)
	}
	p.Size, p.CRC32 = out.n, out.crc
	out.sum.Sum(p.SHA256[:0])
	return p, nil
}

// openFile is a source with the file behind it.
type openFile struct {
	source
	file   *os.File
	before os.FileInfo
}

func openSource(ctx context.Context, path string) (*openFile, error) {
	f, st, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	info, err := ProbeReader(ctx, f, st.Size(), filepath.Base(path))
	if err != nil && !(info.Kind == Video && errors.Is(err, Truncated)) { // of a video, what is there plays
		_ = f.Close() // the error that counts is err
		return nil, err
	}
	return &openFile{source{f, st.Size(), info}, f, st}, nil
}

// openRegular opens a file that is one: no folder, no pipe that would wait for ever.
func openRegular(path string) (*os.File, os.FileInfo, error) {
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s is not a file: %w", filepath.Base(path), Unreadable)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, classify(err)
	}
	st, err := f.Stat()
	if err != nil {
		_ = f.Close() // the error that counts is err
		return nil, nil, classify(err)
	}
	return f, st, nil
}

// unchanged reports Changed when the file is not what it was when it was opened.
func unchanged(f *os.File, before os.FileInfo) error {
	now, err := f.Stat()
	if err != nil {
		return classify(err)
	}
	if now.Size() != before.Size() || !now.ModTime().Equal(before.ModTime()) {
		return Changed
	}
	return nil
}

func (t Tools) prepare(ctx context.Context, s source, out io.Writer, opt Options) (Prepared, error) {
	p := Prepared{Format: s.info.Format, Ext: s.info.Ext, MIME: s.info.MIME, Width: s.info.Width, Height: s.info.Height}
	switch s.info.Format {
	case JPEG, PNG, HEIC, AVIF, WebP, GIF, BMP, TIFF:
		return t.preparePhoto(ctx, s, out, opt, p)
	case MP4, MOV, M4V, ThGP:
		patches, removed, err := isobmff.CleanMovie(s.r, s.size)
		if err != nil {
			return p, classify(err)
		}
		p.Removed = removed
		return p, copyPatched(ctx, out, s, patches, opt.Progress)
	}
	return p, copyPatched(ctx, out, s, nil, opt.Progress)
}

func (t Tools) preparePhoto(ctx context.Context, s source, out io.Writer, opt Options, p Prepared) (Prepared, error) {
	v := opt.view()
	w, h := v.size(s.info.Width, s.info.Height)
	small := opt.Edge <= 0 || max(w, h) <= opt.Edge
	plain := small && s.info.Orientation == 1 && !v.changes() && (opt.MaxBytes <= 0 || s.size <= opt.MaxBytes)
	if opt.Original && !v.framed() || plain && s.info.Format == JPEG {
		done, err := cleanCopy(ctx, out, s, opt, &p)
		if err != nil || done {
			return p, err
		}
	}
	if opt.Original {
		opt.Edge, opt.MaxBytes, opt.Quality, v.edge = 0, 0, originalQuality, 0
	}
	release, err := t.Room.take(ctx, s.memory(v))
	if err != nil {
		return p, err
	}
	defer release()
	pic, err := s.decode(ctx, t, v)
	if err != nil {
		return p, err
	}
	data, format, size, err := encode(ctx, pic, opt)
	if err != nil {
		return p, err
	}
	if plain && s.info.Format == PNG && pic.toSRGB == nil {
		clean := &digester{w: io.Discard, sum: sha256.New()}
		if _, err := cleanPNG(clean, s.r, s.size, 0); err == nil && clean.n <= int64(len(data)) {
			p.Removed, err = cleanPNG(out, s.r, s.size, 0)
			return p, err
		}
	}
	if _, err := out.Write(data); err != nil {
		return p, fmt.Errorf("write: %w", err)
	}
	tr, _ := format.traits()
	p.Format, p.MIME, p.Ext = format, tr.mime, tr.endings[0]
	p.Width, p.Height, p.Removed = size.X, size.Y, pic.removed
	return p, nil
}

// cleanCopy copies a photo without its metadata where that can be done without touching the pixels; done is false
// when it has to be decoded after all.
func cleanCopy(ctx context.Context, out io.Writer, s source, opt Options, p *Prepared) (done bool, err error) {
	turn := opt.Turn & 3
	if turn&1 == 1 {
		p.Width, p.Height = p.Height, p.Width
	}
	orientation := 0
	if turn != 0 {
		orientation = turned(s.info.Orientation, turn)
	}
	switch s.info.Format {
	case JPEG:
		h, err := readJPEGHead(s.r)
		if err != nil {
			return false, err
		}
		if h.comps == 4 && !opt.Original { // office programs show inks in wrong colours
			return false, nil
		}
		if !opt.Original && h.needsColours() { // nor do they know profiles
			return false, nil
		}
		p.Removed, err = cleanJPEG(ctx, out, s.r, s.size, h, orientation)
		return true, err
	case PNG:
		p.Removed, err = cleanPNG(out, s.r, s.size, orientation)
		return true, err
	case WebP:
		if turn == 0 {
			p.Removed, err = cleanWebP(ctx, out, s.r, s.size)
			return true, err
		}
	case HEIC, AVIF:
		if turn == 0 {
			patches, removed, err := isobmff.CleanPicture(s.r, s.size)
			if err != nil {
				return false, classify(err)
			}
			p.Removed = removed
			return true, copyPatched(ctx, out, s, patches, opt.Progress)
		}
	case GIF:
		if turn == 0 {
			p.Removed, err = cleanGIF(ctx, out, s.r, s.size)
			return true, err
		}
	case BMP: // has no metadata
		if turn == 0 {
			return true, copyPatched(ctx, out, s, nil, opt.Progress)
		}
	}
	if turn&1 == 1 {
		p.Width, p.Height = p.Height, p.Width
	}
	return false, nil
}

// copyPatched copies a file with some of its bytes replaced.
func copyPatched(ctx context.Context, w io.Writer, s source, patches []isobmff.Patch, progress func(done, total int64)) error {
	in := isobmff.Patched(s.r, patches)
	buf := make([]byte, 1<<20)
	for off := int64(0); off < s.size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := buf[:min(int64(len(buf)), s.size-off)]
		if n, err := in.ReadAt(b, off); n < len(b) {
			if err == io.EOF {
				return fmt.Errorf("at %d of %d: %w", off+int64(n), s.size, Changed)
			}
			return fmt.Errorf("read: %w", classify(err))
		}
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		off += int64(len(b))
		if progress != nil {
			progress(off, s.size)
		}
	}
	return nil
}

// digester passes bytes on and keeps their count and sums.
type digester struct {
	w   io.Writer
	sum hash.Hash
	crc uint32
	n   int64
}

func (d *digester) Write(p []byte) (int, error) {
	n, err := d.w.Write(p)
	d.sum.Write(p[:n])
	d.crc = crc32.Update(d.crc, crc32.IEEETable, p[:n])
	d.n += int64(n)
	return n, err
}
