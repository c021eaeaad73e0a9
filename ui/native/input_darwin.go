package native

import (
	"fmt"

	"fyne.io/fyne/v2"
	"github.com/ebitengine/purego"
)

// FollowCaret keeps keys that an input method uses from the entry that has the keyboard: on macOS, Return and
// Backspace would otherwise reach it while somebody composes (fyne-io/fyne#4343). Call it once a window is shown,
// on the UI goroutine.
//
// The view of the window answers keyDown: by handing the key on and then interpreting it. While it has marked text
// it is made to interpret only. Where the candidates stand is left to the view, which says: the window's corner.
func FollowCaret(fyne.Window) error {
	rt, err := loadObjC()
	if err != nil {
		return fmt.Errorf("follow the caret: %w: %w", ErrUnavailable, err)
	}
	class, array := rt.class("GLFWContentView"), rt.class("NSArray")
	keyDown, marked := rt.selector("keyDown:"), rt.selector("hasMarkedText")
	interpret, of := rt.selector("interpretKeyEvents:"), rt.selector("arrayWithObject:")
	if class == 0 || array == 0 || rt.method(class, marked) == 0 {
		return fmt.Errorf("follow the caret: the view is another one: %w", ErrUnavailable)
	}
	method := rt.method(class, keyDown)
	if method == 0 {
		return fmt.Errorf("follow the caret: the view takes no keys: %w", ErrUnavailable)
	}
	var original uintptr
	original = rt.replace(method, purego.NewCallback(func(view, selector, event uintptr) uintptr {
		if composing, _, _ := purego.SyscallN(rt.send, view, marked); composing&0xff != 0 {
			events, _, _ := purego.SyscallN(rt.send, array, of, event)
			_, _, _ = purego.SyscallN(rt.send, view, interpret, events)
			return 0
		}
		_, _, _ = purego.SyscallN(original, view, selector, event)
		return 0
	}))
	return nil
}

// objC is what is needed of the Objective-C runtime.
type objC struct {
	class    func(name string) uintptr
	selector func(name string) uintptr
	method   func(class, selector uintptr) uintptr
	replace  func(method, implementation uintptr) uintptr
	send     uintptr // objc_msgSend
}

func loadObjC() (objC, error) {
	var rt objC
	lib, err := purego.Dlopen("/usr/lib/libobjc.A.dylib", purego.RTLD_LAZY|purego.RTLD_GLOBAL)
	if err != nil {
		return rt, err
	}
	for name, call := range map[string]any{
		"objc_getClass":            &rt.class,
		"sel_registerName":         &rt.selector,
		"class_getInstanceMethod":  &rt.method,
		"method_setImplementation": &rt.replace,
	} {
		symbol, err := purego.Dlsym(lib, name)
		if err != nil {
			return rt, err
		}
		purego.RegisterFunc(call, symbol)
	}
	rt.send, err = purego.Dlsym(lib, "objc_msgSend")
	return rt, err
}
