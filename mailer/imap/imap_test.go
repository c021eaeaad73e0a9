package imap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"baosong/mailer"
	"baosong/mailer/loopback"
)

const organizer = "collect@organizer.example"

func start(t *testing.T, opts loopback.Options) *loopback.Server {
	t.Helper()
	opts.Accounts = []loopback.Login{{Address: mailer.Address{Addr: organizer}, Code: "c0llect"}}
	s, err := loopback.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func open(t *testing.T, s *loopback.Server) *Mailbox {
	t.Helper()
	m, err := Open(t.Context(), s.Account(organizer), s, Options{RootCAs: s.RootCAs()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func put(t *testing.T, s *loopback.Server, folder, subject string, content int) {
	t.Helper()
	m := fmt.Sprintf("From: a@b.example\r\nSubject: %s\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\ntext\r\n--x\r\n"+
		"Content-Type: application/zip; name=a.zip\r\n\r\n%s\r\n--x--\r\n", subject, bytes.Repeat([]byte("0"), content))
	if err := s.Put(organizer, folder, []byte(m)); err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, m *Mailbox, folder string, since mailer.Position) ([]string, mailer.Position) {
	t.Helper()
	var subjects []string
	pos, err := m.List(t.Context(), folder, since, func(s mailer.Summary) error {
		subjects = append(subjects, s.Subject)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return subjects, pos
}

// The ID command is given right after the login: to a server that opens no
// folder without it, to one that answers BAD, and to one that refuses it.
func TestID(t *testing.T) {
	for what, tt := range map[string]struct {
		requires bool
		fault    *loopback.Fault
		kind     mailer.Kind
	}{
		"wanted":           {requires: true},
		"BAD":              {},
		"NO":               {fault: &loopback.Fault{Step: loopback.IMAPID, Reply: "NO not now"}},
		"dropped":          {fault: &loopback.Fault{Step: loopback.IMAPID, Drop: true}, kind: mailer.Connect},
		"wanted, and lost": {requires: true, fault: &loopback.Fault{Step: loopback.IMAPID, Reply: "OK"}, kind: mailer.Refused},
	} {
		t.Run(what, func(t *testing.T) {
			s := start(t, loopback.Options{RequireID: tt.requires})
			put(t, s, "INBOX", "one", 10)
			if tt.fault != nil {
				s.Script(*tt.fault)
			}
			m, err := Open(t.Context(), s.Account(organizer), s, Options{RootCAs: s.RootCAs()})
			if err == nil {
				defer m.Close()
				_, err = m.List(t.Context(), "INBOX", mailer.Position{}, func(mailer.Summary) error { return nil })
			}
			if mailer.KindOf(err) != tt.kind || s.Pending() != 0 {
				t.Errorf("error %v, want kind %q; %d faults left", err, tt.kind, s.Pending())
			}
			if tt.kind == mailer.Refused && !strings.Contains(err.Error(), "Unsafe Login") {
				t.Errorf("the server's words are lost: %v", err)
			}
		})
	}
}

// Folders with Chinese names are opened by their modified UTF-7 names; spam
// folders come after the inbox, others not at all.
func TestFolders(t *testing.T) {
	s := start(t, loopback.Options{})
	put(t, s, loopback.Junk, "in the spam", 10)
	m := open(t, s)
	folders, err := m.Folders(t.Context())
	if err != nil || !slices.Equal(folders, []string{"INBOX", "垃圾邮件"}) {
		t.Fatalf("%q, %v", folders, err)
	}
	if got, _ := list(t, m, folders[1], mailer.Position{}); !slices.Equal(got, []string{"in the spam"}) {
		t.Errorf("listed %q", got)
	}
}

// A folder is read on from where it was left, and from its start when it was
// numbered anew.
func TestIncremental(t *testing.T) {
	s := start(t, loopback.Options{})
	m := open(t, s)
	put(t, s, "INBOX", "one", 10)
	first, pos := list(t, m, "INBOX", mailer.Position{})
	put(t, s, "INBOX", "two", 10)
	second, pos2 := list(t, m, "INBOX", pos)
	none, pos3 := list(t, m, "INBOX", pos2)
	if !slices.Equal(first, []string{"one"}) || !slices.Equal(second, []string{"two"}) || len(none) != 0 || pos3 != pos2 {
		t.Errorf("%q, %q, %q; %v then %v", first, second, none, pos2, pos3)
	}
	if err := s.Empty(organizer, "INBOX"); err != nil {
		t.Fatal(err)
	}
	put(t, s, "INBOX", "three", 10)
	again, pos4 := list(t, open(t, s), "INBOX", pos2)
	if !slices.Equal(again, []string{"three"}) || pos4.Validity == pos2.Validity {
		t.Errorf("numbered anew: %q, %v after %v", again, pos4, pos2)
	}
}

// What was listed before the folder was numbered anew is not fetched by the
// number another message has now.
func TestFetchAfterRenumbering(t *testing.T) {
	s := start(t, loopback.Options{})
	put(t, s, "INBOX", "one", 10)
	m := open(t, s)
	var one mailer.Summary
	if _, err := m.List(t.Context(), "INBOX", mailer.Position{}, func(s mailer.Summary) error { one = s; return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := m.List(t.Context(), loopback.Junk, mailer.Position{}, func(mailer.Summary) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := s.Empty(organizer, "INBOX"); err != nil {
		t.Fatal(err)
	}
	put(t, s, "INBOX", "another", 10)
	var b bytes.Buffer
	if err := m.Fetch(t.Context(), "INBOX", one, &b, nil); mailer.KindOf(err) != mailer.Temporary || b.Len() != 0 {
		t.Errorf("fetched %q, %v", b.String(), err)
	}
}

// A connection that breaks inside a message gives no half message for a whole
// one, and another connection reads on.
func TestBreakInFetch(t *testing.T) {
	for _, at := range []int64{1, 200, 100_000, 400_000} {
		s := start(t, loopback.Options{})
		put(t, s, "INBOX", "one", 500_000)
		m := open(t, s)
		var one mailer.Summary
		if _, err := m.List(t.Context(), "INBOX", mailer.Position{}, func(s mailer.Summary) error { one = s; return nil }); err != nil {
			t.Fatal(err)
		}
		s.Script(loopback.Fault{Step: loopback.IMAPFetch, Drop: true, Byte: at})
		if err := m.Fetch(t.Context(), "INBOX", one, io.Discard, nil); mailer.KindOf(err) != mailer.Connect {
			t.Errorf("at %d: %v", at, err)
		}
		var b bytes.Buffer
		if err := open(t, s).Fetch(t.Context(), "INBOX", one, &b, nil); err != nil || int64(b.Len()) != one.Size {
			t.Errorf("at %d, again: %d of %d bytes, %v", at, b.Len(), one.Size, err)
		}
	}
}

// A mailbox of 5,000 large messages costs their headers and structures, a
// hundred at a time, and nothing of their content.
func TestLargeMailbox(t *testing.T) {
	const count, content = 5000, 10_000
	s := start(t, loopback.Options{})
	for i := range count {
		put(t, s, "INBOX", fmt.Sprintf("message %d", i), content)
	}
	p := newProxy(t, s.Account(organizer).IMAP.Port)
	a := s.Account(organizer)
	a.IMAP.Port = p.port
	m, err := Open(t.Context(), a, s, Options{RootCAs: s.RootCAs()})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	got, pos := list(t, m, "INBOX", mailer.Position{})
	commands := s.Count(loopback.IMAPFetch)
	bytes := p.bytes.Load()
	t.Logf("%d messages of %d bytes: %d FETCH commands, %d bytes in all, %d a message", len(got), content, commands, bytes, bytes/count)
	if len(got) != count || commands > 60 || bytes > count*1000 {
		t.Errorf("%d messages, %d commands, %d bytes", len(got), commands, bytes)
	}
	before := p.bytes.Load()
	if again, _ := list(t, m, "INBOX", pos); len(again) != 0 || p.bytes.Load()-before > 2000 {
		t.Errorf("nothing new: %d messages, %d bytes", len(again), p.bytes.Load()-before)
	}
}

// proxy counts what a server sends.
type proxy struct {
	port  int
	bytes atomic.Int64
}

func newProxy(t *testing.T, to int) *proxy {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	p := &proxy{port: ln.Addr().(*net.TCPAddr).Port}
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", to))
			if err != nil {
				_ = in.Close()
				continue
			}
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
			go func() { _, _ = io.Copy(in, p.count(out)); _ = in.Close() }()
		}
	}()
	return p
}

func (p *proxy) count(r io.Reader) io.Reader {
	return readFunc(func(b []byte) (int, error) {
		n, err := r.Read(b)
		p.bytes.Add(int64(n))
		return n, err
	})
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// A cancelled wait ends at once, whatever the server does.
func TestCancelWhileHanging(t *testing.T) {
	for _, step := range []loopback.Step{loopback.IMAPConnect, loopback.IMAPLogin, loopback.IMAPID} {
		s := start(t, loopback.Options{})
		s.Script(loopback.Fault{Step: step, Hang: true})
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			for s.Pending() > 0 { // until the server hangs
				time.Sleep(time.Millisecond)
			}
			stop()
		}()
		_, err := Open(ctx, s.Account(organizer), s, Options{RootCAs: s.RootCAs(), Patience: time.Hour})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", step, err)
		}
	}
}

// Reading marks and deletes nothing.
func TestNothingIsChanged(t *testing.T) {
	s := start(t, loopback.Options{})
	put(t, s, "INBOX", "one", 10)
	m := open(t, s)
	var one mailer.Summary
	if _, err := m.List(t.Context(), "INBOX", mailer.Position{}, func(s mailer.Summary) error { one = s; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := m.Fetch(t.Context(), "INBOX", one, io.Discard, nil); err != nil {
		t.Fatal(err)
	}
	if n, seen, deleted, err := s.Status(organizer, "INBOX"); err != nil || n != 1 || seen != 0 || deleted != 0 {
		t.Errorf("%d messages, %d seen, %d deleted, %v", n, seen, deleted, err)
	}
}
