package native

import (
	"fmt"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

func syscallN(proc uintptr, args ...uintptr) (uintptr, uintptr, syscall.Errno) {
	return syscall.SyscallN(proc, args...)
}

// inApartment runs a call of the shell where COM is set up.
func inApartment(call func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := windows.CoInitializeEx(0, coinitApartment|coinitNoOLE1); err == nil {
		defer windows.CoUninitialize()
	} // else COM runs already in this thread, in another way, which serves too
	return call()
}

// reveal selects a file in its folder. Explorer's command line cannot hold every name; this call can.
func reveal(path string) error {
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	shell := windows.NewLazySystemDLL("shell32.dll")
	return inApartment(func() error {
		list, _, _ := shell.NewProc("ILCreateFromPathW").Call(uintptr(unsafe.Pointer(p)))
		if list == 0 {
			return fmt.Errorf("the shell does not know the path: %w", ErrUnavailable)
		}
		defer func() { _, _, _ = shell.NewProc("ILFree").Call(list) }()
		r, _, _ := shell.NewProc("SHOpenFolderAndSelectItems").Call(list, 0, 0, 0)
		if h := hresult(r); h&0x80000000 != 0 {
			return h
		}
		return nil
	})
}

func openFolder(path string) error { return shellExecute("explore", path) }

func openFile(path string) error { return shellExecute("open", path) }

func shellExecute(verb, path string) error {
	v, err := windows.UTF16PtrFromString(verb)
	if err != nil {
		return err
	}
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	return inApartment(func() error {
		if err := windows.ShellExecute(0, v, p, nil, nil, windows.SW_SHOWNORMAL); err != nil {
			return fmt.Errorf("ShellExecute: %w", err)
		}
		return nil
	})
}
