package forms_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"baosong/forms"
)

// large makes a form of 300 questions, 270 of them in a repeat, and answers
// with 50 entries: 13,530 places. Every question has a rule or two; each
// number is added up and compared with the one before it.
func large(t testing.TB) (*forms.Notice, *forms.Answers) {
	t.Helper()
	var s strings.Builder
	s.WriteString("type,name,label,required,relevant,constraint,warning,calculation\nbegin repeat,r,R,,,,,\n")
	for i := range 90 {
		fmt.Fprintf(&s, "integer,n%d,N,yes,,. >= 0 and . <= 100000,,\n", i)
		fmt.Fprintf(&s, "text,t%d,T,,${n%d} > 3,,string-length(.) >= 2 and string-length(.) <= 500,\n", i, i)
		fmt.Fprintf(&s, "select_one l,s%d,S,yes,,. != 'c' or ${n%d} >= ${n%d},,\n", i, i, max(i-1, 0))
	}
	s.WriteString("end repeat,,,,,,,\n")
	for i := range 30 {
		fmt.Fprintf(&s, "calculate,c%d,,,,,,sum(${n%d}) + count(${r})\n", i, i)
	}
	n := notice(t, s.String(), "list_name,name,label\nl,a,A\nl,b,B\nl,c,C\n")
	a := &forms.Answers{}
	for e := range 50 {
		p, err := a.Insert("r", 0, nil)
		must(t, err)
		for i := range 90 {
			must(t, a.Set(p.Child("n"+strconv.Itoa(i)), strconv.Itoa(e+i)))
			must(t, a.Set(p.Child("t"+strconv.Itoa(i)), "示例文字"))
			must(t, a.Set(p.Child("s"+strconv.Itoa(i)), "a"))
		}
	}
	return n, a
}

// BenchmarkCheck measures one keystroke in a large form against checking the
// whole of it. The aims are 1 ms and 20 ms.
func BenchmarkCheck(b *testing.B) {
	n, a := large(b)
	if fs := forms.Check(n, a, env); len(fs) > 0 {
		b.Fatalf("%d findings, first %+v", len(fs), fs[0])
	}
	whole := time.Duration(0)
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			forms.Check(n, a, env)
		}
		whole = b.Elapsed() / time.Duration(b.N)
		b.ReportMetric(float64(whole)/1e6, "ms/check")
	})
	for name, p := range map[string]forms.Path{"keystroke-number": "r[25]/n7", "keystroke-text": "r[25]/t7"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			c := forms.NewChecker(n, a.Clone(), env)
			i := 10
			for b.Loop() {
				i++
				if _, err := c.Set(p, strconv.Itoa(i%1000+10)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/1e6, "ms/keystroke")
			b.ReportMetric(float64(whole)*float64(b.N)/float64(b.Elapsed()), "times-faster-than-whole")
		})
	}
	b.Run("insert-entry", func(b *testing.B) {
		c := forms.NewChecker(n, a.Clone(), env)
		for b.Loop() {
			p, err := c.Insert("r", 0, nil)
			must(b, err)
			_, err = c.Remove(p)
			must(b, err)
		}
	})
}
