package draft

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// stamped is a disk whose clock is that of the synctest bubble.
type stamped struct{ lazy }

func (d stamped) Rename(from, to string) error {
	if filepath.Base(to) == draftFile {
		if err := os.Chtimes(from, time.Now(), time.Now()); err != nil {
			return err
		}
	}
	return d.lazy.Rename(from, to)
}

// typing writes a version every second for so long, whose content is the
// second, and fails where draft.json.1 is not the one before the current one.
func typing(t *testing.T, dir string, from, to time.Duration) {
	t.Helper()
	for s := int(from.Seconds()); s <= int(to.Seconds()); s++ {
		must(t, putVersion(stamped{}, dir, []byte(strconv.Itoa(s)), s > 0))
		if s > 0 && contentOf(t, dir, 1) != s-1 {
			t.Fatalf("at second %d, draft.json.1 is of second %d", s, contentOf(t, dir, 1))
		}
		time.Sleep(time.Second)
	}
}

// contentOf is the content of the nth version, as typing wrote it.
func contentOf(t *testing.T, dir string, n int) int {
	t.Helper()
	b, err := os.ReadFile(version(dir, n))
	must(t, err)
	s, err := strconv.Atoi(string(b))
	must(t, err)
	return s
}

// ages is how many seconds before the current version each one was written.
func ages(t *testing.T, dir string) (list []int) {
	t.Helper()
	for n := range kept {
		list = append(list, contentOf(t, dir, 0)-contentOf(t, dir, n))
	}
	return list
}

// Somebody who types without a pause is saved once a second. What can be gone
// back to then is not ten seconds but up to two hours.
func TestVersionsAreSpreadOverTime(t *testing.T) {
	const m = 60
	type row struct {
		typed time.Duration
		ages  []int // in seconds, of draft.json, .1 … .9
	}
	var rows []row
	for _, tc := range []row{
		// As long as there is room, none is given up; the first ones go as it is needed.
		{9 * time.Second, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{time.Minute, []int{0, 1, 23, 54, 55, 56, 57, 58, 59, 60}},
		{5 * time.Minute, []int{0, 1, 23, 53, 2*m + 53, 296, 297, 298, 299, 5 * m}},
		{30 * time.Minute, []int{0, 1, 23, 53, m + 53, 5*m + 53, 13*m + 53, 1798, 1799, 30 * m}},
		{time.Hour, []int{0, 1, 23, 53, m + 53, 3*m + 53, 11*m + 53, 27*m + 53, 3599, 60 * m}},
		{2 * time.Hour, []int{0, 1, 23, 53, m + 53, 3*m + 53, 7*m + 53, 23*m + 53, 55*m + 53, 120 * m}},
		{3 * time.Hour, []int{0, 1, 23, 53, m + 53, 3*m + 53, 11*m + 53, 19*m + 53, 51*m + 53, 115*m + 53}},
	} {
		if runtime.GOOS == "windows" && tc.typed > 5*time.Minute {
			break // Wine takes twenty milliseconds for each second that is typed
		}
		rows = append(rows, tc)
	}
	synctest.Test(t, func(t *testing.T) {
		dir := memory(t)
		from := time.Duration(0)
		for _, tc := range rows {
			typing(t, dir, from, tc.typed)
			if diff := cmp.Diff(tc.ages, ages(t, dir)); diff != "" {
				t.Errorf("after %v, seconds before the current version (-want +got):\n%s", tc.typed, diff)
			}
			from = tc.typed + time.Second
		}
	})
}

// A clock that was an hour ahead, or a day behind, is set right in the middle:
// the newest stay, those written afterwards spread, and of those before some
// are there as well.
func TestVersionsWhenTheClockIsSet(t *testing.T) {
	for name, by := range map[string]time.Duration{"back": -time.Hour, "a little back": -time.Second, "forward": 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := memory(t)
				const before = 2 * time.Minute
				typing(t, dir, 0, before)
				for n := range kept { // the same as setting the clock
					at := time.Now().Add(-by - time.Duration(contentOf(t, dir, 0)-contentOf(t, dir, n))*time.Second)
					must(t, os.Chtimes(version(dir, n), at, at))
				}
				typing(t, dir, before+time.Second, before+10*time.Minute)
				got := ages(t, dir)
				young := slices.DeleteFunc(slices.Clone(got), func(age int) bool { return age >= 10*60 })
				if len(young) < 5 || len(young) > 8 || young[2] > 31 || young[4] < 60 {
					t.Errorf("ten minutes later there are versions of %v seconds ago, %d of them since", got, len(young))
				}
			})
		})
	}
}

// Somebody fills a draft in for five minutes; then its newest version breaks.
func TestTypedForFiveMinutesAndBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := open(memory(t), nil, stamped{})
		must(t, err)
		d := newDraft(t, s)
		for n := range 300 {
			time.Sleep(time.Second)
			must(t, d.Answers.Set("n", strconv.Itoa(n+1)))
			must(t, d.Save())
		}
		versions, err := d.Versions()
		must(t, err)
		var got []time.Duration
		for _, v := range versions {
			got = append(got, versions[0].Saved.Sub(v.Saved)/time.Second)
		}
		want := []time.Duration{0, 1, 23, 53, 173, 296, 297, 298, 299, 300}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("saved so many seconds before (-want +got):\n%s", diff)
		}
		must(t, d.Close())
		spoil(t, version(d.dir, 0), func(b []byte) []byte { return b[:len(b)/2] })
		assertRecovered(t, s, d.ID, 299)
	})
}

// What an older version took the place of can be had back an hour of typing
// later, also if it had not been saved, and if another version was tried next.
func TestWhatWasGoneBackFromStays(t *testing.T) {
	for name, unsaved := range map[string]bool{"saved": false, "not yet saved": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := open(memory(t), nil, stamped{})
				must(t, err)
				d := newDraft(t, s)
				enter := func(n string) { must(t, d.Answers.Set("n", n)) }
				save := func() { time.Sleep(time.Second); must(t, d.Save()) }
				for n := range 20 {
					enter(strconv.Itoa(n))
					save()
				}
				enter("写好的")
				if !unsaved {
					save()
				}
				for _, n := range []int{3, 5} {
					versions, err := d.Versions()
					must(t, err)
					must(t, d.Replace(versions[n].Answers))
					save()
				}
				for n := range 200 {
					enter("后来" + strconv.Itoa(n))
					time.Sleep(3 * time.Second)
					save()
				}
				must(t, d.Close())
				d = load(t, s, d.ID)
				versions, err := d.Versions()
				must(t, err)
				i := slices.IndexFunc(versions, func(v Version) bool { return v.Answers.Get("n") == "写好的" })
				if i < 0 || len(versions) != kept+1 {
					t.Fatalf("not among %d versions", len(versions))
				}
				for i, v := range versions[1:] {
					if !v.Saved.Before(versions[i].Saved) {
						t.Errorf("version %d is of %v, the one after of %v", i+1, v.Saved, versions[i].Saved)
					}
				}
				must(t, d.Close())
				for n := range kept { // all the others broken
					spoil(t, version(d.dir, n), func([]byte) []byte { return nil })
				}
				if d = load(t, s, d.ID); d.Answers.Get("n") != "写好的" {
					t.Errorf("recovered %q", d.Answers.Get("n"))
				}
			})
		})
	}
}

// A kill can leave the temporary name behind as one more name of the current
// version. What is copied there next, where there are no second names, must
// not be written into that.
func TestTemporaryNameLeftBehind(t *testing.T) {
	dir := memory(t)
	for n := range kept + 1 {
		must(t, putVersion(lazy{}, dir, []byte(strconv.Itoa(n)), n > 0))
	}
	must(t, os.Link(version(dir, 0), version(dir, 1)+".tmp"))
	must(t, putVersion(noLinks{}, dir, []byte(strconv.Itoa(kept+1)), true))
	if cur, first := contentOf(t, dir, 0), contentOf(t, dir, 1); cur != kept+1 || first != kept {
		t.Errorf("current %d, before it %d", cur, first)
	}
}

// stubborn is a disk that does not let the current version be replaced.
type stubborn struct{ lazy }

func (d stubborn) Rename(from, to string) error {
	if filepath.Base(to) == draftFile {
		return os.ErrPermission
	}
	return d.lazy.Rename(from, to)
}

// Each saving that fails at its last step is tried again, and none of the
// versions goes for it but the one that goes for the saving that succeeds.
func TestTryingAgainGivesNoVersionUp(t *testing.T) {
	dir := memory(t)
	for n := range kept + 1 {
		must(t, putVersion(lazy{}, dir, []byte(strconv.Itoa(n)), n > 0))
		at := time.Now().Add(time.Duration(n) * 2 * time.Hour)
		must(t, os.Chtimes(version(dir, 0), at, at))
	}
	next := []byte(strconv.Itoa(kept + 1))
	for range 5 {
		if err := putVersion(stubborn{}, dir, next, true); !errors.Is(err, os.ErrPermission) {
			t.Fatal(err)
		}
		if got := contentOf(t, dir, 0); got != kept {
			t.Fatalf("the current version is %d", got)
		}
	}
	must(t, putVersion(lazy{}, dir, next, true))
	if diff := cmp.Diff([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, ages(t, dir)); diff != "" {
		t.Errorf("versions before the current one (-want +got):\n%s", diff)
	}
}
