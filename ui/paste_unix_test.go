//go:build !windows && !darwin

package ui

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"baosong/forms"
	"baosong/ui/kit"
)

// clipboard puts a program into the path that answers as xclip does, by what the clipboard holds of each kind.
func clipboard(t *testing.T, held map[string][]byte) {
	t.Helper()
	dir := t.TempDir()
	kinds := ""
	for kind, b := range held {
		kinds += kind + "\n"
		if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(kind, "/", "_")), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	script := "#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = -target ] && kind=$(echo \"$2\" | tr / _); shift; done\nexec /bin/cat \"" + dir + "/$kind\"\n"
	if err := os.WriteFile(filepath.Join(dir, "xclip"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "TARGETS"), []byte(kinds), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/bin:/usr/bin")
	t.Setenv("WAYLAND_DISPLAY", "")
}

// ctrlV presses Ctrl+V as the driver gives it: to what has the keyboard, else to the window.
func (k *desk) ctrlV() {
	k.t.Helper()
	paste := &fyne.ShortcutPaste{Clipboard: fyne.CurrentApp().Clipboard()}
	if s, ok := k.win.Canvas().Focused().(fyne.Shortcutable); ok {
		s.TypedShortcut(paste)
	} else {
		k.keys.TypedShortcut(paste)
	}
	k.settle()
}

func TestPastedFilesAndPicturesJoinTheGallery(t *testing.T) {
	k := photos(t, "科普展览")
	k.win.Canvas().Unfocus()
	dir := t.TempDir()
	list := ""
	for i := range 2 {
		list += (&url.URL{Scheme: "file", Path: snap(t, dir, i+1, 30, 9+i)}).String() + "\r\n"
	}
	clipboard(t, map[string][]byte{"text/uri-list": []byte(list)})
	k.ctrlV()
	if n := k.editor.Draft().Answers.Len("activity[1]/photos"); n != 2 {
		t.Fatalf("two files pasted make %d photos: %q", n, k.texts())
	}

	picture, err := os.ReadFile("../forms/media/testdata/screenshot.png")
	if err != nil {
		t.Fatal(err)
	}
	clipboard(t, map[string][]byte{"image/png": picture}) // as a chat or a screenshot leaves it
	k.ctrlV()
	var got forms.Material
	for i := range 3 {
		if m := k.material(i + 1); m.MIME == "image/png" {
			got = m
		}
	}
	if !strings.HasPrefix(got.Name, "粘贴的图片-") || got.MIME != "image/png" || got.Width == 0 {
		t.Errorf("the pasted picture is %+v", got)
	}
	for i, img := range k.pictures() {
		if img == nil {
			t.Errorf("photo %d shows no picture", i+1)
		}
	}
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "baosong-paste-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}

	// Text goes into the caption, not into the gallery.
	fyne.CurrentApp().Clipboard().SetContent("志愿者讲解")
	k.caption(1)
	k.ctrlV()
	k.win.Canvas().Unfocus()
	if g := k.shown(); len(g.Photos()) != 3 || g.Photos()[0].Caption != "志愿者讲解" {
		t.Errorf("pasted text: %d photos, the first is called %q", len(g.Photos()), g.Photos()[0].Caption)
	}

	fyne.CurrentApp().Clipboard().SetContent("")
	clipboard(t, nil)
	paste(k)
	k.mustSee("剪贴板里没有图片或文件")
}

// paste taps the button beside the gallery.
func paste(k *desk) {
	k.t.Helper()
	if _, ok := find(k.win.Content(), func(*kit.Gallery) bool { return true }); !ok {
		k.t.Fatal("no gallery is in sight")
	}
	k.tap("粘贴")
}
