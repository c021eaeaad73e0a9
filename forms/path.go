package forms

import (
	"strconv"
	"strings"
)

// Path names one answer, such as unit/name or activity[2]/photos[1]/caption.
// Entries of a repeat count from 1. A path without a number after a repeat
// names the repeat itself.
type Path string

// Step is one part of a Path. Index is 0 where the path gives none.
type Step struct {
	Name  string
	Index int
}

const maxDepth = 16 // of nested groups; forms in use have three

// ParsePath checks s and returns it as a Path.
func ParsePath(s string) (Path, error) {
	parts := strings.Split(s, "/")
	if s == "" || len(parts) > maxDepth {
		return "", Faultf("path %q: want name/name[n]/name", s)
	}
	for _, part := range parts {
		if _, ok := parseStep(part); !ok {
			return "", Faultf("path %q: %q is not a name or name[n]", s, part)
		}
	}
	return Path(s), nil
}

func parseStep(s string) (Step, bool) {
	name, rest, found := strings.Cut(s, "[")
	if name == "" || strings.ContainsAny(name, "]") {
		return Step{}, false
	}
	if !found {
		return Step{Name: name}, true
	}
	n, err := strconv.Atoi(strings.TrimSuffix(rest, "]"))
	if err != nil || n < 1 || !strings.HasSuffix(rest, "]") {
		return Step{}, false
	}
	return Step{Name: name, Index: n}, true
}

// Steps returns the parts of p; nil if p is empty or malformed.
func (p Path) Steps() []Step {
	if p == "" {
		return nil
	}
	var steps []Step
	for part := range strings.SplitSeq(string(p), "/") {
		st, ok := parseStep(part)
		if !ok {
			return nil
		}
		steps = append(steps, st)
	}
	return steps
}

// Child returns the path of name below p.
func (p Path) Child(name string) Path {
	if p == "" {
		return Path(name)
	}
	return p + "/" + Path(name)
}

// Entry returns the path of the nth entry of the repeat p, from 1.
func (p Path) Entry(n int) Path { return p + Path("["+strconv.Itoa(n)+"]") }

// Parent returns the path of the group or entry that p lies in, "" at the top.
func (p Path) Parent() Path {
	i := strings.LastIndexByte(string(p), '/')
	if i < 0 {
		return ""
	}
	return p[:i]
}

// Name returns the last name of p, without its number.
func (p Path) Name() string {
	s := string(p[strings.LastIndexByte(string(p), '/')+1:])
	name, _, _ := strings.Cut(s, "[")
	return name
}

// Index returns the number at the end of p, 0 if there is none.
func (p Path) Index() int {
	st, _ := parseStep(string(p[strings.LastIndexByte(string(p), '/')+1:]))
	return st.Index
}

// Generic returns p without its numbers, as it stands in the form.
func (p Path) Generic() Path {
	var b strings.Builder
	for i, st := range p.Steps() {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(st.Name)
	}
	return Path(b.String())
}
