package forms

import (
	"fmt"
	"time"
)

// Env is what checking needs from outside. The zero Env will do: the clock of
// the machine, the form's default language, and no look at materials.
type Env struct {
	Now      func() time.Time
	Lang     string
	Material func(id string) (Material, bool) // whether the file of a material is there
}

// State is what the form says about one question as things stand.
type State struct {
	Value    string // of a repeat, the number of its entries
	Relevant bool   // asked at all
	Required bool
	ReadOnly bool
	Choices  []Choice // of a select, after its choice filter
	Findings []Finding
}

// Checker keeps Answers checked while they change. It is for one goroutine.
type Checker struct {
	notice *Notice
	form   *Form
	env    Env
	root   *node
	levels []*level
	depth  int
	made   int // places made by repeat_count
}

// NewChecker takes over a, which only the Checker may change from then on,
// fills in what the program answers (calculations, today, start) and, where a
// is empty, the defaults. The form must be compiled.
func NewChecker(n *Notice, a *Answers, env Env) *Checker {
	if env.Now == nil {
		env.Now = time.Now
	}
	if env.Lang == "" {
		env.Lang = n.Form.Default
	}
	if a == nil {
		a = &Answers{}
	}
	c := &Checker{notice: n, form: n.Form, env: env, root: &node{ans: a}}
	fresh := a.empty()
	c.root.grow(n.Form.Questions)
	c.root.walk(func(n *node) { n.relevant = true }) // until the rules say otherwise
	if fresh {
		c.fillDefaults(c.root)
	}
	c.fillStart()
	c.settleAll()
	return c
}

// Check checks a once, without changing it.
func Check(n *Notice, a *Answers, env Env) []Finding {
	return NewChecker(n, a.Clone(), env).Findings()
}

// Answers returns the answers as they stand. They change with the Checker.
func (c *Checker) Answers() *Answers { return c.root.ans }

// Set stores v at p and checks what depends on it. It returns the paths whose
// State changed, p among them; where entries of a repeat came or went, the
// repeat stands for all in them. A value that is wrong for the question is
// stored, with a finding; only a place that does not exist or that the form
// works out itself is an error.
func (c *Checker) Set(p Path, v string) (changed []Path, err error) {
	n, err := c.root.at(p)
	if err != nil {
		return nil, fmt.Errorf("set: %w", err)
	}
	switch {
	case n.q == nil || n.q.Type.Nested() || n.q.Type == TypeNote:
		return nil, fmt.Errorf("set %s: a %s has no answer: %w", p, typeOf(n), ErrNoAnswer)
	case n.q.Type == TypeCalculate || n.q.Calculation != "":
		return nil, fmt.Errorf("set %s: it is calculated: %w", p, ErrNoAnswer)
	}
	old := n.state()
	if v == old.Value {
		return []Path{p}, nil
	}
	n.store(v)
	return c.changed(n, old), nil
}

func typeOf(n *node) Type {
	if n.q == nil {
		return TypeGroup
	}
	return n.q.Type
}

// Insert adds e as the nth entry (from 1) of repeat, or the last when n is 0,
// and returns its path. An empty or nil e gets the defaults. Any State may
// have changed after it, as after Remove and Move.
func (c *Checker) Insert(repeat Path, n int, e *Answers) (Path, error) {
	r, err := c.repeatAt(repeat)
	if err != nil {
		return "", fmt.Errorf("insert: %w", err)
	}
	if r.q.RepeatCount != "" {
		return "", fmt.Errorf("insert %s: the number of entries is calculated: %w", repeat, ErrNoAnswer)
	}
	r.up.answers()
	p, err := c.root.ans.Insert(repeat, n, e)
	if err != nil {
		return "", err
	}
	r.growEntries()
	k := r.kids[p.Index()-1]
	if e.empty() {
		k.walk(func(n *node) { n.relevant = true })
		c.fillDefaults(k)
	}
	c.settleAll()
	return p, nil
}

// Remove takes an entry out of its repeat and returns it.
func (c *Checker) Remove(entry Path) (*Answers, error) {
	return c.rearrange(entry, func() (*Answers, error) { return c.root.ans.Remove(entry) })
}

// Move makes entry the nth of its repeat.
func (c *Checker) Move(entry Path, n int) error {
	_, err := c.rearrange(entry, func() (*Answers, error) { return nil, c.root.ans.Move(entry, n) })
	return err
}

func (c *Checker) rearrange(entry Path, do func() (*Answers, error)) (*Answers, error) {
	n, err := c.root.at(entry)
	if err != nil {
		return nil, err
	}
	if n.entry == 0 {
		return nil, fmt.Errorf("%s is not an entry of a repeat: %w", entry, ErrNoAnswer)
	}
	e, err := do()
	if err != nil {
		return nil, err
	}
	n.up.growEntries()
	c.settleAll()
	return e, nil
}

func (c *Checker) repeatAt(p Path) (*node, error) {
	n, err := c.root.at(p)
	if err != nil {
		return nil, err
	}
	if n.q == nil || n.q.Type != TypeRepeat || n.entry > 0 {
		return nil, fmt.Errorf("%s is not a repeat: %w", p, ErrNoAnswer)
	}
	return n, nil
}

// State returns what the form says about the question, group, repeat or entry
// at p; the zero State where there is none.
func (c *Checker) State(p Path) State {
	n, err := c.root.at(p)
	if err != nil {
		return State{}
	}
	return n.state()
}

// Trail returns the labels from the page to what is at p, as a Finding has
// them; none where there is nothing.
func (c *Checker) Trail(p Path) []string {
	n, err := c.root.at(p)
	if err != nil {
		return nil
	}
	return c.trail(n)
}

// Findings returns what is wrong with the answers, in the order of the form.
func (c *Checker) Findings() []Finding {
	var out []Finding
	if c.notice.Late(c.env.Now()) {
		out = append(out, Finding{
			Severity: SeverityWarning, Code: CodeLate, Detail: c.notice.Deadline.Format(time.DateOnly),
		})
	}
	c.root.walk(func(n *node) { out = append(out, n.findings...) })
	return append(out, c.unknown(c.root.ans, nil, "")...)
}

// Relevant returns a copy of the answers to questions that are asked as things
// stand: what is sent.
func (c *Checker) Relevant() *Answers {
	return c.relevantBelow(c.root)
}

func (c *Checker) relevantBelow(n *node) *Answers {
	a := &Answers{}
	for _, k := range n.kids {
		switch {
		case !k.relevant:
		case k.q.Type == TypeRepeat:
			for _, e := range k.kids {
				if a.Repeats == nil {
					a.Repeats = map[string][]*Answers{}
				}
				a.Repeats[k.q.Name] = append(a.Repeats[k.q.Name], c.relevantBelow(e))
			}
		case k.q.Type == TypeGroup:
			if g := c.relevantBelow(k); !g.empty() {
				if a.Groups == nil {
					a.Groups = map[string]*Answers{}
				}
				a.Groups[k.q.Name] = g
			}
		default:
			v := k.value
			if k.q.Type == TypeEnd {
				v = c.env.Now().Format(time.RFC3339)
			}
			if v == "" {
				continue
			}
			if a.Values == nil {
				a.Values = map[string]string{}
			}
			a.Values[k.q.Name] = v
		}
	}
	return a
}
