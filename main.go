// Command baosong (报送) fills in, packs and mails an activity report, and collects
// such reports on the organizer's side. Without a command it opens the window.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"baosong/forms"
	"baosong/forms/media"
	"baosong/mailer"
	"baosong/mailer/imap"
	"baosong/mailer/loopback"
	"baosong/mailer/post"
	"baosong/mailer/secret"
	"baosong/mailer/smtp"
	"baosong/ui/cli"
)

const version = "0.1.0"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := cli.Run(ctx, os.Args[1:], program())
	stop()
	os.Exit(code)
}

func program() cli.Program {
	return cli.Program{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Version: version,
		Network: network{},
		Secrets: secret.New(askCode),
		Probe:   probe,
		Window:  openWindow,
	}
}

// askCode reads a login code from the terminal.
func askCode(account string) (string, error) {
	fmt.Fprintf(os.Stderr, "%s: ", account)
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if line = strings.TrimSpace(line); line != "" {
		return line, nil
	}
	return "", err
}

// probe is what drafts know of an attached file.
func probe(ctx context.Context, path string) (forms.Material, error) {
	info, err := media.Probe(ctx, path)
	return forms.Material{
		MIME: info.MIME, Ext: info.Ext, Width: info.Width, Height: info.Height, Orientation: info.Orientation,
		Duration: info.Duration.Seconds(), Taken: info.Taken,
	}, err
}

// network connects accounts to servers by SMTP and IMAP.
type network struct{}

func (network) Sender(a mailer.Account, s mailer.Secrets) (mailer.Sender, error) {
	return smtp.New(a, s, smtp.Options{})
}

func (network) Mailbox(ctx context.Context, a mailer.Account, s mailer.Secrets) (mailer.Mailbox, error) {
	return imap.Open(ctx, a, s, imap.Options{})
}

func (network) Rehearse(addresses ...string) (post.Rehearsal, error) {
	var logins []loopback.Login
	for _, a := range addresses {
		logins = append(logins, loopback.Login{Address: mailer.Address{Addr: a}, Code: "rehearsal"})
	}
	s, err := loopback.Start(loopback.Options{Accounts: logins})
	if err != nil {
		return nil, err
	}
	return rehearsal{s}, nil
}

// rehearsal is the servers the program carries, and how to reach them.
type rehearsal struct{ *loopback.Server }

func (r rehearsal) Sender(a mailer.Account, s mailer.Secrets) (mailer.Sender, error) {
	return smtp.New(a, s, smtp.Options{RootCAs: r.RootCAs()})
}

func (r rehearsal) Mailbox(ctx context.Context, a mailer.Account, s mailer.Secrets) (mailer.Mailbox, error) {
	return imap.Open(ctx, a, s, imap.Options{RootCAs: r.RootCAs()})
}

func (rehearsal) Rehearse(...string) (post.Rehearsal, error) {
	return nil, errors.New("a rehearsal is running already")
}

func (r rehearsal) Account(address string) (mailer.Account, error) {
	return r.Server.Account(address), nil
}
