// Package post is what the program does with reports and mail, for the window
// and the commands alike: submit, collect, acknowledge, remind. It opens no
// connection itself: the Network does.
package post

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"baosong/assets"
	"baosong/forms"
	"baosong/forms/draft"
	"baosong/forms/media"
	"baosong/mailer"
	"baosong/mailer/home"
	"baosong/mailer/outbox"
)

// Network makes the connections of an account.
type Network interface {
	Sender(mailer.Account, mailer.Secrets) (mailer.Sender, error)
	Mailbox(context.Context, mailer.Account, mailer.Secrets) (mailer.Mailbox, error)
	// Rehearse starts mail servers on this machine that know the given
	// addresses, so that the whole trip can be tried without an account.
	Rehearse(addresses ...string) (Rehearsal, error)
}

// Rehearsal is a running pair of mail servers on this machine.
type Rehearsal interface {
	Network
	mailer.Secrets
	// Account returns the mailbox of one of the addresses.
	Account(address string) (mailer.Account, error)
	Close() error
}

// Desk is where the work is done: a data folder, the network, and the clock.
type Desk struct {
	Home    *home.Home
	Network Network
	Secrets mailer.SecretStore
	Now     func() time.Time
	Program string      // name and version, for what is written
	Tools   media.Tools // for photos and videos

	templates *templates

	mu        sync.Mutex
	rehearsal Rehearsal
	accounts  map[string]mailer.Account // of the rehearsal, by name
	sizes     map[string]int64          // SIZE announced since the start, by account
}

// New returns a Desk over an opened data folder.
func New(h *home.Home, n Network, s mailer.SecretStore, program string) (*Desk, error) {
	t, err := loadTemplates(assets.Mail())
	if err != nil {
		return nil, err
	}
	return &Desk{Home: h, Network: n, Secrets: s, Now: time.Now, Program: program, templates: t, sizes: map[string]int64{}}, nil
}

// Close ends the rehearsal, if there is one.
func (d *Desk) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.rehearsal == nil {
		return nil
	}
	err := d.rehearsal.Close()
	d.rehearsal, d.accounts = nil, nil
	return err
}

// Rehearse starts the servers for the given addresses, unless they run already.
// Those that run for others give way to servers for all of them. Accounts of
// these names then mean those servers, until Close.
func (d *Desk) Rehearse(addresses ...string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	known := slices.Sorted(maps.Keys(d.accounts))
	more := slices.DeleteFunc(slices.Clone(addresses), func(a string) bool { return slices.Contains(known, a) })
	if d.rehearsal != nil && len(more) == 0 {
		return nil
	}
	addresses = append(known, more...)
	r, err := d.Network.Rehearse(addresses...)
	if err != nil {
		return fmt.Errorf("start the rehearsal: %w", err)
	}
	accounts := map[string]mailer.Account{}
	for _, addr := range addresses {
		a, err := r.Account(addr)
		if err != nil {
			return errors.Join(fmt.Errorf("start the rehearsal: %w", err), r.Close())
		}
		a.Name = addr
		accounts[addr] = a
	}
	before := d.rehearsal
	d.rehearsal, d.accounts = r, accounts
	if before != nil {
		if err := before.Close(); err != nil {
			return fmt.Errorf("end the rehearsal before: %w", err)
		}
	}
	return nil
}

// account finds an account by name, and the network and codes it goes with.
func (d *Desk) account(name string) (mailer.Account, Network, mailer.Secrets, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a, ok := d.accounts[name]; ok {
		return a, d.rehearsal, d.rehearsal, nil
	}
	a, err := d.Home.Account(name)
	return a, d.Network, d.Secrets, err
}

// Sender returns the Sender of an account.
func (d *Desk) Sender(account string) (mailer.Sender, error) {
	a, n, s, err := d.account(account)
	if err != nil {
		return nil, err
	}
	return n.Sender(a, s)
}

// Mailbox opens the mailbox of an account; the caller closes it.
func (d *Desk) Mailbox(ctx context.Context, account string) (mailer.Mailbox, error) {
	a, n, s, err := d.account(account)
	if err != nil {
		return nil, err
	}
	return n.Mailbox(ctx, a, s)
}

// Send makes one pass over the outbox. See outbox.Box.Pass.
func (d *Desk) Send(ctx context.Context, tell func(outbox.Event)) (time.Time, error) {
	return d.Home.Outbox.Pass(ctx, d.Sender, d.learning(tell))
}

// Run keeps sending by itself until ctx ends. See outbox.Box.Run.
func (d *Desk) Run(ctx context.Context, tell func(outbox.Event)) {
	d.Home.Outbox.Run(ctx, d.Sender, d.learning(tell))
}

// Wake makes Run look at the outbox now.
func (d *Desk) Wake() { d.Home.Outbox.Wake() }

// rehearsing reports whether an account is one of the rehearsal.
func (d *Desk) rehearsing(account string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.accounts[account]
	return ok
}

// Check checks the answers of an open draft and the files of the materials
// that would be sent.
func (d *Desk) Check(ctx context.Context, n *forms.Notice, dr *draft.Draft, lang string) ([]forms.Finding, error) {
	c := forms.NewChecker(n, dr.Answers.Clone(), d.Env(dr, lang))
	files, err := d.verify(ctx, dr, c)
	return append(c.Findings(), files...), err
}

// verify returns findings for the files of what c would send.
func (d *Desk) verify(ctx context.Context, dr *draft.Draft, c *forms.Checker) ([]forms.Finding, error) {
	found, err := dr.Verify(ctx, c.Relevant(), nil)
	for i := range found {
		found[i].Trail = c.Trail(found[i].Path)
	}
	return found, err
}

// Env is what checking an open draft needs from outside.
func (d *Desk) Env(dr *draft.Draft, lang string) forms.Env {
	return forms.Env{Now: d.Now, Lang: lang, Material: dr.Material}
}

// InvalidError says that a report cannot go out as it is.
type InvalidError struct{ Findings []forms.Finding }

func (e *InvalidError) Error() string {
	n := 0
	for _, f := range e.Findings {
		if f.Severity == forms.SeverityError {
			n++
		}
	}
	return fmt.Sprintf("the report has %d errors", n)
}

// Account returns an account by its name, of the rehearsal or a real one.
func (d *Desk) Account(name string) (mailer.Account, error) {
	a, _, _, err := d.account(name)
	return a, err
}
