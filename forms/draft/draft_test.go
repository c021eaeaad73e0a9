package draft

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"baosong/forms"
)

func notice() *forms.Notice {
	return &forms.Notice{
		ID: "shili-2024", Title: "示例通知", Roles: forms.Roles{Unit: "unit_name"},
		Form: &forms.Form{Version: "7"},
	}
}

// sniff is a Prober that looks at the content.
func sniff(_ context.Context, path string) (forms.Material, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return forms.Material{}, err
	}
	m := forms.Material{MIME: http.DetectContentType(b), Ext: ".bin"}
	if strings.HasPrefix(m.MIME, "text/plain") {
		m.Ext = ".txt"
	}
	return m, nil
}

func newStore(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "草稿"), sniff)
	must(t, err)
	return s
}

func newDraft(t *testing.T, s *Store) *Draft {
	t.Helper()
	d, err := s.New(notice())
	must(t, err)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func load(t *testing.T, s *Store, id string) *Draft {
	t.Helper()
	d, err := s.Load(id)
	must(t, err)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestDraftKeepsWhatWasSaved(t *testing.T) {
	s := newStore(t)
	d := newDraft(t, s)
	must(t, d.Answers.Set("unit/unit_name", "示例县科协"))
	m, err := d.Attach(t.Context(), write(t, "合影 （一）.txt", "示例内容"), nil)
	must(t, err)
	p, err := d.Answers.Insert("activity", 0, nil)
	must(t, err)
	must(t, d.Answers.Set(p.Child("photo"), m.ID))
	must(t, d.Turn(m.ID, -1))
	must(t, d.Crop(m.ID, forms.Frame{Left: 0.25, Right: 1, Bottom: 0.5}))
	must(t, d.SendOriginal(m.ID, true))
	must(t, d.Save())
	must(t, d.Close())

	back := load(t, s, d.ID)
	if diff := cmp.Diff(d.Answers, back.Answers); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	want := m
	want.Turn, want.Frame, want.Original = 3, forms.Frame{Left: 0.25, Right: 1, Bottom: 0.5}, true
	if got := back.Materials()[m.ID]; got != want || got.Name != "合影 （一）.txt" || got.Size != 12 {
		t.Errorf("material = %+v, want %+v", got, want)
	}
	if back.NoticeID != "shili-2024" || back.FormVersion != "7" || back.NoticeTitle != "示例通知" {
		t.Errorf("notice %q %q version %q", back.NoticeID, back.NoticeTitle, back.FormVersion)
	}
	if back.Recovery.Interrupted || back.Recovery.Broken != nil {
		t.Errorf("recovery of a draft that was closed: %+v", back.Recovery)
	}
	f, err := back.OpenMaterial(m.ID)
	must(t, err)
	b := make([]byte, 100)
	n, _ := f.Read(b)
	must(t, f.Close())
	if string(b[:n]) != "示例内容" {
		t.Errorf("content of the material = %q", b[:n])
	}
	list, err := s.List()
	must(t, err)
	if len(list) != 1 || list[0].Title != "示例县科协" || list[0].State != Working || list[0].Held == nil || !list[0].Held.Here() {
		t.Errorf("list = %+v", list)
	}
}

func TestDraftOpenElsewhere(t *testing.T) {
	s := newStore(t)
	d := newDraft(t, s)
	other, err := Open(s.root, nil) // another window, or program
	must(t, err)
	_, err = other.Load(d.ID)
	le, ok := errors.AsType[*LockedError](err)
	if !ok || le.Holder.PID != os.Getpid() || !le.Holder.Here() || le.Holder.Since.IsZero() {
		t.Fatalf("Load of an open draft: %v", err)
	}
	for verb, do := range map[string]func(string) error{"archive": other.Archive, "delete": other.Delete} {
		if _, ok := errors.AsType[*LockedError](do(d.ID)); !ok {
			t.Errorf("%s of an open draft was not refused", verb)
		}
	}
	must(t, d.Close())
	if err := d.Save(); !errors.Is(err, ErrClosed) {
		t.Errorf("Save after Close: %v", err)
	}
	load(t, other, d.ID)
}

func TestIDsLeadNowhere(t *testing.T) {
	s := newStore(t)
	for _, id := range []string{"", "..", "../x", "d-", "d-aaaaaaa1", "bin", "locks", "d-aaaaaaaa/..", "D-AAAAAAAA"} {
		if _, err := s.Load(id); !errors.Is(err, ErrNoDraft) {
			t.Errorf("Load(%q): %v", id, err)
		}
		if err := s.Delete(id); !errors.Is(err, ErrNoDraft) {
			t.Errorf("Delete(%q): %v", id, err)
		}
	}
	if _, err := s.Load("d-aaaaaaaa"); !errors.Is(err, ErrNoDraft) {
		t.Errorf("Load of a draft that is not there: %v", err)
	}
}

func TestDeleteArchiveRestore(t *testing.T) {
	s := newStore(t)
	d := newDraft(t, s)
	must(t, d.Answers.Set("unit_name", "示例学会"))
	must(t, d.Save())
	must(t, d.Close())
	for _, step := range []struct {
		do   func(string) error
		want Place
	}{{s.Archive, Archived}, {s.Delete, Bin}, {s.Restore, Live}, {s.Delete, Bin}, {s.Restore, Live}} {
		must(t, step.do(d.ID))
		list, err := s.List(Live, Archived, Bin)
		must(t, err)
		if len(list) != 1 || list[0].Place != step.want || list[0].Title != "示例学会" {
			t.Fatalf("list = %+v, want the draft in %q", list, step.want)
		}
		if step.want == Live {
			continue
		}
		if _, err := s.Load(d.ID); !errors.Is(err, ErrNoDraft) {
			t.Errorf("Load of a draft in %q: %v", step.want, err)
		}
	}
	if got := load(t, s, d.ID).Answers.Get("unit_name"); got != "示例学会" {
		t.Errorf("answer after restoring = %q", got)
	}
}

func TestDuplicateStandsAlone(t *testing.T) {
	s := newStore(t)
	d := newDraft(t, s)
	m, err := d.Attach(t.Context(), write(t, "a.txt", "示例"), nil)
	must(t, err)
	must(t, d.Answers.Set("photo", m.ID))
	must(t, d.Freeze(forms.SubmissionRef{ID: "s-1", Revision: 1}, Packing{}))
	id, err := s.Duplicate(d.ID)
	must(t, err)
	must(t, d.Close())
	must(t, s.Delete(d.ID))
	c := load(t, s, id)
	if c.State() != Working || c.Submission() != (forms.SubmissionRef{}) {
		t.Errorf("the duplicate is %s of %v", c.State(), c.Submission())
	}
	fs, err := c.Verify(t.Context(), c.Answers, nil)
	if err != nil || len(fs) != 0 || len(c.Materials()) != 1 {
		t.Errorf("materials of the duplicate: %v %v %v", c.Materials(), fs, err)
	}
}

func TestSubmittedDraftIsFrozenAndCorrected(t *testing.T) {
	s := newStore(t)
	d := newDraft(t, s)
	must(t, d.Answers.Set("unit_name", "示例区科协"))
	m, err := d.Attach(t.Context(), write(t, "a.txt", "示例"), nil)
	must(t, err)
	must(t, d.Answers.Set("photo", m.ID))
	if _, err := s.Correct(d.ID); !errors.Is(err, ErrNotFrozen) {
		t.Errorf("Correct before submission: %v", err)
	}
	one := forms.SubmissionRef{ID: "s-1", Revision: 1}
	must(t, d.Freeze(one, Packing{}))
	must(t, d.Freeze(one, Packing{}))
	must(t, d.Save())
	if err := d.Freeze(forms.SubmissionRef{ID: "s-2", Revision: 1}, Packing{}); !errors.Is(err, ErrFrozen) {
		t.Errorf("submitted again as another: %v", err)
	}
	must(t, d.Answers.Set("unit_name", "改动"))
	if err := d.Save(); !errors.Is(err, ErrFrozen) {
		t.Errorf("Save of a changed frozen draft: %v", err)
	}
	if _, err := d.Attach(t.Context(), write(t, "b.txt", "b"), nil); !errors.Is(err, ErrFrozen) {
		t.Errorf("Attach to a frozen draft: %v", err)
	}
	if _, err := d.Undo(); !errors.Is(err, ErrFrozen) {
		t.Errorf("Undo in a frozen draft: %v", err)
	}
	must(t, d.Close())

	id, err := s.Correct(d.ID)
	must(t, err)
	if _, err := s.Correct(d.ID); err == nil {
		t.Error("a second correction of the same revision was started")
	} else if ce, ok := errors.AsType[*CorrectedError](err); !ok || ce.ID != id || ce.Submitted {
		t.Errorf("second correction: %v", err)
	}
	c := load(t, s, id)
	two := forms.SubmissionRef{ID: "s-1", Revision: 2}
	if c.Submission() != two || c.State() != Working || c.Answers.Get("unit_name") != "示例区科协" {
		t.Fatalf("correction: %v %s %q", c.Submission(), c.State(), c.Answers.Get("unit_name"))
	}
	if fs, err := c.Verify(t.Context(), c.Answers, nil); err != nil || len(fs) != 0 {
		t.Errorf("materials of the correction: %v %v", fs, err)
	}
	if err := c.Freeze(one, Packing{}); err == nil {
		t.Error("the correction was submitted as the revision it corrects")
	}
	must(t, c.Answers.Set("unit_name", "示例区科协（更正）"))
	must(t, c.Freeze(two, Packing{}))
	if got := load(t, s, d.ID); got.Answers.Get("unit_name") != "示例区科协" || got.State() != Submitted {
		t.Errorf("the first revision changed: %q", got.Answers.Get("unit_name"))
	}
}
