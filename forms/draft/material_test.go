package draft

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"baosong/forms"
)

func TestSameContentIsStoredOnce(t *testing.T) {
	s := newStore(t)
	d := newDraft(t, s)
	a, err := d.Attach(t.Context(), write(t, "甲.txt", "示例"), nil)
	must(t, err)
	b, err := d.Attach(t.Context(), write(t, "乙.txt", "示例"), nil)
	must(t, err)
	c, err := d.Attach(t.Context(), write(t, "甲.txt", "示例2"), nil)
	must(t, err)
	if a != b || a.Name != "甲.txt" || c.ID == a.ID {
		t.Errorf("materials: %+v %+v %+v", a, b, c)
	}
	if sum := sha256.Sum256([]byte("示例")); a.SHA256 != hex.EncodeToString(sum[:]) || a.CRC32 != crc32.ChecksumIEEE([]byte("示例")) {
		t.Errorf("digests: %+v", a)
	}
	assertMaterials(t, d, 2)
}

func assertMaterials(t *testing.T, d *Draft, want int) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(d.dir, materialsDir))
	must(t, err)
	if len(entries) != want || len(d.Materials()) != want {
		t.Errorf("%d files, %d materials, want %d", len(entries), len(d.Materials()), want)
	}
}

func TestAttachRefuses(t *testing.T) {
	s := newStore(t)
	d := newDraft(t, s)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tc := range map[string]struct {
		ctx  context.Context
		path string
		want error
	}{
		"missing":   {t.Context(), filepath.Join(t.TempDir(), "none.jpg"), fs.ErrNotExist},
		"folder":    {t.Context(), t.TempDir(), ErrNotRegular},
		"cancelled": {cancelled, write(t, "a.txt", "a"), context.Canceled},
	} {
		if _, err := d.Attach(tc.ctx, tc.path, nil); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	bad := errors.New("示例: unknown kind")
	s.probe = func(context.Context, string) (forms.Material, error) { return forms.Material{}, bad }
	if _, err := d.Attach(t.Context(), write(t, "a.txt", "a"), nil); !errors.Is(err, bad) {
		t.Errorf("a kind the prober refuses: %v", err)
	}
	assertMaterials(t, d, 0)
}

func TestProberDecidesNoPath(t *testing.T) {
	s := newStore(t)
	s.probe = func(context.Context, string) (forms.Material, error) {
		return forms.Material{ID: "../x", Ext: "/../../y"}, nil
	}
	d := newDraft(t, s)
	m, err := d.Attach(t.Context(), write(t, "a.txt", "a"), nil)
	must(t, err)
	if m.Ext != "" || !strings.HasPrefix(m.ID, "m-") {
		t.Errorf("material %+v", m)
	}
	assertMaterials(t, d, 1)
}

func TestAttachTellsProgress(t *testing.T) {
	s := newStore(t)
	d := newDraft(t, s)
	var last, total int64
	_, err := d.Attach(t.Context(), write(t, "a.txt", strings.Repeat("x", 1<<20)), func(n, of int64) {
		if n < last {
			t.Errorf("progress went from %d back to %d", last, n)
		}
		last, total = n, of
	})
	must(t, err)
	if last != 1<<20 || total != 1<<20 {
		t.Errorf("progress ended at %d of %d", last, total)
	}
}

func TestVerifyFindsWhatVanishedOrChanged(t *testing.T) {
	s := newStore(t)
	d := newDraft(t, s)
	harm := map[string]struct {
		do   func(path string) error
		want forms.Code
	}{
		"whole":   {func(string) error { return nil }, ""},
		"gone":    {os.Remove, forms.CodeMissing},
		"longer":  {func(p string) error { return os.WriteFile(p, []byte("示例示例示例示例"), 0o600) }, forms.CodeChanged},
		"altered": {func(p string) error { return os.WriteFile(p, []byte("xltered"), 0o600) }, forms.CodeChanged},
	}
	var want []forms.Finding
	for _, name := range []string{"altered", "gone", "longer", "whole"} {
		m, err := d.Attach(t.Context(), write(t, name+".txt", name), nil)
		must(t, err)
		p, err := d.Answers.Insert("photos", 0, nil)
		must(t, err)
		must(t, d.Answers.Set(p.Child("file"), m.ID))
		path, err := d.MaterialPath(m.ID)
		must(t, err)
		must(t, harm[name].do(path))
		if code := harm[name].want; code != "" {
			want = append(want, forms.Finding{Path: p.Child("file"), Severity: forms.SeverityError, Code: code, Detail: name + ".txt"})
		}
	}
	must(t, d.Answers.Set("stray", "m-"+strings.Repeat("0", 32)))
	want = append([]forms.Finding{{Path: "stray", Severity: forms.SeverityError, Code: forms.CodeMissing}}, want...)
	got, err := d.Verify(t.Context(), d.Answers.Clone(), nil)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	// Attaching it again makes it good.
	_, err = d.Attach(t.Context(), write(t, "gone.txt", "gone"), nil)
	must(t, err)
	if got, err = d.Verify(t.Context(), d.Answers.Clone(), nil); err != nil || len(got) != 3 {
		t.Errorf("after attaching one again: %v, %v", got, err)
	}
}

func TestUnknownMaterial(t *testing.T) {
	d := newDraft(t, newStore(t))
	if _, err := d.OpenMaterial("../draft.json"); !errors.Is(err, ErrNoMaterial) {
		t.Errorf("OpenMaterial: %v", err)
	}
	if err := d.Crop("m-x", forms.Frame{Left: 0.5, Right: 0.5, Bottom: 1}); !errors.Is(err, ErrFrame) {
		t.Errorf("Crop to nothing: %v", err)
	}
	if err := d.Turn("m-x", 1); !errors.Is(err, ErrNoMaterial) {
		t.Errorf("Turn: %v", err)
	}
}
