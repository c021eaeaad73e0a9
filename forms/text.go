// Package forms holds what a report is made of: the Notice that asks for it,
// the Form with its Questions, the Answers, the Materials, and the Findings
// from checking one against the other. It reads and writes no files.
package forms

import (
	"maps"
	"slices"
	"strings"
)

// Text is a text in one or more languages, by language tag (BCP 47). The text
// under "" belongs to no language, as in an XLSForm without translations.
type Text map[string]string

// In returns the text in lang, or in its base language, or the one without a
// language, or the first there is in the order of the tags.
func (t Text) In(lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	for _, l := range []string{lang, base, ""} {
		if s := t[l]; s != "" {
			return s
		}
	}
	for _, l := range slices.Sorted(maps.Keys(t)) {
		if t[l] != "" {
			return t[l]
		}
	}
	return ""
}

// String returns the text in Chinese where there is one.
func (t Text) String() string { return t.In("zh") }

// Plain returns a Text without a language.
func Plain(s string) Text {
	if s == "" {
		return nil
	}
	return Text{"": s}
}
