package native

import (
	"errors"
	"fmt"
	"unsafe"

	"fyne.io/fyne/v2"
	"golang.org/x/sys/windows"
)

const (
	wmNCDestroy           = 0x82
	wmIMEStartComposition = 0x10D
	wmIMEComposition      = 0x10F
	wmIMENotify           = 0x282
	imnOpenCandidate      = 5
	subclassID            = 0x62616f73
)

// imm32 is the system's inputMethod.
type imm32 struct{ dll *windows.LazyDLL }

func (i imm32) context(window uintptr) uintptr {
	r, _, _ := i.dll.NewProc("ImmGetContext").Call(window)
	return r
}

func (i imm32) setComposition(context uintptr, form compositionForm) {
	_, _, _ = i.dll.NewProc("ImmSetCompositionWindow").Call(context, uintptr(unsafe.Pointer(&form)))
}

func (i imm32) setCandidate(context uintptr, form candidateForm) {
	_, _, _ = i.dll.NewProc("ImmSetCandidateWindow").Call(context, uintptr(unsafe.Pointer(&form)))
}

func (i imm32) release(window, context uintptr) {
	_, _, _ = i.dll.NewProc("ImmReleaseContext").Call(window, context)
}

// FollowCaret keeps the input method's windows at the caret of a window that is shown, for as long as the window
// lives. Call it once for each window, on the UI goroutine.
//
// It listens to the window's messages instead of to every entry's caret: the place is asked for when somebody
// begins to compose, no sooner, and no entry has to know of it. The messages arrive on the UI goroutine.
func FollowCaret(w fyne.Window) error {
	handle := HandleOf(w)
	if handle == 0 {
		return fmt.Errorf("follow the caret: the window has no handle: %w", ErrUnavailable)
	}
	return follow(uintptr(handle), imm32{windows.NewLazySystemDLL("imm32.dll")}, func() (Caret, bool) {
		return CaretOf(w.Canvas())
	})
}

func follow(window uintptr, im inputMethod, caret func() (Caret, bool)) error {
	comctl := windows.NewLazySystemDLL("comctl32.dll")
	pass, forget := comctl.NewProc("DefSubclassProc"), comctl.NewProc("RemoveWindowSubclass")
	subclass := comctl.NewProc("SetWindowSubclass")
	if err := errors.Join(pass.Find(), forget.Find(), subclass.Find()); err != nil {
		return fmt.Errorf("follow the caret: %w: %w", ErrUnavailable, err)
	}
	var listener uintptr
	listener = windows.NewCallback(func(hwnd, message, wparam, lparam, _, _ uintptr) uintptr {
		switch {
		case message == wmIMEStartComposition, message == wmIMEComposition,
			message == wmIMENotify && wparam == imnOpenCandidate:
			if at, ok := caret(); ok {
				place(im, hwnd, at)
			}
		case message == wmNCDestroy:
			_, _, _ = forget.Call(hwnd, listener, subclassID)
		}
		r, _, _ := pass.Call(hwnd, message, wparam, lparam)
		return r
	})
	if ok, _, err := subclass.Call(window, listener, subclassID, 0); ok == 0 {
		return fmt.Errorf("follow the caret: SetWindowSubclass: %w", err)
	}
	return nil
}
