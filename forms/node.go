package forms

import (
	"fmt"
	"slices"
	"strconv"
)

// node is one place of the answers: the whole, a group, a repeat, an entry of
// a repeat, or a question in one of them.
type node struct {
	q     *Question // nil for the whole
	up    *node
	kids  []*node  // of the whole, a group or an entry: by slot; of a repeat: its entries
	entry int      // number of an entry, from 1; 0 for any other node
	ans   *Answers // where the values of the whole, a group or an entry lie; nil if none

	value    string
	relevant bool // it and all around it
	required bool
	readOnly bool
	choices  []Choice
	findings []Finding

	want      int    // entries, by a repeat_count
	broken    string // why a rule that settles could not be worked out
	misjudged string // why one that judges could not
	queued    bool
}

func (n *node) state() State {
	value := n.value
	if n.q != nil && n.q.Type == TypeRepeat && n.entry == 0 {
		value = strconv.Itoa(len(n.kids))
	}
	return State{
		Value: value, Relevant: n.relevant, Required: n.required, ReadOnly: n.readOnly,
		Choices: n.choices, Findings: n.findings,
	}
}

func (n *node) container() bool { return n.q == nil || n.q.Type == TypeGroup || n.entry > 0 }

// grow makes the nodes below n, which has its ans set.
func (n *node) grow(questions []*Question) {
	n.kids = make([]*node, len(questions))
	nodes := make([]node, len(questions))
	for i, q := range questions {
		k := &nodes[i]
		k.q, k.up = q, n
		n.kids[i] = k
		switch {
		case q.Type == TypeGroup:
			if n.ans != nil {
				k.ans = n.ans.Groups[q.Name]
			}
			k.grow(q.Children)
		case q.Type == TypeRepeat:
			k.growEntries()
		case n.ans != nil:
			k.value = n.ans.Values[q.Name]
		}
	}
}

func (n *node) growEntries() {
	n.kids = nil
	if n.up.ans == nil {
		return
	}
	for _, e := range n.up.ans.Repeats[n.q.Name] {
		n.growEntry(e)
	}
}

// growEntry adds the nodes of e as the last entry of the repeat n.
func (n *node) growEntry(e *Answers) {
	k := &node{q: n.q, up: n, entry: len(n.kids) + 1, ans: e, relevant: n.relevant}
	k.grow(n.q.Children)
	n.kids = append(n.kids, k)
}

// entries returns the entries of a repeat.
func (n *node) entries() []*node {
	if n.q != nil && n.q.Type == TypeRepeat && n.entry == 0 {
		return n.kids
	}
	return nil
}

// below returns the nodes next below n that belong to questions: those of a
// group or an entry, or those of all entries of a repeat.
func (n *node) below() []*node {
	if n.q == nil || n.q.Type != TypeRepeat || n.entry > 0 {
		return n.kids
	}
	var out []*node
	for _, e := range n.kids {
		out = append(out, e.kids...)
	}
	return out
}

// around returns the container of n that q names: the group, the entry of the
// repeat, or the whole for nil.
func (n *node) around(q *Question) *node {
	for n.up != nil && (n.q != q || !n.container()) {
		n = n.up
	}
	return n
}

// depthOf returns how many groups and repeats q lies in, itself counted.
func depthOf(q *Question) int {
	if q == nil {
		return 0
	}
	return len(q.compiled.line)
}

// each calls do for the nodes of the question q below n, a container at the
// given depth.
func (n *node) each(depth int, q *Question, do func(*node)) {
	n = n.kids[q.compiled.line[depth]]
	switch {
	case depth == len(q.compiled.line)-1:
		do(n)
	case n.q.Type == TypeRepeat:
		for _, e := range n.kids {
			e.each(depth+1, q, do)
		}
	default:
		n.each(depth+1, q, do)
	}
}

// answers returns where the values of a container lie, making it if need be.
func (n *node) answers() *Answers {
	if n.ans == nil {
		n.ans = &Answers{}
		up := n.up.answers()
		if up.Groups == nil {
			up.Groups = map[string]*Answers{}
		}
		up.Groups[n.q.Name] = n.ans
	}
	return n.ans
}

// store sets the value of a question, here and in the answers.
func (n *node) store(v string) {
	n.value = v
	if v == "" {
		if n.up.ans != nil {
			delete(n.up.ans.Values, n.q.Name)
		}
		return
	}
	a := n.up.answers()
	if a.Values == nil {
		a.Values = map[string]string{}
	}
	a.Values[n.q.Name] = v
}

// path returns the place of n with the numbers of the entries.
func (n *node) path() Path {
	switch {
	case n.q == nil:
		return ""
	case n.entry > 0:
		return n.up.path().Entry(n.entry)
	}
	return n.up.path().Child(n.q.Name)
}

// at returns the node at p.
func (n *node) at(p Path) (*node, error) {
	steps := p.Steps()
	if len(steps) == 0 && p != "" {
		return nil, fmt.Errorf("path %q: %w", p, ErrNoAnswer)
	}
	for _, st := range steps {
		i := n.slot(st.Name)
		if i < 0 {
			return nil, fmt.Errorf("%s: no question %s: %w", p, st.Name, ErrNoAnswer)
		}
		n = n.kids[i]
		if st.Index == 0 {
			continue
		}
		if n.q.Type != TypeRepeat || st.Index > len(n.kids) {
			return nil, fmt.Errorf("%s: no entry %d of %s: %w", p, st.Index, st.Name, ErrNoAnswer)
		}
		n = n.kids[st.Index-1]
	}
	return n, nil
}

// slot returns the place of the child called name, -1 if there is none.
func (n *node) slot(name string) int {
	if !n.container() {
		return -1
	}
	return slices.IndexFunc(n.kids, func(k *node) bool { return k.q.Name == name })
}

// walk calls do for n and all below it, in the order of the form.
func (n *node) walk(do func(*node)) {
	do(n)
	for _, k := range n.kids {
		k.walk(do)
	}
}

// empty reports whether nothing is answered in n or below it.
func (a *Answers) empty() bool {
	return a == nil || len(a.Values)+len(a.Groups)+len(a.Repeats) == 0
}
