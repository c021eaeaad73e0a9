// Package native does what Fyne lacks, by the means of each system: the system's own file dialog, showing a file in
// its folder, opening it, and the place of the input method's candidates.
//
// Nothing here needs cgo. Picking blocks until the person has chosen: call it off the UI goroutine.
package native

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ErrUnavailable says that the system offers no such service here: show a dialog of your own.
var ErrUnavailable = errors.New("not available on this system")

// Kind is what is picked.
type Kind int

// What can be picked.
const (
	Files  Kind = iota // one or several files that exist
	File               // one file that exists
	Folder             // one folder
	Save               // where to save a file, which may not exist yet
)

// Filter is one line of the dialog's list of file kinds.
type Filter struct {
	Name       string
	Extensions []string // lower case, without the dot
}

// Ask says what a file dialog is to show.
type Ask struct {
	Kind    Kind
	Title   string
	Accept  string   // the word on the button; empty: the system's own
	Start   string   // the folder to begin in; empty: where the person was last
	Name    string   // the proposed name, for Save
	Filters []Filter // the first one is chosen
}

// Pick shows the system's own file dialog over a window and returns absolute paths, none if the person gave up.
// Where there is no such dialog the error is ErrUnavailable.
func Pick(over Window, ask Ask) ([]string, error) {
	if ask.Start != "" {
		if start, err := filepath.Abs(ask.Start); err == nil && isFolder(start) {
			ask.Start = start
		} else {
			ask.Start = ""
		}
	}
	paths, err := pick(over, ask)
	if err != nil {
		return nil, fmt.Errorf("pick files: %w", err)
	}
	for _, p := range paths {
		if !filepath.IsAbs(p) {
			return nil, fmt.Errorf("pick files: the system answered %q, which is no path", p)
		}
	}
	return paths, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Reveal shows a file in its folder, selected, in the system's file manager. Of a folder it shows the inside.
func Reveal(path string) error {
	path, err := existing(path)
	if err != nil {
		return fmt.Errorf("show in folder: %w", err)
	}
	if isFolder(path) {
		err = openFolder(path)
	} else {
		err = reveal(path)
	}
	if err != nil {
		return fmt.Errorf("show %s in its folder: %w", path, err)
	}
	return nil
}

// ErrRuns says that a file may be a program: it is not opened. Reveal it instead.
var ErrRuns = errors.New("not a document, picture or video")

// Open opens a document, picture or video with the program the person has for it. Files come from strangers, and
// a double click on some kinds would run them: those, and whatever is not known, are ErrRuns.
func Open(path string) error {
	path, err := existing(path)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	switch {
	case isFolder(path):
		err = openFolder(path)
	case !harmless(path):
		return fmt.Errorf("open %s: %w", path, ErrRuns)
	default:
		err = openFile(path)
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	return nil
}

// harmless reports whether a file is of a kind that shows something and runs nothing. Office files with macros
// (.docm, .xlsm) are not.
func harmless(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".pdf", ".ofd", ".txt", ".csv", ".md", ".json", ".eml",
		".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".wps", ".et", ".dps", ".rtf", ".odt", ".ods", ".odp",
		".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".heic", ".heif", ".avif", ".tif", ".tiff",
		".mp4", ".m4v", ".mov", ".avi", ".mkv", ".wmv", ".webm", ".mpg", ".mpeg", ".3gp", ".mp3", ".m4a", ".wav",
		".zip":
		return true
	}
	return false
}

// existing returns the absolute path of what is there. A path that begins with a dash would be read as an option
// by the programs that are called; an absolute one never does.
func existing(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(abs); err != nil {
		return "", err
	}
	return abs, nil
}
