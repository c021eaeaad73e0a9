package post

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"baosong/forms"
	"baosong/forms/atomicfile"
	"baosong/forms/ledger"
	"baosong/forms/office"
	"baosong/forms/submit"
	"baosong/mailer/eml"
)

// Verified is one package that was looked into.
type Verified struct {
	Source      string
	Report      *forms.Report // nil if it could not be read
	Part, Parts int
	Files       int   // in the package
	Err         error // why it is not whole
}

// Verify looks into a package, a message, or everything below a folder, and
// tells of each package. Its own error is about the place, not a package.
func (d *Desk) Verify(ctx context.Context, path string, tell func(Verified)) error {
	fi, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if !fi.IsDir() || isBag(path) {
		return d.verifyOne(ctx, path, tell)
	}
	return filepath.WalkDir(path, func(p string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && isBag(p):
			if err := d.verifyOne(ctx, p, tell); err != nil {
				return err
			}
			return fs.SkipDir
		case e.Type().IsRegular():
			return d.verifyFile(ctx, p, tell)
		}
		return nil
	})
}

func isBag(dir string) bool {
	fi, err := os.Stat(filepath.Join(dir, "bagit.txt"))
	return err == nil && fi.Mode().IsRegular()
}

// verifyFile passes over files that neither are nor hold packages.
func (d *Desk) verifyFile(ctx context.Context, path string, tell func(Verified)) error {
	head, err := readHead(path)
	if err != nil {
		return err
	}
	if !isZip(head) && filepath.Ext(path) != ".eml" {
		return nil
	}
	return d.verifyOne(ctx, path, func(v Verified) {
		if !otherFile(v.Err) {
			tell(v)
		}
	})
}

func (d *Desk) verifyOne(ctx context.Context, path string, tell func(Verified)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if head, err := readHead(path); err == nil && !isZip(head) && looksLikeMessage(head) {
		return d.verifyMessage(ctx, path, tell)
	}
	p, err := submit.Read(ctx, path)
	tell(verified(path, p, err))
	return ctx.Err()
}

func verified(source string, p *submit.Package, err error) Verified {
	v := Verified{Source: source, Err: err}
	if p != nil {
		v.Report, v.Part, v.Parts, v.Files = p.Report, p.Part, p.Parts, len(p.Files)
	}
	return v
}

// ErrNoPackage says that a message holds no package.
var ErrNoPackage = errors.New("the message holds no package")

func (d *Desk) verifyMessage(ctx context.Context, path string, tell func(Verified)) (err error) {
	tmp, err := os.MkdirTemp("", "baosong-verify-*")
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	c := &collector{desk: d, tmp: tmp}
	n := 0
	_, readErr := eml.Read(f, func(part eml.Part) error {
		spooled, err := c.spool(part.Body)
		if err != nil || spooled == "" {
			return err
		}
		p, err := submit.Read(ctx, spooled)
		if otherFile(err) {
			return os.Remove(spooled)
		}
		n++
		tell(verified(path, p, err))
		return os.Remove(spooled)
	})
	if readErr != nil || n == 0 {
		tell(Verified{Source: path, Err: cmpErr(readErr, ErrNoPackage)})
	}
	return ctx.Err()
}

func cmpErr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// Rollup writes the workbook over all submissions of a notice to path. Word
// gives the words for a state of review.
func (d *Desk) Rollup(ctx context.Context, l *ledger.Ledger, n *forms.Notice, path string, word func(state string) string) error {
	entries, err := rollupEntries(ctx, l, n, word)
	if err != nil {
		return fmt.Errorf("rollup: %w", err)
	}
	return atomicfile.Write(path, func(w io.Writer) error { return office.Rollup(w, n, entries) })
}

// rollupEntries yields the current submissions, then the units of the roster
// that have not reported. Reports are read one at a time.
func rollupEntries(ctx context.Context, l *ledger.Ledger, n *forms.Notice, word func(string) string) (iter.Seq2[office.Entry, error], error) {
	list, err := l.Submissions(ctx, n.ID, ledger.Filter{Current: true})
	if err != nil {
		return nil, err
	}
	states, err := l.RosterState(ctx, n.ID, n.Roster)
	if err != nil {
		return nil, err
	}
	return func(yield func(office.Entry, error) bool) {
		reported := map[string]bool{}
		for _, s := range list {
			reported[ledger.UnitKey(s.Unit.Name)] = true
			e, err := rollupEntry(ctx, l, s, word)
			if !yield(e, err) || err != nil {
				return
			}
		}
		for _, st := range states {
			if !st.Unit.Example && !reported[ledger.UnitKey(st.Unit.Name)] {
				if !yield(office.Entry{Unit: st.Unit.Name, Kind: st.Unit.Kind}, nil) {
					return
				}
			}
		}
	}, nil
}

func rollupEntry(ctx context.Context, l *ledger.Ledger, s ledger.Submission, word func(string) string) (office.Entry, error) {
	d, err := l.Get(ctx, s.Ref.ID, s.Ref.Revision)
	if err != nil {
		return office.Entry{}, err
	}
	e := office.Entry{
		Unit: s.Unit.Name, Kind: s.Unit.Kind, Report: &d.Report, Received: s.Completed, Late: s.Late,
		State: word(string(s.Status)), Shortlist: len(s.Shortlisted) > 0,
	}
	if len(d.Reviews) > 0 {
		for _, text := range d.Reviews[len(d.Reviews)-1].Reasons {
			if e.Reason != "" {
				e.Reason += "；"
			}
			e.Reason += text
		}
	}
	return e, nil
}

// ErrNoReceipt says that a message holds no receipt.
var ErrNoReceipt = errors.New("the message holds no receipt")

// sortedPaths returns the questions of reasons in a fixed order.
func sortedPaths(m map[forms.Path]string) []forms.Path {
	var out []forms.Path
	for p := range m {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}
