package kit

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Entry is a line of text. OnChanged is called as a person types (not by SetValue), OnLeave when the keyboard
// goes elsewhere: findings are shown then.
type Entry struct {
	widget.Entry
	OnLeave func()

	changed func(string)
	quiet   bool
	clean   func(string) string
	outer   fyne.Focusable
	focused bool
	pointed bool // by the mouse: who clicks sees what
}

// NewEntry returns an entry of one line. changed may be nil.
func NewEntry(placeholder string, changed func(string)) *Entry {
	e := &Entry{}
	e.init(placeholder, changed)
	e.ExtendBaseWidget(e)
	return e
}

// init is for widgets that embed an Entry: they call ExtendBaseWidget with themselves.
func (e *Entry) init(placeholder string, changed func(string)) {
	e.PlaceHolder = placeholder
	e.changed = changed
	e.clean = cleanLine
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.Entry.OnChanged = func(text string) {
		if !e.quiet && e.changed != nil {
			e.changed(text)
		}
	}
}

// Value returns the text without what pasting drags in.
func (e *Entry) Value() string { return e.clean(e.Text) }

// SetValue shows a text without calling back.
func (e *Entry) SetValue(text string) {
	if e.Text == text {
		return
	}
	e.quiet = true
	e.SetText(text)
	e.quiet = false
}

// ExtendBaseWidget remembers the outermost widget, which is the one the canvas knows.
func (e *Entry) ExtendBaseWidget(outer fyne.Widget) {
	e.outer, _ = outer.(fyne.Focusable)
	e.Entry.ExtendBaseWidget(outer)
}

// Focus gives the keyboard to the entry.
func (e *Entry) Focus() { focus(e.outer) }

// Focused tells whether the entry has the keyboard.
func (e *Entry) Focused() bool { return e.focused }

// MouseDown implements desktop.Mouseable.
func (e *Entry) MouseDown(ev *desktop.MouseEvent) {
	e.pointed = true
	e.Entry.MouseDown(ev)
	e.pointed = false
}

// FocusGained brings what was gone to by the keyboard into sight.
func (e *Entry) FocusGained() {
	e.focused = true
	e.Entry.FocusGained()
	if !e.pointed {
		follow(e.outer)
	}
}

// FocusLost tidies the text and tells that the entry was left.
func (e *Entry) FocusLost() {
	e.focused = false
	e.Entry.FocusLost()
	if tidy := e.clean(e.Text); tidy != e.Text {
		e.SetText(tidy)
	}
	if e.OnLeave != nil {
		e.OnLeave()
	}
}

// TypedShortcut pastes text cleaned of what a word processor puts in. Shortcuts that no text knows, and pasting where
// the clipboard holds no text, are the window's: the driver gives them to whoever has the keyboard only.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	own, ok := s.(*desktop.CustomShortcut)
	theirs := ok && own.Modifier&(fyne.KeyModifierControl|fyne.KeyModifierSuper) != 0 && !textKey(own.KeyName)
	paste, ok := s.(*fyne.ShortcutPaste)
	if theirs || ok && paste.Clipboard != nil && !isText(paste.Clipboard.Content()) {
		if c, ok := canvasOf(e.outer).(fyne.Shortcutable); ok {
			c.TypedShortcut(s)
			return
		}
	}
	if ok && paste.Clipboard != nil {
		s = &fyne.ShortcutPaste{Clipboard: cleaned{paste.Clipboard, e.clean}}
	}
	e.Entry.TypedShortcut(s)
}

// isText tells text from nothing, from a picture that came as if it were text, and from a list of files.
func isText(pasted string) bool {
	return pasted != "" && utf8.ValidString(pasted) && !strings.HasPrefix(strings.TrimPrefix(pasted, "copy\n"), "file://")
}

// textKey tells the keys that move or delete by words together with Ctrl.
func textKey(k fyne.KeyName) bool {
	switch k {
	case fyne.KeyLeft, fyne.KeyRight, fyne.KeyBackspace, fyne.KeyDelete, fyne.KeyHome, fyne.KeyEnd:
		return true
	}
	return false
}

type cleaned struct {
	fyne.Clipboard
	clean func(string) string
}

func (c cleaned) Content() string { return c.clean(c.Clipboard.Content()) }

// cleanLine makes one line of a pasted text.
func cleanLine(s string) string {
	return strings.TrimSpace(strings.Join(strings.Fields(cleanText(s)), " "))
}

// cleanText keeps of a pasted text what was meant: lines and characters. Line ends become LF, a cell's tab a
// space; control characters, soft hyphens, zero-width marks and symbol-font bullets go, these with the blanks around
// them; no line ends in spaces, and no more than one empty line stands between two others.
func cleanText(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u2028", "\n", "\u2029", "\n",
		"\t", " ", "\u00a0", " ", "\u202f", " ").Replace(s)
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	var out []string
	empty := true // so that the text does not start with an empty line
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimRightFunc(withoutBullets(line), unicode.IsSpace)
		if line == "" && empty {
			continue
		}
		empty = line == ""
		out = append(out, line)
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n")
}

// withoutBullets leaves out the characters of symbol fonts, and at the start of a line also the blanks around them.
func withoutBullets(line string) string {
	if rest := strings.TrimLeftFunc(line, unicode.IsSpace); strings.IndexFunc(rest, bullet) == 0 {
		line = strings.TrimLeftFunc(rest, func(r rune) bool { return bullet(r) || unicode.IsSpace(r) })
	}
	return strings.Map(func(r rune) rune {
		if bullet(r) {
			return -1
		}
		return r
	}, line)
}

// bullet tells the characters of symbol fonts; rare characters lie elsewhere in the private area.
func bullet(r rune) bool { return r >= 0xf000 && r <= 0xf0ff }
