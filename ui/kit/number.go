package kit

import "strings"

// NumberEntry is a line for a number. What it hands on has plain digits.
type NumberEntry struct{ Entry }

// NewNumberEntry returns an entry for a number. changed gets the text with plain digits as it stands: whether it
// is a number is for the caller to judge.
func NewNumberEntry(placeholder string, changed func(text string)) *NumberEntry {
	n := &NumberEntry{}
	n.init(placeholder, func(text string) {
		if changed != nil {
			changed(plainNumber(text))
		}
	})
	n.clean = plainNumber
	n.ExtendBaseWidget(n)
	return n
}

// plainNumber writes a number as typed in a Chinese office with ASCII digits: full-width forms become plain,
// spaces and the commas between groups of three digits go.
func plainNumber(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～': // the full-width forms of ASCII
			r -= '！' - '!'
		case r == '。':
			r = '.'
		case r == '−' || r == '—':
			r = '-'
		}
		if r == ' ' || r == '\u3000' || r == '\u00a0' {
			return -1
		}
		return r
	}, strings.TrimSpace(s))
	if grouped(s) {
		s = strings.ReplaceAll(s, ",", "")
	}
	return s
}

// grouped tells commas between thousands (1,200) from others (1,2).
func grouped(s string) bool {
	whole, _, _ := strings.Cut(s, ".")
	groups := strings.Split(strings.TrimPrefix(whole, "-"), ",")
	for i, g := range groups {
		if strings.Trim(g, "0123456789") != "" || i > 0 && len(g) != 3 || i == 0 && (g == "" || len(g) > 3) {
			return false
		}
	}
	return len(groups) > 1
}
