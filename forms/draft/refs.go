package draft

import (
	"maps"
	"slices"

	"baosong/forms"
)

// refs says which answers hold which materials.
type refs struct {
	ids   []string // in the order they are first met
	paths map[string][]forms.Path
}

// references returns the materials that the answers hold. An answer that looks
// like the id of a material is one: people do not type them.
func references(a *forms.Answers) refs {
	r := refs{paths: map[string][]forms.Path{}}
	r.walk(a, "")
	return r
}

func (r *refs) walk(a *forms.Answers, at forms.Path) {
	if a == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(a.Values)) {
		id := a.Values[name]
		if !materialID.MatchString(id) {
			continue
		}
		if r.paths[id] == nil {
			r.ids = append(r.ids, id)
		}
		r.paths[id] = append(r.paths[id], at.Child(name))
	}
	for _, name := range slices.Sorted(maps.Keys(a.Groups)) {
		r.walk(a.Groups[name], at.Child(name))
	}
	for _, name := range slices.Sorted(maps.Keys(a.Repeats)) {
		for i, e := range a.Repeats[name] {
			r.walk(e, at.Child(name).Entry(i+1))
		}
	}
}
