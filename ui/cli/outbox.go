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
	Retry  outboxRetryCmd  `cmd:"" help:"${outbox_retry}"`
	Remove outboxRemoveCmd `cmd:"" help:"${outbox_remove}"`
	Save   outboxSaveCmd   `cmd:"" help:"${outbox_save}"`
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

type outboxRunCmd struct {
	Watch bool `help:"${outbox_watch}"`
}

// Run sends what is due, once, or goes on until it is interrupted.
func (c *outboxRunCmd) Run(s *session) error {
	if !c.Watch {
		return s.pass("")
	}
	d, err := s.open()
	if err != nil {
		return err
	}
	d.Run(s.ctx, s.sending())
	return nil
}

// sending prints a line for each tenth of a message, to stderr.
func (s *session) sending() func(outbox.Event) {
	shown := ""
	var pace outbox.Pace
	return func(e outbox.Event) {
		if e.Err != nil {
			fmt.Fprintln(s.Stderr, s.say("cli.error", "text", s.words.Error(e.Err)))
			return
		}
		percent := int64(100)
		if e.Total > 0 {
			percent = e.Done * 100 / e.Total
		}
		at := pace.Add(e, time.Now())
		line := s.say("cli.sending", "title", e.Job.Title, "part", e.Part, "parts", len(e.Job.Parts), "percent", percent/10*10)
		if line == shown {
			return
		}
		shown = line
		if at.Left > 0 {
			line += s.say("cli.left", "time", at.Left)
		}
		fmt.Fprintln(s.Stderr, line)
	}
}

// pass sends what is due. It fails when the job of that id, or for "" any job,
// has stopped for good.
func (s *session) pass(id string) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	if _, err = d.Send(s.ctx, s.sending()); err != nil {
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
	return s.changeJob(c.ID, (*outbox.Box).Cancel)
}

type outboxRetryCmd struct {
	ID string `arg:"" help:"${arg_job}"`
}

// Run queues again what was not sent of a job that stopped.
func (c *outboxRetryCmd) Run(s *session) error {
	return s.changeJob(c.ID, (*outbox.Box).Retry)
}

func (s *session) changeJob(id string, change func(*outbox.Box, string) error) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	if err := change(d.Home.Outbox, id); err != nil {
		return err
	}
	j, err := d.Home.Outbox.Get(id)
	if err != nil {
		return err
	}
	return s.printJobs([]outbox.Job{j})
}

type outboxRemoveCmd struct {
	ID string `arg:"" help:"${arg_job}"`
}

// Run takes a job away that was sent, or stopped.
func (c *outboxRemoveCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	return d.Home.Outbox.Remove(c.ID)
}

type outboxSaveCmd struct {
	ID     string `arg:"" help:"${arg_job}"`
	EML    string `name:"eml" help:"${send_eml}" xor:"way" required:"" placeholder:"DIR"`
	Folder string `help:"${send_folder}" xor:"way" required:"" placeholder:"DIR"`
}

// Run writes the messages of a job for another way of sending.
func (c *outboxSaveCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	if c.Folder == "" {
		_, err = d.SaveMessages(s.ctx, c.ID, c.EML)
		return errors.Join(err, s.wroteIf(err, c.EML))
	}
	_, err = d.SaveFolder(s.ctx, c.ID, c.Folder)
	return errors.Join(err, s.wroteIf(err, c.Folder))
}

func (s *session) wroteIf(err error, file string) error {
	if err != nil {
		return nil
	}
	return s.wrote(file)
}
