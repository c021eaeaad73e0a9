package expr_test

import (
	"strings"
	"testing"
)

// functions has cases of every function of the ODK form specification that
// makes sense on a desktop. ${empty} is not answered, ${ages} is 34, nothing
// and 7, ${names} is 示例甲 and 示例乙, ${n} is 12, ${d} is 2024-05-30, ${colour}
// is red and blue, and . is seven. It is 15:04:05.678 of 2024-05-30 in China.
var functions = map[string][][2]string{
	"selected": {
		{`selected(${colour}, 'red')`, "true"},
		{`selected(${colour}, 're')`, "false"},
		{`selected(${empty}, 'red')`, "false"},
		{`selected(${empty}, '')`, "false"},
		{`selected('1 2', 2)`, "true"},
		{`selected(join(' ', ${names}), '示例乙')`, "true"},
	},
	"count-selected": {
		{`count-selected(${colour})`, "2"},
		{`count-selected(${empty})`, "0"},
		{`count-selected(' a  b ')`, "2"},
		{`count-selected(${colour}) <= 2`, "true"},
	},
	"selected-at": {
		{`selected-at(${colour}, 0)`, "red"},
		{`selected-at(${colour}, 2)`, ""},
		{`selected-at(${colour}, -1)`, ""},
		{`selected-at(${empty}, 0)`, ""},
		{`selected-at(${colour}, number('x'))`, ""},
		{`selected-at(${colour}, count-selected(${colour}) - 1)`, "blue"},
	},
	"if": {
		{`if(${n} > 10, 'many', 'few')`, "many"},
		{`if(${empty} = '', 'none', ${empty})`, "none"},
		{`if(${empty}, 1, 2)`, "2"},
		{`if('false', 1, 2)`, "1"},
		{`if(${n} > 10, 1, 'x')`, "1"},
		{`if(true(), 1 div 3, 'x')`, "0.333333333333333"},
		{`if(false(), 1, if(true(), 2, 3)) + 1`, "3"},
		{`if(${n} > 10, true(), false()) = 'true'`, "true"},
	},
	"coalesce": {
		{`coalesce(${empty}, ${n})`, "12"},
		{`coalesce(${n}, ${d})`, "12"},
		{`coalesce(${empty}, '')`, ""},
		{`coalesce(number(${empty}), 0)`, "0"},
		{`coalesce(${empty}, '', 5) + 1`, "6"},
	},
	"once": {
		{`once('new')`, "seven"},
		{`once(uuid())`, "seven"},
	},
	"regex": {
		{`regex('13812345678', '1[3-9][0-9]{9}')`, "true"},
		{`regex('138123456789', '1[3-9][0-9]{9}')`, "false"},
		{`regex(${empty}, '.*')`, "true"},
		{`regex(${empty}, '.+')`, "false"},
		{`regex('ab', 'a|ab')`, "true"},
		{`regex('a b', 'a.b')`, "true"},
		{"regex('a\nb', 'a.b')", "false"}, // a dot is no end of line
		{"regex('a\nb', 'a\\sb')", "true"},
		{`regex('示例', '\p{Han}+')`, "true"},
	},
	"string-length": {
		{`string-length(${t})`, "5"},
		{`string-length(${empty})`, "0"},
		{`string-length()`, "5"},
		{`string-length(1.50)`, "3"},
		{`string-length('👍')`, "1"},
	},
	"concat": {
		{`concat('a', 1.0, true())`, "a1true"},
		{`concat(${names})`, "示例甲示例乙"},
		{`concat(${names}, '!')`, "示例甲示例乙!"},
		{`concat(${empty}, ${empty})`, ""},
		{`concat(1 div 4, ' ', 0.1 + 0.2)`, "0.25 0.3"},
	},
	"join": {
		{`join('、', ${names})`, "示例甲、示例乙"},
		{`join(',', ${ages})`, "34,,7"},
		{`join('-', 'a', ${n}, 'b')`, "a-12-b"},
		{`join('-', ${empty})`, ""},
	},
	"substr": {
		{`substr('hello', 1)`, "ello"},
		{`substr('hello', 1, 3)`, "el"},
		{`substr('hello', -3, -1)`, "ll"},
		{`substr('hello', 3, 1)`, ""},
		{`substr('hello', 9)`, ""},
		{`substr('hello', 0, 99)`, "hello"},
		{`substr(${d}, 0, 4)`, "2024"},
		{`substr(${empty}, 0, 2)`, ""},
	},
	"contains": {
		{`contains(${t}, '工作')`, "true"}, {`contains('a', '')`, "true"}, {`contains(${empty}, 'a')`, "false"}, {`contains('aB', 'b')`, "false"},
	},
	"starts-with": {
		{`starts-with(${d}, '2024')`, "true"}, {`starts-with('a', '')`, "true"}, {`starts-with(${empty}, 'a')`, "false"},
	},
	"ends-with": {
		{`ends-with(${d}, '-30')`, "true"}, {`ends-with(${empty}, '')`, "true"}, {`ends-with(${n}, 2)`, "true"},
	},
	"normalize-space": {
		{"normalize-space(' a\n b\t')", "a b"}, {`normalize-space('　')`, ""}, {`normalize-space(${empty})`, ""}, {`normalize-space()`, "seven"},
	},
	"translate": {
		{`translate('2024-05-30', '-', '/')`, "2024/05/30"},
		{`translate('１２', '１２', '12')`, "12"},
		{`translate('aabb', 'ab', 'b')`, "bb"},
		{`translate('aa', 'aa', 'xy')`, "xx"}, // the first counts
		{`translate(${empty}, 'a', 'b')`, ""},
	},
	"number": {
		{`number('12.50')`, "12.5"},
		{`number(' 7 ')`, "7"},
		{`number('')`, ""},
		{`number('1,234')`, ""},
		{`number('1e3')`, ""},
		{`number(true())`, "1"},
		{`number('1970-01-11')`, "10"},
		{`number(${empty}) = number(${empty})`, "false"},
	},
	"int": {
		{`int(1.9)`, "1"}, {`int(-1.9)`, "-1"}, {`int('7.0')`, "7"}, {`int(${empty})`, ""}, {`int(7 div 2)`, "3"},
	},
	"round": {
		{`round(2.5)`, "3"},
		{`round(-2.5)`, "-2"},
		{`round(-0.4)`, "0"},
		{`round(1.005, 2)`, "1.01"}, // as written, not as the binary fraction below it
		{`round(1.15, 1)`, "1.2"},
		{`round(14.6, 0)`, "15"},
		{`round(12345.678, -2)`, "12300"},
		{`round(${empty}, 2)`, ""},
		{`round(1, 31)`, ""},
		{`round(1 div 0)`, "Infinity"},
		{`round(113.75 div 4 * 100) div 100`, "28.44"},
	},
	"min": {
		{`min(${ages})`, "7"}, {`min(3, ${n})`, "3"}, {`min(${ages}, 5)`, "5"}, {`min(${empty})`, ""}, {`min(-1, -2)`, "-2"},
	},
	"max": {
		{`max(${ages})`, "34"},
		{`max(3, ${n})`, "12"},
		{`max(${empty}, ${n})`, "12"},
		{`max(${empty})`, ""},
		{`max(-1, -2)`, "-1"},
		{`date(max(number(${d}), number('2023-01-01')))`, "2024-05-30"},
	},
	"sum": {
		{`sum(${ages})`, "41"}, {`sum(${ages}) div count-non-empty(${ages})`, "20.5"}, {`sum(${names})`, "0"}, {`sum(${empty})`, "0"},
	},
	"count": {
		{`count(${ages})`, "3"}, {`count(${names}) * 2`, "4"}, {`count(${n})`, "1"},
	},
	"count-non-empty": {
		{`count-non-empty(${ages})`, "2"}, {`count-non-empty(${empty})`, "0"}, {`count-non-empty(${n})`, "1"},
	},
	"position": {
		{`position(..)`, "3"}, {`position(..) mod 2`, "1"}, {`concat('No. ', position(..))`, "No. 3"},
	},
	"indexed-repeat": {
		{`indexed-repeat(${names}, ${ages}, 1)`, "示例甲"},
		{`indexed-repeat(${names}, ${ages}, count(${names}))`, "示例乙"},
		{`indexed-repeat(${names}, ${ages}, 0)`, ""}, // before the first there is none
		{`indexed-repeat(${names}, ${ages}, position(..) - 1)`, "示例乙"},
		{`indexed-repeat(${names}, ${ages}, ${empty})`, ""},
	},
	"today": {
		{`today()`, "2024-05-30"},
		{`today() = ${d}`, "true"},
		{`${d} < today()`, "false"},
		{`date(today() + 7)`, "2024-06-06"},
		{`int((today() - date('2000-05-30')) div 365.25)`, "24"},
	},
	"now": {
		{`now()`, "2024-05-30T15:04:05.678+08:00"}, {`now() > today()`, "true"}, {`date(now())`, "2024-05-30"}, {`format-date-time(now(), '%H:%M')`, "15:04"},
	},
	"date": {
		{`date('2024-05-30')`, "2024-05-30"},
		{`date('2024-05-30T23:59')`, "2024-05-30"},
		{`date(0)`, "1970-01-01"},
		{`date(-1)`, "1969-12-31"},
		{`date('')`, ""},
		{`date('某天')`, ""},
		{`date('2024-02-29') + 1`, "19783"},
		{`date(1 div 0)`, ""},
	},
	"format-date": {
		{`format-date(${d}, '%Y-%m-%d')`, "2024-05-30"},
		{`format-date('2024-01-05', '%y %n %e')`, "24 1 5"},
		{`format-date('2024-01-05', '%b%e日')`, "1月5日"},
		{`format-date('2024-01-05', '%a')`, "周五"},
		{`format-date(${empty}, '%Y')`, ""},
		{`format-date(${d}, '%%%年%')`, "%%年%"},
		{`format-date(19873, '%Y')`, "2024"},
	},
	"decimal-date-time": {
		{`decimal-date-time('1970-01-02')`, "1"},
		{`decimal-date-time('1970-01-01T06:00')`, "0.25"},
		{`decimal-date-time(${empty})`, ""},
		{`round((decimal-date-time('2024-05-30T17:30') - decimal-date-time('2024-05-30T15:00')) * 24, 2)`, "2.5"},
		{`round((decimal-date-time('2024-05-30T09:20') - decimal-date-time('2024-05-30T09:00')) * 1440)`, "20"},
	},
	"jr:choice-name": {
		{`jr:choice-name(${colour}, '${colour}')`, "<red blue>"}, {`jr:choice-name(selected-at(${colour}, 1), '${colour}')`, "<blue>"},
	},
	"true":  {{`true()`, "true"}, {`true() = 1`, "true"}, {`true() + true()`, "2"}},
	"false": {{`false()`, "false"}, {`false() = ''`, "true"}, {`string-length(false())`, "5"}},
	"boolean": {
		{`boolean('')`, "false"}, {`boolean('0')`, "true"}, {`boolean(0)`, "false"}, {`boolean(-0.1)`, "true"}, {`boolean(number('x'))`, "false"}, {`boolean(${n})`, "true"},
	},
	"not": {
		{`not(${empty})`, "true"}, {`not(${n} > 5)`, "false"}, {`not(0)`, "true"},
	},
	"pow": {
		{`pow(2, 0.5) * pow(2, 0.5)`, "2"}, {`pow(10, -2)`, "0.01"}, {`pow(0, 0)`, "1"}, {`pow(${empty}, 2)`, ""},
	},
	"abs": {{`abs(-3.5)`, "3.5"}, {`abs('-2')`, "2"}, {`abs(${empty})`, ""}},
	"uuid": {
		{`regex(uuid(), '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}')`, "true"}, {`string-length(uuid(8))`, "8"}, {`uuid() = uuid()`, "false"},
	},
	"checklist": {
		{`checklist(1, 2, ${n} > 5, ${empty} != '', true())`, "true"}, {`checklist(-1, 0, true())`, "false"}, {`checklist(1, -1, 'x', 'y')`, "true"},
	},
	"weighted-checklist": {
		{`weighted-checklist(3, 9, true(), 2, ${n} > 5, 1.5, false(), 100)`, "true"}, {`weighted-checklist(4, 9, true(), 2, ${n} > 5, 1.5)`, "false"},
	},
	"string": {{`string(12.0)`, "12"}, {`string(0.1 + 0.2)`, "0.3"}, {`string(true())`, "true"}, {`string(1 div 0)`, "Infinity"}, {`string(number('x'))`, "NaN"}},
	"=": {
		{`${empty} = ''`, "true"},
		{`${empty} = 0`, "false"},
		{`${empty} != 0`, "true"},
		{`${n} = 12.0`, "true"},
		{`${n} = '12.0'`, "false"},
		{`${d} = date('2024-05-30')`, "true"},
		{`0.1 + 0.2 = 0.3`, "true"},
	},
	"<": {
		{`${empty} < 1`, "false"},
		{`${empty} >= 0`, "false"},
		{`${n} < 100`, "true"},
		{`'9' < '10'`, "true"},
		{`${d} > '2024-05-29'`, "true"},
		{`'示例' < '示例乙'`, "false"},
	},
	"div": {{`7 div 2`, "3.5"}, {`-1 div 0`, "-Infinity"}, {`0 div 0`, ""}, {`${n} div ${empty}`, ""}, {`6 div 2 div 3`, "1"}},
	"mod": {{`5 mod 2`, "1"}, {`-5 mod 2`, "-1"}, {`1.5 mod 0.5`, "0"}, {`5 mod 0`, ""}, {`(position(..) + 1) mod 4`, "0"}},
	"and": {{`true() and ${empty}`, "false"}, {`1 and 'x'`, "true"}, {`false() and (1 div 0)`, "false"}},
	"or":  {{`${empty} or ${n}`, "true"}, {`0 or ''`, "false"}},
	".":   {{`. = 'seven'`, "true"}, {`string-length(.) > 4`, "true"}, {`concat(., .)`, "sevenseven"}},
}

// wanted are the functions that the project promises at the least.
const wanted = `selected count-selected selected-at if coalesce once regex string-length concat substr contains starts-with ends-with
normalize-space translate number int round min max sum count count-non-empty position indexed-repeat today now date format-date
decimal-date-time jr:choice-name true false boolean pow abs join uuid not div mod and or`

func TestFunctions(t *testing.T) {
	for name, cases := range functions {
		for _, c := range cases {
			got, err := eval(t, c[0])
			if err != nil || got != c[1] {
				t.Errorf("%s: %s = %q, %v; want %q", name, c[0], got, err, c[1])
			}
		}
	}
	for name := range strings.FieldsSeq(wanted) {
		if len(functions[name]) < 2 {
			t.Errorf("%s has no cases", name)
		}
	}
}

// TestEveryMistakeIsTold finds all unknown names of one expression.
func TestEveryMistakeIsTold(t *testing.T) {
	_, err := eval(t, `nope(${missing}) + if(${gone} > 1, other(1), ${n})`)
	for _, want := range []string{"unknown function nope", "no question missing", "no question gone", "unknown function other"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}
