package unit

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/ui/kit"
)

// ShowVersions offers the last good versions of the draft to go back to.
func (e *Editor) ShowVersions() {
	if e.locked {
		return
	}
	e.shell.Go(func(ctx context.Context) func() {
		_ = e.saver.Flush(ctx) // the newest version is what is on screen; a failure is told by saved
		versions, err := e.draft.Versions()
		return func() {
			if err != nil {
				e.fail(err)
				return
			}
			e.chooseVersion(versions)
		}
	})
}

func (e *Editor) chooseVersion(versions []draft.Version) {
	var d *dialog.CustomDialog
	rows := container.NewVBox()
	for _, v := range versions {
		answered := 0
		e.notice.Form.Walk(v.Answers, func(_ *forms.Question, _ forms.Path, text string) {
			if text != "" {
				answered++
			}
		})
		rows.Add(kit.NewFileRow(theme.HistoryIcon(), v.Saved.Local().Format(moment+":05"), e.words.T("unit.version-detail", "n", answered), []kit.Action{
			{Label: e.words.T("unit.version-take"), Do: func() { d.Hide(); e.goBack(v) }},
		}))
	}
	page := kit.NewPage(rows)
	page.Lead(rows)
	page.Scroll().SetMinSize(fyne.NewSize(0, min(320*theme.TextSize()/textSize, e.win.Canvas().Size().Height/2)))
	d = dialog.NewCustomWithoutButtons(e.words.T("unit.versions"), container.NewBorder(kit.NewText(e.words.T("unit.versions-hint")), nil, nil, nil, page), e.win)
	cancel := kit.NewButton(kit.Action{Label: e.words.T("unit.cancel"), Do: d.Hide})
	e.shell.show(d, []*kit.Button{cancel}, cancel)
}

// goBack works on with an older version, which can be undone.
func (e *Editor) goBack(v draft.Version) {
	if err := e.draft.Replace(v.Answers); err != nil {
		e.fail(err)
		return
	}
	e.restored()
	e.tell(kit.Success, e.words.T("unit.version-taken", "time", v.Saved.Local().Format("15:04:05")), kit.Action{Label: e.words.T("unit.undo"), Do: e.Undo})
}
