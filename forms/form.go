package forms

// Type is the type of a question, in the terms of XLSForm.
type Type string

const (
	TypeGroup          Type = "group"
	TypeRepeat         Type = "repeat"
	TypeNote           Type = "note"
	TypeText           Type = "text"
	TypeInteger        Type = "integer"
	TypeDecimal        Type = "decimal"
	TypeDate           Type = "date"     // value 2024-05-30
	TypeTime           Type = "time"     // value 15:04 or 15:04:05
	TypeDateTime       Type = "dateTime" // value 2024-05-30T15:04
	TypeSelectOne      Type = "select_one"
	TypeSelectMultiple Type = "select_multiple" // value: names of choices, separated by a space
	TypeImage          Type = "image"           // value: id of a Material, as for the next three
	TypeVideo          Type = "video"
	TypeAudio          Type = "audio"
	TypeFile           Type = "file"
	TypeCalculate      Type = "calculate"
	TypeAcknowledge    Type = "acknowledge" // value OK, or none
	TypeHidden         Type = "hidden"
	TypeToday          Type = "today" // filled in by the program, as for the next two
	TypeStart          Type = "start"
	TypeEnd            Type = "end"
)

// Media reports whether an answer of this type is the id of a Material.
func (t Type) Media() bool {
	return t == TypeImage || t == TypeVideo || t == TypeAudio || t == TypeFile
}

// Nested reports whether a question of this type has children and no answer.
func (t Type) Nested() bool { return t == TypeGroup || t == TypeRepeat }

// Typed reports whether a person gives the answer, rather than the program.
func (t Type) Typed() bool {
	switch t {
	case TypeGroup, TypeRepeat, TypeNote, TypeCalculate, TypeHidden, TypeToday, TypeStart, TypeEnd:
		return false
	}
	return true
}

// Form is what is asked. It is immutable once compiled, and safe for
// concurrent use.
type Form struct {
	ID        string
	Version   string
	Title     Text
	Languages []string // tags in the order of the columns
	Default   string   // tag of the default language
	Questions []*Question
	Choices   map[string][]Choice // by list name
	Lists     []string            // names of the lists, in the order of the sheet
	// LanguageNames holds what the columns call a language, such as 中文 (zh), by tag.
	LanguageNames map[string]string
	// Settings keeps the further columns of the settings sheet, in their order.
	Settings []KeyValue
	// Year is the year of dates that are typed without one; 0 for none.
	Year int

	index *index // made by Compile
}

// Question is one row of the survey: a question, a group or a repeat.
type Question struct {
	Name            string
	Type            Type
	List            string // name of the choice list of a select
	OrOther         bool   // a select that takes another answer in words
	Label           Text
	Hint            Text
	Appearance      string // words separated by spaces
	Required        string // expression, as are the next ones
	RequiredMessage Text
	Constraint      string
	ConstraintMsg   Text
	Warning         string // advice: false gives a warning that does not block
	WarningMsg      Text
	Relevant        string
	Default         string
	Calculation     string
	ChoiceFilter    string
	RepeatCount     string
	ReadOnly        string
	Parameters      string
	Children        []*Question

	// Extra keeps the cells of columns this version does not know, and the type
	// where it is unknown, so that writing the form again loses nothing.
	Extra []KeyValue
	// Generated marks the question that Compile adds after an or_other select.
	Generated bool

	Row int // row of the survey sheet, from 1; 0 if it came from elsewhere

	compiled compiled // made by Compile
}

// Choice is one answer of a select.
type Choice struct {
	Name    string
	Label   Text
	Filters []KeyValue // further columns, for choice filters
}
