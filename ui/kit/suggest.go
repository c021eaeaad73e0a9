package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// maxSuggestions is how many are shown beneath the entry.
const maxSuggestions = 6

// SuggestEntry is a line of text with suggestions beneath it as one types. They push down what follows instead of
// floating: a popup would take the keyboard from the entry.
type SuggestEntry struct {
	widget.BaseWidget
	entry   *suggesting
	list    *fyne.Container
	panel   *Panel
	rows    []*tapped
	offered []string
	suggest func(text string) []string
	marked  int
}

type suggesting struct {
	Entry
	key  func(fyne.KeyName) bool
	stay func() bool
}

// NewSuggestEntry returns an entry that asks suggest, quickly, for what fits the text typed so far.
func NewSuggestEntry(placeholder string, suggest func(text string) []string, changed func(string)) *SuggestEntry {
	s := &SuggestEntry{entry: &suggesting{}, list: container.NewVBox(), suggest: suggest, marked: -1}
	s.entry.init(placeholder, func(text string) {
		s.offer(text)
		if changed != nil {
			changed(text)
		}
	})
	s.entry.key = s.typed
	s.entry.stay = s.leaving
	s.entry.ExtendBaseWidget(s.entry)
	s.panel = newPanel(s.list, theme.ColorNameMenuBackground, theme.ColorNameSeparator, 2)
	s.panel.Hide()
	s.ExtendBaseWidget(s)
	return s
}

func (s *SuggestEntry) offer(text string) {
	s.close()
	if text == "" {
		return
	}
	for i, suggestion := range s.suggest(text) {
		if i == maxSuggestions || suggestion == text {
			break
		}
		row := newTapped(NewText(suggestion).oneLine(), func() { s.take(suggestion) })
		s.rows = append(s.rows, row)
		s.offered = append(s.offered, suggestion)
		s.list.Add(row)
	}
	if len(s.rows) > 0 {
		s.panel.Show()
		s.Refresh()
	}
}

func (s *SuggestEntry) close() {
	s.rows, s.offered, s.marked = nil, nil, -1
	s.list.RemoveAll()
	s.panel.Hide()
	s.Refresh()
}

func (s *SuggestEntry) take(text string) {
	s.entry.SetText(text)
	s.close()
	s.entry.Focus()
}

// typed handles the keys that move in the list; it reports whether it took the key.
func (s *SuggestEntry) typed(key fyne.KeyName) bool {
	if len(s.rows) == 0 {
		return false
	}
	switch key {
	case fyne.KeyDown:
		s.mark(min(s.marked+1, len(s.rows)-1))
	case fyne.KeyUp:
		s.mark(max(s.marked-1, 0))
	case fyne.KeyReturn, fyne.KeyEnter:
		if s.marked < 0 {
			return false
		}
		s.take(s.offered[s.marked])
	case fyne.KeyEscape:
		s.close()
	default:
		return false
	}
	return true
}

func (s *SuggestEntry) mark(i int) {
	s.marked = i
	for j, r := range s.rows {
		r.marked = j == i
		r.Refresh()
	}
}

func (e *suggesting) TypedKey(ev *fyne.KeyEvent) {
	if !e.key(ev.Name) {
		e.Entry.TypedKey(ev)
	}
}

// leaving closes the list as the entry is left, unless for a suggestion: pressing the mouse on it takes the
// keyboard away first, and the tap comes after.
func (s *SuggestEntry) leaving() (stay bool) {
	for _, r := range s.rows {
		if r.hovered {
			return true
		}
	}
	s.close()
	return false
}

// FocusLost implements fyne.Focusable.
func (e *suggesting) FocusLost() {
	if e.stay() {
		e.Entry.Entry.FocusLost()
		return
	}
	e.Entry.FocusLost()
}

// Value returns the text.
func (s *SuggestEntry) Value() string { return s.entry.Value() }

// SetValue shows a text without calling back or suggesting.
func (s *SuggestEntry) SetValue(text string) {
	s.entry.SetValue(text)
	s.close()
}

// SetOnLeave sets what is called when the keyboard goes elsewhere.
func (s *SuggestEntry) SetOnLeave(f func()) { s.entry.OnLeave = f }

// Focused tells whether the entry has the keyboard.
func (s *SuggestEntry) Focused() bool { return s.entry.focused }

// Focus gives the keyboard to the entry.
func (s *SuggestEntry) Focus() { s.entry.Focus() }

// Entry is the entry inside, for tests and shortcuts.
func (s *SuggestEntry) Entry() *Entry { return &s.entry.Entry }

// CreateRenderer implements fyne.Widget.
func (s *SuggestEntry) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.New(&columnLayout{gap: 2}, s.entry, s.panel))
}
