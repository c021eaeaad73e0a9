package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"baosong/ui/kit"
	"baosong/ui/say"
)

// ShowFailure makes win a window that says why the program cannot begin, and what to do.
func ShowFailure(win fyne.Window, words *say.Words, err error) {
	a := words.Error(err)
	page := kit.NewPage(kit.NewHeading(words.T("window.cannot-begin")), kit.NewText(a.What), kit.NewText(a.Next), kit.NewMuted(err.Error()))
	ok := kit.NewButton(kit.Action{Label: words.T("window.close"), Primary: true, Do: win.Close})
	ok.Escape = win.Close
	win.SetTitle(words.T("unit.title"))
	win.SetContent(container.NewBorder(nil, container.NewPadded(container.NewHBox(layout.NewSpacer(), ok)), nil, nil, page))
	win.Resize(fyne.NewSize(620, 300))
	win.Show()
	win.Canvas().Focus(ok)
}
