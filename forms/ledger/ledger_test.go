package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"baosong/forms"
)

const notice = "shili-2024"

var noon = time.Date(2024, 6, 3, 12, 0, 0, 0, time.UTC)

// parcel is a package of revision rev of the submission id, of a unit called
// after it, as it comes from the source of that number.
func parcel(id string, rev, part, parts, source int) Arrival {
	var a forms.Answers
	_ = a.Set("unit/name", "示例单位"+id)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d", id, rev, part))
	return Arrival{
		Report: forms.Report{
			Format:     forms.ReportFormat,
			Submission: forms.SubmissionRef{ID: id, Revision: rev},
			Created:    noon.Add(-time.Hour),
			Notice:     forms.NoticeRef{ID: notice, Title: "示例通知"},
			Unit:       forms.Unit{Name: "示例单位" + id, Kind: "企业科协", Email: "a@example.com"},
			Answers:    &a,
		},
		Part: part, Parts: parts,
		PackageSHA256: hex.EncodeToString(sum[:]),
		Source:        fmt.Sprintf("imap:示例/INBOX/1/%d", source),
		MessageID:     fmt.Sprintf("%s.%d.%d@example.com", id, rev, part),
		From:          "a@example.com",
		Received:      noon.Add(time.Duration(source) * time.Minute),
		Folder:        "received/" + id,
	}
}

func openLedger(t testing.TB) *Ledger {
	t.Helper()
	l, err := Open(filepath.Join(t.TempDir(), "台账 #1%41.d", "ledger.db"))
	must(t, err)
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func arriveAs(t *testing.T, l *Ledger, want OutcomeKind, a Arrival) Outcome {
	t.Helper()
	out, err := l.Arrive(t.Context(), a)
	must(t, err)
	if out.Kind != want || out.Ref != a.Report.Submission {
		t.Fatalf("part %d of %s from %s: %+v, want %s", a.Part, a.Report.Submission, a.Source, out, want)
	}
	return out
}

func expectSummary(t *testing.T, l *Ledger, want Summary) {
	t.Helper()
	got, err := l.Summary(t.Context(), notice)
	must(t, err)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("summary (-want +got):\n%s", d)
	}
}

func TestArrivals(t *testing.T) {
	l := openLedger(t)
	arriveAs(t, l, New, parcel("a", 1, 1, 1, 1))
	arriveAs(t, l, Known, parcel("a", 1, 1, 1, 1))
	arriveAs(t, l, Again, parcel("a", 1, 1, 1, 2))
	out := arriveAs(t, l, Partial, parcel("b", 1, 2, 3, 3))
	if d := cmp.Diff([]int{1, 3}, out.Missing); d != "" {
		t.Errorf("missing (-want +got):\n%s", d)
	}
	arriveAs(t, l, Partial, parcel("b", 1, 3, 3, 4))
	expectSummary(t, l, Summary{Units: 1, Messages: 4, Deliveries: 2, Submissions: 2, SentTwice: 1, Incomplete: 1})
	arriveAs(t, l, Completes, parcel("b", 1, 1, 3, 5))
	arriveAs(t, l, Again, parcel("b", 1, 3, 3, 6)) // one message twice is no delivery
	expectSummary(t, l, Summary{Units: 2, Messages: 6, Deliveries: 3, Submissions: 2, SentTwice: 1})

	d, err := l.Get(t.Context(), "b", 0)
	must(t, err)
	if d.Have != 3 || !d.Complete() || !d.Completed.Equal(noon.Add(5*time.Minute)) || len(d.Arrivals) != 4 {
		t.Errorf("b = %+v", d)
	}
	if last := d.Arrivals[3]; last.Delivery != 2 || last.Part != 3 || last.MessageID != "b.1.3@example.com" {
		t.Errorf("the part that came twice: %+v", last)
	}
	if d.Report.Answers.Get("unit/name") != "示例单位b" || d.Unit.Kind != "企业科协" || !d.Created.Equal(noon.Add(-time.Hour)) {
		t.Errorf("report = %+v", d.Report)
	}
}

// TestRehearsal has the figures of a rehearsal with twenty units, whatever the
// order in which the messages come, and however often the mailbox is read.
func TestRehearsal(t *testing.T) {
	var mails []Arrival
	add := func(a Arrival) { a.Source = fmt.Sprint(len(mails)); mails = append(mails, a) }
	for n := range 20 {
		for p := range 1 + n%3 {
			a := parcel(fmt.Sprintf("u%02d", n), 1, p+1, 1+n%3, n)
			a.Late = n == 7
			add(a)
		}
	}
	for p := range 3 { // one sends everything twice
		add(parcel("u11", 1, p+1, 3, 11))
	}
	for p := range 2 { // one corrects, after the deadline
		a := parcel("u04", 2, p+1, 2, 100)
		a.Late = true
		add(a)
	}
	want := Summary{
		Units: 20, Messages: len(mails), Deliveries: 22, Submissions: 21, Superseded: 1, SentTwice: 1, Late: 1,
	}
	for name, order := range orders(len(mails)) {
		t.Run(name, func(t *testing.T) {
			l := openLedger(t)
			for range 2 {
				for _, i := range order {
					_, err := l.Arrive(t.Context(), mails[i])
					must(t, err)
				}
			}
			expectSummary(t, l, want)
			current, err := l.Submissions(t.Context(), notice, Filter{Current: true})
			must(t, err)
			if len(current) != 20 {
				t.Errorf("%d current submissions", len(current))
			}
		})
	}
}

func orders(n int) map[string][]int {
	o := map[string][]int{}
	for i := range n {
		o["forward"] = append(o["forward"], i)
		o["backward"] = append(o["backward"], n-1-i)
		o["mixed"] = append(o["mixed"], (i*7)%n)
	}
	return o
}

func TestOlderRevisionComesLater(t *testing.T) {
	l := openLedger(t)
	arriveAs(t, l, Partial, parcel("a", 2, 1, 2, 1))
	if out := arriveAs(t, l, New, parcel("a", 1, 1, 1, 2)); out.Superseded {
		t.Error("superseded by a revision that is not whole")
	}
	expectSummary(t, l, Summary{Units: 1, Messages: 2, Deliveries: 1, Submissions: 2, Incomplete: 1})
	arriveAs(t, l, Completes, parcel("a", 2, 2, 2, 3))
	expectSummary(t, l, Summary{Units: 1, Messages: 3, Deliveries: 2, Submissions: 2, Superseded: 1})
	if out := arriveAs(t, l, Again, parcel("a", 1, 1, 1, 4)); !out.Superseded {
		t.Error("the old revision is not superseded")
	}
	d, err := l.Get(t.Context(), "a", 0)
	if err != nil || d.Ref.Revision != 2 || d.Superseded {
		t.Errorf("current revision %v, %v", d.Ref, err)
	}
	if d, err = l.Get(t.Context(), "a", 1); err != nil || !d.Superseded {
		t.Errorf("revision 1 %+v, %v", d.Submission, err)
	}
}

func TestConflictsAreKept(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*Arrival)
		why    string
	}{
		"content": {func(a *Arrival) { a.PackageSHA256 = hex.EncodeToString(make([]byte, 32)) }, "content"},
		"report":  {func(a *Arrival) { a.Report.Unit.Name = "另一个示例单位" }, "report"},
		"parts":   {func(a *Arrival) { a.Parts = 3 }, "parts"},
		"notice":  {func(a *Arrival) { a.Report.Notice.ID = "other" }, "notice"},
	} {
		t.Run(name, func(t *testing.T) {
			l := openLedger(t)
			first := parcel("a", 1, 1, 2, 1)
			arriveAs(t, l, Partial, first)
			second := parcel("a", 1, 1, 2, 2)
			second.Folder = "received/a-conflict"
			tc.change(&second)
			if out := arriveAs(t, l, Conflict, second); out.Why != tc.why {
				t.Errorf("why = %q, want %q", out.Why, tc.why)
			}
			arriveAs(t, l, Known, second)
			arriveAs(t, l, Completes, parcel("a", 1, 2, 2, 3))
			expectSummary(t, l, Summary{Units: 1, Messages: 3, Deliveries: 1, Submissions: 1, Conflicts: 1})
			d, err := l.Get(t.Context(), "a", 1)
			must(t, err)
			if d.Unit.Name != "示例单位a" || len(d.Arrivals) != 3 || d.Arrivals[1].Conflict != tc.why ||
				d.Arrivals[1].Folder != "received/a-conflict" || d.Arrivals[1].Delivery != 0 {
				t.Errorf("after the conflict: %+v", d)
			}
		})
	}
}

func TestLateness(t *testing.T) {
	l := openLedger(t)
	a1, a2, again := parcel("a", 1, 1, 2, 1), parcel("a", 1, 2, 2, 2), parcel("a", 1, 2, 2, 3)
	a2.Late = true
	arriveAs(t, l, Partial, a1)
	arriveAs(t, l, Completes, a2)
	expectSummary(t, l, Summary{Units: 1, Messages: 2, Deliveries: 1, Submissions: 1, Late: 1})
	arriveAs(t, l, Again, again) // found in another folder: it had come in time
	expectSummary(t, l, Summary{Units: 1, Messages: 3, Deliveries: 1, Submissions: 1})

	corrected := parcel("a", 2, 1, 1, 9)
	corrected.Late = true
	arriveAs(t, l, New, corrected)
	expectSummary(t, l, Summary{Units: 1, Messages: 4, Deliveries: 2, Submissions: 2, Superseded: 1})
}

func TestArriveRefuses(t *testing.T) {
	l := openLedger(t)
	long := string(make([]byte, maxField+1))
	for name, change := range map[string]func(*Arrival){
		"no id":         func(a *Arrival) { a.Report.Submission.ID = "" },
		"revision 0":    func(a *Arrival) { a.Report.Submission.Revision = 0 },
		"part 0":        func(a *Arrival) { a.Part = 0 },
		"part 3 of 2":   func(a *Arrival) { a.Part = 3 },
		"many parts":    func(a *Arrival) { a.Parts = maxParts + 1 },
		"no notice":     func(a *Arrival) { a.Report.Notice.ID = "" },
		"no digest":     func(a *Arrival) { a.PackageSHA256 = "" },
		"short digest":  func(a *Arrival) { a.PackageSHA256 = "abcd" },
		"no source":     func(a *Arrival) { a.Source = "" },
		"long unit":     func(a *Arrival) { a.Report.Unit.Name = long },
		"broken UTF-8":  func(a *Arrival) { a.Report.Unit.Name = "\xff" },
		"no date":       func(a *Arrival) { a.Received = time.Time{} },
		"endless phone": func(a *Arrival) { a.Report.Unit.Phone = long },
	} {
		a := parcel("a", 1, 1, 2, 1)
		change(&a)
		if _, err := l.Arrive(t.Context(), a); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	expectSummary(t, l, Summary{})
}

func TestCancelledArrivalLeavesNothing(t *testing.T) {
	l := openLedger(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Arrive(ctx, parcel("a", 1, 1, 1, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
	expectSummary(t, l, Summary{})
	arriveAs(t, l, New, parcel("a", 1, 1, 1, 1))
}

// An error in the middle of an entry takes the whole entry back.
func TestFailedArrivalLeavesNothing(t *testing.T) {
	l := openLedger(t)
	_, err := l.db.Exec("CREATE TRIGGER fail BEFORE DELETE ON unrecognised BEGIN SELECT raise(ABORT, 'no'); END")
	must(t, err)
	a := parcel("a", 1, 1, 1, 1)
	must(t, l.SetUnrecognised(t.Context(), Mail{Source: a.Source, Received: noon}))
	if _, err := l.Arrive(t.Context(), a); err == nil {
		t.Fatal("no error")
	}
	expectSummary(t, l, Summary{})
}

func TestLedgerStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	for n := range 3 {
		l, err := Open(path)
		must(t, err)
		_, err = l.Arrive(t.Context(), parcel("a", 1, n+1, 3, n))
		must(t, err)
		must(t, l.Close())
	}
	l, err := Open(path)
	must(t, err)
	expectSummary(t, l, Summary{Units: 1, Messages: 3, Deliveries: 1, Submissions: 1})
	must(t, l.Close())
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	raw := func(name string, stmts ...string) string {
		path := filepath.Join(dir, name)
		db, err := sql.Open("sqlite", path)
		must(t, err)
		for _, s := range stmts {
			_, err := db.Exec(s)
			must(t, err)
		}
		must(t, db.Close())
		return path
	}
	whole := raw("whole.db", migrations[0], fmt.Sprintf("PRAGMA application_id=%d", applicationID), "PRAGMA user_version=1",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 5000) INSERT INTO seen SELECT 's' || i, 1 FROM n")
	b, err := os.ReadFile(whole)
	must(t, err)
	text := filepath.Join(dir, "text.db")
	must(t, os.WriteFile(text, []byte("示例：这不是台账。这不是台账。这不是台账。这不是台账。这不是台账。这不是台账。"), 0o600))
	cut := filepath.Join(dir, "cut.db")
	must(t, os.WriteFile(cut, b[:len(b)/2/4096*4096], 0o600))

	for path, want := range map[string]error{
		text:                                  ErrNotLedger,
		dir:                                   ErrNotLedger,
		raw("other.db", "CREATE TABLE t (x)"): ErrNotLedger,
		raw("newer.db", fmt.Sprintf("PRAGMA application_id=%d", applicationID), "PRAGMA user_version=99"): ErrNewer,
		cut: ErrDamaged,
	} {
		l, err := Open(path)
		if err == nil {
			_, err = l.Seen(t.Context(), "s4999")
			must(t, l.Close())
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", filepath.Base(path), err, want)
		}
	}
}

func TestReadOnlyLedgerCanBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := Open(path)
	must(t, err)
	arriveAs(t, l, New, parcel("a", 1, 1, 1, 1))
	must(t, l.Close())
	l, err = open(path, time.Second, "ro")
	must(t, err)
	if _, err := l.Get(t.Context(), "a", 0); err != nil {
		t.Errorf("Get: %v", err)
	}
	if _, err := l.Arrive(t.Context(), parcel("b", 1, 1, 1, 1)); !errors.Is(err, ErrReadOnly) {
		t.Errorf("Arrive: %v", err)
	}
	if err := l.SetSeen(t.Context(), "x"); !errors.Is(err, ErrReadOnly) {
		t.Errorf("SetSeen: %v", err)
	}
	must(t, l.Close())
}

func TestFullDiskLosesNothing(t *testing.T) {
	l := openLedger(t)
	arriveAs(t, l, New, parcel("a", 1, 1, 1, 1))
	var pages int
	must(t, l.db.QueryRow("PRAGMA page_count").Scan(&pages))
	_, err := l.db.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages+2))
	must(t, err)
	entered := 1
	for n := 0; ; n++ {
		a := parcel(fmt.Sprint("b", n), 1, 1, 1, n)
		must(t, a.Report.Answers.Set("text", fmt.Sprint(make([]byte, 2000))))
		_, err := l.Arrive(t.Context(), a)
		if errors.Is(err, ErrDiskFull) {
			break
		}
		must(t, err)
		if entered++; entered > 100 {
			t.Fatal("the disk never became full")
		}
	}
	expectSummary(t, l, Summary{Units: entered, Messages: entered, Deliveries: entered, Submissions: entered})
}

func TestTwoProgramsAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	one, err := Open(path)
	must(t, err)
	two, err := open(path, 50*time.Millisecond, "rwc")
	must(t, err)
	err = one.update(t.Context(), func(*sql.Tx) error {
		_, err := two.Arrive(t.Context(), parcel("a", 1, 1, 1, 1))
		if !errors.Is(err, ErrBusy) {
			t.Errorf("while another program writes: %v", err)
		}
		return nil
	})
	must(t, err)
	arriveAs(t, two, New, parcel("a", 1, 1, 1, 1))
	expectSummary(t, one, Summary{Units: 1, Messages: 1, Deliveries: 1, Submissions: 1})
	must(t, one.Close())
	must(t, two.Close())
}
