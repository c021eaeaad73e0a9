package forms_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"baosong/forms"
)

// household is a form whose calculations name answers in every way there is.
const household = `type,name,label,calculation,relevant,default,choice_filter,repeat_count,constraint
integer,limit,Limit,,,10,,,
begin group,head,Head,,,,,,
text,head_name,Name,,,示例户主,,,
end group,,,,,,,,
begin repeat,person,Person,,,,,,
text,who,Who,,,,,,
integer,age,Age,,,,,,. <= 150
calculate,number,,position(..),,,,,
calculate,near,,"concat(${head_name}, '/', ${who})",,,,,
calculate,up,,../age + /data/limit,,,,,
calculate,first_who,,"indexed-repeat(${who}, ${person}, 1)",,,,,
calculate,share,,round(${age} div sum(/data/person/../person/age) * 100),,,,,
begin group,duty,Duty,,${age} >= ${limit},,,,
text,job,Job,,,,,,
begin repeat,day,Day,,,,,,
integer,hours,Hours,,,,,,
calculate,of,,"concat(${who}, position(../..), '.', position(..))",,,,,
end repeat,,,,,,,,
calculate,week,,sum(${hours}),,,,,
end group,,,,,,,,
end repeat,,,,,,,,
calculate,people,,count(${person}),,,,,
calculate,adults,,count(${person}[age >= ${limit}]),,,,,
calculate,second,,"join('', ${person}[2]/who)",,,,,
calculate,total,,sum(${hours}),,,,,
calculate,everyone,,"join('、', ${who})",,,,,
calculate,oldest,,max(${age}),,,,,
calculate,jobs,,count-non-empty(${job}),,,,,
`

func TestNamesMeanTheSameEntryInsideAndAllOutside(t *testing.T) {
	n := notice(t, household, "")
	c := forms.NewChecker(n, nil, env)
	for i, p := range [][2]string{{"示例甲", "40"}, {"示例乙", "10"}, {"示例丙", "5"}} {
		insert(t, c, "person")
		e := forms.Path("person").Entry(i + 1)
		set(t, c, e.Child("who"), p[0])
		set(t, c, e.Child("age"), p[1])
		for _, h := range []string{"8", "7"} {
			insert(t, c, e+"/duty/day")
			set(t, c, (e + "/duty/day").Entry(c.Answers().Len(e+"/duty/day")).Child("hours"), h)
		}
		set(t, c, e+"/duty/job", "示例")
	}
	for p, want := range map[forms.Path]string{
		"person[2]/number": "2", "person[2]/near": "示例户主/示例乙", "person[2]/up": "20", "person[3]/first_who": "示例甲",
		"person[2]/share": "18", "person[1]/duty/week": "15", "person[2]/duty/day[2]/of": "示例乙1.2",
		"people": "3", "adults": "2", "second": "示例乙", "total": "30", "everyone": "示例甲、示例乙、示例丙", "oldest": "40", "jobs": "2",
	} {
		if got := c.Answers().Get(p); got != want {
			t.Errorf("%s = %q, want %q", p, got, want)
		}
	}
	set(t, c, "limit", "5")
	if got := c.Answers().Get("total"); got != "45" {
		t.Errorf("with one more person working: total %s", got)
	}
	_, err := c.Remove("person[1]")
	must(t, err)
	if got := c.Answers().Get("everyone"); got != "示例乙、示例丙" || c.Answers().Get("person[1]/number") != "1" {
		t.Errorf("after taking one away: %s", got)
	}
	must(t, c.Move("person[2]", 1))
	if got := c.Answers().Get("person[2]/first_who"); got != "示例丙" {
		t.Errorf("after moving one up: %s is first", got)
	}
}

func TestChoicesAreFiltered(t *testing.T) {
	n := notice(t, `type,name,label,choice_filter
select_one city,city,City,
select_one county or_other,county,County,city = ${city} or always != ''
`, `list_name,name,label,city,always
city,jl,吉林,,
city,cc,长春,,
county,cy,船营,jl,
county,fm,丰满,jl,
county,ng,南关,cc,
county,none,无,,yes
`)
	c := forms.NewChecker(n, nil, env)
	names := func() (out []string) {
		for _, ch := range c.State("county").Choices {
			out = append(out, ch.Name)
		}
		return out
	}
	if got := names(); !slices.Equal(got, []string{"none", "other"}) {
		t.Errorf("with no city: %v", got)
	}
	changed := set(t, c, "city", "jl")
	if got := names(); !slices.Equal(got, []string{"cy", "fm", "none", "other"}) || !slices.Contains(changed, "county") {
		t.Errorf("with a city: %v, changed %v", got, changed)
	}
	set(t, c, "county", "cy")
	set(t, c, "city", "cc")
	if got := found(c.Findings()); !slices.Equal(got, []string{"county:choice"}) {
		t.Errorf("a county of another city: %v", got)
	}
	set(t, c, "county", "other")
	if !c.State("county_other").Relevant {
		t.Error("or_other asks for no words")
	}
	set(t, c, "county_other", "示例区")
	if got := found(c.Findings()); len(got) > 0 {
		t.Errorf("another county in words: %v", got)
	}
}

func TestRepeatCountMakesEntries(t *testing.T) {
	n := notice(t, `type,name,label,repeat_count,calculation,default
integer,n,N,,,
begin repeat,r,R,${n},,
text,v,V,,,
text,w,W,,,x
end repeat,,,,,
calculate,c,,,"concat(count(${r}), join('', ${w}))",
`, "")
	c := forms.NewChecker(n, nil, env)
	changed := set(t, c, "n", "3")
	if c.Answers().Len("r") != 3 || c.Answers().Get("c") != "3xxx" || !slices.Contains(changed, "r") {
		t.Fatalf("3 wanted: %d, c %s, changed %v", c.Answers().Len("r"), c.Answers().Get("c"), changed)
	}
	set(t, c, "r[2]/v", "kept")
	set(t, c, "n", "1")
	if c.Answers().Len("r") != 2 || c.Answers().Get("r[2]/v") != "kept" {
		t.Errorf("an entry with an answer was taken away")
	}
	if got := found(c.Findings()); !slices.Equal(got, []string{"r:entries"}) {
		t.Errorf("one too many: %v", got)
	}
	if _, err := c.Insert("r", 0, nil); err == nil {
		t.Error("an entry beyond the count was let in")
	}
	set(t, c, "n", "99999999")
	if c.Answers().Len("r") != 1000 {
		t.Errorf("%d entries", c.Answers().Len("r"))
	}
}

// TestSmallFormsAskForMuch has forms whose rules multiply what there is by each other.
func TestSmallFormsAskForMuch(t *testing.T) {
	text := "type,name,label,calculation,repeat_count\ntext,c0,C,,\n"
	for i := range 40 {
		text += fmt.Sprintf("calculate,c%d,,\"concat(${c%d}, ${c%d})\",\n", i+1, i, i)
	}
	c := forms.NewChecker(notice(t, text, ""), nil, env)
	set(t, c, "c0", strings.Repeat("x", 1000))
	if got := len(c.Answers().Get("c10")); got != 1000<<10 {
		t.Errorf("a text of a million characters has %d", got)
	}
	if got := c.Answers().Get("c40"); len(got) > 1<<20 {
		t.Errorf("a text has %d characters", len(got))
	}
	c = forms.NewChecker(notice(t, `type,name,label,calculation,repeat_count
integer,n,N,,
begin repeat,r,R,,${n}
begin repeat,s,S,,${n}
begin repeat,t,T,,${n}
text,v,V,,
end repeat,,,,
end repeat,,,,
end repeat,,,,
`, ""), nil, env)
	set(t, c, "n", "300")
	total := 0
	for i := range c.Answers().Len("r") {
		r := forms.Path("r").Entry(i + 1)
		for k := range c.Answers().Len(r.Child("s")) {
			total += c.Answers().Len(r.Child("s").Entry(k + 1).Child("t"))
		}
	}
	if total > 100_000 {
		t.Errorf("%d entries", total)
	}
	if got := found(c.Findings()); len(got) == 0 {
		t.Error("that there are fewer than wanted is not said")
	}
	set(t, c, "n", "2")
	set(t, c, "n", "3")
	if got := c.Answers().Len("r[3]/s[3]/t"); got != 3 {
		t.Errorf("with few again, there are %d", got)
	}
}

func TestDefaultsAndWhatTheProgramAnswers(t *testing.T) {
	n := notice(t, `type,name,label,default,calculation,read_only
today,day,,,,
start,begun,,,,
end,ended,,,,
date,d,D,2024/5/3,,
text,t,T,示例（默认）,,
text,u,U,"concat(${t}, format-date(today(), '%n月'))",,
text,token,,,once(uuid()),
text,ro,RO,x,,yes
`, "")
	c := forms.NewChecker(n, nil, env)
	for p, want := range map[forms.Path]string{
		"day": "2024-05-31", "begun": "2024-05-31T09:00:00+08:00", "d": "2024-05-03", "t": "示例（默认）", "u": "示例（默认）5月",
	} {
		if got := c.Answers().Get(p); got != want {
			t.Errorf("%s = %q, want %q", p, got, want)
		}
	}
	token := c.Answers().Get("token")
	set(t, c, "t", "")
	again := forms.NewChecker(n, c.Answers().Clone(), env)
	if again.Answers().Get("t") != "" || again.Answers().Get("token") != token || len(token) != 36 {
		t.Errorf("opening again changed answers: %v, first token %s", again.Answers().Values, token)
	}
	if !c.State("ro").ReadOnly || !c.State("token").ReadOnly || c.State("t").ReadOnly {
		t.Error("read-only where it should not be, or the other way round")
	}
	if c.Relevant().Get("ended") == "" {
		t.Error("what is sent does not say when it ended")
	}
}

// broken are forms that must be refused, with what the error has to say.
var broken = []struct {
	name, survey string
	want         []string
}{
	{"unknown name", "text,a,A,${b} = 1,,", []string{"survey row 2, column relevant: at character 1: there is no question ${b}"}},
	{"syntax", "text,a,A,1 +,,", []string{"row 2, column relevant", "the end"}},
	{"itself", "text,a,A,${a} = 1,,", []string{"row 2", "a depends on itself"}},
	{"itself as a dot", "text,a,A,. = 1,,", []string{"row 2", "a depends on itself"}},
	{"circle", "calculate,a,,,${b} + 1,\ncalculate,b,,,${c},\ntext,c,C,${a} = 1,,", []string{"row 2, column calculation", "circle: a → b → c → a"}},
	{"group on its own question", "begin group,g,G,${x} = 1,,\ntext,x,X,,,\nend group,,,,,", []string{"row 2", "circle: g → x → g"}},
	{"several answers", "begin repeat,r,R,,,\ntext,x,X,,,\nend repeat,,,,,\ntext,a,A,${x} = 1,,", []string{"row 5", "several answers"}},
	{"two of one name", "begin group,g,G,,,\ntext,x,X,,,\nend group,,,,,\ntext,x,X,,,\ncalculate,a,,,${x},", []string{"row 6", "could be any of 2"}},
	{"all at once", "text,a,A,1 +,,\ntext,b,B,${no} = 1,,\ncalculate,c,,,nope(),", []string{"row 2", "row 3", "row 4, column calculation", "unknown function nope"}},
	{"path astray", "text,a,A,../../../b = 1,,", []string{"row 2", "above the form"}},
	{"no such path", "text,a,A,/data/b = 1,,", []string{"row 2", "no question b"}},
	{"not a repeat", "text,b,B,,,\ncalculate,a,,,\"indexed-repeat(${b}, ${b}, 1)\",", []string{"row 3", "not a repeat"}},
	{"not a select", "text,b,B,,,\ncalculate,a,,,\"jr:choice-name('x', '${b}')\",", []string{"row 3", "no choices"}},
	{"nothing to filter", "text,b,B,,,\ncalculate,a,,,${b}[1],", []string{"row 3", "not a repeat"}},
	{"default", "text,a,A,,,concat(${b})", []string{"row 2, column default", "${b}"}},
}

func TestBrokenExpressionsAreRefused(t *testing.T) {
	for _, b := range broken {
		_, _, err := read("type,name,label,relevant,calculation,default\n"+b.survey+"\n", "")
		for _, want := range b.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v; want %q", b.name, err, want)
			}
		}
	}
}

func TestChoiceFilterNamesItsColumns(t *testing.T) {
	_, _, err := read("type,name,label,choice_filter\nselect_one l,a,A,town = 1\n", "list_name,name,label,city\nl,x,X,y\n")
	if err == nil || !strings.Contains(err.Error(), "row 2, column choice_filter") || !strings.Contains(err.Error(), "no column town") {
		t.Error(err)
	}
}

func TestOtherAsksForWordsInTheLanguageOfTheForm(t *testing.T) {
	for label, want := range map[string]string{"label": "主题（其他，请说明）", "label::English (en)": "主题 (other, please specify)"} {
		n := notice(t, "type,name,"+label+"\nselect_one l or_other,topic,主题\n", "list_name,name,label\nl,a,A\n")
		if got := n.Form.Named("topic_other").Label.In(n.Form.Default); got != want {
			t.Errorf("%s: asked as %q, want %q", label, got, want)
		}
	}
}
