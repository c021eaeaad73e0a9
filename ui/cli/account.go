package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"strings"

	"baosong/assets"
	"baosong/mailer"
	"baosong/mailer/secret"
)

type accountCmd struct {
	Add  accountAddCmd  `cmd:"" help:"${account_add}"`
	List accountListCmd `cmd:"" default:"1" help:"${account_list}"`
	Test accountTestCmd `cmd:"" help:"${account_test}"`
}

type accountAddCmd struct {
	Address string `arg:"" help:"${arg_address}"`
	Name    string `help:"${account_name}"`
	Display string `help:"${account_display}"`
	SMTP    string `help:"${account_smtp}" placeholder:"HOST:PORT"`
	IMAP    string `help:"${account_imap}" placeholder:"HOST:PORT"`
	NoCode  bool   `help:"${account_no_code}"`
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
	table, err := assets.Mail().Open("providers.json")
	if err != nil {
		return err
	}
	providers, err := mailer.ReadProviders(table)
	if err = errors.Join(err, table.Close()); err != nil {
		return err
	}
	p, known := providers.For(addr.Address)
	if p.Login == mailer.LoginOAuth {
		return usageError{s.say("cli.oauth", "host", p.SMTP.Host)}
	}
	a := p.Account(c.Name, mailer.Address{Name: c.Display, Addr: addr.Address})
	if a.Name == "" {
		a.Name = addr.Address
	}
	for text, server := range map[string]*mailer.Server{c.SMTP: &a.SMTP, c.IMAP: &a.IMAP} {
		if err := setServer(server, text); err != nil {
			return usageError{s.say("cli.bad-server", "text", text)}
		}
	}
	if !c.NoCode {
		code, err := s.askCode(a.Name, p.Login)
		if err != nil {
			return err
		}
		if err := s.Secrets.SetSecret(a.Name, code); errors.Is(err, secret.ErrNotKept) {
			s.note("cli.code-not-kept")
		} else if err != nil {
			return err
		}
	}
	if err := d.Home.SaveAccount(a); err != nil {
		return err
	}
	return s.print(a, func(w io.Writer) {
		fmt.Fprintln(w, s.say("cli.account.added", "name", a.Name, "smtp", serverText(a.SMTP), "imap", serverText(a.IMAP)))
		if !known {
			fmt.Fprintln(w, s.say("cli.account.guessed"))
		}
	})
}

// setServer changes what HOST:PORT says; port 587 means STARTTLS.
func setServer(to *mailer.Server, text string) error {
	if text == "" {
		return nil
	}
	host, port, found := strings.Cut(text, ":")
	to.Host = host
	if !found {
		return nil
	}
	if _, err := fmt.Sscanf(port, "%d", &to.Port); err != nil || host == "" || to.Port < 1 || to.Port > 65535 {
		return errors.New("want host:port")
	}
	to.Security = mailer.TLS
	if to.Port == 587 || to.Port == 143 || to.Port == 25 {
		to.Security = mailer.STARTTLS
	}
	return nil
}

func serverText(s mailer.Server) string { return fmt.Sprintf("%s:%d (%s)", s.Host, s.Port, s.Security) }

// askCode reads a line from standard input.
func (s *session) askCode(account string, kind mailer.LoginKind) (string, error) {
	fmt.Fprint(s.Stderr, s.say("cli.ask-code."+string(kind), "account", account))
	line, err := bufio.NewReader(io.LimitReader(s.Stdin, 4096)).ReadString('\n')
	if line = strings.TrimSpace(line); line != "" {
		return line, nil
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

// Run connects to both servers of an account, sends nothing and says how each answers.
func (c *accountTestCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	results, err := d.TestAccount(s.ctx, c.Name)
	if err != nil {
		return err
	}
	type row struct {
		Protocol string `json:"protocol"`
		OK       bool   `json:"ok"`
		Text     string `json:"text"`
	}
	var rows []row
	var failed error
	for _, r := range results {
		v := row{Protocol: r.Protocol, OK: r.Err == nil, Text: s.say("cli.account.ok")}
		if r.Err != nil {
			v.Text = s.words.Error(r.Err).String()
			failed = r.Err
		}
		rows = append(rows, v)
	}
	err = s.print(rows, func(w io.Writer) {
		for _, r := range rows {
			fmt.Fprintf(w, "%s  %s\n", r.Protocol, r.Text)
		}
	})
	if failed != nil {
		return errors.Join(errReported, err)
	}
	return err
}
