package unit

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/forms"
	"baosong/mailer/outbox"
	"baosong/mailer/post"
	"baosong/ui/kit"
)

const rehearsalSender = "rehearsal@unit.example"

// checking draws every finding, each with a way to its question.
func (e *Editor) checking() []fyne.CanvasObject {
	out := []fyne.CanvasObject{kit.NewHeading(e.words.T("unit.check"))}
	found := e.checker.Findings()
	if len(found) == 0 {
		return append(out, kit.NewText(e.words.T("unit.all-good")))
	}
	for _, f := range found {
		var actions []kit.Action
		if f.Path != "" {
			actions = []kit.Action{{Label: e.words.T("unit.go-there"), Do: func() { e.Jump(f.Path) }}}
		}
		row := kit.NewFileRow(level(f).Icon(), e.words.Where(f), "", actions)
		row.SetFinding(level(f), e.words.Finding(f))
		out = append(out, row)
	}
	return out
}

// sending draws where the report goes, the rehearsal switch, and the button.
func (e *Editor) sending() []fyne.CanvasObject {
	to := e.notice.ReportTo
	out := []fyne.CanvasObject{
		kit.NewHeading(e.words.T("unit.send")),
		kit.NewText(e.words.T("unit.goes-to", "department", to.Department, "email", to.Email)),
	}
	if e.locked {
		return append(out, kit.NewText(e.words.T("unit.submitted", "id", e.draft.Submission().String())))
	}
	if forms.HasErrors(e.checker.Findings()) {
		line := kit.NewFinding()
		line.Set(kit.Error, e.words.T("unit.fix-first"))
		return append(out, line)
	}
	if e.notice.Late(e.desk.Now()) {
		line := kit.NewFinding()
		line.Set(kit.Warning, e.words.T("unit.late"))
		out = append(out, line)
	}
	settings, err := e.desk.Home.Settings()
	if err != nil {
		e.fail(err)
	}
	var names []kit.Option
	for _, a := range settings.Accounts {
		names = append(names, kit.Option{Value: a.Name, Label: a.Address.Addr})
	}
	account := kit.NewChoice(names, e.words.T("unit.choose"), func(string) {})
	rehearse := widget.NewCheck(e.words.T("unit.rehearse"), nil)
	rehearse.SetChecked(len(names) == 0)
	progress := kit.NewProgressRow(e.words.T("unit.progress"))
	progress.Hide()
	var button *widget.Button
	button = widget.NewButtonWithIcon(e.words.T("unit.send-now"), theme.MailSendIcon(), func() {
		name := account.Value()
		if rehearse.Checked {
			name = rehearsalSender
		}
		if name == "" {
			progress.Show()
			progress.Finish(kit.Error, e.words.T("unit.no-account"))
			return
		}
		button.Disable()
		progress.Show()
		e.send(name, rehearse.Checked, progress)
	})
	button.Importance = widget.HighImportance
	if len(names) > 0 {
		out = append(out, kit.NewField(e.words.T("unit.account"), "", "", account))
	}
	return append(out, rehearse, kit.NewMuted(e.words.T("unit.rehearse-hint")), button, progress)
}

// send submits and sends off the UI goroutine; the draft is not touched here
// meanwhile.
func (e *Editor) send(account string, rehearse bool, progress *kit.ProgressRow) {
	e.locked = true
	e.busy.Go(func() {
		job, err := e.submit(account, rehearse, progress)
		e.thread.Do(func() { e.sent(job, err, progress) })
	})
}

func (e *Editor) submit(account string, rehearse bool, progress *kit.ProgressRow) (job outbox.Job, err error) {
	if err := e.saver.Flush(e.ctx); err != nil {
		return job, err
	}
	if rehearse {
		if err := e.desk.Rehearse(account, e.notice.ReportTo.Email); err != nil {
			return job, err
		}
	}
	show := e.throttled(progress)
	job, err = e.desk.Submit(e.ctx, e.notice, e.draft, post.Options{Account: account}, func(step post.Step, done, total int64) {
		show(done, total, e.words.T("unit.step."+string(step)))
	})
	if err != nil {
		return job, err
	}
	_, err = e.desk.Send(e.ctx, func(ev outbox.Event) {
		if ev.Job.ID == job.ID {
			show(ev.Done, ev.Total, e.words.T("unit.part", "n", ev.Part, "of", len(ev.Job.Parts), "done", e.words.Size(ev.Done), "total", e.words.Size(ev.Total)))
		}
	})
	if err != nil {
		return job, err
	}
	return e.desk.Home.Outbox.Get(job.ID)
}

// throttled shows a step's progress when it moved by a hundredth.
func (e *Editor) throttled(row *kit.ProgressRow) func(done, total int64, text string) {
	last := ""
	return func(done, total int64, text string) {
		fraction := 1.0
		if total > 0 {
			fraction = float64(done) / float64(total)
		}
		key := fmt.Sprintf("%.2f", fraction)
		if key == last {
			return
		}
		last = key
		e.thread.Do(func() { row.Set(fraction, text) })
	}
}

// sent shows how it went. A draft that was not submitted can be worked on again.
func (e *Editor) sent(job outbox.Job, err error, progress *kit.ProgressRow) {
	switch {
	case err != nil && e.ctx.Err() == context.Canceled:
	case err != nil:
		e.locked = e.draft.Submission().ID != "" && e.draft.State() == "submitted"
		progress.Finish(kit.Error, e.words.Error(err).String())
	case job.State() == outbox.Sent:
		progress.Finish(kit.Success, e.words.T("unit.sent", "id", job.ID))
	case job.Fault() != nil:
		progress.Finish(kit.Error, e.words.Error(job.Fault().Err()).String())
	default:
		progress.Finish(kit.Info, e.words.T("unit.waiting"))
	}
}
