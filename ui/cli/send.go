package cli

import (
	"fmt"
	"io"
	"net/mail"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/mailer"
	"baosong/mailer/post"
)

type sendCmd struct {
	Draft     string `arg:"" help:"${arg_draft}"`
	Account   string `help:"${send_account}" placeholder:"NAME"`
	EML       string `name:"eml" help:"${send_eml}" xor:"way" placeholder:"DIR"`
	Folder    string `help:"${send_folder}" xor:"way" placeholder:"DIR"`
	Plan      bool   `help:"${send_plan}" xor:"way"`
	From      string `help:"${send_from}" placeholder:"ADDRESS"`
	Limit     string `help:"${limit}" placeholder:"35MB"`
	PhotoEdge int    `help:"${photo_edge}" placeholder:"2560"`
	Messages  int    `help:"${send_messages}" placeholder:"K"`
}

// Run plans a draft and sends it, or writes its messages as files.
func (c *sendCmd) Run(s *session) error {
	limit, err := s.size(c.Limit)
	if err != nil {
		return err
	}
	if c.Account == "" && c.EML == "" && c.Folder == "" && !c.Plan {
		return usageError{s.say("cli.account-or-eml")}
	}
	from, err := c.sender(s)
	if err != nil {
		return err
	}
	opt := post.Options{Limit: limit, PhotoEdge: c.PhotoEdge, Account: c.Account}
	var id string
	err = s.withDraft(c.Draft, func(d *post.Desk, n *forms.Notice, dr *draft.Draft) error {
		if opt, err = c.plan(s, d, n, dr, opt); err != nil || c.Plan {
			return err
		}
		if c.EML != "" || c.Folder != "" {
			return c.export(s, d, n, dr, from, opt)
		}
		job, err := d.Submit(s.ctx, n, dr, opt, s.progress())
		id = job.ID
		return err
	})
	if err != nil {
		return s.invalid(err)
	}
	if id == "" {
		return nil
	}
	return s.pass(id)
}

func (c *sendCmd) sender(s *session) (mailer.Address, error) {
	if c.From == "" {
		return mailer.Address{}, nil
	}
	a, err := mail.ParseAddress(c.From)
	if err != nil {
		return mailer.Address{}, usageError{s.say("cli.bad-address", "text", c.From)}
	}
	return mailer.Address{Name: a.Name, Addr: a.Address}, nil
}

// plan shows how many messages there will be, and scales photos further if
// they are to be fewer.
func (c *sendCmd) plan(s *session, d *post.Desk, n *forms.Notice, dr *draft.Draft, opt post.Options) (post.Options, error) {
	fits := true
	p, err := d.Plan(s.ctx, n, dr, opt)
	if err == nil && c.Messages > 0 && len(p.Messages) > c.Messages {
		opt, p, fits, err = d.FitIn(s.ctx, n, dr, opt, c.Messages)
	}
	if err != nil {
		return opt, err
	}
	w := s.Stderr
	if c.Plan {
		w = s.Stdout
	}
	if c.Plan && s.grammar.JSON {
		return opt, s.encode(map[string]any{
			"messages": len(p.Messages), "encoded": p.Encoded(), "limit": p.Limit, "by": p.By, "photoEdge": p.PhotoEdge, "many": p.Many, "fits": fits,
		})
	}
	fmt.Fprintln(w, s.say("plan.sum", "n", len(p.Messages), "size", s.words.Size(p.Encoded()), "limit", s.words.Size(p.Limit),
		"by", s.say("plan.by."+string(p.By)), "edge", p.PhotoEdge))
	for i, m := range p.Messages {
		fmt.Fprintln(w, s.say("plan.row", "n", i+1, "files", len(m.Files), "size", s.words.Size(m.Encoded)))
	}
	if !fits {
		fmt.Fprintln(w, s.say("plan.no-fit", "n", c.Messages))
	}
	if p.Many {
		fmt.Fprintln(w, s.say("plan.many", "n", len(p.Messages)))
	}
	return opt, nil
}

func (c *sendCmd) export(s *session, d *post.Desk, n *forms.Notice, dr *draft.Draft, from mailer.Address, opt post.Options) (err error) {
	if a, aerr := d.Account(c.Account); from.Addr == "" && aerr == nil {
		from = a.Address
	}
	var files []string
	if c.Folder != "" {
		var made []post.HandOver
		made, err = d.ExportFolder(s.ctx, n, dr, from, c.Folder, opt, s.progress())
		for _, m := range made {
			files = append(files, m.Files...)
		}
	} else {
		files, err = d.Export(s.ctx, n, dr, from, c.EML, opt, s.progress())
	}
	if err != nil {
		return err
	}
	return s.print(map[string]any{"files": files}, func(w io.Writer) {
		for _, f := range files {
			fmt.Fprintln(w, s.say("cli.wrote", "file", f))
		}
	})
}
