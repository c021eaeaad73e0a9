package ui

import (
	"errors"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"baosong/forms"
	"baosong/forms/ledger"
	"baosong/mailer/outbox"
	"baosong/mailer/post"
	"baosong/ui/kit"
)

const unitAddress = "bao@unit.example"

// TestWholeTrip goes the way of a person who reports: types, chooses, drops,
// mends what the check page says, sets the mailbox up and sends; what is
// collected is what was entered.
func TestWholeTrip(t *testing.T) { wholeTrip(t, unmeasured).end() }

func wholeTrip(t testing.TB, measure func(string, func())) *desk {
	server, err := serve("code-1", unitAddress, "skx303@126.com")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	k := sitIn(t, t.TempDir(), local{server: server}, "zh", measure)
	k.mustSee("已逾期")
	k.tap("开始填报")
	if k.editor == nil {
		t.Fatal("no draft is open")
	}
	fillUnit(k)
	fillActivity(k)
	k.show(2)
	k.example("summary/organization", "summary/results", "summary/experience")
	k.show(4)
	k.fill("declaration/no_secrets", "OK")
	k.example("declaration/filled_by")

	k.show(k.editor.CheckPage()) // what is missing is the caption, and jumping there can mend it
	k.tap("去填写")
	caption := k.win.Canvas().Focused()
	if caption == nil {
		t.Fatal("jumping to the caption did not give it the keyboard")
	}
	test.Type(caption, "5月30日，示例县科技馆，代表发言")
	k.win.Canvas().Unfocus()
	k.show(k.editor.CheckPage())
	k.mustSee("没有必须处理的问题")
	k.mustSee("封邮件")

	want := k.editor.Draft().Answers.Clone()
	k.tap("去发送")
	setUpAccount(k)
	send(k)
	compareWithCollected(k, want)
	beAskedToCorrect(k)
	return k
}

// beAskedToCorrect is the organizer asking for a correction, the receipt coming
// in, and the next revision being opened.
func beAskedToCorrect(k *desk) {
	t := k.t
	t.Helper()
	l, err := k.desk.Home.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	ref := k.editor.Draft().Submission()
	review := ledger.Review{As: ledger.Returned, Reasons: map[forms.Path]string{"summary/results": "请补充数字"}, At: time.Now()}
	if err := l.Review(t.Context(), ref, review); err != nil {
		t.Fatal(err)
	}
	job, err := k.desk.Acknowledge(t.Context(), l, k.notice(), ref, "organizer")
	if err = errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	k.arrive(job.ID)
	k.mustSee("还没有回执")
	k.tap("从邮箱收取")
	k.mustSee("请您补正")
	k.mustSee("工作成效：请补充数字")
	before := k.editor.Draft().ID
	k.tap("更正")
	if d := k.editor.Draft(); d.ID == before || d.Submission().Revision != 2 || d.Answers.Get("summary/results") == "" {
		t.Errorf("correcting opened %+v", d.Submission())
	}
	k.mustSee("第 2 版")
}

// arrive waits until the outbox has sent a job.
func (k *desk) arrive(id string) {
	k.t.Helper()
	arrived := make(chan error, 1)
	stop := k.out.Await(id, arrived)
	defer stop()
	k.desk.Wake()
	if job, err := k.desk.Home.Outbox.Get(id); err != nil {
		k.t.Fatal(err)
	} else if job.State() == outbox.Sent {
		return
	}
	k.q.until(func() {
		if err := <-arrived; err != nil {
			k.t.Error(err)
		}
	})
	k.settle()
}

func fillUnit(k *desk) {
	k.t.Helper()
	k.fill("unit/contact_phone", "12")
	if k.field("unit/contact_phone").Finding().Text() == "" {
		k.t.Error("a telephone number of two digits: nothing beside it")
	}
	k.fill("unit/unit_name", "示例县科协")
	k.fill("unit/contact_person", "张示例")
	k.fill("unit/contact_phone", "０４３２－５５５０１２３４")
	if text := k.field("unit/contact_phone").Finding().Text(); text != "" {
		k.t.Errorf("full-width digits: finding %q", text)
	}
	k.fill("unit/contact_email", unitAddress)
	k.example("unit/unit_kind", "unit/contact_phone")
}

func fillActivity(k *desk) {
	k.t.Helper()
	k.show(1)
	k.tap("添加一项")
	k.example("activity[1]/activity_name", "activity[1]/activity_kind", "activity[1]/place", "activity[1]/mode", "activity[1]/activity_intro")
	k.fill("activity[1]/start_date", "2024年5月30日")
	k.fill("activity[1]/participants", "１２０")
	k.drop(photo(k.t, "照片 一.jpg"))
	g, ok := find(k.win.Content(), func(*kit.Gallery) bool { return true })
	if !ok || len(g.Photos()) != 1 {
		k.t.Fatal("the photo that was dropped is not in the gallery")
	}
}

// setUpAccount fills in the form for the mailbox on the page that sends: first
// with a wrong code, which the test has to name.
func setUpAccount(k *desk) {
	k.t.Helper()
	a := k.net.server.Account(unitAddress)
	entries := entriesOf(k)
	typeInto(k, entries[0], unitAddress)
	entries = entriesOf(k) // the domain is not known: the servers are asked for
	typeInto(k, entries[2], hostPort(a.SMTP))
	typeInto(k, entries[3], hostPort(a.IMAP))
	typeInto(k, entries[4], "wrong")
	k.tap("测试")
	k.mustSee("登录失败")
	typeInto(k, entries[4], "code-1")
	k.tap("测试")
	if k.sees("失败") {
		k.t.Errorf("the right code, and still: %q", k.texts())
	}
	k.tap("保存")
}

// send taps, and waits until the outbox has sent everything.
func send(k *desk) {
	k.t.Helper()
	k.settle()
	k.mustSee("共 1 封邮件")
	k.tap("发送")
	k.arrive(k.editor.Draft().Submission().String())
	k.settle()
	k.mustSee("已全部发出")
}

// compareWithCollected reads the organizer's mailbox, and compares.
func compareWithCollected(k *desk, want *forms.Answers) {
	k.t.Helper()
	got := collected(k, "organizer")
	if n := same(k, want, got); n < 20 || len(got.Materials) != 1 {
		k.t.Errorf("collected %d answers and %d materials", n, len(got.Materials))
	}
}

// collected reads the organizer's mailbox, and returns the last report that has come whole.
func collected(k *desk, account string) *forms.Report {
	t := k.t
	t.Helper()
	l, err := k.desk.Home.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	to := k.net.server.Account("skx303@126.com")
	to.Name = account
	if err := k.desk.SaveAccount(to, "code-1"); err != nil {
		t.Fatal(err)
	}
	var got *forms.Report
	_, err = k.desk.Collect(t.Context(), l, []string{account}, func(f post.Found) {
		if f.Outcome.Kind == ledger.New || f.Outcome.Kind == ledger.Completes {
			got = f.Report
		}
	})
	if err = errors.Join(err, l.Close()); err != nil || got == nil {
		t.Fatalf("collected %v, %v", got, err)
	}
	return got
}

// same compares a report with what was entered, and returns how many answers that is.
func same(k *desk, want *forms.Answers, got *forms.Report) (n int) {
	k.t.Helper()
	k.notice().Form.Walk(want, func(q *forms.Question, p forms.Path, v string) {
		if q.Type.Media() || v == "" || !k.editor.Asked(p) {
			return
		}
		n++
		if got.Answers.Get(p) != v {
			k.t.Errorf("%s: collected %q, entered %q", p, got.Answers.Get(p), v)
		}
	})
	return n
}
