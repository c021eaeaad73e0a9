//go:build cgo && !ci

package native

import (
	"time"

	"fyne.io/fyne/v2"
	"github.com/go-gl/glfw/v3.4/glfw"
)

// NewRest begins to let the UI goroutine rest while a window's program runs. A caret blinks without an event.
func NewRest(w fyne.Window) *Rest {
	r := &Rest{
		busy: func() bool { return w.Canvas().Focused() != nil },
		do:   fyne.Do, doWait: fyne.DoAndWait,
		wait: func(d time.Duration) { glfw.WaitEventsTimeout(d.Seconds()) },
		wake: glfw.PostEmptyEvent,
	}
	r.start()
	return r
}
