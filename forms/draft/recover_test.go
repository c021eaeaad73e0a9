package draft

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// saved returns a closed draft with the answers n = 1 … count, each saved two
// hours after the one before, so that none is too close to another to be kept.
func saved(t *testing.T, s *Store, count int) *Draft {
	t.Helper()
	d := newDraft(t, s)
	start := time.Now()
	for n := range count {
		must(t, d.Answers.Set("n", strconv.Itoa(n+1)))
		must(t, d.Save())
		at := start.Add(time.Duration(n) * 2 * time.Hour)
		must(t, os.Chtimes(version(d.dir, 0), at, at))
	}
	must(t, d.Close())
	return d
}

func TestTenVersionsStay(t *testing.T) {
	const ten = 10
	s := newStore(t)
	d := saved(t, s, 30)
	for n := range ten {
		v, err := readVersion(d.dir, d.ID, n)
		must(t, err)
		if got := v.Answers.Get("n"); got != strconv.Itoa(30-n) {
			t.Errorf("version %d has n = %s, want %d", n, got, 30-n)
		}
	}
	entries, err := os.ReadDir(d.dir)
	must(t, err)
	if len(entries) != ten+1 { // and the folder of materials
		t.Errorf("files in the folder: %v", entries)
	}
}

func TestSavingNothingNewKeepsVersions(t *testing.T) {
	s := newStore(t)
	d := newDraft(t, s)
	must(t, d.Answers.Set("n", "1"))
	for range 20 {
		must(t, d.Save())
	}
	v, err := readVersion(d.dir, d.ID, 1)
	if err != nil || v.Answers.Get("n") != "" {
		t.Errorf("the version before the only change: %v, %v", v.Answers, err)
	}
}

// TestDamage damages the newest versions in every way that a power cut or a
// person does, and opens the draft.
func TestDamage(t *testing.T) {
	harm := map[string]func([]byte) []byte{
		"empty":       func([]byte) []byte { return nil },
		"zeros":       func(b []byte) []byte { return make([]byte, len(b)) },
		"cut":         func(b []byte) []byte { return b[:len(b)/2] },
		"bit flipped": func(b []byte) []byte { return bytes.Replace(b, []byte(`"n":"`), []byte(`"n":"9`), 1) },
		"not a draft": func([]byte) []byte { return []byte(`{"format":"x","sha256":"","draft":{}}`) },
		"null":        func([]byte) []byte { return []byte("null") },
		"escaping":    func(b []byte) []byte { return forge(b, `"materials":null`, `"materials":[{"id":"../../x"}]`) },
		"gone":        nil,
	}
	for name, f := range harm {
		for worst := range 3 {
			t.Run(name+strconv.Itoa(worst), func(t *testing.T) {
				s := newStore(t)
				d := saved(t, s, 5)
				for n := range worst + 1 {
					spoil(t, version(d.dir, n), f)
				}
				assertRecovered(t, s, d.ID, 5-worst-1)
			})
		}
	}
}

func spoil(t *testing.T, path string, harm func([]byte) []byte) {
	t.Helper()
	if harm == nil {
		must(t, os.Remove(path))
		return
	}
	b, err := os.ReadFile(path)
	must(t, err)
	// A new file: two versions may be one file with two names.
	must(t, os.Remove(path))
	must(t, os.WriteFile(path, harm(b), 0o600))
}

// forge replaces old in a draft.json and makes the digest match.
func forge(b []byte, old, with string) []byte {
	_, body, _ := bytes.Cut(bytes.TrimSuffix(b, []byte("}\n")), []byte(`"draft":`))
	body = bytes.Replace(body, []byte(old), []byte(with), 1)
	return []byte(`{"format":"` + format + `","sha256":"` + digest(body) + `","draft":` + string(body) + "}\n")
}

func assertRecovered(t *testing.T, s *Store, id string, want int) {
	t.Helper()
	list, err := s.List()
	must(t, err)
	if len(list) != 1 || list[0].Problem != nil || list[0].Recovery == nil || list[0].Recovery.From == "" {
		t.Fatalf("list = %+v, want a recovery", list)
	}
	d := load(t, s, id)
	if got := d.Answers.Get("n"); got != strconv.Itoa(want) {
		t.Errorf("n = %s, want %d", got, want)
	}
	if d.Recovery.From == "" || d.Recovery.Broken == nil || d.Recovery.Saved.IsZero() {
		t.Errorf("recovery = %+v", d.Recovery)
	}
	must(t, d.Save())
	must(t, d.Close())
	again := load(t, s, id)
	if again.Recovery.Broken != nil || again.Answers.Get("n") != strconv.Itoa(want) {
		t.Errorf("after saving what was recovered: %+v", again.Recovery)
	}
}

func TestDamageBeyondRepairIsListed(t *testing.T) {
	s := newStore(t)
	d := saved(t, s, 3)
	whole := saved(t, s, 1)
	for n := range 4 {
		spoil(t, version(d.dir, n), func([]byte) []byte { return []byte("{") })
	}
	list, err := s.List()
	must(t, err)
	if len(list) != 2 {
		t.Fatalf("list = %+v", list)
	}
	for _, i := range list {
		if i.ID == d.ID && !errors.Is(i.Problem, ErrBroken) || i.ID == whole.ID && i.Problem != nil {
			t.Errorf("%s: problem %v", i.ID, i.Problem)
		}
	}
	if _, err := s.Load(d.ID); !errors.Is(err, ErrBroken) {
		t.Errorf("Load: %v", err)
	}
	must(t, s.Delete(d.ID))
}

func TestNewerFormatIsLeftAlone(t *testing.T) {
	s := newStore(t)
	d := saved(t, s, 3)
	spoil(t, version(d.dir, 0), func(b []byte) []byte {
		return bytes.Replace(b, []byte(format), []byte(formatFamily+"2"), 1)
	})
	if _, err := s.Load(d.ID); !errors.Is(err, ErrNewer) {
		t.Errorf("Load: %v", err)
	}
	list, err := s.List()
	if err != nil || len(list) != 1 || !errors.Is(list[0].Problem, ErrNewer) {
		t.Errorf("list = %+v, %v", list, err)
	}
}

func TestInterruptedDraftIsOffered(t *testing.T) {
	s := newStore(t)
	d := newDraft(t, s)
	must(t, d.Answers.Set("n", "1"))
	must(t, d.Save())
	must(t, d.lock.drop()) // as the system does when the process dies
	must(t, os.WriteFile(filepath.Join(d.dir, materialsDir, incoming+"x"), []byte("half"), 0o600))
	must(t, os.WriteFile(version(d.dir, 0)+".tmp", []byte("half"), 0o600))

	list, err := s.List()
	must(t, err)
	if len(list) != 1 || list[0].Recovery == nil || !list[0].Recovery.Interrupted || list[0].Held != nil {
		t.Fatalf("list = %+v", list)
	}
	again := load(t, s, d.ID)
	if !again.Recovery.Interrupted || again.Recovery.Saved.IsZero() || again.Answers.Get("n") != "1" {
		t.Errorf("recovery = %+v", again.Recovery)
	}
	for _, dir := range []string{again.dir, filepath.Join(again.dir, materialsDir)} {
		for _, pattern := range []string{incoming + "*", "*.tmp"} {
			if left, err := filepath.Glob(filepath.Join(dir, pattern)); err != nil || len(left) > 0 {
				t.Errorf("left over: %v %v", left, err)
			}
		}
	}
}
