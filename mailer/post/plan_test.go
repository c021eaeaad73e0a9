package post

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"baosong/forms/draft"
	"baosong/mailer"
	"baosong/mailer/eml"
	"baosong/mailer/loopback"
	"baosong/mailer/outbox"
)

// The smallest of what the person asked for, both rows and the server's SIZE
// limits a message.
func TestLimit(t *testing.T) {
	const mb = 1_000_000
	for _, tt := range []struct {
		what                string
		size                int64 // announced
		sender, option      int64
		recipient           int64 // its row
		want                int64
		by                  LimitBy
		unknownSenderDomain bool
	}{
		{what: "recipient's row", size: 70 * mb, sender: 36 * mb, recipient: 20 * mb, want: 20 * mb, by: ByRecipient},
		{what: "sender's row", size: 70 * mb, sender: 10 * mb, recipient: 20 * mb, want: 10 * mb, by: BySender},
		{what: "server's size", size: 10 * mb, sender: 20 * mb, recipient: 20 * mb, want: (10*mb - textReserve) / 78 * 57, by: ByServer},
		{what: "a small size", size: 1 * mb, sender: 20 * mb, recipient: 20 * mb, want: (1*mb - 1*mb/16) / 78 * 57, by: ByServer},
		{what: "no size", size: -1, sender: 19 * mb, recipient: 20 * mb, want: 19 * mb, by: BySender},
		{what: "asked for", size: 70 * mb, sender: 20 * mb, option: 3 * mb, recipient: 20 * mb, want: 3 * mb, by: ByOption},
		{what: "asked for too much", size: 70 * mb, sender: 15 * mb, option: 90 * mb, recipient: 20 * mb, want: 15 * mb, by: BySender},
		{what: "nothing known of the sender", size: -1, recipient: 35 * mb, want: mailer.OtherLimit, by: BySender},
	} {
		s := startServers(t, loopback.Options{Size: tt.size})
		d := newDesk(t, s)
		a := s.Account(unitAddr)
		a.Limit = tt.sender
		if err := d.SaveAccount(a, ""); err != nil {
			t.Fatal(err)
		}
		n, err := d.Home.Notice("jilin-2024-sti-workers-day")
		if err != nil {
			t.Fatal(err)
		}
		row := mailer.Provider{
			ID: "recipient", Domains: []string{"126.com"}, SMTP: a.SMTP, IMAP: a.IMAP, Login: mailer.LoginCode, Limit: tt.recipient,
		}
		if err := d.SaveProvider(row); err != nil {
			t.Fatal(err)
		}
		got, by, err := d.limit(t.Context(), n, Options{Account: unitAddr, Limit: tt.option})
		if err != nil || got != tt.want || by != tt.by {
			t.Errorf("%s: %d by %s, %v; want %d by %s", tt.what, got, by, err, tt.want, tt.by)
		}
	}
}

// A server that cannot be reached counts with what it announced last.
func TestLimitOffline(t *testing.T) {
	s := startServers(t, loopback.Options{})
	d := newDesk(t, s)
	a := s.Account(unitAddr)
	a.SMTP.Port, a.Size = closedPort(t), 4_000_000
	if err := d.SaveAccount(a, ""); err != nil {
		t.Fatal(err)
	}
	n, err := d.Home.Notice("jilin-2024-sti-workers-day")
	if err != nil {
		t.Fatal(err)
	}
	got, by, err := d.limit(t.Context(), n, Options{Account: unitAddr})
	if err != nil || got != rawSize(4_000_000) || by != ByServer {
		t.Errorf("%d by %s, %v", got, by, err)
	}
}

func TestEncodedSize(t *testing.T) {
	for _, raw := range []int64{1, 57, 1000, 35_000_000} {
		if got := encodedSize(raw) - textUsual - lineEncoded; float64(got) > 1.37*float64(raw) || float64(got) < 1.36*float64(raw)-100 {
			t.Errorf("%d bytes become %d", raw, got)
		}
	}
	for _, size := range []int64{1 << 20, 20 << 20, 73400320} {
		if raw := rawSize(size); encodedSize(raw) > size || raw < size*2/3 {
			t.Errorf("%d raw bytes for messages of %d", raw, size)
		}
	}
}

// The plan is what then goes out: so many messages, none larger than planned
// for, and fewer when photos are scaled further. Photos are not read for it.
func TestPlanAndFit(t *testing.T) {
	s := startServers(t, loopback.Options{})
	d := newDesk(t, s)
	n, dr := filled(t, d, 1700)
	opt := Options{Account: unitAddr, Limit: 600_000}
	p, err := d.Plan(t.Context(), n, dr, opt)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Messages) < 2 || p.By != ByOption || p.Limit != 600_000 || p.PhotoEdge != 2560 || p.Many {
		t.Fatalf("plan %+v", p)
	}
	fit, fewer, ok, err := d.FitIn(t.Context(), n, dr, opt, len(p.Messages)-1)
	if err != nil || !ok || len(fewer.Messages) >= len(p.Messages) || fit.PhotoEdge >= 2560 || fewer.Encoded() >= p.Encoded() {
		t.Errorf("fit: %v, edge %d, %d messages of %d bytes, was %d of %d; %v",
			ok, fit.PhotoEdge, len(fewer.Messages), fewer.Encoded(), len(p.Messages), p.Encoded(), err)
	}
	if same, _, ok, err := d.FitIn(t.Context(), n, dr, opt, len(p.Messages)); err != nil || !ok || same.PhotoEdge != 2560 {
		t.Errorf("what fits was scaled to %d, %v, %v", same.PhotoEdge, ok, err)
	}
	if _, _, ok, err := d.FitIn(t.Context(), n, dr, Options{Account: unitAddr, Limit: 130_000}, 1); err != nil || ok {
		t.Errorf("what cannot fit: %v, %v", ok, err)
	}
	scan := filepath.Join(t.TempDir(), "扫描件.pdf") // photos are scaled to fit into a message, and this goes in pieces
	if err := os.WriteFile(scan, append([]byte("%PDF-1.4\n"), make([]byte, 2_000_000)...), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := dr.Attach(t.Context(), scan, nil)
	if err != nil {
		t.Fatal(err)
	}
	more := dr.Answers.Clone()
	if err := more.Set("files/stamped_scan", m.ID); err != nil {
		t.Fatal(err)
	}
	if many, err := d.Plan(t.Context(), n, dr, Options{Account: unitAddr, Limit: 120_000, Answers: more}); err != nil || !many.Many || len(many.Messages) <= ManyMessages {
		t.Errorf("%d messages are many: %v, %v", len(many.Messages), many.Many, err)
	}
	job, err := d.Submit(t.Context(), n, dr, fit, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(job.Parts) > len(fewer.Messages) {
		t.Errorf("%d messages, planned were %d", len(job.Parts), len(fewer.Messages))
	}
	for _, part := range job.Parts {
		if part.Size > encodedSize(opt.Limit)+textReserve {
			t.Errorf("message %d has %d bytes", part.N, part.Size)
		}
	}
}

// Answers are planned for as they were when asked, whatever the draft's become.
func TestPlanTakesTheAnswersItIsGiven(t *testing.T) {
	d := newDesk(t, startServers(t, loopback.Options{}))
	n, dr := filled(t, d, 800)
	was := dr.Answers.Clone()
	before, err := d.Plan(t.Context(), n, dr, Options{})
	if err != nil {
		t.Fatal(err)
	}
	*dr.Answers = *n.Example.Clone() // without materials
	after, err := d.Plan(t.Context(), n, dr, Options{Answers: was})
	if err != nil || after.Encoded() != before.Encoded() {
		t.Errorf("%d bytes, want %d, %v", after.Encoded(), before.Encoded(), err)
	}
}

// Nothing that goes out names the second contact of the notice.
func TestOnlyTheDestination(t *testing.T) {
	d := newDesk(t, startServers(t, loopback.Options{}))
	n, dr := filled(t, d, 400)
	job, err := d.Submit(t.Context(), n, dr, Options{Account: unitAddr}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(job.Envelope.To, []string{organizerAddr}) || job.Envelope.From != unitAddr {
		t.Errorf("envelope %+v", job.Envelope)
	}
	raw := readAll(t, d, job.ID, 1)
	head, err := eml.ReadHead(bytes.NewReader(raw))
	if err != nil || len(head.To) != 1 || head.To[0].Addr != organizerAddr || head.From.Addr != unitAddr {
		t.Errorf("to %+v from %+v, %v", head.To, head.From, err)
	}
	if len(head.ReplyTo) != 1 || head.ReplyTo[0].Addr == unitAddr || head.Get("Cc")+head.Get("Bcc") != "" {
		t.Errorf("reply to %+v, copies %q", head.ReplyTo, head.Get("Cc")+head.Get("Bcc"))
	}
	if len(n.Contacts) == 0 {
		t.Fatal("the notice has no second contact")
	}
	m, err := eml.Read(bytes.NewReader(raw), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range n.Contacts {
		if bytes.Contains(raw, []byte(c.Email)) || strings.Contains(m.Text, c.Email) {
			t.Errorf("the message names %s", c.Email)
		}
	}
	n.ReportTo.Email = ""
	if _, err := d.messages(n, nil, mailer.Account{}); !errors.Is(err, ErrNoDestination) {
		t.Errorf("without a destination: %v", err)
	}
}

func readAll(t *testing.T, d *Desk, job string, part int) []byte {
	t.Helper()
	f, err := d.Home.Outbox.Message(job, part)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Handed over as .eml files or as a folder, the report is collected like one
// that was mailed; the folder holds what a person needs to send it by webmail.
func TestHandOver(t *testing.T) {
	d := newDesk(t, startServers(t, loopback.Options{}))
	n, dr := filled(t, d, 900)
	job, err := d.Submit(t.Context(), n, dr, Options{Account: unitAddr, Limit: 150_000}, nil)
	if err != nil || len(job.Parts) < 2 {
		t.Fatal(len(job.Parts), err)
	}
	mails, folder := filepath.Join(t.TempDir(), "邮件"), filepath.Join(t.TempDir(), "U盘")
	files, err := d.SaveMessages(t.Context(), job.ID, mails)
	if err != nil || len(files) != len(job.Parts) {
		t.Fatal(files, err)
	}
	for i, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(raw, append([]byte("X-Unsent: 1\r\n"), readAll(t, d, job.ID, i+1)...)) {
			t.Errorf("%s is another message", filepath.Base(f))
		}
	}
	laid, err := d.SaveFolder(t.Context(), job.ID, folder)
	if err != nil || len(laid) != len(job.Parts) {
		t.Fatal(laid, err)
	}
	for i, h := range laid {
		if !strings.Contains(h.Subject, fmt.Sprintf("第 %d/%d 封", i+1, len(laid))) || len(h.Files) == 0 || !strings.Contains(h.Text, "报送单位") {
			t.Errorf("%+v", h)
		}
		for name, want := range map[string]string{"主题.txt": h.Subject, "正文.txt": h.Text} {
			b, err := os.ReadFile(filepath.Join(folder, h.Folder, name))
			if err != nil || strings.ReplaceAll(string(b), "\r\n", "\n") != "\uFEFF"+strings.TrimRight(want, "\n")+"\n" {
				t.Errorf("%s: %q, %v", name, b, err)
			}
		}
	}
	if note, err := os.ReadFile(filepath.Join(folder, "说明.txt")); err != nil || !strings.Contains(string(note), organizerAddr) {
		t.Errorf("note: %q, %v", note, err)
	}
	for _, dir := range []string{mails, folder} {
		c := newDesk(t, startServers(t, loopback.Options{}))
		sum, err := c.Collect(t.Context(), openLedger(t, c), []string{dir}, nil)
		if err != nil || sum.New != len(job.Parts) || sum.Bad != 0 {
			t.Errorf("collected from %s: %+v, %v", filepath.Base(dir), sum, err)
		}
	}
	if _, err := d.SaveMessages(t.Context(), job.ID, mails); !errors.Is(err, fs.ErrExist) {
		t.Errorf("into a folder that is there: %v", err)
	}
	if _, err := d.SaveFolder(t.Context(), "none", filepath.Join(t.TempDir(), "x")); !errors.Is(err, outbox.ErrNotFound) {
		t.Errorf("of no job: %v", err)
	}
}

// Exporting a draft freezes it only when everything is written.
func TestExportFolder(t *testing.T) {
	d := newDesk(t, startServers(t, loopback.Options{}))
	n, dr := filled(t, d, 400)
	dir := filepath.Join(t.TempDir(), "no", "such", "parent")
	if _, err := d.ExportFolder(t.Context(), n, dr, mailer.Address{Addr: unitAddr}, dir, Options{}, nil); err == nil || dr.State() == draft.Submitted {
		t.Fatalf("error %v, state %s", err, dr.State())
	}
	dir = filepath.Join(t.TempDir(), "U盘")
	laid, err := d.ExportFolder(t.Context(), n, dr, mailer.Address{Addr: unitAddr}, dir, Options{}, nil)
	if err != nil || len(laid) != 1 || dr.State() != draft.Submitted {
		t.Fatalf("%+v, error %v, state %s", laid, err, dr.State())
	}
	for _, f := range laid[0].Files {
		if _, err := os.Stat(f); err != nil {
			t.Error(err)
		}
	}
}

// What a server refuses for its size bounds the messages made next: half of it, or as much as it has taken. A mailbox
// that is full says nothing about sizes.
func TestRefusalBoundsTheNextMessages(t *testing.T) {
	const mb = 1 << 20
	part := func(n int, size int64, kind mailer.Kind) outbox.Part {
		if kind == "" {
			return outbox.Part{N: n, Size: size, State: outbox.Sent}
		}
		return outbox.Part{N: n, Size: size, State: outbox.Failed, Fault: &outbox.Fault{Kind: kind, Step: "data"}}
	}
	for _, tt := range []struct {
		what  string
		parts []outbox.Part
		want  int64
	}{
		{"half of it", []outbox.Part{part(1, 20*mb, mailer.TooLarge)}, rawSize(20*mb) / 2},
		{"what was taken", []outbox.Part{part(1, 15*mb, ""), part(2, 20*mb, mailer.TooLarge)}, rawSize(15 * mb)},
		{"little was taken", []outbox.Part{part(1, 1*mb, ""), part(2, 20*mb, mailer.TooLarge)}, rawSize(20*mb) / 2},
		{"a small message", []outbox.Part{part(1, mb/4, mailer.TooLarge)}, 0},
		{"refused for another reason", []outbox.Part{part(1, 20*mb, mailer.Refused)}, 0},
	} {
		s := startServers(t, loopback.Options{})
		d := newDesk(t, s)
		if err := d.learn(outbox.Job{ID: "s1-r1", Account: unitAddr, Parts: tt.parts}, len(tt.parts)); err != nil {
			t.Errorf("%s: %v", tt.what, err)
		}
		a, err := d.Home.Account(unitAddr)
		if err != nil || a.Bound != tt.want {
			t.Errorf("%s: bound %d, %v; want %d", tt.what, a.Bound, err, tt.want)
		}
	}
}
