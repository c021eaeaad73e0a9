package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"os"
	"strings"

	"golang.org/x/term"

	"baosong/mailer"
	"baosong/mailer/post"
)

type accountCmd struct {
	Add    accountAddCmd    `cmd:"" help:"${account_add}"`
	List   accountListCmd   `cmd:"" default:"1" help:"${account_list}"`
	Test   accountTestCmd   `cmd:"" help:"${account_test}"`
	Code   accountCodeCmd   `cmd:"" help:"${account_code}"`
	Remove accountRemoveCmd `cmd:"" help:"${account_remove}"`
}

type accountAddCmd struct {
	Address  string `arg:"" help:"${arg_address}"`
	Name     string `help:"${account_name}"`
	Display  string `help:"${account_display}"`
	Provider string `help:"${account_provider}" placeholder:"ID"`
	SMTP     string `help:"${account_smtp}" placeholder:"HOST:PORT"`
	IMAP     string `help:"${account_imap}" placeholder:"HOST:PORT"`
	NoCode   bool   `help:"${account_no_code}"`
}

// Run adds an account and asks for its code on standard input.
func (c *accountAddCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	addr, err := mail.ParseAddress(c.Address)
	if err != nil {
		return usageError{s.say("cli.bad-address", "text", c.Address)}
	}
	p, err := d.Propose(mailer.Address{Name: c.Display, Addr: addr.Address}, c.Provider)
	if err != nil {
		return err
	}
	if p.Provider.Login == mailer.LoginOAuth {
		return usageError{s.say("provider.oauth", "host", p.Account.SMTP.Host)}
	}
	a := p.Account
	if c.Name != "" {
		a.Name = c.Name
	}
	for server, text := range map[*mailer.Server]string{&a.SMTP: c.SMTP, &a.IMAP: c.IMAP} {
		if text == "" {
			continue
		}
		if err := server.Set(text); err != nil {
			return usageError{s.say("cli.bad-server", "text", text)}
		}
	}
	code := ""
	if !c.NoCode {
		fmt.Fprintln(s.Stderr, s.words.LoginHint(p.Provider))
		if code, err = s.askCode(a.Name); err != nil {
			return err
		}
	}
	if err := d.SaveAccount(a, code); errors.Is(err, mailer.ErrNotKept) {
		s.note("cli.code-not-kept")
	} else if err != nil {
		return err
	}
	return s.print(a, func(w io.Writer) {
		fmt.Fprintln(w, s.say("cli.account.added", "name", a.Name, "smtp", serverText(a.SMTP), "imap", serverText(a.IMAP)))
		s.warnOldTLS(w, a)
		if !p.Known && (c.SMTP == "" || c.IMAP == "") {
			fmt.Fprintln(w, s.say("cli.account.guessed"))
		}
	})
}

// warnOldTLS tells of servers that are allowed an old version of TLS.
func (s *session) warnOldTLS(w io.Writer, a mailer.Account) {
	for _, server := range []mailer.Server{a.SMTP, a.IMAP} {
		if server.Lowered() {
			fmt.Fprintln(w, s.say("account.old-tls", "host", server.Host, "version", server.MinTLS))
		}
	}
}

func serverText(s mailer.Server) string { return fmt.Sprintf("%s:%d (%s)", s.Host, s.Port, s.Security) }

// ReadCode asks for a login code with a prompt on out and reads it from in: a line of at most 4096 bytes, which a
// terminal does not show.
func ReadCode(in io.Reader, out io.Writer, prompt string) (string, error) {
	fmt.Fprint(out, prompt)
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		code, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(out)
		return strings.TrimSpace(string(code)), err
	}
	line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
	if line = strings.TrimSpace(line); line != "" {
		return line, nil
	}
	return "", err
}

// askCode reads a code from standard input.
func (s *session) askCode(account string) (string, error) {
	code, err := ReadCode(s.Stdin, s.Stderr, s.say("cli.ask-code", "account", account))
	if code != "" {
		return code, nil
	}
	if err == nil || err == io.EOF {
		return "", &mailer.Error{Kind: mailer.NoSecret, Step: "login", Host: account}
	}
	return "", fmt.Errorf("read the code: %w", err)
}

type accountListCmd struct{}

// Run lists the accounts, without their codes.
func (*accountListCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	st, err := d.Home.Settings()
	if err != nil {
		return err
	}
	accounts := st.Accounts
	if accounts == nil {
		accounts = []mailer.Account{}
	}
	return s.print(accounts, func(w io.Writer) {
		for _, a := range accounts {
			fmt.Fprintf(w, "%s  %s  %s  %s\n", a.Name, a.Address.Addr, serverText(a.SMTP), serverText(a.IMAP))
		}
	})
}

type accountTestCmd struct {
	Name string `arg:"" help:"${arg_account}"`
}

// Run connects to both servers of an account, sends nothing, and says for each
// step how it went and, for the one that failed, what to do.
func (c *accountTestCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	a, err := d.Account(c.Name)
	if err != nil {
		return err
	}
	results, err := d.TestAccount(s.ctx, c.Name)
	if err != nil {
		return err
	}
	rows := testRows(s, results)
	err = s.print(rows, func(w io.Writer) {
		s.warnOldTLS(w, a)
		for _, r := range rows {
			fmt.Fprintf(w, "%s  %s\n", r.Protocol, r.Server)
			for _, step := range r.Steps {
				fmt.Fprintln(w, s.say("cli.account.step", "step", s.say("test.step."+step.Name), "state", s.say("test.state."+string(step.State)), "text", step.Text))
			}
		}
	})
	for _, r := range results {
		if r.Err() != nil {
			return errors.Join(errReported, err)
		}
	}
	return err
}

type testRow struct {
	Protocol string    `json:"protocol"`
	Server   string    `json:"server"`
	OK       bool      `json:"ok"`
	Steps    []stepRow `json:"steps"`
}

type stepRow struct {
	Name  string         `json:"name"`
	State post.StepState `json:"state"`
	Text  string         `json:"text,omitempty"`
}

func testRows(s *session, results []post.Tested) []testRow {
	var rows []testRow
	for _, r := range results {
		row := testRow{Protocol: r.Protocol, Server: serverText(r.Server), OK: r.Err() == nil}
		for _, step := range r.Steps {
			v := stepRow{Name: step.Name, State: step.State}
			if step.Err != nil {
				v.Text = s.words.Error(step.Err).String()
			}
			row.Steps = append(row.Steps, v)
		}
		rows = append(rows, row)
	}
	return rows
}

type accountCodeCmd struct {
	Name string `arg:"" help:"${arg_account}"`
}

// Run asks for another code and lets go again what waits for it.
func (c *accountCodeCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	if _, err := d.Account(c.Name); err != nil {
		return err
	}
	code, err := s.askCode(c.Name)
	if err != nil {
		return err
	}
	if err := d.SetCode(c.Name, code); errors.Is(err, mailer.ErrNotKept) {
		s.note("cli.code-not-kept")
	} else if err != nil {
		return err
	}
	return nil
}

type accountRemoveCmd struct {
	Name string `arg:"" help:"${arg_account}"`
}

// Run forgets an account and its code.
func (c *accountRemoveCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	return d.RemoveAccount(c.Name)
}
