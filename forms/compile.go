package forms

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// index is what Compile works out about a whole form.
type index struct {
	byPath map[Path]*Question
	byName map[string][]*Question
	all    []*Question // in the order of the form
	ranked []*Question // in the order in which they depend on one another
	pages  []*Question
}

// compiled is what Compile works out about one question.
type compiled struct {
	form    *Form
	parent  *Question
	path    Path
	slot    int            // place among the parent's children
	slots   map[string]int // of the children, by name
	options []Choice
	line    []int // slots from the top down to the question
	rank    int   // place in the order of settling
	rules   rules
	// Those whose rules read the answer of this one: to know whether they are
	// asked and what they calculate, or to be judged.
	settled, judged []listener
}

// Problem is something wrong with a form, by the row and column of its sheet.
type Problem struct {
	Sheet  string // survey, choices, settings, notice or roster
	Row    int    // from 1; 0 where none can be named
	Column string // heading of the column, or ""
	Err    error
}

func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.Sheet)
	if p.Row > 0 {
		fmt.Fprintf(&b, " row %d", p.Row)
	}
	if p.Column != "" {
		fmt.Fprintf(&b, ", column %s", p.Column)
	}
	return b.String() + ": " + p.Err.Error()
}

func (p Problem) Unwrap() error { return p.Err }

func surveyProblem(q *Question, column, format string, args ...any) error {
	return Problem{Sheet: "survey", Row: q.Row, Column: column, Err: Faultf(format, args...)}
}

// Compile readies the form for checking: it gives questions their paths and
// parses every expression. It returns all that is wrong with the form joined
// in one error of Problems. A compiled form may be compiled again after it was
// changed, but not while it is in use.
func (f *Form) Compile() error {
	ix := &index{byPath: map[Path]*Question{}, byName: map[string][]*Question{}}
	f.Questions = withOthers(f.Questions)
	errs := ix.add(f, nil, f.Questions)
	f.index = ix
	errs = append(errs, f.compileRules(ix)...)
	ix.pages = pagesOf(f.Questions)
	return errors.Join(errs...)
}

// add enters questions and what lies in them, and returns what is wrong.
func (ix *index) add(f *Form, parent *Question, questions []*Question) []error {
	var errs []error
	slots := make(map[string]int, len(questions))
	for i, q := range questions {
		q.compiled = compiled{form: f, parent: parent, path: Path(q.Name), slot: i}
		if parent != nil {
			q.compiled.path = parent.compiled.path.Child(q.Name)
			q.compiled.line = slices.Clone(parent.compiled.line)
		}
		q.compiled.line = append(q.compiled.line, i)
		if q.Name == "" {
			errs = append(errs, surveyProblem(q, "name", "no name"))
		} else if !validName(q.Name) {
			errs = append(errs, surveyProblem(q, "name", "%q is not a name", q.Name))
		}
		if _, twice := slots[q.Name]; twice && q.Name != "" {
			errs = append(errs, surveyProblem(q, "name", "%s is there twice in the same group", q.Name))
		}
		slots[q.Name] = i
		ix.all = append(ix.all, q)
		ix.byPath[q.compiled.path] = q
		ix.byName[q.Name] = append(ix.byName[q.Name], q)
		errs = append(errs, f.compileOptions(q)...)
		if strings.Count(string(q.compiled.path), "/")+1 >= maxDepth {
			errs = append(errs, surveyProblem(q, "type", "groups are nested deeper than %d", maxDepth))
			continue
		}
		if q.Type.Nested() {
			errs = append(errs, ix.add(f, q, q.Children)...)
		}
	}
	if parent != nil {
		parent.compiled.slots = slots
	}
	return errs
}

// validName reports whether s can stand in a path and in ${name}: letters,
// digits, hyphens, dots and underscores, a letter or an underscore first.
func validName(s string) bool {
	for i, r := range s {
		switch {
		case r == '_' || unicode.IsLetter(r):
		case i > 0 && (r == '-' || r == '.' || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)):
		default:
			return false
		}
	}
	return s != ""
}

func (f *Form) compileOptions(q *Question) []error {
	if q.Type != TypeSelectOne && q.Type != TypeSelectMultiple {
		return nil
	}
	list := f.Choices[q.List]
	if len(list) == 0 {
		return []error{surveyProblem(q, "type", "no choices for the list %q", q.List)}
	}
	q.compiled.options = list
	if !q.OrOther {
		return nil
	}
	for _, c := range list {
		if c.Name == otherChoice {
			return nil
		}
	}
	other := Choice{Name: otherChoice, Label: otherLabel(f)}
	q.compiled.options = append(list[:len(list):len(list)], other)
	return nil
}

// otherChoice is the name that or_other gives its choice, by pyxform's rule.
const otherChoice = "other"

func otherLabel(f *Form) Text {
	t := Text{}
	for _, l := range f.Languages {
		t[l] = "Other"
		if isChinese(l) {
			t[l] = "其他"
		}
	}
	if len(t) == 0 {
		t[""] = "其他"
	}
	return t
}

func isChinese(lang string) bool { return lang == "" || lang == "zh" || strings.HasPrefix(lang, "zh-") }

// withOthers returns questions with a text question after each or_other
// select, as pyxform adds them.
func withOthers(questions []*Question) []*Question {
	out := make([]*Question, 0, len(questions))
	for _, q := range questions {
		if q.Generated {
			continue
		}
		q.Children = withOthers(q.Children)
		out = append(out, q)
		if !q.OrOther {
			continue
		}
		out = append(out, &Question{
			Name: q.Name + "_other", Type: TypeText, Generated: true, Row: q.Row,
			Label:    specifyLabel(q.Label),
			Relevant: "selected(../" + q.Name + ", '" + otherChoice + "')",
		})
	}
	return out
}

// specifyLabel is the label of the question for another answer in words.
func specifyLabel(of Text) Text {
	out := Text{}
	for lang, label := range of {
		if isChinese(lang) {
			out[lang] = label + "（其他，请说明）"
		} else {
			out[lang] = label + " (other, please specify)"
		}
	}
	if len(out) == 0 {
		return Text{"": "其他，请说明"}
	}
	return out
}

// pagesOf returns the groups and repeats of the top level, and a group without
// a name for each run of loose questions between them.
func pagesOf(questions []*Question) []*Question {
	var pages []*Question
	var loose *Question
	for _, q := range questions {
		if q.Type.Nested() {
			pages, loose = append(pages, q), nil
			continue
		}
		if !q.Type.Typed() && q.Type != TypeNote && q.Label == nil {
			continue
		}
		if loose == nil {
			loose = &Question{Type: TypeGroup}
			pages = append(pages, loose)
		}
		loose.Children = append(loose.Children, q)
	}
	return pages
}

// Lookup returns the question at p, whose numbers do not matter, or nil.
func (f *Form) Lookup(p Path) *Question {
	if f.index == nil {
		return nil
	}
	return f.index.byPath[p.Generic()]
}

// Named returns the question that ${name} means, or nil where there is none
// or more than one.
func (f *Form) Named(name string) *Question {
	if f.index == nil || len(f.index.byName[name]) != 1 {
		return nil
	}
	return f.index.byName[name][0]
}

// Pages returns what a wizard shows page by page: the groups and repeats of
// the top level. Loose questions between them are gathered in groups without
// a name or a path.
func (f *Form) Pages() []*Question {
	if f.index == nil {
		return nil
	}
	return f.index.pages
}

// Path returns the place of q in the form, without numbers.
func (q *Question) Path() Path { return q.compiled.path }

// Parent returns the group or repeat that q lies in, nil at the top.
func (q *Question) Parent() *Question { return q.compiled.parent }

// Options returns the choices of a select before any choice filter, with the
// one that or_other adds.
func (q *Question) Options() []Choice { return q.compiled.options }

// Has reports whether appearance is one of the words of q's appearance.
func (q *Question) Has(appearance string) bool {
	for w := range strings.FieldsSeq(q.Appearance) {
		if w == appearance {
			return true
		}
	}
	return false
}

// Literal returns the default of q that is an answer and no expression, or "".
func (q *Question) Literal() string { return q.compiled.rules.literal }
