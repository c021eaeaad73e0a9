package xlsform

import (
	"slices"
	"strings"

	"baosong/forms"
)

// surveyAliases are the headings of older forms and other tools.
var surveyAliases = map[string]string{
	"caption": "label", "relevance": "relevant", "constraint_msg": "constraint_message", "readonly": "read_only",
	"calculate": "calculation", "jr:count": "repeat_count", "jr:constraintmsg": "constraint_message",
	"jr:requiredmsg": "required_message", "required_msg": "required_message", "command": "type", "warning_msg": "warning_message",
}

// typeAliases are the types of older forms and other tools, in lower case.
var typeAliases = map[string]forms.Type{
	"string": forms.TypeText, "int": forms.TypeInteger, "photo": forms.TypeImage, "trigger": forms.TypeAcknowledge,
	"datetime": forms.TypeDateTime, "date_time": forms.TypeDateTime, "picture": forms.TypeImage,
}

var plainTypes = []forms.Type{
	forms.TypeNote, forms.TypeText, forms.TypeInteger, forms.TypeDecimal, forms.TypeDate, forms.TypeTime,
	forms.TypeDateTime, forms.TypeImage, forms.TypeVideo, forms.TypeAudio, forms.TypeFile, forms.TypeCalculate,
	forms.TypeAcknowledge, forms.TypeHidden, forms.TypeToday, forms.TypeStart, forms.TypeEnd,
}

// reader gathers a form, and everything that is wrong with its sheets.
type reader struct {
	form     *forms.Form
	warnings []Problem
	errs     []error
}

func (rd *reader) warn(p Problem) { rd.warnings = append(rd.warnings, p) }
func (rd *reader) fail(p Problem) { rd.errs = append(rd.errs, p) }

// useLanguages notes the languages of a sheet's texts, in the order of the
// columns. What follows :: in body::accept is none.
func (rd *reader) useLanguages(t *table, text func(key string) bool) {
	for _, c := range t.columns {
		if c.language == "" || !text(c.key) {
			continue
		}
		tag := languageTag(c.language)
		if !slices.Contains(rd.form.Languages, tag) {
			rd.form.Languages = append(rd.form.Languages, tag)
		}
		rd.form.LanguageNames[tag] = c.language
	}
}

func setText(t *forms.Text, language, s string) {
	if s == "" {
		return
	}
	if *t == nil {
		*t = forms.Text{}
	}
	(*t)[languageTag(language)] = s
}

// texts returns the places of a question's translated columns.
func texts(q *forms.Question) map[string]*forms.Text {
	return map[string]*forms.Text{
		"label": &q.Label, "hint": &q.Hint, "required_message": &q.RequiredMessage,
		"constraint_message": &q.ConstraintMsg, "warning_message": &q.WarningMsg,
	}
}

// cells returns the places of a question's other columns.
func cells(q *forms.Question) map[string]*string {
	return map[string]*string{
		"name": &q.Name, "appearance": &q.Appearance, "required": &q.Required, "constraint": &q.Constraint,
		"warning": &q.Warning, "relevant": &q.Relevant, "default": &q.Default, "calculation": &q.Calculation,
		"choice_filter": &q.ChoiceFilter, "repeat_count": &q.RepeatCount, "read_only": &q.ReadOnly,
		"parameters": &q.Parameters,
	}
}

func (rd *reader) survey(t *table) {
	rd.useLanguages(t, func(key string) bool { return texts(&forms.Question{})[key] != nil })
	rd.unknownColumns(t, func(c column) bool {
		q := &forms.Question{}
		return c.key == "type" || texts(q)[c.key] != nil || (cells(q)[c.key] != nil && c.language == "")
	})
	root := &forms.Question{}
	open := []*forms.Question{root}
	for _, r := range t.rows {
		typ := strings.Join(strings.Fields(t.get(r, "type")), " ")
		word, rest := cutType(typ)
		in := open[len(open)-1]
		switch {
		case word == "end" && rest != "": // end alone is the time of the last change
			if len(open) == 1 || !strings.EqualFold(rest, string(in.Type)) {
				rd.fail(t.problem(r, "type", "%s without its begin", typ))
				continue
			}
			open = open[:len(open)-1]
		case typ == "" && t.get(r, "name") == "":
			rd.warn(t.problem(r, "type", "no type; the row is left out"))
		default:
			q := rd.question(t, r, word, rest)
			in.Children = append(in.Children, q)
			if q.Type.Nested() {
				open = append(open, q)
			}
		}
	}
	for _, q := range open[1:] {
		rd.fail(Problem{Sheet: t.name, Row: q.Row, Column: "type", Err: forms.Faultf("begin %s %s without its end", q.Type, q.Name)})
	}
	rd.form.Questions = root.Children
}

// cutType splits a type into its first word, with begin and end for groups and
// repeats, and the rest.
func cutType(typ string) (word, rest string) {
	word, rest, _ = strings.Cut(typ, " ")
	for _, w := range []string{"begin", "end"} {
		if s, ok := strings.CutPrefix(strings.ToLower(word), w+"_"); ok {
			return w, s
		}
		if strings.EqualFold(word, w) && (strings.EqualFold(rest, "group") || strings.EqualFold(rest, "repeat")) {
			return w, rest
		}
	}
	return word, rest
}

func (rd *reader) question(t *table, r row, word, rest string) *forms.Question {
	q := &forms.Question{Row: r.number}
	for i, c := range t.columns {
		v := r.cell(i)
		if v == "" || c.key == "type" {
			continue
		}
		if text := texts(q)[c.key]; text != nil {
			setText(text, c.language, v)
		} else if cell := cells(q)[c.key]; cell != nil && c.language == "" {
			*cell = v
		} else if c.heading != "" {
			q.Extra = append(q.Extra, forms.KeyValue{Key: c.heading, Value: v})
		}
	}
	q.Parameters = strings.TrimSpace(q.Parameters)
	rd.setType(t, r, q, word, rest)
	return q
}

func (rd *reader) setType(t *table, r row, q *forms.Question, word, rest string) {
	lower := strings.ToLower(word)
	if a, ok := typeAliases[lower]; ok && rest == "" {
		q.Type = a
		return
	}
	switch {
	case word == "begin":
		q.Type = forms.Type(strings.ToLower(rest))
		if !q.Type.Nested() {
			rd.fail(t.problem(r, "type", "begin %s: want group or repeat", rest))
		}
		return
	case lower == "select_one" || lower == "select_multiple":
		rd.setList(t, r, q, lower, rest)
		return
	}
	i := slices.IndexFunc(plainTypes, func(p forms.Type) bool { return strings.EqualFold(string(p), word) })
	if i >= 0 && rest == "" {
		q.Type = plainTypes[i]
		return
	}
	typ := strings.TrimSpace(word + " " + rest)
	if typ == "" {
		rd.fail(t.problem(r, "type", "no type"))
	} else {
		rd.warn(t.problem(r, "type", "unknown type %q; asked as text", typ))
		q.Extra = append(q.Extra, forms.KeyValue{Key: "type", Value: typ})
	}
	q.Type = forms.TypeText
	if q.Label == nil {
		q.Type = forms.TypeHidden
	}
}

func (rd *reader) setList(t *table, r row, q *forms.Question, word, rest string) {
	q.Type = forms.Type(word)
	for _, suffix := range []string{" or_other", " or specify other"} {
		if s, ok := strings.CutSuffix(rest, suffix); ok {
			rest, q.OrOther = s, true
		}
	}
	q.List = rest
	if rest == "" || strings.Contains(rest, " ") {
		rd.fail(t.problem(r, "type", "%s %s: want the name of one list", word, rest))
	}
}

// unknownColumns warns of headings that known refuses and of headings that are
// there twice.
func (rd *reader) unknownColumns(t *table, known func(column) bool) {
	seen := map[column]bool{}
	for _, c := range t.columns {
		key := column{key: c.key, language: c.language}
		switch {
		case c.heading == "":
			continue
		case seen[key]:
			rd.fail(Problem{Sheet: t.name, Row: t.head, Column: c.heading, Err: forms.Faultf("the heading is there twice")})
		case !known(c):
			rd.warn(Problem{Sheet: t.name, Row: t.head, Column: c.heading, Err: forms.Faultf("unknown column; it has no effect")})
		}
		seen[key] = true
	}
}
