package post

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"baosong/forms"
	"baosong/forms/atomicfile"
	"baosong/forms/ledger"
	"baosong/mailer"
	"baosong/mailer/eml"
	"baosong/mailer/outbox"
)

// ReceiptFormat is the format of the receipt in a message.
const ReceiptFormat = "baosong-receipt/1"

const (
	receiptName = "回执.json"
	maxReceipt  = 1 << 20 // bytes
)

// noteName is what a stranger's submission id must look like to name a file.
var noteName = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// Receipt is the organizer's answer to a Submission.
type Receipt struct {
	Format     string              `json:"format"`
	Submission forms.SubmissionRef `json:"submission"`
	Notice     string              `json:"notice"`
	Unit       string              `json:"unit"`
	State      string              `json:"state"` // received, returned, confirmed
	Reasons    []Reason            `json:"reasons,omitempty"`
	By         string              `json:"by"` // the department
	Received   time.Time           `json:"received"`
	At         time.Time           `json:"at"`

	// From is the address it came from, and Trusted whether that is the one the
	// notice is answered by. Both are what this side saw.
	From    string `json:"from,omitempty"`
	Trusted bool   `json:"trusted,omitempty"`
}

// Reason is what is to be corrected in the answer to one question.
type Reason struct {
	Path  forms.Path `json:"path,omitempty"`
	Where string     `json:"where"` // its label
	Text  string     `json:"text"`
}

// Acknowledge queues a receipt that tells the unit of a submission its state.
func (d *Desk) Acknowledge(ctx context.Context, l *ledger.Ledger, n *forms.Notice, ref forms.SubmissionRef, account string) (outbox.Job, error) {
	v, err := l.Get(ctx, ref.ID, ref.Revision)
	if err != nil {
		return outbox.Job{}, err
	}
	a, _, _, err := d.account(account)
	if err != nil {
		return outbox.Job{}, err
	}
	r := receiptOf(n, v, d.Now())
	m, err := d.templates.message("receipt", struct {
		Receipt
		Notice *forms.Notice
		Report *forms.Report
	}{r, n, &v.Report})
	if err != nil {
		return outbox.Job{}, fmt.Errorf("acknowledge %s: %w", ref, err)
	}
	body, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return outbox.Job{}, err
	}
	to := mailer.Address{Name: v.Unit.Name, Addr: v.Unit.Email}
	if err := to.Validate(); err != nil {
		return outbox.Job{}, fmt.Errorf("acknowledge %s: %w", ref, err)
	}
	m.From, m.To, m.Date = a.Address, []mailer.Address{to}, r.At
	if m.MessageID, err = eml.NewMessageID(a.Address); err != nil {
		return outbox.Job{}, err
	}
	m.Attachments = []mailer.Attachment{{
		Name: receiptName, MediaType: "application/json", Size: int64(len(body)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil },
	}}
	job := outbox.Job{
		ID: fmt.Sprintf("receipt-%s-%d", ref, r.At.UnixMilli()), Title: m.Subject, Account: account, Created: r.At,
		Envelope: mailer.Envelope{From: a.Address.Addr, To: []string{to.Addr}},
		About:    map[string]string{"notice": n.ID, "kind": "receipt"},
	}
	return d.Home.Outbox.Add(ctx, job, []outbox.Compose{func(w io.Writer) (string, error) { return m.MessageID, eml.Write(w, m) }}, func() error {
		return l.Acknowledge(ctx, ref, ledger.Receipt{As: v.Status, To: to.Addr, MessageID: m.MessageID, At: r.At})
	})
}

func receiptOf(n *forms.Notice, v ledger.Detail, now time.Time) Receipt {
	r := Receipt{
		Format: ReceiptFormat, Submission: v.Ref, Notice: n.ID, Unit: v.Unit.Name, State: string(v.Status),
		By: n.ReportTo.Department, Received: v.Completed, At: now,
	}
	if len(v.Reviews) == 0 {
		return r
	}
	last := v.Reviews[len(v.Reviews)-1].Reasons
	for _, p := range sortedPaths(last) {
		where := n.ShortTitle
		if q := n.Form.Lookup(p); q != nil {
			where = q.Label.In(n.Form.Default)
		}
		r.Reasons = append(r.Reasons, Reason{Path: p, Where: where, Text: last[p]})
	}
	return r
}

// ImportReceipt reads a receipt from the message it came in and keeps it. The
// error is ErrNoReceipt when there is none in it. An older receipt does not
// take the place of a newer one, nor one from a stranger that of a trusted one.
func (d *Desk) ImportReceipt(message io.Reader) (Receipt, error) {
	r, err := parseReceipt(message)
	if err != nil {
		return r, err
	}
	return r, d.keepReceipt(&r)
}

func parseReceipt(message io.Reader) (Receipt, error) {
	var r Receipt
	found := false
	_, err := eml.Read(message, func(p eml.Part) error {
		if found || p.MediaType != "application/json" && filepath.Ext(p.Name) != ".json" {
			return nil
		}
		b, err := io.ReadAll(io.LimitReader(p.Body, maxReceipt))
		if err != nil {
			return err
		}
		var got Receipt
		if json.Unmarshal(b, &got) == nil && got.Format == ReceiptFormat && noteName.MatchString(got.Submission.ID) && got.Submission.Revision > 0 {
			got.From, got.Trusted = fromOf(p.Message), false
			r, found = got, true
		}
		return nil
	})
	if err != nil {
		return r, err
	}
	if !found {
		return r, ErrNoReceipt
	}
	return r, nil
}

// keepReceipt finds out whether the receipt can be trusted, and keeps it.
func (d *Desk) keepReceipt(r *Receipt) error {
	if n, err := d.Home.Notice(r.Notice); err == nil {
		r.Trusted = strings.EqualFold(r.From, n.ReportTo.Email)
	}
	path := filepath.Join(d.receipts(), r.Submission.String()+".json")
	if old, err := readReceipt(path); err == nil && (old.At.After(r.At) || old.Trusted && !r.Trusted) {
		return nil
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.MkdirAll(d.receipts(), 0o755)
	}
	if err == nil {
		err = atomicfile.WriteBytes(path, b)
	}
	if err != nil {
		return fmt.Errorf("keep receipt: %w", err)
	}
	return nil
}
