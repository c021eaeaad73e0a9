package native

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// The script takes everything as arguments, so that no title or path becomes part of it. It answers with a path a
// line, or nothing if the person gave up. Arguments: kind, title, start, name, then extensions.
const chooser = `on run argv
	set kind to item 1 of argv
	set title to item 2 of argv
	set begin to item 3 of argv
	set proposal to item 4 of argv
	set kinds to {}
	repeat with i from 5 to count of argv
		set end of kinds to item i of argv
	end repeat
	if begin is "" then
		set place to path to documents folder
	else
		set place to POSIX file begin as alias
	end if
	tell application "System Events" to activate
	try
		if kind is "folder" then
			set chosen to {choose folder with prompt title default location place}
		else if kind is "save" then
			set chosen to {choose file name with prompt title default name proposal default location place}
		else if kind is "file" then
			if kinds is {} then
				set chosen to {choose file with prompt title default location place}
			else
				set chosen to {choose file with prompt title of type kinds default location place}
			end if
		else
			if kinds is {} then
				set chosen to choose file with prompt title default location place with multiple selections allowed
			else
				set chosen to choose file with prompt title of type kinds default location place with multiple selections allowed
			end if
		end if
	on error number -128
		return ""
	end try
	set answer to ""
	repeat with c in chosen
		set answer to answer & POSIX path of c & linefeed
	end repeat
	return answer
end run`

func pick(_ Window, ask Ask) ([]string, error) {
	kind := map[Kind]string{Files: "files", File: "file", Folder: "folder", Save: "save"}[ask.Kind]
	args := []string{"-", kind, ask.Title, ask.Start, ask.Name}
	for _, f := range ask.Filters {
		args = append(args, f.Extensions...)
	}
	cmd := exec.Command("/usr/bin/osascript", args...)
	cmd.Stdin = strings.NewReader(chooser)
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: osascript: %s: %w", ErrUnavailable, strings.TrimSpace(failed.String()), err)
	}
	return lines(string(out)), nil
}

func lines(text string) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			out = append(out, line)
		}
	}
	return out
}

func reveal(path string) error { return run("/usr/bin/open", "-R", path) }

func openFolder(path string) error { return run("/usr/bin/open", path) }

func openFile(path string) error { return run("/usr/bin/open", path) }
