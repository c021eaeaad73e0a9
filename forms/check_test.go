package forms_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"baosong/assets"
	"baosong/forms"
	"baosong/forms/xlsform"
)

// now is when the tests take place: within the period of the built-in notice.
func now() time.Time { return time.Date(2024, 5, 31, 9, 0, 0, 0, time.FixedZone("", 8*3600)) }

var env = forms.Env{Now: now, Lang: "zh"}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// notice makes a notice of the sheets of a form, as CSV.
func notice(t testing.TB, survey, choices string) *forms.Notice {
	t.Helper()
	n, _, err := read(survey, choices)
	must(t, err)
	return n
}

func read(survey, choices string) (*forms.Notice, []xlsform.Problem, error) {
	return xlsform.Read(fstest.MapFS{
		"survey.csv":   {Data: []byte(survey)},
		"choices.csv":  {Data: []byte(choices)},
		"settings.csv": {Data: []byte("form_id\ntest\n")},
	}, ".")
}

func builtIn(t testing.TB) *forms.Notice {
	t.Helper()
	n, _, err := xlsform.Read(assets.Notices(), "jilin-2024")
	must(t, err)
	return n
}

// example returns the notice's sample answers for the first unit.
func example(t testing.TB, n *forms.Notice) *forms.Answers {
	t.Helper()
	b, err := json.Marshal(n.Example)
	must(t, err)
	var a forms.Answers
	must(t, json.Unmarshal(bytes.ReplaceAll(b, []byte("{n}"), []byte("1")), &a))
	return &a
}

// found describes findings as path:code.
func found(fs []forms.Finding) []string {
	out := []string{}
	for _, f := range fs {
		out = append(out, string(f.Path)+":"+string(f.Code))
	}
	return out
}

func set(t testing.TB, c *forms.Checker, p forms.Path, v string) []forms.Path {
	t.Helper()
	changed, err := c.Set(p, v)
	must(t, err)
	return changed
}

func insert(t testing.TB, c *forms.Checker, p forms.Path) {
	t.Helper()
	_, err := c.Insert(p, 0, nil)
	must(t, err)
}

func TestExampleOfBuiltInNoticePasses(t *testing.T) {
	n := builtIn(t)
	c := forms.NewChecker(n, example(t, n), env)
	if got := c.Findings(); len(got) > 0 {
		t.Fatalf("findings: %v", got)
	}
	for p, want := range map[forms.Path]string{
		"summary/total_sessions": "8", "summary/photo_count": "4", "summary/video_count": "2",
	} {
		if got := c.Answers().Get(p); got != want {
			t.Errorf("%s = %q, want %s", p, got, want)
		}
	}
	late := forms.Env{Now: func() time.Time { return now().AddDate(1, 0, 0) }}
	if got := found(forms.Check(n, c.Answers(), late)); !slices.Equal(got, []string{":late"}) {
		t.Errorf("a year later: %v", got)
	}
}

func TestEmptyReportNamesWhatIsMissing(t *testing.T) {
	n := builtIn(t)
	got := found(forms.Check(n, &forms.Answers{}, env))
	want := []string{
		"unit/unit_name:required", "unit/unit_kind:required", "unit/contact_person:required", "unit/contact_phone:required",
		"unit/contact_email:required", "activity:entries", "summary/organization:required", "summary/results:required",
		"summary/experience:required", "declaration/no_secrets:required", "declaration/filled_by:required",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestRulesOfBuiltInNotice(t *testing.T) {
	n := builtIn(t)
	for _, c := range []struct {
		path  forms.Path
		value string
		want  string // code of the finding at the path, or ""
	}{
		{"unit/contact_phone", "13812345678", ""},
		{"unit/contact_phone", "0432-66550808", ""},
		{"unit/contact_phone", "66550808", "constraint"},
		{"unit/contact_phone", "138123456789", "constraint"},
		{"unit/contact_email", "a@b.example", ""},
		{"unit/contact_email", "a@b", "constraint"},
		{"unit/unit_kind", "school", "choice"},
		{"activity[1]/start_date", "2024-05-01", ""},
		{"activity[1]/start_date", "2024-04-30", "advice"},
		{"activity[1]/start_date", "2024-13-01", "type"},
		{"activity[1]/end_date", "2024-05-29", "constraint"},
		{"activity[1]/end_date", "2024-06-11", "advice"},
		{"activity[1]/participants", "-1", "constraint"},
		{"activity[1]/participants", "12.5", "type"},
		{"activity[1]/sti_workers", "121{n}", "type"},
		{"activity[1]/sti_workers", "121", "constraint"},
		{"activity[1]/sessions", "0", "constraint"},
		{"activity[1]/activity_intro", strings.Repeat("字", 49), "advice"},
		{"activity[1]/activity_intro", strings.Repeat("字", 500), ""},
		{"activity[1]/activity_intro", strings.Repeat("字", 501), "advice"},
		{"activity[1]/media_links", "https://a.example/1\nhttps://a.example/2", ""},
		{"activity[1]/media_links", "示例日报头版", "advice"},
		{"activity[1]/videos[1]/video", "", "required"},
		{"activity[2]/videos[1]/video_link", "pan.example.com/s", "constraint"},
		{"declaration/consent", "", "required"},
		{"declaration/no_secrets", "yes", "type"},
	} {
		ch := forms.NewChecker(n, example(t, n), env)
		set(t, ch, "activity[1]/participants", "120")
		set(t, ch, "activity[1]/sti_workers", "3")
		set(t, ch, c.path, c.value)
		got := ""
		for _, f := range ch.State(c.path).Findings {
			got += string(f.Code)
			if f.Code == forms.CodeConstraint && f.Message == "" {
				t.Errorf("%s = %.20s: no message", c.path, c.value)
			}
		}
		if got != c.want {
			t.Errorf("%s = %.20s: %q, want %q", c.path, c.value, got, c.want)
		}
	}
}

func TestConsentIsAskedWhereMinorsAreShown(t *testing.T) {
	n := builtIn(t)
	c := forms.NewChecker(n, example(t, n), env)
	changed := set(t, c, "activity[1]/photos[2]/photo_minors", "no")
	if c.State("declaration/consent").Relevant || !slices.Contains(changed, "declaration/consent") {
		t.Errorf("no minors: consent still asked, changed %v", changed)
	}
	if got := c.Answers().Get("declaration/consent"); got != "OK" {
		t.Errorf("the draft lost an answer that is not asked at present: %q", got)
	}
	if got := c.Relevant().Get("declaration/consent"); got != "" {
		t.Errorf("an answer that is not asked would be sent: %q", got)
	}
	if got := c.Relevant().Get("declaration/no_secrets"); got != "OK" {
		t.Errorf("an answer that is asked would not be sent: %q", got)
	}
}

func TestFindingSaysWhere(t *testing.T) {
	n := builtIn(t)
	c := forms.NewChecker(n, example(t, n), env)
	set(t, c, "activity[2]/photos[1]/photo_caption", "")
	got := c.Findings()
	want := []string{"开展的活动 2", "图片 1", "图片说明"}
	if len(got) != 1 || !slices.Equal(got[0].Trail, want) {
		t.Errorf("%+v, want one finding at %v", got, want)
	}
}

func TestMaterialsAreLookedUp(t *testing.T) {
	n := builtIn(t)
	e := env
	e.Material = func(id string) (forms.Material, bool) {
		return forms.Material{ID: id, MIME: "image/jpeg"}, id != "photo:2"
	}
	got := found(forms.Check(n, example(t, n), e))
	want := []string{"activity[1]/photos[2]/photo:missing", "activity[1]/videos[1]/video:kind"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestUnknownAnswersAreNamed(t *testing.T) {
	n := builtIn(t)
	a := example(t, n)
	a.Values = map[string]string{"stray": "x", "unit": "x"}
	a.Repeats["activity"][0].Groups = map[string]*forms.Answers{"photos": {}}
	got := found(forms.Check(n, a, env))
	if d := cmp.Diff([]string{"stray:unknown", "unit:unknown", "activity[1]/photos:unknown"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestPlacesThatCannotBeSet(t *testing.T) {
	n := builtIn(t)
	c := forms.NewChecker(n, example(t, n), env)
	for _, p := range []forms.Path{"", "nowhere", "unit", "activity", "activity[9]/place", "unit[1]/unit_name", "summary/photo_count", "a[", "unit/unit_name/x"} {
		if _, err := c.Set(p, "x"); err == nil {
			t.Errorf("Set(%q): no error", p)
		}
	}
	for _, p := range []forms.Path{"", "unit", "activity[1]", "nowhere"} {
		if _, err := c.Insert(p, 0, nil); err == nil {
			t.Errorf("Insert(%q): no error", p)
		}
	}
	for _, p := range []forms.Path{"", "unit", "activity", "activity[3]"} {
		if _, err := c.Remove(p); err == nil {
			t.Errorf("Remove(%q): no error", p)
		}
		if err := c.Move(p, 1); err == nil {
			t.Errorf("Move(%q): no error", p)
		}
	}
}
