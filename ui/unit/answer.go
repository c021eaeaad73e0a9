package unit

import (
	"context"
	"path/filepath"
	"slices"

	"baosong/forms"
	"baosong/forms/xlsform"
	"baosong/ui/kit"
	"baosong/ui/native"
)

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
	e.album.back = nil
	e.saver.Changed()
	for _, c := range changed {
		e.follow(c, c == p)
	}
}

// follow shows what an answer somewhere changed in another question. Same says
// that it is the question that was answered: its control is left alone.
func (e *Editor) follow(p forms.Path, same bool) {
	s, drawn := e.slots[p]
	if !drawn {
		return
	}
	now := e.checker.State(p)
	if s.question.Type.Nested() {
		if now.Relevant != s.was.Relevant || now.Value != s.was.Value {
			e.refill(s)
		}
		return
	}
	switch {
	case now.Relevant != s.was.Relevant, now.ReadOnly != s.was.ReadOnly, !same && !sameChoices(now.Choices, s.was.Choices):
		e.refill(s)
	case e.fields[p] != nil:
		f := e.fields[p]
		if worked, ok := f.Control().(*kit.Text); ok {
			worked.SetText(e.display(s.question, now.Value))
		}
		if s.question.Type != forms.TypeAcknowledge {
			f.SetRequired(e.mark(now))
		}
		s.was = now
	}
}

func sameChoices(a, b []forms.Choice) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name {
			return false
		}
	}
	return true
}

func (e *Editor) display(q *forms.Question, v string) string {
	return forms.Display(q, e.notice.Form, v, e.words.Lang())
}

// left shows the findings of a question that was left.
func (e *Editor) left(p forms.Path) {
	e.showFinding(p)
	e.summarise(p)
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

// changed saves and shows answers that changed by more than one question.
func (e *Editor) changed() {
	e.album.back = nil
	e.saver.Changed()
	e.redraw()
}

// restored works on after the answers were replaced.
func (e *Editor) restored() {
	e.checker = forms.NewChecker(e.notice, e.draft.Answers, e.desk.Env(e.draft, e.words.Lang()))
	e.changed()
}

// Undo takes the last change back, also one made before the program was
// closed.
func (e *Editor) Undo() {
	if back := e.album.back; back != nil && !e.locked {
		e.album.back = nil
		back()
		e.tell(kit.Info, e.words.T("unit.undone"))
		return
	}
	e.step(e.draft.Undo, "unit.undone", "unit.nothing-to-undo")
}

// Redo makes the change again that Undo took back.
func (e *Editor) Redo() { e.step(e.draft.Redo, "unit.redone", "unit.nothing-to-redo") }

func (e *Editor) step(step func() (bool, error), done, none string) {
	if e.locked {
		return
	}
	at := e.seat()
	e.win.Canvas().Unfocus() // what is being typed is part of the last change
	ok, err := step()
	switch {
	case err != nil:
		e.fail(err)
	case !ok:
		e.tell(kit.Info, e.words.T(none))
	default:
		e.restored()
		e.sitAt(at)
		e.tell(kit.Info, e.words.T(done))
	}
}

// NextFinding goes to the next thing that is wrong after where one is.
func (e *Editor) NextFinding() {
	found := slices.DeleteFunc(e.checker.Findings(), func(f forms.Finding) bool { return f.Path == "" })
	if len(found) == 0 {
		e.tell(kit.Success, e.words.T("check.all-good"))
		return
	}
	here := 0
	for i, f := range found {
		if f.Path == e.at {
			here = i + 1
		}
	}
	f := found[here%len(found)]
	e.at = f.Path
	e.Jump(f.Path)
}

// pickWorkbook reads answers from a workbook that was filled in offline.
func (e *Editor) pickWorkbook() {
	e.shell.pick(native.Ask{Kind: native.File, Title: e.words.T("unit.fill"), Filters: []native.Filter{
		{Name: e.words.T("pick.workbook"), Extensions: []string{"xlsx"}},
	}}, func(paths []string) { e.fillFrom(paths[0]) })
}

func (e *Editor) fillFrom(path string) {
	e.shell.Go(func(ctx context.Context) func() {
		a, left, err := e.desk.Fill(ctx, e.notice, e.draft, path)
		return func() {
			if e.locked || e.ctx.Err() != nil {
				return
			}
			if err != nil {
				e.fail(err)
				return
			}
			next := e.draft.Answers.Clone()
			e.notice.Form.Refill(next, a)
			if err := e.draft.Replace(next); err != nil { // a change by itself, to undo
				e.fail(err)
				return
			}
			e.restored()
			e.filled(filepath.Base(path), left)
		}
	})
}

// filled says what came of a workbook, with the cells that found no place.
func (e *Editor) filled(name string, left []xlsform.Unplaced) {
	const shown = 12
	if len(left) == 0 {
		e.tell(kit.Success, e.words.T("unit.filled", "name", name), kit.Action{Label: e.words.T("unit.undo"), Do: e.Undo})
		return
	}
	text := e.words.T("unit.filled-but", "name", name, "n", len(left))
	for i, u := range left {
		if i == shown {
			text += "\n…"
			break
		}
		text += "\n" + e.words.T("unit.unplaced", "cell", u.Sheet+"!"+u.Cell, "value", u.Text, "why", e.words.Error(u.Err).What)
	}
	e.shell.Tell(text)
}

// Asked reports whether a question is asked as things stand.
func (e *Editor) Asked(p forms.Path) bool { return e.checker.State(p).Relevant }
