package submit

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"baosong/forms"
)

// BenchmarkMakePlan plans 600 photos and two videos, 2 GB in all.
func BenchmarkMakePlan(b *testing.B) {
	k := newKit(b)
	a := &forms.Answers{}
	in := k.in
	in.Answers = a
	set := func(p forms.Path, v string) {
		if err := a.Set(p, v); err != nil {
			b.Fatal(err)
		}
	}
	set("unit/name", "示例大学")
	for i := range 20 {
		e, err := a.Insert("activity", 0, nil)
		if err != nil {
			b.Fatal(err)
		}
		for j := range 30 {
			p, err := a.Insert(e.Child("photos"), 0, nil)
			if err != nil {
				b.Fatal(err)
			}
			id := fmt.Sprintf("%d-%d", i, j)
			set(p.Child("photo"), id)
			set(p.Child("caption"), "示例现场照片")
			in.Materials[id] = forms.Material{ID: id, Name: id, Size: 5_000_000, SHA256: strings.Repeat("ab", 32), Width: 4000, Height: 3000}
		}
	}
	p, err := a.Insert("activity[1]/videos", 0, nil)
	if err != nil {
		b.Fatal(err)
	}
	set(p.Child("video"), "v")
	in.Materials["v"] = forms.Material{ID: "v", Name: "v.mp4", Ext: ".mp4", Size: 1_000_000_000, SHA256: strings.Repeat("cd", 32)}
	var packages int
	for b.Loop() {
		plan, err := MakePlan(context.Background(), in, Options{})
		if err != nil {
			b.Fatal(err)
		}
		packages = len(plan.Packages)
	}
	b.ReportMetric(float64(packages), "packages")
}
