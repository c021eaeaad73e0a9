package submit

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"baosong/forms"
	"baosong/forms/bag"
)

// Package is one package that was read and found whole. It holds no file open.
type Package struct {
	Path        string
	Report      *forms.Report
	Part, Parts int
	Files       []bag.Info // the payload
	// TagDigest names the content of the package, in a zip or in a folder.
	TagDigest string
	// ReportDigest is that of report.json, which all packages of a Submission
	// have in common.
	ReportDigest string
}

// Read opens a package, a zip or an unpacked folder that may come from
// anybody, and verifies it: the bag, our profile, the report, and that each
// material it says lies here does, with its digest. The error is a *bag.Error
// or *bag.InvalidError for a broken bag, ErrNotOurs for another one, ErrNewer
// or ErrReport for its report.
func Read(ctx context.Context, path string) (_ *Package, err error) {
	b, err := bag.Open(path, bag.DefaultLimits())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	if b.Tag("BagIt-Profile-Identifier") != ProfileID {
		return nil, fmt.Errorf("read %s: profile %.80q: %w", b.Name(), b.Tag("BagIt-Profile-Identifier"), ErrNotOurs)
	}
	result, err := b.Verify(ctx, nil)
	if err != nil {
		return nil, err
	}
	if !result.Valid {
		return nil, &bag.InvalidError{Name: b.Name(), Result: result}
	}
	p, err := read(b)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", b.Name(), err)
	}
	p.Path = path
	return p, nil
}

func read(b *bag.Bag) (*Package, error) {
	prof, err := readProfile()
	if err != nil {
		return nil, err
	}
	if wrong := prof.check(b); len(wrong) > 0 {
		return nil, fmt.Errorf("%s: %w", strings.Join(wrong[:min(len(wrong), 5)], "; "), ErrNotOurs)
	}
	p := &Package{Files: b.Files(), TagDigest: tagDigest(b)}
	if _, err := fmt.Sscanf(b.Tag("Bag-Count"), "%d of %d", &p.Part, &p.Parts); err != nil || p.Part < 1 || p.Part > p.Parts || p.Parts > maxParts {
		return nil, fmt.Errorf("Bag-Count is %.40q: %w", b.Tag("Bag-Count"), ErrReport)
	}
	text, err := readFile(b, "report.json", maxReport)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	p.ReportDigest = hex.EncodeToString(sum[:])
	if p.Report, err = UnmarshalReport(text); err != nil {
		return nil, err
	}
	if ref := p.Report.Submission; b.Tag("External-Identifier") != ref.ID || b.Tag("Bag-Group-Identifier") != ref.String() {
		return nil, fmt.Errorf("bag-info.txt names another submission than report.json, %s: %w", ref, ErrReport)
	}
	return p, p.checkFiles()
}

func readFile(b *bag.Bag, name string, most int64) (_ []byte, err error) {
	r, err := b.OpenFile(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(text)) > most {
		err = wrong("larger than %d bytes", most)
	}
	return text, err
}

// tagDigest is the digest of the tags and of the payload's digests.
func tagDigest(b *bag.Bag) string {
	files := b.Files()
	slices.SortFunc(files, func(a, b bag.Info) int { return cmp.Compare(a.Name, b.Name) })
	h := sha256.New()
	for _, t := range b.Tags() {
		fmt.Fprintf(h, "%q: %q\n", t.Label, t.Value)
	}
	for _, f := range files {
		fmt.Fprintf(h, "%x %d %q\n", f.SHA256, f.Size, f.Name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// checkFiles holds the report against the files: what it says lies in this
// package is there, and no part is beyond the number of packages.
func (p *Package) checkFiles() error {
	have := map[string]bag.Info{}
	for _, f := range p.Files {
		have["data/"+f.Name] = f
	}
	check := func(file string, part int, size int64, digest string) error {
		if part > p.Parts {
			return wrong("%s lies in package %d of %d", file, part, p.Parts)
		}
		if part != p.Part {
			return nil
		}
		f, ok := have[file]
		if !ok {
			return wrong("%s is not in the package", file)
		}
		if f.Size != size || hex.EncodeToString(f.SHA256[:]) != digest {
			return wrong("%s is not the file that the report means", file)
		}
		return nil
	}
	for _, m := range p.Report.Materials {
		if len(m.Pieces) == 0 {
			if err := check(m.File, m.Part, m.Size, m.SHA256); err != nil {
				return err
			}
		}
		for _, piece := range m.Pieces {
			if err := check(piece.File, piece.Part, piece.Size, piece.SHA256); err != nil {
				return err
			}
		}
	}
	return nil
}

// Extract unpacks the package to a new folder dir, see bag.Bag.Extract.
func (p *Package) Extract(ctx context.Context, dir string) (err error) {
	b, err := bag.Open(p.Path, bag.DefaultLimits())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	return b.Extract(ctx, dir, nil)
}
