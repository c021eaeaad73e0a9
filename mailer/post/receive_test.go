package post

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"baosong/forms"
	"baosong/forms/ledger"
	"baosong/mailer"
	"baosong/mailer/eml"
	"baosong/mailer/loopback"
)

// submitted returns the messages of a report in several parts.
func submitted(t *testing.T, d *Desk) [][]byte {
	t.Helper()
	n, dr := filled(t, d, 500)
	job, err := d.Submit(t.Context(), n, dr, Options{Account: unitAddr, Limit: 150_000}, nil)
	if err != nil || len(job.Parts) < 2 {
		t.Fatalf("%d parts, %v", len(job.Parts), err)
	}
	var out [][]byte
	for _, p := range job.Parts {
		out = append(out, readAll(t, d, job.ID, p.N))
	}
	return out
}

func plainMail(from, subject string, attachments ...mailer.Attachment) []byte {
	var b bytes.Buffer
	err := eml.Write(&b, mailer.Message{
		From: mailer.Address{Addr: from}, To: []mailer.Address{{Addr: organizerAddr}}, Subject: subject,
		Date: time.Date(2024, 6, 7, 9, 0, 0, 0, time.UTC), MessageID: fmt.Sprintf("%x@unit.example", subject), Text: "请查收", Attachments: attachments,
	})
	if err != nil {
		panic(err)
	}
	return b.Bytes()
}

func file(name, mediaType string, content []byte) mailer.Attachment {
	return mailer.Attachment{
		Name: name, MediaType: mediaType, Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}
}

const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

func forwardInside(m []byte) []byte {
	return plainMail("office@unit.example", "转发：材料", file("转发.eml", "application/octet-stream", m))
}

func write(t *testing.T, path string, content []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// wordFile is a zip like a .docx, and no package.
func wordFile(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("word/document.xml")
	if err == nil {
		_, err = io.WriteString(w, "<w:document/>")
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A message whose only package is damaged is told of, and listed with what is
// wrong, so that a person can ask for it again or enter it by hand.
func TestDamagedPackageIsListed(t *testing.T) {
	s := startServers(t, loopback.Options{})
	d := newDesk(t, s)
	m := plainMail(unitAddr, "材料", file("材料包.zip", "application/zip", []byte("PK\x03\x04 cut short")))
	if err := s.Put(organizerAddr, "INBOX", m); err != nil {
		t.Fatal(err)
	}
	l := openLedger(t, d)
	sum, err := d.Collect(t.Context(), l, []string{organizerAddr}, nil)
	if err != nil || sum != (Collected{Messages: 1, Bad: 1}) {
		t.Errorf("%+v, %v", sum, err)
	}
	if list, err := l.Unrecognised(t.Context()); err != nil || len(list) != 1 || !strings.Contains(list[0].Problem, "材料包.zip") {
		t.Errorf("%+v, %v", list, err)
	}
}

// The same messages give the same ledger as .eml files, as a folder, as an
// mbox and from a mailbox: forwarded, out of order, some twice, under other
// names, with mails in between that hold no package.
func TestCollectWhereverItLies(t *testing.T) {
	parts := submitted(t, newDesk(t, startServers(t, loopback.Options{})))
	other := plainMail("old@unit.example", "按老办法报送", file("活动总结.docx", docx, wordFile(t)))
	mails := [][]byte{parts[len(parts)-1], other, forwardInside(parts[0]), parts[0]}
	mails = append(mails, parts[1:]...)

	sources := map[string]func(t *testing.T, d *Desk, s *loopback.Server) []string{
		"eml files": func(t *testing.T, _ *Desk, _ *loopback.Server) (out []string) {
			for i, m := range mails {
				out = append(out, write(t, filepath.Join(t.TempDir(), fmt.Sprintf("%d.eml", i)), m))
			}
			return out
		},
		"a folder": func(t *testing.T, _ *Desk, _ *loopback.Server) []string {
			dir := t.TempDir()
			for i, m := range mails {
				write(t, filepath.Join(dir, fmt.Sprint(i%2), fmt.Sprintf("导出 %d.txt", i)), m)
			}
			return []string{dir}
		},
		"an mbox": func(t *testing.T, _ *Desk, _ *loopback.Server) []string {
			var b bytes.Buffer
			for _, m := range mails {
				b.WriteString("From a@b.example Tue Nov 24 00:03:21 2026\n")
				b.Write(bytes.ReplaceAll(m, []byte("\r\n"), []byte("\n")))
				b.WriteString("\n")
			}
			return []string{write(t, filepath.Join(t.TempDir(), "收件箱.mbox"), b.Bytes())}
		},
		"a mailbox": func(t *testing.T, _ *Desk, s *loopback.Server) []string {
			for i, m := range mails {
				folder := "INBOX"
				if i%2 == 1 {
					folder = loopback.Junk
				}
				if err := s.Put(organizerAddr, folder, m); err != nil {
					t.Fatal(err)
				}
			}
			return []string{organizerAddr}
		},
	}
	for what, make := range sources {
		t.Run(what, func(t *testing.T) {
			s := startServers(t, loopback.Options{RequireID: what == "a mailbox"})
			d := newDesk(t, s)
			from := make(t, d, s)
			l := openLedger(t, d)
			sum, err := d.Collect(t.Context(), l, from, nil)
			want := Collected{Messages: len(mails), New: len(parts), Again: 2, Other: 1}
			if err != nil || sum != want {
				t.Fatalf("%+v, %v; want %+v", sum, err, want)
			}
			list, err := l.Submissions(t.Context(), "", ledger.Filter{})
			if err != nil || len(list) != 1 || list[0].Have != len(parts) || list[0].Late {
				t.Errorf("submissions %+v, %v", list, err)
			}
			mails, err := l.Unrecognised(t.Context())
			if err != nil || len(mails) != 1 || mails[0].From != "old@unit.example" || mails[0].Subject != "按老办法报送" ||
				!slices.Equal(mails[0].Attachments, []string{"活动总结.docx"}) {
				t.Errorf("without a package: %+v, %v", mails, err)
			}
			enterByHand(t, d, l, mails[0].Source)
			again, err := d.Collect(t.Context(), l, from, nil)
			if err != nil || again.New != 0 || again.Bad != 0 {
				t.Errorf("once more: %+v, %v", again, err)
			}
		})
	}
}

// enterByHand enters a message with a Word file, twice, and looks for it.
func enterByHand(t *testing.T, d *Desk, l *ledger.Ledger, source string) {
	t.Helper()
	n, err := d.Home.Notice("jilin-2024-sti-workers-day")
	if err != nil {
		t.Fatal(err)
	}
	unit := forms.Unit{Name: "示例学会", Kind: "市级学会（协会）", Email: "old@unit.example"}
	ref, err := d.EnterByHand(t.Context(), l, n, source, unit)
	if err != nil {
		t.Fatalf("by hand: %v", err)
	}
	if again, err := d.EnterByHand(t.Context(), l, n, source, unit); err != nil || again != ref {
		t.Errorf("by hand once more: %v, %v", again, err)
	}
	got, err := l.Get(t.Context(), ref.ID, 0)
	if err != nil || got.Unit.Name != unit.Name || got.Deliveries != 1 || got.Messages != 1 || len(got.Report.Materials) != 1 || got.Report.Materials[0].Name != "活动总结.docx" {
		t.Fatalf("entered %+v, %v", got, err)
	}
	b, err := os.ReadFile(filepath.Join(got.Arrivals[0].Folder, got.Report.Materials[0].File))
	if err != nil || !bytes.Equal(b, wordFile(t)) {
		t.Errorf("attachment %q, %v", b, err)
	}
	if left, err := l.Unrecognised(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("still listed: %v, %v", left, err)
	}
	out := filepath.Join(t.TempDir(), "汇总.xlsx")
	if err := d.Rollup(t.Context(), l, n, out, func(s string) string { return s }); err != nil {
		t.Errorf("rolled up: %v", err)
	}
	for _, gone := range []string{"mail:" + organizerAddr + "/INBOX/1/999", "mail:x", "file:/no/such.eml", "file:/no/such.mbox#2", ""} {
		if _, err := d.EnterByHand(t.Context(), l, n, gone, unit); err == nil {
			t.Errorf("%q: entered", gone)
		}
	}
	if _, err := d.EnterByHand(t.Context(), l, n, source, forms.Unit{}); !errors.Is(err, ledger.ErrInvalid) {
		t.Errorf("without a unit: %v", err)
	}
}

func TestMayHoldPackage(t *testing.T) {
	for name, want := range map[string]bool{
		"材料包.zip": true, "材料包.ZIP": true, "材料包": true, "材料包.dat": true, "转发.eml": true, "a.bin": true, "a.zip.txt1": true,
		"application/octet-stream": true, "application/zip": true, "message/rfc822": true,
		"照片.JPG": false, "总结.docx": false, "image/png": false, "text/calendar": false, "a.pdf": false,
	} {
		if got := mayHoldPackage(mailer.Summary{Attachments: []string{name}}); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	if mayHoldPackage(mailer.Summary{}) || !mayHoldPackage(mailer.Summary{Attachments: []string{"a.jpg", "b.zip"}}) {
		t.Error("none, or one among others")
	}
}

// A unit's mailbox yields the organizer's receipts, once; a stranger's does not
// take the place of a trusted one.
func TestFetchReceipts(t *testing.T) {
	s := startServers(t, loopback.Options{})
	unit, organizer := newDesk(t, s), newDesk(t, s)
	n, dr := filled(t, unit, 400)
	organizer.Now = unit.Now
	job, err := unit.Submit(t.Context(), n, dr, Options{Account: unitAddr}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pass(t, unit)
	l := openLedger(t, organizer)
	if sum, err := organizer.Collect(t.Context(), l, []string{organizerAddr}, nil); err != nil || sum.New != 1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	ref := dr.Submission()
	review := ledger.Review{As: ledger.Returned, Reasons: map[forms.Path]string{"unit/phone": "电话少一位"}, At: unit.Now()}
	if err := l.Review(t.Context(), ref, review); err != nil {
		t.Fatal(err)
	}
	v, err := l.Get(t.Context(), ref.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := organizer.Acknowledge(t.Context(), l, n, ref, organizerAddr)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(receipt.Envelope.To, []string{v.Unit.Email}) {
		t.Errorf("receipt goes to %v", receipt.Envelope.To)
	}
	raw := readAll(t, organizer, receipt.ID, 1)
	stranger := bytes.ReplaceAll(raw, []byte(organizerAddr), []byte("stranger@elsewhere.example"))
	for _, m := range [][]byte{plainMail("a@b.example", "无关"), raw, stranger} {
		if err := s.Put(unitAddr, "INBOX", m); err != nil {
			t.Fatal(err)
		}
	}
	var told []Receipt
	count, err := unit.FetchReceipts(t.Context(), unitAddr, func(r Receipt) { told = append(told, r) })
	if err != nil || count != 2 || !told[0].Trusted || told[1].Trusted || told[1].From != "stranger@elsewhere.example" {
		t.Fatalf("%d receipts: %+v, %v", count, told, err)
	}
	kept, err := unit.Receipts()
	if err != nil || len(kept) != 1 || !kept[0].Trusted || kept[0].Submission.String() != job.ID || kept[0].State != "returned" ||
		len(kept[0].Reasons) != 1 || kept[0].Reasons[0].Text != "电话少一位" {
		t.Errorf("kept %+v, %v", kept, err)
	}
	if again, err := unit.FetchReceipts(t.Context(), unitAddr, nil); err != nil || again != 0 {
		t.Errorf("fetched again: %d, %v", again, err)
	}
	if _, err := unit.ImportReceipt(strings.NewReader("From: a@b.example\r\n\r\nnothing")); !errors.Is(err, ErrNoReceipt) {
		t.Errorf("no receipt: %v", err)
	}
}

// Of a mailbox full of other mail only the message with a package is fetched.
func TestOnlyPackagesAreFetched(t *testing.T) {
	const others = 250
	s := startServers(t, loopback.Options{})
	d := newDesk(t, s)
	for i := range others {
		m := plainMail("old@unit.example", fmt.Sprintf("其他 %d", i), file("总结.docx", docx, wordFile(t)))
		if i == 100 {
			n, dr := filled(t, d, 400)
			job, err := d.Submit(t.Context(), n, dr, Options{Account: unitAddr}, nil)
			if err != nil {
				t.Fatal(err)
			}
			m = readAll(t, d, job.ID, 1)
		}
		if err := s.Put(organizerAddr, "INBOX", m); err != nil {
			t.Fatal(err)
		}
	}
	l := openLedger(t, d)
	sum, err := d.Collect(t.Context(), l, []string{organizerAddr}, nil)
	if err != nil || sum != (Collected{Messages: others, New: 1, Other: others - 1}) {
		t.Errorf("%+v, %v", sum, err)
	}
	// the list of UIDs, three batches of summaries, one message
	if got := s.Count(loopback.IMAPFetch); got != 1+3+1 {
		t.Errorf("%d FETCH commands", got)
	}
	if list, err := l.Unrecognised(t.Context()); err != nil || len(list) != others-1 {
		t.Errorf("%d listed, %v", len(list), err)
	}
	if n, seen, deleted, err := s.Status(organizerAddr, "INBOX"); err != nil || n != others || seen+deleted != 0 {
		t.Errorf("%d messages, %d seen, %d deleted, %v", n, seen, deleted, err)
	}
}
