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
	}
	r.wait = r.whileOpen(func(d time.Duration) { glfw.WaitEventsTimeout(d.Seconds()) })
	wake := r.whileOpen(func(time.Duration) { glfw.PostEmptyEvent() })
	r.wake = func() { wake(0) }
	r.start()
	return r
}

// whileOpen calls f until GLFW has ended, which panics then. It ends without the window being closed when the system
// ends the program.
func (r *Rest) whileOpen(f func(time.Duration)) func(time.Duration) {
	return func(d time.Duration) {
		defer func() {
			if recover() != nil {
				r.Stop()
			}
		}()
		f(d)
	}
}
