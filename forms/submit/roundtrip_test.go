package submit

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"baosong/forms"
)

// TestRoundTrip packs random reports, reads the packages in any order, and
// finds the report and every byte of the files again. More of them run with
// -rapid.checks=10000.
func TestRoundTrip(t *testing.T) {
	base := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(base, "")
		if err != nil {
			rt.Fatal(err)
		}
		defer func() {
			if err := os.RemoveAll(dir); err != nil {
				rt.Error(err)
			}
		}()
		k := newKit(t)
		contents := randomReport(rt, k)
		limit := rapid.SampledFrom([]int64{0, 220_000, 300_000}).Draw(rt, "limit")
		r, err := Build(context.Background(), k.in, filepath.Join(dir, "out"), Options{Limit: limit}, nil)
		if err != nil {
			rt.Fatal(err)
		}
		var ps []*Package
		for _, b := range r.Packages {
			p, err := Read(context.Background(), b.Path)
			if err != nil {
				rt.Fatal(err)
			}
			ps = append(ps, p)
		}
		sets := Sort(rapid.Permutation(ps).Draw(rt, "order"))
		if len(sets) != 1 || len(sets[0].Missing) > 0 {
			rt.Fatalf("%d sets, missing %v", len(sets), sets[0].Missing)
		}
		if diff := cmp.Diff(r.Report, sets[0].Report); diff != "" {
			rt.Fatal(diff)
		}
		if diff := cmp.Diff(k.in.Answers, sets[0].Report.Answers); diff != "" {
			rt.Fatal(diff)
		}
		for _, m := range sets[0].Report.Materials {
			var b bytes.Buffer
			if err := sets[0].Copy(context.Background(), m, &b); err != nil || !bytes.Equal(b.Bytes(), contents[m.ID]) {
				rt.Fatalf("%s: %d bytes, %v", m.File, b.Len(), err)
			}
		}
	})
}

// randomReport fills in k, and returns the content of its materials by id.
func randomReport(rt *rapid.T, k *kit) map[string][]byte {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "=1+1", "../..", "CON", "示例\n第二行", "%25", "a/b\\c", "é", "e\u0301"}))
	contents := map[string][]byte{}
	add := func(p forms.Path, label string) {
		content := rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(rt, label)
		if rapid.IntRange(0, 9).Draw(rt, label+" large") == 0 {
			content = bytes.Repeat(content, 2000)
		}
		k.material(p, text.Draw(rt, label+" name"), append([]byte("RIFF"), content...))
		contents[k.in.Answers.Get(p)] = append([]byte("RIFF"), content...)
	}
	k.set("unit/name", text.Draw(rt, "unit"))
	for range rapid.IntRange(0, 3).Draw(rt, "activities") {
		a := k.insert("activity")
		k.set(a.Child("title"), text.Draw(rt, "title"))
		for range rapid.IntRange(0, 3).Draw(rt, "videos") {
			v := k.insert(a.Child("videos"))
			add(v.Child("video"), "video")
			k.set(v.Child("caption"), text.Draw(rt, "caption"))
		}
	}
	if rapid.Bool().Draw(rt, "with a scan") {
		add("files/scan", "scan")
	}
	return contents
}
