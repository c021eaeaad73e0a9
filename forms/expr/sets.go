package expr

import (
	"math"
	"strings"

	engine "github.com/expr-lang/expr"
)

// setFunctions work on the answers of several places.
func setFunctions() []engine.Option {
	return []engine.Option{
		unary("count", func(l []string) float64 { return float64(len(l)) }),
		unary("countNonEmpty", func(l []string) float64 {
			n := 0
			for _, s := range l {
				if s != "" {
					n++
				}
			}
			return float64(n)
		}),
		numbersOf("sum", 0, func(a, b float64) float64 { return a + b }),
		numbersOf("least", math.NaN(), math.Min),
		numbersOf("most", math.NaN(), math.Max),
		engine.Function("concat", func(p ...any) (any, error) { return gather(p, "") }, func(...[]string) string { return "" }),
		engine.Function("join", func(p ...any) (any, error) { return gather(p[1:], p[0].(string)) }, func(string, ...[]string) string { return "" }),
		engine.Function("checklist", func(p ...any) (any, error) {
			count, least, most := 0.0, p[0].(float64), p[1].(float64)
			for _, yes := range p[2:] {
				if yes.(bool) {
					count++
				}
			}
			return (least < 0 || count >= least) && (most < 0 || count <= most), nil
		}, func(float64, float64, ...bool) bool { return false }),
		engine.Function("weightedChecklist", func(p ...any) (any, error) {
			sum := 0.0
			for _, weight := range p[2:] {
				sum += weight.(float64)
			}
			return sum >= p[0].(float64) && sum <= p[1].(float64), nil
		}, func(float64, float64, ...float64) bool { return false }),
	}
}

// numbersOf folds what is a number among the answers; blank ones are left out,
// since an entry not filled in yet must not undo a total.
func numbersOf(name string, none float64, fold func(a, b float64) float64) engine.Option {
	return engine.Function(name, func(p ...any) (any, error) {
		out, first := none, true
		for _, list := range p {
			for _, s := range list.([]string) {
				f := ToNumber(s)
				switch {
				case f != f:
				case first && none != none:
					out = f
				default:
					out = fold(out, f)
				}
				first = first && f != f
			}
		}
		return out, nil
	}, func(...[]string) float64 { return 0 })
}

// maxText bounds a text put together, in bytes: without it, forty calculations that each double the one before would ask
// for more memory than there is.
const maxText = 1 << 20

func gather(lists []any, separator string) (string, error) {
	var all []string
	size := 0
	for _, l := range lists {
		for _, s := range l.([]string) {
			if size += len(s) + len(separator); size > maxText {
				return "", Faultf("longer than %d bytes", maxText)
			}
			all = append(all, s)
		}
	}
	return strings.Join(all, separator), nil
}
