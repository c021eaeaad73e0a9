package forms

import (
	"slices"

	"baosong/forms/expr"
)

// rule is a compiled expression and the places it reads.
type rule struct {
	program *expr.Program
	refs    []*ref
	needs   []need
}

// need is a question whose answers a rule reads. A change of one of them
// concerns the rule in every place below the same container.
type need struct {
	q    *Question
	in   *Question // group or repeat; nil for the whole
	self bool      // the rule's own answer, written as .
}

// ref is where a path leads from the place of the rule: up to a container,
// then down to answers.
type ref struct {
	column  string // of the choice list, in a choice filter; then nothing else counts
	up      int    // nodes to climb
	down    []way
	repeats []*Question // those whose entries indexed-repeat chooses
	q       *Question   // what it leads to; nil for the whole
}

// way is one step down, with what it takes of the entries of a repeat.
type way struct {
	slot    int
	filters []*rule
}

// spot is a place of the form as a path passes through it.
type spot struct {
	q     *Question // nil for the whole
	entry bool      // an entry of the repeat q, rather than the repeat itself
}

// container returns the spot that holds s, and how many nodes lie between.
func (s spot) container() (spot, int) {
	up := 1
	if s.entry {
		up = 2
	}
	p := s.q.Parent()
	return spot{q: p, entry: p != nil && p.Type == TypeRepeat}, up
}

// resolver resolves the names of one expression, as expr.Names.
type resolver struct {
	form    *Form
	at      spot
	columns []string // of the choice list, in a choice filter
	inside  bool     // a predicate, where current() would be another place
	rule    *rule
}

// compileRule compiles an expression that stands at a place of the form.
func (r *resolver) compileRule(source *expr.Node) (*rule, error) {
	r.rule = &rule{}
	p, err := expr.Compile(source, r)
	r.rule.program = p
	return r.rule, err
}

func (r *resolver) keep(x *ref) int {
	r.rule.refs = append(r.rule.refs, x)
	return len(r.rule.refs) - 1
}

// Resolve finds what a path of an expression leads to.
func (r *resolver) Resolve(p *expr.Path) (expr.Ref, error) {
	if r.columns != nil && p.Start == expr.FromHere && len(p.Steps) == 1 && p.Steps[0].Name != "" {
		name := p.Steps[0].Name
		if !slices.Contains(r.columns, name) {
			return expr.Ref{}, Faultf("the choice list has no column %s", name)
		}
		return expr.Ref{ID: r.keep(&ref{column: name})}, nil
	}
	x, top, err := r.trace(p)
	if err != nil {
		return expr.Ref{}, err
	}
	r.need(x.q, top, len(p.Steps) == 0 && p.Start == expr.FromHere)
	for _, w := range x.down {
		for _, f := range w.filters {
			for _, n := range f.needs {
				r.need(n.q, outer(n.in, top), false)
			}
		}
	}
	return expr.Ref{ID: r.keep(x), Many: x.many(top)}, nil
}

func (r *resolver) need(q, in *Question, self bool) {
	if q != nil {
		r.rule.needs = append(r.rule.needs, need{q: q, in: in, self: self})
	}
}

// outer returns the one of two containers, one of which holds the other, that
// holds the other.
func outer(a, b *Question) *Question {
	if b == nil {
		return nil
	}
	for p := a; p != nil; p = p.Parent() {
		if p == b {
			return b
		}
	}
	return a
}

// many reports whether x may lead to more than one answer from a container.
func (x *ref) many(top *Question) bool {
	q := top
	for _, w := range x.down {
		q = childrenOf(q, x)[w.slot]
		if q.Type == TypeRepeat {
			return true
		}
	}
	return false
}

// childrenOf returns the questions in q, the whole form's for nil.
func childrenOf(q *Question, x *ref) []*Question {
	if q == nil {
		return x.q.compiled.form.Questions
	}
	return q.Children
}

// trace follows a path through the form. It returns the way, and the container
// at which it turns down.
func (r *resolver) trace(p *expr.Path) (*ref, *Question, error) {
	steps := p.Steps
	switch p.Start {
	case expr.FromCurrent:
		if r.inside {
			return nil, nil, Faultf("current() is not supported between [ and ]")
		}
	case expr.FromName:
		q := r.form.Named(p.Name)
		if q == nil {
			return nil, nil, r.noName(p.Name)
		}
		var own []*expr.Node
		if len(steps) > 0 && !steps[0].Up && steps[0].Name == "" {
			own, steps = steps[0].Predicates, steps[1:]
		}
		return r.toward(q, map[*Question][]*expr.Node{q: own}, steps)
	case expr.FromRoot:
		q, filters, rest, err := r.fromRoot(steps)
		if err != nil {
			return nil, nil, err
		}
		return r.toward(q, filters, rest)
	}
	return r.walk(&ref{q: r.at.q}, r.at, steps)
}

func (r *resolver) noName(name string) error {
	if len(r.form.index.byName[name]) > 1 {
		return Faultf("${%s} could be any of %d questions", name, len(r.form.index.byName[name]))
	}
	return Faultf("there is no question ${%s}", name)
}

// fromRoot finds the question of /data/a/b, data being any name. Steps from
// the first .. on are left over.
func (r *resolver) fromRoot(steps []expr.Step) (*Question, map[*Question][]*expr.Node, []expr.Step, error) {
	filters := map[*Question][]*expr.Node{}
	var q *Question
	path := Path("")
	for i, s := range steps {
		switch {
		case s.Up:
			return q, filters, steps[i:], nil
		case i == 0:
			continue
		}
		path = path.Child(s.Name)
		if q = r.form.index.byPath[path]; q == nil {
			return nil, nil, nil, Faultf("there is no question %s", path)
		}
		filters[q] = s.Predicates
	}
	if q == nil {
		return nil, nil, nil, Faultf("want a question after the name of the form")
	}
	return q, filters, nil, nil
}

// toward leads to q by way of the innermost container around the place that
// also holds q, as XLSForm has it: within a repeat, the answer of the same
// entry. A filter opens the repeat it stands at.
func (r *resolver) toward(q *Question, filters map[*Question][]*expr.Node, rest []expr.Step) (*ref, *Question, error) {
	var line []*Question // from the top down to q
	for p := q; p != nil; p = p.Parent() {
		line = append(line, p)
	}
	slices.Reverse(line)
	shared := len(line) - 1
	for i, p := range line {
		if len(filters[p]) > 0 {
			shared = min(shared, i)
		}
	}
	x := &ref{q: q}
	top := r.at
	if !top.entry {
		top = r.climb(x, top)
	}
	for top.q != nil && !slices.Contains(line[:shared], top.q) {
		top = r.climb(x, top)
	}
	at := top
	for _, p := range line[slices.Index(line, top.q)+1:] {
		if err := r.descend(x, p, filters[p]); err != nil {
			return nil, nil, err
		}
		at = spot{q: p, entry: p.Type == TypeRepeat}
	}
	if len(rest) > 0 {
		return r.walk(x, at, rest)
	}
	return x, top.q, nil
}

func (r *resolver) climb(x *ref, s spot) spot {
	s, up := s.container()
	x.up += up
	return s
}

// descend adds the step from a container down to q, one of its children.
func (r *resolver) descend(x *ref, q *Question, filters []*expr.Node) error {
	w := way{slot: q.compiled.slot}
	if len(filters) > 0 && q.Type != TypeRepeat {
		return Faultf("%s is not a repeat, [ ] has nothing to choose from", q.Name)
	}
	for _, f := range filters {
		inner := &resolver{form: r.form, at: spot{q: q, entry: true}, inside: true}
		c, err := inner.compileRule(f)
		if err != nil {
			return err
		}
		w.filters = append(w.filters, c)
	}
	x.down, x.q = append(x.down, w), q
	return nil
}

// walk follows steps from s, which x leads to so far.
func (r *resolver) walk(x *ref, s spot, steps []expr.Step) (*ref, *Question, error) {
	for _, step := range steps {
		switch {
		case step.Up && s.q == nil:
			return nil, nil, Faultf(".. goes above the form")
		case step.Up && len(x.down) > 0:
			x.down = x.down[:len(x.down)-1]
			s, _ = s.container()
		case step.Up:
			s = r.climb(x, s)
		default:
			q := r.child(s, step.Name)
			if q == nil {
				return nil, nil, Faultf("there is no question %s here", step.Name)
			}
			if err := r.descend(x, q, step.Predicates); err != nil {
				return nil, nil, err
			}
			s = spot{q: q, entry: q.Type == TypeRepeat}
		}
		x.q = s.q
	}
	top := s.q
	for range x.down {
		top = top.Parent()
	}
	return x, top, nil
}

func (r *resolver) child(s spot, name string) *Question {
	questions := r.form.Questions
	if s.q != nil {
		questions = s.q.Children
	}
	i := slices.IndexFunc(questions, func(q *Question) bool { return q.Name == name })
	if i < 0 {
		return nil
	}
	return questions[i]
}

// Indexed resolves indexed-repeat.
func (r *resolver) Indexed(p *expr.Path, repeats []*expr.Path) (expr.Ref, error) {
	target, _, err := r.trace(p)
	if err != nil {
		return expr.Ref{}, err
	}
	q, outermost := target.q, target.q
	var chosen []*Question
	for _, path := range repeats {
		x, _, err := r.trace(path)
		if err != nil {
			return expr.Ref{}, err
		}
		if q == nil || x.q == nil || x.q.Type != TypeRepeat || outer(q, x.q) != x.q {
			return expr.Ref{}, Faultf("%s is not a repeat around %s", pathName(x.q), pathName(q))
		}
		chosen, outermost = append(chosen, x.q), outer(outermost, x.q)
	}
	x, top, err := r.toward(outermost, nil, nil)
	if err != nil {
		return expr.Ref{}, err
	}
	var line []*Question
	for p := q; p != outermost; p = p.Parent() {
		line = append(line, p)
		if p.Type == TypeRepeat && !slices.Contains(chosen, p) {
			return expr.Ref{}, Faultf("which entry of %s is not said", p.Name)
		}
	}
	for _, p := range slices.Backward(line) {
		if err := r.descend(x, p, nil); err != nil {
			return expr.Ref{}, err
		}
	}
	x.repeats = chosen
	r.need(q, top, false)
	return expr.Ref{ID: r.keep(x)}, nil
}

func pathName(q *Question) string {
	if q == nil {
		return "the form"
	}
	return string(q.Path())
}

// Choices finds the select whose labels jr:choice-name shows.
func (r *resolver) Choices(p *expr.Path) (int, error) {
	x, _, err := r.trace(p)
	if err != nil {
		return 0, err
	}
	if x.q == nil || (x.q.Type != TypeSelectOne && x.q.Type != TypeSelectMultiple) {
		return 0, Faultf("%s has no choices", pathName(x.q))
	}
	return r.keep(x), nil
}
