package forms_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"baosong/forms"
)

func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("rapid.nofailfile", "true")
	os.Exit(m.Run())
}

// counted has what household lacks: counted entries, filters and advice, and
// whole groups that come and go.
const counted = `type,name,label,relevant,repeat_count,calculation,default,choice_filter,required,constraint,warning
integer,n,N,,,,,,,. < 9,. != 4
begin group,g,G,${n} != 2,,,,,,,
begin repeat,r,R,${n} != 5,${n},,,,,,
select_one l,a,A,,,,x,,${n} > 2,,
select_one l,b,B,${a} != 'y',,,,"city = ${a} or ${n} > 6",,,
begin repeat,s,S,${b} != '',,,,,yes,,
text,v,V,,,,1,,,". != ${a} and count(${s}) < 3",string-length(.) < ${n}
calculate,path,,,,"concat(position(../..), '.', position(..), ${v})",,,,,
end repeat,,,,,,,,,,
end repeat,,,,,,,,,,
calculate,vs,,,,"join(',', ${path})",,,,,
end group,,,,,,,,,,
calculate,all,,,,"concat(${vs}, count(${r}[b != '']), sum(${v}))",,,,,
text,last,L,${all} != '',,,,,string-length(${vs}) > 3,,
`

const countedChoices = "list_name,name,label,city\nl,x,X,x\nl,y,Y,x\nl,z,Z,y\n"

// places returns every place of the form as the answers have it.
func places(c *forms.Checker, questions []*forms.Question, at forms.Path) []forms.Path {
	var out []forms.Path
	for _, q := range questions {
		p := at.Child(q.Name)
		out = append(out, p)
		switch q.Type {
		case forms.TypeGroup:
			out = append(out, places(c, q.Children, p)...)
		case forms.TypeRepeat:
			for i := range c.Answers().Len(p) {
				out = append(out, places(c, q.Children, p.Entry(i+1))...)
			}
		}
	}
	return out
}

func states(c *forms.Checker, f *forms.Form) map[forms.Path]forms.State {
	out := map[forms.Path]forms.State{}
	for _, p := range places(c, f.Questions, "") {
		out[p] = c.State(p)
	}
	return out
}

// TestStepByStepIsTheSameAsAllAtOnce changes answers at random, and compares
// what the Checker makes of each change with what checking the whole again
// makes of it, and the places it says have changed with those that have.
func TestStepByStepIsTheSameAsAllAtOnce(t *testing.T) {
	for name, n := range map[string]*forms.Notice{"household": notice(t, household, ""), "counted": notice(t, counted, countedChoices)} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				c := forms.NewChecker(n, nil, env)
				for range rapid.IntRange(1, 25).Draw(rt, "steps") {
					step(rt, n, c)
					whole := forms.NewChecker(n, c.Answers().Clone(), env)
					if d := cmp.Diff(states(whole, n.Form), states(c, n.Form), cmpopts.EquateEmpty()); d != "" {
						rt.Fatalf("all at once (-), step by step (+):\n%s", d)
					}
					if d := cmp.Diff(whole.Answers(), c.Answers(), cmpopts.EquateEmpty()); d != "" {
						rt.Fatalf("answers all at once (-), step by step (+):\n%s", d)
					}
				}
			})
		})
	}
}

func step(rt *rapid.T, n *forms.Notice, c *forms.Checker) {
	all := places(c, n.Form.Questions, "")
	p := rapid.SampledFrom(all).Draw(rt, "place")
	q := n.Form.Lookup(p)
	if q.Type == forms.TypeRepeat {
		k := c.Answers().Len(p)
		switch rapid.SampledFrom([]string{"insert", "insert", "remove", "move"}).Draw(rt, "what") {
		case "insert":
			_, _ = c.Insert(p, rapid.IntRange(0, k+1).Draw(rt, "n"), nil)
		case "remove":
			_, _ = c.Remove(p.Entry(rapid.IntRange(1, k+1).Draw(rt, "n")))
		case "move":
			_ = c.Move(p.Entry(rapid.IntRange(1, k+1).Draw(rt, "n")), rapid.IntRange(1, k+1).Draw(rt, "to"))
		}
		return
	}
	before := states(c, n.Form)
	changed, err := c.Set(p, rapid.SampledFrom([]string{"", "1", "2", "4", "5", "7", "x", "y", "z"}).Draw(rt, "value"))
	if err != nil {
		return
	}
	after := states(c, n.Form)
	for _, other := range places(c, n.Form.Questions, "") {
		old, was := before[other]
		if !was {
			continue // a new entry: its repeat is what changed
		}
		same := cmp.Equal(old, after[other], cmpopts.EquateEmpty())
		if told := slices.Contains(changed, other); other != p && told == same {
			rt.Fatalf("%s: set %s: told of a change %v, but %s", fmt.Sprint(changed), p, told, cmp.Diff(old, after[other]))
		}
	}
	if !slices.Contains(changed, p) {
		rt.Fatalf("%s is not among %v", p, changed)
	}
}
