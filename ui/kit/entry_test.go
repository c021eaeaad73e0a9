package kit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// strict is an app whose driver knows, as the real one does, what is on a canvas and what is not: the driver of tests
// takes every object for one of its last window.
type strict struct {
	fyne.App
	driver strictDriver
}

func (s strict) Driver() fyne.Driver { return s.driver }

type strictDriver struct {
	fyne.Driver
	canvas fyne.Canvas
	known  []fyne.CanvasObject
}

func (d strictDriver) CanvasForObject(o fyne.CanvasObject) fyne.Canvas {
	if slices.Contains(d.known, o) {
		return d.canvas
	}
	return nil
}

// keyed is a canvas with shortcuts of its own, as the real one is.
type keyed struct {
	fyne.Canvas
	keys fyne.ShortcutHandler
}

func (k *keyed) TypedShortcut(s fyne.Shortcut) { k.keys.TypedShortcut(s) }

// Shortcuts that no text knows, and pasting what is no text, are the window's from whatever entry has the keyboard.
func TestEntriesLeaveShortcutsToTheWindow(t *testing.T) {
	setup(t)
	long, gallery := NewLongText("", 3, Advice{}, nil), NewGallery(newPictures().options())
	gallery.SetPhotos(photos(1))
	entries := []fyne.CanvasObject{
		NewEntry("", nil), NewNumberEntry("", nil), NewDateEntry(dateTexts(), time.Now, nil),
		NewSuggestEntry("", func(string) []string { return nil }, nil), long, gallery,
	}
	w := window(t, NewColumn(entries...))
	app := fyne.CurrentApp()
	canvas := &keyed{Canvas: w.Canvas()}
	fyne.SetCurrentApp(strict{app, strictDriver{app.Driver(), canvas, visible(w.Content())}})
	t.Cleanup(func() { fyne.SetCurrentApp(app) })
	got := ""
	check := &desktop.CustomShortcut{KeyName: fyne.KeyReturn, Modifier: fyne.KeyModifierControl}
	canvas.keys.AddShortcut(check, func(fyne.Shortcut) { got = "check" })
	canvas.keys.AddShortcut(&fyne.ShortcutPaste{}, func(fyne.Shortcut) { got = "paste" })
	for _, o := range entries {
		if g, ok := o.(*Gallery); ok {
			g.FocusCaption("p0")
		} else {
			o.(interface{ Focus() }).Focus()
		}
		focused, ok := w.Canvas().Focused().(fyne.Shortcutable)
		if !ok {
			t.Errorf("%T does not take the keyboard", o)
			continue
		}
		for want, s := range map[string]fyne.Shortcut{"check": check, "paste": &fyne.ShortcutPaste{Clipboard: test.NewClipboard()}} {
			got = ""
			focused.TypedShortcut(s)
			if got != want {
				t.Errorf("from %s, %s came as %q", fmt.Sprintf("%T", o), want, got)
			}
		}
		for _, held := range []string{"\x89PNG\r\n\x1a\n", "file:///home/a/1.jpg\r\n", "copy\nfile:///home/a/1.jpg", "文字 file:// 之类"} {
			got = ""
			c := test.NewClipboard()
			c.SetContent(held)
			focused.TypedShortcut(&fyne.ShortcutPaste{Clipboard: c})
			if text := strings.HasPrefix(held, "文字"); text == (got == "paste") {
				t.Errorf("into %T, %q was pasted as text: %t", o, held, !text)
			}
		}
		w.Canvas().Unfocus()
	}
}
