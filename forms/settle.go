package forms

import (
	"container/heap"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"baosong/forms/expr"
)

const (
	// maxCounted bounds the entries that a repeat_count makes.
	maxCounted = 1000
	// maxPlaces bounds the places of a form up to which a repeat_count makes entries, as one within another may ask for a
	// thousand times a thousand.
	maxPlaces = 100_000
)

// round is the work that one change sets off: places are settled (are they
// asked, what is calculated) in the order of rank, and judged after that.
type round struct {
	c      *Checker
	queue  queue
	before map[*node]State // of what may have changed
	order  []*node         // the keys of before, as they came
}

// queue is a heap of places to settle, those of the lowest rank first.
type queue []*node

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].q.compiled.rank < q[j].q.compiled.rank }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*node)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	n := (*q)[last]
	*q = (*q)[:last]
	return n
}

// settleAll works out the state of every place.
func (c *Checker) settleAll() {
	c.root.relevant = true
	for _, q := range c.form.index.ranked {
		c.root.each(0, q, func(n *node) { c.settle(n) })
	}
	c.root.walk(c.judge)
}

// changed works out what the new answer of n has to do with, and returns the
// places whose state is no longer what it was, n among them.
func (c *Checker) changed(n *node, old State) []Path {
	r := &round{c: c, before: map[*node]State{n: old}, order: []*node{n}}
	r.tell(n)
	for len(r.queue) > 0 {
		next := heap.Pop(&r.queue).(*node)
		next.queued = false
		r.settle(next)
	}
	var out []Path
	for _, m := range r.order {
		c.judge(m)
		if m == n || !reflect.DeepEqual(r.before[m], m.state()) {
			out = append(out, m.path())
		}
	}
	return out
}

// touch notes the state of n before it changes.
func (r *round) touch(n *node) {
	if _, noted := r.before[n]; !noted {
		r.before[n] = n.state()
		r.order = append(r.order, n)
	}
}

// tell queues what reads the answer of n.
func (r *round) tell(n *node) {
	for _, l := range n.q.compiled.settled {
		r.reach(n, l, r.push)
	}
	for _, l := range n.q.compiled.judged {
		r.reach(n, l, r.touch)
	}
}

// reach calls do where a listener reads n.
func (r *round) reach(n *node, l listener, do func(*node)) {
	if l.in == n.q && n.q.Type == TypeRepeat {
		return // an entry asks for itself, as position(..) does
	}
	n.around(l.in).each(depthOf(l.in), l.q, do)
}

func (r *round) push(n *node) {
	r.touch(n)
	if !n.queued {
		n.queued = true
		heap.Push(&r.queue, n)
	}
}

func (r *round) settle(n *node) {
	value, relevant, entries := n.value, n.relevant, len(n.kids)
	for _, e := range n.entries() {
		r.touch(e)
	}
	r.c.settle(n)
	if n.relevant != relevant {
		for _, k := range n.below() {
			r.push(k)
		}
	}
	if n.q.Type == TypeRepeat && len(n.kids) != entries {
		for _, e := range n.kids[min(entries, len(n.kids)):] {
			for _, k := range e.kids {
				r.push(k)
			}
		}
		r.tellBelow(n.q, n)
	}
	if n.relevant != relevant || n.value != value {
		r.tell(n)
	}
}

// tellBelow queues what reads answers of entries of n that came or went.
func (r *round) tellBelow(q *Question, n *node) {
	for _, k := range q.Children {
		for _, list := range [][]listener{k.compiled.settled, k.compiled.judged} {
			for _, l := range list {
				if outer(n.q, l.in) == l.in && l.in != n.q { // read from outside the entry
					r.reach(n, l, r.push)
				}
			}
		}
		r.tellBelow(k, n)
	}
	if q == n.q {
		r.tell(n)
	}
}

// settle works out whether n is asked, and the answer if it is calculated.
func (c *Checker) settle(n *node) {
	rules := &n.q.compiled.rules
	n.broken = ""
	n.relevant = n.up.relevant
	if n.relevant && rules.relevant != nil {
		ok, err := c.truth(rules.relevant, n, nil)
		n.relevant = ok || err != nil
		note(&n.broken, "relevant", err)
	}
	for _, e := range n.entries() {
		e.relevant = n.relevant
	}
	if !n.relevant {
		return
	}
	if rules.calculation != nil && !n.q.Type.Nested() {
		v, err := run(c, rules.calculation, n, nil, (*expr.Machine).Text)
		if note(&n.broken, "calculation", err); err == nil && v != n.value {
			n.store(v)
		}
	}
	if rules.repeatCount != nil && n.q.Type == TypeRepeat {
		want, err := run(c, rules.repeatCount, n, nil, (*expr.Machine).Number)
		note(&n.broken, "repeat_count", err)
		c.fit(n, want)
	}
}

// note keeps why a rule could not be worked out.
func note(to *string, column string, err error) {
	if err != nil && *to == "" {
		*to = fmt.Sprintf("%s: %v", column, err)
	}
}

// fit gives a repeat as many entries as are wanted. When fewer are wanted than
// before, the last ones go as far as they hold no answers; that there are still
// too many is a finding.
func (c *Checker) fit(n *node, want float64) {
	if want != want || want < 0 {
		want = 0
	}
	before := n.want
	n.want = int(min(want, maxCounted))
	if !n.attached() {
		return
	}
	for len(n.kids) < n.want {
		if c.made += places(n.q); c.made > maxPlaces {
			c.made -= places(n.q)
			note(&n.broken, "repeat_count", expr.Faultf("too large"))
			n.want = len(n.kids)
			break
		}
		e := &Answers{}
		up := n.up.answers()
		if up.Repeats == nil {
			up.Repeats = map[string][]*Answers{}
		}
		up.Repeats[n.q.Name] = append(up.Repeats[n.q.Name], e)
		n.growEntry(e)
		c.fillDefaults(n.kids[len(n.kids)-1])
	}
	for last := len(n.kids) - 1; n.want < before && last >= n.want && !n.kids[last].answered(); last-- {
		n.kids[last].walk(func(*node) { c.made-- })
		n.kids = n.kids[:last]
		n.up.ans.Repeats[n.q.Name] = n.up.ans.Repeats[n.q.Name][:last]
	}
}

// attached reports whether n is still part of the form: what an entry holds may be queued when the entry goes.
func (n *node) attached() bool {
	for ; n.up != nil; n = n.up {
		if n.entry > 0 && (n.entry > len(n.up.kids) || n.up.kids[n.entry-1] != n) {
			return false
		}
	}
	return true
}

// places is how many places an empty entry of the repeat q has.
func places(q *Question) int {
	total := 1
	for _, k := range q.Children {
		if total++; k.Type == TypeGroup {
			total += places(k)
		}
	}
	return total
}

// answered reports whether a person answered anything in n or below it.
func (n *node) answered() bool {
	if n.q.Type.Typed() && n.q.Calculation == "" && n.value != "" && n.value != n.q.compiled.rules.literal {
		return true
	}
	return slices.ContainsFunc(n.kids, (*node).answered)
}

// fillDefaults answers what is not answered in n and below it.
func (c *Checker) fillDefaults(n *node) {
	n.walk(func(k *node) {
		if k.q == nil || k.q.Type.Nested() || k.value != "" {
			return
		}
		rules := &k.q.compiled.rules
		if rules.literal != "" {
			k.store(rules.literal)
		}
		if rules.defaults == nil {
			return
		}
		v, err := run(c, rules.defaults, k, nil, (*expr.Machine).Text)
		if note(&k.broken, "default", err); v != "" {
			k.store(v)
		}
	})
}

// fillStart answers what the program knows itself.
func (c *Checker) fillStart() {
	c.root.walk(func(n *node) {
		if n.q == nil || n.value != "" {
			return
		}
		switch n.q.Type {
		case TypeToday:
			n.store(c.env.Now().Format(time.DateOnly))
		case TypeStart:
			n.store(c.env.Now().Format(time.RFC3339))
		}
	})
}

// countDetail says how many entries there are and how many are wanted.
func (n *node) countDetail() string { return strconv.Itoa(len(n.kids)) + "/" + strconv.Itoa(n.want) }
