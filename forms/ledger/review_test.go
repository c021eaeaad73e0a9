package ledger

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"baosong/forms"
)

func ref(id string, rev int) forms.SubmissionRef { return forms.SubmissionRef{ID: id, Revision: rev} }

func TestReviewsAndReceipts(t *testing.T) {
	ctx := t.Context()
	l := openLedger(t)
	arriveAs(t, l, New, parcel("a", 1, 1, 1, 1))
	arriveAs(t, l, Partial, parcel("b", 1, 1, 2, 2))
	at := noon.Truncate(time.Second).Local()
	returned := Review{As: Returned, Reasons: map[forms.Path]string{"activity[1]/photos[2]/caption": "请写明时间地点", "": "请补照片"}, By: "张示例", At: at}
	confirmed := Review{As: Confirmed, By: "张示例", At: at.Add(time.Hour)}
	told := Receipt{As: Received, To: "a@example.com", MessageID: "r1@example.com", At: at.Add(-time.Hour)}

	must(t, l.Acknowledge(ctx, ref("a", 1), told))
	must(t, l.Acknowledge(ctx, ref("a", 1), told)) // the same message
	expectUnacknowledged(t, l, "b")
	must(t, l.Review(ctx, ref("a", 1), returned))
	expectUnacknowledged(t, l, "a", "b")
	must(t, l.Acknowledge(ctx, ref("a", 1), Receipt{As: Returned, To: "a@example.com", MessageID: "r2@example.com", At: at}))
	expectUnacknowledged(t, l, "b")
	must(t, l.Review(ctx, ref("a", 1), confirmed))
	expectSummary(t, l, Summary{Units: 1, Messages: 2, Deliveries: 1, Submissions: 2, Incomplete: 1, Confirmed: 1})

	d, err := l.Get(ctx, "a", 1)
	must(t, err)
	if diff := cmp.Diff([]Review{returned, confirmed}, d.Reviews); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if d.Status != Confirmed || !d.Reviewed.Equal(confirmed.At) || len(d.Receipts) != 2 || d.Acknowledged {
		t.Errorf("submission = %+v", d.Submission)
	}
	for name, tc := range map[string]struct {
		ref  forms.SubmissionRef
		r    Review
		want error
	}{
		"nobody's":         {ref("x", 1), confirmed, ErrNotFound},
		"another revision": {ref("a", 2), confirmed, ErrNotFound},
		"incomplete":       {ref("b", 1), confirmed, ErrIncomplete},
		"unknown status":   {ref("a", 1), Review{As: "lost", At: at}, ErrInvalid},
		"no date":          {ref("a", 1), Review{As: Returned}, ErrInvalid},
	} {
		if err := l.Review(ctx, tc.ref, tc.r); !errors.Is(err, tc.want) {
			t.Errorf("review of %s: %v, want %v", name, err, tc.want)
		}
	}
	must(t, l.Review(ctx, ref("b", 1), returned)) // a missing part can be asked for
}

func expectUnacknowledged(t *testing.T, l *Ledger, want ...string) {
	t.Helper()
	expectList(t, l, Filter{Unacknowledged: true}, want...)
}

func expectList(t *testing.T, l *Ledger, f Filter, want ...string) {
	t.Helper()
	list, err := l.Submissions(t.Context(), notice, f)
	must(t, err)
	var got []string
	for _, s := range list {
		got = append(got, s.Ref.ID)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%+v (-want +got):\n%s", f, d)
	}
}

func TestShortlistHoldsOverCorrections(t *testing.T) {
	ctx := t.Context()
	l := openLedger(t)
	arriveAs(t, l, New, parcel("a", 1, 1, 1, 1))
	arriveAs(t, l, New, parcel("b", 1, 1, 1, 2))
	must(t, l.Shortlist(ctx, ref("a", 1), ForReporting, true))
	must(t, l.Shortlist(ctx, ref("a", 1), ForReporting, true))
	must(t, l.Shortlist(ctx, ref("a", 1), ForCommendation, true))
	must(t, l.Shortlist(ctx, ref("b", 1), ForCommendation, true))
	arriveAs(t, l, New, parcel("a", 2, 1, 1, 3))
	expectList(t, l, Filter{Shortlist: ForReporting, Current: true}, "a")
	expectList(t, l, Filter{Shortlist: ForCommendation, Current: true}, "b", "a")
	must(t, l.Shortlist(ctx, ref("a", 2), ForReporting, false))
	expectList(t, l, Filter{Shortlist: ForReporting})
	d, err := l.Get(ctx, "a", 0)
	if err != nil || cmp.Diff([]string{ForCommendation}, d.Shortlisted) != "" {
		t.Errorf("marks of a: %v, %v", d.Shortlisted, err)
	}
	if err := l.Shortlist(ctx, ref("x", 1), ForReporting, true); !errors.Is(err, ErrNotFound) {
		t.Errorf("mark on what is not there: %v", err)
	}
}

func TestFilters(t *testing.T) {
	l := openLedger(t)
	late := parcel("c", 1, 1, 1, 3)
	late.Late = true
	arriveAs(t, l, New, parcel("a", 1, 1, 1, 1))
	arriveAs(t, l, Partial, parcel("b", 1, 1, 2, 2))
	arriveAs(t, l, New, late)
	arriveAs(t, l, New, parcel("a", 2, 1, 1, 4))
	other := parcel("d", 1, 1, 1, 5)
	other.Report.Notice.ID = "another"
	arriveAs(t, l, New, other)
	must(t, l.Review(t.Context(), ref("c", 1), Review{As: Confirmed, At: noon}))

	expectList(t, l, Filter{}, "a", "b", "c", "a")
	expectList(t, l, Filter{Current: true}, "c", "a")
	expectList(t, l, Filter{Late: true}, "c")
	expectList(t, l, Filter{Incomplete: true}, "b")
	expectList(t, l, Filter{Status: Confirmed}, "c")
	expectList(t, l, Filter{Unit: "单位 Ｂ"}, "b")
	expectList(t, l, Filter{Limit: 2, Offset: 1}, "b", "c")
	expectList(t, l, Filter{Offset: 3}, "a")
	if all, err := l.Submissions(t.Context(), "", Filter{}); err != nil || len(all) != 5 {
		t.Errorf("of all notices: %d, %v", len(all), err)
	}
}

func TestRosterState(t *testing.T) {
	l := openLedger(t)
	roster := forms.Roster{
		{Name: "示例市心理学会（协会）", Kind: "xuehui"},
		{Name: "示例县 科协", Kind: "xian"},
		{Name: "示例区科技局", Kind: "ju"},
		{Name: "示例大学科协", Kind: "gaoxiao"},
		{Name: "示例企业A科协", Kind: "qiye"},
	}
	send := func(unit string, a Arrival) {
		a.Report.Unit.Name = unit
		_, err := l.Arrive(t.Context(), a)
		must(t, err)
	}
	late := parcel("b", 1, 1, 1, 2)
	late.Late = true
	send("示例市心理学会(协会) ", parcel("a", 1, 1, 1, 1))
	send("示例县科协", late)
	send("示例区科技局", parcel("c", 1, 1, 2, 3))
	send("示例企业ａ科协", parcel("d", 1, 1, 1, 4))
	send("示例企业ａ科协", parcel("d", 2, 1, 1, 5))
	send("未列入的示例单位", parcel("e", 1, 1, 1, 6))

	states, err := l.RosterState(t.Context(), notice, roster)
	must(t, err)
	var got []string
	for _, s := range states {
		line := s.Unit.Name + " " + string(s.Standing)
		for _, sub := range s.Submissions {
			line += " " + sub.Ref.String()
		}
		if !s.Listed {
			line += " unlisted"
		}
		got = append(got, line)
	}
	want := []string{
		"示例市心理学会（协会） in-time a-r1",
		"示例县 科协 late b-r1",
		"示例区科技局 underway c-r1",
		"示例大学科协 outstanding",
		"示例企业A科协 in-time d-r2",
		"未列入的示例单位 in-time e-r1 unlisted",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("roster (-want +got):\n%s", d)
	}
}

func TestUnitKey(t *testing.T) {
	for _, same := range [][]string{
		{"示例学会（协会）", "示例学会(协会)", "示例学会〔协会〕", "示例学会【协会】", " 示例 学会\u3000（协会）\n", "示例学会\u200b(协会)"},
		{"ＡＢＣ示例", "abc示例", "AbC 示例"},
		{"示例·科协", "示例•科协", "示例・科协"},
	} {
		for _, name := range same[1:] {
			if UnitKey(name) != UnitKey(same[0]) {
				t.Errorf("UnitKey(%q) = %q, but of %q it is %q", name, UnitKey(name), same[0], UnitKey(same[0]))
			}
		}
	}
	if UnitKey("示例市科协") == UnitKey("示例区科协") {
		t.Error("different units have one key")
	}
}

func TestMailbox(t *testing.T) {
	ctx := t.Context()
	l := openLedger(t)
	if p, err := l.Position(ctx, "示例", "INBOX"); p != nil || err != nil {
		t.Errorf("position of a folder never read: %q, %v", p, err)
	}
	for _, p := range []string{`{"uid":1}`, `{"uid":2}`} {
		must(t, l.SetPosition(ctx, "示例", "INBOX", []byte(p)))
		must(t, l.SetPosition(ctx, "示例", "垃圾邮件", []byte("x")))
		if got, err := l.Position(ctx, "示例", "INBOX"); string(got) != p || err != nil {
			t.Errorf("position = %q, %v, want %q", got, err, p)
		}
	}
	for _, want := range []bool{false, true, true} {
		if got, err := l.Seen(ctx, "m1"); got != want || err != nil {
			t.Errorf("seen = %v, %v, want %v", got, err, want)
		}
		must(t, l.SetSeen(ctx, "m1"))
	}

	a := parcel("a", 1, 1, 1, 1)
	old := Mail{Source: "x", From: "b@example.com", Subject: "材料", Attachments: []string{"示例.doc"}, Received: noon.Local()}
	cut := Mail{Source: a.Source, From: "a@example.com", Subject: "报送", Problem: "cut short", Received: noon.Add(time.Hour).Local()}
	must(t, l.SetUnrecognised(ctx, old))
	must(t, l.SetUnrecognised(ctx, cut))
	must(t, l.SetUnrecognised(ctx, cut))
	expectMails(t, l, cut, old)
	arriveAs(t, l, New, a)
	expectMails(t, l, old)
}

func expectMails(t *testing.T, l *Ledger, want ...Mail) {
	t.Helper()
	got, err := l.Unrecognised(t.Context())
	must(t, err)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("unrecognised (-want +got):\n%s", d)
	}
}
