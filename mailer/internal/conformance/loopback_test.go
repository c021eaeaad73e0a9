package conformance

import (
	"context"
	"crypto/x509"
	"fmt"
	"testing"
	"time"

	"baosong/mailer"
	"baosong/mailer/imap"
	"baosong/mailer/loopback"
	"baosong/mailer/smtp"
)

func TestLoopback(t *testing.T) {
	for _, opts := range []loopback.Options{
		{},
		{Security: mailer.STARTTLS},
		{RequireID: true, Size: 5 << 20},
		{Size: -1},
	} {
		t.Run(fmt.Sprintf("%s size %d id %t", opts.Security, opts.Size, opts.RequireID), func(t *testing.T) {
			opts.Accounts = []loopback.Login{
				{Address: mailer.Address{Name: "示例市科协", Addr: "unit01@units.example"}, Code: "示例 code \"01\\"},
				{Address: mailer.Address{Name: "示例组织处", Addr: "collect@organizer.example"}, Code: "c0llect"},
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
			limit := opts.Size
			if limit == 0 {
				limit = loopback.DefaultSize
			}
			Run(t, Site{
				From: srv.Account("unit01@units.example"), To: srv.Account("collect@organizer.example"),
				Unknown: "nobody@organizer.example", Secrets: srv, Roots: srv.RootCAs(),
				Limit: max(0, limit), Delivery: time.Second,
				Sender: func(a mailer.Account, s mailer.Secrets, roots *x509.CertPool) (mailer.Sender, error) {
					return smtp.New(a, s, smtp.Options{RootCAs: roots})
				},
				Mailbox: func(ctx context.Context, a mailer.Account, s mailer.Secrets, roots *x509.CertPool) (mailer.Mailbox, error) {
					return imap.Open(ctx, a, s, imap.Options{RootCAs: roots})
				},
			})
		})
	}
}
