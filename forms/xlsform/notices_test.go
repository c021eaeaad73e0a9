package xlsform_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"baosong/forms"
	"baosong/forms/xlsform"
)

var env = forms.Env{
	Now:  func() time.Time { return time.Date(2025, 6, 1, 9, 0, 0, 0, time.FixedZone("", 8*3600)) },
	Lang: "zh",
}

// shapes are the notices kept as workbooks, saved by LibreOffice, with what
// their calculations come to for the sample answers.
var shapes = map[string]map[forms.Path]string{
	"science-day": { // repeats in repeats in repeats
		"event[1]/event_visitors": "145", "event[1]/event_experts": "3", "event[1]/session[1]/session_minutes": "75",
		"event[1]/session[2]/session_no": "1-2", "event[2]/session[1]/session_no": "2-1",
		"total/all_visitors": "187", "total/all_experts": "3", "total/large_events": "1",
		"total/places": "示例科技馆二楼、示例科技馆二楼、示例第一小学",
	},
	"training": { // choices that depend on others
		"choice/venue_name": "南市会议中心", "trainee[1]/age": "35", "trainee[2]/age": "39", "confirm/rooms_needed": "1",
		"confirm/oldest": "39", "filled_on": "2025-06-01",
	},
	"statistics": { // tables and sums
		"quarter[2]/quarter_name": "第二季度", "quarter[2]/visits": "580", "quarter[1]/per_event": "70", "quarter[4]/spent_share": "15.1",
		"sums/all_visits": "1660", "sums/all_spent": "113.75", "sums/best": "第二季度", "sums/per_thousand": "66.4", "sums/growth": "66",
	},
}

func shape(t testing.TB, name string) *forms.Notice {
	t.Helper()
	n, problems, err := xlsform.ReadFile(filepath.Join("testdata", name+".xlsx"))
	if err != nil || len(problems) > 0 {
		t.Fatalf("%s: %v %v", name, err, problems)
	}
	return n
}

func TestNoticesOfOtherShapes(t *testing.T) {
	for name, values := range shapes {
		t.Run(name, func(t *testing.T) {
			n := shape(t, name)
			direct := forms.NewChecker(n, example(t, n), env)
			if fs := direct.Findings(); len(fs) > 0 {
				t.Errorf("the sample answers: %+v", fs)
			}
			for p, want := range values {
				if got := direct.Answers().Get(p); got != want {
					t.Errorf("%s = %q, want %q", p, got, want)
				}
			}

			x := template(t, n)
			enter(t, x, n, example(t, n))
			a, _ := fill(t, n, x)
			filled := forms.NewChecker(n, a, env)
			want, got := withoutFiles(n, direct.Relevant()), filled.Relevant()
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("typed in (-), by way of the template (+):\n%s", d)
			}
		})
	}
}

// withoutFiles takes the media answers out, which a workbook only names.
func withoutFiles(n *forms.Notice, a *forms.Answers) *forms.Answers {
	n.Form.Walk(a.Clone(), func(q *forms.Question, p forms.Path, _ string) {
		if q.Type.Media() {
			_ = a.Set(p, "")
		}
	})
	return a
}

func TestNoticesOfOtherShapesAreWrittenWithoutLoss(t *testing.T) {
	for name := range shapes {
		want := shape(t, name)
		var b bytes.Buffer
		must(t, xlsform.Write(&b, want))
		got, _, err := readBytes(t, "again.xlsx", b.Bytes())
		must(t, err)
		if d := cmp.Diff(want, got, sameNotice); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestTrainingChoicesFollowTheCity(t *testing.T) {
	n := shape(t, "training")
	c := forms.NewChecker(n, example(t, n), env)
	_, err := c.Set("choice/city", "north")
	must(t, err)
	var codes []string
	for _, f := range c.Findings() {
		codes = append(codes, string(f.Path)+":"+string(f.Code))
	}
	if !slices.Equal(codes, []string{"choice/venue:choice"}) {
		t.Errorf("a venue of another city: %v", codes)
	}
	_, err = c.Set("choice/seats", "3")
	must(t, err)
	if c.Answers().Len("trainee") != 3 || c.State("trainee[3]/needs_room").Value != "no" {
		t.Errorf("three seats: %d trainees, the third %+v", c.Answers().Len("trainee"), c.State("trainee[3]/needs_room"))
	}
	_, err = c.Set("choice/courses", "writing show safety")
	must(t, err)
	if got := c.State("choice/courses").Findings; len(got) != 1 || got[0].Message != "最多选两门课程。" {
		t.Errorf("three courses: %+v", got)
	}
}
