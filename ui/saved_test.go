package ui

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"baosong/forms"
	"baosong/forms/ledger"
	"baosong/mailer/post"
	"baosong/ui/native"
)

// TestSavedMessagesAreCollectedAndTheirReceiptDropped saves the messages of a
// report as files, collects them from their folder, and drops the receipt on
// the window.
func TestSavedMessagesAreCollectedAndTheirReceiptDropped(t *testing.T) {
	server, err := serve("code-1", unitAddress, "skx303@126.com")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	k := sit(t, t.TempDir(), local{server: server})
	ready(k, "code-1")
	want := k.editor.Draft().Answers.Clone()
	stick := t.TempDir()
	k.shell.Pick = func(native.Window, native.Ask) ([]string, error) { return []string{stick}, nil }
	k.tap("另存邮件")
	k.mustSee("邮件已保存到")
	k.mustSee("本程序还没有发出这份材料")
	k.mustSee("还没有回执")
	k.tap("拷到 U 盘") // both ways, into the same place
	k.mustSee(" (2)”")
	k.mustSee("复制主题")
	if notes, err := filepath.Glob(filepath.Join(stick, "* (2)", "说明.txt")); err != nil || len(notes) != 1 {
		t.Errorf("%d folders for webmail, %v", len(notes), err)
	}
	printed := ""
	k.shell.View = func(path string) error { printed = path; return nil }
	k.tap("打开并打印")
	arrives, err := filepath.Glob(filepath.Join(stick, "* (2)", "*", "*.docx"))
	if err != nil || len(arrives) != 1 || string(contents(t, printed)) != string(contents(t, arrives[0])) {
		t.Errorf("what is printed, %q, is not what arrives, %q; %v", printed, arrives, err)
	}
	messages, err := filepath.Glob(filepath.Join(stick, "*", "*.eml"))
	if err != nil || len(messages) != 1 {
		t.Fatalf("%d messages, %v", len(messages), err)
	}
	b, err := os.ReadFile(messages[0])
	if head, _, _ := strings.Cut(string(b), "\r\n\r\n"); err != nil || !strings.Contains("\r\n"+head, "\r\nX-Unsent: 1\r\n") {
		t.Errorf("the message does not open as one to be sent: %q, %v", head, err)
	}

	l, err := k.desk.Home.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	got := collectFrom(k, l, filepath.Dir(messages[0]))
	if got.Submission != k.editor.Draft().Submission() {
		t.Errorf("collected %v, saved %v", got.Submission, k.editor.Draft().Submission())
	}
	k.notice().Form.Walk(want, func(q *forms.Question, p forms.Path, v string) {
		if v != "" && k.editor.Asked(p) && got.Answers.Get(p) != v {
			t.Errorf("%s: collected %q, entered %q", p, got.Answers.Get(p), v)
		}
	})

	receipt := acknowledged(k, l, got.Submission)
	k.drop(messages[0]) // a message, and no receipt
	k.mustSee("这封邮件里没有回执")
	k.tap("知道了")
	k.mustSee("还没有回执")
	k.drop(receipt)
	k.mustSee("已收到")
	if k.sees("还没有回执") || k.sees("不是通知里的收件邮箱") {
		t.Errorf("the receipt came, and still: %q", k.texts())
	}
	k.tap("用邮箱发送") // as well
	k.await("已全部发出")
	if k.sees("本程序还没有发出这份材料") {
		t.Error("it was sent, and still said not to be")
	}
	sum, err := k.desk.Collect(t.Context(), l, []string{"organizer"}, nil)
	if err != nil || sum.New != 0 || sum.Again != 1 {
		t.Errorf("sent after it was handed over: %+v, %v", sum, err)
	}
	k.tap("返回")
	k.mustSee("已收到")
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// collectFrom takes one report in from a folder.
func collectFrom(k *desk, l *ledger.Ledger, dir string) *forms.Report {
	k.t.Helper()
	var got *forms.Report
	sum, err := k.desk.Collect(k.t.Context(), l, []string{dir}, func(f post.Found) { got = f.Report })
	if err != nil || sum.New != 1 || sum.Bad != 0 || got == nil {
		k.t.Fatalf("collected %+v, %v", sum, err)
	}
	return got
}

// acknowledged returns the message with the organizer's receipt, as a file.
func acknowledged(k *desk, l *ledger.Ledger, ref forms.SubmissionRef) string {
	t := k.t
	t.Helper()
	a := k.net.server.Account("skx303@126.com")
	a.Name = "organizer"
	if err := k.desk.SaveAccount(a, "code-1"); err != nil {
		t.Fatal(err)
	}
	job, err := k.desk.Acknowledge(t.Context(), l, k.notice(), ref, a.Name)
	if err != nil {
		t.Fatal(err)
	}
	message, err := k.desk.Home.Outbox.Message(job.ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "回执.eml")
	f, err := os.Create(path)
	if err == nil {
		_, err = io.Copy(f, message)
		err = errors.Join(err, f.Close())
	}
	if err = errors.Join(err, message.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}
