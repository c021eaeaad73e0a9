package post

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"baosong/forms"
	"baosong/forms/bag"
	"baosong/forms/ledger"
	"baosong/forms/submit"
)

// Found is one thing that collecting came across: a package, a message without
// one, or something that could not be read.
type Found struct {
	Source      string // file, or message in a mailbox
	Package     bool
	Outcome     ledger.Outcome // of a package
	Report      *forms.Report  // of a package
	Part, Parts int
	From        string
	Subject     string
	Attachments []string
	Err         error // why it is not in the ledger
}

// Collected counts what collecting came to.
type Collected struct {
	Messages int `json:"messages"` // messages, and packages that came without one
	New      int `json:"new"`      // packages
	Again    int `json:"again"`    // packages that had come before
	Other    int `json:"other"`    // messages without a package
	Bad      int `json:"bad"`
}

// origin is where a package was found.
type origin struct {
	source    string
	messageID string
	from      string
	forwarder string
	subject   string
	received  time.Time
}

// collector is one run of Collect.
type collector struct {
	desk   *Desk
	ledger *ledger.Ledger
	tmp    string
	tell   func(Found)
	sum    Collected
	// notices that packages named, nil for one that is not here
	notices map[string]*forms.Notice
}

// Collect takes in packages from each source, a file, a folder or the name of
// an account, and enters them in the ledger. What cannot be read is told and
// counted, and does not stop the rest. Collecting the same source again
// changes nothing.
func (d *Desk) Collect(ctx context.Context, l *ledger.Ledger, sources []string, tell func(Found)) (_ Collected, err error) {
	if tell == nil {
		tell = func(Found) {}
	}
	if err := os.MkdirAll(d.Home.Received(), 0o755); err != nil {
		return Collected{}, fmt.Errorf("collect: %w", err)
	}
	tmp, err := os.MkdirTemp(d.Home.Received(), ".collecting-*")
	if err != nil {
		return Collected{}, fmt.Errorf("collect: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	c := &collector{desk: d, ledger: l, tmp: tmp, tell: tell, notices: map[string]*forms.Notice{}}
	for _, s := range sources {
		if err := c.source(ctx, s); err != nil {
			return c.sum, err
		}
	}
	return c.sum, nil
}

func (c *collector) source(ctx context.Context, s string) error {
	fi, err := os.Stat(s)
	if errors.Is(err, fs.ErrNotExist) {
		if _, _, _, aerr := c.desk.account(s); aerr == nil {
			return c.mailbox(ctx, s)
		}
	}
	if err != nil {
		return fmt.Errorf("collect: %w", err)
	}
	abs, err := filepath.Abs(s)
	if err != nil {
		return fmt.Errorf("collect: %w", err)
	}
	if !fi.IsDir() {
		return c.file(ctx, abs, fi)
	}
	return c.folder(ctx, abs)
}

const maxFiles = 100_000 // in a folder that is collected from

// folder takes in a bag, or every file below a folder in the order of names.
func (c *collector) folder(ctx context.Context, dir string) error {
	if fi, err := os.Stat(filepath.Join(dir, "bagit.txt")); err == nil && fi.Mode().IsRegular() {
		c.sum.Messages++
		_, err := c.take(ctx, dir, origin{source: "file:" + dir, received: fi.ModTime()})
		return err
	}
	n := 0
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			c.failed(path, err)
			return nil
		}
		if n++; n > maxFiles {
			return fmt.Errorf("collect %s: more than %d files", filepath.Base(dir), maxFiles)
		}
		if e.IsDir() && path != dir {
			if _, err := os.Stat(filepath.Join(path, "bagit.txt")); err == nil {
				if err := c.folder(ctx, path); err != nil {
					return err
				}
				return fs.SkipDir
			}
		}
		if !e.Type().IsRegular() {
			return nil
		}
		fi, err := e.Info()
		if err != nil {
			c.failed(path, err)
			return nil
		}
		return c.file(ctx, path, fi)
	})
}

// file takes in a file for what it is by its first bytes.
func (c *collector) file(ctx context.Context, path string, fi fs.FileInfo) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	head, err := readHead(path)
	if err != nil {
		c.failed(path, err)
		return nil
	}
	switch {
	case isZip(head):
		ours, err := c.take(ctx, path, origin{source: "file:" + path, received: fi.ModTime()})
		if ours {
			c.sum.Messages++
		}
		return err
	case strings.HasPrefix(string(head), "From "):
		return c.mbox(ctx, path, fi)
	case looksLikeMessage(head) || strings.EqualFold(filepath.Ext(path), ".eml"):
		return c.messageFile(ctx, path, fi)
	}
	return nil // some other file, such as the notes of whoever saved the mails
}

func readHead(path string) (_ []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	b := make([]byte, 512)
	n, err := io.ReadFull(f, b)
	if err == io.ErrUnexpectedEOF || err == io.EOF {
		err = nil
	}
	return b[:n], err
}

func isZip(head []byte) bool { return strings.HasPrefix(string(head), "PK\x03\x04") }

// looksLikeMessage reports whether head begins with a header field (RFC 5322,
// section 2.2).
func looksLikeMessage(head []byte) bool {
	name, _, ok := strings.Cut(string(head), ":")
	return ok && len(name) > 1 && len(name) < 60 &&
		!slices.ContainsFunc([]byte(name), func(b byte) bool { return b <= ' ' || b > '~' })
}

func (c *collector) failed(source string, err error) {
	c.sum.Bad++
	c.tell(Found{Source: source, Err: err})
}

// take verifies a package, keeps it with what is in it, and enters it in the
// ledger. It reports whether the file is a package at all. Its error ends the
// collecting: the disk or the ledger failed.
func (c *collector) take(ctx context.Context, path string, o origin) (bool, error) {
	p, err := submit.Read(ctx, path)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if otherFile(err) {
		return false, nil
	}
	if err != nil {
		c.sum.Bad++
		c.tell(Found{Source: o.source, From: o.from, Subject: o.subject, Package: true, Err: err})
		return true, nil
	}
	digest, err := digestOf(path, p)
	if err == nil {
		var folder string
		if folder, err = c.keep(ctx, path, p, digest); err == nil {
			err = c.enter(ctx, p, o, digest, folder)
		}
	}
	if err != nil {
		return true, fmt.Errorf("collect %s: %w", o.source, err)
	}
	return true, nil
}

// otherFile reports whether reading a package failed because the file is a
// whole zip of another kind, such as a .docx.
func otherFile(err error) bool {
	if errors.Is(err, submit.ErrNotOurs) {
		return true
	}
	e, ok := errors.AsType[*bag.Error](err)
	return ok && e.Reason == bag.ReasonNotBag
}

func (c *collector) enter(ctx context.Context, p *submit.Package, o origin, digest, folder string) error {
	out, err := c.ledger.Arrive(ctx, ledger.Arrival{
		Report: *p.Report, Part: p.Part, Parts: p.Parts, PackageSHA256: digest,
		Source: o.source, MessageID: o.messageID, From: o.from, Forwarder: o.forwarder,
		Received: o.received, Late: c.late(p.Report, o.received), Folder: folder,
	})
	found := Found{
		Source: o.source, Package: true, Outcome: out, Report: p.Report, Part: p.Part, Parts: p.Parts,
		From: o.from, Subject: o.subject,
	}
	if errors.Is(err, ledger.ErrInvalid) {
		found.Err = err
		c.sum.Bad++
		c.tell(found)
		return nil
	}
	if err != nil {
		return err
	}
	if out.Kind == ledger.Again || out.Kind == ledger.Known {
		c.sum.Again++
	} else {
		c.sum.New++
	}
	c.tell(found)
	return nil
}

// late judges by when the message was sent or the file made; a report on a
// notice that is not here is as late as its sender said.
func (c *collector) late(r *forms.Report, received time.Time) bool {
	n, known := c.notices[r.Notice.ID]
	if !known {
		n, _ = c.desk.Home.Notice(r.Notice.ID) // why it cannot be read is for whoever opens it
		c.notices[r.Notice.ID] = n
	}
	if n == nil {
		return r.Late
	}
	return n.Late(received)
}

// digestOf returns the digest of a package file, and of its manifests for an
// unpacked one.
func digestOf(path string, p *submit.Package) (_ string, err error) {
	if fi, err := os.Stat(path); err != nil || fi.IsDir() {
		return p.TagDigest, err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// keep extracts a package below received/NOTICE/UNIT and puts the zip beside
// it. What is there already, under a name that holds the digest, stays.
func (c *collector) keep(ctx context.Context, path string, p *submit.Package, digest string) (string, error) {
	r := p.Report
	dir := filepath.Join(c.desk.Home.Received(), bag.SafeName(r.Notice.ID, 64), bag.SafeName(r.Unit.Name, 40)+"-"+bag.SafeName(r.Submission.Short(), 16))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	name := fmt.Sprintf("r%d-%dof%d-%s", r.Submission.Revision, p.Part, p.Parts, digest[:8])
	folder := filepath.Join(dir, name)
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	if err := p.Extract(ctx, folder); err != nil {
		return "", err
	}
	if fi, err := os.Stat(path); err != nil || fi.IsDir() {
		return folder, err
	}
	return folder, copyFile(path, folder+".zip")
}
