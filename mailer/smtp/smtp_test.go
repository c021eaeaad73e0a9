package smtp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"baosong/mailer"
	"baosong/mailer/loopback"
)

const unit, organizer = "unit01@units.example", "collect@organizer.example"

// sink counts what the server takes responsibility for.
type sink struct {
	mu       sync.Mutex
	messages [][]byte
}

func (s *sink) deliver(_ mailer.Envelope, r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, b)
	return nil
}

func (s *sink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.messages)
}

func start(t testing.TB, opts loopback.Options) *loopback.Server {
	t.Helper()
	opts.Accounts = []loopback.Login{
		{Address: mailer.Address{Addr: unit}, Code: "s3cret-code-01"},
		{Address: mailer.Address{Addr: organizer}, Code: "s3cret-code-02"},
	}
	srv, err := loopback.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	return srv
}

func sender(t testing.TB, srv *loopback.Server, patience time.Duration) *Sender {
	t.Helper()
	s, err := New(srv.Account(unit), srv, Options{RootCAs: srv.RootCAs(), Patience: patience})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var envelope = mailer.Envelope{From: unit, To: []string{organizer}}

func message(n int) []byte {
	return append([]byte("Subject: x\r\n\r\n"), bytes.Repeat([]byte("0123456789abcdef\r\n"), n/18)...)
}

func send(ctx context.Context, s *Sender, m []byte) error {
	return s.Send(ctx, envelope, bytes.NewReader(m), int64(len(m)), nil)
}

// Each break at each step gives the kind the outbox decides by, and the message
// is with the server exactly if the kind allows it to be.
func TestFaults(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("对不起，系统忙")
	if err != nil {
		t.Fatal(err)
	}
	const none, kept = 0, 1
	for _, tt := range []struct {
		fault loopback.Fault
		kind  mailer.Kind
		step  string
		code  int
		kept  int // messages the server has taken
	}{
		{loopback.Fault{Step: loopback.Connect, Drop: true}, mailer.Connect, "tls", 0, none},
		{loopback.Fault{Step: loopback.Connect, Reply: "421 HL:ITC too many connections"}, mailer.Temporary, "connect", 421, none},
		{loopback.Fault{Step: loopback.Connect, Reply: "554 IP in blacklist"}, mailer.Refused, "connect", 554, none},
		{loopback.Fault{Step: loopback.Connect, Hang: true}, mailer.Connect, "connect", 0, none},
		{loopback.Fault{Step: loopback.Connect, Reply: "HTTP/1.1 400 Bad Request"}, mailer.Protocol, "connect", 0, none},
		{loopback.Fault{Step: loopback.Ehlo, Drop: true}, mailer.Connect, "connect", 0, none},
		{loopback.Fault{Step: loopback.Ehlo, Reply: "250 no extensions"}, mailer.Temporary, "connect", 0, none},
		{loopback.Fault{Step: loopback.Ehlo, Reply: "250 no extensions", Times: 2}, mailer.Protocol, "login", 0, none},
		{loopback.Fault{Step: loopback.Ehlo, Reply: "421 HL:ICC too many connections", Times: 2}, mailer.Temporary, "connect", 421, none},
		{loopback.Fault{Step: loopback.Ehlo, Reply: "550 go away", Times: 2}, mailer.Refused, "connect", 550, none},
		{loopback.Fault{Step: loopback.Auth, Drop: true}, mailer.Connect, "login", 0, none},
		{loopback.Fault{Step: loopback.Auth, Hang: true}, mailer.Connect, "login", 0, none},
		{loopback.Fault{Step: loopback.Auth, Reply: "535 Error: authentication failed"}, mailer.Login, "login", 535, none},
		{loopback.Fault{Step: loopback.Auth, Reply: "550 User has no permission"}, mailer.Login, "login", 550, none},
		{loopback.Fault{Step: loopback.Auth, Reply: "451 too much fail authentication"}, mailer.Login, "login", 451, none},
		{loopback.Fault{Step: loopback.Auth, Reply: "454 temporary authentication failure"}, mailer.Login, "login", 454, none},
		{loopback.Fault{Step: loopback.Auth, Reply: "421 too busy"}, mailer.Temporary, "login", 421, none},
		{loopback.Fault{Step: loopback.Mail, Drop: true}, mailer.Connect, "mail", 0, none},
		{loopback.Fault{Step: loopback.Mail, Reply: "553 Mail from must equal authorized user"}, mailer.Refused, "mail", 553, none},
		{loopback.Fault{Step: loopback.Mail, Reply: "552 message size exceeds fixed maximum"}, mailer.TooLarge, "mail", 552, none},
		{loopback.Fault{Step: loopback.Mail, Reply: "530 authentication required"}, mailer.Login, "mail", 530, none},
		{loopback.Fault{Step: loopback.Mail, Reply: "450 MI:DMC"}, mailer.Temporary, "mail", 450, none},
		{loopback.Fault{Step: loopback.Mail, Reply: "550 Connection frequency limited"}, mailer.Temporary, "mail", 550, none},
		{loopback.Fault{Step: loopback.Rcpt, Drop: true}, mailer.Connect, "rcpt", 0, none},
		{loopback.Fault{Step: loopback.Rcpt, Reply: "550 user not found"}, mailer.Refused, "rcpt", 550, none},
		{loopback.Fault{Step: loopback.Rcpt, Reply: "552 RP:UQT mailbox full"}, mailer.Refused, "rcpt", 552, none},
		{loopback.Fault{Step: loopback.Rcpt, Reply: "451 " + gbk}, mailer.Temporary, "rcpt", 451, none},
		{loopback.Fault{Step: loopback.Data, Drop: true}, mailer.Connect, "data", 0, none},
		{loopback.Fault{Step: loopback.Data, Hang: true}, mailer.Connect, "data", 0, none},
		{loopback.Fault{Step: loopback.Data, Reply: "554 DT:SPM"}, mailer.Refused, "data", 554, none},
		{loopback.Fault{Step: loopback.Data, Reply: "250 what"}, mailer.Protocol, "data", 250, none},
		{loopback.Fault{Step: loopback.Body, Drop: true, Byte: 0}, mailer.Connect, "data", 0, none},
		{loopback.Fault{Step: loopback.Body, Drop: true, Byte: 1}, mailer.Connect, "data", 0, none},
		{loopback.Fault{Step: loopback.Body, Drop: true, Byte: 1 << 20}, mailer.Connect, "data", 0, none},
		{loopback.Fault{Step: loopback.Body, Hang: true, Byte: 1 << 20}, mailer.Connect, "data", 0, none},
		{loopback.Fault{Step: loopback.Answer, Drop: true}, mailer.Uncertain, "answer", 0, none},
		{loopback.Fault{Step: loopback.Answer, Drop: true, Kept: true}, mailer.Uncertain, "answer", 0, kept},
		{loopback.Fault{Step: loopback.Answer, Hang: true, Kept: true}, mailer.Uncertain, "answer", 0, kept},
		{loopback.Fault{Step: loopback.Answer, Reply: "451 DT:SPM try later"}, mailer.Temporary, "answer", 451, none},
		{loopback.Fault{Step: loopback.Answer, Reply: "554 DT:SPM"}, mailer.Refused, "answer", 554, none},
		{loopback.Fault{Step: loopback.Answer, Reply: "552 Illegal Attachment"}, mailer.Refused, "answer", 552, none},
		{loopback.Fault{Step: loopback.Answer, Reply: "552 5.3.4 too big"}, mailer.TooLarge, "answer", 552, none},
		{loopback.Fault{Step: loopback.Answer, Reply: "552 5.2.2 Over quota"}, mailer.Refused, "answer", 552, none},
		{loopback.Fault{Step: loopback.Answer, Reply: "??? what", Kept: true}, mailer.Uncertain, "answer", 0, kept},
		{loopback.Fault{Step: loopback.Quit, Drop: true}, "", "", 0, kept},
		{loopback.Fault{Step: loopback.Quit, Reply: "500 no"}, "", "", 0, kept},
	} {
		name := fmt.Sprintf("%s %s drop %t hang %t at %d times %d", tt.fault.Step, strings.Fields(tt.fault.Reply + " -")[0], tt.fault.Drop, tt.fault.Hang, tt.fault.Byte, tt.fault.Times)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var taken sink
			srv := start(t, loopback.Options{Deliver: taken.deliver})
			srv.Script(tt.fault)
			patience := time.Minute
			if tt.fault.Hang {
				patience = time.Second / 2 // a busy machine pauses for as long as 100 ms
			}
			err := send(t.Context(), sender(t, srv, patience), message(2<<20))
			// what the network had room for counts as sent
			if tt.fault.Step == loopback.Body && mailer.KindOf(err) == mailer.Uncertain {
				tt.kind, tt.step = mailer.Uncertain, "answer"
			}
			if mailer.KindOf(err) != tt.kind || err == nil != (tt.kind == "") {
				t.Fatalf("error %v, want kind %q", err, tt.kind)
			}
			if e, ok := errors.AsType[*mailer.Error](err); ok && (e.Step != tt.step || e.Code != tt.code || e.Host == "") {
				t.Errorf("step %q code %d host %q, want %q %d", e.Step, e.Code, e.Host, tt.step, tt.code)
			}
			if strings.Contains(tt.fault.Reply, gbk) && !strings.Contains(err.Error(), "对不起，系统忙") {
				t.Errorf("reply not decoded: %v", err)
			}
			if err := srv.Close(); err != nil { // deliveries are over
				t.Error(err)
			}
			if taken.count() != tt.kept || srv.Pending() != 0 {
				t.Errorf("%d messages taken, want %d; %d faults left", taken.count(), tt.kept, srv.Pending())
			}
		})
	}
}
