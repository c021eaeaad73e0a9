package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/mailer/post"
)

// load opens a draft and says, to stderr, what it had to be restored from.
func (s *session) load(d *post.Desk, id string) (*draft.Draft, error) {
	dr, err := d.Home.Drafts.Load(id)
	if err == nil && (dr.Recovery.Interrupted || dr.Recovery.Broken != nil) {
		s.note("cli.draft.recovered", "text", s.words.Recovery(dr.Recovery))
	}
	return dr, err
}

type draftListCmd struct {
	Archive bool `help:"${draft_list_archive}" xor:"place"`
	Bin     bool `help:"${draft_list_bin}" xor:"place"`
}

// draftRow is a draft in a list.
type draftRow struct {
	ID       string     `json:"id"`
	Notice   string     `json:"notice"`
	Unit     string     `json:"unit,omitempty"`
	Modified time.Time  `json:"modified"`
	Deleted  *time.Time `json:"deleted,omitempty"`
	Size     int64      `json:"size"` // bytes of its materials
	State    string     `json:"state"`
	Revision int        `json:"revision,omitempty"`
	Held     string     `json:"held,omitempty"`     // where it is open
	Recovery string     `json:"recovery,omitempty"` // what can be restored
	Problem  string     `json:"problem,omitempty"`
}

// Run lists the drafts: where each is open, and what can be restored of one
// that was not closed.
func (c *draftListCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	place := draft.Live
	switch {
	case c.Archive:
		place = draft.Archived
	case c.Bin:
		place = draft.Bin
	}
	infos, err := d.Home.Drafts.List(place)
	if err != nil {
		return err
	}
	rows := make([]draftRow, 0, len(infos))
	for _, i := range infos {
		rows = append(rows, s.draftRow(i))
	}
	return s.print(rows, func(w io.Writer) {
		for _, r := range rows {
			fmt.Fprintf(w, "%s  %s  %-9s  %s %s\n", r.ID, r.Modified.Local().Format("2006-01-02 15:04"), r.State, r.Notice, r.Unit)
			for _, more := range []string{r.Held, r.Recovery, r.Problem} {
				if more != "" {
					fmt.Fprintln(w, "    "+more)
				}
			}
		}
	})
}

func (s *session) draftRow(i draft.Info) draftRow {
	r := draftRow{
		ID: i.ID, Notice: i.NoticeID, Unit: i.Title, Modified: i.Modified, Size: i.Size,
		State: string(i.State), Revision: i.Submission.Revision,
	}
	if !i.Deleted.IsZero() {
		r.Deleted = &i.Deleted
	}
	if i.Held != nil {
		r.Held = s.words.Held(*i.Held)
	}
	if i.Recovery != nil {
		r.Recovery = s.words.Recovery(*i.Recovery).What
	}
	if i.Problem != nil {
		r.Problem = s.words.Error(i.Problem).What
	}
	return r
}

// named is a command on one draft.
type named struct {
	ID string `arg:"" help:"${arg_draft}"`
}

// change does something with the draft on disk, and says so with the text key.
func (c *named) change(s *session, key string, do func(*draft.Store) error) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	if err := do(d.Home.Drafts); err != nil {
		return err
	}
	return s.print(map[string]string{"id": c.ID}, func(w io.Writer) { fmt.Fprintln(w, s.say(key)) })
}

type draftArchiveCmd struct{ named }

// Run puts a draft aside.
func (c *draftArchiveCmd) Run(s *session) error {
	return c.change(s, "cli.draft.archived", func(st *draft.Store) error { return st.Archive(c.ID) })
}

type draftRestoreCmd struct{ named }

// Run brings a draft back from the archive or the bin.
func (c *draftRestoreCmd) Run(s *session) error {
	return c.change(s, "cli.draft.restored", func(st *draft.Store) error { return st.Restore(c.ID) })
}

type draftDeleteCmd struct {
	named
	Forever bool `help:"${draft_forever}"`
}

// Run puts a draft into the bin, or removes it for good.
func (c *draftDeleteCmd) Run(s *session) error {
	if !c.Forever {
		return c.change(s, "cli.draft.deleted", func(st *draft.Store) error { return st.Delete(c.ID) })
	}
	return c.change(s, "cli.draft.purged", func(st *draft.Store) error {
		if err := st.Delete(c.ID); err != nil && !errors.Is(err, draft.ErrNoDraft) { // it may lie there already
			return err
		}
		return st.Purge(c.ID)
	})
}

type draftEmptyBinCmd struct{}

// Run empties the bin.
func (*draftEmptyBinCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	n, err := d.Home.Drafts.EmptyBin()
	if err != nil {
		return err
	}
	return s.print(map[string]int{"purged": n}, func(w io.Writer) { fmt.Fprintln(w, s.say("cli.draft.emptied", "n", n)) })
}

type draftDuplicateCmd struct{ named }

// Run duplicates a draft and prints the id of the new one.
func (c *draftDuplicateCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	id, err := d.Home.Drafts.Duplicate(c.ID)
	if err != nil {
		return err
	}
	return s.print(map[string]string{"id": id}, func(w io.Writer) { fmt.Fprintln(w, s.say("cli.draft.duplicated", "id", id)) })
}

type draftCorrectCmd struct{ named }

// Run starts the next revision of a submitted draft and prints its id.
func (c *draftCorrectCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	id, err := d.Home.Drafts.Correct(c.ID)
	if err != nil {
		return err
	}
	return s.withDraft(id, func(_ *post.Desk, _ *forms.Notice, dr *draft.Draft) error {
		ref := dr.Submission()
		return s.print(map[string]any{"id": id, "submission": ref}, func(w io.Writer) {
			fmt.Fprintln(w, s.say("cli.draft.corrected", "revision", ref.Revision, "id", id))
		})
	})
}

type draftVersionsCmd struct{ named }

// Run lists the last versions of a draft.
func (c *draftVersionsCmd) Run(s *session) error {
	return s.withDraft(c.ID, func(_ *post.Desk, n *forms.Notice, dr *draft.Draft) error {
		versions, err := dr.Versions()
		if err != nil {
			return err
		}
		type row struct {
			N       int            `json:"n"`
			Saved   time.Time      `json:"saved"`
			Answers *forms.Answers `json:"answers"`
		}
		rows := make([]row, 0, len(versions))
		for i, v := range versions {
			rows = append(rows, row{i, v.Saved, v.Answers})
		}
		return s.print(rows, func(w io.Writer) {
			for _, r := range rows {
				fmt.Fprintf(w, "%2d  %s\n", r.N, r.Saved.Local().Format(time.DateTime))
			}
		})
	})
}

type draftRevertCmd struct {
	named
	Version int `arg:"" help:"${arg_version}"`
}

// Run makes an older version the current one.
func (c *draftRevertCmd) Run(s *session) error {
	return s.withDraft(c.ID, func(_ *post.Desk, _ *forms.Notice, dr *draft.Draft) error {
		versions, err := dr.Versions()
		if err != nil {
			return err
		}
		if c.Version < 0 || c.Version >= len(versions) {
			return usageError{s.say("cli.draft.no-version", "n", c.Version)}
		}
		v := versions[c.Version]
		if err := errors.Join(dr.Replace(v.Answers), dr.Save()); err != nil {
			return err
		}
		return s.print(map[string]any{"id": c.ID, "saved": v.Saved}, func(w io.Writer) {
			fmt.Fprintln(w, s.say("cli.draft.reverted", "time", s.words.Moment(v.Saved)))
		})
	})
}

type draftUndoCmd struct{ named }

// Run takes the last change back.
func (c *draftUndoCmd) Run(s *session) error {
	return c.step(s, "cli.draft.undone", (*draft.Draft).Undo)
}

type draftRedoCmd struct{ named }

// Run makes a change again that was undone.
func (c *draftRedoCmd) Run(s *session) error {
	return c.step(s, "cli.draft.redone", (*draft.Draft).Redo)
}

func (c *named) step(s *session, key string, move func(*draft.Draft) (bool, error)) error {
	return s.withDraft(c.ID, func(_ *post.Desk, _ *forms.Notice, dr *draft.Draft) error {
		moved, err := move(dr)
		if err == nil {
			err = dr.Save()
		}
		if err != nil {
			return err
		}
		if !moved {
			key = "cli.draft.nothing"
		}
		return s.print(map[string]any{"id": c.ID, "moved": moved}, func(w io.Writer) { fmt.Fprintln(w, s.say(key)) })
	})
}
