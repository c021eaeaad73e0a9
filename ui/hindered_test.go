package ui

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/mailer/loopback"
	"baosong/ui/native"
)

// press taps a button without waiting for what that begins.
func (k *desk) press(label string) {
	k.t.Helper()
	b, ok := find(k.win.Content(), func(b *widget.Button) bool { return strings.HasPrefix(b.Text, label) && b.Visible() })
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

// TestPackingIsCancelled stops the packing as soon as it can be stopped: the draft is as it was,
// nothing of the package is left, and the report can be sent then.
func TestPackingIsCancelled(t *testing.T) {
	_, k := serving(t)
	want := k.editor.Draft().Answers.Clone()
	k.press("发送")
	k.press("取消")
	k.settle()
	k.mustSee("已停止，草稿没有变")
	if jobs, err := k.desk.Home.Outbox.List(); err != nil || len(jobs) != 0 || k.editor.Draft().State() != draft.Working {
		t.Errorf("%d jobs, %v, and the draft is %s", len(jobs), err, k.editor.Draft().State())
	}
	if left, err := filepath.Glob(filepath.Join(k.dir, ".packing-*")); err != nil || len(left) > 0 {
		t.Errorf("left: %q, %v", left, err)
	}
	k.notice().Form.Walk(want, func(_ *forms.Question, p forms.Path, v string) {
		if k.answer(p) != v {
			t.Errorf("%s was %q, is %q", p, v, k.answer(p))
		}
	})
	k.show(0)
	k.fill("unit/unit_name", "示例市科协") // it can be worked on again
	sendAgain(k)
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

// TestRefusedForItsSizeIsMadeAgain meets a server that takes less than it said:
// the button beside the words opens the next revision.
func TestRefusedForItsSizeIsMadeAgain(t *testing.T) {
	server, k := serving(t)
	server.Script(loopback.Fault{Step: loopback.Mail, Reply: "552 5.3.4 Message size exceeds fixed limit"})
	k.press("发送")
	k.await("允许的大小")
	k.tap("更正")
	if r := k.editor.Draft().Submission().Revision; r != 2 {
		t.Errorf("revision %d is open", r)
	}
}
