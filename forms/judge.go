package forms

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// judge works out what is wrong with one place, and what may be done there.
func (c *Checker) judge(n *node) {
	if n.q == nil || n.entry > 0 {
		return
	}
	n.misjudged = ""
	rules := &n.q.compiled.rules
	n.required = n.relevant && c.holds(n, rules.required, "required")
	n.readOnly = n.q.Type == TypeCalculate || rules.calculation != nil || c.holds(n, rules.readOnly, "read_only")
	n.choices = c.choicesOf(n)
	n.findings = nil
	if n.relevant {
		n.findings = c.findings(n)
	}
	if why := n.broken + n.misjudged; why != "" {
		n.findings = append(n.findings, c.found(n, SeverityWarning, CodeExpression, nil, why)...)
	}
}

// holds runs a rule that allows or demands something; no rule does not.
func (c *Checker) holds(n *node, r *rule, column string) bool {
	if r == nil {
		return false
	}
	ok, err := c.truth(r, n, nil)
	note(&n.misjudged, column, err)
	return ok
}

// breaks reports whether the answer breaks a rule.
func (c *Checker) breaks(n *node, r *rule, column string) bool {
	if r == nil {
		return false
	}
	ok, err := c.truth(r, n, nil)
	note(&n.misjudged, column, err)
	return !ok && err == nil
}

func (c *Checker) choicesOf(n *node) []Choice {
	options := n.q.Options()
	filter := n.q.compiled.rules.filter
	if filter == nil {
		return options
	}
	out := make([]Choice, 0, len(options))
	for i := range options {
		ok, err := c.truth(filter, n, &options[i])
		note(&n.misjudged, "choice_filter", err)
		if ok || err != nil || (n.q.OrOther && options[i].Name == otherChoice) {
			out = append(out, options[i])
		}
	}
	return out
}

// findings returns the findings on one place that is asked.
func (c *Checker) findings(n *node) []Finding {
	rules := &n.q.compiled.rules
	switch {
	case n.q.Type == TypeGroup || n.q.Type == TypeNote:
		return nil
	case n.q.Type == TypeRepeat && n.required && len(n.kids) == 0:
		return c.found(n, SeverityError, CodeEntries, n.q.RequiredMessage, "0")
	case n.q.Type == TypeRepeat && rules.repeatCount != nil && len(n.kids) > n.want:
		return c.found(n, SeverityError, CodeEntries, nil, n.countDetail())
	case n.q.Type == TypeRepeat:
		return nil
	case n.value == "" && n.required:
		return c.found(n, SeverityError, CodeRequired, n.q.RequiredMessage, "")
	case n.value == "":
		return nil
	case !lexical(n.q.Type, n.value):
		return c.found(n, SeverityError, CodeType, nil, n.value)
	}
	if bad, ok := notChosen(n); !ok {
		return c.found(n, SeverityError, CodeChoice, nil, bad)
	}
	var out []Finding
	if n.q.Type.Media() {
		out = c.judgeMaterial(n)
	}
	if c.breaks(n, rules.constraint, "constraint") {
		out = append(out, c.found(n, SeverityError, CodeConstraint, n.q.ConstraintMsg, "")...)
	}
	if c.breaks(n, rules.warning, "warning") {
		out = append(out, c.found(n, SeverityWarning, CodeAdvice, n.q.WarningMsg, "")...)
	}
	return out
}

func (c *Checker) found(n *node, s Severity, code Code, message Text, detail string) []Finding {
	return []Finding{{
		Path: n.path(), Severity: s, Code: code, Trail: c.trail(n), Message: message.In(c.env.Lang), Detail: detail,
	}}
}

// trail returns the labels from the page down to n, the entries numbered.
func (c *Checker) trail(n *node) []string {
	var out []string
	for number := 0; n.q != nil; n = n.up {
		if n.entry > 0 {
			number = n.entry
			continue
		}
		label := n.q.Label.In(c.env.Lang)
		if label == "" {
			label = n.q.Name
		}
		if number > 0 {
			label += " " + strconv.Itoa(number)
			number = 0
		}
		out = append(out, label)
	}
	slices.Reverse(out)
	return out
}

// lexical reports whether v is in the lexical form of t.
func lexical(t Type, v string) bool {
	var err error
	switch t {
	case TypeInteger:
		_, err = strconv.ParseInt(v, 10, 64)
	case TypeDecimal:
		return decimal(v)
	case TypeDate, TypeToday:
		_, err = time.Parse(time.DateOnly, v)
	case TypeTime:
		if _, err = time.Parse("15:04", v); err != nil {
			_, err = time.Parse("15:04:05", v)
		}
	case TypeDateTime, TypeStart, TypeEnd:
		for _, layout := range dateTimeLayouts {
			if _, err = time.Parse(layout, v); err == nil {
				break
			}
		}
	case TypeAcknowledge:
		return v == "OK"
	}
	return err == nil
}

// notChosen returns what in the value of a select is not one of its choices.
func notChosen(n *node) (string, bool) {
	var names []string
	switch n.q.Type {
	case TypeSelectOne:
		names = []string{n.value}
	case TypeSelectMultiple:
		names = strings.Fields(n.value)
	}
	for _, name := range names {
		if !slices.ContainsFunc(n.choices, func(c Choice) bool { return c.Name == name }) {
			return name, false
		}
	}
	return "", true
}

func (c *Checker) judgeMaterial(n *node) []Finding {
	if c.env.Material == nil {
		return nil
	}
	m, ok := c.env.Material(n.value)
	if !ok {
		return c.found(n, SeverityError, CodeMissing, nil, m.Name)
	}
	class := map[Type]string{TypeImage: "image/", TypeVideo: "video/", TypeAudio: "audio/"}[n.q.Type]
	if !strings.HasPrefix(m.MIME, class) {
		return c.found(n, SeverityError, CodeKind, nil, m.Name)
	}
	return nil
}

// unknown returns a finding for each answer that the form has no question for.
func (c *Checker) unknown(a *Answers, q *Question, at Path) []Finding {
	if a == nil {
		return nil
	}
	var out []Finding
	stray := map[string]string{}
	for name, v := range a.Values {
		if k := c.childOf(q, name); k == nil || k.Type.Nested() {
			stray[name] = v
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Groups)) {
		if k := c.childOf(q, name); k != nil && k.Type == TypeGroup {
			out = append(out, c.unknown(a.Groups[name], k, at.Child(name))...)
		} else {
			stray[name] = ""
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Repeats)) {
		if k := c.childOf(q, name); k != nil && k.Type == TypeRepeat {
			for i, e := range a.Repeats[name] {
				out = append(out, c.unknown(e, k, at.Child(name).Entry(i+1))...)
			}
		} else if len(a.Repeats[name]) > 0 {
			stray[name] = ""
		}
	}
	var here []Finding
	for _, name := range slices.Sorted(maps.Keys(stray)) {
		here = append(here, Finding{
			Path: at.Child(name), Severity: SeverityWarning, Code: CodeUnknown, Detail: stray[name],
		})
	}
	return append(here, out...)
}

func (c *Checker) childOf(q *Question, name string) *Question {
	if q == nil {
		return c.form.index.byPath[Path(name)]
	}
	if i, ok := q.compiled.slots[name]; ok {
		return q.Children[i]
	}
	return nil
}
