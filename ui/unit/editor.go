// Package unit is the pages a reporting unit works on: one for each group of
// the form, one that checks, one that sends.
package unit

import (
	"context"
	"errors"
	"image/color"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/mailer/post"
	"baosong/ui/kit"
	"baosong/ui/say"
)

const (
	railWidth = 190
	textSize  = 14 // that railWidth is meant for
)

// Thread runs functions on the UI goroutine: fyne.Do and fyne.DoAndWait, or a
// test's own.
type Thread struct {
	Do, Wait func(func())
}

// Editor is one draft being worked on. It belongs to the UI goroutine.
type Editor struct {
	win     fyne.Window
	desk    *post.Desk
	words   *say.Words
	notice  *forms.Notice
	draft   *draft.Draft
	checker *forms.Checker
	saver   *draft.Autosaver
	ctx     context.Context
	stop    context.CancelFunc
	busy    sync.WaitGroup // work off the UI goroutine
	thread  Thread

	pages   []*forms.Question
	current int
	rail    *kit.Rail
	page    *kit.Page
	content fyne.CanvasObject
	fields  map[forms.Path]*kit.Field
	focus   map[forms.Path]func()
	shown   map[forms.Path]bool // whether a question was asked when the page was drawn
	locked  bool                // while it is sent, and once it is submitted
}

// Open shows a draft, which the Editor closes.
func Open(win fyne.Window, thread Thread, desk *post.Desk, words *say.Words, n *forms.Notice, d *draft.Draft) *Editor {
	e := &Editor{win: win, thread: thread, desk: desk, words: words, notice: n, draft: d, pages: n.Form.Pages()}
	e.ctx, e.stop = context.WithCancel(context.Background())
	e.checker = forms.NewChecker(n, d.Answers, desk.Env(d, words.Lang()))
	e.locked = d.State() == draft.Submitted
	e.saver = draft.NewAutosaver(d, thread.Wait, e.saved)
	e.rail = kit.NewRail(e.Show)
	e.page = kit.NewPage()
	// The rail's texts wrap, so it would shrink to one character.
	room := canvas.NewRectangle(color.Transparent)
	room.SetMinSize(fyne.NewSize(railWidth*theme.TextSize()/textSize, 0))
	e.content = container.NewBorder(nil, nil, container.NewStack(room, e.rail), nil, e.page)
	e.steps()
	e.Show(0)
	return e
}

// Content is what the window shows.
func (e *Editor) Content() fyne.CanvasObject { return e.content }

// Draft returns the draft being worked on.
func (e *Editor) Draft() *draft.Draft { return e.draft }

// Wait returns when nothing is being attached or sent any more.
func (e *Editor) Wait() { e.busy.Wait() }

// Field returns the field of a question on the page shown, nil if there is none.
func (e *Editor) Field(p forms.Path) *kit.Field { return e.fields[p] }

// Close saves and gives the draft up. It waits for what is being attached or
// sent to stop.
func (e *Editor) Close() error {
	e.stop()
	var err error
	if !e.locked {
		err = e.draft.Save()
	}
	if err != nil {
		return err
	}
	go func() {
		e.busy.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = e.saver.Close(ctx) // saved above
		_ = e.draft.Close()
	}()
	return nil
}

// saved is told how each saving went, off the UI goroutine.
func (e *Editor) saved(err error) {
	if err == nil || errors.Is(err, draft.ErrFrozen) || errors.Is(err, draft.ErrClosed) {
		return
	}
	e.thread.Do(func() { e.fail(err) })
}

func (e *Editor) fail(err error) {
	dialog.ShowInformation(e.words.T("unit.failed"), e.words.Error(err).String(), e.win)
}

// Pages are those of the form, then the one that checks and the one that sends.
func (e *Editor) checkPage() int { return len(e.pages) }
func (e *Editor) sendPage() int  { return len(e.pages) + 1 }

// Show opens a page by its number, from 0.
func (e *Editor) Show(i int) {
	e.current = i
	e.rail.SetCurrent(i)
	e.fields, e.focus, e.shown = map[forms.Path]*kit.Field{}, map[forms.Path]func(){}, map[forms.Path]bool{}
	switch {
	case i == e.sendPage():
		e.page.SetObjects(e.sending()...)
	case i == e.checkPage():
		e.page.SetObjects(e.checking()...)
	default:
		q := e.pages[i]
		objects := []fyne.CanvasObject{kit.NewHeading(q.Label.In(e.words.Lang()))}
		if hint := q.Hint.In(e.words.Lang()); hint != "" {
			objects = append(objects, kit.NewMuted(hint))
		}
		e.page.SetObjects(append(objects, e.questions([]*forms.Question{q}, "", true)...)...)
	}
	e.page.Scroll().ScrollToTop()
}

// redraw draws the page anew where it is.
func (e *Editor) redraw() {
	at := e.page.Scroll().Offset
	e.Show(e.current)
	e.page.Scroll().Offset = at
	e.page.Scroll().Refresh()
	e.steps()
}

// Jump opens the page of a question and gives it the keyboard.
func (e *Editor) Jump(p forms.Path) {
	first := p
	for first.Parent() != "" {
		first = first.Parent()
	}
	for i, q := range e.pages {
		if q.Name == first.Name() {
			e.Show(i)
		}
	}
	if f := e.fields[p]; f != nil {
		e.page.Reveal(f)
		e.showFinding(p)
		f.Focus()
	} else if focus := e.focus[p]; focus != nil {
		focus()
	}
}

// steps shows on the rail how each page stands.
func (e *Editor) steps() {
	missing, warned := map[string]int{}, map[string]int{}
	for _, f := range e.checker.Findings() {
		first := f.Path
		for first.Parent() != "" {
			first = first.Parent()
		}
		if f.Severity == forms.SeverityError {
			missing[first.Name()]++
		} else {
			warned[first.Name()]++
		}
	}
	var steps []kit.Step
	errs := 0
	for _, q := range e.pages {
		s := kit.Step{Title: q.Label.In(e.words.Lang()), Level: kit.Success}
		if n := missing[q.Name]; n > 0 {
			s.Level, s.Note = kit.Error, e.words.T("unit.missing", "n", n)
		} else if n := warned[q.Name]; n > 0 {
			s.Level, s.Note = kit.Warning, e.words.T("unit.warned", "n", n)
		}
		errs += missing[q.Name]
		steps = append(steps, s)
	}
	check := kit.Step{Title: e.words.T("unit.check"), Level: kit.Success}
	if errs > 0 {
		check.Level, check.Note = kit.Error, e.words.T("unit.missing", "n", errs)
	}
	steps = append(steps, check, kit.Step{Title: e.words.T("unit.send")})
	e.rail.SetSteps(steps)
}

// set answers a question with what was typed or chosen.
func (e *Editor) set(q *forms.Question, p forms.Path, typed string) {
	if e.locked {
		return
	}
	v, err := forms.Normalize(q, typed)
	if err != nil {
		v = typed // kept, and checking says what is wrong with it
	}
	changed, err := e.checker.Set(p, v)
	if err != nil {
		e.fail(err)
		return
	}
	e.saver.Changed()
	for _, c := range changed {
		if was, drawn := e.shown[c]; drawn && was != e.checker.State(c).Relevant {
			e.redraw()
			return
		}
		if f := e.fields[c]; f != nil {
			if worked, ok := f.Control().(*kit.Text); ok {
				worked.SetText(forms.Display(e.notice.Form.Lookup(c), e.notice.Form, e.checker.State(c).Value, e.words.Lang()))
			}
		}
	}
}

// left shows the findings of a question that was left.
func (e *Editor) left(p forms.Path) {
	e.showFinding(p)
	e.steps()
}

func (e *Editor) showFinding(p forms.Path) {
	f := e.fields[p]
	if f == nil {
		return
	}
	found := e.checker.State(p).Findings
	if len(found) == 0 {
		f.SetFinding(kit.None, "")
		return
	}
	f.SetFinding(level(found[0]), e.words.Finding(found[0]))
}

func level(f forms.Finding) kit.Level {
	if f.Severity == forms.SeverityError {
		return kit.Error
	}
	return kit.Warning
}
