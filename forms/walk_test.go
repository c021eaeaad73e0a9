package forms

import (
	"fmt"
	"slices"
	"testing"
)

func TestPathEntries(t *testing.T) {
	got := Path("g/activity[2]/photos[11]/caption").Entries()
	if want := []Path{"g/activity[2]", "g/activity[2]/photos[11]"}; !slices.Equal(got, want) {
		t.Errorf("entries %v, want %v", got, want)
	}
	if r := got[1].Repeat(); r != "g/activity[2]/photos" {
		t.Errorf("repeat %s", r)
	}
}

func TestWalkGoesInTheOrderOfTheForm(t *testing.T) {
	f := &Form{Questions: []*Question{
		{Name: "z", Type: TypeText},
		{Name: "r", Type: TypeRepeat, Children: []*Question{{Name: "b", Type: TypeText}, {Name: "a", Type: TypeText}}},
		{Name: "g", Type: TypeGroup, Children: []*Question{{Name: "c", Type: TypeText}}},
	}}
	a := &Answers{
		Values:  map[string]string{"z": "1", "stray": "x"},
		Groups:  map[string]*Answers{"g": {Values: map[string]string{"c": "5"}}},
		Repeats: map[string][]*Answers{"r": {{Values: map[string]string{"a": "3", "b": "2"}}, {Values: map[string]string{"a": "4"}}}},
	}
	var got []string
	f.Walk(a, func(_ *Question, p Path, v string) { got = append(got, fmt.Sprint(p, "=", v)) })
	want := []string{"z=1", "r[1]/b=2", "r[1]/a=3", "r[2]/a=4", "g/c=5"}
	if !slices.Equal(got, want) {
		t.Errorf("walked %v, want %v", got, want)
	}
}

func TestMergeKeepsWhatIsNotReplaced(t *testing.T) {
	a := &Answers{
		Groups:  map[string]*Answers{"g": {Values: map[string]string{"keep": "1", "change": "1"}}},
		Repeats: map[string][]*Answers{"r": {{Values: map[string]string{"a": "old"}}, {}}},
	}
	a.Merge(&Answers{
		Values:  map[string]string{"new": "1"},
		Groups:  map[string]*Answers{"g": {Values: map[string]string{"change": "2"}}},
		Repeats: map[string][]*Answers{"r": {{Values: map[string]string{"a": "new"}}}},
	})
	if a.Get("g/keep") != "1" || a.Get("g/change") != "2" || a.Get("new") != "1" || a.Len("r") != 1 || a.Get("r[1]/a") != "new" {
		t.Errorf("merged %+v", a)
	}
}
