package mailer

import (
	"strings"
	"testing"
)

func TestAddressValidate(t *testing.T) {
	for _, tt := range []struct {
		addr string
		ok   bool
	}{
		{"unit01@units.example", true},
		{"first.last+tag@sub.example.org", true},
		{"a@localhost", true},
		{"", false},
		{"unit01", false},
		{"@units.example", false},
		{"unit01@", false},
		{"a@b@c.example", false},
		{".a@b.example", false},
		{"a..b@c.example", false},
		{"a b@c.example", false},
		{"a@-c.example", false},
		{"a@c..example", false},
		{"a@c.example\r\nBcc: x@y.example", false},
		{"a\r\nDATA\r\n@c.example", false},
		{"<a@c.example>", false},
		{"a@c.example> SIZE=1", false},
		{`"a b"@c.example`, false},
		{"张@c.example", false},
		{"a@示例.example", false},
		{"a@c.example\x00", false},
		{strings.Repeat("a", 65) + "@c.example", false},
		{"a@" + strings.Repeat("b", 64) + ".example", false},
	} {
		if err := (Address{Addr: tt.addr}).Validate(); (err == nil) != tt.ok {
			t.Errorf("%q: got error %v, want accepted = %v", tt.addr, err, tt.ok)
		}
	}
}

func TestEnvelopeValidate(t *testing.T) {
	good := Envelope{From: "a@b.example", To: []string{"c@d.example"}}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, env := range map[string]Envelope{
		"no sender":     {To: good.To},
		"no recipient":  {From: good.From},
		"bad recipient": {From: good.From, To: []string{"c@d.example", "c@d.example>\r\nRSET"}},
	} {
		if env.Validate() == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestValidateMessageID(t *testing.T) {
	for id, ok := range map[string]bool{
		"1.2.abc@units.example":         true,
		"":                              false,
		"abc":                           false,
		"a@b@c":                         false,
		"<a@b>":                         false,
		"a@b\r\nBcc: x@y.example":       false,
		"a b@c":                         false,
		strings.Repeat("a", 250) + "@b": false,
	} {
		if err := ValidateMessageID(id); (err == nil) != ok {
			t.Errorf("%q: got error %v, want accepted = %v", id, err, ok)
		}
	}
}

func TestServerValidate(t *testing.T) {
	good := Server{Host: "smtp.example.org", Port: 465, Security: TLS}
	for what, tt := range map[string]struct {
		change func(*Server)
		ok     bool
	}{
		"as it is":   {func(*Server) {}, true},
		"address":    {func(s *Server) { s.Host = "127.0.0.1" }, true},
		"STARTTLS":   {func(s *Server) { s.Security = STARTTLS }, true},
		"lower TLS":  {func(s *Server) { s.MinTLS = "1.0" }, true},
		"no host":    {func(s *Server) { s.Host = "" }, false},
		"line break": {func(s *Server) { s.Host = "a\r\nb" }, false},
		"port 0":     {func(s *Server) { s.Port = 0 }, false},
		"port":       {func(s *Server) { s.Port = 70000 }, false},
		"no TLS":     {func(s *Server) { s.Security = "" }, false},
		"version":    {func(s *Server) { s.MinTLS = "2" }, false},
	} {
		s := good
		tt.change(&s)
		if err := s.Validate(); (err == nil) != tt.ok {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestServerSet(t *testing.T) {
	start := Server{Host: "smtp.example.org", Port: 465, Security: TLS}
	for text, want := range map[string]Server{
		"mail.example.org":       {Host: "mail.example.org", Port: 465, Security: TLS},
		" mail.example.org:587 ": {Host: "mail.example.org", Port: 587, Security: STARTTLS},
		"mail.example.org:994":   {Host: "mail.example.org", Port: 994, Security: TLS},
		"":                       start,
		":465":                   start,
		"a b":                    start,
		"a:b":                    start,
		"a:70000":                start,
	} {
		s := start
		if err := s.Set(text); s != want || (err == nil) != (want != start) {
			t.Errorf("%q: %+v, %v", text, s, err)
		}
	}
}
