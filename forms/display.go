package forms

import (
	"strings"
	"time"
)

// Display returns the answer v of q as a person reads it in lang: the labels
// of choices, and dates in the order of the language. What is not a value of
// q's type is shown as it is.
func Display(q *Question, _ *Form, v, lang string) string {
	if v == "" {
		return ""
	}
	switch q.Type {
	case TypeSelectOne, TypeSelectMultiple:
		return displayChoices(q, v, lang)
	case TypeDate, TypeToday:
		return displayTime(v, time.DateOnly, lang, "2006年1月2日", "2 January 2006")
	case TypeDateTime, TypeStart, TypeEnd:
		for _, layout := range dateTimeLayouts {
			if s := displayTime(v, layout, lang, "2006年1月2日 15:04", "2 January 2006 15:04"); s != v {
				return s
			}
		}
	case TypeAcknowledge:
		if isChinese(lang) {
			return "是"
		}
		return "Yes"
	}
	return v
}

func displayChoices(q *Question, v, lang string) string {
	names := []string{v}
	if q.Type == TypeSelectMultiple {
		names = strings.Fields(v)
	}
	labels := make([]string, len(names))
	for i, name := range names {
		labels[i] = name
		for _, c := range q.Options() {
			if label := c.Label.In(lang); c.Name == name && label != "" {
				labels[i] = label
				break
			}
		}
	}
	if isChinese(lang) {
		return strings.Join(labels, "、")
	}
	return strings.Join(labels, ", ")
}

// dateTimeLayouts are the lexical forms of a dateTime, the usual one first.
var dateTimeLayouts = [...]string{"2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339Nano}

func displayTime(v, layout, lang, chinese, other string) string {
	t, err := time.Parse(layout, v)
	switch {
	case err != nil:
		return v
	case isChinese(lang):
		return t.Format(chinese)
	}
	return t.Format(other)
}

// Unit returns who reports, as the Roles of the notice find it in a, with the
// kind as its label in lang. A role's question in a repeat is read from its
// first entry.
func (n *Notice) Unit(a *Answers, lang string) Unit {
	read := func(name string) string {
		q := n.Form.Named(name)
		if q == nil {
			return ""
		}
		return Display(q, n.Form, a.Get(firstPath(q)), lang)
	}
	r := n.Roles
	return Unit{Name: read(r.Unit), Kind: read(r.Kind), Person: read(r.Person), Phone: read(r.Phone), Email: read(r.Email)}
}

// firstPath returns the path of q in the first entry of each repeat around it.
func firstPath(q *Question) Path {
	if q.Parent() == nil {
		return Path(q.Name)
	}
	p := firstPath(q.Parent())
	if q.Parent().Type == TypeRepeat {
		p = p.Entry(1)
	}
	return p.Child(q.Name)
}
