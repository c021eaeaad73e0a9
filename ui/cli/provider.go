package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"baosong/mailer"
)

type providerCmd struct {
	List   providerListCmd   `cmd:"" default:"1" help:"${provider_list}"`
	Set    providerSetCmd    `cmd:"" help:"${provider_set}"`
	Remove providerRemoveCmd `cmd:"" help:"${provider_remove}"`
}

type providerListCmd struct{}

// Run lists the provider table, the user's own rows first.
func (*providerListCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	ps, err := d.Providers()
	if err != nil {
		return err
	}
	return s.print(ps, func(w io.Writer) {
		for _, p := range ps {
			var smtp []string
			for _, server := range p.Servers() {
				smtp = append(smtp, serverText(server))
			}
			fmt.Fprintln(w, s.say("cli.provider.row", "id", p.ID, "name", s.words.ProviderName(p), "domains", strings.Join(p.Domains, " "),
				"smtp", strings.Join(smtp, " "), "imap", serverText(p.IMAP), "limit", s.words.Size(p.Limit), "hint", s.words.LoginHint(p)))
		}
	})
}

type providerSetCmd struct {
	File string `arg:"" help:"${arg_provider_file}"`
}

const maxProvider = 64 << 10 // bytes of a row

// Run keeps a row from a JSON file, as provider list --json prints it.
func (c *providerSetCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close() // only read
	var p mailer.Provider
	if err := json.NewDecoder(io.LimitReader(f, maxProvider)).Decode(&p); err != nil {
		return usageError{s.say("cli.bad-provider", "text", err)}
	}
	if err := p.Validate(); err != nil {
		return usageError{s.say("cli.bad-provider", "text", err)}
	}
	return d.SaveProvider(p)
}

type providerRemoveCmd struct {
	ID string `arg:"" help:"${arg_provider}"`
}

// Run takes a row of the user's own away.
func (c *providerRemoveCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	return d.RemoveProvider(c.ID)
}
