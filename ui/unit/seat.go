package unit

import "baosong/forms"

// seat is what on a page has the keyboard, to be found again once the page was drawn anew.
type seat struct {
	field  forms.Path // a question
	entry  forms.Path // or a card
	action string     // the button on that card; empty for its head
}

// seat returns where the keyboard is, nothing if that is not known.
func (e *Editor) seat() seat {
	for p, f := range e.fields {
		if f.Focused() {
			return seat{field: p}
		}
	}
	for p, c := range e.cards {
		if label := c.card.Focused(); label != "" {
			return seat{entry: p, action: label}
		}
	}
	return seat{}
}

// sitAt gives the keyboard to what is there now, and tells whether there is anything.
func (e *Editor) sitAt(s seat) bool {
	if f := e.fields[s.field]; f != nil {
		f.Focus()
		return true
	}
	if c, ok := e.cards[s.entry]; ok {
		c.card.Focus(s.action)
		return true
	}
	return false
}
