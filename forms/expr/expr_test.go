package expr_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"baosong/forms/expr"
)

// answers are the names and the scope of the tests: ${name} is one answer,
// ${names} with a trailing s several.
type answers map[string][]string

func (a answers) Resolve(p *expr.Path) (expr.Ref, error) {
	name := p.Name
	if p.Start == expr.FromHere {
		name = "."
	}
	i := 0
	for k := range sorted(a) {
		if k == name {
			return expr.Ref{ID: i, Many: strings.HasSuffix(name, "s")}, nil
		}
		i++
	}
	return expr.Ref{}, errors.New("no question " + name)
}

func sorted(a answers) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, k := range []string{".", "empty", "ages", "names", "n", "t", "d", "colour"} {
			if _, ok := a[k]; ok && !yield(k) {
				return
			}
		}
	}
}

func (a answers) list(id int) []string {
	i := 0
	for k := range sorted(a) {
		if i == id {
			return a[k]
		}
		i++
	}
	return nil
}

func (a answers) Indexed(p *expr.Path, _ []*expr.Path) (expr.Ref, error) {
	r, err := a.Resolve(p)
	return r, err
}

func (a answers) Choices(p *expr.Path) (int, error) {
	r, err := a.Resolve(p)
	return r.ID, err
}
func (a answers) Value(id int) string          { return a.list(id)[0] }
func (a answers) Values(id int) []string       { return a.list(id) }
func (a answers) Position(int) int             { return 3 }
func (a answers) Label(_ int, c string) string { return "<" + c + ">" }
func (a answers) Now() time.Time {
	return time.Date(2024, 5, 30, 15, 4, 5, 678e6, time.FixedZone("", 8*3600))
}
func (a answers) Lang() string { return "zh" }

// scope gives answers the method whose name it has taken for itself.
type scope struct{ answers }

func (s scope) Indexed(id int, numbers []int) string {
	if l := s.list(id); numbers[0] >= 1 && numbers[0] <= len(l) {
		return l[numbers[0]-1]
	}
	return ""
}

var sample = answers{
	".": {"seven"}, "empty": {""}, "ages": {"34", "", "7"}, "names": {"示例甲", "示例乙"}, "n": {"12"}, "t": {"科技工作者"},
	"d": {"2024-05-30"}, "colour": {"red blue"},
}

func eval(t *testing.T, s string) (string, error) {
	t.Helper()
	n, err := expr.Parse(s)
	if err != nil {
		return "", err
	}
	p, err := expr.Compile(n, sample)
	if err != nil {
		return "", err
	}
	return new(expr.Machine).Text(p, scope{sample})
}

// values are expressions and what they come to as text. The expectations that
// do not follow from XPath 1.0 alone are what JavaRosa gives, the engine of
// ODK Collect.
var values = [][2]string{
	{`1 + 2 * 3`, "7"},
	{`(1 + 2) * 3`, "9"},
	{`7 div 2`, "3.5"},
	{`-7 mod 3`, "-1"},
	{`5 mod -3`, "2"},
	{`1 div 0`, "Infinity"},
	{`0 div 0`, ""},
	{`1 - 2 - 3`, "-4"},
	{`2 * 3 div 8 * 2`, "1.5"},
	{`--3`, "3"},
	{`-'19'`, "-19"},
	{`'123' * '456'`, "56088"},
	{`0.1 + 0.2`, "0.3"},
	{`1000000 * 1000000`, "1000000000000"},
	{`true() + 8`, "9"},
	{`.5`, "0.5"},
	{`6.1 - 7.8 = -1.7`, "true"},
	{`'abc' < 'abcd'`, "false"},
	{`'-17' > '-172'`, "true"},
	{`3 < 4 < 5`, "true"},
	{`-3 < 3 = 6 >= 6`, "true"},
	{`17 = '17.00'`, "true"},
	{`'017.' = '17.000'`, "false"},
	{`true() = 'x'`, "true"},
	{`0 = false()`, "true"},
	{`'' or 17`, "true"},
	{`true() or true() and false()`, "true"},
	{`number('x') = number('x')`, "false"},
	{`number('x') != 0`, "true"},
	{`not('')`, "true"},
	{`boolean('false')`, "true"},
	{`boolean(0)`, "false"},

	{`.`, "seven"},
	{`${n} + 1`, "13"},
	{`${n}-1`, "11"},
	{`${empty} = ''`, "true"},
	{`${empty} = 0`, "false"},
	{`${empty} + 1`, ""},
	{`${n} = 12`, "true"},
	{`${n} = '12'`, "true"},
	{`${n} > 9`, "true"},
	{`coalesce(${empty}, ${n})`, "12"},
	{`if(${n} > 10, 'many', 'few')`, "many"},
	{`if(${n} > 10, 1, 2) + 1`, "2"},
	{`if(false(), 5, 'abc')`, "abc"},
	{`once('new')`, "seven"},

	{`sum(${ages})`, "41"},
	{`min(${ages})`, "7"},
	{`max(${ages})`, "34"},
	{`max(3, 1, ${n})`, "12"},
	{`count(${ages})`, "3"},
	{`count-non-empty(${ages})`, "2"},
	{`join('、', ${names})`, "示例甲、示例乙"},
	{`concat(${names})`, "示例甲示例乙"},
	{`concat('a', 1, true())`, "a1true"},
	{`concat()`, ""},
	{`position(..)`, "3"},
	{`indexed-repeat(${names}, ${ages}, 2)`, "示例乙"},
	{`indexed-repeat(${names}, ${ages}, 9)`, ""},
	{`jr:choice-name('red', '${colour}')`, "<red>"},
	{`jr:choice-name(${n}, ${colour})`, "<12>"},

	{`selected(${colour}, 'blue')`, "true"},
	{`selected('apple', 'app')`, "false"},
	{`selected('a b', ' b ')`, "true"},
	{`selected-at(${colour}, 1)`, "blue"},
	{`selected-at(${colour}, 5)`, ""},
	{`count-selected(${colour})`, "2"},
	{`string-length(${t})`, "5"},
	{`substr('hello', 2, 3)`, "l"},
	{`substr('hello', -2)`, "lo"},
	{`substr('hello', 0, -1)`, "hell"},
	{`substr(${t}, 0, 2)`, "科技"},
	{`substring-before('a-b', '-')`, "a"},
	{`substring-after('a-b', '-')`, "b"},
	{`substring-after('hello', '')`, "hello"},
	{`substring-before('hello', 'q')`, ""},
	{`translate('bar', 'abc', 'ABC')`, "BAr"},
	{`translate('hello world', 'helo', '')`, " wrd"},
	{`normalize-space('  a  b ')`, "a b"},
	{`contains(${t}, '工作')`, "true"},
	{`starts-with('', 'a')`, "false"},
	{`ends-with('abc', 'c')`, "true"},
	{`boolean-from-string('TRUE')`, "true"},
	{`regex('12345678901', '[0-9]{11}')`, "true"},
	{`regex('a12345678901b', '[0-9]{11}')`, "false"},
	{`regex('1', concat('[', '0-9]'))`, "true"},
	{`regex('科', '[\u4e00-\u9fa5]')`, "true"},
	{`checklist(1, 2, 1, 0, 1)`, "true"},
	{`weighted-checklist(3, -1, 1, 2, 0, 9)`, "false"},

	{`round(2.5)`, "3"},
	{`round(-1.5)`, "-1"},
	{`round(1.2345, 2)`, "1.23"},
	{`round('12345.12345', -1)`, "12350"},
	{`int(-1.9)`, "-1"},
	{`abs(-3.5)`, "3.5"},
	{`pow(2, 10)`, "1024"},
	{`pow(4, 0.5)`, "2"},
	{`number('1.1e6')`, ""},
	{`number(' -12345.6789 ')`, "-12345.6789"},
	{`number('- 17')`, ""},
	{`string(123456.0000)`, "123456"},
	{`round(pi(), 2)`, "3.14"},
	{`string(1 div 3)`, "0.333333333333333"},

	{`today()`, "2024-05-30"},
	{`now()`, "2024-05-30T15:04:05.678+08:00"},
	{`number(date('1970-01-02'))`, "1"},
	{`date(14127)`, "2008-09-05"},
	{`date(6.5)`, "1970-01-07"},
	{`date('2024-02-30')`, ""},
	{`date(${d} + 7)`, "2024-06-06"},
	{`${d} >= date('2024-05-01')`, "true"},
	{`${d} <= today()`, "true"},
	{`today() - date('2024-05-01')`, "29"},
	{`'2023-02-29' < '2024-01-01'`, "false"},
	{`format-date(${d}, '%Y年%n月%e日 %a')`, "2024年5月30日 周四"},
	{`format-date('2026-01-09', '%e/%n/%y')`, "9/1/26"},
	{`format-date-time('2026-08-07T06:31:13.834-03:00', '%Y%m%d%H%M%S.%3')`, "20260807063113.834"},
	{`decimal-date-time('1970-01-02T12:00')`, "1.5"},
	{`decimal-time('18:00')`, "0.75"},
	{`'09:30' < '10:00'`, "true"},
	{`string-length(uuid())`, "36"},
	{`random() < 1`, "true"},
	{`“科技” = '科技'`, "true"},
	{"\n${n}\n+\n1", "13"},
	{`'“' = '”'`, "false"},
}

func TestValues(t *testing.T) {
	for _, c := range values {
		got, err := eval(t, c[0])
		if err != nil || got != c[1] {
			t.Errorf("%s = %q, %v; want %q", c[0], got, err, c[1])
		}
	}
}

// mistakes are expressions that must be refused, and a word of the reason.
var mistakes = [][2]string{
	{``, "the end"},
	{`1 +`, "the end"},
	{`(1`, "want )"},
	{`1 2`, "2 was not expected"},
	{`'abc`, "does not end"},
	{`${n`, "${name}"},
	{`${}`, "${name}"},
	{`$n`, "${name}"},
	{`nonsense(1)`, "unknown function nonsense"},
	{`true(5)`, "does not take 1"},
	{`number()`, "does not take 0"},
	{`string('a', 'b')`, "does not take 2"},
	{`${ages} + 1`, "several answers"},
	{`${ages}`, "several answers"},
	{`string(${names})`, "several answers"},
	{`${missing}`, "no question missing"},
	{`a | b`, "not supported"},
	{`//a`, "want"},
	{`${n}::b`, "not supported"},
	{`1 == 2`, "="},
	{`a && b`, "not part"},
	{`regex(., '(')`, "missing closing"},
	{`regex(., '(?=x)')`, "invalid"},
	{`position(1)`, "path"},
	{`indexed-repeat(${n}, 1, 1)`, "repeat"},
	{`indexed-repeat(${n}, ${ages})`, "does not take 2"},
	{`jr:choice-name('a', 'b c')`, "path"},
	{`1.2.3`, "not expected"},
	{"\xff", "UTF-8"},
	{strings.Repeat("(", 5000), "too deep"},
	{strings.Repeat("-", 5000) + "1", "too deep"},
	{strings.Repeat("1+", 5000) + "1", "too many"},
	{strings.Repeat("not(", 500) + "1" + strings.Repeat(")", 500), "too deep"},
	{"a" + strings.Repeat("/b", 500), "too many"},
}

func TestMistakes(t *testing.T) {
	for _, c := range mistakes {
		_, err := eval(t, c[0])
		if err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%.60s: %v; want %q", c[0], err, c[1])
		}
	}
}

func TestMistakeNamesItsPlace(t *testing.T) {
	_, err := expr.Parse("'科技' = ]")
	e, ok := errors.AsType[*expr.Error](err)
	if !ok || e.At != 8 {
		t.Errorf("%v; want character 8", err)
	}
}

func TestTruth(t *testing.T) {
	for s, want := range map[string]bool{
		`''`: false, `' '`: true, `'false'`: true, `0`: false, `-1`: true, `number('x')`: false, `1 div 0`: true, `${empty}`: false, `${n}`: true,
		`true() or ${n} div 0`: true,
	} {
		n, err := expr.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		p, err := expr.Compile(n, sample)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := new(expr.Machine).Truth(p, scope{sample}); err != nil || got != want {
			t.Errorf("%s: %v %v", s, got, err)
		}
	}
}

func TestNumberRoundTrip(t *testing.T) {
	for _, f := range []float64{0, 1, -1, 0.5, 1e-5, 123456789012, 1e20, -2.25, 99.99} {
		if got := expr.ToNumber(expr.FormatNumber(f)); math.Abs(got-f) > math.Abs(f)*1e-14 {
			t.Errorf("%v came back as %v", f, got)
		}
	}
}

func FuzzExpression(f *testing.F) {
	for _, c := range values {
		f.Add(c[0])
	}
	for _, c := range mistakes {
		if len(c[0]) < 200 {
			f.Add(c[0])
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := expr.Parse(s)
		if err != nil {
			if _, ok := errors.AsType[*expr.Error](err); !ok {
				t.Errorf("%q: %v is not an *Error", s, err)
			}
			return
		}
		p, err := expr.Compile(n, sample)
		if err != nil {
			return
		}
		m := new(expr.Machine)
		if _, err := m.Text(p, scope{sample}); err != nil {
			t.Errorf("%q: accepted, then %v", s, err)
		}
		if _, err := m.Truth(p, scope{sample}); err != nil {
			t.Errorf("%q: accepted, then %v", s, err)
		}
	})
}
