package unit

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"baosong/forms/draft"
	"baosong/mailer/outbox"
	"baosong/ui/kit"
)

const moment = "2006-01-02 15:04"

func (p *Start) titleOf(i draft.Info) string {
	if i.Title == "" {
		return p.T("start.untitled")
	}
	return i.Title
}

// draftRow shows a draft being worked on, with what happened to it.
func (p *Start) draftRow(i draft.Info) fyne.CanvasObject {
	state := p.T("start.state.working")
	if i.Submission.Revision > 1 {
		state = p.T("start.state.correcting", "n", i.Submission.Revision)
	}
	row := kit.NewFileRow(theme.DocumentIcon(), p.titleOf(i), p.T("start.draft-detail", "state", state,
		"time", i.Modified.Local().Format(moment), "notice", i.NoticeTitle), p.draftActions(i))
	switch {
	case i.Problem != nil:
		row.SetFinding(kit.Error, p.Words.Error(i.Problem).String())
	case i.Held != nil:
		row.SetFinding(kit.Warning, p.Words.Held(*i.Held))
	case i.Recovery != nil:
		row.SetFinding(kit.Warning, p.Words.Recovery(*i.Recovery).String())
	}
	return row
}

func (p *Start) draftActions(i draft.Info) []kit.Action {
	drop := kit.Action{Label: p.T("start.delete"), Danger: true, Do: func() { p.delete(i) }}
	if i.Problem != nil {
		return []kit.Action{drop}
	}
	open := kit.Action{Label: p.T("start.open"), Primary: true, Do: func() { p.Open(i.ID, false) }}
	if i.Recovery != nil && i.Held == nil {
		open.Label = p.T("start.recover")
	}
	actions := []kit.Action{open, {Label: p.T("start.duplicate"), Do: func() { p.duplicate(i) }}}
	if i.Held == nil {
		actions = append(actions, kit.Action{Label: p.T("start.archive"), Do: func() { p.archive(i) }}, drop)
	}
	return actions
}

// sentRow shows what was submitted: how far its messages are, and its receipt.
func (p *Start) sentRow(i draft.Info) fyne.CanvasObject {
	row := kit.NewFileRow(theme.MailSendIcon(), p.titleOf(i), p.T("start.sent-detail", "n", i.Submission.Revision,
		"time", i.Modified.Local().Format(moment), "notice", i.NoticeTitle), []kit.Action{
		{Label: p.T("start.open"), Do: func() { p.Open(i.ID, false) }},
		{Label: p.T("start.correct"), Do: func() { p.correct(i) }},
		{Label: p.T("start.archive"), Do: func() { p.archive(i) }},
	})
	job, queued := p.stock.jobs[i.ID]
	if n := p.stock.latest[i.Submission.ID]; n > i.Submission.Revision {
		row.SetFinding(kit.Info, p.T("start.superseded", "n", n))
	} else if r, ok := p.stock.receipts[i.Submission.String()]; ok {
		row.SetFinding(r.level, r.text)
	} else if queued {
		row.SetFinding(p.jobState(job))
	} else {
		row.SetFinding(kit.Info, p.T("start.handed-over"))
	}
	return row
}

// jobState says how far a job in the outbox is.
func (s *Shell) jobState(j outbox.Job) (kit.Level, string) {
	sent := 0
	for _, part := range j.Parts {
		if part.State == outbox.Sent {
			sent++
		}
	}
	state := j.State()
	text := s.T("outbox."+string(state), "sent", sent, "of", len(j.Parts))
	switch state {
	case outbox.Sent:
		return kit.Success, text
	case outbox.Failed:
		return kit.Error, text + s.Words.Error(j.Fault().Err()).String()
	case outbox.Cancelled, outbox.Uncertain:
		return kit.Warning, text
	}
	return kit.Info, text
}

// aside draws what was archived or deleted, folded away.
func (p *Start) aside() fyne.CanvasObject {
	column := container.NewVBox()
	deleted := 0
	for _, i := range p.stock.aside {
		where, actions := p.T("start.archived"), []kit.Action{{Label: p.T("start.restore"), Do: func() { p.restore(i.ID) }}}
		if i.Place == draft.Bin {
			deleted++
			where = p.T("start.deleted")
			actions = append(actions, kit.Action{Label: p.T("start.purge"), Danger: true, Do: func() { p.purge(i) }})
		}
		column.Add(kit.NewFileRow(theme.DocumentIcon(), p.titleOf(i), p.T("start.draft-detail", "state", where,
			"time", i.Modified.Local().Format(moment), "notice", i.NoticeTitle), actions))
	}
	var actions []kit.Action
	if deleted > 0 {
		actions = append(actions, kit.Action{Label: p.T("start.empty-bin", "n", deleted), Icon: theme.DeleteIcon(), Danger: true, Do: p.emptyBin})
	}
	card := kit.NewCard(p.T("start.aside"), column, actions, func(folded bool) { p.folded = folded })
	card.SetTitle(p.T("start.aside"), p.T("start.aside-n", "n", len(p.stock.aside)))
	card.SetFolded(p.folded)
	return card
}

// change does something to the store, and shows what came of it.
func (p *Start) change(do func() error, done func()) {
	p.Go(func(context.Context) func() {
		err := do()
		return func() {
			if err != nil {
				p.Fail(err)
			} else if done != nil {
				done()
			}
			p.Reload()
		}
	})
}

func (p *Start) duplicate(i draft.Info) {
	p.change(func() error { _, err := p.Desk.Home.Drafts.Duplicate(i.ID); return err },
		func() { p.Toast.Tell(kit.Success, p.T("start.duplicated", "title", p.titleOf(i))) })
}

func (p *Start) archive(i draft.Info) {
	p.change(func() error { return p.Desk.Home.Drafts.Archive(i.ID) },
		func() { p.Toast.Tell(kit.Success, p.T("start.archived-now", "title", p.titleOf(i)), p.undo(i.ID)) })
}

func (p *Start) delete(i draft.Info) {
	p.change(func() error { return p.Desk.Home.Drafts.Delete(i.ID) },
		func() { p.Toast.Tell(kit.Success, p.T("start.deleted-now", "title", p.titleOf(i)), p.undo(i.ID)) })
}

func (p *Start) undo(id string) kit.Action {
	return kit.Action{Label: p.T("unit.undo"), Do: func() { p.restore(id) }}
}

func (p *Start) restore(id string) {
	p.change(func() error { return p.Desk.Home.Drafts.Restore(id) }, nil)
}

func (p *Start) purge(i draft.Info) {
	p.Ask(p.T("start.purge"), p.T("start.purge-ask", "title", p.titleOf(i)), kit.Action{Label: p.T("start.purge"), Primary: true, Danger: true, Do: func() {
		p.change(func() error { return p.Desk.Home.Drafts.Purge(i.ID) }, nil)
	}})
}

func (p *Start) emptyBin() {
	p.Ask(p.T("start.purge"), p.T("start.empty-ask"), kit.Action{Label: p.T("start.purge"), Primary: true, Danger: true, Do: func() {
		p.change(func() error { _, err := p.Desk.Home.Drafts.EmptyBin(); return err }, nil)
	}})
}

// correct opens the next revision of what was submitted.
func (p *Start) correct(i draft.Info) { p.Shell.Correct(i.ID, false) }

// Correct opens the next revision of a submitted draft, making it if need be:
// at the page that sends if nothing of it is to be changed.
func (s *Shell) Correct(id string, send bool) {
	s.Go(func(context.Context) func() {
		next, err := s.Desk.Home.Drafts.Correct(id)
		if newer, ok := errors.AsType[*draft.CorrectedError](err); ok && !newer.Submitted {
			next, err = newer.ID, nil
		}
		return func() {
			if err != nil {
				s.Fail(err)
				return
			}
			s.Open(next, send)
		}
	})
}
