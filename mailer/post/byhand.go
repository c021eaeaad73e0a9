package post

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"baosong/forms"
	"baosong/forms/atomicfile"
	"baosong/forms/bag"
	"baosong/forms/ledger"
	"baosong/mailer/eml"
)

const (
	maxByHand  = 500      // attachments of a message entered by hand
	byHandName = "邮件.eml" // the message itself, beside its attachments
)

// EnterByHand enters a message that holds no package, such as one with a Word
// file, as a unit's report. Source names it as [ledger.Mail] does. The message
// and its attachments are kept; entering it again changes nothing.
func (d *Desk) EnterByHand(ctx context.Context, l *ledger.Ledger, n *forms.Notice, source string, unit forms.Unit) (ref forms.SubmissionRef, err error) {
	if unit.Name == "" {
		return ref, fmt.Errorf("enter by hand: %w: no unit", ledger.ErrInvalid)
	}
	if err := os.MkdirAll(d.Home.Received(), 0o755); err != nil {
		return ref, fmt.Errorf("enter by hand: %w", err)
	}
	tmp, err := os.MkdirTemp(d.Home.Received(), ".collecting-*")
	if err != nil {
		return ref, fmt.Errorf("enter by hand: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	ready := filepath.Join(tmp, "ready")
	if err := os.Mkdir(ready, 0o755); err != nil {
		return ref, fmt.Errorf("enter by hand: %w", err)
	}
	path := filepath.Join(ready, byHandName)
	if err := d.message(ctx, source, path); err != nil {
		return ref, fmt.Errorf("enter by hand: %w", err)
	}
	m, materials, err := unpack(ctx, path, ready)
	if err != nil {
		return ref, fmt.Errorf("enter by hand: %w", err)
	}
	digest, err := digestFile(path)
	if err != nil {
		return ref, fmt.Errorf("enter by hand: %w", err)
	}
	return d.enterByHand(ctx, l, n, source, unit, ready, digest, m, materials)
}

func (d *Desk) enterByHand(ctx context.Context, l *ledger.Ledger, n *forms.Notice, source string, unit forms.Unit, ready string, digest [sha256.Size]byte, m *eml.Message, materials []forms.Packed) (ref forms.SubmissionRef, err error) {
	// the same message has the same id, so that it is entered once
	ref = forms.SubmissionRef{ID: base32.HexEncoding.EncodeToString(digest[:10]), Revision: 1}
	received := m.Date
	if received.IsZero() {
		received = d.Now()
	}
	folder := filepath.Join(d.Home.Received(), bag.SafeName(n.ID, 64), bag.SafeName(unit.Name, 40)+"-"+bag.SafeName(ref.Short(), 16), "by-hand")
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return ref, fmt.Errorf("enter by hand: %w", err)
	}
	if _, serr := os.Stat(folder); serr != nil {
		if err := atomicfile.Rename(ready, folder); err != nil {
			return ref, fmt.Errorf("enter by hand: %w", err)
		}
	}
	r := forms.Report{
		Format: forms.ReportFormat, Submission: ref, Created: received.Truncate(time.Second), Late: n.Late(received),
		Notice: forms.NoticeRef{ID: n.ID, Title: n.Title, FormVersion: n.Form.Version}, Unit: unit, Materials: materials, Program: d.Program,
	}
	_, err = l.Arrive(ctx, ledger.Arrival{
		Report: r, Part: 1, Parts: 1, PackageSHA256: hex.EncodeToString(digest[:]), Source: source,
		MessageID: m.MessageID, From: fromOf(m.Head), Received: received, Late: n.Late(received), Folder: folder,
	})
	return ref, err
}

// unpack writes the attachments of a message into dir.
func unpack(ctx context.Context, path, dir string) (*eml.Message, []forms.Packed, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	var out []forms.Packed
	m, err := eml.Read(bufio.NewReader(f), func(p eml.Part) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(out) == maxByHand {
			return fmt.Errorf("more than %d attachments", maxByHand)
		}
		// the number keeps names apart that differ by case alone, or not at all
		name := fmt.Sprintf("%02d-%s", len(out)+1, bag.SafeName(eml.AttachmentName(p.Name), 120))
		h := sha256.New()
		var size int64
		err := atomicfile.Write(filepath.Join(dir, name), func(w io.Writer) (err error) {
			size, err = io.Copy(io.MultiWriter(w, h), io.LimitReader(asFar{p.Body}, maxPart))
			return err
		})
		out = append(out, forms.Packed{
			ID: fmt.Sprintf("m%d", len(out)+1), File: name, Part: 1, Name: p.Name, MIME: p.MediaType, Size: size,
			SHA256: hex.EncodeToString(h.Sum(nil)),
		})
		return err
	})
	if errors.Is(err, eml.ErrTruncated) {
		err = nil
	}
	return m, out, errors.Join(err, f.Close())
}

func digestFile(path string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}
