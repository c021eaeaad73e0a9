package expr

import (
	"fmt"
	"math"
	"strings"
	"time"

	engine "github.com/expr-lang/expr"
)

func dateFunctions() []engine.Option {
	return []engine.Option{
		unary("toDate", toDate),
		unary("toDateTime", func(s string) string {
			if t, ok := fromDays(ToNumber(s)); ok {
				return t.Format("2006-01-02T15:04:05.000")
			}
			return ""
		}),
		unary("timeOfDay", func(s string) float64 {
			f := ToNumber(s)
			return f - math.Floor(f)
		}),
		engine.Function("formatDate", func(p ...any) (any, error) {
			return formatDate(p[0].(Scope).Lang(), p[1].(string), p[2].(string)), nil
		}, func(Scope, string, string) string { return "" }),
		unary("today", func(s Scope) string { return s.Now().Format(time.DateOnly) }),
		unary("now", func(s Scope) string { return s.Now().Format("2006-01-02T15:04:05.000Z07:00") }),
	}
}

// toDate turns a date, a date with a time, or days since 1970-01-01 into a
// date; what is none is "".
func toDate(s string) string {
	t, ok := fromDays(ToNumber(s))
	if !ok {
		return ""
	}
	return t.Format(time.DateOnly)
}

// formatDate writes a date by the pattern of format-date and format-date-time.
func formatDate(lang, s, pattern string) string {
	t, ok := fromDays(ToNumber(s))
	if !ok {
		return ""
	}
	var b strings.Builder
	percent := false
	for _, c := range pattern {
		switch {
		case percent:
			b.WriteString(datePart(lang, t, c))
			percent = false
		case c == '%':
			percent = true
		default:
			b.WriteRune(c)
		}
	}
	if percent {
		b.WriteByte('%')
	}
	return b.String()
}

func datePart(lang string, t time.Time, letter rune) string {
	switch letter {
	case 'Y':
		return t.Format("2006")
	case 'y':
		return t.Format("06")
	case 'm':
		return t.Format("01")
	case 'n':
		return t.Format("1")
	case 'b':
		if strings.HasPrefix(lang, "zh") {
			return t.Format("1月")
		}
		return t.Format("Jan")
	case 'd':
		return t.Format("02")
	case 'e':
		return t.Format("2")
	case 'a':
		if strings.HasPrefix(lang, "zh") {
			return "周" + string([]rune("日一二三四五六")[t.Weekday()])
		}
		return t.Format("Mon")
	case 'W':
		_, week := t.ISOWeek()
		return fmt.Sprintf("%02d", week)
	case 'H':
		return t.Format("15")
	case 'h':
		return fmt.Sprint(t.Hour())
	case 'M':
		return t.Format("04")
	case 'S':
		return t.Format("05")
	case '3':
		return fmt.Sprintf("%03d", t.Nanosecond()/1e6)
	case '%':
		return "%"
	}
	return "%" + string(letter)
}
