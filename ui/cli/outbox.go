package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"baosong/mailer/outbox"
)

type outboxCmd struct {
	List   outboxListCmd   `cmd:"" default:"1" help:"${outbox_list}"`
	Run    outboxRunCmd    `cmd:"" help:"${outbox_run}"`
	Cancel outboxCancelCmd `cmd:"" help:"${outbox_cancel}"`
}

// jobRow is a job as lists show it.
type jobRow struct {
	ID      string       `json:"id"`
	Title   string       `json:"title"`
	Account string       `json:"account"`
	To      []string     `json:"to"`
	State   outbox.State `json:"state"`
	Sent    int          `json:"sent"`  // messages
	Parts   int          `json:"parts"` // messages
	Bytes   int64        `json:"bytes"` // of all messages
	Next    time.Time    `json:"next,omitzero"`
	Fault   string       `json:"fault,omitempty"`
}

func (s *session) jobRow(j outbox.Job) jobRow {
	r := jobRow{ID: j.ID, Title: j.Title, Account: j.Account, To: j.Envelope.To, State: j.State(), Parts: len(j.Parts), Next: j.Next()}
	for _, p := range j.Parts {
		if p.State == outbox.Sent {
			r.Sent++
		}
	}
	_, r.Bytes = j.Bytes()
	if f := j.Fault(); f != nil {
		r.Fault = s.words.Error(f.Err()).String()
	}
	return r
}

func (s *session) printJobs(jobs []outbox.Job) error {
	rows := make([]jobRow, 0, len(jobs))
	for _, j := range jobs {
		rows = append(rows, s.jobRow(j))
	}
	return s.print(rows, func(w io.Writer) {
		for _, r := range rows {
			fmt.Fprintln(w, s.say("cli.job.row", "id", r.ID, "title", r.Title, "state", s.say("state.outbox."+string(r.State)),
				"sent", r.Sent, "parts", r.Parts, "size", s.words.Size(r.Bytes), "fault", r.Fault))
		}
		if len(rows) == 0 {
			fmt.Fprintln(w, s.say("cli.outbox.empty"))
		}
	})
}

type outboxListCmd struct{}

// Run lists the jobs in the outbox.
func (*outboxListCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	jobs, err := d.Home.Outbox.List()
	return errors.Join(err, s.printJobs(jobs))
}

type outboxRunCmd struct{}

// Run sends what is due, once.
func (*outboxRunCmd) Run(s *session) error {
	return s.pass("")
}

// pass sends what is due. It fails when the job of that id, or for "" any job,
// has stopped for good.
func (s *session) pass(id string) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	shown := ""
	_, err = d.Send(s.ctx, func(e outbox.Event) {
		percent := int64(100)
		if e.Total > 0 {
			percent = e.Done * 100 / e.Total
		}
		line := s.say("cli.sending", "title", e.Job.Title, "part", e.Part, "parts", len(e.Job.Parts), "percent", percent/10*10)
		if line != shown {
			fmt.Fprintln(s.Stderr, line)
			shown = line
		}
	})
	if err != nil {
		return err
	}
	jobs, err := d.Home.Outbox.List()
	if err != nil {
		return err
	}
	var mine []outbox.Job
	var failed error
	for _, j := range jobs {
		if id != "" && j.ID != id {
			continue
		}
		mine = append(mine, j)
		if j.State() == outbox.Failed {
			failed = j.Fault().Err()
		}
	}
	return errors.Join(failed, s.printJobs(mine))
}

type outboxCancelCmd struct {
	ID string `arg:"" help:"${arg_job}"`
}

// Run stops a job.
func (c *outboxCancelCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	if err := d.Home.Outbox.Cancel(c.ID); err != nil {
		return err
	}
	j, err := d.Home.Outbox.Get(c.ID)
	if err != nil {
		return err
	}
	return s.printJobs([]outbox.Job{j})
}
