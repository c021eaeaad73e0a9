package xlsform_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"baosong/forms"
	"baosong/forms/xlsform"
)

func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "40")
	flag.Parse()
	_ = flag.Set("rapid.nofailfile", "true")
	os.Exit(m.Run())
}

// words are texts of every awkward kind that a cell may hold.
var words = []string{"示例", "a b", `"quoted", 'text'`, "两行\n文字", "=1+1", "007", "1e5", "2024-05-30", "TRUE", "<b>&amp;</b>", "x::y", "#N/A", "👍", "@x", "-1", "_x000D_"}

func drawText(t *rapid.T, label string, tags []string) forms.Text {
	out := forms.Text{}
	for _, tag := range tags {
		if s := rapid.SampledFrom(append([]string{""}, words...)).Draw(t, label+tag); s != "" {
			out[tag] = s
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// drawQuestions makes questions with names nobody has yet, nested at most
// three deep. Expressions name only what comes before.
func drawQuestions(t *rapid.T, depth int, count *int, tags []string) []*forms.Question {
	var out []*forms.Question
	types := []forms.Type{
		forms.TypeText, forms.TypeInteger, forms.TypeDecimal, forms.TypeDate, forms.TypeTime, forms.TypeDateTime, forms.TypeNote, forms.TypeSelectOne,
		forms.TypeSelectMultiple, forms.TypeImage, forms.TypeFile, forms.TypeCalculate, forms.TypeAcknowledge, forms.TypeHidden, forms.TypeGroup, forms.TypeRepeat,
	}
	if depth >= 3 {
		types = types[:14]
	}
	for range rapid.IntRange(1, 4).Draw(t, "questions") {
		*count++
		q := &forms.Question{Name: fmt.Sprintf("q%d", *count), Type: rapid.SampledFrom(types).Draw(t, "type"), Label: drawText(t, "label", tags), Hint: drawText(t, "hint", tags)}
		pick := func(label string, from ...string) string {
			return rapid.SampledFrom(append([]string{""}, from...)).Draw(t, label)
		}
		q.Relevant = pick("relevant", "1 = 1", "true() or false()")
		q.Required = pick("required", "yes", "no", "string-length(.) = 0")
		q.Constraint, q.Warning = pick("constraint", ". != 'x'"), pick("warning", "regex(., '.*')")
		q.ConstraintMsg, q.WarningMsg, q.RequiredMessage = drawText(t, "cm", tags), drawText(t, "wm", tags), drawText(t, "rm", tags)
		q.Appearance, q.ReadOnly, q.Parameters = pick("appearance", "multiline", "w1 gallery"), pick("read_only", "yes"), pick("parameters", "max-pixels=640")
		if extra := pick("extra", words...); extra != "" {
			q.Extra = []forms.KeyValue{{Key: "my column", Value: extra}}
		}
		switch q.Type {
		case forms.TypeSelectOne, forms.TypeSelectMultiple:
			q.List, q.OrOther = "l", rapid.Bool().Draw(t, "or_other")
			q.ChoiceFilter = pick("filter", "k = 'a'", "name != ''")
		case forms.TypeCalculate:
			q.Calculation = pick("calculation", "1 + 1", "concat('a', today())")
		case forms.TypeText:
			q.Default = pick("default", append([]string{"today()"}, words...)...)
		case forms.TypeRepeat:
			q.RepeatCount = pick("repeat_count", "3", "1 + 1")
			q.Children = drawQuestions(t, depth+1, count, tags)
		case forms.TypeGroup:
			q.Children = drawQuestions(t, depth+1, count, tags)
		}
		out = append(out, q)
	}
	return out
}

// TestAnyNoticeSurvives writes notices made at random and reads them again.
func TestAnyNoticeSurvives(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tags := rapid.SampledFrom([][]string{{""}, {"zh"}, {"zh", "en"}, {"", "en"}}).Draw(rt, "languages")
		count, zone := 0, time.FixedZone("+08:00", 8*3600)
		word := func(label string) string { return rapid.SampledFrom(words).Draw(rt, label) }
		n := &forms.Notice{
			ID: "a-1", Title: word("title"), ShortTitle: word("short"), Issuers: []string{word("issuer"), word("issuer2")},
			Asks: []string{word("asks")}, Theme: word("theme"), Deadline: time.Date(2024, 6, 10, 18, 0, 0, 0, zone), From: time.Date(2024, 5, 1, 0, 0, 0, 0, zone),
			ReportTo: forms.Contact{Email: "a@b.example", Person: word("person")}, Contacts: []forms.Contact{{Phone: word("phone")}},
			Extra:  []forms.KeyValue{{Key: "odd", Value: word("odd")}},
			Roster: forms.Roster{{Name: "示例单位", Email: "u@b.example", Example: true, Extra: []forms.KeyValue{{Key: "电话", Value: word("call")}}}},
			Form: &forms.Form{
				ID: "f", Version: word("version"), Title: drawText(rt, "form title", tags), LanguageNames: map[string]string{}, Lists: []string{"l"},
				Choices: map[string][]forms.Choice{"l": {
					{Name: "a", Label: drawText(rt, "choice", tags), Filters: []forms.KeyValue{{Key: "k", Value: word("k")}}}, {Name: "b", Label: drawText(rt, "choice b", tags)},
				}},
				Settings:  []forms.KeyValue{{Key: "style", Value: word("style")}},
				Questions: drawQuestions(rt, 0, &count, tags), Year: 2024,
			},
		}
		want := languagesOf(n)
		if err := n.Form.Compile(); err != nil {
			rt.Fatal(err)
		}
		var b bytes.Buffer
		must(t, xlsform.Write(&b, n))
		got, _, err := readBytes(t, "a.xlsx", b.Bytes())
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(want, got, sameNotice); d != "" {
			rt.Fatalf("through a workbook (-want +got):\n%s", d)
		}
		folder, _, err := xlsform.Read(csvOf(t, b.Bytes()), ".")
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(want, folder, sameNotice); d != "" {
			rt.Fatalf("through CSV (-want +got):\n%s", d)
		}
	})
}

// languagesOf notes in a form the languages that its texts are in.
func languagesOf(n *forms.Notice) *forms.Notice {
	seen := map[string]bool{}
	note := func(texts ...forms.Text) {
		for _, t := range texts {
			for tag := range t {
				seen[tag] = true
			}
		}
	}
	var walk func([]*forms.Question)
	walk = func(qs []*forms.Question) {
		for _, q := range qs {
			note(q.Label, q.Hint, q.RequiredMessage, q.ConstraintMsg, q.WarningMsg)
			walk(q.Children)
		}
	}
	walk(n.Form.Questions)
	note(n.Form.Title, n.Form.Choices["l"][0].Label, n.Form.Choices["l"][1].Label)
	for _, tag := range []string{"zh", "en"} {
		if seen[tag] {
			n.Form.Languages = append(n.Form.Languages, tag)
			n.Form.LanguageNames[tag] = tag
		}
	}
	if len(n.Form.Languages) > 0 {
		n.Form.Default = n.Form.Languages[0]
	}
	return n
}
