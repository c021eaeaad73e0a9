package say

import (
	"cmp"
	"slices"
	"strings"

	"baosong/forms"
)

// Metadata names kinds of metadata that are not sent, such as media.RemovedLocation, what people mind most first.
func (w *Words) Metadata(kinds []string) string {
	first := []string{"other-metadata", "comment", "xmp", "thumbnail", "serial", "owner", "location"}
	kinds = slices.Clone(kinds)
	slices.SortStableFunc(kinds, func(a, b string) int { return cmp.Compare(slices.Index(first, b), slices.Index(first, a)) })
	var out []string
	for _, k := range kinds {
		out = append(out, w.T("media.kind."+k))
	}
	return strings.Join(out, w.T("media.and"))
}

// WrongEnding says of a file whose name ends as another kind of file would, what it is.
func (w *Words) WrongEnding(m forms.Material) string {
	return w.T("media.wrong-ending", "kind", strings.ToUpper(strings.TrimPrefix(m.Ext, ".")))
}
