package unit

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"baosong/mailer"
	"baosong/mailer/post"
	"baosong/ui/kit"
)

// AccountForm is the page on which a mail account is set up: address, code,
// and a test that names the step that failed.
type AccountForm struct {
	shell    *Shell
	saved    func(mailer.Account)
	page     *kit.Page // that it stands on, which makes room for what appears
	proposal post.Proposal

	address, name, code, smtp, imap *kit.Entry
	row                             *kit.Choice
	hint, warning                   *kit.Finding
	servers                         *fyne.Container
	results                         *fyne.Container
	test, save                      *kit.Button
	content                         *fyne.Container
}

// NewAccountForm returns an empty form; saved is told of the account that was
// saved.
func NewAccountForm(s *Shell, page *kit.Page, saved func(mailer.Account)) *AccountForm {
	f := &AccountForm{shell: s, page: page, saved: saved, hint: kit.NewFinding(), warning: kit.NewFinding(), results: kit.NewColumn()}
	f.address = kit.NewEntry(s.T("account.address-example"), func(string) {})
	f.address.OnLeave = f.propose
	f.name = kit.NewEntry("", nil)
	f.code = kit.NewEntry("", nil)
	f.code.Password = true
	f.smtp, f.imap = kit.NewEntry(s.T("account.smtp-example"), nil), kit.NewEntry(s.T("account.imap-example"), nil)
	f.row = kit.NewChoice(f.rows(), s.T("unit.choose"), func(id string) { f.look(id) })
	f.servers = kit.NewColumn(
		kit.NewField(s.T("account.provider"), "", s.T("account.provider-hint"), f.row),
		kit.NewField(s.T("account.smtp"), s.T("unit.required"), s.T("account.server-hint"), f.smtp),
		kit.NewField(s.T("account.imap"), s.T("unit.required"), "", f.imap),
	)
	f.servers.Hide()
	f.test = kit.NewButton(kit.Action{Label: s.T("account.test"), Icon: theme.ViewRefreshIcon(), Do: f.try})
	f.save = kit.NewButton(kit.Action{Label: s.T("account.save"), Icon: theme.ConfirmIcon(), Primary: true, Do: f.keep})
	f.content = kit.NewColumn(
		kit.NewField(s.T("account.address"), s.T("unit.required"), s.T("account.address-hint"), f.address),
		kit.NewField(s.T("account.name"), "", s.T("account.name-hint"), f.name),
		f.servers,
		kit.NewField(s.T("account.code"), s.T("unit.required"), "", f.code), f.hint, f.warning,
		container.NewHBox(f.test, f.save), f.results,
	)
	return f
}

// Content is what the page shows.
func (f *AccountForm) Content() fyne.CanvasObject { return f.content }

// Set shows an account that is there already, without its code, which can be typed at once.
func (f *AccountForm) Set(a mailer.Account) {
	f.address.SetValue(a.Address.Addr)
	f.name.SetValue(a.Address.Name)
	f.look("")
	f.proposal.Account = a
	f.smtp.SetValue(hostPort(a.SMTP))
	f.imap.SetValue(hostPort(a.IMAP))
	f.code.Focus()
}

// rows are the providers that serve domains of their customers.
func (f *AccountForm) rows() []kit.Option {
	out := []kit.Option{{Value: "", Label: f.shell.T("account.by-domain")}}
	ps, _ := f.shell.Desk.Providers() // who reads the accounts for the page says what is wrong with the settings
	for _, p := range ps {
		if p.Own {
			out = append(out, kit.Option{Value: p.ID, Label: f.shell.T("provider." + p.ID + ".name")})
		}
	}
	return out
}

func (f *AccountForm) propose() {
	if f.address.Value() != "" && f.address.Value() != f.proposal.Account.Address.Addr {
		f.row.SetValue("")
		f.look("")
	}
}

// look finds the provider of the address, or takes the row chosen.
func (f *AccountForm) look(row string) {
	p, err := f.shell.Desk.Propose(mailer.Address{Name: f.name.Value(), Addr: f.address.Value()}, row)
	if err != nil {
		f.hint.Set(kit.Error, f.shell.T("account.bad-address", "text", f.address.Value()))
		return
	}
	f.proposal = p
	f.hint.Set(kit.Info, f.shell.Words.LoginHint(p.Provider))
	f.warning.Set(kit.None, "")
	f.test.Enable()
	f.save.Enable()
	if p.Provider.Login == mailer.LoginOAuth {
		f.hint.Set(kit.Error, f.shell.T("provider.oauth", "host", p.Provider.SMTP.Host))
		f.test.Disable()
		f.save.Disable()
	} else if version := p.Provider.Lowered(); version != "" {
		f.warning.Set(kit.Warning, f.shell.T("account.old-tls", "host", p.Account.SMTP.Host, "version", version))
	}
	f.smtp.SetValue(hostPort(p.Account.SMTP))
	f.imap.SetValue(hostPort(p.Account.IMAP))
	if p.Known && row == "" {
		f.servers.Hide()
	} else {
		f.servers.Show()
	}
	f.page.Relayout()
}

func hostPort(s mailer.Server) string {
	if s.Host == "" {
		return ""
	}
	return net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
}

// entered returns the account as the form has it, and whether it can be used.
func (f *AccountForm) entered() (post.Proposal, bool) {
	f.propose()
	p := f.proposal
	if p.Account.Address.Addr == "" || p.Account.Address.Addr != f.address.Value() {
		f.hint.Set(kit.Error, f.shell.T("account.bad-address", "text", f.address.Value()))
		f.address.Focus()
		return p, false
	}
	p.Account.Address.Name = f.name.Value()
	for _, s := range []struct {
		entry *kit.Entry
		to    *mailer.Server
	}{{f.smtp, &p.Account.SMTP}, {f.imap, &p.Account.IMAP}} {
		if !setServer(s.to, s.entry.Value()) {
			f.hint.Set(kit.Error, f.shell.T("account.bad-server", "text", s.entry.Value()))
			s.entry.Focus()
			return p, false
		}
	}
	return p, true
}

// try connects and logs in, and shows how each step went.
func (f *AccountForm) try() {
	p, ok := f.entered()
	if !ok {
		return
	}
	f.hint.Set(kit.Info, f.shell.Words.LoginHint(p.Provider))
	f.test.Disable()
	f.results.Objects = []fyne.CanvasObject{kit.NewMuted(f.shell.T("account.trying"))}
	f.results.Refresh()
	code := strings.TrimSpace(f.code.Text)
	f.shell.Go(func(ctx context.Context) func() {
		a, tested := f.shell.Desk.Try(ctx, p, code)
		return func() {
			f.test.Enable()
			f.show(tested)
			f.page.Reveal(f.results)
			if tested[0].Err() == nil && f.proposal.Account.Address.Addr == p.Account.Address.Addr {
				f.proposal.Account.SMTP, f.proposal.Account.Size = a.SMTP, a.Size
				f.smtp.SetValue(hostPort(a.SMTP))
			}
		}
	})
}

// show lists the steps of each server: what went well, what failed, and what
// to do about it.
func (f *AccountForm) show(tested []post.Tested) {
	f.results.Objects = nil
	for _, t := range tested {
		f.results.Add(kit.NewText(f.shell.T("account.tested."+strings.ToLower(t.Protocol), "server", hostPort(t.Server))))
		for _, s := range t.Steps {
			line := kit.NewFinding()
			step := f.shell.T("test.step." + s.Name)
			switch s.State {
			case post.StepOK:
				line.Set(kit.Success, step)
			case post.StepFailed:
				line.Set(kit.Error, f.shell.T("account.step-failed", "step", step, "why", f.shell.Words.Error(s.Err).String()))
			default:
				continue // not reached: the one before says why
			}
			f.results.Add(line)
		}
	}
	f.page.Relayout()
}

// keep saves the account, whether or not it was tried.
func (f *AccountForm) keep() {
	p, ok := f.entered()
	if !ok {
		return
	}
	if p.Account.Name == "" {
		p.Account.Name = p.Account.Address.Addr
	}
	code := strings.TrimSpace(f.code.Text)
	f.shell.Go(func(context.Context) func() {
		err := f.shell.Desk.SaveAccount(p.Account, code)
		return func() {
			switch {
			case errors.Is(err, mailer.ErrNotKept):
				f.shell.Toast.Tell(kit.Warning, f.shell.Words.Error(err).String())
			case err != nil:
				f.shell.Fail(err)
				return
			}
			f.code.SetValue("")
			f.saved(p.Account)
		}
	})
}

// setServer takes HOST:PORT over; port 587 means STARTTLS.
func setServer(to *mailer.Server, text string) bool {
	host, port, err := net.SplitHostPort(strings.TrimSpace(text))
	n, bad := strconv.Atoi(port)
	if err != nil || bad != nil || host == "" || n < 1 || n > 65535 {
		return false
	}
	if host == to.Host && n == to.Port {
		return true
	}
	to.Host, to.Port, to.Security = host, n, mailer.TLS
	if n == 587 || n == 143 || n == 25 {
		to.Security = mailer.STARTTLS
	}
	return true
}
