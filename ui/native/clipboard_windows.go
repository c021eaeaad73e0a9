package native

import (
	"bytes"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

const (
	formatDIB   = 8
	formatHDrop = 15
	maxDropped  = 10000
	longestPath = 32768
)

// clipboard reads CF_HDROP, the format "PNG", or CF_DIB, in this order.
func clipboard(over Window) (Clip, error) {
	runtime.LockOSThread() // the clipboard is opened for a thread
	defer runtime.UnlockOSThread()
	user := windows.NewLazySystemDLL("user32.dll")
	if err := openClipboard(user, over); err != nil {
		return Clip{}, err
	}
	defer func() { _, _, _ = user.NewProc("CloseClipboard").Call() }()
	if drop, _, _ := user.NewProc("GetClipboardData").Call(formatHDrop); drop != 0 {
		return Clip{Files: droppedFiles(drop)}, nil
	}
	name, err := windows.UTF16PtrFromString("PNG")
	if err != nil {
		return Clip{}, err
	}
	format, _, _ := user.NewProc("RegisterClipboardFormatW").Call(uintptr(unsafe.Pointer(name)))
	if data, err := clipboardBytes(user, format); err == nil && bytes.HasPrefix(data, []byte("\x89PNG")) {
		return Clip{Picture: data}, nil
	}
	dib, err := clipboardBytes(user, formatDIB)
	if err != nil || dib == nil {
		return Clip{}, err
	}
	picture, err := pngOfDIB(dib)
	return Clip{Picture: picture}, err
}

// openClipboard waits a little for a program that has it open.
func openClipboard(user *windows.LazyDLL, over Window) error {
	var reason error
	for range 10 {
		ok, _, err := user.NewProc("OpenClipboard").Call(uintptr(over))
		if ok != 0 {
			return nil
		}
		reason = err
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("another program holds it: %w", reason)
}

func droppedFiles(drop uintptr) []string {
	query := windows.NewLazySystemDLL("shell32.dll").NewProc("DragQueryFileW")
	count, _, _ := query.Call(drop, 0xFFFFFFFF, 0, 0)
	var paths []string
	buffer := make([]uint16, longestPath)
	for i := range min(count, maxDropped) {
		if n, _, _ := query.Call(drop, i, uintptr(unsafe.Pointer(&buffer[0])), longestPath); n > 0 {
			paths = append(paths, windows.UTF16ToString(buffer))
		}
	}
	return paths
}

// clipboardBytes copies the bytes of a format, none if the clipboard does not hold it.
func clipboardBytes(user *windows.LazyDLL, format uintptr) ([]byte, error) {
	handle, _, _ := user.NewProc("GetClipboardData").Call(format)
	if handle == 0 {
		return nil, nil
	}
	kernel := windows.NewLazySystemDLL("kernel32.dll")
	size, _, _ := kernel.NewProc("GlobalSize").Call(handle)
	if size > maxClip {
		return nil, fmt.Errorf("%d bytes: %w", size, errNoPicture)
	}
	at, _, err := kernel.NewProc("GlobalLock").Call(handle)
	if at == 0 {
		return nil, fmt.Errorf("GlobalLock: %w", err)
	}
	defer func() { _, _, _ = kernel.NewProc("GlobalUnlock").Call(handle) }()
	data := make([]byte, size)
	if size > 0 {
		var read uintptr
		if err := windows.ReadProcessMemory(windows.CurrentProcess(), at, &data[0], size, &read); err != nil {
			return nil, fmt.Errorf("copy: %w", err)
		}
	}
	return data, nil
}
