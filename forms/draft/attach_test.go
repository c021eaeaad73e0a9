package draft

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"baosong/forms"
)

func TestAttachAll(t *testing.T) {
	d := newDraft(t, newStore(t))
	dir := t.TempDir()
	var paths []string
	size := int64(0)
	for i := range 40 {
		path := filepath.Join(dir, fmt.Sprintf("照片 %d.txt", i))
		text := strings.Repeat(fmt.Sprint("示例", i/2), 1000*(40-i)) // the first ones take longest
		if i%2 == 1 {                                              // the same as the one before it
			text = strings.Repeat(fmt.Sprint("示例", i/2), 1000*(41-i))
		}
		must(t, os.WriteFile(path, []byte(text), 0o600))
		size += int64(len(text))
		paths = append(paths, path)
	}
	paths = slices.Insert(paths, 7, filepath.Join(dir, "没有.txt"), dir)
	var got []Attached
	var last AttachProgress
	must(t, d.AttachAll(t.Context(), paths, func(p AttachProgress) {
		if p.Items < last.Items || p.Bytes < last.Bytes {
			t.Errorf("progress went from %+v back to %+v", last, p)
		}
		last = p
	}, func(a Attached) { got = append(got, a) }))
	if info, err := os.Stat(dir); err == nil {
		last.OfBytes -= info.Size()
	}
	if want := (AttachProgress{42, 42, size, size}); last != want {
		t.Errorf("progress ended at %+v, want %+v", last, want)
	}
	for i, a := range got {
		if a.Path != paths[i] {
			t.Fatalf("told of %s before %s", a.Path, paths[i])
		}
		want := map[int]error{7: fs.ErrNotExist, 8: ErrNotRegular}[i]
		if !errors.Is(a.Err, want) || want == nil && a.Material.ID == "" {
			t.Errorf("%s: %v, material %q", filepath.Base(a.Path), a.Err, a.Material.ID)
		}
	}
	if len(got) != len(paths) || got[0].Material.ID != got[1].Material.ID {
		t.Errorf("told of %d files, the first two as %s and %s", len(got), got[0].Material.ID, got[1].Material.ID)
	}
	assertMaterials(t, d, 20)
}

func TestAttachAllIsCancelled(t *testing.T) {
	s := newStore(t)
	s.probe = func(ctx context.Context, path string) (forms.Material, error) {
		if info, err := os.Stat(path); err != nil || info.Size() > 3 {
			<-ctx.Done() // all but the first three take until then
			return forms.Material{}, errors.Join(err, ctx.Err())
		}
		return sniff(ctx, path)
	}
	d := newDraft(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	var paths []string
	for i := range 100 {
		path := filepath.Join(dir, fmt.Sprint(i))
		must(t, os.WriteFile(path, []byte(strings.Repeat("x", i+1)), 0o600))
		paths = append(paths, path)
	}
	var told []forms.Material
	err := d.AttachAll(ctx, paths, nil, func(a Attached) {
		must(t, a.Err)
		told = append(told, a.Material)
		if len(told) == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || len(told) != 3 {
		t.Errorf("cancelled after the third: told of %d, %v", len(told), err)
	}
	assertMaterials(t, d, len(told))
}
