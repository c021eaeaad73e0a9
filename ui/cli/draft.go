package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/forms/media"
)

type draftCmd struct {
	New    draftNewCmd    `cmd:"" help:"${draft_new}"`
	List   draftListCmd   `cmd:"" default:"1" help:"${draft_list}"`
	Show   draftShowCmd   `cmd:"" help:"${draft_show}"`
	Set    draftSetCmd    `cmd:"" help:"${draft_set}"`
	Fill   draftFillCmd   `cmd:"" help:"${draft_fill}"`
	Attach draftAttachCmd `cmd:"" help:"${draft_attach}"`
	Check  draftCheckCmd  `cmd:"" help:"${draft_check}"`

	Undo     draftUndoCmd     `cmd:"" help:"${draft_undo}"`
	Redo     draftRedoCmd     `cmd:"" help:"${draft_redo}"`
	Versions draftVersionsCmd `cmd:"" help:"${draft_versions}"`
	Revert   draftRevertCmd   `cmd:"" help:"${draft_revert}"`

	Duplicate draftDuplicateCmd `cmd:"" help:"${draft_duplicate}"`
	Correct   draftCorrectCmd   `cmd:"" help:"${draft_correct}"`
	Archive   draftArchiveCmd   `cmd:"" help:"${draft_archive}"`
	Delete    draftDeleteCmd    `cmd:"" help:"${draft_delete}"`
	Restore   draftRestoreCmd   `cmd:"" help:"${draft_restore}"`
	EmptyBin  draftEmptyBinCmd  `cmd:"" help:"${draft_empty}"`
}

type draftNewCmd struct {
	Notice string `arg:"" help:"${arg_notice}"`
}

// Run starts a draft.
func (c *draftNewCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	n, err := d.Home.Notice(c.Notice)
	if err != nil {
		return err
	}
	dr, err := d.Home.Drafts.New(n)
	if err != nil {
		return err
	}
	id := dr.ID
	if err := dr.Close(); err != nil {
		return err
	}
	return s.print(map[string]string{"id": id}, func(w io.Writer) { fmt.Fprintln(w, id) })
}

// edit opens a draft with its checker, does the work, and saves.
func (s *session) edit(id string, work func(n *forms.Notice, dr *draft.Draft, c *forms.Checker) error) (err error) {
	d, err := s.open()
	if err != nil {
		return err
	}
	dr, err := s.load(d, id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dr.Close()) }()
	n, err := d.Home.Notice(dr.NoticeID)
	if err != nil {
		return err
	}
	c := forms.NewChecker(n, dr.Answers, d.Env(dr, s.words.Lang()))
	if err := work(n, dr, c); err != nil {
		return err
	}
	return dr.Save()
}

type draftShowCmd struct {
	ID string `arg:"" help:"${arg_draft}"`
}

// Run prints the answers of a draft.
func (c *draftShowCmd) Run(s *session) (err error) {
	d, err := s.open()
	if err != nil {
		return err
	}
	dr, err := s.load(d, c.ID)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dr.Close()) }()
	n, err := d.Home.Notice(dr.NoticeID)
	if err != nil {
		return err
	}
	v := map[string]any{"id": dr.ID, "notice": dr.NoticeID, "state": dr.State(), "answers": dr.Answers, "materials": dr.Materials()}
	return s.print(v, func(w io.Writer) {
		fmt.Fprintf(w, "%s  %s  %s\n", dr.ID, dr.NoticeID, dr.State())
		n.Form.Walk(dr.Answers, func(_ *forms.Question, p forms.Path, v string) {
			if m, ok := dr.Material(v); ok {
				v = m.Name
			}
			fmt.Fprintf(w, "%s=%s\n", p, v)
		})
	})
}

type draftSetCmd struct {
	ID     string   `arg:"" help:"${arg_draft}"`
	Values []string `arg:"" name:"path=value" help:"${arg_values}"`
}

// Run answers questions. Entries of repeats are added by naming the next number.
func (c *draftSetCmd) Run(s *session) error {
	return s.edit(c.ID, func(n *forms.Notice, _ *draft.Draft, ck *forms.Checker) error {
		for _, pair := range c.Values {
			path, value, ok := strings.Cut(pair, "=")
			if !ok {
				return usageError{s.say("cli.want-value", "text", pair)}
			}
			p, q, err := s.reach(n, ck, path)
			if err != nil {
				return err
			}
			v, err := forms.Normalize(q, value)
			if err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
			if _, err := ck.Set(p, v); err != nil {
				return err
			}
		}
		return nil
	})
}

// reach finds the question of a path as typed, and adds the entry it names
// when that is the next one of its repeat.
func (s *session) reach(n *forms.Notice, ck *forms.Checker, path string) (forms.Path, *forms.Question, error) {
	p, err := forms.ParsePath(path)
	if err != nil {
		return "", nil, usageError{err.Error()}
	}
	q := n.Form.Lookup(p)
	if q == nil {
		return "", nil, usageError{s.say("cli.no-question", "path", path, "notice", n.ID)}
	}
	for _, e := range p.Entries() {
		if repeat := e.Repeat(); e.Index() == ck.Answers().Len(repeat)+1 {
			if _, err := ck.Insert(repeat, 0, nil); err != nil {
				return "", nil, err
			}
		}
	}
	return p, q, nil
}

type draftFillCmd struct {
	ID       string `arg:"" help:"${arg_draft}"`
	Workbook string `arg:"" help:"${arg_workbook}"`
}

// unplaced is a cell of a workbook that no question took.
type unplaced struct {
	Sheet string     `json:"sheet"`
	Cell  string     `json:"cell"`
	Text  string     `json:"text"`
	Path  forms.Path `json:"path,omitempty"`
	Why   string     `json:"why"`
}

// Run reads a filled-in workbook into the draft.
func (c *draftFillCmd) Run(s *session) error {
	return s.edit(c.ID, func(n *forms.Notice, dr *draft.Draft, _ *forms.Checker) error {
		a, left, err := s.desk.Fill(s.ctx, n, dr, c.Workbook)
		if err != nil {
			return err
		}
		n.Form.Refill(dr.Answers, a)
		rows := make([]unplaced, 0, len(left))
		for _, u := range left {
			rows = append(rows, unplaced{u.Sheet, u.Cell, u.Text, u.Path, s.words.Error(u.Err).What})
		}
		return s.print(map[string]any{"unplaced": rows}, func(w io.Writer) {
			for _, u := range rows {
				fmt.Fprintln(w, s.say("cli.unplaced", "cell", u.Sheet+"!"+u.Cell, "value", u.Text, "why", u.Why))
			}
			fmt.Fprintln(w, s.say("cli.filled", "n", len(rows)))
		})
	})
}

type draftAttachCmd struct {
	ID    string   `arg:"" help:"${arg_draft}"`
	Path  string   `arg:"" help:"${arg_path}"`
	Files []string `arg:"" help:"${arg_files}"`
}

// Run attaches files: to the question itself, or, when it lies in a repeat
// named without a number, each to a new entry of that repeat. Folders stand
// for the files in them that somebody may mean to send. A file that cannot be
// attached does not stop the others.
func (c *draftAttachCmd) Run(s *session) error {
	var failed []error
	err := s.edit(c.ID, func(n *forms.Notice, dr *draft.Draft, ck *forms.Checker) error {
		p, err := forms.ParsePath(c.Path)
		if err != nil {
			return usageError{err.Error()}
		}
		q := n.Form.Lookup(p)
		if q == nil || !q.Type.Media() {
			return usageError{s.say("cli.no-media", "path", c.Path)}
		}
		perEntry := q.Parent() != nil && q.Parent().Type == forms.TypeRepeat && p.Parent().Index() == 0
		g, err := media.Gather(s.ctx, c.Files)
		if err != nil {
			return err
		}
		if n := g.Count(); n > 0 {
			s.note("media.skipped", "n", n)
		}
		if len(g.Files) > 1 && !perEntry {
			return usageError{s.say("cli.one-file", "path", c.Path)}
		}
		return dr.AttachAll(s.ctx, g.Files, nil, func(a draft.Attached) {
			err := a.Err
			if err == nil {
				err = c.answer(s, n, dr, ck, a.Material, perEntry)
			}
			if err != nil {
				failed = append(failed, &fs.PathError{Op: "attach", Path: a.Path, Err: err})
			}
		})
	})
	if len(failed) == 0 {
		return err
	}
	for _, f := range failed[1:] { // the first one is told as what failed
		s.note("cli.error", "text", s.words.Error(f))
	}
	return errors.Join(err, failed[0])
}

// answer makes m the answer to the question, or to that of a new entry.
func (c *draftAttachCmd) answer(s *session, n *forms.Notice, dr *draft.Draft, ck *forms.Checker, m forms.Material, perEntry bool) error {
	at := forms.Path(c.Path)
	var err error
	if perEntry {
		at, err = ck.Insert(at.Parent(), 0, nil)
		at = at.Child(forms.Path(c.Path).Name())
	} else {
		at, _, err = s.reach(n, ck, c.Path)
	}
	if err == nil {
		_, err = ck.Set(at, m.ID)
	}
	if err != nil {
		return err
	}
	s.note("cli.attached", "file", m.Name, "path", at)
	if m.WrongEnding() {
		s.note("cli.indented", "text", s.words.WrongEnding(m))
	}
	path, err := dr.MaterialPath(m.ID)
	if err != nil {
		return err
	}
	// What is wrong with the file was said when it was attached.
	if info, _ := media.Probe(s.ctx, path); len(info.Personal) > 0 {
		s.note("cli.indented", "text", s.say("media.removed-here", "what", s.words.Metadata(info.Personal)))
	}
	return nil
}

type draftCheckCmd struct {
	ID string `arg:"" help:"${arg_draft}"`
}

// Run checks a draft and prints the findings.
func (c *draftCheckCmd) Run(s *session) error {
	var found []forms.Finding
	err := s.edit(c.ID, func(n *forms.Notice, dr *draft.Draft, _ *forms.Checker) (err error) {
		found, err = s.desk.Check(s.ctx, n, dr, s.words.Lang())
		return err
	})
	if err != nil {
		return err
	}
	return s.findings(found)
}

// findings prints findings and, where one blocks, ends as invalid.
func (s *session) findings(found []forms.Finding) error {
	type row struct {
		forms.Finding
		Text string `json:"text"`
	}
	rows := make([]row, 0, len(found))
	for _, f := range found {
		rows = append(rows, row{f, s.words.Finding(f)})
	}
	err := s.print(rows, func(w io.Writer) {
		for _, r := range rows {
			fmt.Fprintln(w, s.say("cli.finding."+string(r.Severity), "text", s.words.Where(r.Finding)+"："+r.Text), r.Path)
		}
		if len(rows) == 0 {
			fmt.Fprintln(w, s.say("cli.no-findings"))
		}
	})
	if err == nil && forms.HasErrors(found) {
		return errInvalid
	}
	return err
}
