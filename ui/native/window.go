package native

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver"
)

// Window is the system's handle of a window, which its dialogs stand over. The zero Window is none.
type Window uintptr

// HandleOf returns the handle of a window, none where the driver has none. Call it on the UI goroutine.
func HandleOf(w fyne.Window) Window {
	var handle uintptr
	if native, ok := w.(driver.NativeWindow); ok {
		native.RunNative(func(context any) {
			switch c := context.(type) {
			case driver.WindowsWindowContext:
				handle = c.HWND
			case driver.X11WindowContext:
				handle = c.WindowHandle
			}
		})
	}
	return Window(handle)
}
