package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"baosong/forms"
	"baosong/forms/atomicfile"
	"baosong/forms/xlsform"
)

type noticeCmd struct {
	List     noticeListCmd     `cmd:"" default:"1" help:"${notice_list}"`
	Show     noticeShowCmd     `cmd:"" help:"${notice_show}"`
	Check    noticeCheckCmd    `cmd:"" help:"${notice_check}"`
	Import   noticeImportCmd   `cmd:"" help:"${notice_import}"`
	Template noticeTemplateCmd `cmd:"" help:"${notice_template}"`
	Export   noticeExportCmd   `cmd:"" help:"${notice_export}"`
}

// noticeRow is a notice as lists show it.
type noticeRow struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	Deadline time.Time `json:"deadline,omitzero"`
	Late     bool      `json:"late"` // the deadline has passed
	ReportTo string    `json:"reportTo"`
}

type noticeListCmd struct{}

// Run lists the notices there are.
func (*noticeListCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	all, err := d.Home.Notices()
	rows := make([]noticeRow, 0, len(all))
	for _, n := range all {
		rows = append(rows, noticeRow{n.ID, n.Title, n.Deadline, n.Late(d.Now()), n.ReportTo.Email})
	}
	return errors.Join(err, s.print(rows, func(w io.Writer) {
		for _, r := range rows {
			fmt.Fprintln(w, s.say("cli.notice.row", "id", r.ID, "title", r.Title, "deadline", dateOf(r.Deadline), "late", s.lateMark(r.Late)))
		}
	}))
}

func (s *session) lateMark(late bool) string {
	if late {
		return s.say("cli.late")
	}
	return ""
}

func dateOf(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format("2006-01-02")
}

type noticeShowCmd struct {
	ID string `arg:"" help:"${arg_notice}"`
}

// question is a question as notice show prints it.
type question struct {
	Path     forms.Path `json:"path"`
	Type     forms.Type `json:"type"`
	Label    string     `json:"label"`
	Required string     `json:"required,omitempty"` // the expression
	Choices  []string   `json:"choices,omitempty"`
}

// Run shows a notice and what its form asks.
func (c *noticeShowCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	n, err := d.Home.Notice(c.ID)
	if err != nil {
		return err
	}
	files, err := d.Home.Attachments(n.ID)
	if err != nil {
		return err
	}
	list := questions(n.Form.Questions, s.words.Lang())
	v := struct {
		noticeRow
		Number    string          `json:"number,omitempty"`
		Issuers   []string        `json:"issuers,omitempty"`
		Theme     string          `json:"theme,omitempty"`
		Asks      []string        `json:"asks,omitempty"`
		To        forms.Contact   `json:"to"`
		Contacts  []forms.Contact `json:"contacts,omitempty"`
		Roster    forms.Roster    `json:"roster,omitempty"`
		Files     []string        `json:"files,omitempty"` // that came with it
		Questions []question      `json:"questions"`
	}{
		noticeRow{n.ID, n.Title, n.Deadline, n.Late(d.Now()), n.ReportTo.Email},
		n.Number, n.Issuers, n.Theme, n.Asks, n.ReportTo, n.Contacts, n.Roster, files, list,
	}
	return s.print(v, func(w io.Writer) {
		fmt.Fprintln(w, s.say("cli.notice.head", "title", n.Title, "number", n.Number, "theme", n.Theme, "deadline", dateOf(n.Deadline),
			"late", s.lateMark(v.Late), "to", n.ReportTo.Department, "person", n.ReportTo.Person, "phone", n.ReportTo.Phone, "email", n.ReportTo.Email))
		for _, ct := range n.Contacts {
			fmt.Fprintln(w, s.say("cli.notice.contact", "department", ct.Department, "person", ct.Person, "phone", ct.Phone, "email", ct.Email))
		}
		for _, f := range files {
			fmt.Fprintln(w, s.say("cli.notice.attachment", "file", f))
		}
		for _, q := range list {
			mark := " "
			if q.Required != "" {
				mark = "*"
			}
			fmt.Fprintf(w, "%s %-14s %s  %s\n", mark, q.Type, q.Path, q.Label)
		}
	})
}

func questions(qs []*forms.Question, lang string) []question {
	var out []question
	for _, q := range qs {
		v := question{Path: q.Path(), Type: q.Type, Label: q.Label.In(lang), Required: q.Required}
		for _, c := range q.Options() {
			v.Choices = append(v.Choices, c.Name)
		}
		out = append(out, v)
		out = append(out, questions(q.Children, lang)...)
	}
	return out
}

type noticeCheckCmd struct {
	Source string `arg:"" help:"${arg_notice_source}"`
}

// Run reads a notice and says what is wrong with it.
func (c *noticeCheckCmd) Run(s *session) error {
	n, problems, err := xlsform.ReadFile(c.Source)
	return s.reportNotice(n, problems, err)
}

type noticeImportCmd struct {
	Source string `arg:"" help:"${arg_notice_source}"`
}

// Run reads a notice and keeps it.
func (c *noticeImportCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	n, problems, err := d.Home.Import(c.Source)
	if err := s.reportNotice(n, problems, err); err != nil || n == nil {
		return err
	}
	files, err := d.Home.Attachments(n.ID)
	for _, f := range files {
		s.note("cli.notice.attachment", "file", filepath.Base(f))
	}
	return err
}

// reportNotice prints what reading a notice came to. Errors in the form are
// the findings of an invalid input.
func (s *session) reportNotice(n *forms.Notice, problems []xlsform.Problem, err error) error {
	var errs []string
	for _, e := range problemsIn(err) {
		errs = append(errs, s.words.Problem(e))
	}
	if err != nil && errs == nil {
		return err
	}
	warnings := make([]string, 0, len(problems))
	for _, p := range problems {
		warnings = append(warnings, s.words.Problem(p))
	}
	v := map[string]any{"errors": errs, "warnings": warnings}
	if n != nil && err == nil {
		v["id"], v["title"] = n.ID, n.Title
	}
	printErr := s.print(v, func(w io.Writer) {
		for _, e := range errs {
			fmt.Fprintln(w, s.say("cli.finding.error", "text", e))
		}
		for _, p := range warnings {
			fmt.Fprintln(w, s.say("cli.finding.warning", "text", p))
		}
		if err == nil {
			fmt.Fprintln(w, s.say("cli.notice.ok", "id", n.ID, "title", n.Title))
		}
	})
	if len(errs) > 0 {
		return errors.Join(errInvalid, printErr)
	}
	return printErr
}

// problemsIn returns the problems of a form in an error tree.
func problemsIn(err error) []forms.Problem {
	switch e := err.(type) {
	case nil:
		return nil
	case forms.Problem:
		return []forms.Problem{e}
	case interface{ Unwrap() []error }:
		var out []forms.Problem
		for _, x := range e.Unwrap() {
			out = append(out, problemsIn(x)...)
		}
		return out
	}
	return problemsIn(errors.Unwrap(err))
}

type noticeTemplateCmd struct {
	ID  string `arg:"" help:"${arg_notice}"`
	Out string `required:"" help:"${out_xlsx}" placeholder:"F.xlsx"`
}

// Run writes the workbook for filling in offline.
func (c *noticeTemplateCmd) Run(s *session) error {
	return s.writeNotice(c.ID, c.Out, xlsform.Template)
}

type noticeExportCmd struct {
	ID  string `arg:"" help:"${arg_notice}"`
	Out string `required:"" help:"${out_xlsx}" placeholder:"F.xlsx"`
}

// Run writes the notice as an XLSForm workbook.
func (c *noticeExportCmd) Run(s *session) error { return s.writeNotice(c.ID, c.Out, xlsform.Write) }

func (s *session) writeNotice(id, out string, write func(io.Writer, *forms.Notice) error) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	n, err := d.Home.Notice(id)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(out, func(w io.Writer) error { return write(w, n) }); err != nil {
		return err
	}
	return s.wrote(out)
}

// wrote says which file was made.
func (s *session) wrote(path string) error {
	return s.print(map[string]string{"file": path}, func(w io.Writer) {
		fmt.Fprintln(w, s.say("cli.wrote", "file", path))
	})
}
