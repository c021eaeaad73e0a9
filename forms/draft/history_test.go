package draft

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"baosong/forms"
)

func TestUndoAcrossRestarts(t *testing.T) {
	s := newStore(t)
	d := newDraft(t, s)
	for _, v := range []string{"一", "二", "三"} {
		must(t, d.Answers.Set("unit/name", v))
		must(t, d.Save())
	}
	must(t, d.Close())

	d = load(t, s, d.ID)
	must(t, d.Answers.Set("unit/name", "四")) // not saved: undone all the same
	for _, want := range []string{"三", "二", "一"} {
		expectStep(t, d, d.Undo, want)
	}
	must(t, d.Save())
	must(t, d.Close())

	d = load(t, s, d.ID)
	expectStep(t, d, d.Redo, "二")
	expectStep(t, d, d.Undo, "一")
	expectStep(t, d, d.Undo, "")
	if ok, err := d.Undo(); ok || err != nil {
		t.Errorf("Undo before the first change: %v, %v", ok, err)
	}
	expectStep(t, d, d.Redo, "一")
	must(t, d.Answers.Set("unit/name", "五"))
	if ok, err := d.Redo(); ok || err != nil {
		t.Errorf("Redo after another change: %v, %v", ok, err)
	}
	expectStep(t, d, d.Undo, "一")
	expectStep(t, d, d.Redo, "五")
}

func expectStep(t *testing.T, d *Draft, step func() (bool, error), want string) {
	t.Helper()
	ok, err := step()
	if !ok || err != nil || d.Answers.Get("unit/name") != want {
		t.Fatalf("step: %v, %v, answer %q, want %q", ok, err, d.Answers.Get("unit/name"), want)
	}
}

// A snapshot that the Autosaver took before Undo must not bring back what was
// undone when it is written after it.
func TestUndoWhileSaving(t *testing.T) {
	s := newStore(t)
	d := newDraft(t, s)
	must(t, d.Answers.Set("unit/name", "一"))
	must(t, d.Save())
	must(t, d.Answers.Set("unit/name", "二"))
	late := d.Snapshot()
	expectStep(t, d, d.Undo, "一")
	must(t, d.Write(late))
	v, err := readVersion(d.dir, d.ID, 0)
	if err != nil || v.Answers.Get("unit/name") != "一" {
		t.Errorf("on disk %q, %v; want what is on screen", v.Answers.Get("unit/name"), err)
	}
	expectStep(t, d, d.Redo, "二")
}

func TestHistoryIsBounded(t *testing.T) {
	var h history
	for n := range 3 * maxSteps {
		h.record([]byte("step " + strconv.Itoa(n)))
	}
	if len(h.Steps) != maxSteps || h.Next != maxSteps {
		t.Errorf("%d steps, next %d", len(h.Steps), h.Next)
	}
	for n := range 20 {
		h.record([]byte(strings.Repeat(strconv.Itoa(n%10), maxStepBytes/10)))
	}
	size := 0
	for _, s := range h.Steps {
		size += len(s.Old) + len(s.New)
	}
	if size > maxStepBytes || len(h.Steps) < 3 {
		t.Errorf("%d steps of %d bytes", len(h.Steps), size)
	}
	for h.back() {
	}
	for h.forth() {
	}
	if h.Next != len(h.Steps) || h.now[0] != '9' {
		t.Errorf("back and forth ends at step %d, %.9s", h.Next, h.now)
	}
}

func TestHistoryThatDoesNotFitIsLeft(t *testing.T) {
	for _, h := range []history{
		{Steps: []step{{At: 99, Old: "a", New: "b"}}, Next: 1},
		{Steps: []step{{At: -1, Old: "a", New: "b"}}, Next: 1},
		{Steps: []step{{At: 0, Old: "a", New: "zz"}}, Next: 1},
		{Steps: []step{{}}, Next: 7},
		{Steps: []step{{}}, Next: -7},
	} {
		h.now = []byte("{}")
		h.sane()
		if h.back() {
			t.Errorf("%+v was undone", h)
		}
	}
}

// Any sequence of changes can be undone to any point and made again.
func TestHistoryProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a forms.Answers
		var h history
		var states []string
		for range rapid.IntRange(1, 20).Draw(t, "changes") {
			change(t, &a)
			b, err := encodeAnswers(&a)
			if err != nil {
				t.Fatal(err)
			}
			if h.record(b) {
				states = append(states, string(b))
			}
		}
		for n := len(states) - 2; n >= 0; n-- {
			if !h.back() || string(h.now) != states[n] {
				t.Fatalf("undone to %s, want %s", h.now, states[n])
			}
		}
		for n := 1; n < len(states); n++ {
			if !h.forth() || string(h.now) != states[n] {
				t.Fatalf("made again: %s, want %s", h.now, states[n])
			}
		}
	})
}

// change sets, clears, inserts or removes something anywhere in a.
func change(t *rapid.T, a *forms.Answers) {
	text := rapid.SampledFrom([]string{"", "示", "示例", "丁", "一\n二", `"\<&>`, "\xe4\xb8", "é"})
	path := rapid.SampledFrom([]forms.Path{"a", "g/b", "r[1]/c", "r[2]/s[1]/d"}).Draw(t, "path")
	if a.Set(path, text.Draw(t, "text")) == nil {
		return
	}
	repeat := rapid.SampledFrom([]forms.Path{"r", "r[1]/s", "r[2]/s"}).Draw(t, "repeat")
	if n := a.Len(repeat); n > 2 {
		if _, err := a.Remove(repeat.Entry(1)); err != nil {
			t.Fatal(err)
		}
		return
	}
	if _, err := a.Insert(repeat, 0, nil); err != nil && !errors.Is(err, forms.ErrNoAnswer) {
		t.Fatal(err)
	}
}

func TestDifference(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want step
	}{
		{"", "", step{}},
		{"示例", "示例", step{At: 6}},
		{"丁", "丂", step{Old: "丁", New: "丂"}}, // the same first bytes
		{"aa", "aaa", step{At: 2, New: "a"}},
		{"甲乙丙", "甲丙", step{At: 3, Old: "乙"}},
		{"一", "丁一", step{New: "丁"}},
	} {
		if diff := cmp.Diff(tc.want, difference([]byte(tc.a), []byte(tc.b))); diff != "" {
			t.Errorf("%q to %q (-want +got):\n%s", tc.a, tc.b, diff)
		}
	}
}
