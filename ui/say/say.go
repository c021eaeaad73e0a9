// Package say turns what the program knows into words for a person: texts by
// key, findings, and errors as one sentence on what happened and one on what
// to do next. All words lie in assets; none are in Go code.
package say

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Languages are the tags there are texts for, the first being the default.
var Languages = []string{"zh", "en"}

// Words is the texts of one language. It is safe for concurrent use.
type Words struct {
	lang    string
	texts   map[string]string
	replies []reply
	// commands says that the person types commands, and is told which.
	commands bool
}

// Language returns the first of the tags that there are texts for, or else the default.
func Language(tags ...string) string {
	for _, t := range tags {
		if slices.Contains(Languages, t) {
			return t
		}
	}
	return Languages[0]
}

// Load reads the texts of lang, one of Languages, from fsys, and the table of
// server replies beside them. A key that stands in two files is an error.
func Load(fsys fs.FS, lang string) (*Words, error) {
	files, err := fs.Glob(fsys, path.Join(lang, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("load texts: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("load texts: no language %q", lang)
	}
	w := &Words{lang: lang, texts: map[string]string{}}
	for _, name := range files {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("load texts: %w", err)
		}
		var texts map[string]string
		if err := json.Unmarshal(b, &texts); err != nil {
			return nil, fmt.Errorf("load texts: %s: %w", name, err)
		}
		for k, v := range texts {
			if _, twice := w.texts[k]; twice {
				return nil, fmt.Errorf("load texts: %s: key %q stands in another file too", name, k)
			}
			w.texts[k] = v
		}
	}
	if w.replies, err = loadReplies(fsys); err != nil {
		return nil, fmt.Errorf("load texts: %w", err)
	}
	return w, nil
}

// ForCommands returns the same words for somebody who types commands: what to do
// next is then cli.next.KEY where there is one.
func (w *Words) ForCommands() *Words {
	c := *w
	c.commands = true
	return &c
}

// next is what to do about the error of that key.
func (w *Words) next(key string) string {
	if k := "cli.next." + key; w.commands && w.Has(k) {
		return w.T(k)
	}
	return w.T("next." + key)
}

// Lang returns the language tag.
func (w *Words) Lang() string { return w.lang }

// Has reports whether there is a text for key.
func (w *Words) Has(key string) bool { return w.texts[key] != "" }

// T returns the text for key, with each {name} in it replaced by the value
// that follows name in args. A key without a text comes back as it is, which
// a test over all pages looks for.
func (w *Words) T(key string, args ...any) string {
	s, ok := w.texts[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return s
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, fmt.Sprintf("{%v}", args[i]), fmt.Sprint(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// Size returns a number of bytes as people read it, in decimal units as mail
// providers count: 35 MB is 35,000,000 bytes.
func (w *Words) Size(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.0f KB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d B", n)
}

// Advice is an error in words.
type Advice struct {
	What string // one sentence: what happened
	Next string // one sentence: what to do
	Raw  string // the server's own words, where there are any worth showing
}

// String returns the advice on one line.
func (a Advice) String() string {
	s := a.What
	if a.Next != "" {
		if s != "" && s[len(s)-1] < 0x80 {
			s += " "
		}
		s += a.Next
	}
	if a.Raw != "" {
		s += " (" + a.Raw + ")"
	}
	return s
}

// all returns the leaves of an error tree, as errors.Join makes them.
func all(err error) []error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		var out []error
		for _, e := range joined.Unwrap() {
			out = append(out, all(e)...)
		}
		return out
	}
	return []error{err}
}

// Under returns the texts whose keys begin with prefix, by the rest of the key.
func (w *Words) Under(prefix string) map[string]string {
	out := map[string]string{}
	for k, v := range w.texts {
		if rest, ok := strings.CutPrefix(k, prefix); ok {
			out[rest] = v
		}
	}
	return out
}
