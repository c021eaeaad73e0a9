package forms

import "time"

// Notice is who asks for what, by when, and where it goes.
type Notice struct {
	ID         string   // of letters, digits and hyphens; names a folder
	Title      string   // as printed on the document
	ShortTitle string   // for subjects and window titles
	Number     string   // document number
	Issuers    []string // who asks
	Day        string   // the day it is about, as text
	Theme      string
	From       time.Time // first day of the period, zero if none
	Until      time.Time // last day of the period, zero if none
	Asks       []string  // what is asked for, one sentence each
	Deadline   time.Time // the last moment that is in time; zero if none
	ReportTo   Contact   // the one destination
	Contacts   []Contact // listed in the notice, but not a destination
	Follows    string    // what happens with the reports
	Roles      Roles
	Form       *Form
	Roster     Roster
	// Example holds sample answers for rehearsals and screenshots; nil if the
	// notice brings none.
	Example *Answers
	// Extra keeps the keys of the notice sheet that this version does not know,
	// in their order, so that writing the notice again loses nothing.
	Extra []KeyValue
}

// KeyValue is one row of a notice sheet.
type KeyValue struct{ Key, Value string }

// Late reports whether t is after the deadline.
func (n *Notice) Late(t time.Time) bool { return !n.Deadline.IsZero() && t.After(n.Deadline) }

// Contact is a department that can be asked, or reported to.
type Contact struct {
	Department string `json:"department,omitempty"`
	Person     string `json:"person,omitempty"`
	Phone      string `json:"phone,omitempty"`
	Email      string `json:"email,omitempty"`
}

// Roles says which questions of the form answer what the mail and the ledger
// have to know about any report. Each is the name of a question, or "".
type Roles struct {
	Unit   string // name of the reporting unit
	Kind   string // kind of unit
	Person string // whom to ask about the report
	Phone  string
	Email  string // where receipts go
}

// Roster is the units expected to report, in the order of the notice.
type Roster []RosterUnit

// RosterUnit is one expected unit.
type RosterUnit struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"` // name of a choice, not its label
	Email   string `json:"email,omitempty"`
	Example bool   `json:"example,omitempty"` // a sample row, not a real unit

	// Extra keeps the cells of columns this version does not know.
	Extra []KeyValue `json:"-"`
}
