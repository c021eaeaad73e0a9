package smtp

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"baosong/mailer"
	"baosong/mailer/loopback"
)

// scripted is a server that answers each line by the first prefix that fits and
// records what it is told.
type scripted struct {
	account mailer.Account
	roots   *x509.CertPool
	lines   chan string
	// patience of the sender; five seconds when 0
	patience time.Duration
}

func newScripted(t *testing.T, security mailer.Security, change func(*tls.Config), answers ...string) *scripted {
	t.Helper()
	https := httptest.NewUnstartedServer(nil)
	https.StartTLS()
	t.Cleanup(https.Close)
	cfg := &tls.Config{Certificates: https.TLS.Certificates}
	if change != nil {
		change(cfg)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	port := ln.Addr().(*net.TCPAddr).Port
	s := &scripted{roots: x509.NewCertPool(), lines: make(chan string, 100)}
	s.roots.AddCert(https.Certificate())
	s.account = mailer.Account{
		Name: unit, Address: mailer.Address{Addr: unit},
		SMTP: mailer.Server{Host: "127.0.0.1", Port: port, Security: security},
	}
	if security == mailer.TLS {
		ln = tls.NewListener(ln, cfg)
	}
	go s.serve(ln, answers)
	return s
}

func (s *scripted) serve(ln net.Listener, answers []string) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			_, _ = io.WriteString(c, "220 ready\r\n")
			for r := bufio.NewScanner(c); r.Scan(); {
				s.lines <- r.Text()
				for _, a := range answers {
					prefix, answer, _ := strings.Cut(a, "|")
					if strings.HasPrefix(r.Text(), prefix) {
						_, _ = io.WriteString(c, answer+"\r\n")
						break
					}
				}
			}
		}()
	}
}

func (s *scripted) send(t *testing.T, m []byte) error {
	t.Helper()
	snd, err := New(s.account, secret("p\u00e4ss 示例"), Options{RootCAs: s.roots, Patience: cmp.Or(s.patience, 5*time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	return send(t.Context(), snd, m)
}

type secret string

func (s secret) Secret(string) (string, error) { return string(s), nil }

func TestConversation(t *testing.T) {
	answers := []string{
		"EHLO|250-example\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH LOGIN XOAUTH2",
		"AUTH LOGIN|334 VXNlcm5hbWU6", "dW5pdDAxQHVuaXRzLmV4YW1wbGU=|334 UGFzc3dvcmQ6", "cMOkc3Mg56S65L6L|235 ok",
		"MAIL|250 ok", "RCPT|250 ok", "DATA|354 go", ".|250 queued", "QUIT|221 bye",
	}
	s := newScripted(t, mailer.TLS, nil, answers...)
	m := []byte("Subject: x\r\n\r\n..a\r\nb")
	if err := s.send(t, m); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"EHLO [127.0.0.1]", "AUTH LOGIN", "dW5pdDAxQHVuaXRzLmV4YW1wbGU=", "cMOkc3Mg56S65L6L",
		fmt.Sprintf("MAIL FROM:<%s> SIZE=%d BODY=8BITMIME", unit, len(m)), "RCPT TO:<" + organizer + ">", "DATA",
		"Subject: x", "", "...a", "b", ".", "QUIT",
	}
	for i, w := range want {
		if got := <-s.lines; got != w {
			t.Errorf("line %d is %q, want %q", i, got, w)
		}
	}
}

// Without protection no login code leaves the machine.
func TestUnprotected(t *testing.T) {
	old := func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }
	for what, tt := range map[string]struct {
		security mailer.Security
		change   func(*tls.Config)
		answer   string
	}{
		"no STARTTLS":      {mailer.STARTTLS, nil, "EHLO|250-example\r\n250 AUTH PLAIN"},
		"STARTTLS refused": {mailer.STARTTLS, nil, "EHLO|250-example\r\n250-AUTH PLAIN\r\n250 STARTTLS"},
		"TLS 1.1":          {mailer.TLS, old, "EHLO|250-example\r\n250 AUTH PLAIN"},
	} {
		s := newScripted(t, tt.security, tt.change, tt.answer, "STARTTLS|454 not now", "AUTH|235 ok", "QUIT|221 bye")
		err := s.send(t, message(100))
		want := mailer.Insecure
		if what == "STARTTLS refused" {
			want = mailer.Temporary
		}
		if e, ok := errors.AsType[*mailer.Error](err); !ok || e.Kind != want || e.Step != "tls" {
			t.Errorf("%s: error %v, want %s", what, err, want)
		}
		for len(s.lines) > 0 {
			line := <-s.lines
			if strings.HasPrefix(line, "AUTH") || strings.HasPrefix(line, "MAIL") {
				t.Errorf("%s: %q was sent", what, line)
			}
		}
	}
	// a row of the provider table may lower the version
	s := newScripted(t, mailer.TLS, old, "EHLO|250-example\r\n250 AUTH PLAIN", "AUTH|535 no", "*|500 no", "QUIT|221 bye")
	s.account.SMTP.MinTLS = "1.0"
	if err := s.send(t, message(100)); mailer.KindOf(err) != mailer.Login {
		t.Errorf("with a lowered version: %v", err)
	}
	// the name on the certificate has to be the server's
	s = newScripted(t, mailer.TLS, nil)
	s.account.SMTP.Host = "localhost"
	if err := s.send(t, message(100)); mailer.KindOf(err) != mailer.Certificate {
		t.Errorf("under another name: %v", err)
	}
}

func TestHostileServer(t *testing.T) {
	flood := "250-" + strings.Repeat("x", 2<<20)
	s := newScripted(t, mailer.TLS, nil, "EHLO|"+flood)
	if err := s.send(t, message(100)); mailer.KindOf(err) != mailer.Protocol {
		t.Errorf("an endless answer: %v", mailer.KindOf(err))
	}
	s = newScripted(t, mailer.TLS, nil, "EHLO|250-example\r\n250 AUTH PLAIN", "AUTH|535 your code p\u00e4ss 示例 is wrong", "*|500 no", "QUIT|221 bye")
	err := s.send(t, message(100))
	if mailer.KindOf(err) != mailer.Login || strings.Contains(fmt.Sprintf("%+v", err), "p\u00e4ss") {
		t.Errorf("the login code is in the error: %v", err)
	}
	// a server that answers nothing after a refusal has refused all the same
	s = newScripted(t, mailer.TLS, nil, "EHLO|250-example\r\n250 AUTH PLAIN", "AUTH|535 no")
	s.patience = 100 * time.Millisecond
	if err := s.send(t, message(100)); mailer.KindOf(err) != mailer.Login {
		t.Errorf("silence after a refusal: %v", err)
	}
	s = newScripted(t, mailer.TLS, nil, "EHLO|250-example\r\n250-SIZE 99999999999999999999\r\n250 AUTH XOAUTH2", "QUIT|221 bye")
	if err := s.send(t, message(100)); mailer.KindOf(err) != mailer.Protocol {
		t.Errorf("no way to log in: %v", err)
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		fault loopback.Fault
		kind  mailer.Kind
		step  string
	}{
		{loopback.Fault{Step: "NOTHING"}, "", ""},
		{loopback.Fault{Step: loopback.Auth, Reply: "535 no"}, mailer.Login, "login"},
		{loopback.Fault{Step: loopback.Mail, Reply: "553 no"}, mailer.Refused, "mail"},
	} {
		var taken sink
		srv := start(t, loopback.Options{Deliver: taken.deliver})
		srv.Script(tt.fault)
		size, err := sender(t, srv, 0).Check(t.Context())
		e, _ := errors.AsType[*mailer.Error](err)
		if mailer.KindOf(err) != tt.kind || e != nil && e.Step != tt.step || taken.count() > 0 || err == nil && size != loopback.DefaultSize {
			t.Errorf("%s: error %v, %d sent", tt.fault.Step, err, taken.count())
		}
	}
	gone := mailer.Account{
		Name: unit, Address: mailer.Address{Addr: unit},
		SMTP: mailer.Server{Host: "no-such-host.invalid", Port: 465, Security: mailer.TLS},
	}
	s, err := New(gone, secret("x"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Check(t.Context()); mailer.KindOf(err) != mailer.Lookup {
		t.Errorf("a name without an address: %v", err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.SMTP.Host, gone.SMTP.Port = "127.0.0.1", ln.Addr().(*net.TCPAddr).Port
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = New(gone, secret("x"), Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Check(t.Context()); mailer.KindOf(err) != mailer.Connect {
		t.Errorf("a closed port: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	good := mailer.Account{
		Name: unit, Address: mailer.Address{Addr: unit},
		SMTP: mailer.Server{Host: "smtp.example.org", Port: 465, Security: mailer.TLS},
	}
	if _, err := New(good, secret("x"), Options{}); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*mailer.Account){
		"address":  func(a *mailer.Account) { a.Address.Addr = "nobody" },
		"host":     func(a *mailer.Account) { a.SMTP.Host = "" },
		"bad host": func(a *mailer.Account) { a.SMTP.Host = "a b\r\n" },
		"port":     func(a *mailer.Account) { a.SMTP.Port = 0 },
		"security": func(a *mailer.Account) { a.SMTP.Security = "none" },
		"version":  func(a *mailer.Account) { a.SMTP.MinTLS = "0.9" },
	} {
		a := good
		change(&a)
		if _, err := New(a, secret("x"), Options{}); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}

// Cancelling while the server takes nothing, or answers nothing, ends at once.
func TestCancel(t *testing.T) {
	for what, tt := range map[string]struct {
		fault loopback.Fault
		kind  mailer.Kind
	}{
		"greeting": {loopback.Fault{Step: loopback.Connect, Hang: true}, mailer.Cancelled},
		"login":    {loopback.Fault{Step: loopback.Auth, Hang: true}, mailer.Cancelled},
		"answer":   {loopback.Fault{Step: loopback.Answer, Hang: true, Kept: true}, mailer.Uncertain},
	} {
		var taken sink
		srv := start(t, loopback.Options{Deliver: taken.deliver})
		srv.Script(tt.fault)
		ctx, stop := context.WithTimeoutCause(t.Context(), time.Minute, nil)
		defer stop()
		done := make(chan error, 1)
		go func() { done <- send(ctx, sender(t, srv, time.Hour), message(1000)) }()
		for srv.Pending() > 0 { // until the server hangs
			time.Sleep(time.Millisecond)
		}
		stop()
		err := <-done
		if mailer.KindOf(err) != tt.kind || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want %s", what, err, tt.kind)
		}
	}
}

func FuzzDotWriter(f *testing.F) {
	for _, s := range []string{"", ".", "..", ".\r\n", "a\r\n.\r\nb", "a\r\n..b\r\n", "\r\n.", "a\n.b", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r", ""), "\n", "\r\n")
		var b bytes.Buffer
		w := &dotWriter{w: bufio.NewWriter(&b), lineStart: true}
		if _, err := io.Copy(w, iotest.OneByteReader(strings.NewReader(s))); err != nil {
			t.Fatal(err)
		}
		if err := w.finish(); err != nil {
			t.Fatal(err)
		}
		one := b.String()
		b.Reset()
		w = &dotWriter{w: bufio.NewWriter(&b), lineStart: true}
		if _, err := io.WriteString(w, s); err != nil {
			t.Fatal(err)
		}
		if err := w.finish(); err != nil || b.String() != one {
			t.Fatalf("in one piece %q, in bytes %q, error %v", b.String(), one, err)
		}
		got, err := textproto.NewReader(bufio.NewReader(strings.NewReader(one + ".\r\nrest"))).ReadDotBytes()
		want := strings.ReplaceAll(s, "\r\n", "\n")
		if want != "" && !strings.HasSuffix(want, "\n") {
			want += "\n"
		}
		if err != nil || string(got) != want {
			t.Fatalf("%q arrives as %q, error %v", want, got, err)
		}
	})
}
