// Package conformance holds the tests every [mailer.Sender] and
// [mailer.Mailbox] has to pass, against whatever servers they are given.
package conformance

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"baosong/mailer"
	"baosong/mailer/eml"
)

// Site is a pair of servers with two accounts, and the ports under test.
type Site struct {
	From, To mailer.Account // whose mailboxes exist and are empty at the start
	Unknown  string         // a recipient the server refuses
	Secrets  mailer.Secrets
	Roots    *x509.CertPool
	// Limit is the SIZE the server announces, 0 if it announces none.
	Limit int64
	// SendOnly says that the Mailbox is only a way to see what has arrived.
	SendOnly bool
	// Delivery is how long a message may take into the mailbox.
	Delivery time.Duration

	Sender  func(mailer.Account, mailer.Secrets, *x509.CertPool) (mailer.Sender, error)
	Mailbox func(context.Context, mailer.Account, mailer.Secrets, *x509.CertPool) (mailer.Mailbox, error)
}

// Run tests both ports.
func Run(t *testing.T, site Site) {
	t.Run("delivers", func(t *testing.T) { delivers(t, site) })
	t.Run("refuses", func(t *testing.T) { refuses(t, site) })
	t.Run("login", func(t *testing.T) { login(t, site) })
	t.Run("certificate", func(t *testing.T) { certificate(t, site) })
	t.Run("cancel", func(t *testing.T) { cancel(t, site) })
	if !site.SendOnly {
		t.Run("mailbox", func(t *testing.T) { mailbox(t, site) })
	}
}

func (s Site) sender(t *testing.T) mailer.Sender {
	t.Helper()
	sender, err := s.Sender(s.From, s.Secrets, s.Roots)
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func (s Site) open(t *testing.T) mailer.Mailbox {
	t.Helper()
	box, err := s.Mailbox(t.Context(), s.To, s.Secrets, s.Roots)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Errorf("close mailbox: %v", err)
		}
	})
	return box
}

func (s Site) envelope() mailer.Envelope {
	return mailer.Envelope{From: s.From.Address.Addr, To: []string{s.To.Address.Addr}}
}

// compose makes a message that holds the marks protocols could trip over.
func (s Site) compose(t *testing.T, subject, text string, content []byte) []byte {
	t.Helper()
	id, err := eml.NewMessageID(s.From.Address)
	if err != nil {
		t.Fatal(err)
	}
	m := mailer.Message{
		From: s.From.Address, To: []mailer.Address{s.To.Address}, Subject: subject, Date: time.Now(),
		MessageID: id, Text: text,
	}
	if content != nil {
		m.Attachments = []mailer.Attachment{{
			Name: "材料包.zip", MediaType: "application/zip", Size: int64(len(content)),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		}}
	}
	var b bytes.Buffer
	if err := eml.Write(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// await lists the inbox until a message of that subject is there.
func (s Site) await(t *testing.T, box mailer.Mailbox, subject string) (mailer.Summary, bool) {
	t.Helper()
	deadline := time.Now().Add(s.Delivery)
	for {
		var hit mailer.Summary
		var ok bool
		_, err := box.List(t.Context(), "INBOX", mailer.Position{}, func(m mailer.Summary) error {
			if m.Subject == subject {
				hit, ok = m, true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if ok || time.Now().After(deadline) {
			return hit, ok
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func fetch(t *testing.T, box mailer.Mailbox, s mailer.Summary) []byte {
	t.Helper()
	var b bytes.Buffer
	var last, total int64
	err := box.Fetch(t.Context(), "INBOX", s, &b, func(done, size int64) {
		if done < last {
			t.Errorf("progress went back from %d to %d", last, done)
		}
		last, total = done, size
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != total || total != int64(b.Len()) || s.Size != total {
		t.Errorf("progress ended at %d of %d, fetched %d, listed as %d", last, total, b.Len(), s.Size)
	}
	return b.Bytes()
}

// What is sent arrives as it was, byte for byte behind the lines the servers add.
func delivers(t *testing.T, s Site) {
	dots := ".\r\n..\r\n.leading\r\nFrom here\r\n\r\n.\r\n"
	raw := func(subject, body string) []byte {
		return []byte("From: <" + s.From.Address.Addr + ">\r\nTo: <" + s.To.Address.Addr + ">\r\nSubject: " + subject +
			"\r\nMessage-ID: <" + subject + "@test.example>\r\nDate: Tue, 24 Nov 2026 09:30:00 +0800\r\n\r\n" + body)
	}
	messages := map[string][]byte{
		"conformance-dots":    raw("conformance-dots", dots),
		"conformance-empty":   raw("conformance-empty", ""),
		"conformance-dot-end": raw("conformance-dot-end", "x\r\n."+"\r\n"),
		"【报送】一致性｜中文":          s.compose(t, "【报送】一致性｜中文", "正文\n.\n", nil),
		"conformance-megabyte": s.compose(t, "conformance-megabyte", "text",
			bytes.Repeat([]byte("0123456789abcdef"), 1<<16)),
	}
	box := s.open(t)
	for subject, message := range messages {
		var last int64
		err := s.sender(t).Send(t.Context(), s.envelope(), bytes.NewReader(message), int64(len(message)), func(done, total int64) {
			if done < last || done > total || total != int64(len(message)) {
				t.Errorf("progress %d of %d after %d", done, total, last)
			}
			last = done
		})
		if err != nil {
			t.Fatalf("%s: %v", subject, err)
		}
		if last != int64(len(message)) {
			t.Errorf("%s: progress ended at %d of %d", subject, last, len(message))
		}
		summary, ok := s.await(t, box, subject)
		if !ok {
			t.Errorf("%s did not arrive", subject)
			continue
		}
		if got := fetch(t, box, summary); !bytes.HasSuffix(got, message) {
			t.Errorf("%s arrived changed:\n%.500q\nwas\n%.500q", subject, got, message)
		}
		if summary.From.Addr != s.From.Address.Addr || summary.MessageID == "" || summary.Date.IsZero() {
			t.Errorf("%s: summary is %+v", subject, summary)
		}
		if subject == "conformance-megabyte" && !slices.Equal(summary.Attachments, []string{"材料包.zip"}) {
			t.Errorf("attachments are %q", summary.Attachments)
		}
	}
}

func wantKind(t *testing.T, what string, err error, kind mailer.Kind, steps ...string) {
	t.Helper()
	e, ok := errors.AsType[*mailer.Error](err)
	if !ok {
		t.Errorf("%s: error %v, want one of kind %s", what, err, kind)
		return
	}
	if e.Kind != kind || len(steps) > 0 && !slices.Contains(steps, e.Step) || e.Host == "" {
		t.Errorf("%s: kind %s at step %q of %q, want %s at %q (%v)", what, e.Kind, e.Step, e.Host, kind, steps, err)
	}
}

// What cannot be delivered is refused with the kind of the reason, and nothing arrives.
func refuses(t *testing.T, s Site) {
	sender, subject := s.sender(t), "conformance-refused"
	message := s.compose(t, subject, "text", nil)
	send := func(env mailer.Envelope, r io.Reader, size int64) error {
		return sender.Send(t.Context(), env, r, size, nil)
	}
	size := int64(len(message))
	good := s.envelope()

	unknown := mailer.Envelope{From: good.From, To: []string{good.To[0], s.Unknown}}
	wantKind(t, "unknown recipient", send(unknown, bytes.NewReader(message), size), mailer.Refused, "rcpt")
	injected := mailer.Envelope{From: good.From, To: []string{good.To[0] + ">\r\nDATA"}}
	wantKind(t, "a line break in an address", send(injected, bytes.NewReader(message), size), mailer.Refused)
	wantKind(t, "no recipient", send(mailer.Envelope{From: good.From}, bytes.NewReader(message), size), mailer.Refused)
	wantKind(t, "shorter than said", send(good, bytes.NewReader(message), size+1), mailer.Local)
	wantKind(t, "longer than said", send(good, bytes.NewReader(message), size-1), mailer.Local)
	broken := errors.New("disk gone")
	err := send(good, io.MultiReader(bytes.NewReader(message[:size/2]), failing{broken}), size)
	wantKind(t, "a file that cannot be read", err, mailer.Local)
	if !errors.Is(err, broken) {
		t.Errorf("the cause is lost: %v", err)
	}

	limit, err := sender.Limit(t.Context())
	if err != nil || limit != s.Limit {
		t.Errorf("limit %d, error %v, want %d", limit, err, s.Limit)
	}
	if limit > 0 {
		wantKind(t, "too large", send(good, failing{errors.New("was read")}, limit+1), mailer.TooLarge)
	}
	if _, ok := (Site{Delivery: s.Delivery / 4}).await(t, s.open(t), subject); ok {
		t.Error("a refused message arrived")
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type wrongSecret struct{}

const wrongCode = "wrong-code-8731"

func (wrongSecret) Secret(string) (string, error) { return wrongCode, nil }

type noSecret struct{}

func (noSecret) Secret(a string) (string, error) { return "", fmt.Errorf("no code for %s", a) }

func login(t *testing.T, s Site) {
	for what, tt := range map[string]struct {
		secrets mailer.Secrets
		kind    mailer.Kind
	}{
		"wrong code": {wrongSecret{}, mailer.Login},
		"no code":    {noSecret{}, mailer.NoSecret},
	} {
		sender, err := s.Sender(s.From, tt.secrets, s.Roots)
		if err != nil {
			t.Fatal(err)
		}
		message := "Subject: x\r\n\r\n"
		err = sender.Send(t.Context(), s.envelope(), strings.NewReader(message), int64(len(message)), nil)
		wantKind(t, what, err, tt.kind, "login")
		if strings.Contains(fmt.Sprintf("%+v", err), wrongCode) {
			t.Errorf("%s: the code is in the error: %v", what, err)
		}
		if s.SendOnly {
			continue
		}
		_, err = s.Mailbox(t.Context(), s.To, tt.secrets, s.Roots)
		wantKind(t, what, err, tt.kind, "login")
		if strings.Contains(fmt.Sprintf("%+v", err), wrongCode) {
			t.Errorf("%s: the code is in the error: %v", what, err)
		}
	}
}

// A server whose certificate is not known gets no login code.
func certificate(t *testing.T, s Site) {
	strangers := x509.NewCertPool()
	sender, err := s.Sender(s.From, neverAsked{t}, strangers)
	if err != nil {
		t.Fatal(err)
	}
	message := "Subject: x\r\n\r\n"
	err = sender.Send(t.Context(), s.envelope(), strings.NewReader(message), int64(len(message)), nil)
	wantKind(t, "unknown authority", err, mailer.Certificate, "tls")
	if !s.SendOnly {
		_, err = s.Mailbox(t.Context(), s.To, neverAsked{t}, strangers)
		wantKind(t, "unknown authority", err, mailer.Certificate, "tls")
	}
}

type neverAsked struct{ t *testing.T }

func (n neverAsked) Secret(string) (string, error) {
	n.t.Error("the login code was asked for")
	return "", errors.New("not given")
}

func cancel(t *testing.T, s Site) {
	ctx, stop := context.WithCancel(t.Context())
	message := s.compose(t, "conformance-cancelled", "text", make([]byte, 3<<20))
	err := s.sender(t).Send(ctx, s.envelope(), bytes.NewReader(message), int64(len(message)), func(done, _ int64) {
		if done > 1<<20 {
			stop()
		}
	})
	wantKind(t, "cancelled half way", err, mailer.Cancelled)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the cause is lost: %v", err)
	}
	err = s.sender(t).Send(ctx, s.envelope(), bytes.NewReader(message), int64(len(message)), nil)
	wantKind(t, "cancelled before", err, mailer.Cancelled)
	if _, err = s.sender(t).Limit(ctx); err == nil {
		t.Error("Limit works after the end of its context")
	}
	if !s.SendOnly {
		_, err = s.Mailbox(ctx, s.To, s.Secrets, s.Roots)
		wantKind(t, "cancelled before", err, mailer.Cancelled)
	}
	if _, ok := (Site{Delivery: s.Delivery / 4}).await(t, s.open(t), "conformance-cancelled"); ok {
		t.Error("a cancelled message arrived")
	}
}
