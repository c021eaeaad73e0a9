// Command baosong (报送) fills in, packs and mails an activity report, and collects
// such reports on the organizer's side. Without a command it opens the window.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

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
	if len(os.Args) == 2 && os.Args[1] == media.DecodeCommand {
		if err := media.ServeDecoder(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(cli.Failed)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	t := tools()
	code := cli.Run(ctx, os.Args[1:], program(t))
	stop()
	_ = t.Decoder.Close() // its children end with this process in any case
	os.Exit(code)
}

// tools are what helps with photos and videos: this program as its own child for HEIC, and ffmpeg.
func tools() media.Tools {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return media.Tools{
		Decoder: media.NewDecoder(self, media.DecodeCommand),
		FFmpeg:  media.FindFFmpeg(),
		Room:    media.NewRoom(256 << 20),
	}
}

func program(t media.Tools) cli.Program {
	p := cli.Program{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Version: version,
		Network: network{},
		Secrets: secret.New(askCode),
		Probe:   probe,
		Tools:   t,
	}
	if openWindow != nil {
		p.Window = func(home, lang string) error { return openWindow(home, lang, t) }
	}
	return p
}

// askCode reads a login code from the terminal.
func askCode(account string) (string, error) {
	return cli.ReadCode(os.Stdin, os.Stderr, account+": ")
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
