package bag

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxComponent = 200 // UTF-8 bytes: Linux file systems hold 255, and a temporary name adds some
	maxPath      = 180 // UTF-16 units from the top folder on: Windows holds 260 with the folder it is unpacked to
)

// reservedChars cannot be in a Windows file name.
const reservedChars = `<>:"/\|?*`

// hostile tells why a slash-separated path could lead out of the folder it is
// read against, on any system (RFC 8493 section 5.1), or cannot be a path.
func hostile(p string) error {
	switch {
	case p == "":
		return errors.New("empty path")
	case !utf8.ValidString(p):
		return errors.New("not UTF-8")
	case strings.ContainsRune(p, 0):
		return errors.New("NUL in the path")
	case p[0] == '/' || p[0] == '\\':
		return errors.New("absolute path")
	case p[0] == '~':
		return errors.New("path into a home folder")
	case len(p) > 1 && p[1] == ':' && (p[0]|0x20 >= 'a' && p[0]|0x20 <= 'z'):
		return errors.New("path with a drive letter")
	case strings.ContainsRune(p, '\\'):
		return errors.New("backslash in the path")
	}
	for c := range strings.SplitSeq(p, "/") {
		if c == "" || c == "." || c == ".." {
			return fmt.Errorf("component %q", c)
		}
	}
	return nil
}

// portable tells why a path that is not hostile still cannot be a file on
// every system a bag may be unpacked on.
func portable(p string) error {
	for c := range strings.SplitSeq(p, "/") {
		if err := portableComponent(c); err != nil {
			return fmt.Errorf("%q: %w", c, err)
		}
	}
	return nil
}

func portableComponent(c string) error {
	if i := strings.IndexAny(c, reservedChars); i >= 0 {
		return fmt.Errorf("character %q is reserved on Windows", c[i])
	}
	if strings.ContainsFunc(c, unicode.IsControl) {
		return errors.New("control character")
	}
	if last := c[len(c)-1]; last == '.' || last == ' ' {
		return errors.New("ends in a dot or a space")
	}
	if reservedName(c) {
		return errors.New("name is reserved on Windows")
	}
	if len(c) > 255 {
		return errors.New("longer than 255 bytes")
	}
	return nil
}

// reservedName reports whether Windows takes the name for a device, whatever
// follows its first dot.
func reservedName(c string) bool {
	stem, _, _ := strings.Cut(c, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	port, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		port, ok = strings.CutPrefix(stem, "LPT")
	}
	return ok && utf8.RuneCountInString(port) == 1 && strings.ContainsAny(port, "0123456789¹²³")
}

// systemFile reports whether macOS or Windows leaves files of this name behind
// in folders that were looked at.
func systemFile(c string) bool {
	switch strings.ToLower(c) {
	case ".ds_store", "thumbs.db", "desktop.ini":
		return true
	}
	return strings.HasPrefix(c, "._")
}

// checkWritten is the strict rule for names we write ourselves: hostile and
// portable, and beyond them NFC, no percent or dollar sign (readers differ on
// them, see the package comment), no space of any kind at either end, and
// lengths that fit a Windows path.
func checkWritten(p string) error {
	if err := hostile(p); err != nil {
		return err
	}
	if err := portable(p); err != nil {
		return err
	}
	if strings.ContainsAny(p, "%$") {
		return errors.New("percent or dollar sign")
	}
	if !norm.NFC.IsNormalString(p) {
		return errors.New("not in Unicode form NFC")
	}
	for c := range strings.SplitSeq(p, "/") {
		if strings.TrimSpace(c) != c {
			return errors.New("begins or ends in a space")
		}
		if len(c) > maxComponent {
			return fmt.Errorf("component longer than %d bytes", maxComponent)
		}
		if strings.ContainsFunc(c, invisible) {
			return errors.New("invisible character")
		}
	}
	return nil
}

func pathUnits(p string) int { return len(utf16.Encode([]rune(p))) }

// twinKey is equal for names that some file system takes for the same file:
// by case, by Unicode form, or by the trailing dots and spaces Windows drops.
func twinKey(p string) string {
	p = norm.NFC.String(strings.ToLower(strings.ToUpper(norm.NFC.String(p))))
	if !strings.ContainsAny(p, ". ") {
		return p
	}
	parts := strings.Split(p, "/")
	for i, c := range parts {
		parts[i] = strings.TrimRight(c, ". ")
	}
	return strings.Join(parts, "/")
}

// invisible matches format characters (zero-width, bidirectional overrides),
// line separators, private-use and unassigned code points, and the replacement
// character: none belongs in a name that people are to read and type.
func invisible(r rune) bool {
	return r == utf8.RuneError || unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) ||
		!unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.IsControl(r)
}
