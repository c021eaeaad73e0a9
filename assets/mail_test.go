package assets_test

import (
	"fmt"
	"testing"

	"baosong/assets"
	"baosong/mailer"
)

func providers(t *testing.T) mailer.Providers {
	t.Helper()
	f, err := assets.Mail().Open("providers.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ps, err := mailer.ReadProviders(f)
	if err != nil {
		t.Fatal(err)
	}
	return ps
}

// Every row and column of the table, as the accounts get it.
func TestProviderTable(t *testing.T) {
	const mb = 1_000_000
	rows := []struct {
		domain     string
		id         string // of a row that is chosen, for domains of the user's own
		smtp, imap string
		login      mailer.LoginKind
		limit      int64
		known      bool
	}{
		{"126.com", "", "smtp.126.com:465 tls", "imap.126.com:993 tls", mailer.LoginCode, 35 * mb, true},
		{"163.com", "", "smtp.163.com:465 tls", "imap.163.com:993 tls", mailer.LoginCode, 35 * mb, true},
		{"YEAH.net", "", "smtp.yeah.net:465 tls", "imap.yeah.net:993 tls", mailer.LoginCode, 35 * mb, true},
		{"qq.com", "", "smtp.qq.com:465 tls, smtp.qq.com:587 starttls", "imap.qq.com:993 tls", mailer.LoginCode, 35 * mb, true},
		{"foxmail.com", "", "smtp.qq.com:465 tls, smtp.qq.com:587 starttls", "imap.qq.com:993 tls", mailer.LoginCode, 35 * mb, true},
		{"kx.example", "exmail", "smtp.exmail.qq.com:465 tls", "imap.exmail.qq.com:993 tls", mailer.LoginClient, 35 * mb, true},
		{"kx.example", "netease-qiye", "smtp.qiye.163.com:465 tls", "imap.qiye.163.com:993 tls", mailer.LoginCode, 35 * mb, true},
		{"kx.example", "aliyun-qiye", "smtp.qiye.aliyun.com:465 tls", "imap.qiye.aliyun.com:993 tls", mailer.LoginClient, 35 * mb, true},
		{"aliyun.com", "", "smtp.aliyun.com:465 tls", "imap.aliyun.com:993 tls", mailer.LoginPassword, 35 * mb, true},
		{"139.com", "", "smtp.139.com:465 tls 1.0", "imap.139.com:993 tls 1.0", mailer.LoginCode, 20 * mb, true},
		{"189.cn", "", "smtp.189.cn:465 tls", "imap.189.cn:993 tls", mailer.LoginPassword, 20 * mb, true},
		{"sina.com", "", "smtp.sina.com:465 tls", "imap.sina.com:993 tls", mailer.LoginCode, 20 * mb, true},
		{"sina.cn", "", "smtp.sina.com:465 tls", "imap.sina.com:993 tls", mailer.LoginCode, 20 * mb, true},
		{"sohu.com", "", "smtp.sohu.com:465 tls", "imap.sohu.com:993 tls", mailer.LoginClient, 20 * mb, true},
		{"outlook.com", "", "smtp-mail.outlook.com:587 starttls", "outlook.office365.com:993 tls", mailer.LoginOAuth, 0, true},
		{"hotmail.com", "", "smtp-mail.outlook.com:587 starttls", "outlook.office365.com:993 tls", mailer.LoginOAuth, 0, true},
		{"gmail.com", "", "smtp.gmail.com:465 tls", "imap.gmail.com:993 tls", mailer.LoginClient, 18 * mb, true},
		{"kx.example", "", "smtp.kx.example:465 tls, smtp.kx.example:587 starttls", "imap.kx.example:993 tls", mailer.LoginPassword, 20 * mb, false},
		// chosen, never found by the address
		{"exmail.qq.com", "", "smtp.exmail.qq.com:465 tls, smtp.exmail.qq.com:587 starttls", "imap.exmail.qq.com:993 tls", mailer.LoginPassword, 20 * mb, false},
	}
	ps, used := providers(t), map[string]bool{}
	for _, want := range rows {
		addr := "a@" + want.domain
		p, known := ps.For(addr)
		if want.id != "" {
			var err error
			if p, err = ps.Row(want.id, addr); err != nil || !p.Own {
				t.Errorf("row %s: own %v, %v", want.id, p.Own, err)
			}
			known = true
		}
		used[p.ID] = true
		var smtp string
		for i, s := range p.Servers() {
			if i > 0 {
				smtp += ", "
			}
			smtp += text(s)
		}
		if smtp != want.smtp || text(p.IMAP) != want.imap || p.Login != want.login || p.Limit != want.limit || known != want.known {
			t.Errorf("%s: %s; %s; %s %d, known %v", addr, smtp, text(p.IMAP), p.Login, p.Limit, known)
		}
		if lowered := p.Lowered() != ""; lowered != (want.domain == "139.com") {
			t.Errorf("%s: warned of old TLS: %v", addr, lowered)
		}
	}
	for _, p := range ps {
		if !used[p.ID] {
			t.Errorf("row %s is in no test", p.ID)
		}
	}
	if qq, _ := ps.For("a@qq.com"); qq.Announced != 73400320 {
		t.Errorf("QQ announces %d", qq.Announced)
	}
}

func text(s mailer.Server) string {
	out := fmt.Sprintf("%s:%d %s", s.Host, s.Port, s.Security)
	if s.MinTLS != "" {
		out += " " + s.MinTLS
	}
	return out
}
