// Package unit is the pages a reporting unit works on: the start page, one for
// each group of the form, one that checks, one that sends.
package unit

import (
	"context"
	"errors"
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/mailer/post"
	"baosong/ui/kit"
	"baosong/ui/say"
)

const (
	railWidth  = 190
	railMost   = 300              // at the largest sizes of text, which leave less room
	textSize   = 14               // that railWidth is meant for
	closeAfter = 10 * time.Second // what saving may take when the draft is closed
)

// Editor is one draft being worked on. It belongs to the UI goroutine.
type Editor struct {
	shell   *Shell
	win     fyne.Window
	desk    *post.Desk
	words   *say.Words
	notice  *forms.Notice
	draft   *draft.Draft
	checker *forms.Checker
	saver   *draft.Autosaver
	ctx     context.Context
	stop    context.CancelFunc
	busy    gang // work off the UI goroutine
	thread  Thread

	pages   []*forms.Question
	visited map[int]bool
	current int
	rail    *kit.Rail
	page    *kit.Page
	bar     *kit.Bar
	trouble *kit.Banner
	content fyne.CanvasObject

	fields map[forms.Path]*kit.Field
	kept   map[forms.Path]*kit.Field // through drawing the page anew
	focus  map[forms.Path]func()
	slots  map[forms.Path]*slot
	album  album
	cards  map[forms.Path]entryCard
	at     forms.Path // the finding that was gone to last
	folded map[*forms.Answers]bool
	locked bool // while it is packed, and once it is submitted

	outgoing *Outgoing
	check    *checkPage
	send     *sendPage
}

// Open shows a draft, which the Editor closes.
func Open(s *Shell, out *Outgoing, n *forms.Notice, d *draft.Draft) *Editor {
	e := &Editor{
		shell: s, win: s.Win, thread: s.Thread, desk: s.Desk, words: s.Words, notice: n, draft: d, outgoing: out,
		pages: n.Form.Pages(), visited: map[int]bool{}, folded: map[*forms.Answers]bool{},
		album:   album{shelves: map[forms.Path]*shelf{}, jobs: map[string]*job{}, known: map[string]known{}},
		trouble: kit.NewBanner(), page: kit.NewPage(),
	}
	e.check, e.send = newCheckPage(e), newSendPage(e)
	e.checker = forms.NewChecker(n, d.Answers, e.desk.Env(d, e.words.Lang()))
	if err := d.Rebase(); err != nil {
		e.fail(err)
	}
	e.locked = d.State() == draft.Submitted
	e.begin()
	e.rail = kit.NewRail(e.Show)
	e.bar = e.newBar()
	e.bar.SetStatus(s.T("unit.saved-as-typed"))
	e.lock(e.locked)
	// The rail's texts wrap, so it would shrink to one character.
	room := canvas.NewRectangle(color.Transparent)
	room.SetMinSize(fyne.NewSize(min(railWidth*theme.TextSize()/textSize, railMost), 0))
	e.content = container.NewBorder(container.NewVBox(e.bar, e.trouble), nil, container.NewStack(room, e.rail), nil, e.page)
	e.Show(e.first())
	return e
}

// begin starts what runs beside the editor until it is closed.
func (e *Editor) begin() {
	e.ctx, e.stop = context.WithCancel(context.Background())
	e.saver = draft.NewAutosaver(e.draft, e.thread.Wait, e.saved)
}

// newBar is the line over the pages.
func (e *Editor) newBar() *kit.Bar {
	t := e.words.T
	title := e.notice.ShortTitle
	if r := e.draft.Submission().Revision; r > 1 {
		title = t("unit.revision", "title", title, "n", r)
	}
	return kit.NewBar(kit.Action{Label: t("unit.back"), Icon: theme.NavigateBackIcon(), Do: func() { e.shell.Home() }}, title, t("media.more"), []kit.Action{
		{Label: t("unit.undo"), Icon: theme.ContentUndoIcon(), Do: e.Undo},
		{Label: t("unit.redo"), Icon: theme.ContentRedoIcon(), Do: e.Redo},
		{Label: t("unit.versions"), Icon: theme.HistoryIcon(), Do: e.ShowVersions},
		{Label: t("unit.fill"), Icon: theme.UploadIcon(), Do: e.pickWorkbook},
	})
}

// lock keeps the answers as they are, and takes away what would change them.
func (e *Editor) lock(locked bool) {
	if locked != e.locked {
		clear(e.album.shelves) // galleries have buttons that change answers, too
	}
	e.locked = locked
	if e.draft.State() == draft.Submitted {
		e.bar.SetStatus(e.words.T("unit.sealed"))
	}
	e.bar.ShowActions(!locked)
}

// first is the page to open: the first one, or once it is submitted the one that tells how it fares.
func (e *Editor) first() int {
	if e.locked {
		return e.SendPage()
	}
	return 0
}

// Content is what the window shows.
func (e *Editor) Content() fyne.CanvasObject { return e.content }

// Draft returns the draft being worked on.
func (e *Editor) Draft() *draft.Draft { return e.draft }

// Wait returns when nothing is being attached or packed any more.
func (e *Editor) Wait() { e.busy.Wait() }

// Field returns the field of a question on the page shown, nil if there is none.
func (e *Editor) Field(p forms.Path) *kit.Field { return e.fields[p] }

// Close saves and gives the draft up; it calls done on the UI goroutine. What
// is being attached or packed is stopped. A draft that could not be saved stays
// open, with the error.
func (e *Editor) Close(done func(error)) {
	e.stop()
	e.shell.Go(func(context.Context) func() {
		e.busy.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), closeAfter)
		defer cancel()
		err := e.saver.Close(ctx)
		if errors.Is(err, draft.ErrFrozen) || errors.Is(err, draft.ErrClosed) {
			err = nil
		}
		if err == nil {
			err = e.draft.Close()
		}
		return func() {
			if err != nil {
				e.begin()
			} else {
				e.outgoing.Watch(nil)
			}
			done(err)
		}
	})
}

// GiveUp gives the draft up without saving, and calls done on the UI goroutine.
func (e *Editor) GiveUp(done func()) {
	e.stop()
	e.shell.Go(func(context.Context) func() {
		e.busy.Wait()
		_ = e.draft.Close() // nothing is written any more
		return done
	})
}

// saved is told how each saving went, off the UI goroutine.
func (e *Editor) saved(err error) {
	if errors.Is(err, draft.ErrFrozen) || errors.Is(err, draft.ErrClosed) {
		return
	}
	e.thread.Do(func() {
		if err != nil {
			e.trouble.Set(kit.Error, e.words.T("unit.not-saved", "why", e.words.Error(err).String()))
			return
		}
		e.trouble.Set(kit.None, "")
		e.bar.SetStatus(e.words.T("unit.saved", "time", e.draft.Modified().Local().Format("15:04:05")))
	})
}

// Save writes the draft now, for people who press Ctrl+S.
func (e *Editor) Save() {
	if e.locked {
		return
	}
	e.busy.Go(func() {
		if err := e.saver.Flush(e.ctx); err != nil {
			e.thread.Do(func() { e.fail(err) })
		}
	})
}

func (e *Editor) fail(err error) { e.shell.Fail(err) }

// tell says something that passes by itself.
func (e *Editor) tell(level kit.Level, text string, actions ...kit.Action) {
	e.shell.Toast.Tell(level, text, actions...)
}

// CheckPage and SendPage are the numbers of the pages after those of the form.
func (e *Editor) CheckPage() int { return len(e.pages) }

// SendPage is the number of the page that sends.
func (e *Editor) SendPage() int { return len(e.pages) + 1 }

// Current is the number of the page shown.
func (e *Editor) Current() int { return e.current }

// Show opens a page by its number, from 0; a number out of range is ignored.
func (e *Editor) Show(i int) {
	if i < 0 || i > e.SendPage() {
		return
	}
	if f, ok := e.win.Canvas().Focused().(fyne.CanvasObject); ok && e.page.Holds(f) {
		e.win.Canvas().Unfocus() // it would go on typing into a page that is not there
	}
	e.current = i
	e.visited[i] = true
	e.rail.SetCurrent(i)
	e.draw()
	e.page.Scroll().ScrollToTop()
	e.steps()
}

func (e *Editor) draw() {
	e.fields, e.focus, e.slots = map[forms.Path]*kit.Field{}, map[forms.Path]func(){}, map[forms.Path]*slot{}
	e.cards = map[forms.Path]entryCard{}
	switch {
	case e.current == e.SendPage():
		e.page.SetObjects(e.send.objects()...)
	case e.current == e.CheckPage():
		e.page.SetObjects(e.check.objects()...)
	default:
		q := e.pages[e.current]
		objects := []fyne.CanvasObject{kit.NewHeading(q.Label.In(e.words.Lang()))}
		if hint := q.Hint.In(e.words.Lang()); hint != "" {
			objects = append(objects, kit.NewMuted(hint))
		}
		objects = append(objects, e.questions([]*forms.Question{q}, "", true)...)
		e.page.SetObjects(append(objects, e.turning())...)
	}
}

// turning is the buttons at the foot of a page.
func (e *Editor) turning() fyne.CanvasObject {
	row := container.NewHBox()
	if e.current > 0 {
		row.Add(kit.NewButton(kit.Action{Label: e.words.T("unit.previous"), Icon: theme.NavigateBackIcon(), Do: func() { e.Show(e.current - 1) }}))
	}
	row.Add(layout.NewSpacer())
	next := kit.NewButton(kit.Action{Label: e.words.T("unit.next"), Icon: theme.NavigateNextIcon(), Primary: true, Do: func() { e.Show(e.current + 1) }})
	next.IconPlacement = widget.ButtonIconTrailingText
	row.Add(next)
	return container.NewVBox(widget.NewSeparator(), row)
}

// pageOf returns the number of the page that a path lies on, -1 if none.
func (e *Editor) pageOf(p forms.Path) int {
	first := p
	for first.Parent() != "" {
		first = first.Parent()
	}
	for i, q := range e.pages {
		if q.Name == first.Name() {
			return i
		}
		for _, c := range q.Children { // questions that stood loose on the top level
			if q.Name == "" && c.Name == first.Name() {
				return i
			}
		}
	}
	return -1
}

// Jump opens the page of a question and gives it the keyboard.
func (e *Editor) Jump(p forms.Path) {
	for _, entry := range p.Entries() {
		if a := e.checker.Answers().At(entry); a != nil {
			e.folded[a] = false
		}
	}
	if i := e.pageOf(p); i >= 0 {
		e.Show(i)
	}
	if f := e.fields[p]; f != nil {
		e.page.Reveal(f)
		e.showFinding(p)
		f.Focus()
	} else if focus := e.focus[p]; focus != nil {
		focus()
	} else if s := e.slots[p]; s != nil {
		e.page.Reveal(s.box)
	}
}

// steps shows on the rail how each page stands.
func (e *Editor) steps() {
	missing, warned := map[int]int{}, map[int]int{}
	errs := 0
	for _, f := range e.checker.Findings() {
		if f.Severity == forms.SeverityError {
			missing[e.pageOf(f.Path)]++
			errs++
		} else {
			warned[e.pageOf(f.Path)]++
		}
	}
	var steps []kit.Step
	for i, q := range e.pages {
		s := kit.Step{Title: q.Label.In(e.words.Lang()), Level: kit.Success}
		if q.Name == "" && s.Title == "" {
			s.Title = e.words.T("unit.general")
		}
		switch n := missing[i]; {
		case n > 0 && !e.visited[i]:
			s.Level, s.Note = kit.None, e.words.T("unit.to-fill", "n", n)
		case n > 0:
			s.Level, s.Note = kit.Error, e.words.T("unit.missing", "n", n)
		case warned[i] > 0:
			s.Level, s.Note = kit.Warning, e.words.T("unit.warned", "n", warned[i])
		}
		steps = append(steps, s)
	}
	check, send := kit.Step{Title: e.words.T("unit.check"), Level: kit.Success}, kit.Step{Title: e.words.T("unit.send")}
	switch {
	case e.draft.State() == draft.Submitted:
		send.Level, send.Title = kit.Success, e.words.T("unit.after")
	case errs > 0 && !e.visited[e.CheckPage()]:
		check.Level, check.Note = kit.None, e.words.T("unit.to-fill", "n", errs)
	case errs > 0:
		check.Level, check.Note = kit.Error, e.words.T("unit.missing", "n", errs)
	}
	e.rail.SetSteps(append(steps, check, send))
}

func level(f forms.Finding) kit.Level {
	if f.Severity == forms.SeverityError {
		return kit.Error
	}
	return kit.Warning
}

// Page is the page shown, for keeping and changing the place on it.
func (e *Editor) Page() *kit.Page { return e.page }
