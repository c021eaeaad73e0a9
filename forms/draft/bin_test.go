package draft

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"baosong/forms"
)

func TestBinIsEmptiedByHandAlone(t *testing.T) {
	s := newStore(t)
	var ids []string
	for range 3 {
		d := newDraft(t, s)
		m, err := d.Attach(t.Context(), write(t, "a.txt", "示例"), nil)
		must(t, err)
		must(t, d.Answers.Set("photo", m.ID))
		must(t, d.Save())
		must(t, d.Close())
		ids = append(ids, d.ID)
	}
	if err := s.Purge(ids[0]); !errors.Is(err, ErrNoDraft) {
		t.Errorf("Purge of a draft that is not in the bin: %v", err)
	}
	before := time.Now().Add(-time.Second)
	must(t, s.Delete(ids[0]))
	must(t, s.Delete(ids[1]))
	for _, id := range ids[:2] { // a year in the bin changes nothing
		long := time.Now().AddDate(-1, 0, 0)
		must(t, os.Chtimes(s.dir(Bin, id), long, long))
	}
	must(t, s.Restore(ids[0]))
	must(t, s.Delete(ids[0]))
	s, err := Open(s.root, sniff)
	must(t, err)
	list, err := s.List(Bin)
	must(t, err)
	if len(list) != 2 || list[0].Size != int64(len("示例")) {
		t.Fatalf("in the bin: %+v", list)
	}
	for _, i := range list {
		if recent := i.Deleted.After(before); recent != (i.ID == ids[0]) {
			t.Errorf("%s was deleted at %v", i.ID, i.Deleted)
		}
	}
	must(t, s.Purge(ids[0]))
	if err := s.Restore(ids[0]); !errors.Is(err, ErrNoDraft) {
		t.Errorf("Restore of a purged draft: %v", err)
	}
	if n, err := s.EmptyBin(); n != 1 || err != nil {
		t.Errorf("EmptyBin: %d, %v", n, err)
	}
	assertFiles(t, filepath.Join(s.root, "*", "*"), filepath.Join(s.root, ids[2], "*"), filepath.Join(s.root, locksDir, "*.lock"))
	load(t, s, ids[2])
}

// assertFiles checks that what matches all also matches one of the others.
func assertFiles(t *testing.T, all string, others ...string) {
	t.Helper()
	names, err := filepath.Glob(all)
	must(t, err)
	for _, name := range names {
		ok := false
		for _, o := range others {
			match, err := filepath.Match(o, name)
			must(t, err)
			ok = ok || match
		}
		if !ok {
			t.Errorf("left behind: %s", name)
		}
	}
}

// A purged revision that was sent must not be sent again as another.
func TestPurgedRevisionKeepsItsNumber(t *testing.T) {
	s := newStore(t)
	d := newDraft(t, s)
	m, err := d.Attach(t.Context(), write(t, "a.txt", "示例"), nil)
	must(t, err)
	must(t, d.Answers.Set("photo", m.ID))
	must(t, d.Freeze(forms.SubmissionRef{ID: "s-1", Revision: 1}, Packing{}))
	must(t, d.Close())
	id, err := s.Correct(d.ID)
	must(t, err)
	c := load(t, s, id)
	must(t, c.Freeze(forms.SubmissionRef{ID: "s-1", Revision: 2}, Packing{}))
	must(t, c.Close())
	must(t, s.Delete(id))
	n, err := s.EmptyBin()
	if list, lerr := s.List(Bin); n != 1 || err != nil || lerr != nil || len(list) != 0 {
		t.Errorf("EmptyBin: %d, %v; then in the bin %+v, %v", n, err, list, lerr)
	}
	assertFiles(t, filepath.Join(s.dir(Bin, id), "*"), filepath.Join(s.dir(Bin, id), draftFile))
	if _, err := s.Correct(d.ID); err == nil {
		t.Error("the second revision was started once more")
	}
	if n, err := s.EmptyBin(); n != 0 || err != nil {
		t.Errorf("EmptyBin again: %d, %v", n, err)
	}
}

func TestVersionsBringBack(t *testing.T) {
	s := newStore(t)
	d := saved(t, s, 15)
	d = load(t, s, d.ID)
	versions, err := d.Versions()
	must(t, err)
	if len(versions) != kept || versions[0].Answers.Get("n") != "15" || versions[9].Answers.Get("n") != "6" {
		t.Fatalf("versions: %d", len(versions))
	}
	for i := range versions[1:] {
		if !versions[i+1].Saved.Before(versions[i].Saved) {
			t.Errorf("version %d is of %v, the one after of %v", i, versions[i].Saved, versions[i+1].Saved)
		}
	}
	must(t, d.Answers.Set("n", "16")) // not saved yet, and not lost
	must(t, d.Replace(versions[9].Answers))
	must(t, d.Save())
	must(t, d.Close())
	d = load(t, s, d.ID)
	for _, want := range []string{"6", "16", "15"} {
		if got := d.Answers.Get("n"); got != want {
			t.Errorf("n = %s, want %s", got, want)
		}
		if ok, err := d.Undo(); !ok || err != nil {
			t.Fatalf("Undo: %v %v", ok, err)
		}
	}
	spoil(t, version(d.dir, 3), func([]byte) []byte { return nil })
	if versions, err = d.Versions(); err != nil || len(versions) != kept-1 {
		t.Errorf("with a broken one: %d, %v", len(versions), err)
	}
	must(t, d.Freeze(forms.SubmissionRef{ID: "s", Revision: 1}, Packing{}))
	if err := d.Replace(versions[1].Answers); !errors.Is(err, ErrFrozen) {
		t.Errorf("Replace in a frozen draft: %v", err)
	}
}
