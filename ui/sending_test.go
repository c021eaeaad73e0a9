package ui

import (
	"io"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"baosong/mailer"
	"baosong/mailer/loopback"
	"baosong/mailer/outbox"
	"baosong/mailer/post"
	"baosong/ui/kit"
)

// gate is a mail server that takes a message only once it is opened.
type gate struct {
	opened chan struct{}
	waits  chan struct{} // has room for one who waits
	taken  chan mailer.Envelope
}

func gated(t *testing.T) (*loopback.Server, *gate) {
	t.Helper()
	g := &gate{opened: make(chan struct{}), waits: make(chan struct{}, 1), taken: make(chan mailer.Envelope, 8)}
	s, err := loopback.Start(loopback.Options{
		Accounts: []loopback.Login{{Address: mailer.Address{Addr: unitAddress}, Code: "code-1"}, {Address: mailer.Address{Addr: "skx303@126.com"}, Code: "code-1"}},
		Deliver: func(env mailer.Envelope, message io.Reader) error {
			select {
			case g.waits <- struct{}{}:
			default:
			}
			<-g.opened
			if _, err := io.Copy(io.Discard, message); err != nil {
				return err
			}
			g.taken <- env
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, g
}

// ready brings a draft to the page that sends, with an account.
func ready(k *desk, code string) {
	k.t.Helper()
	a := k.net.server.Account(unitAddress)
	a.Name = unitAddress
	if err := k.desk.SaveAccount(a, code); err != nil {
		k.t.Fatal(err)
	}
	k.tap("开始填报")
	k.editor.Show(0)
	k.fill("unit/unit_name", "示例县科协")
	k.fill("unit/contact_email", unitAddress)
	k.example("unit/unit_kind", "unit/contact_person", "unit/contact_phone")
	k.editor.Show(1)
	k.tap("添加一项")
	k.example("activity[1]/activity_name", "activity[1]/activity_kind", "activity[1]/start_date", "activity[1]/place", "activity[1]/mode", "activity[1]/participants", "activity[1]/activity_intro")
	k.editor.Show(2)
	k.example("summary/organization", "summary/results", "summary/experience")
	k.editor.Show(4)
	k.fill("declaration/no_secrets", "OK")
	k.example("declaration/filled_by")
	k.editor.Show(k.editor.SendPage())
	k.settle()
	k.mustSee("共 1 封邮件")
}

func (k *desk) jobState() outbox.State {
	k.t.Helper()
	jobs, err := k.desk.Home.Outbox.List()
	if err != nil || len(jobs) != 1 {
		k.t.Fatalf("%d jobs, %v", len(jobs), err)
	}
	return jobs[0].State()
}

// TestSendingGoesOnAtTheNextStart pauses and resumes, closes the window in the
// middle, which asks first, and finds the rest sent after the next start.
func TestSendingGoesOnAtTheNextStart(t *testing.T) {
	server, gate := gated(t)
	dir := t.TempDir()
	codes := &memory{}
	k := sit(t, dir, local{server, codes})
	ready(k, "code-1")
	k.tap("发送")
	k.q.until(func() { <-gate.waits })
	k.settle()
	k.mustSee("正在发送，已发出 0/1 封")
	k.tap("暂停")
	k.mustSee("已暂停")
	if s := k.jobState(); s != outbox.Cancelled {
		t.Errorf("paused: %s", s)
	}
	k.tap("继续发送")
	k.q.until(func() { <-gate.waits })
	k.settle()
	k.mustSee("正在发送")
	k.close()
	k.settle()
	k.mustSee("下次打开程序时会接着发送")
	k.tap("关闭")
	k.end()
	if s := k.jobState(); s == outbox.Sent {
		t.Fatal("sent, though the server took nothing")
	}

	close(gate.opened)
	again := sit(t, dir, local{server, codes})
	id := ""
	if jobs, err := again.desk.Home.Outbox.List(); err != nil || len(jobs) != 1 {
		t.Fatalf("%d jobs, %v", len(jobs), err)
	} else {
		id = jobs[0].ID
	}
	again.tap("打开")
	if again.sees("自动再试") { // every byte had been written, and no answer came
		again.tap("重试")
	}
	again.arrive(id)
	again.tap("返回")
	again.mustSee("已全部发出，共 1 封")
}

// Who comes back to the page in the middle of sending sees how far it is, not that it begins.
func TestSendingIsAsFarAsItWasWhenThePageIsOpenedAgain(t *testing.T) {
	server, gate := gated(t)
	k := sit(t, t.TempDir(), local{server: server})
	ready(k, "code-1")
	k.tap("发送")
	id := k.editor.Draft().Submission().String()
	k.q.until(func() { <-gate.waits })
	k.settle()
	far := func() string {
		line, _ := find(k.win.Content(), func(x *kit.Text) bool { return strings.HasPrefix(x.Text(), "正在发送，") })
		if line == nil {
			t.Fatalf("sending is not told of: %q", k.texts())
		}
		return line.Text()
	}
	before := far()
	for ; strings.Contains(before, " 0 B /"); before = far() {
		(<-k.q)() // that something has gone out is told in a moment, and nothing else comes
	}
	k.editor.Show(0)
	k.editor.Show(k.editor.SendPage())
	if got := far(); got != before {
		t.Errorf("from another page, %q, not %q", got, before)
	}
	draft := k.editor.Draft().ID
	k.leave()
	k.settle()
	k.shell.Open(draft, true)
	k.settle()
	if got := far(); got != before {
		t.Errorf("opened again, %q, not %q", got, before)
	}
	close(gate.opened)
	k.arrive(id)
	k.mustSee("已全部发出")
}

// TestWrongCodeIsNamedWithItsRemedy sends with a code that is refused, mends it
// by the button beside the words, and finds the report sent without more ado.
func TestWrongCodeIsNamedWithItsRemedy(t *testing.T) {
	server, err := serve("code-1", unitAddress, "skx303@126.com")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	k := sit(t, t.TempDir(), local{server: server})
	ready(k, "wrong")
	k.tap("发送")
	id := k.editor.Draft().Submission().String()
	for k.jobState() != outbox.Failed {
		k.q.until(func() { k.desk.Wake() })
	}
	k.settle()
	k.mustSee("另存邮件")
	k.mustSee("拒绝登录")
	k.tap("检查邮箱账户")
	k.mustSee("邮箱账户")
	k.tap("修改")
	entries := entriesOf(k)
	typeInto(k, entries[len(entries)-1], "code-1")
	k.tap("保存")
	if k.jobState() == outbox.Failed {
		k.tap("重试")
	}
	k.arrive(id)
	k.mustSee("已全部发出")
}

// TestRehearsalLeavesTheDraftAsItIs takes a copy through the whole trip.
func TestRehearsalLeavesTheDraftAsItIs(t *testing.T) {
	server, err := serve("code-1", unitAddress)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	k := sit(t, t.TempDir(), local{server: server})
	ready(k, "code-1")
	k.tap("演练一遍")
	k.mustSee("演练成功：1 封邮件")
	drafts, err := k.desk.Home.Drafts.List()
	jobs, jerr := k.desk.Home.Outbox.List()
	if err != nil || jerr != nil || len(drafts) != 1 || len(jobs) != 0 {
		t.Errorf("%d drafts and %d jobs after a rehearsal, %v, %v", len(drafts), len(jobs), err, jerr)
	}
	if got := k.editor.Draft().State(); got != "draft" {
		t.Errorf("the draft is %s", got)
	}
}

// halting is a network whose rehearsals stop while a message is on its way.
type halting struct {
	local
	rehearsal *loopback.Server
}

func (h halting) Rehearse(...string) (post.Rehearsal, error) {
	return carried{local{server: h.rehearsal}, h.rehearsal}, nil
}

// TestRehearsalThatIsBrokenOffLeavesNothing closes the draft while the copy is on its way: neither the copy nor its messages
// stay.
func TestRehearsalThatIsBrokenOffLeavesNothing(t *testing.T) {
	server, err := serve("code-1", unitAddress)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	reached, open := make(chan struct{}, 1), make(chan struct{})
	rehearsal, err := loopback.Start(loopback.Options{
		Accounts: []loopback.Login{{Address: mailer.Address{Addr: "rehearsal@unit.example"}, Code: "c"}, {Address: mailer.Address{Addr: "skx303@126.com"}, Code: "c"}},
		Deliver: func(mailer.Envelope, io.Reader) error {
			reached <- struct{}{}
			<-open
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer close(open)
	k := sit(t, t.TempDir(), local{server: server})
	ready(k, "code-1")
	k.desk.Network = halting{k.net, rehearsal}
	b, ok := find(k.win.Content(), func(b *kit.Button) bool { return strings.HasPrefix(b.Text, "演练一遍") })
	if !ok {
		t.Fatal("no button for rehearsing")
	}
	test.Tap(b)
	k.q.until(func() { <-reached })
	test.Tap(b) // once more: there is one rehearsal, and a second is not begun
	k.mustSee("演练正在进行")
	if drafts, err := k.desk.Home.Drafts.List(); err != nil || len(drafts) != 2 {
		t.Errorf("%d drafts in the middle of a rehearsal, %v", len(drafts), err)
	}
	k.end()
	drafts, err := k.desk.Home.Drafts.List()
	jobs, jerr := k.desk.Home.Outbox.List()
	if err != nil || jerr != nil || len(drafts) != 1 || len(jobs) != 0 {
		t.Errorf("%d drafts and %d jobs after a rehearsal that was broken off, %v, %v", len(drafts), len(jobs), err, jerr)
	}
}
