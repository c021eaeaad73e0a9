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

func TestRefillKeepsPhotosAndWhatIsBlank(t *testing.T) {
	f := &Form{Questions: []*Question{
		{Name: "g", Type: TypeGroup, Children: []*Question{{Name: "keep", Type: TypeText}, {Name: "change", Type: TypeText}}},
		{Name: "r", Type: TypeRepeat, Children: []*Question{
			{Name: "name", Type: TypeText},
			{Name: "end", Type: TypeDate},
			{Name: "photos", Type: TypeRepeat, Children: []*Question{{Name: "photo", Type: TypeImage}, {Name: "caption", Type: TypeText}}},
		}},
		{Name: "scan", Type: TypeFile},
	}}
	photo := func(id, caption string) *Answers {
		return &Answers{Values: map[string]string{"photo": id, "caption": caption}}
	}
	a := &Answers{
		Values: map[string]string{"scan": "m9"},
		Groups: map[string]*Answers{"g": {Values: map[string]string{"keep": "1", "change": "1"}}},
		Repeats: map[string][]*Answers{"r": {
			{Values: map[string]string{"name": "one", "end": "2024-05-02"}, Repeats: map[string][]*Answers{"photos": {photo("m1", "first"), photo("m2", "second")}}},
			{Values: map[string]string{"name": "two", "end": "2024-05-03"}, Repeats: map[string][]*Answers{"photos": {photo("m3", "third")}}},
		}},
	}
	f.Refill(a, &Answers{
		Groups: map[string]*Answers{"g": {Values: map[string]string{"change": "2"}}},
		Repeats: map[string][]*Answers{"r": {
			{Values: map[string]string{"name": "new"}},
			{Values: map[string]string{"name": "one"}, Repeats: map[string][]*Answers{"photos": {photo("", "second"), photo("", "another")}}},
			{Values: map[string]string{"name": "two"}},
		}},
	})
	for p, want := range map[Path]string{
		"g/keep": "1", "g/change": "2", "scan": "m9", "r[1]/name": "new", "r[1]/end": "", "r[2]/name": "one", "r[2]/end": "",
		"r[2]/photos[1]/photo": "m2", "r[2]/photos[2]/photo": "", "r[3]/photos[1]/photo": "m3", "r[3]/photos[1]/caption": "third",
	} {
		if got := a.Get(p); got != want {
			t.Errorf("%s = %q, want %q", p, got, want)
		}
	}
	if a.Len("r[1]/photos") != 0 {
		t.Error("a new entry has photos of another")
	}
}
