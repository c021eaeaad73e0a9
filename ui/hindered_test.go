package ui

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/mailer/loopback"
	"baosong/mailer/outbox"
	"baosong/ui/kit"
	"baosong/ui/native"
)

// press taps a button without waiting for what that begins.
func (k *desk) press(label string) {
	k.t.Helper()
	b, ok := find(k.win.Content(), func(b *kit.Button) bool { return strings.HasPrefix(b.Text, label) && b.Visible() })
	if !ok {
		k.t.Fatalf("no button %q, but %q", label, k.texts())
	}
	test.Tap(b)
}

func serving(t *testing.T) (*loopback.Server, *desk) {
	t.Helper()
	server, err := serve("code-1", unitAddress, "skx303@126.com")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	k := sit(t, t.TempDir(), local{server: server})
	ready(k, "code-1")
	return server, k
}

// fill puts work that does nothing before the UI goroutine, until no more has room: who goes on working waits there.
func (q queue) fill() {
	for {
		select {
		case q <- func() {}:
		default:
			return
		}
	}
}

// TestPackingIsCancelledInTheMiddle leafs through the pages while photos are packed, and then stops that: the draft is
// as it was, nothing of the packages is left, and the report can be worked on and sent.
func TestPackingIsCancelledInTheMiddle(t *testing.T) {
	_, k := serving(t)
	withPhotos(k, 4)
	k.show(k.editor.SendPage())
	want := k.editor.Draft().Answers.Clone()
	k.press("发送")
	packed := 0.0
	for packed < 0.3 {
		k.q.fill()
		(<-k.q)()
		if bar, ok := find(k.win.Content(), func(*widget.ProgressBar) bool { return true }); ok {
			packed = bar.Value
		}
	}
	if packed > 0.8 {
		t.Fatalf("%.0f %% are packed, which is not the middle", 100*packed)
	}
	k.mustSee("正在打包")
	k.editor.Show(0) // the page is there to be read, and nothing on it can be changed
	k.mustSee("单位名称")
	if b, ok := find(k.win.Content(), func(b *kit.Button) bool { return b.Text == "从 Excel 读入" && b.Visible() }); ok {
		t.Errorf("%q can be tapped while the report is packed", b.Text)
	}
	k.editor.Show(1)
	k.shown().Reveal(k.shown().Photos()[0].ID)
	captions, open := 0, 0
	find(k.shown(), func(c interface {
		fyne.CanvasObject
		Disabled() bool
		SetPlaceHolder(string)
	},
	) bool {
		captions++
		if !c.Disabled() {
			open++
		}
		return false
	})
	if captions == 0 || open > 0 {
		t.Errorf("%d of %d captions can be changed while they are packed", open, captions)
	}
	k.editor.Show(k.editor.SendPage())
	k.press("取消")
	k.editor.Show(0)
	k.settle()
	if jobs, err := k.desk.Home.Outbox.List(); err != nil || len(jobs) != 0 || k.editor.Draft().State() != draft.Working {
		t.Errorf("%d jobs, %v, and the draft is %s", len(jobs), err, k.editor.Draft().State())
	}
	for _, pattern := range []string{".packing-*", "outbox/.new-*", ".export-*"} {
		if left, err := filepath.Glob(filepath.Join(k.dir, pattern)); err != nil || len(left) > 0 {
			t.Errorf("left: %q, %v", left, err)
		}
	}
	k.notice().Form.Walk(want, func(_ *forms.Question, p forms.Path, v string) {
		if k.answer(p) != v {
			t.Errorf("%s was %q, is %q", p, v, k.answer(p))
		}
	})
	k.fill("unit/unit_name", "示例市科协") // the page that is open can be worked on again
	k.show(k.editor.SendPage())
	k.mustSee("已停止，草稿没有变")
	sendAgain(k)
	if got := collected(k, "organizer"); got.Unit.Name != "示例市科协" || len(got.Materials) != 4 {
		t.Errorf("collected from %q with %d materials", got.Unit.Name, len(got.Materials))
	}
}

// TestWhatIsStillBeingAddedIsWaitedFor taps to send while photos are still coming in.
func TestWhatIsStillBeingAddedIsWaitedFor(t *testing.T) {
	_, k := serving(t)
	withPhotos(k, 1)
	dir := t.TempDir()
	k.show(1)
	k.dropped(fyne.Position{}, []fyne.URI{storage.NewFileURI(snap(t, dir, 7, 30, 9))})
	k.editor.Show(k.editor.SendPage())
	k.press("发送")
	k.mustSee("文件还在添加")
	k.settle()
	if k.editor.Draft().State() != draft.Working || k.editor.Draft().Answers.Len("activity[1]/photos") != 2 {
		t.Errorf("the draft is %s, with %d photos", k.editor.Draft().State(), k.editor.Draft().Answers.Len("activity[1]/photos"))
	}
	k.mustSee("去核对") // the new one has no caption yet
}

// TestMailboxThatCannotBeReadIsTriedAgain looks for a receipt while the server hangs up: the button tries that again,
// and no other.
func TestMailboxThatCannotBeReadIsTriedAgain(t *testing.T) {
	server, k := serving(t)
	k.tap("发送")
	k.await("已全部发出")
	server.Script(loopback.Fault{Step: loopback.IMAPConnect, Drop: true})
	k.tap("从邮箱收取")
	k.mustSee("连不上邮件服务器")
	if top := k.win.Canvas().Overlays().Top(); slices.Contains(read(top), "另存邮件…") {
		t.Errorf("a receipt was looked for, and offered is %q", read(top))
	}
	k.tap("重试")
	k.mustSee("收到 0 份新回执")
	if n := server.Count(loopback.Answer); n != 1 {
		t.Errorf("the report went out %d times", n)
	}
}

// TestDamagedOutboxIsToldOnce has a job that cannot be read: it is said once, and the others go out.
func TestDamagedOutboxIsToldOnce(t *testing.T) {
	_, k := serving(t)
	damaged := filepath.Join(k.dir, "outbox", "s1-r1")
	if err := os.MkdirAll(damaged, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(damaged, "submission.json"), func(w io.Writer) error { _, err := w.Write([]byte("{")); return err })
	k.desk.Wake()
	k.await("操作没有完成")
	k.tap("知道了")
	k.press("发送")
	k.await("已全部发出")
	k.end()
	if top := k.win.Canvas().Overlays().Top(); top != nil {
		t.Errorf("said again: %q", read(top))
	}
}

// TestAnotherMailboxCanBeLeftBe opens the form for another mailbox by mistake.
func TestAnotherMailboxCanBeLeftBe(t *testing.T) {
	_, k := serving(t)
	k.tap("换一个邮箱")
	k.mustSee("先设置一个发件邮箱")
	k.tap("取消")
	k.mustSee("换一个邮箱")
	if k.sees("先设置一个发件邮箱") {
		t.Error("the form is still there")
	}
}

// TestWhatHasGoneOutIsNotSentAgain loses the connection after the first of two messages and closes the window. After
// the next start the second one goes out, and only that.
func TestWhatHasGoneOutIsNotSentAgain(t *testing.T) {
	server, k := serving(t)
	withPhotos(k, 4)
	limited(k, 2<<20)
	k.mustSee("共 2 封邮件")
	want := k.editor.Draft().Answers.Clone()
	server.Script(loopback.Fault{Step: loopback.Mail, Skip: 1, Drop: true})
	k.press("发送")
	k.await("自动再试")
	k.mustSee("等待发送，已发出 1/2 封")
	id := k.editor.Draft().Submission().String()
	if p := jobOf(k, id).Parts; p[0].State != outbox.Sent || p[1].State != outbox.Queued {
		t.Fatalf("the messages are %s and %s", p[0].State, p[1].State)
	}
	k.close()
	k.settle()
	k.mustSee("已发出的不会重发")
	k.tap("关闭")
	k.end()

	again := sit(t, k.dir, k.net)
	again.mustSee("等待发送，已发出 1/2 封")
	again.tap("打开")
	again.tap("重试") // it is not to wait
	again.await("已全部发出，共 2 封")
	if n := server.Count(loopback.Answer); n != 2 {
		t.Errorf("the server was given %d messages, want each of the two once", n)
	}
	got := collected(again, "organizer")
	if n := same(again, want, got); n < 20 || len(got.Materials) != 4 {
		t.Errorf("collected %d answers and %d materials", n, len(got.Materials))
	}
}

// sendAgain sends from the page that sends, and waits.
func sendAgain(k *desk) {
	k.t.Helper()
	k.show(k.editor.SendPage())
	k.tap("发送")
	k.await("已全部发出")
}

// TestUnreachableServerLeavesWaysOut meets a server that hangs up: the report
// can be saved for another way, and sent once the server is back.
func TestUnreachableServerLeavesWaysOut(t *testing.T) {
	server, k := serving(t)
	server.Script(loopback.Fault{Step: loopback.Connect, Drop: true})
	k.press("发送")
	k.await("自动再试")
	k.mustSee("连不上邮件服务器")
	stick := t.TempDir()
	k.shell.Pick = func(native.Window, native.Ask) ([]string, error) { return []string{stick}, nil }
	k.tap("另存邮件")
	if files, err := filepath.Glob(filepath.Join(stick, "*", "*.eml")); err != nil || len(files) != 1 {
		t.Errorf("%d messages saved, %v", len(files), err)
	}
	k.tap("重试")
	k.await("已全部发出")
}

// await runs what comes back to the UI goroutine until a text is seen, for as
// long as anything comes.
func (k *desk) await(text string) {
	k.t.Helper()
	for !k.sees(text) {
		select {
		case f := <-k.q:
			f()
		case <-time.After(5 * time.Second):
			k.t.Fatalf("nowhere %q, but %q", text, k.texts())
		}
	}
	k.settle()
}

// TestRefusedForItsSizeIsMadeSmaller meets a server that takes less than it says: what it refuses is remembered, and
// the button beside the words makes smaller messages of the same report, which arrive. What had gone out does not go
// out again.
func TestRefusedForItsSizeIsMadeSmaller(t *testing.T) {
	server, k := serving(t)
	withPhotos(k, 4)
	limited(k, 2<<20)
	k.mustSee("共 2 封邮件")
	want := k.editor.Draft().Answers.Clone()
	server.Script(loopback.Fault{Step: loopback.Mail, Skip: 1, Reply: "552 5.3.4 Message size exceeds fixed limit"})
	k.press("发送")
	k.await("新的邮件会更小")
	k.mustSee("超过了对方邮箱允许的大小")
	first := k.editor.Draft().Submission()
	refused := jobOf(k, first.String())
	if p := refused.Parts; p[0].State != outbox.Sent || p[1].State != outbox.Failed {
		t.Fatalf("the messages are %s and %s", p[0].State, p[1].State)
	}
	k.tap("改成更小的邮件")
	if ref := k.editor.Draft().Submission(); ref.ID != first.ID || ref.Revision != 2 || k.editor.Current() != k.editor.SendPage() {
		t.Fatalf("page %d of %s is open", k.editor.Current(), ref)
	}
	k.mustSee("服务器拒收过更大的邮件")
	k.tap("发送")
	k.await("已全部发出")

	sent := jobOf(k, k.editor.Draft().Submission().String())
	if len(sent.Parts) <= len(refused.Parts) {
		t.Errorf("%d messages in place of %d", len(sent.Parts), len(refused.Parts))
	}
	for _, p := range sent.Parts {
		if p.Size >= refused.Parts[1].Size {
			t.Errorf("message %d has %d bytes, %d were refused", p.N, p.Size, refused.Parts[1].Size)
		}
	}
	if n, want := server.Count(loopback.Answer), 1+len(sent.Parts); n != want {
		t.Errorf("the server was given %d messages, want %d", n, want)
	}
	got := collected(k, "organizer")
	if got.Submission != k.editor.Draft().Submission() || len(got.Materials) != 4 {
		t.Errorf("collected %s with %d materials", got.Submission, len(got.Materials))
	}
	same(k, want, got)
	k.tap("返回")
	k.mustSee("已由第 2 版代替")
}

func jobOf(k *desk, id string) outbox.Job {
	k.t.Helper()
	j, err := k.desk.Home.Outbox.Get(id)
	if err != nil {
		k.t.Fatal(err)
	}
	return j
}
