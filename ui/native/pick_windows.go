package native

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Slots of the interfaces' tables of methods (shobjidl_core.h).
const (
	slotRelease             = 2
	slotShow                = 3
	slotSetFileTypes        = 4
	slotSetOptions          = 9
	slotGetOptions          = 10
	slotSetFolder           = 12
	slotSetFileName         = 15
	slotSetTitle            = 17
	slotSetOkButtonLabel    = 18
	slotGetResult           = 20
	slotSetDefaultExtension = 22
	slotGetResults          = 27
	slotArrayGetCount       = 7
	slotArrayGetItemAt      = 8
	slotItemGetDisplayName  = 5
)

const (
	fosOverwritePrompt  = 0x2
	fosPickFolders      = 0x20
	fosForceFileSystem  = 0x40
	fosAllowMultiSelect = 0x200
	fosPathMustExist    = 0x800
	fosFileMustExist    = 0x1000

	sigdnFileSysPath   = 0x80058000
	clsctxInprocServer = 1
	coinitApartment    = 2
	coinitNoOLE1       = 4
	hresultCancelled   = 0x800704C7
	maxPicked          = 10000
)

func clsidOpen() *windows.GUID {
	return &windows.GUID{Data1: 0xDC1C5A9C, Data2: 0xE88A, Data3: 0x4DDE, Data4: [8]byte{0xA5, 0xA1, 0x60, 0xF8, 0x2A, 0x20, 0xAE, 0xF7}}
}

func iidOpen() *windows.GUID {
	return &windows.GUID{Data1: 0xD57C7288, Data2: 0xD4AD, Data3: 0x4768, Data4: [8]byte{0xBE, 0x02, 0x9D, 0x96, 0x95, 0x32, 0xD9, 0x60}}
}

func clsidSave() *windows.GUID {
	return &windows.GUID{Data1: 0xC0B4E2F3, Data2: 0xBA21, Data3: 0x4773, Data4: [8]byte{0x8D, 0xBA, 0x33, 0x5E, 0xC9, 0x46, 0xEB, 0x8B}}
}

func iidSave() *windows.GUID {
	return &windows.GUID{Data1: 0x84BCCD23, Data2: 0x5FDE, Data3: 0x4CDB, Data4: [8]byte{0xAE, 0xA4, 0xAF, 0x64, 0xB8, 0x3D, 0x78, 0xAB}}
}

func iidShellItem() *windows.GUID {
	return &windows.GUID{Data1: 0x43826D1E, Data2: 0xE718, Data3: 0x42EE, Data4: [8]byte{0xBC, 0x55, 0xA1, 0xE2, 0x61, 0xC3, 0x7B, 0xFE}}
}

// comObject is a COM interface: a pointer to its table of methods comes first.
type comObject struct{ methods *[32]uintptr }

// hresult is what COM methods return; the high bit is a failure.
type hresult uint32

func (h hresult) Error() string { return fmt.Sprintf("HRESULT %#08x", uint32(h)) }

// call calls a method by its slot. Arguments that point into Go memory must be kept alive by the caller.
func (o *comObject) call(slot int, args ...uintptr) error {
	r, _, _ := syscallN(o.methods[slot], append([]uintptr{uintptr(unsafe.Pointer(o))}, args...)...)
	if h := hresult(r); h&0x80000000 != 0 {
		return h
	}
	return nil
}

func (o *comObject) release() { _ = o.call(slotRelease) } // the new count is of no use

func (o *comObject) setText(slot int, text string) error {
	if text == "" {
		return nil
	}
	p, err := windows.UTF16PtrFromString(text)
	if err != nil {
		return fmt.Errorf("text %q: %w", text, err)
	}
	err = o.call(slot, uintptr(unsafe.Pointer(p)))
	runtime.KeepAlive(p)
	return err
}

// pick shows IFileOpenDialog or IFileSaveDialog in a thread of its own: COM's apartment belongs to a thread, and
// the UI's stays free to draw the window beneath.
func pick(over Window, ask Ask) ([]string, error) {
	type answer struct {
		paths []string
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine, and its apartment with it
		paths, err := showDialog(over, ask)
		done <- answer{paths, err}
	}()
	a := <-done
	return a.paths, a.err
}

func showDialog(over Window, ask Ask) ([]string, error) {
	if err := windows.CoInitializeEx(0, coinitApartment|coinitNoOLE1); err != nil {
		return nil, fmt.Errorf("%w: start COM: %w", ErrUnavailable, err)
	}
	defer windows.CoUninitialize()
	dialog, err := newDialog(ask.Kind == Save)
	if err != nil {
		return nil, fmt.Errorf("%w: make the dialog: %w", ErrUnavailable, err)
	}
	defer dialog.release()
	if err := prepare(dialog, ask); err != nil {
		return nil, fmt.Errorf("%w: prepare the dialog: %w", ErrUnavailable, err)
	}
	err = dialog.call(slotShow, uintptr(over))
	if h, ok := errors.AsType[hresult](err); ok && h == hresultCancelled {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("show the dialog: %w", err)
	}
	return results(dialog, ask.Kind)
}

func newDialog(save bool) (*comObject, error) {
	class, iface := clsidOpen(), iidOpen()
	if save {
		class, iface = clsidSave(), iidSave()
	}
	var dialog *comObject
	create := windows.NewLazySystemDLL("ole32.dll").NewProc("CoCreateInstance")
	r, _, _ := create.Call(uintptr(unsafe.Pointer(class)), 0, clsctxInprocServer,
		uintptr(unsafe.Pointer(iface)), uintptr(unsafe.Pointer(&dialog)))
	if h := hresult(r); h&0x80000000 != 0 {
		return nil, h
	}
	return dialog, nil
}

func prepare(dialog *comObject, ask Ask) error {
	var options uint32
	if err := dialog.call(slotGetOptions, uintptr(unsafe.Pointer(&options))); err != nil {
		return fmt.Errorf("options: %w", err)
	}
	options |= fosForceFileSystem | fosPathMustExist
	switch ask.Kind {
	case Files:
		options |= fosAllowMultiSelect | fosFileMustExist
	case File:
		options |= fosFileMustExist
	case Folder:
		options |= fosPickFolders
	case Save:
		options |= fosOverwritePrompt
	}
	if err := dialog.call(slotSetOptions, uintptr(options)); err != nil {
		return fmt.Errorf("options: %w", err)
	}
	for _, text := range []struct {
		slot int
		text string
	}{{slotSetTitle, ask.Title}, {slotSetOkButtonLabel, ask.Accept}, {slotSetFileName, ask.Name}} {
		if err := dialog.setText(text.slot, text.text); err != nil {
			return fmt.Errorf("texts: %w", err)
		}
	}
	if len(ask.Filters) > 0 && ask.Kind != Folder {
		if err := setFilters(dialog, ask.Filters); err != nil {
			return fmt.Errorf("file kinds: %w", err)
		}
	}
	if ask.Kind == Save {
		ext := strings.TrimPrefix(filepath.Ext(ask.Name), ".")
		if err := dialog.setText(slotSetDefaultExtension, ext); err != nil {
			return fmt.Errorf("extension: %w", err)
		}
	}
	return setFolder(dialog, ask.Start)
}

// setFilters hands over COMDLG_FILTERSPECs: pairs of a name and patterns.
func setFilters(dialog *comObject, filters []Filter) error {
	var specs []*uint16
	for _, f := range filters {
		name, err := windows.UTF16PtrFromString(f.Name)
		if err != nil {
			return err
		}
		patterns, err := windows.UTF16PtrFromString(patterns(f.Extensions))
		if err != nil {
			return err
		}
		specs = append(specs, name, patterns)
	}
	err := dialog.call(slotSetFileTypes, uintptr(len(filters)), uintptr(unsafe.Pointer(&specs[0])))
	runtime.KeepAlive(specs)
	return err
}

func patterns(extensions []string) string {
	if len(extensions) == 0 {
		return "*.*"
	}
	return "*." + strings.Join(extensions, ";*.")
}

// setFolder begins in a folder; one that the shell does not know is left out.
func setFolder(dialog *comObject, path string) error {
	if path == "" {
		return nil
	}
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	var item *comObject
	parse := windows.NewLazySystemDLL("shell32.dll").NewProc("SHCreateItemFromParsingName")
	r, _, _ := parse.Call(uintptr(unsafe.Pointer(p)), 0,
		uintptr(unsafe.Pointer(iidShellItem())), uintptr(unsafe.Pointer(&item)))
	if hresult(r)&0x80000000 != 0 || item == nil {
		return nil
	}
	defer item.release()
	return dialog.call(slotSetFolder, uintptr(unsafe.Pointer(item)))
}

func results(dialog *comObject, kind Kind) ([]string, error) {
	if kind != Files {
		var item *comObject
		if err := dialog.call(slotGetResult, uintptr(unsafe.Pointer(&item))); err != nil {
			return nil, fmt.Errorf("read the answer: %w", err)
		}
		defer item.release()
		path, err := pathOf(item)
		if err != nil {
			return nil, err
		}
		return []string{path}, nil
	}
	var items *comObject
	if err := dialog.call(slotGetResults, uintptr(unsafe.Pointer(&items))); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	defer items.release()
	var count uint32
	if err := items.call(slotArrayGetCount, uintptr(unsafe.Pointer(&count))); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	var paths []string
	for i := range min(count, maxPicked) {
		var item *comObject
		if err := items.call(slotArrayGetItemAt, uintptr(i), uintptr(unsafe.Pointer(&item))); err != nil {
			return nil, fmt.Errorf("read answer %d: %w", i, err)
		}
		path, err := pathOf(item)
		item.release()
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func pathOf(item *comObject) (string, error) {
	var text *uint16
	if err := item.call(slotItemGetDisplayName, sigdnFileSysPath, uintptr(unsafe.Pointer(&text))); err != nil {
		return "", fmt.Errorf("read a path: %w", err)
	}
	defer windows.CoTaskMemFree(unsafe.Pointer(text))
	return windows.UTF16PtrToString(text), nil
}
