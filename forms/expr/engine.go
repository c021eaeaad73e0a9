package expr

import (
	"crypto/rand"
	"math"
	mathrand "math/rand/v2"
	"regexp"
	"strings"
	"unicode/utf8"

	engine "github.com/expr-lang/expr"
)

// engineFunctions are what compiled expressions call. The type of each is what
// the engine's checker holds the calls to.
func engineFunctions() []engine.Option {
	out := []engine.Option{
		unary("textNumber", ToNumber),
		unary("numberText", FormatNumber),
		unary("numberBool", func(f float64) bool { return f == f && f != 0 }),
		unary("list", func(s string) []string { return []string{s} }),
		binary("equal", equal),
		binary("remainder", math.Mod),

		binary("matchesPattern", func(s string, re *regexp.Regexp) bool { return re.MatchString(s) }),
		binary("matches", func(s, p string) bool {
			re, err := compilePattern(p)
			return err == nil && re.MatchString(s)
		}),
		engine.Function("round", func(p ...any) (any, error) {
			if len(p) == 1 {
				return round(p[0].(float64), 0), nil
			}
			return round(p[0].(float64), p[1].(float64)), nil
		}, func(float64) float64 { return 0 }, round),
		engine.Function("pi", func(...any) (any, error) { return math.Pi, nil }, func() float64 { return 0 }),
		engine.Function("uuid", func(p ...any) (any, error) {
			if len(p) == 0 {
				return uuid(), nil
			}
			return shortID(p[0].(float64)), nil
		}, uuid, func(float64) string { return "" }),
		engine.Function("random", func(...any) (any, error) { return mathrand.Float64(), nil }, mathrand.Float64),
		unary("whole", math.Trunc),
		binary("pow", math.Pow),
		binary("atan2", math.Atan2),
		unary("exp10", func(f float64) float64 { return math.Pow(10, f) }),
	}
	for name, f := range map[string]func(float64) float64{
		"abs": math.Abs, "exp": math.Exp, "log": math.Log, "log10": math.Log10, "sqrt": math.Sqrt, "sin": math.Sin,
		"cos": math.Cos, "tan": math.Tan, "asin": math.Asin, "acos": math.Acos, "atan": math.Atan,
	} {
		out = append(out, unary(name, f))
	}
	out = append(out, scopeFunctions()...)
	out = append(out, textFunctions()...)
	out = append(out, setFunctions()...)
	return append(out, dateFunctions()...)
}

func unary[A, R any](name string, f func(A) R) engine.Option {
	return engine.Function(name, func(p ...any) (any, error) { return f(p[0].(A)), nil }, f)
}

func binary[A, B, R any](name string, f func(A, B) R) engine.Option {
	return engine.Function(name, func(p ...any) (any, error) { return f(p[0].(A), p[1].(B)), nil }, f)
}

// scopeFunctions read the answers.
func scopeFunctions() []engine.Option {
	return []engine.Option{
		binary("value", Scope.Value),
		binary("values", Scope.Values),
		binary("position", func(s Scope, id int) float64 { return float64(s.Position(id)) }),
		engine.Function("label", func(p ...any) (any, error) {
			return p[0].(Scope).Label(p[1].(int), p[2].(string)), nil
		}, Scope.Label),
		engine.Function("indexed", func(p ...any) (any, error) {
			numbers := make([]int, len(p)-2)
			for i, n := range p[2:] {
				if f := n.(float64); f >= 1 && f <= math.MaxInt32 {
					numbers[i] = int(f)
				}
			}
			return p[0].(Scope).Indexed(p[1].(int), numbers), nil
		}, func(Scope, int, ...float64) string { return "" }),
	}
}

func textFunctions() []engine.Option {
	return []engine.Option{
		binary("hasText", strings.Contains),
		binary("hasStart", strings.HasPrefix),
		binary("hasEnd", strings.HasSuffix),
		unary("textLength", func(s string) float64 { return float64(utf8.RuneCountInString(s)) }),
		unary("normalizeSpace", func(s string) string { return strings.Join(strings.Fields(s), " ") }),
		binary("before", func(s, sep string) string {
			if before, _, ok := strings.Cut(s, sep); ok {
				return before
			}
			return ""
		}),
		binary("after", func(s, sep string) string {
			_, after, _ := strings.Cut(s, sep)
			return after
		}),
		engine.Function("translate", func(p ...any) (any, error) {
			return translate(p[0].(string), p[1].(string), p[2].(string)), nil
		}, translate),
		engine.Function("substr", func(p ...any) (any, error) {
			to := math.Inf(1)
			if len(p) == 3 {
				to = p[2].(float64)
			}
			return substr(p[0].(string), p[1].(float64), to), nil
		}, func(string, float64) string { return "" }, substr),
		engine.Function("coalesce", func(p ...any) (any, error) {
			for _, s := range p {
				if s != "" && s != "NaN" { // what is not a number is no value
					return s, nil
				}
			}
			return "", nil
		}, func(...string) string { return "" }),
		unary("truthOf", func(s string) bool { return s == "1" || strings.EqualFold(s, "true") }),
		binary("selected", selected),
		binary("selectedAt", func(list string, i float64) string {
			if words := strings.Fields(list); i >= 0 && i < float64(len(words)) {
				return words[int(i)]
			}
			return ""
		}),
		unary("countSelected", func(list string) float64 { return float64(len(strings.Fields(list))) }),
	}
}

func selected(list, want string) bool {
	want = strings.TrimSpace(want)
	for w := range strings.FieldsSeq(list) {
		if w == want {
			return true
		}
	}
	return false
}

// translate replaces the characters of from by those of to in the same place,
// and drops those that have none there (XPath 1.0, 4.2).
func translate(s, from, to string) string {
	out := []rune(to)
	instead := map[rune]rune{}
	for i, r := range []rune(from) {
		if _, twice := instead[r]; twice {
			continue
		}
		if instead[r] = -1; i < len(out) {
			instead[r] = out[i]
		}
	}
	return strings.Map(func(r rune) rune {
		if to, ok := instead[r]; ok {
			return to
		}
		return r
	}, s)
}

// substr counts characters from 0; what is negative counts from the end.
func substr(s string, from, to float64) string {
	runes := []rune(s)
	length := float64(len(runes))
	place := func(f float64) int {
		if f != f {
			return 0
		}
		if f < 0 {
			f += length
		}
		return int(min(max(f, 0), length))
	}
	i, j := place(from), place(to)
	if i >= j {
		return ""
	}
	return string(runes[i:j])
}

// javaEscape is how Java and JavaScript write a character by its number.
var javaEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// compilePattern reads a regular expression that has to match a whole answer,
// as in ODK Collect.
func compilePattern(p string) (*regexp.Regexp, error) {
	return regexp.Compile(`^(?:` + javaEscape.ReplaceAllString(p, `\x{$1}`) + `)$`)
}

// shortID is a random text of up to 26 characters.
func shortID(length float64) string {
	if !(length > 0) {
		return ""
	}
	return rand.Text()[:int(min(length, 26))]
}

func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	const hex = "0123456789abcdef"
	var s strings.Builder
	for i, c := range b {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			s.WriteByte('-')
		}
		s.WriteByte(hex[c>>4])
		s.WriteByte(hex[c&15])
	}
	return s.String()
}
