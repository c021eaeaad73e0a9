package assets_test

import (
	"testing"

	"baosong/assets"
	"baosong/mailer"
)

func TestProviderTable(t *testing.T) {
	f, err := assets.Mail().Open("providers.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ps, err := mailer.ReadProviders(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		addr, smtp string
		port       int
		login      mailer.LoginKind
		limit      int64
		known      bool
	}{
		{"a@126.com", "smtp.126.com", 465, mailer.LoginCode, 35e6, true},
		{"a@YEAH.net", "smtp.yeah.net", 465, mailer.LoginCode, 35e6, true},
		{"a@foxmail.com", "smtp.qq.com", 465, mailer.LoginCode, 35e6, true},
		{"a@outlook.com", "smtp-mail.outlook.com", 587, mailer.LoginOAuth, 0, true},
		{"a@kx.example.org", "smtp.kx.example.org", 465, mailer.LoginPassword, 20e6, false},
		{"a@exmail.qq.com", "smtp.exmail.qq.com", 465, mailer.LoginPassword, 20e6, false},
	} {
		p, known := ps.For(tt.addr)
		if p.SMTP.Host != tt.smtp || p.SMTP.Port != tt.port || p.Login != tt.login || p.Limit != tt.limit || known != tt.known {
			t.Errorf("%s: %+v, known %v", tt.addr, p, known)
		}
	}
	for _, p := range ps {
		if p.SMTP.Host == "" || p.IMAP.Host == "" || len(p.Domains) == 0 ||
			(p.SMTP.Security != mailer.TLS && p.SMTP.Security != mailer.STARTTLS) || p.IMAP.Security != mailer.TLS {
			t.Errorf("incomplete row %+v", p)
		}
	}
}
