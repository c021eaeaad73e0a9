package bag

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// wide replaces what a file name cannot hold by the full-width character a
// Chinese reader takes for the same.
var wide = strings.NewReplacer(
	"<", "＜", ">", "＞", ":", "：", `"`, "＂", "/", "／", `\`, "＼", "|", "｜", "?", "？", "*", "＊", "%", "％", "$", "＄",
)

// SafeName turns any title or caption into one component of a file name that
// Write accepts, without an extension: Unicode form NFC, at most limit
// characters (and 150 bytes), nothing Windows reserves, no invisible
// characters. Line breaks and runs of space become one space. What nothing is
// left of becomes "_". SafeName of a safe name is that name.
func SafeName(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case invisible(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = wide.Replace(strings.Join(strings.Fields(s), " "))
	s = norm.NFC.String(s)
	s = trimName(s)
	s = trimName(cut(s, limit, 150))
	if reservedName(s) {
		stem, rest, dot := strings.Cut(s, ".")
		s = strings.TrimRight(stem, " ") + "_"
		if dot {
			s += "." + rest
		}
		s = trimName(cut(s, limit, 150))
	}
	if s == "" || reservedName(s) {
		return "_"
	}
	return s
}

// trimName drops what hides a file (leading dots), makes it Office's lock
// file or a home folder (~), or is dropped by Windows (trailing dots, spaces).
func trimName(s string) string {
	return strings.TrimRight(strings.TrimLeft(s, " .~"), " .")
}

// cut shortens s to whole characters, keeping marks with their letter.
func cut(s string, runes, bytes int) string {
	n := 0
	for i, r := range s {
		if n == runes || i+utf8.RuneLen(r) > bytes {
			for i > 0 && unicode.Is(unicode.M, first(s[i:])) {
				_, w := utf8.DecodeLastRuneInString(s[:i])
				i -= w
			}
			return s[:i]
		}
		n++
	}
	return s
}

func first(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
