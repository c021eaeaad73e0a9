package forms

// Severity says whether a Finding blocks sending.
type Severity string

const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Code names what is wrong, for the words on screen.
type Code string

const (
	CodeRequired   Code = "required"   // no answer
	CodeEntries    Code = "entries"    // too few or too many entries of a repeat
	CodeType       Code = "type"       // not a number, a date, a time
	CodeChoice     Code = "choice"     // not one of the choices
	CodeConstraint Code = "constraint" // the form's own rule
	CodeAdvice     Code = "advice"     // the form's own advice
	CodeMissing    Code = "missing"    // the file of a material is gone
	CodeChanged    Code = "changed"    // the file of a material is not what it was
	CodeUnreadable Code = "unreadable" // the file of a material cannot be read
	CodeKind       Code = "kind"       // a material of the wrong kind
	CodeLate       Code = "late"       // after the deadline
	CodeUnknown    Code = "unknown"    // an answer the form has no question for
	CodeExpression Code = "expression" // the form's rule could not be worked out
)

// Finding is one thing that checking found, with the question it belongs to.
type Finding struct {
	Path     Path     `json:"path"` // empty if it belongs to the whole report
	Severity Severity `json:"severity"`
	Code     Code     `json:"code"`
	// Trail is the labels from the page to the question, for a person to find it.
	Trail []string `json:"trail,omitempty"`
	// Message is the form's own, or "" where the words are the program's.
	Message string `json:"message,omitempty"`
	// Detail is what the program's words mention: a value, a file name, a number.
	Detail string `json:"detail,omitempty"`
}

// HasErrors reports whether one of the findings blocks sending.
func HasErrors(fs []Finding) bool {
	for _, f := range fs {
		if f.Severity == SeverityError {
			return true
		}
	}
	return false
}
