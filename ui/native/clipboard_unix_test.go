//go:build !windows && !darwin

package native

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// clips puts a program into the path that answers as xclip does: it prints the file named after what is asked for.
func clips(t *testing.T, held map[string]string) {
	t.Helper()
	dir := t.TempDir()
	script := "#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = -target ] && kind=$(echo \"$2\" | tr / _); shift; done\nexec /bin/cat \"" + dir + "/$kind\"\n"
	write := func(name, text string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("xclip", script, 0o700)
	for name, text := range held {
		write(name, text, 0o600)
	}
	t.Setenv("PATH", dir+":/bin:/usr/bin")
	t.Setenv("WAYLAND_DISPLAY", "")
}

func TestClipboardHoldsFilesOrAPicture(t *testing.T) {
	clips(t, map[string]string{"TARGETS": "TIMESTAMP\ntext/uri-list\nimage/png\n", "text_uri-list": "file:///tmp/a.jpg\r\n"})
	if clip, err := Clipboard(0); err != nil || len(clip.Files) != 1 || clip.Files[0] != "/tmp/a.jpg" {
		t.Errorf("%+v, %v", clip, err)
	}
	clips(t, map[string]string{"TARGETS": "x-special/gnome-copied-files\n", "x-special_gnome-copied-files": "copy\nfile:///tmp/a.jpg\nfile:///tmp/b.jpg"})
	if clip, err := Clipboard(0); err != nil || len(clip.Files) != 2 || clip.Files[1] != "/tmp/b.jpg" {
		t.Errorf("%+v, %v", clip, err)
	}
	clips(t, map[string]string{"TARGETS": "image/png\n", "image_png": "\x89PNG…"})
	if clip, err := Clipboard(0); err != nil || string(clip.Picture) != "\x89PNG…" {
		t.Errorf("%+v, %v", clip, err)
	}
	clips(t, map[string]string{"TARGETS": "UTF8_STRING\n"})
	if clip, err := Clipboard(0); err != nil || clip.Files != nil || clip.Picture != nil {
		t.Errorf("text alone gives %+v, %v", clip, err)
	}
	clips(t, nil)
	if _, err := Clipboard(0); !errors.Is(err, ErrUnavailable) {
		t.Errorf("a program that fails gives %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Clipboard(0); !errors.Is(err, ErrUnavailable) {
		t.Errorf("without a program the error is %v", err)
	}
}
