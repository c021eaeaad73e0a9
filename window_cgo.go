//go:build cgo

package main

import (
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/widget"
)

// openWindow shows the window and returns when it is closed.
func openWindow(_, _ string) error {
	w := app.NewWithID("cn.baosong.app").NewWindow("报送")
	w.SetContent(widget.NewLabel("报送"))
	w.ShowAndRun()
	return nil
}
