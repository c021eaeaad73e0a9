package forms

import (
	"cmp"
	"slices"
	"strings"

	"baosong/forms/expr"
)

// rules are the expressions of one question, nil where there is none.
type rules struct {
	relevant, calculation, repeatCount              *rule
	required, readOnly, constraint, warning, filter *rule
	defaults                                        *rule
	literal                                         string // default that is no expression
}

// listener is a question with a rule that reads another one.
type listener struct {
	q  *Question
	in *Question // see need
}

// column is one expression of a question and where its rule goes.
type column struct {
	name   string
	source string
	into   **rule
	truth  bool // yes and no are understood
}

func (q *Question) columns() []column {
	r := &q.compiled.rules
	return []column{
		{"relevant", q.Relevant, &r.relevant, true},
		{"calculation", q.Calculation, &r.calculation, false},
		{"repeat_count", q.RepeatCount, &r.repeatCount, false},
		{"required", q.Required, &r.required, true},
		{"read_only", q.ReadOnly, &r.readOnly, true},
		{"constraint", q.Constraint, &r.constraint, true},
		{"warning", q.Warning, &r.warning, true},
		{"choice_filter", q.ChoiceFilter, &r.filter, false},
	}
}

// compileRules parses the expressions of every question, and then puts the
// questions in an order in which each comes after those it depends on.
func (f *Form) compileRules(ix *index) []error {
	var errs []error
	for _, q := range ix.all {
		for _, col := range q.columns() {
			errs = append(errs, atColumn(q, col.name, f.compileColumn(q, col))...)
		}
		errs = append(errs, atColumn(q, "default", f.compileDefault(q))...)
	}
	for _, q := range ix.all {
		q.listen()
	}
	return append(errs, ix.rank()...)
}

// atColumn makes a Problem of each error that err joins.
func atColumn(q *Question, name string, err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range joined.Unwrap() {
			out = append(out, atColumn(q, name, e)...)
		}
		return out
	}
	return []error{Problem{Sheet: "survey", Row: q.Row, Column: name, Err: err}}
}

func (f *Form) compileColumn(q *Question, col column) error {
	source := strings.TrimSpace(col.source)
	if col.truth {
		switch strings.ToLower(source) {
		case "yes", "true":
			source = "true()"
		case "no", "false", "false()":
			source = ""
		}
	}
	if source == "" {
		return nil
	}
	tree, err := expr.Parse(source)
	if err != nil {
		return err
	}
	r := &resolver{form: f, at: spot{q: q}}
	if col.into == &q.compiled.rules.filter {
		r.columns = f.listColumns(q.List)
	}
	if *col.into, err = r.compileRule(tree); err != nil {
		*col.into = nil
	}
	return err
}

// listColumns returns the columns that a choice filter may name.
func (f *Form) listColumns(list string) []string {
	out := []string{"name", "label"}
	for _, c := range f.Choices[list] {
		for _, kv := range c.Filters {
			if !slices.Contains(out, kv.Key) {
				out = append(out, kv.Key)
			}
		}
	}
	return out
}

// compileDefault takes a default for an expression if it calls a function or
// names a question, and for the answer itself if not.
func (f *Form) compileDefault(q *Question) error {
	if q.Default == "" {
		return nil
	}
	tree, err := expr.Parse(q.Default)
	if err != nil && strings.Contains(q.Default, "${") {
		return err
	}
	if err != nil || !tree.Dynamic() {
		q.compiled.rules.literal = q.Default
		if v, err := Normalize(q, q.Default); err == nil && !q.Type.Nested() {
			q.compiled.rules.literal = v
		}
		return nil
	}
	r := &resolver{form: f, at: spot{q: q}}
	q.compiled.rules.defaults, err = r.compileRule(tree)
	return err
}

// listen enters q with the questions that its rules read.
func (q *Question) listen() {
	for i, col := range q.columns() {
		if *col.into == nil {
			continue
		}
		for _, n := range (*col.into).needs {
			l := listener{q: q, in: n.in}
			list := &n.q.compiled.judged
			if i < settling {
				list = &n.q.compiled.settled
			}
			if !n.self && !slices.Contains(*list, l) {
				*list = append(*list, l)
			}
		}
	}
}

// settling is the number of columns that decide what is asked and what the
// answers are; the others only judge them.
const settling = 3

// rank orders the questions so that what relevant, calculation and
// repeat_count need comes first, and returns the circles it finds.
func (ix *index) rank() []error {
	var errs []error
	const open, done = 1, 2
	state := map[*Question]int{}
	var line []*Question
	var visit func(q *Question)
	visit = func(q *Question) {
		switch state[q] {
		case done:
			return
		case open:
			errs = append(errs, circle(line[slices.Index(line, q):]))
			return
		}
		state[q] = open
		line = append(line, q)
		if p := q.Parent(); p != nil {
			visit(p)
		}
		for _, col := range q.columns()[:settling] {
			if *col.into == nil {
				continue
			}
			for _, n := range (*col.into).needs {
				if !n.self || col.into == &q.compiled.rules.relevant {
					visit(n.q)
				}
			}
		}
		line = line[:len(line)-1]
		state[q] = done
		q.compiled.rank = len(ix.ranked)
		ix.ranked = append(ix.ranked, q)
	}
	for _, q := range ix.all {
		visit(q)
	}
	return errs
}

const maxCircle = 12 // names that are shown of a circle

// circle describes questions each of which depends on the next.
func circle(line []*Question) error {
	names := make([]string, 0, len(line)+1)
	for _, q := range line {
		names = append(names, q.Name)
	}
	names = append(names, line[0].Name)
	if len(names) > maxCircle {
		names = append(append(names[:maxCircle/2:maxCircle/2], "…"), names[len(names)-maxCircle/2:]...)
	}
	first := slices.MinFunc(line, func(a, b *Question) int { return cmp.Compare(a.Row, b.Row) })
	col := "relevant"
	if first.Relevant == "" && first.Calculation != "" {
		col = "calculation"
	}
	if len(line) == 1 {
		return surveyProblem(first, col, "%s depends on itself", first.Name)
	}
	return Problem{Sheet: "survey", Row: first.Row, Column: col, Err: Faultf(
		"depends on itself in a circle: %s", strings.Join(names, " → "))}
}
