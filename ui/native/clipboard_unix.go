//go:build !windows && !darwin

package native

import (
	"os"
	"slices"
	"strings"
)

// clipboard asks wl-paste or xclip: both windowing systems hand the clipboard to programs with a window only, and
// Fyne's reads text alone.
func clipboard(Window) (Clip, error) {
	read := func(kind string) ([]byte, error) {
		return output(maxClip, "xclip", "-selection", "clipboard", "-target", kind, "-out")
	}
	list := []string{"xclip", "-selection", "clipboard", "-target", "TARGETS", "-out"}
	if os.Getenv("WAYLAND_DISPLAY") != "" {
		read = func(kind string) ([]byte, error) { return output(maxClip, "wl-paste", "--no-newline", "--type", kind) }
		list = []string{"wl-paste", "--list-types"}
	}
	kinds, err := output(1<<16, list[0], list[1:]...)
	if err != nil {
		return Clip{}, err
	}
	held := strings.Fields(string(kinds))
	for _, kind := range []string{"text/uri-list", "x-special/gnome-copied-files"} { // the second has "copy" on a line before
		if slices.Contains(held, kind) {
			text, err := read(kind)
			return Clip{Files: uriList(string(text))}, err
		}
	}
	if slices.Contains(held, "image/png") {
		picture, err := read("image/png")
		return Clip{Picture: picture}, err
	}
	return Clip{}, nil
}
