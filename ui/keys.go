package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"baosong/ui/kit"
	"baosong/ui/unit"
)

// key is a shortcut, and the words for it on the help page.
type key struct {
	name  fyne.KeyName
	shift bool
	text  string // key of its words
	do    func(*Window)
}

// inDraft is what works only while a draft is open.
func inDraft(do func(*unit.Editor)) func(*Window) {
	return func(w *Window) {
		if w.editor != nil {
			do(w.editor)
		}
	}
}

// keys are the shortcuts, with Ctrl, or Command on a Mac.
func keys() []key {
	return []key{
		{fyne.KeyPageDown, false, "keys.next", inDraft(func(e *unit.Editor) { e.Show(e.Current() + 1) })},
		{fyne.KeyPageUp, false, "keys.previous", inDraft(func(e *unit.Editor) { e.Show(e.Current() - 1) })},
		{fyne.KeyReturn, false, "keys.check", inDraft(func(e *unit.Editor) { e.Show(e.CheckPage()) })},
		{fyne.KeyG, false, "keys.finding", inDraft((*unit.Editor).NextFinding)},
		{fyne.KeyN, false, "keys.add", inDraft((*unit.Editor).AddEntry)},
		{fyne.KeyZ, true, "keys.undo", inDraft((*unit.Editor).Undo)},
		{fyne.KeyY, true, "keys.redo", inDraft((*unit.Editor).Redo)},
		{fyne.KeyS, false, "keys.save", inDraft((*unit.Editor).Save)},
		{fyne.KeyP, false, "keys.print", inDraft((*unit.Editor).OpenDocument)},
		{fyne.KeyW, false, "keys.back", (*Window).leave},
		{fyne.KeyH, false, "keys.help", (*Window).help},
	}
}

func (k key) shortcut() *desktop.CustomShortcut {
	s := &desktop.CustomShortcut{KeyName: k.name, Modifier: fyne.KeyModifierShortcutDefault}
	if k.shift {
		s.Modifier |= fyne.KeyModifierShift
	}
	return s
}

// pressed is the keys as they are written on the keyboard.
func (k key) pressed() string {
	names := map[fyne.KeyName]string{fyne.KeyPageDown: "PageDown", fyne.KeyPageUp: "PageUp", fyne.KeyReturn: "Enter"}
	parts := []string{"Ctrl"}
	if fyne.KeyModifierShortcutDefault == fyne.KeyModifierSuper {
		parts = []string{"⌘"}
	}
	if k.shift {
		parts = append(parts, "Shift")
	}
	name := names[k.name]
	if name == "" {
		name = string(k.name)
	}
	return strings.Join(append(parts, name), "+")
}

func (w *Window) bindKeys() {
	for _, k := range keys() {
		do := func(fyne.Shortcut) { k.do(w) }
		w.keys.AddShortcut(k.shortcut(), do)
		w.win.Canvas().AddShortcut(k.shortcut(), do)
	}
	// What no entry takes for itself: where nothing is being typed, the whole
	// draft is meant.
	undo := func(fyne.Shortcut) { inDraft((*unit.Editor).Undo)(w) }
	redo := func(fyne.Shortcut) { inDraft((*unit.Editor).Redo)(w) }
	paste := func(fyne.Shortcut) { inDraft(func(e *unit.Editor) { e.Paste(nil) })(w) }
	for s, do := range map[fyne.Shortcut]func(fyne.Shortcut){
		&fyne.ShortcutUndo{}: undo, &fyne.ShortcutRedo{}: redo, &fyne.ShortcutPaste{}: paste,
	} {
		w.keys.AddShortcut(s, do)
		w.win.Canvas().AddShortcut(s, do)
	}
}

// help shows the help page over what is open.
func (w *Window) help() {
	if w.editor == nil {
		w.ShowPage(PageHelp)
		return
	}
	w.away(func() { w.ShowPage(PageHelp) })
}

// helpPage tells how the program works, and its keys.
func (w *Window) helpPage() fyne.CanvasObject {
	objects := []fyne.CanvasObject{kit.NewHeading(w.Words.T("help.title"))}
	for _, topic := range []string{"fill", "photos", "check", "send", "after", "lost"} {
		objects = append(objects, kit.NewSubheading(w.Words.T("help."+topic+".title")), kit.NewText(w.Words.T("help."+topic)))
	}
	facts := []kit.Fact{
		{Label: w.Words.T("keys.name.tab"), Value: w.Words.T("keys.tab")}, {Label: w.Words.T("keys.name.shift-tab"), Value: w.Words.T("keys.shift-tab")},
	}
	for _, k := range keys() {
		facts = append(facts, kit.Fact{Label: k.pressed(), Value: w.Words.T(k.text)})
	}
	return kit.NewPage(append(objects, kit.NewNoticeCard(w.Words.T("help.keys"), facts, nil))...)
}
