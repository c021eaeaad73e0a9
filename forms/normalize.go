package forms

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// ErrValue says that what was typed is no answer of the question's type.
var ErrValue = errors.New("not a value of this type")

// Normalize turns what a person typed or pasted into the lexical form of q's
// type: full-width digits and 2024年5月30日 are understood, and the label of a
// choice stands for its name. A date without a year is taken to be in the
// form's Year. An error is ErrValue; the caller may keep what was typed, and
// checking will find it.
func Normalize(q *Question, typed string) (string, error) {
	s := strings.TrimSpace(strings.ReplaceAll(typed, "\r\n", "\n"))
	if s == "" {
		return "", nil
	}
	var out string
	var ok bool
	switch q.Type {
	case TypeInteger:
		out, ok = normalInteger(s)
	case TypeDecimal:
		out, ok = normalDecimal(s)
	case TypeDate, TypeToday:
		out, ok = normalDate(narrow(s), q.year())
	case TypeTime:
		out, ok = normalTime(narrow(s))
	case TypeDateTime, TypeStart, TypeEnd:
		out, ok = normalDateTime(narrow(s), q.year())
	case TypeSelectOne:
		out, ok = q.choiceNamed(s)
	case TypeSelectMultiple:
		out, ok = q.choicesNamed(s)
	case TypeAcknowledge:
		out, ok = normalAcknowledge(narrow(s))
	case TypeText:
		if q.Has("numbers") || q.Has("email") { // of telephones and addresses
			return strings.TrimSpace(narrow(s)), nil
		}
		return s, nil
	default:
		return s, nil
	}
	if !ok {
		return "", fmt.Errorf("%s %q as %s: %w", q.Name, typed, q.Type, ErrValue)
	}
	return out, nil
}

func (q *Question) year() int {
	if q.compiled.form == nil {
		return 0
	}
	return q.compiled.form.Year
}

// narrow turns full-width letters, digits and signs into their ASCII ones.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '　', r == '\u00a0':
			return ' '
		case r == '。':
			return '.'
		case r == '−', r == '–', r == '—':
			return '-'
		}
		return r
	}, s)
}

var (
	numberUnits = strings.NewReplacer(",", "", " ", "", "，", "")
	plainNumber = regexp.MustCompile(`^[-+]?\d{1,18}(\.\d{0,9})?(人次|人|场次|场|份|次|个|项|件|名|元|%)?$`)
)

// number takes thousands separators and a counting word off.
func number(s string) (string, bool) {
	s = numberUnits.Replace(narrow(s))
	if !plainNumber.MatchString(s) {
		return "", false
	}
	s = strings.TrimPrefix(strings.TrimRightFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }), "+")
	return s, true
}

func normalInteger(s string) (string, bool) {
	s, ok := number(s)
	if whole, frac, found := strings.Cut(s, "."); found {
		if strings.Trim(frac, "0") != "" {
			return "", false
		}
		s = whole
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return strconv.FormatInt(n, 10), ok && err == nil
}

func normalDecimal(s string) (string, bool) {
	s, ok := number(s)
	f, err := strconv.ParseFloat(s, 64)
	return strconv.FormatFloat(f, 'f', -1, 64), ok && err == nil
}

var (
	dateYMD = regexp.MustCompile(`^(\d{4}) ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2}) ?[日号]?( ?\(?(星期|周)[一二三四五六日天]\)?)?([ T]0?0:00(:00)?)?$`)
	dateMD  = regexp.MustCompile(`^(\d{1,2}) ?[-/.月] ?(\d{1,2}) ?[日号]?$`)
	dateRun = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)
	// dateAndTime splits after 日 or at a T or a space.
	dateAndTime = regexp.MustCompile(`^(.*?(?:[日号]|\d[T ])) *([^-/年月日 ].*)$`)
	timeHM      = regexp.MustCompile(`^(上午|下午|晚上|中午)? ?(\d{1,2}) ?[:时点] ?(?:(\d{1,2}) ?分?)?(?::?(\d{1,2}) ?秒?)?$`)
)

func normalDate(s string, year int) (string, bool) {
	m := dateYMD.FindStringSubmatch(s)
	if m == nil {
		m = dateRun.FindStringSubmatch(s)
	}
	if m == nil && year > 0 {
		if m = dateMD.FindStringSubmatch(s); m != nil {
			m = []string{"", strconv.Itoa(year), m[1], m[2]}
		}
	}
	if m == nil {
		return "", false
	}
	d, err := time.Parse("2006-1-2", m[1]+"-"+strings.TrimPrefix(m[2], "0")+"-"+strings.TrimPrefix(m[3], "0"))
	return d.Format(time.DateOnly), err == nil
}

func normalTime(s string) (string, bool) {
	m := timeHM.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	h, _ := strconv.Atoi(m[2])
	minute, _ := strconv.Atoi(m[3])
	sec, _ := strconv.Atoi(m[4])
	if (m[1] == "下午" || m[1] == "晚上") && h < 12 {
		h += 12
	}
	if h > 23 || minute > 59 || sec > 59 {
		return "", false
	}
	if m[4] == "" {
		return fmt.Sprintf("%02d:%02d", h, minute), true
	}
	return fmt.Sprintf("%02d:%02d:%02d", h, minute, sec), true
}

func normalDateTime(s string, year int) (string, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.Format(time.RFC3339), true
	}
	m := dateAndTime.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	d, okDate := normalDate(strings.TrimRight(m[1], "T "), year)
	t, okTime := normalTime(m[2])
	return d + "T" + t, okDate && okTime
}

func normalAcknowledge(s string) (string, bool) {
	switch strings.ToLower(s) {
	case "ok", "是", "同意", "确认", "已确认", "yes", "y", "true", "1", "√", "✓", "☑":
		return "OK", true
	case "否", "no", "n", "false", "0", "×", "☐":
		return "", true
	}
	return "", false
}

// choiceNamed finds a choice by its name or by its label in any language.
func (q *Question) choiceNamed(s string) (string, bool) {
	key := choiceKey(s)
	for _, c := range q.Options() {
		if choiceKey(c.Name) == key {
			return c.Name, true
		}
	}
	for _, c := range q.Options() {
		for _, label := range c.Label {
			if choiceKey(label) == key {
				return c.Name, true
			}
		}
	}
	return "", false
}

// choiceKey drops what people get wrong when they type a label: spaces, the
// width of letters and the kind of quotes and brackets.
func choiceKey(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(` "'“”‘’「」《》`, r) {
			return -1
		}
		return r
	}, strings.ToLower(narrow(s)))
}

func (q *Question) choicesNamed(s string) (string, bool) {
	if name, ok := q.choiceNamed(s); ok {
		return name, true
	}
	for _, separators := range []string{"\n;；", "\n;；、,，", "\n;；、,， \t"} {
		if names, ok := q.choicesSplit(s, separators); ok {
			return names, true
		}
	}
	return "", false
}

func (q *Question) choicesSplit(s, separators string) (string, bool) {
	seen := map[string]bool{}
	var names []string
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, ok := q.choiceNamed(part)
		if !ok {
			return "", false
		}
		if !seen[name] {
			seen[name], names = true, append(names, name)
		}
	}
	return strings.Join(names, " "), true
}
