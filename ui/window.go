// Package ui is the window: the start page, and what is opened from it.
package ui

import (
	"errors"
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/mailer/post"
	"baosong/ui/kit"
	"baosong/ui/say"
	"baosong/ui/unit"
)

// Window is the program's one window.
type Window struct {
	win    fyne.Window
	thread unit.Thread
	desk   *post.Desk
	words  *say.Words
	editor *unit.Editor // the draft that is open, nil on the start page
}

// Show makes the window and shows the start page. Thread is how work comes back
// to the UI goroutine.
func Show(app fyne.App, thread unit.Thread, desk *post.Desk, words *say.Words) *Window {
	w := &Window{win: app.NewWindow(words.T("unit.title")), thread: thread, desk: desk, words: words}
	w.win.Resize(fyne.NewSize(1024, 700))
	w.win.SetOnDropped(w.dropped)
	w.win.SetCloseIntercept(w.close)
	w.start()
	w.win.Show()
	return w
}

// Fyne returns the window itself.
func (w *Window) Fyne() fyne.Window { return w.win }

// Editor returns the draft that is open, nil on the start page.
func (w *Window) Editor() *unit.Editor { return w.editor }

func (w *Window) dropped(_ fyne.Position, uris []fyne.URI) {
	if w.editor == nil {
		return
	}
	paths := make([]string, 0, len(uris))
	for _, u := range uris {
		paths = append(paths, u.Path())
	}
	w.editor.Drop(paths)
}

// close saves what is open, then closes the window.
func (w *Window) close() {
	if w.editor != nil {
		if err := w.editor.Close(); err != nil {
			w.fail(err)
			return
		}
	}
	w.win.Close()
}

func (w *Window) fail(err error) {
	dialog.ShowInformation(w.words.T("unit.failed"), w.words.Error(err).String(), w.win)
}

// start shows the notices and the drafts there are.
func (w *Window) start() {
	w.editor = nil
	notices, err := w.desk.Home.Notices()
	objects := []fyne.CanvasObject{kit.NewHeading(w.words.T("unit.start"))}
	if err != nil {
		b := kit.NewBanner()
		b.Set(kit.Warning, w.words.Error(err).String())
		objects = append(objects, b)
	}
	for _, n := range notices {
		objects = append(objects, w.noticeCard(n))
	}
	drafts, err := w.desk.Home.Drafts.List()
	if err != nil {
		w.fail(err)
	}
	objects = append(objects, kit.NewSubheading(w.words.T("unit.drafts")))
	for _, i := range drafts {
		objects = append(objects, w.draftRow(i))
	}
	if len(drafts) == 0 {
		objects = append(objects, kit.NewMuted(w.words.T("unit.no-drafts")))
	}
	w.win.SetContent(kit.NewPage(objects...))
}

func (w *Window) noticeCard(n *forms.Notice) fyne.CanvasObject {
	facts := []kit.Fact{
		{Label: w.words.T("unit.theme"), Value: n.Theme},
		{Label: w.words.T("unit.number"), Value: n.Number},
		{Label: w.words.T("unit.report-to"), Value: fmt.Sprintf("%s　%s　%s　%s", n.ReportTo.Department, n.ReportTo.Person, n.ReportTo.Phone, n.ReportTo.Email)},
	}
	for _, c := range n.Contacts {
		facts = append(facts, kit.Fact{Label: w.words.T("unit.contact"), Value: fmt.Sprintf("%s　%s　%s", c.Department, c.Person, c.Phone)})
	}
	card := kit.NewNoticeCard(n.Title, facts, []kit.Action{{
		Label: w.words.T("unit.begin"), Icon: theme.DocumentCreateIcon(), Primary: true, Do: func() { w.begin(n) },
	}})
	days := int(time.Until(n.Deadline) / (24 * time.Hour))
	switch {
	case n.Deadline.IsZero():
	case n.Late(w.desk.Now()):
		card.SetBadge(kit.Warning, w.words.T("unit.overdue", "n", -days))
	default:
		card.SetBadge(kit.Info, w.words.T("unit.days-left", "n", days))
	}
	return card
}

func (w *Window) draftRow(i draft.Info) fyne.CanvasObject {
	title := i.Title
	if title == "" {
		title = w.words.T("unit.untitled")
	}
	detail := w.words.T("unit.draft-detail", "state", w.words.T("unit.state."+string(i.State)), "time", i.Modified.Local().Format("2006-01-02 15:04"), "notice", i.NoticeTitle)
	row := kit.NewFileRow(theme.DocumentIcon(), title, detail, []kit.Action{
		{Label: w.words.T("unit.open"), Do: func() { w.open(i.ID) }},
	})
	if i.Problem != nil {
		row.SetFinding(kit.Error, w.words.Error(i.Problem).String())
	}
	return row
}

func (w *Window) begin(n *forms.Notice) {
	d, err := w.desk.Home.Drafts.New(n)
	if err != nil {
		w.fail(err)
		return
	}
	w.edit(n, d)
}

func (w *Window) open(id string) {
	d, err := w.desk.Home.Drafts.Load(id)
	if err != nil {
		w.fail(err)
		return
	}
	n, err := w.desk.Home.Notice(d.NoticeID)
	if err != nil {
		w.fail(errors.Join(err, d.Close()))
		return
	}
	w.edit(n, d)
}

func (w *Window) edit(n *forms.Notice, d *draft.Draft) {
	w.editor = unit.Open(w.win, w.thread, w.desk, w.words, n, d)
	back := kit.NewFileRow(theme.NavigateBackIcon(), n.ShortTitle, w.words.T("unit.saved-as-typed"), []kit.Action{
		{Label: w.words.T("unit.back"), Do: w.leave},
	})
	w.win.SetContent(container.NewBorder(back, nil, nil, nil, w.editor.Content()))
}

// leave goes back to the start page.
func (w *Window) leave() {
	if err := w.editor.Close(); err != nil {
		w.fail(err)
		return
	}
	w.start()
}
