package forms

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"baosong/forms/expr"
)

// view shows the answers to a rule, from the place where it stands, as
// expr.Scope.
type view struct {
	c      *Checker
	rule   *rule
	at     *node
	choice *Choice // the one a choice filter looks at
}

// level is what running one rule takes. A predicate runs inside another rule,
// and so on its own level.
type level struct {
	machine expr.Machine
	view    view
}

// run calls use with what the rule needs to run at n.
func run[T any](c *Checker, r *rule, n *node, choice *Choice, use func(*expr.Machine, *expr.Program, expr.Scope) (T, error)) (T, error) {
	if c.depth == len(c.levels) {
		c.levels = append(c.levels, &level{})
	}
	l := c.levels[c.depth]
	c.depth++
	defer func() { c.depth-- }()
	l.view = view{c: c, rule: r, at: n, choice: choice}
	return use(&l.machine, r.program, &l.view)
}

func (c *Checker) truth(r *rule, n *node, choice *Choice) (bool, error) {
	return run(c, r, n, choice, (*expr.Machine).Truth)
}

// reach returns the node at which the path of x turns down.
func (v *view) reach(x *ref) *node {
	n := v.at
	for range x.up {
		n = n.up
	}
	return n
}

func (v *view) Value(id int) string {
	x := v.rule.refs[id]
	if x.column != "" {
		return v.column(x.column)
	}
	n := v.reach(x)
	for _, w := range x.down {
		n = n.kids[w.slot]
	}
	return v.read(n)
}

// read returns an answer; what is not asked counts as not answered, but for
// the rule's own place.
func (v *view) read(n *node) string {
	if n.relevant || n == v.at {
		return n.value
	}
	return ""
}

func (v *view) Values(id int) []string {
	x := v.rule.refs[id]
	return v.gather(v.reach(x), x.down, nil)
}

// gather appends the answers that down leads to, those asked only.
func (v *view) gather(n *node, down []way, out []string) []string {
	if !n.relevant {
		return out
	}
	if len(down) == 0 {
		return append(out, n.value)
	}
	n = n.kids[down[0].slot]
	if n.q.Type != TypeRepeat {
		return v.gather(n, down[1:], out)
	}
	for _, e := range n.kids {
		if v.passes(e, down[0].filters) {
			out = v.gather(e, down[1:], out)
		}
	}
	return out
}

// passes reports whether an entry is chosen by all filters; a number chooses
// the entry of that number.
func (v *view) passes(e *node, filters []*rule) bool {
	for _, f := range filters {
		if f.program.IsNumber() {
			k, err := run(v.c, f, e, v.choice, (*expr.Machine).Number)
			if err != nil || k != float64(e.entry) {
				return false
			}
			continue
		}
		ok, err := run(v.c, f, e, v.choice, (*expr.Machine).Truth)
		if err != nil || !ok {
			return false
		}
	}
	return true
}

func (v *view) Position(id int) int {
	x := v.rule.refs[id]
	n := v.reach(x)
	for _, w := range x.down {
		n = n.kids[w.slot]
	}
	return max(n.entry, 1)
}

func (v *view) Indexed(id int, numbers []int) string {
	x := v.rule.refs[id]
	n := v.reach(x)
	for _, w := range x.down {
		n = n.kids[w.slot]
		if n.q.Type != TypeRepeat {
			continue
		}
		k := numbers[slices.Index(x.repeats, n.q)]
		if k < 1 || k > len(n.kids) {
			return ""
		}
		n = n.kids[k-1]
	}
	return v.read(n)
}

func (v *view) Label(id int, choice string) string {
	return displayChoices(v.rule.refs[id].q, choice, v.c.env.Lang)
}

func (v *view) Now() time.Time { return v.c.env.Now() }

func (v *view) Lang() string {
	if isChinese(v.c.env.Lang) {
		return "zh"
	}
	return v.c.env.Lang
}

// column returns what the choice list has for the choice in a column.
func (v *view) column(name string) string {
	switch {
	case v.choice == nil:
		return ""
	case name == "name":
		return v.choice.Name
	case name == "label":
		return v.choice.Label.In(v.c.env.Lang)
	}
	for _, kv := range v.choice.Filters {
		if kv.Key == name {
			return kv.Value
		}
	}
	return ""
}

// decimal reports whether s is a number as XForms writes one.
func decimal(s string) bool {
	if strings.ContainsAny(s, "eExXnN_") {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}
