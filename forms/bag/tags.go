package bag

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// version of BagIt a bag declares.
type version struct{ major, minor int }

func (v version) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }

func (v version) before(major, minor int) bool {
	return v.major < major || v.major == major && v.minor < minor
}

func (v version) known() bool {
	return v.major == 1 && v.minor == 0 || v.major == 0 && v.minor >= 93 && v.minor <= 97
}

// parseDeclaration reads bagit.txt (RFC 8493 section 2.1.1). Versions before
// 0.97 were loose about space. With a *wrong the values are a best guess.
func parseDeclaration(b []byte) (v version, encoding string, w *wrong) {
	v, encoding = version{1, 0}, "UTF-8"
	text, w := decodeText(b, "UTF-8")
	if text == "" && w != nil {
		return v, encoding, wrongf(ReasonDeclaration, "%s", w.detail)
	}
	fail := func(format string, args ...any) {
		if w == nil {
			w = wrongf(ReasonDeclaration, format, args...)
		}
	}
	var all []string
	for _, line := range lines(text) {
		if all = append(all, line); len(all) > 3 {
			break
		}
	}
	if len(all) < 2 {
		fail("%d lines, not two", len(all))
		return v, encoding, w
	}
	num, strict1, ok1 := declared(all[0], "BagIt-Version")
	major, minor, dot := strings.Cut(num, ".")
	m, err1 := strconv.ParseUint(major, 10, 16)
	n, err2 := strconv.ParseUint(minor, 10, 16)
	if !ok1 || !dot || err1 != nil || err2 != nil {
		fail("first line %.60q is not BagIt-Version: M.N", all[0])
		return v, encoding, w
	}
	v = version{int(m), int(n)}
	enc, strict2, ok2 := declared(all[1], "Tag-File-Character-Encoding")
	if !ok2 || enc == "" {
		fail("second line %.60q is not Tag-File-Character-Encoding: NAME", all[1])
		return v, encoding, w
	}
	if len(all) > 2 && (!v.before(0, 97) || !blank(all[2]) || len(all) > 3) {
		fail("more than two lines")
	}
	if !v.before(0, 97) && !(strict1 && strict2) {
		fail("space that should not be there")
	}
	if !v.known() && w == nil {
		w = wrongf(ReasonVersion, "BagIt %s is not known", v)
	}
	return v, enc, w
}

// declared reads "label: value"; strict tells whether it is exactly that. The
// label may be in any case, as in the RFC's own example.
func declared(line, label string) (value string, strict, ok bool) {
	before, after, ok := strings.Cut(line, ":")
	if !ok || !strings.EqualFold(strings.Trim(before, " \t"), label) {
		return "", false, false
	}
	value = strings.Trim(after, " \t")
	return value, strings.EqualFold(before, label) && after == " "+value, true
}

// parseTags reads bag-info.txt (RFC 8493 section 2.2.2). Continued lines are
// joined by a line feed, without their indent. Before 1.0 space around the
// colon is free.
func parseTags(text string, v version, left *budget) (tags []Tag, bad []*wrong) {
	var folded []string // lines that continue the last tag
	unfold := func() {
		if folded != nil {
			last := &tags[len(tags)-1]
			last.Value += "\n" + strings.Join(folded, "\n")
			folded = nil
		}
	}
	defer unfold()
	for n, line := range lines(text) {
		if w := left.line(n, line); w != nil {
			return tags, append(bad, w)
		}
		switch {
		case line == "":
			if !v.before(1, 0) {
				bad = append(bad, wrongf(ReasonTag, "line %d is empty", n))
			}
		case space(line[0]):
			if len(tags) == 0 {
				bad = append(bad, wrongf(ReasonTag, "line %d continues nothing", n))
				continue
			}
			folded = append(folded, strings.Trim(line, " \t"))
		default:
			unfold()
			label, value, ok := strings.Cut(line, ":")
			tag := Tag{strings.Trim(label, " \t"), strings.Trim(value, " \t")}
			if !ok || tag.Label == "" {
				bad = append(bad, wrongf(ReasonTag, "line %d has no label", n))
				continue
			}
			if !v.before(1, 0) && (tag.Label != label || value == "" || !space(value[0])) {
				bad = append(bad, wrongf(ReasonTag, "line %d: not a label, a colon, one space and a value", n))
			}
			tags = append(tags, tag)
		}
	}
	return tags, bad
}

// checkTag refuses what could not be read back as it is, here or elsewhere.
func checkTag(t Tag) error {
	switch {
	case t.Label == "" || strings.TrimSpace(t.Label) != t.Label || strings.Contains(t.Label, ":") || strings.ContainsFunc(t.Label, endsLine):
		return fmt.Errorf("label %q", t.Label)
	case strings.EqualFold(t.Label, labelOxum) || strings.EqualFold(t.Label, labelSize):
		return fmt.Errorf("%s is worked out, not given", t.Label)
	case strings.ContainsFunc(t.Value, endsLine) || strings.TrimSpace(t.Value) != t.Value:
		return fmt.Errorf("%s: value %q", t.Label, t.Value)
	case !utf8.ValidString(t.Label) || !utf8.ValidString(t.Value):
		return errors.New("not UTF-8")
	}
	return nil
}

// endsLine matches what some reader or other ends a line at: RFC 8493 names CR
// and LF alone, Python knows eight more.
func endsLine(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) }
