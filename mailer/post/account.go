package post

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"baosong/assets"
	"baosong/mailer"
)

// Providers returns the provider table as the user has it: rows of his own go
// before the built-in ones.
func (d *Desk) Providers() (mailer.Providers, error) {
	f, err := assets.Mail().Open("providers.json")
	if err != nil {
		return nil, err
	}
	ps, err := mailer.ReadProviders(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	st, err := d.Home.Settings()
	if err != nil {
		return nil, err
	}
	return ps.With(st.Providers), nil
}

// SaveProvider keeps a row of the user's own, see [home.Home.SaveProvider].
func (d *Desk) SaveProvider(p mailer.Provider) error { return d.Home.SaveProvider(p) }

// RemoveProvider goes back to the built-in row of that id, if there is one.
func (d *Desk) RemoveProvider(id string) error { return d.Home.RemoveProvider(id) }

// Proposal is an account as the provider table has it, before it is tried.
type Proposal struct {
	Account  mailer.Account
	Provider mailer.Provider
	Known    bool            // a row names the domain, or was chosen
	Servers  []mailer.Server // for SMTP, in the order they are tried
}

// Propose looks up an address. Row is the ID of the row to take, for domains
// of the user's own; "" is the one that serves the address's domain.
func (d *Desk) Propose(a mailer.Address, row string) (Proposal, error) {
	if err := a.Validate(); err != nil {
		return Proposal{}, err
	}
	ps, err := d.Providers()
	if err != nil {
		return Proposal{}, err
	}
	p, known := ps.For(a.Addr)
	if row != "" {
		if p, err = ps.Row(row, a.Addr); err != nil {
			return Proposal{}, err
		}
		known = true
	}
	return Proposal{Account: p.Account(a.Addr, a), Provider: p, Known: known, Servers: p.Servers()}, nil
}

// StepState is how a step of trying an account went.
type StepState string

const (
	StepOK      StepState = "ok"      // went well
	StepFailed  StepState = "failed"  // see Err
	StepSkipped StepState = "skipped" // not reached
)

// TestStep is one step of trying a server: lookup, connect, tls, login, and for
// SMTP mail, whether the server takes the account's address as a sender.
type TestStep struct {
	Name  string
	State StepState
	Err   error
}

// Tested is how one server of an account answered.
type Tested struct {
	Protocol string // SMTP or IMAP
	Server   mailer.Server
	Steps    []TestStep
}

// Err returns why the server cannot be used, nil if it can.
func (t Tested) Err() error {
	for _, s := range t.Steps {
		if s.Err != nil {
			return s.Err
		}
	}
	return nil
}

// tested lays an outcome out over the steps.
func tested(protocol string, server mailer.Server, err error) Tested {
	names := []string{"lookup", "connect", "tls", "login"}
	if protocol == "SMTP" {
		names = append(names, "mail")
	}
	failed := len(names)
	if err != nil {
		failed = slices.Index(names, stepOf(err))
	}
	t := Tested{Protocol: protocol, Server: server}
	for i, name := range names {
		s := TestStep{Name: name, State: StepOK}
		switch {
		case i == failed:
			s.State, s.Err = StepFailed, err
		case i > failed:
			s.State = StepSkipped
		}
		t.Steps = append(t.Steps, s)
	}
	return t
}

func stepOf(err error) string {
	e, ok := errors.AsType[*mailer.Error](err)
	if !ok {
		return "lookup" // the entry itself was refused, before anything was dialled
	}
	switch e.Step {
	case "lookup", "connect", "tls", "login", "mail":
		return e.Step
	}
	return "login"
}

// typed is the code a person has just typed.
type typed string

func (c typed) Secret(string) (string, error) { return string(c), nil }

// checker is a Sender that can try its account.
type checker interface {
	Check(ctx context.Context) (size int64, err error)
}

// Try connects to both servers and logs in with code, or the stored code when
// it is "". Nothing is saved or sent. Further SMTP servers are tried while one
// cannot be reached or secured, and never after a login was refused. The
// account returned has the server that answered best, and the SIZE it announced.
func (d *Desk) Try(ctx context.Context, p Proposal, code string) (mailer.Account, []Tested) {
	var secrets mailer.Secrets = d.Secrets
	if code != "" {
		secrets = typed(code)
	}
	return d.try(ctx, p.Account, p.Servers, d.Network, secrets)
}

func (d *Desk) try(ctx context.Context, a mailer.Account, servers []mailer.Server, n Network, secrets mailer.Secrets) (mailer.Account, []Tested) {
	if !slices.Contains(servers, a.SMTP) { // typed by hand: the table's others are not it
		servers = []mailer.Server{a.SMTP}
	}
	smtp := Tested{}
	for i, server := range servers {
		b := a
		b.SMTP = server
		size, err := check(ctx, n, b, secrets)
		if t := tested("SMTP", server, err); i == 0 || err == nil || reached(t) > reached(smtp) {
			smtp, a.SMTP = t, server
			if size > 0 {
				a.Size = size
			}
		}
		switch mailer.KindOf(err) {
		case mailer.Lookup, mailer.Connect, mailer.Insecure:
			continue
		}
		break
	}
	m, err := n.Mailbox(ctx, a, secrets)
	if err == nil {
		err = m.Close()
	}
	return a, []Tested{smtp, tested("IMAP", a.IMAP, err)}
}

func reached(t Tested) int {
	return slices.IndexFunc(append(t.Steps, TestStep{State: StepFailed}), func(s TestStep) bool { return s.State != StepOK })
}

func check(ctx context.Context, n Network, a mailer.Account, secrets mailer.Secrets) (int64, error) {
	s, err := n.Sender(a, secrets)
	if err != nil {
		return 0, err
	}
	if c, ok := s.(checker); ok {
		return c.Check(ctx)
	}
	return s.Limit(ctx)
}

// TestAccount tries a saved account, see Try. What was found out about its
// servers is saved.
func (d *Desk) TestAccount(ctx context.Context, name string) ([]Tested, error) {
	a, n, secrets, err := d.account(name)
	if err != nil {
		return nil, err
	}
	ps, err := d.Providers()
	if err != nil {
		return nil, err
	}
	p, _ := ps.For(a.Address.Addr)
	found, results := d.try(ctx, a, p.Servers(), n, secrets)
	if found != a && results[0].Err() == nil && !d.rehearsing(name) {
		err = d.Home.SaveAccount(found)
	}
	return results, err
}

// SaveAccount saves an account and keeps its code; "" leaves the code that is
// stored. [mailer.ErrNotKept] is a warning.
func (d *Desk) SaveAccount(a mailer.Account, code string) error {
	if a.Name == "" {
		return errors.New("save account: it has no name")
	}
	if err := a.Address.Validate(); err != nil {
		return fmt.Errorf("save account: %w", err)
	}
	for _, s := range []mailer.Server{a.SMTP, a.IMAP} {
		if err := s.Validate(); err != nil {
			return fmt.Errorf("save account %s: %w", a.Name, err)
		}
	}
	if err := d.Home.SaveAccount(a); err != nil {
		return err
	}
	d.mu.Lock()
	delete(d.sizes, a.Name) // it may be another server now
	d.mu.Unlock()
	if code == "" {
		return nil
	}
	return d.SetCode(a.Name, code)
}

// SetCode keeps the code of an account, and lets go again what stopped because
// the code was wrong or missing.
func (d *Desk) SetCode(account, code string) error {
	kept := d.Secrets.SetSecret(account, code)
	if err := d.Home.Outbox.Unlock(account); err != nil {
		return err
	}
	return kept
}

// RemoveAccount forgets an account and its code.
func (d *Desk) RemoveAccount(name string) error {
	if err := d.Home.RemoveAccount(name); err != nil {
		return err
	}
	return d.Secrets.SetSecret(name, "")
}
