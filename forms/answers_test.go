package forms

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnswersKeepWhatIsSet(t *testing.T) {
	var a Answers
	must(t, a.Set("unit/name", "示例县科协"))
	p, err := a.Insert("activity", 0, nil)
	must(t, err)
	must(t, a.Set(p.Child("name"), "示例活动"))
	q, err := a.Insert(p.Child("photos"), 0, nil)
	must(t, err)
	must(t, a.Set(q.Child("caption"), "示例说明<&>"))
	if got := a.Get("activity[1]/photos[1]/caption"); got != "示例说明<&>" {
		t.Fatalf("caption = %q", got)
	}

	b, err := json.Marshal(&a)
	must(t, err)
	var back Answers
	must(t, json.Unmarshal(b, &back))
	if d := cmp.Diff(&a, &back); d != "" {
		t.Errorf("through JSON (-want +got):\n%s", d)
	}
	c := a.Clone()
	must(t, c.Set("activity[1]/photos[1]/caption", "其他"))
	if a.Get("activity[1]/photos[1]/caption") != "示例说明<&>" {
		t.Error("changing a clone changed the original")
	}
}

func TestAnswersMoveAndRemove(t *testing.T) {
	var a Answers
	for _, v := range []string{"一", "二", "三"} {
		p, err := a.Insert("r", 0, nil)
		must(t, err)
		must(t, a.Set(p.Child("v"), v))
	}
	must(t, a.Move("r[3]", 1))
	order := func() (s string) {
		for i := range a.Len("r") {
			s += a.Get(Path("r").Entry(i + 1).Child("v"))
		}
		return s
	}
	if got := order(); got != "三一二" {
		t.Fatalf("after the move: %s", got)
	}
	e, err := a.Remove("r[2]")
	must(t, err)
	if e.Values["v"] != "一" || order() != "三二" {
		t.Fatalf("removed %q, left %s", e.Values["v"], order())
	}
	if _, err := a.Remove("r[9]"); err == nil {
		t.Error("removing an entry that is not there: no error")
	}
	if err := a.Set("r[9]/v", "x"); err == nil {
		t.Error("setting in an entry that is not there: no error")
	}
}

func TestAnswersRefuseOtherShapes(t *testing.T) {
	deep := ""
	for range 40 {
		deep += `{"g":`
	}
	for _, s := range []string{`[]`, `{"a":1}`, `{"a":null}`, `{"r":["x"]}`, `{"a":"b"} {}`, `{"a":`, deep} {
		var a Answers
		if err := json.Unmarshal([]byte(s), &a); err == nil {
			t.Errorf("%.40s: accepted", s)
		}
	}
}

func TestPath(t *testing.T) {
	for _, s := range []string{"", "/a", "a//b", "a[0]", "a[x]", "a[1", "a]", "[1]", "a[-1]"} {
		if _, err := ParsePath(s); err == nil {
			t.Errorf("ParsePath(%q): accepted", s)
		}
	}
	p, err := ParsePath("activity[2]/photos[13]/caption")
	must(t, err)
	if p.Name() != "caption" || p.Parent().Index() != 13 || p.Generic() != "activity/photos/caption" {
		t.Errorf("name %s, index %d, generic %s", p.Name(), p.Parent().Index(), p.Generic())
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
