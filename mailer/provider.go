package mailer

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// LoginKind is what a provider wants instead of, or as, a password.
type LoginKind string

const (
	LoginPassword LoginKind = "password" // the web password
	LoginCode     LoginKind = "code"     // a code made in the mailbox's settings (授权码)
	LoginClient   LoginKind = "client"   // a password for mail programs only
	LoginOAuth    LoginKind = "oauth"    // OAuth2 only, which this program does not speak
)

// OtherLimit is the raw size of files a message may carry where the provider
// is not known, in bytes.
const OtherLimit = 20_000_000

// Provider is a row of the provider table.
type Provider struct {
	Domains []string  `json:"domains"`
	Own     bool      `json:"own,omitempty"` // serves domains of its customers: chosen, not found
	SMTP    Server    `json:"smtp"`          // {domain} in Host stands for the address's domain
	IMAP    Server    `json:"imap"`
	Login   LoginKind `json:"login"`
	Limit   int64     `json:"limit"` // raw bytes of files in one message; 0 where it cannot send
}

// Providers is the provider table.
type Providers []Provider

// ReadProviders reads the table as JSON.
func ReadProviders(r io.Reader) (Providers, error) {
	var ps Providers
	if err := json.NewDecoder(r).Decode(&ps); err != nil {
		return nil, fmt.Errorf("read provider table: %w", err)
	}
	return ps, nil
}

// For returns the provider of an address, with its hosts filled in, and
// whether the table has it. For any other the usual names and ports are
// proposed: smtp.DOMAIN 465, imap.DOMAIN 993.
func (ps Providers) For(addr string) (Provider, bool) {
	domain := strings.ToLower(addr[strings.LastIndexByte(addr, '@')+1:])
	for _, p := range ps {
		if !p.Own && slices.Contains(p.Domains, domain) {
			p.SMTP.Host = strings.ReplaceAll(p.SMTP.Host, "{domain}", domain)
			p.IMAP.Host = strings.ReplaceAll(p.IMAP.Host, "{domain}", domain)
			return p, true
		}
	}
	return Provider{
		Domains: []string{domain},
		SMTP:    Server{Host: "smtp." + domain, Port: 465, Security: TLS},
		IMAP:    Server{Host: "imap." + domain, Port: 993, Security: TLS},
		Login:   LoginPassword,
		Limit:   OtherLimit,
	}, false
}

// Account returns an account at this provider.
func (p Provider) Account(name string, a Address) Account {
	return Account{Name: name, Address: a, SMTP: p.SMTP, IMAP: p.IMAP, Limit: p.Limit}
}
