package mailer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
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

// OtherLimit is the raw size of files a message may carry where no row of the
// table says more, in bytes.
const OtherLimit = 20_000_000

// Provider is a row of the provider table.
type Provider struct {
	ID string `json:"id"` // of the row; the words for it stand under this name
	// Domains are those of the addresses it serves; "*" is any that no other row has.
	Domains []string `json:"domains"`
	Own     bool     `json:"own,omitempty"` // serves domains of its customers: chosen, not found
	SMTP    Server   `json:"smtp"`          // {domain} in Host stands for the address's domain
	// Also are further SMTP servers to try, in order, when SMTP cannot be reached.
	Also  []Server  `json:"also,omitempty"`
	IMAP  Server    `json:"imap"`
	Login LoginKind `json:"login"`
	Limit int64     `json:"limit"` // raw bytes of files in one message; 0 where it cannot send
	// Announced is the SIZE its server is known to announce, in bytes; 0 if unknown.
	Announced int64 `json:"announced,omitempty"`
}

// Providers is the provider table. The first row that serves an address counts.
type Providers []Provider

// ReadProviders reads the table as JSON.
func ReadProviders(r io.Reader) (Providers, error) {
	var ps Providers
	if err := json.NewDecoder(r).Decode(&ps); err != nil {
		return nil, fmt.Errorf("read provider table: %w", err)
	}
	for _, p := range ps {
		if err := p.Validate(); err != nil {
			return nil, fmt.Errorf("read provider table: %w", err)
		}
	}
	return ps, nil
}

var providerID = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,62}$`)

// Validate reports why a row cannot be used.
func (p Provider) Validate() error {
	if !providerID.MatchString(p.ID) {
		return fmt.Errorf("provider %q: the id is not of a–z, 0–9, dots and hyphens", clip(p.ID))
	}
	if len(p.Domains) == 0 || p.Limit < 0 || p.Announced < 0 {
		return fmt.Errorf("provider %s: no domain, or a negative size", p.ID)
	}
	for _, d := range p.Domains {
		if d != "*" && !hostName(d) {
			return fmt.Errorf("provider %s: bad domain %q", p.ID, clip(d))
		}
	}
	if !slices.Contains([]LoginKind{LoginPassword, LoginCode, LoginClient, LoginOAuth}, p.Login) {
		return fmt.Errorf("provider %s: unknown kind of login %q", p.ID, clip(string(p.Login)))
	}
	for _, s := range append([]Server{p.SMTP, p.IMAP}, p.Also...) {
		s.Host = strings.ReplaceAll(s.Host, "{domain}", "a.example")
		if err := s.Validate(); err != nil {
			return fmt.Errorf("provider %s: %w", p.ID, err)
		}
	}
	return nil
}

// For returns the provider of an address, with its hosts filled in, and
// whether a row names its domain. For any other that is the row of "*".
func (ps Providers) For(addr string) (p Provider, known bool) {
	domain := strings.ToLower(addr[strings.LastIndexByte(addr, '@')+1:])
	for _, p := range ps {
		if !p.Own && slices.Contains(p.Domains, domain) {
			return p.at(domain), true
		}
	}
	i := slices.IndexFunc(ps, func(p Provider) bool { return slices.Contains(p.Domains, "*") })
	if i < 0 {
		return Provider{Domains: []string{domain}, Login: LoginPassword, Limit: OtherLimit}, false
	}
	return ps[i].at(domain), false
}

// Row returns the row of an id for an address, with its hosts filled in.
func (ps Providers) Row(id, addr string) (Provider, error) {
	i := slices.IndexFunc(ps, func(p Provider) bool { return p.ID == id })
	if i < 0 {
		return Provider{}, fmt.Errorf("provider %q: %w", clip(id), ErrNoProvider)
	}
	return ps[i].at(strings.ToLower(addr[strings.LastIndexByte(addr, '@')+1:])), nil
}

// ErrNoProvider says that the table has no row of that id.
var ErrNoProvider = errors.New("no such provider")

// With returns the table with rows of the user's own: each takes the place of
// the row of its id, or goes before the others.
func (ps Providers) With(own Providers) Providers {
	out := slices.Clone(own)
	for _, p := range ps {
		if !slices.ContainsFunc(own, func(o Provider) bool { return o.ID == p.ID }) {
			out = append(out, p)
		}
	}
	return out
}

func (p Provider) at(domain string) Provider {
	fill := func(s Server) Server {
		s.Host = strings.ReplaceAll(s.Host, "{domain}", domain)
		return s
	}
	p.SMTP, p.IMAP, p.Also = fill(p.SMTP), fill(p.IMAP), slices.Clone(p.Also)
	for i := range p.Also {
		p.Also[i] = fill(p.Also[i])
	}
	return p
}

// Servers returns the SMTP servers in the order they are tried.
func (p Provider) Servers() []Server { return append([]Server{p.SMTP}, p.Also...) }

// Lowered returns the lowest TLS version a row accepts where that is below
// what this program wants, else "".
func (p Provider) Lowered() string {
	for _, s := range append([]Server{p.IMAP}, p.Servers()...) {
		if s.Lowered() {
			return s.MinTLS
		}
	}
	return ""
}

// Account returns an account at this provider.
func (p Provider) Account(name string, a Address) Account {
	return Account{Name: name, Address: a, SMTP: p.SMTP, IMAP: p.IMAP, Limit: p.Limit, Size: p.Announced}
}
