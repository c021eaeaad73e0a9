package native

import (
	"image"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/windows"
)

func TestDialogTakesWhatIsAsked(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := windows.CoInitializeEx(0, coinitApartment|coinitNoOLE1); err != nil {
		t.Fatal(err)
	}
	defer windows.CoUninitialize()
	for kind, want := range map[Kind]uint32{
		Files: fosAllowMultiSelect | fosFileMustExist, File: fosFileMustExist, Folder: fosPickFolders, Save: fosOverwritePrompt,
	} {
		dialog, err := newDialog(kind == Save)
		if err != nil {
			t.Fatal(err)
		}
		err = prepare(dialog, Ask{
			Kind: kind, Title: "选图片", Accept: "选用", Start: t.TempDir(), Name: "汇总表.xlsx",
			Filters: []Filter{{"图片", []string{"jpg", "png"}}, {"所有文件", nil}},
		})
		if err != nil {
			t.Errorf("kind %d: %v", kind, err)
		}
		var options uint32
		if err := dialog.call(slotGetOptions, uintptr(unsafe.Pointer(&options))); err != nil || options&want != want {
			t.Errorf("kind %d has options %#x, want %#x; %v", kind, options, want, err)
		}
		dialog.release()
	}
}

func TestPatterns(t *testing.T) {
	if got := patterns([]string{"jpg", "png"}) + patterns(nil); got != "*.jpg;*.png*.*" {
		t.Error(got)
	}
}

// newWindow makes a window of the system to compose in.
func newWindow(t *testing.T) uintptr {
	t.Helper()
	class, err := windows.UTF16PtrFromString("STATIC")
	if err != nil {
		t.Fatal(err)
	}
	user := windows.NewLazySystemDLL("user32.dll")
	hwnd, _, err := user.NewProc("CreateWindowExW").Call(0, uintptr(unsafe.Pointer(class)), 0, 0x10CF0000, 0, 0, 640, 480, 0, 0, 0, 0)
	if hwnd == 0 {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _, _ = user.NewProc("DestroyWindow").Call(hwnd) })
	return hwnd
}

// What the system has noted after somebody began to compose is the caret's place.
func TestComposingBeginsAtTheCaret(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	hwnd := newWindow(t)
	imm := imm32{windows.NewLazySystemDLL("imm32.dll")}
	line := image.Rect(150, 90, 600, 114)
	asked := 0
	if err := follow(hwnd, imm, func() (Caret, bool) {
		asked++
		return Caret{Line: line}, true
	}); err != nil {
		t.Fatal(err)
	}
	send := windows.NewLazySystemDLL("user32.dll").NewProc("SendMessageW")
	if _, _, _ = send.Call(hwnd, 0x100, 'A', 0); asked != 0 {
		t.Error("an ordinary key asks for the caret")
	}
	_, _, _ = send.Call(hwnd, wmIMEStartComposition, 0, 0)
	if asked != 1 {
		t.Fatalf("the caret was asked for %d times", asked)
	}
	context := imm.context(hwnd)
	if context == 0 {
		t.Fatal("the window has no input context")
	}
	defer imm.release(hwnd, context)
	var composing compositionForm
	_, _, _ = imm.dll.NewProc("ImmGetCompositionWindow").Call(context, uintptr(unsafe.Pointer(&composing)))
	if composing.at != (point{150, 90}) {
		t.Errorf("the system composes at %+v", composing)
	}
	var candidate candidateForm
	_, _, _ = imm.dll.NewProc("ImmGetCandidateWindow").Call(context, 0, uintptr(unsafe.Pointer(&candidate)))
	if candidate.at != (point{150, 114}) || candidate.area != rectOf(line) {
		t.Errorf("the system shows candidates at %+v", candidate)
	}
}

// put lays bytes on the clipboard.
func put(t *testing.T, format uintptr, data []byte) {
	t.Helper()
	user, kernel := windows.NewLazySystemDLL("user32.dll"), windows.NewLazySystemDLL("kernel32.dll")
	if err := openClipboard(user, 0); err != nil {
		t.Fatal(err)
	}
	_, _, _ = user.NewProc("EmptyClipboard").Call()
	handle, _, _ := kernel.NewProc("GlobalAlloc").Call(2, uintptr(len(data)))
	at, _, _ := kernel.NewProc("GlobalLock").Call(handle)
	if err := windows.WriteProcessMemory(windows.CurrentProcess(), at, &data[0], uintptr(len(data)), nil); err != nil {
		t.Fatal(err)
	}
	_, _, _ = kernel.NewProc("GlobalUnlock").Call(handle)
	if r, _, err := user.NewProc("SetClipboardData").Call(format, handle); r == 0 {
		t.Fatal(err)
	}
	_, _, _ = user.NewProc("CloseClipboard").Call()
}

func TestClipboardGivesScreenshotsAndFiles(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	put(t, formatDIB, dib(32, 0, true))
	clip, err := Clipboard(0)
	if err != nil || len(clip.Picture) == 0 || len(clip.Files) != 0 {
		t.Errorf("a screenshot gives %d bytes, files %v, %v", len(clip.Picture), clip.Files, err)
	}
	path := `C:\图片\照片 1.jpg`
	drop := []byte{20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0} // DROPFILES, wide characters
	for _, unit := range append(windows.StringToUTF16(path), 0) {
		drop = append(drop, byte(unit), byte(unit>>8))
	}
	put(t, formatHDrop, drop)
	if clip, err := Clipboard(0); err != nil || len(clip.Files) != 1 || clip.Files[0] != path {
		t.Errorf("copied files are %q, %v", clip.Files, err)
	}
}
