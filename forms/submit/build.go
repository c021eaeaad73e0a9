package submit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"baosong/forms"
	"baosong/forms/bag"
)

// Result is a Submission that was built.
type Result struct {
	Report   *forms.Report
	Plan     Plan
	Packages []Built // the first at index 0
	// Documents are what the first package holds to read and print.
	Documents []Document
}

// Built is one package on disk.
type Built struct {
	Path   string
	Size   int64  // bytes
	SHA256 string // of the zip, in hexadecimal
}

// Document is a file in the first package.
type Document struct {
	Name string // path below data
	Size int64  // bytes
}

// Size is that of all packages, in bytes.
func (r *Result) Size() int64 {
	var sum int64
	for _, p := range r.Packages {
		sum += p.Size
	}
	return sum
}

// Build makes the packages of a Submission in outDir, which is made if need
// be. The same input gives the same bytes. When it fails or is cancelled,
// nothing is left; the error is ErrLimit, a *MaterialError, or one of the
// disk. Progress, which may be nil, gets bytes done and to do; a byte of
// material counts when it is read and when it is packed.
func Build(ctx context.Context, in Input, outDir string, opt Options, progress func(done, total int64)) (_ *Result, err error) {
	s, err := newSubmission(in, opt)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(outDir, 0o755); err != nil {
		return nil, fmt.Errorf("build packages: %w", err)
	}
	tmp, err := os.MkdirTemp(outDir, ".packing-*")
	if err != nil {
		return nil, fmt.Errorf("build packages: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	tell := newMeter(s, progress)
	if err := s.derive(ctx, tmp, tell.read); err != nil {
		return nil, err
	}
	docs, err := s.documents(ctx)
	if err != nil {
		return nil, err
	}
	r := &Result{Report: s.report}
	var beside int64
	for _, d := range docs {
		r.Documents = append(r.Documents, Document{Name: d.Name, Size: d.Size})
		if filepath.Ext(d.Name) == ".docx" {
			beside = d.Size
		}
	}
	if r.Plan, err = s.plan(docs, beside); err != nil {
		return nil, err
	}
	if err := s.digestPieces(ctx); err != nil {
		return nil, err
	}
	if err := s.write(ctx, tmp, docs, r, tell); err != nil {
		return nil, err
	}
	return r, publish(r, outDir)
}

// write writes the packages into the folder dir.
func (s *submission) write(ctx context.Context, dir string, docs []bag.File, r *Result, tell *meter) error {
	for i, b := range s.boxes {
		var d []bag.File
		if i == 0 {
			d = docs
		}
		c, err := s.content(d, i+1, len(s.boxes), b.files)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, c.Name+".zip")
		if err := bag.Write(ctx, path, c, tell.packing()); err != nil {
			return err
		}
		built, err := measureFile(ctx, path)
		if err != nil {
			return fmt.Errorf("build packages: %w", err)
		}
		r.Packages = append(r.Packages, built)
	}
	return nil
}

func measureFile(ctx context.Context, path string) (b Built, err error) {
	f, err := os.Open(path)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	n, err := io.Copy(h, &contextReader{ctx, f})
	return Built{Path: path, Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

// publish moves finished packages to where they belong, all or none.
func publish(r *Result, outDir string) error {
	for i := range r.Packages {
		p := &r.Packages[i]
		to := filepath.Join(outDir, filepath.Base(p.Path))
		if err := os.Rename(p.Path, to); err != nil {
			err = fmt.Errorf("build packages: %w", err)
			for _, done := range r.Packages[:i] {
				err = errors.Join(err, os.Remove(done.Path))
			}
			return err
		}
		p.Path = to
	}
	return nil
}

// meter adds up progress: half for reading materials, half for packing.
type meter struct {
	progress   func(done, total int64)
	materials  int64 // bytes of originals
	files      int64 // bytes of what is packed, once that is known
	done, base int64
	s          *submission
}

func newMeter(s *submission, progress func(done, total int64)) *meter {
	m := &meter{progress: progress, s: s}
	if progress == nil {
		m.progress = func(int64, int64) {}
	}
	for _, it := range s.items {
		if it.same == nil {
			m.materials += it.material.Size
		}
	}
	return m
}

func (m *meter) read(n int64) {
	m.done += n
	m.progress(m.done, 2*m.materials)
}

// packing returns the progress of the next package.
func (m *meter) packing() func(done, total int64) {
	if m.files == 0 {
		for _, b := range m.s.boxes {
			for _, f := range b.files {
				m.files += f.size
			}
		}
	}
	base := m.base
	return func(done, _ int64) {
		m.base = base + done
		if m.files > 0 {
			share := min(1, float64(m.base)/float64(m.files))
			m.progress(m.materials+int64(share*float64(m.materials)), 2*m.materials)
		}
	}
}
