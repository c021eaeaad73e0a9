package cli

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"baosong/forms"
	"baosong/forms/ledger"
	"baosong/mailer"
	"baosong/mailer/post"
)

type collectCmd struct {
	Sources []string      `arg:"" help:"${arg_sources}"`
	Every   time.Duration `help:"${collect_every}" placeholder:"10m"`
}

// Run collects from each source into the ledger, once or time and again.
func (c *collectCmd) Run(s *session) error {
	if c.Every == 0 {
		return c.collect(s)
	}
	for {
		err := c.collect(s)
		if err != nil && !mailer.Retryable(err) {
			return err
		}
		if err != nil {
			fmt.Fprintln(s.Stderr, s.say("cli.error", "text", s.words.Error(err)))
		}
		select {
		case <-s.ctx.Done():
			return nil
		case <-time.After(max(c.Every, leastEvery)):
		}
	}
}

// leastEvery spares the providers, which lock mailboxes that are asked too often.
const leastEvery = time.Minute

func (c *collectCmd) collect(s *session) error {
	return s.withLedger(func(d *post.Desk, l *ledger.Ledger) error {
		type row struct {
			Source  string             `json:"source"`
			Outcome ledger.OutcomeKind `json:"outcome,omitempty"`
			Unit    string             `json:"unit,omitempty"`
			ID      string             `json:"id,omitempty"`
			Part    int                `json:"part,omitempty"`
			Parts   int                `json:"parts,omitempty"`
			From    string             `json:"from,omitempty"`
			Subject string             `json:"subject,omitempty"`
			Problem string             `json:"problem,omitempty"`
		}
		var rows []row
		sum, err := d.Collect(s.ctx, l, c.Sources, func(f post.Found) {
			r := row{Source: f.Source, Outcome: f.Outcome.Kind, Part: f.Part, Parts: f.Parts, From: f.From, Subject: f.Subject}
			if f.Report != nil {
				r.Unit, r.ID = f.Report.Unit.Name, f.Report.Submission.String()
			}
			if f.Err != nil {
				r.Problem = s.words.Error(f.Err).String()
			}
			rows = append(rows, r)
			fmt.Fprintln(s.Stderr, s.foundText(f))
		})
		if err != nil {
			return err
		}
		return s.print(map[string]any{"found": rows, "sum": sum}, func(w io.Writer) {
			fmt.Fprintln(w, s.say("cli.collect.sum", "messages", sum.Messages, "fresh", sum.New, "again", sum.Again, "other", sum.Other, "bad", sum.Bad))
		})
	})
}

func (s *session) foundText(f post.Found) string {
	switch {
	case f.Err != nil:
		return s.say("cli.collect.bad", "source", f.Source, "text", s.words.Error(f.Err))
	case f.Report == nil:
		return s.say("cli.collect.other", "from", f.From, "subject", f.Subject, "source", f.Source)
	}
	return s.say("cli.collect.row", "outcome", s.say("state.outcome."+string(f.Outcome.Kind)), "unit", f.Report.Unit.Name,
		"revision", f.Report.Submission.Revision, "part", f.Part, "parts", f.Parts, "source", f.Source)
}

func (s *session) withLedger(work func(*post.Desk, *ledger.Ledger) error) (err error) {
	d, err := s.open()
	if err != nil {
		return err
	}
	l, err := d.Home.Ledger()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return work(d, l)
}

type ledgerCmd struct {
	List   ledgerListCmd   `cmd:"" default:"withargs" help:"${ledger_list}"`
	Show   ledgerShowCmd   `cmd:"" help:"${ledger_show}"`
	Review ledgerReviewCmd `cmd:"" help:"${ledger_review}"`
	Mails  ledgerMailsCmd  `cmd:"" help:"${ledger_mails}"`
	Enter  ledgerEnterCmd  `cmd:"" help:"${ledger_enter}"`
}

type ledgerListCmd struct {
	Notice string `help:"${ledger_notice}" placeholder:"ID"`
}

// submissionRow is a submission as lists show it.
type submissionRow struct {
	ID         string        `json:"id"`
	Revision   int           `json:"revision"`
	Notice     string        `json:"notice"`
	Unit       string        `json:"unit"`
	Received   time.Time     `json:"received,omitzero"`
	State      ledger.Status `json:"state"`
	Late       bool          `json:"late"`
	Superseded bool          `json:"superseded"`
	Have       int           `json:"have"`
	Parts      int           `json:"parts"`
	Deliveries int           `json:"deliveries"`
}

func rowOf(v ledger.Submission) submissionRow {
	return submissionRow{
		v.Ref.ID, v.Ref.Revision, v.NoticeID, v.Unit.Name, v.Completed, v.Status, v.Late, v.Superseded, v.Have, v.Parts, v.Deliveries,
	}
}

// Run lists the submissions.
func (c *ledgerListCmd) Run(s *session) error {
	return s.withLedger(func(_ *post.Desk, l *ledger.Ledger) error {
		list, err := l.Submissions(s.ctx, c.Notice, ledger.Filter{})
		if err != nil {
			return err
		}
		rows := make([]submissionRow, 0, len(list))
		for _, v := range list {
			rows = append(rows, rowOf(v))
		}
		return s.print(rows, func(w io.Writer) {
			for _, r := range rows {
				fmt.Fprintln(w, s.submissionText(r))
			}
			if len(rows) == 0 {
				fmt.Fprintln(w, s.say("cli.ledger.empty"))
			}
		})
	})
}

func (s *session) submissionText(r submissionRow) string {
	late, superseded := "", ""
	if r.Late {
		late = s.say("cli.ledger.late")
	}
	state := s.stateWord(string(r.State))
	switch {
	case r.Have < r.Parts:
		state = s.stateWord("incomplete")
	case r.Superseded:
		superseded = s.say("cli.ledger.superseded")
	}
	return s.say("cli.ledger.row", "id", r.ID, "revision", r.Revision, "state", state, "received", timeOf(r.Received),
		"unit", r.Unit, "late", late, "superseded", superseded)
}

type ledgerShowCmd struct {
	ID string `arg:"" help:"${arg_submission}"`
}

var refForm = regexp.MustCompile(`^(.+?)(?:-r([0-9]{1,4}))?$`)

// splitRef reads ID or ID-rN; the revision is 0 for the last one.
func splitRef(text string) (id string, rev int) {
	m := refForm.FindStringSubmatch(text)
	if m == nil {
		return text, 0
	}
	rev, _ = strconv.Atoi(m[2])
	return m[1], rev
}

// Run shows one submission with its history.
func (c *ledgerShowCmd) Run(s *session) error {
	return s.withLedger(func(_ *post.Desk, l *ledger.Ledger) error {
		id, rev := splitRef(c.ID)
		d, err := l.Get(s.ctx, id, rev)
		if err != nil {
			return err
		}
		v := map[string]any{"submission": rowOf(d.Submission), "report": d.Report, "arrivals": d.Arrivals, "reviews": d.Reviews, "receipts": d.Receipts}
		return s.print(v, func(w io.Writer) {
			fmt.Fprintln(w, s.submissionText(rowOf(d.Submission)))
			for _, a := range d.Arrivals {
				fmt.Fprintf(w, "  %s  %d/%d  %s  %s\n", timeOf(a.Received), a.Part, d.Parts, a.From, a.Folder)
			}
			for _, r := range d.Reviews {
				fmt.Fprintf(w, "  %s  %s  %s\n", timeOf(r.At), s.stateWord(string(r.As)), r.By)
				for p, text := range r.Reasons {
					fmt.Fprintf(w, "    %s %s\n", p, text)
				}
			}
		})
	})
}

type ledgerReviewCmd struct {
	ID     string        `arg:"" help:"${arg_submission}"`
	As     ledger.Status `required:"" enum:"received,returned,confirmed" help:"${review_as}"`
	Reason []string      `help:"${review_reason}" sep:"none"`
	By     string        `help:"${review_by}"`
}

// Run records a review.
func (c *ledgerReviewCmd) Run(s *session) error {
	if c.As == ledger.Returned && len(c.Reason) == 0 {
		return usageError{s.say("cli.want-reason")}
	}
	return s.withLedger(func(d *post.Desk, l *ledger.Ledger) error {
		id, rev := splitRef(c.ID)
		v, err := l.Get(s.ctx, id, rev)
		if err != nil {
			return err
		}
		review := ledger.Review{As: c.As, Reasons: reasons(c.Reason), By: c.By, At: d.Now()}
		if err := l.Review(s.ctx, v.Ref, review); err != nil {
			return err
		}
		return s.print(map[string]any{"submission": v.Ref, "state": c.As}, func(w io.Writer) {
			fmt.Fprintln(w, s.say("cli.reviewed", "id", v.Ref, "state", s.stateWord(string(c.As))))
		})
	})
}

// reasons reads PATH=REASON, and REASON for the whole report.
func reasons(texts []string) map[forms.Path]string {
	out := map[forms.Path]string{}
	for _, t := range texts {
		path, text, ok := strings.Cut(t, "=")
		p, err := forms.ParsePath(path)
		if !ok || err != nil || slices.Contains([]string{"", " "}, text) {
			p, text = "", t
		}
		if out[p] != "" {
			text = out[p] + "；" + text
		}
		out[p] = text
	}
	return out
}
