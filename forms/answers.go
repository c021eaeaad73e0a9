package forms

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// ErrNoAnswer says that a path leads to no place in the answers or the form.
var ErrNoAnswer = errors.New("no such place")

// Answers is one unit's answers, or those of one group or entry in it. Values
// are in the lexical form of XForms: 12, 2024-05-30, a choice's name, the
// names of choices separated by spaces, the id of a Material.
//
// As JSON it is one object: a string for an answer, an object for a group, an
// array of objects for a repeat. The zero Answers is empty and ready to use.
type Answers struct {
	Values  map[string]string
	Groups  map[string]*Answers
	Repeats map[string][]*Answers
}

// At returns the group or entry at p, the whole for "". It returns nil where
// there is none.
func (a *Answers) At(p Path) *Answers {
	for _, st := range p.Steps() {
		switch {
		case a == nil:
			return nil
		case st.Index == 0:
			a = a.Groups[st.Name]
		case st.Index <= len(a.Repeats[st.Name]):
			a = a.Repeats[st.Name][st.Index-1]
		default:
			return nil
		}
	}
	return a
}

// Get returns the answer at p, "" if there is none.
func (a *Answers) Get(p Path) string {
	if g := a.At(p.Parent()); g != nil {
		return g.Values[p.Name()]
	}
	return ""
}

// Len returns the number of entries of the repeat at p.
func (a *Answers) Len(p Path) int {
	if g := a.At(p.Parent()); g != nil {
		return len(g.Repeats[p.Name()])
	}
	return 0
}

// Set stores v at p; an empty v removes the answer. Groups on the way are
// made; entries of repeats are not (Insert makes them).
func (a *Answers) Set(p Path, v string) error {
	g, err := a.reach(p)
	if err != nil {
		return err
	}
	if v == "" {
		delete(g.Values, p.Name())
		return nil
	}
	if g.Values == nil {
		g.Values = map[string]string{}
	}
	g.Values[p.Name()] = v
	return nil
}

// Insert adds e as the nth entry (from 1) of the repeat at p, or as the last
// when n is 0 or beyond the end, and returns its path. A nil e is empty.
func (a *Answers) Insert(p Path, n int, e *Answers) (Path, error) {
	g, err := a.reach(p)
	if err != nil {
		return "", err
	}
	if e == nil {
		e = &Answers{}
	}
	if g.Repeats == nil {
		g.Repeats = map[string][]*Answers{}
	}
	list := g.Repeats[p.Name()]
	if n < 1 || n > len(list) {
		n = len(list) + 1
	}
	g.Repeats[p.Name()] = slices.Insert(list, n-1, e)
	return p.Entry(n), nil
}

// Remove takes the entry p out of its repeat and returns it.
func (a *Answers) Remove(p Path) (*Answers, error) {
	g, n := a.At(p.Parent()), p.Index()
	if g == nil || n < 1 || n > len(g.Repeats[p.Name()]) {
		return nil, fmt.Errorf("remove %s: %w", p, ErrNoAnswer)
	}
	list := g.Repeats[p.Name()]
	e := list[n-1]
	g.Repeats[p.Name()] = slices.Delete(list, n-1, n)
	return e, nil
}

// Move makes the entry p the nth of the same repeat.
func (a *Answers) Move(p Path, n int) error {
	g := a.At(p.Parent())
	if g == nil || n < 1 || n > len(g.Repeats[p.Name()]) {
		return fmt.Errorf("move %s to %d: %w", p, n, ErrNoAnswer)
	}
	e, err := a.Remove(p)
	if err != nil {
		return err
	}
	g.Repeats[p.Name()] = slices.Insert(g.Repeats[p.Name()], n-1, e)
	return nil
}

// reach returns the group or entry that p lies in, making groups on the way.
func (a *Answers) reach(p Path) (*Answers, error) {
	if len(p.Steps()) == 0 {
		return nil, fmt.Errorf("path %q: %w", p, ErrNoAnswer)
	}
	for _, st := range p.Parent().Steps() {
		if st.Index > 0 {
			if st.Index > len(a.Repeats[st.Name]) {
				return nil, fmt.Errorf("%s: entry %d of %s: %w", p, st.Index, st.Name, ErrNoAnswer)
			}
			a = a.Repeats[st.Name][st.Index-1]
			continue
		}
		if a.Groups == nil {
			a.Groups = map[string]*Answers{}
		}
		if a.Groups[st.Name] == nil {
			a.Groups[st.Name] = &Answers{}
		}
		a = a.Groups[st.Name]
	}
	return a, nil
}

// Clone returns a deep copy.
func (a *Answers) Clone() *Answers {
	if a == nil {
		return nil
	}
	c := &Answers{Values: maps.Clone(a.Values)}
	if a.Groups != nil {
		c.Groups = make(map[string]*Answers, len(a.Groups))
		for k, g := range a.Groups {
			c.Groups[k] = g.Clone()
		}
	}
	if a.Repeats != nil {
		c.Repeats = make(map[string][]*Answers, len(a.Repeats))
		for k, list := range a.Repeats {
			cl := make([]*Answers, len(list))
			for i, e := range list {
				cl[i] = e.Clone()
			}
			c.Repeats[k] = cl
		}
	}
	return c
}

// MarshalJSON writes the object described at Answers, its keys sorted.
func (a *Answers) MarshalJSON() ([]byte, error) {
	m := make(map[string]any, len(a.Values)+len(a.Groups)+len(a.Repeats))
	for k, v := range a.Values {
		m[k] = v
	}
	for k, g := range a.Groups {
		m[k] = g
	}
	for k, list := range a.Repeats {
		if list == nil {
			list = []*Answers{}
		}
		m[k] = list
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// UnmarshalJSON reads what MarshalJSON writes. It refuses any other shape and
// nesting deeper than 16.
func (a *Answers) UnmarshalJSON(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	v, err := readAnswers(dec, 0)
	if err != nil {
		return fmt.Errorf("answers: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("answers: more than one object")
	}
	*a = *v
	return nil
}

func readAnswers(dec *json.Decoder, depth int) (*Answers, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deep")
	}
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if t != json.Delim('{') {
		return nil, fmt.Errorf("want an object, have %v", t)
	}
	return readMembers(dec, depth)
}

func readMembers(dec *json.Decoder, depth int) (*Answers, error) {
	a := &Answers{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name := key.(string)
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case string:
			if a.Values == nil {
				a.Values = map[string]string{}
			}
			a.Values[name] = t
		case json.Delim:
			if err := a.readNested(dec, name, t, depth); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("%s: want a string, object or array, have %v", name, t)
		}
	}
	_, err := dec.Token()
	return a, err
}

func (a *Answers) readNested(dec *json.Decoder, name string, open json.Delim, depth int) error {
	if depth >= maxDepth {
		return errors.New("nested too deep")
	}
	if open == '{' {
		g, err := readMembers(dec, depth+1)
		if err != nil {
			return err
		}
		if a.Groups == nil {
			a.Groups = map[string]*Answers{}
		}
		a.Groups[name] = g
		return nil
	}
	list := []*Answers{}
	for dec.More() {
		e, err := readAnswers(dec, depth+1)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		list = append(list, e)
	}
	if a.Repeats == nil {
		a.Repeats = map[string][]*Answers{}
	}
	a.Repeats[name] = list
	_, err := dec.Token()
	return err
}
