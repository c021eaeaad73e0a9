// Package ui is the window: its pages, the keys that work on all of them, and
// how it closes.
package ui

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/mailer/home"
	"baosong/mailer/post"
	"baosong/ui/kit"
	"baosong/ui/native"
	"baosong/ui/say"
	"baosong/ui/unit"
)

const (
	toastStays = 8 * time.Second
	width      = 1024 // of the window, at first
	height     = 700
)

// Options are what the window works with.
type Options struct {
	Thread unit.Thread // how work comes back to the UI goroutine
	Desk   *post.Desk
	Words  *say.Words
	// Ready waits until text can be drawn, which the system's window does not need; nil where it can be already.
	Ready func()
	// Restyle draws the window in other colours and sizes; nil where it cannot.
	Restyle func(home.Settings)
}

// Window is the program's one window. It belongs to the UI goroutine.
type Window struct {
	Options
	win    fyne.Window
	shell  *unit.Shell
	out    *unit.Outgoing
	start  *unit.Start
	editor *unit.Editor // the draft that is open, nil elsewhere
	page   string       // name of what is shown while no draft is open
	keys   fyne.ShortcutHandler
	toast  *kit.Toaster
	body   *fyne.Container
}

// Show makes win the program's window and shows the start page in it.
func Show(win fyne.Window, opt Options) *Window {
	w := &Window{Options: opt, win: win, body: container.NewStack()}
	w.win.SetTitle(opt.Words.T("unit.title"))
	w.win.Resize(fyne.NewSize(width, height))
	w.win.SetOnDropped(w.dropped)
	w.win.SetCloseIntercept(w.close)
	w.win.Show()
	if opt.Ready != nil {
		opt.Ready()
	}
	w.toast = kit.NewToaster(toastStays, opt.Thread.Do)
	w.shell = unit.NewShell(w.win, opt.Thread, opt.Desk, opt.Words, w.toast)
	w.shell.Open, w.shell.Home, w.shell.Accounts = w.open, w.leave, w.accounts
	w.out = unit.NewOutgoing(w.shell)
	w.win.SetContent(container.NewStack(w.body, w.toast))
	w.bindKeys()
	w.ShowPage(PageStart)
	w.shell.Go(func(context.Context) func() {
		if _, err := w.Desk.Home.Settings(); err != nil { // the window opens without them
			return func() { w.shell.Fail(err) }
		}
		return nil
	})
	if err := native.FollowCaret(w.win); err != nil {
		w.toast.Tell(kit.Warning, opt.Words.Error(err).String())
	}
	return w
}

// Drawn has what comes back to the UI goroutine drawn at once; see kit.Repaint.
func Drawn(t unit.Thread) unit.Thread {
	drawn := func(do func(func())) func(func()) {
		return func(f func()) { do(func() { f(); kit.Repaint() }) }
	}
	return unit.Thread{Do: drawn(t.Do), Wait: drawn(t.Wait)}
}

// Fyne returns the window itself.
func (w *Window) Fyne() fyne.Window { return w.win }

// Editor returns the draft that is open, nil elsewhere.
func (w *Window) Editor() *unit.Editor { return w.editor }

// Open leaves the draft that is open, and opens the one of that id.
func (w *Window) Open(id string) { w.open(id, false) }

// Waiting returns a wait, for any goroutine, until nothing but the outbox runs
// off the UI goroutine any more: of what is going on now.
func (w *Window) Waiting() func() {
	e := w.editor
	return func() {
		w.shell.Wait()
		if e != nil {
			e.Wait()
		}
	}
}

func (w *Window) dropped(_ fyne.Position, uris []fyne.URI) {
	paths := make([]string, 0, len(uris))
	for _, u := range uris {
		paths = append(paths, u.Path())
	}
	switch {
	case w.editor != nil:
		if !w.editor.Take(paths) {
			w.editor.Drop(paths)
		}
	case w.start != nil && w.page == PageStart:
		w.start.Take(paths)
	}
}

// show puts a page in the window.
func (w *Window) show(content fyne.CanvasObject) {
	w.win.Canvas().Unfocus() // a button that is not there any more would go on being pressed
	w.body.Objects = []fyne.CanvasObject{content}
	w.body.Refresh()
}

// begin makes a draft that answers a notice, and opens it.
func (w *Window) begin(n *forms.Notice) {
	w.shell.Go(func(context.Context) func() {
		d, err := w.Desk.Home.Drafts.New(n)
		return func() { w.edit(n, d, err) }
	})
}

// open leaves the draft that is open, and opens another one: at the page that
// sends if send is set.
func (w *Window) open(id string, send bool) {
	w.away(func() {
		w.shell.Go(func(context.Context) func() {
			d, err := w.Desk.Home.Drafts.Load(id)
			var n *forms.Notice
			if err == nil {
				if n, err = w.Desk.Home.Notice(d.NoticeID); err != nil {
					err = errors.Join(err, d.Close())
				}
			}
			return func() {
				w.edit(n, d, err)
				if send && err == nil {
					w.editor.Show(w.editor.SendPage())
				}
			}
		})
	})
}

func (w *Window) edit(n *forms.Notice, d *draft.Draft, err error) {
	if err != nil {
		w.ShowPage(PageStart)
		w.shell.Fail(err)
		return
	}
	w.editor = unit.Open(w.shell, w.out, n, d)
	w.show(w.editor.Content())
}

// leave goes back to the start page.
func (w *Window) leave() { w.away(func() { w.ShowPage(PageStart) }) }

// away closes the draft that is open, and goes on with then. What cannot be
// saved is not left without asking.
func (w *Window) away(then func()) {
	e := w.editor
	if e == nil {
		then()
		return
	}
	w.win.Canvas().Unfocus() // what is being typed belongs to the answer
	gone := func() { w.editor = nil; then() }
	e.Close(func(err error) {
		if err == nil {
			gone()
			return
		}
		w.shell.Ask(w.Words.T("window.not-saved"), w.Words.Error(err).String(),
			kit.Action{Label: w.Words.T("window.leave-anyway"), Danger: true, Primary: true, Do: func() { e.GiveUp(gone) }})
	})
}

// close saves what is open and asks about what has not been sent, then closes
// the window. Messages that were not sent go on at the next start.
func (w *Window) close() {
	w.away(func() {
		w.ShowPage(PageStart)
		w.shell.Go(func(context.Context) func() {
			n := w.out.Unsent()
			return func() {
				if n == 0 {
					w.end()
					return
				}
				w.shell.Ask(w.Words.T("window.unsent"), w.Words.T("window.unsent-ask", "n", n),
					kit.Action{Label: w.Words.T("window.close"), Primary: true, Do: w.end})
			}
		})
	})
}

func (w *Window) end() {
	w.shell.Stop()
	w.win.Close()
}
