//go:build !cgo || ci

package native

import "fyne.io/fyne/v2"

// NewRest does not let the UI goroutine rest: without a window of the system there are no events to wait for.
func NewRest(fyne.Window) *Rest {
	r := &Rest{do: fyne.Do, doWait: fyne.DoAndWait}
	r.start()
	return r
}
