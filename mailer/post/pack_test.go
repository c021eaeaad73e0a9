package post

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"baosong/assets"
	"baosong/forms"
	"baosong/forms/draft"
	"baosong/forms/media"
	"baosong/forms/media/sample"
	"baosong/mailer/home"
)

// openReport returns a desk with an open draft that has a unit and two photos.
func openReport(t *testing.T) (*Desk, *forms.Notice, *draft.Draft) {
	t.Helper()
	h, err := home.Open(t.TempDir(), assets.Notices(), func(ctx context.Context, path string) (forms.Material, error) {
		info, err := media.Probe(ctx, path)
		return forms.Material{MIME: info.MIME, Ext: info.Ext, Width: info.Width, Height: info.Height}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"survey.csv": "type,name,label,required\ntext,unit_name,单位名称,yes\nimage,one,照片甲,yes\nimage,two,照片乙,yes\n",
		"notice.csv": "key,value\nid,shili\ntitle,示例通知\nreport_to.email,office@organizer.example\nrole.unit,unit_name\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n, _, err := h.Import(dir)
	if err != nil {
		t.Fatal(err)
	}
	dr, err := h.Drafts.New(n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dr.Close() })
	err = dr.Answers.Set("unit_name", "示例县科协")
	for i, q := range []forms.Path{"one", "two"} {
		path := filepath.Join(dir, string(q)+".jpg")
		f, ferr := os.Create(path)
		err = errors.Join(err, ferr, sample.Photo(f, sample.PhotoOptions{Index: i, Width: 320, Height: 240}), f.Close())
		m, aerr := dr.Attach(t.Context(), path, nil)
		err = errors.Join(err, aerr, dr.Answers.Set(q, m.ID))
	}
	if err != nil {
		t.Fatal(err)
	}
	d, err := New(h, local{}, codes{}, "baosong test")
	if err != nil {
		t.Fatal(err)
	}
	return d, n, dr
}

// An original that vanishes or changes between checking and packing, or during
// packing, is the finding that checking would have made; nothing is packed.
func TestOriginalLostWhilePacking(t *testing.T) {
	for name, tc := range map[string]struct {
		harm func(path string) error
		want forms.Code
	}{
		"vanished": {os.Remove, forms.CodeMissing},
		"another photo": {func(path string) error {
			f, err := os.Create(path)
			return errors.Join(err, sample.Photo(f, sample.PhotoOptions{Index: 9, Width: 320, Height: 240}), f.Close())
		}, forms.CodeChanged},
		"no photo": {func(path string) error { return os.WriteFile(path, []byte("x"), 0o600) }, forms.CodeChanged},
	} {
		t.Run(name, func(t *testing.T) {
			d, n, dr := openReport(t)
			path, err := dr.MaterialPath(dr.Answers.Get("two"))
			if err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(t.TempDir(), "包")
			harm := errors.New("no progress")
			_, err = d.Pack(t.Context(), n, dr, out, Options{}, func(Step, int64, int64) {
				if harm != nil {
					harm = tc.harm(path) // Windows lets nobody remove a file that is being read
				}
			})
			invalid, ok := errors.AsType[*InvalidError](err)
			if harm != nil || !ok {
				t.Fatalf("packed with %v, harm: %v", err, harm)
			}
			if f := invalid.Findings; len(f) != 1 || f[0].Code != tc.want || f[0].Path != "two" || f[0].Detail != "two.jpg" || len(f[0].Trail) != 1 {
				t.Errorf("findings %+v", f)
			}
			if left, err := filepath.Glob(filepath.Join(out, "*")); err != nil || len(left) > 0 {
				t.Errorf("left: %v %v", left, err)
			}
		})
	}
}

// A lost file of a question that is not asked keeps nobody from sending.
func TestOnlyWhatIsSentIsExamined(t *testing.T) {
	d, n, dr := openReport(t)
	extra := filepath.Join(t.TempDir(), "a.jpg")
	f, err := os.Create(extra)
	err = errors.Join(err, sample.Photo(f, sample.PhotoOptions{Index: 5, Width: 320, Height: 240}), f.Close())
	if err != nil {
		t.Fatal(err)
	}
	m, err := dr.Attach(t.Context(), extra, nil)
	if err != nil {
		t.Fatal(err)
	}
	path, err := dr.MaterialPath(m.ID) // no answer holds it any more
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	if found, err := d.Check(t.Context(), n, dr, "zh"); err != nil || len(found) != 0 {
		t.Errorf("findings %+v, %v", found, err)
	}
}
