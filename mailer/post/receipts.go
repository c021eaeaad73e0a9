package post

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"baosong/forms/atomicfile"
	"baosong/mailer"
)

const (
	maxReceiptMail = 4 << 20 // bytes of a message that may hold a receipt
	positionsFile  = ".positions.json"
)

// Receipts returns the receipts that are kept, the latest first. One that
// cannot be read is left out and named in the error, which stands beside the others.
func (d *Desk) Receipts() ([]Receipt, error) {
	files, err := os.ReadDir(d.receipts())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("receipts: %w", err)
	}
	var out []Receipt
	var errs []error
	for _, f := range files {
		if strings.HasPrefix(f.Name(), ".") || filepath.Ext(f.Name()) != ".json" {
			continue
		}
		r, err := readReceipt(filepath.Join(d.receipts(), f.Name()))
		if err != nil {
			errs = append(errs, fmt.Errorf("receipt %s: %w", f.Name(), err))
			continue
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Receipt) int { return b.At.Compare(a.At) })
	return out, errors.Join(errs...)
}

func (d *Desk) receipts() string { return filepath.Join(d.Home.Dir, "receipts") }

func readReceipt(path string) (Receipt, error) {
	var r Receipt
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	return r, err
}

// FetchReceipts looks for receipts in the mailbox of an account, in what came
// since the last time, keeps them and tells each. It returns how many it found.
// Nothing in the mailbox is changed.
func (d *Desk) FetchReceipts(ctx context.Context, account string, tell func(Receipt)) (n int, err error) {
	if tell == nil {
		tell = func(Receipt) {}
	}
	positions, err := d.positions()
	if err != nil {
		return 0, err
	}
	m, err := d.Mailbox(ctx, account)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	folders, err := m.Folders(ctx)
	if err != nil {
		return 0, err
	}
	for _, folder := range folders {
		key := account + "/" + folder
		next, err := m.List(ctx, folder, positions[key], func(s mailer.Summary) error {
			if !mayHoldReceipt(s) {
				return nil
			}
			var b bytes.Buffer
			if err := m.Fetch(ctx, folder, s, &b, nil); err != nil {
				return err
			}
			r, err := parseReceipt(&b)
			if err != nil { // something else, or broken: it stays in the mailbox
				return ctx.Err()
			}
			if err := d.keepReceipt(&r); err != nil {
				return err
			}
			n++
			tell(r)
			return nil
		})
		positions[key] = next
		if err = errors.Join(err, d.savePositions(positions)); err != nil {
			return n, err
		}
	}
	return n, nil
}

func mayHoldReceipt(s mailer.Summary) bool {
	return s.Size <= maxReceiptMail && slices.ContainsFunc(s.Attachments, func(name string) bool {
		return strings.EqualFold(filepath.Ext(name), ".json") || name == "application/json"
	})
}

func (d *Desk) positions() (map[string]mailer.Position, error) {
	out := map[string]mailer.Position{}
	b, err := os.ReadFile(filepath.Join(d.receipts(), positionsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("receipts: %w", err)
	}
	if json.Unmarshal(b, &out) != nil { // then everything is looked at once more
		return map[string]mailer.Position{}, nil
	}
	return out, nil
}

func (d *Desk) savePositions(p map[string]mailer.Position) error {
	b, err := json.MarshalIndent(p, "", "  ")
	if err == nil {
		err = os.MkdirAll(d.receipts(), 0o755)
	}
	if err == nil {
		err = atomicfile.WriteBytes(filepath.Join(d.receipts(), positionsFile), b)
	}
	if err != nil {
		return fmt.Errorf("receipts: %w", err)
	}
	return nil
}
