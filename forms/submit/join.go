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

// Set is the packages of one Submission that are there.
type Set struct {
	Report *forms.Report
	Parts  int // how many there are to be
	// Packages are those that are there, by number and each once.
	Packages []*Package
	// Missing are the numbers of those that are not.
	Missing []int
	// Incomplete are the materials that lie, wholly or partly, in those.
	Incomplete []forms.Packed
	// Latest says that no later revision of the same report is there.
	Latest bool
}

// Sort puts packages together that belong to one Submission, whatever their
// order and however often each came. Sets come in the order of their ids and
// revisions. Packages that claim the same Submission but hold different
// reports make different sets.
func Sort(packages []*Package) []*Set {
	type key struct {
		ref    forms.SubmissionRef
		report string
		parts  int
	}
	byKey := map[key]*Set{}
	var out []*Set
	for _, p := range packages {
		k := key{p.Report.Submission, p.ReportDigest, p.Parts}
		s := byKey[k]
		if s == nil {
			s = &Set{Report: p.Report, Parts: p.Parts}
			byKey[k], out = s, append(out, s)
		}
		if !slices.ContainsFunc(s.Packages, func(q *Package) bool { return q.Part == p.Part }) {
			s.Packages = append(s.Packages, p)
		}
	}
	last := map[string]int{}
	for _, s := range out {
		s.complete()
		last[s.Report.Submission.ID] = max(last[s.Report.Submission.ID], s.Report.Submission.Revision)
	}
	for _, s := range out {
		s.Latest = s.Report.Submission.Revision == last[s.Report.Submission.ID]
	}
	slices.SortStableFunc(out, func(a, b *Set) int {
		x, y := a.Report.Submission, b.Report.Submission
		return cmp.Or(strings.Compare(x.ID, y.ID), x.Revision-y.Revision)
	})
	return out
}

// complete works out what is missing.
func (s *Set) complete() {
	slices.SortFunc(s.Packages, func(a, b *Package) int { return a.Part - b.Part })
	have := map[int]bool{}
	for _, p := range s.Packages {
		have[p.Part] = true
	}
	for i := 1; i <= s.Parts; i++ {
		if !have[i] {
			s.Missing = append(s.Missing, i)
		}
	}
	for _, m := range s.Report.Materials {
		whole := len(m.Pieces) > 0 || have[m.Part]
		for _, p := range m.Pieces {
			whole = whole && have[p.Part]
		}
		if !whole {
			s.Incomplete = append(s.Incomplete, m)
		}
	}
}

// Copy writes the content of the material m to w, its pieces joined, and
// checks it. The error is ErrMissing if a package that is needed is not there.
func (s *Set) Copy(ctx context.Context, m forms.Packed, w io.Writer) error {
	pieces := m.Pieces
	if len(pieces) == 0 {
		pieces = []forms.Piece{{File: m.File, Part: m.Part, Size: m.Size, SHA256: m.SHA256}}
	}
	for _, p := range pieces {
		if s.part(p.Part) == nil {
			return fmt.Errorf("join %s: package %d of %d: %w", m.File, p.Part, s.Parts, ErrMissing)
		}
	}
	h := sha256.New()
	for _, p := range pieces {
		if err := s.copyPiece(ctx, p, io.MultiWriter(w, h)); err != nil {
			return fmt.Errorf("join %s: %w", m.File, err)
		}
	}
	if hex.EncodeToString(h.Sum(nil)) != m.SHA256 {
		return fmt.Errorf("join %s: %w: the pieces do not make the file", m.File, ErrReport)
	}
	return nil
}

func (s *Set) part(n int) *Package {
	i := slices.IndexFunc(s.Packages, func(p *Package) bool { return p.Part == n })
	if i < 0 {
		return nil
	}
	return s.Packages[i]
}

func (s *Set) copyPiece(ctx context.Context, p forms.Piece, w io.Writer) (err error) {
	b, err := bag.Open(s.part(p.Part).Path, bag.DefaultLimits())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	r, err := b.OpenFile(strings.TrimPrefix(p.File, "data/"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	_, err = io.Copy(w, &contextReader{ctx, r})
	return err
}
