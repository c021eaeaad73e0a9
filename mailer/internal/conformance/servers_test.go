//go:build servers

package conformance

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"os"
	"testing"
	"time"

	"baosong/mailer"
	"baosong/mailer/imap"
	"baosong/mailer/smtp"
)

// real is one pair of servers as .ci/mailservers.sh describes it.
type real struct {
	Name, From, To, Unknown, Code string
	SMTP, IMAP                    mailer.Server
	Limit                         int64
	Authority                     string // file
	HTTP                          string // of mailpit, which has no IMAP
}

func (r real) Secret(string) (string, error) { return r.Code, nil }

func (r real) account(addr string) mailer.Account {
	return mailer.Account{Name: addr, Address: mailer.Address{Addr: addr}, SMTP: r.SMTP, IMAP: r.IMAP}
}

// TestServers runs the suite against servers other people wrote. It is built
// with the tag "servers" alone, and fails without them.
func TestServers(t *testing.T) {
	path := os.Getenv("BAOSONG_TEST_MAIL")
	if path == "" {
		t.Fatal("BAOSONG_TEST_MAIL is not set: run this by .ci/mailservers.sh")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []real
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 3 {
		t.Fatalf("%d servers, want 3", len(all))
	}
	for _, r := range all {
		t.Run(r.Name, func(t *testing.T) { Run(t, r.site(t)) })
	}
}

func (r real) site(t *testing.T) Site {
	authority, err := os.ReadFile(r.Authority)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		t.Fatal("no certificate in the authority's file")
	}
	s := Site{
		From: r.account(r.From), To: r.account(r.To), Unknown: r.Unknown, Secrets: r, Roots: roots,
		Limit: r.Limit, Delivery: 10 * time.Second, SendOnly: r.HTTP != "",
		Sender: func(a mailer.Account, s mailer.Secrets, roots *x509.CertPool) (mailer.Sender, error) {
			return smtp.New(a, s, smtp.Options{RootCAs: roots})
		},
		Mailbox: func(ctx context.Context, a mailer.Account, s mailer.Secrets, roots *x509.CertPool) (mailer.Mailbox, error) {
			return imap.Open(ctx, a, s, imap.Options{RootCAs: roots})
		},
	}
	if r.HTTP != "" {
		s.Mailbox = func(context.Context, mailer.Account, mailer.Secrets, *x509.CertPool) (mailer.Mailbox, error) {
			return mailpit{r.HTTP}, nil
		}
	}
	return s
}
