package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"baosong/mailer"
)

// A connection on which something moves lives longer than the patience; one on
// which nothing moves is closed after it.
func TestGuardPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c := newConn(ours)
		c.SetBudget(1 << 20)
		release := c.Guard(t.Context(), time.Minute)
		defer release()
		go func() {
			for range 10 {
				time.Sleep(50 * time.Second)
				_, _ = theirs.Write([]byte("x"))
			}
		}()
		start := time.Now()
		_, err := io.Copy(io.Discard, c)
		if took := time.Since(start); took != 560*time.Second || !errors.Is(err, ErrSilent) {
			t.Errorf("ended after %v with %v", took, err)
		}
		if !errors.Is(c.Cause(), ErrSilent) {
			t.Errorf("cause %v", c.Cause())
		}
	})
}

func TestGuardPatienceShortened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, _ := net.Pipe()
		c := newConn(ours)
		release := c.Guard(t.Context(), time.Hour)
		defer release()
		time.Sleep(time.Minute)
		c.touch()
		c.SetPatience(3 * time.Second)
		start := time.Now()
		_, err := c.Write([]byte("nobody reads this"))
		if took := time.Since(start); took > 4*time.Second || !errors.Is(err, ErrSilent) {
			t.Errorf("ended after %v with %v", took, err)
		}
	})
}

func TestGuardCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, _ := net.Pipe()
		c := newConn(ours)
		ctx, cancel := context.WithCancel(t.Context())
		defer c.Guard(ctx, time.Hour)()
		time.AfterFunc(time.Minute, cancel)
		start := time.Now()
		_, err := c.Read(make([]byte, 1))
		if time.Since(start) != time.Minute || !errors.Is(err, context.Canceled) {
			t.Errorf("ended after %v with %v", time.Since(start), err)
		}
		if k := Classify("data", "h", err, c).Kind; k != mailer.Cancelled {
			t.Errorf("kind %s", k)
		}
	})
}

// Once released, neither time nor the context close the connection.
func TestGuardReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c := newConn(ours)
		c.SetBudget(1 << 20)
		ctx, cancel := context.WithCancel(t.Context())
		c.Guard(ctx, time.Minute)()
		cancel()
		time.Sleep(time.Hour)
		go func() { _, _ = theirs.Write([]byte("x")) }()
		if _, err := c.Read(make([]byte, 1)); err != nil || c.Cause() != nil {
			t.Errorf("read: %v, cause %v", err, c.Cause())
		}
	})
}

func TestBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c := newConn(ours)
		c.SetBudget(1000)
		go func() {
			for {
				if _, err := theirs.Write(make([]byte, 100)); err != nil {
					return
				}
			}
		}()
		n, err := io.Copy(io.Discard, c)
		if n > 1100 || !errors.Is(err, ErrFlood) {
			t.Errorf("read %d with %v", n, err)
		}
		if k := Classify("fetch", "h", err, c).Kind; k != mailer.Protocol {
			t.Errorf("kind %s", k)
		}
	})
}

func TestClassify(t *testing.T) {
	known := &mailer.Error{Kind: mailer.Login, Step: "login"}
	for _, tt := range []struct {
		err  error
		kind mailer.Kind
		step string
	}{
		{known, mailer.Login, "login"},
		{fmt.Errorf("wrapped: %w", known), mailer.Login, "login"},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host"}}, mailer.Lookup, "lookup"},
		{&net.OpError{Op: "dial", Err: errors.New("connection refused")}, mailer.Connect, "tls"},
		{&net.OpError{Op: "remote error", Err: tls.AlertError(70)}, mailer.Insecure, "tls"},
		{&tls.CertificateVerificationError{Err: errors.New("expired")}, mailer.Certificate, "tls"},
		{tls.RecordHeaderError{Msg: "not TLS"}, mailer.Insecure, "tls"},
		{errors.New("tls: no supported versions"), mailer.Insecure, "tls"},
		{io.EOF, mailer.Connect, "tls"},
		{io.ErrUnexpectedEOF, mailer.Connect, "tls"},
		{context.DeadlineExceeded, mailer.Connect, "tls"},
		{context.Canceled, mailer.Cancelled, "tls"},
		{errors.New("what"), mailer.Protocol, "tls"},
	} {
		if e := Classify("tls", "h", tt.err, nil); e.Kind != tt.kind || e.Step != tt.step {
			t.Errorf("%v: kind %s at %s, want %s at %s", tt.err, e.Kind, e.Step, tt.kind, tt.step)
		}
	}
}

func TestText(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("拒绝访问")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"plain":                   "plain",
		"拒绝访问":                    "拒绝访问",
		gb:                        "拒绝访问",
		" a\r\nb\x00 ":            "a\nb",
		strings.Repeat("x", 9000): strings.Repeat("x", 2000),
	} {
		if got := Text(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
