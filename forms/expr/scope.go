package expr

import "time"

// Ref is what a path leads to, as the caller that knows the form resolved it.
type Ref struct {
	ID int // the caller's own number for it
	// Many says that it leads to any number of answers, rather than to one.
	Many bool
}

// Names resolves the names of an expression in the place where it stands.
type Names interface {
	// Resolve finds what a path leads to.
	Resolve(p *Path) (Ref, error)
	// Indexed finds the one answer that p leads to when the entries of the
	// given repeats are chosen by number.
	Indexed(p *Path, repeats []*Path) (Ref, error)
	// Choices finds the question whose choices a label is wanted from.
	Choices(p *Path) (id int, err error)
}

// Scope gives the answers while a program runs.
type Scope interface {
	Value(id int) string
	Values(id int) []string
	// Position returns the number of the entry that id leads to, from 1.
	Position(id int) int
	// Indexed returns the answer in the entries of the given numbers.
	Indexed(id int, numbers []int) string
	// Label returns the label of a choice of the question with the id.
	Label(id int, choice string) string
	Now() time.Time
	// Lang is the language of the names of months and days.
	Lang() string
}
