package mailer

import (
	"errors"
	"strings"
	"testing"
)

const tableJSON = `[
 {"id":"qq","domains":["qq.com"],"smtp":{"host":"smtp.qq.com","port":465,"security":"tls"},"imap":{"host":"imap.qq.com","port":993,"security":"tls"},"login":"code","limit":35},
 {"id":"other","domains":["*"],"smtp":{"host":"smtp.{domain}","port":465,"security":"tls"},"also":[{"host":"mail.{domain}","port":587,"security":"starttls"}],"imap":{"host":"imap.{domain}","port":993,"security":"tls"},"login":"password","limit":20}]`

func table(t *testing.T) Providers {
	t.Helper()
	ps, err := ReadProviders(strings.NewReader(tableJSON))
	if err != nil {
		t.Fatal(err)
	}
	return ps
}

// A row of the user's own takes the place of the built-in one of its id, or
// stands before the others; the built-in table stays as it is.
func TestProvidersWith(t *testing.T) {
	ps := table(t)
	qq := ps[0]
	qq.Limit = 10
	kx := ps[1]
	kx.ID, kx.Domains, kx.Limit = "kx", []string{"kx.example"}, 7
	mine := ps.With(Providers{qq, kx})
	for addr, want := range map[string]int64{"a@qq.com": 10, "a@kx.example": 7, "a@b.example": 20} {
		if p, _ := mine.For(addr); p.Limit != want {
			t.Errorf("%s: limit %d, want %d", addr, p.Limit, want)
		}
	}
	if len(mine) != 3 || ps[0].Limit != 35 {
		t.Errorf("%d rows; the built-in limit is now %d", len(mine), ps[0].Limit)
	}
	if p, _ := ps.For("a@B.example"); p.Also[0].Host != "mail.b.example" || ps[1].Also[0].Host != "mail.{domain}" {
		t.Errorf("hosts: %+v; in the table %+v", p.Also, ps[1].Also)
	}
	if _, err := ps.Row("none", "a@b.example"); !errors.Is(err, ErrNoProvider) {
		t.Errorf("a row that is not there: %v", err)
	}
}

func TestReadProvidersRefuses(t *testing.T) {
	for what, change := range map[string][2]string{
		"no id":           {`"id":"qq"`, `"id":""`},
		"a path":          {`"id":"qq"`, `"id":"../qq"`},
		"no domain":       {`["qq.com"]`, `[]`},
		"not a domain":    {`["qq.com"]`, `["qq .com"]`},
		"login":           {`"code"`, `"none"`},
		"negative":        {`35`, `-1`},
		"unprotected":     {`"security":"tls"}`, `"security":"none"}`},
		"a version":       {`"security":"tls"}`, `"security":"tls","minTLS":"0.9"}`},
		"a host":          {`imap.qq.com`, `imap qq`},
		"another's port":  {`587`, `0`},
		"not JSON at all": {`[`, ``},
	} {
		if _, err := ReadProviders(strings.NewReader(strings.Replace(tableJSON, change[0], change[1], 1))); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}
