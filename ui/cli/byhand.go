package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"baosong/forms"
	"baosong/forms/ledger"
	"baosong/mailer/post"
)

type ledgerMailsCmd struct{}

// Run lists the messages in which no package was found.
func (*ledgerMailsCmd) Run(s *session) error {
	return s.withLedger(func(_ *post.Desk, l *ledger.Ledger) error {
		mails, err := l.Unrecognised(s.ctx)
		if err != nil {
			return err
		}
		type row struct {
			Source      string    `json:"source"`
			From        string    `json:"from"`
			Subject     string    `json:"subject"`
			Attachments []string  `json:"attachments"`
			Received    time.Time `json:"received"`
		}
		rows := make([]row, 0, len(mails))
		for _, m := range mails {
			rows = append(rows, row{m.Source, m.From, m.Subject, m.Attachments, m.Received})
		}
		return s.print(rows, func(w io.Writer) {
			for _, r := range rows {
				fmt.Fprintln(w, s.say("cli.mail.row", "received", timeOf(r.Received), "from", r.From, "subject", r.Subject,
					"attachments", strings.Join(r.Attachments, " "), "source", r.Source))
			}
			if len(rows) == 0 {
				fmt.Fprintln(w, s.say("cli.mail.none"))
			}
		})
	})
}

type ledgerEnterCmd struct {
	Source string `arg:"" help:"${arg_source}"`
	Notice string `required:"" help:"${ledger_notice}" placeholder:"ID"`
	Unit   string `required:"" help:"${enter_unit}"`
	Kind   string `help:"${enter_kind}"`
	Person string `help:"${enter_person}"`
	Phone  string `help:"${enter_phone}"`
	Email  string `help:"${enter_email}"`
}

// Run enters a message without a package as a unit's report.
func (c *ledgerEnterCmd) Run(s *session) error {
	return s.withLedger(func(d *post.Desk, l *ledger.Ledger) error {
		n, err := d.Home.Notice(c.Notice)
		if err != nil {
			return err
		}
		unit := forms.Unit{Name: c.Unit, Kind: c.Kind, Person: c.Person, Phone: c.Phone, Email: c.Email}
		ref, err := d.EnterByHand(s.ctx, l, n, c.Source, unit)
		if err != nil {
			return err
		}
		return s.print(map[string]any{"submission": ref}, func(w io.Writer) {
			fmt.Fprintln(w, s.say("cli.entered", "unit", c.Unit, "id", ref))
		})
	})
}
