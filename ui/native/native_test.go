package native

import (
	"errors"
	"image"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

func TestOnlyDocumentsPicturesAndVideosAreOpened(t *testing.T) {
	for name, want := range map[string]bool{
		"总结.docx": true, "表.XLSX": true, "照片.JPG": true, "影像.mp4": true, "盖章.pdf": true, "包.zip": true,
		"程序.exe": false, "照片.jpg.exe": false, "脚本.bat": false, "宏.docm": false, "快捷方式.lnk": false, "网页.html": false,
		"无后缀": false, "a.desktop": false, "b.app": false, "c.js": false, "d.scr": false,
	} {
		if got := harmless(name); got != want {
			t.Errorf("%s opens: %v", name, got)
		}
		if want {
			continue
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Open(path); !errors.Is(err, ErrRuns) {
			t.Errorf("opening %s: %v", name, err)
		}
	}
}

func TestWhatIsNotThereIsAnError(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "没有.pdf")
	for name, err := range map[string]error{"open": Open(missing), "reveal": Reveal(missing)} {
		if !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// fakeIME notes the four calls.
type fakeIME struct {
	none      bool
	calls     []string
	composing compositionForm
	candidate candidateForm
}

func (f *fakeIME) context(uintptr) uintptr {
	f.calls = append(f.calls, "get")
	if f.none {
		return 0
	}
	return 7
}

func (f *fakeIME) setComposition(c uintptr, form compositionForm) {
	f.calls = append(f.calls, "composition")
	f.composing = form
}

func (f *fakeIME) setCandidate(c uintptr, form candidateForm) {
	f.calls = append(f.calls, "candidate")
	f.candidate = form
}

func (f *fakeIME) release(uintptr, uintptr) { f.calls = append(f.calls, "release") }

func TestCandidatesStandBeneathTheLine(t *testing.T) {
	im := &fakeIME{}
	place(im, 1, Caret{Line: image.Rect(120, 40, 400, 64), Entry: image.Rect(100, 30, 400, 200)})
	if im.composing.style != stylePoint || im.composing.at != (point{120, 40}) {
		t.Errorf("composing at %+v", im.composing)
	}
	want := candidateForm{style: styleExclude, at: point{120, 64}, area: rect{120, 40, 400, 64}}
	if im.candidate != want {
		t.Errorf("candidates at %+v, want %+v", im.candidate, want)
	}
	if len(im.calls) != 4 || im.calls[0] != "get" || im.calls[3] != "release" {
		t.Errorf("calls %v", im.calls)
	}
	im = &fakeIME{none: true}
	place(im, 1, Caret{})
	if len(im.calls) != 1 {
		t.Errorf("without a context, calls are %v", im.calls)
	}
}

func TestCaretIsWhereTextGoesIn(t *testing.T) {
	test.NewTempApp(t)
	entry := widget.NewMultiLineEntry()
	entry.Wrapping = fyne.TextWrapBreak
	other := widget.NewButton("", func() {})
	w := test.NewTempWindow(t, container.NewWithoutLayout(entry, other))
	w.SetPadded(false)
	w.Resize(fyne.NewSize(600, 400))
	entry.Move(fyne.NewPos(100, 50))
	entry.Resize(fyne.NewSize(300, 100))
	c := w.Canvas().(software.WindowlessCanvas)
	c.SetScale(1.5)

	if _, ok := CaretOf(c); ok {
		t.Error("a caret without the keyboard")
	}
	c.Focus(entry)
	start, ok := CaretOf(c)
	if !ok || start.Entry != image.Rect(150, 75, 600, 225) {
		t.Fatalf("entry at %v, %v", start.Entry, ok)
	}
	if !start.Line.In(start.Entry) || start.Line.Min.X > 150+int(1.5*20) {
		t.Errorf("an empty entry has its caret at %v", start.Line)
	}
	for _, r := range "报送材料" {
		entry.TypedRune(r)
	}
	typed, _ := CaretOf(c)
	moved := float32(typed.Line.Min.X-start.Line.Min.X) / 1.5
	width := fyne.MeasureText("报送材料", theme.TextSize(), fyne.TextStyle{}).Width
	if moved < width-2 || moved > width+2 {
		t.Errorf("four characters of %v move the caret by %v", width, moved)
	}
	for range 30 {
		entry.TypedRune('\n')
	}
	if below, _ := CaretOf(c); !below.Line.In(below.Entry) || below.Line.Min.Y <= typed.Line.Min.Y {
		t.Errorf("far down, the caret is at %v of %v", below.Line, below.Entry)
	}
	c.Focus(other)
	if _, ok := CaretOf(c); ok {
		t.Error("a button has a caret")
	}
}

func TestAWindowWithoutAHandleHasNone(t *testing.T) {
	test.NewTempApp(t)
	if h := HandleOf(test.NewTempWindow(t, nil)); h != 0 {
		t.Errorf("handle %v", h)
	}
}
