package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"baosong/forms"
	"baosong/forms/ledger"
	"baosong/forms/media"
	"baosong/mailer"
	"baosong/mailer/imap"
	"baosong/mailer/loopback"
	"baosong/mailer/post"
	"baosong/mailer/smtp"
)

// local is a network that reaches only the servers the program carries.
type local struct{ *loopback.Server }

func (local) Rehearse(addresses ...string) (post.Rehearsal, error) {
	var logins []loopback.Login
	for _, a := range addresses {
		logins = append(logins, loopback.Login{Address: mailer.Address{Addr: a}, Code: "code"})
	}
	s, err := loopback.Start(loopback.Options{Accounts: logins})
	return local{s}, err
}

func (l local) Account(a string) (mailer.Account, error) { return l.Server.Account(a), nil }

func (l local) Sender(a mailer.Account, s mailer.Secrets) (mailer.Sender, error) {
	if l.Server == nil {
		return nil, errors.New("not in a test")
	}
	return smtp.New(a, s, smtp.Options{RootCAs: l.RootCAs()})
}

func (l local) Mailbox(ctx context.Context, a mailer.Account, s mailer.Secrets) (mailer.Mailbox, error) {
	if l.Server == nil {
		return nil, errors.New("not in a test")
	}
	return imap.Open(ctx, a, s, imap.Options{RootCAs: l.RootCAs()})
}

type codes map[string]string

func (c codes) Secret(a string) (string, error) { return c[a], nil }

func (c codes) SetSecret(a, code string) error { c[a] = code; return nil }

func probe(ctx context.Context, path string) (forms.Material, error) {
	info, err := media.Probe(ctx, path)
	return forms.Material{MIME: info.MIME, Ext: info.Ext, Width: info.Width, Height: info.Height}, err
}

// run carries out a command line over the data folder home.
func run(t *testing.T, home, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(t.Context(), append([]string{"--home", home}, args...), Program{
		Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, Version: "test",
		Network: local{}, Secrets: codes{}, Probe: probe,
	})
	return code, out.String(), errs.String()
}

// must is run for what has to work.
func must(t *testing.T, home string, args ...string) string {
	t.Helper()
	code, stdout, stderr := run(t, home, "", args...)
	if code != Done {
		t.Fatalf("%v: exit %d\n%s%s", args, code, stdout, stderr)
	}
	return stdout
}

func TestDemoCountsWhatWasSent(t *testing.T) {
	out := filepath.Join(t.TempDir(), "演练")
	var got struct {
		Rollup  string         `json:"rollup"`
		Summary ledger.Summary `json:"summary"`
	}
	stdout := must(t, t.TempDir(), "--json", "demo", "--units", "4", "--out", out)
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	want := ledger.Summary{Units: 4, Messages: 6, Deliveries: 6, Submissions: 5, Superseded: 1, SentTwice: 1, Late: 1}
	if got.Summary != want {
		t.Errorf("summary %+v, want %+v", got.Summary, want)
	}
	if fi, err := os.Stat(got.Rollup); err != nil || fi.Size() == 0 {
		t.Errorf("rollup: %v", err)
	}
	received := filepath.Join(out, "home", "received")
	must(t, t.TempDir(), "verify", received)

	home := t.TempDir() // another organizer, from the folder: the same packages, found again the second time
	must(t, home, "collect", received)
	sum := must(t, home, "--json", "collect", received)
	if !strings.Contains(sum, `"new": 0`) {
		t.Errorf("collected twice: %s", sum)
	}
	must(t, home, "rollup", "jilin-2024-sti-workers-day", "--out", filepath.Join(out, "再汇总.xlsx"))
	checkDamage(t, received)
}

// checkDamage changes one byte of a package, cuts another short, and looks.
func checkDamage(t *testing.T, received string) {
	t.Helper()
	zips, err := filepath.Glob(filepath.Join(received, "*", "*", "*.zip"))
	if err != nil || len(zips) == 0 {
		t.Fatal("no packages", err)
	}
	whole, err := os.ReadFile(zips[0])
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	for name, content := range map[string][]byte{"改过.zip": flipped, "截断.zip": whole[:len(whole)/2]} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := run(t, t.TempDir(), "", "verify", path)
		if code != Invalid || !strings.Contains(stdout, "不完整或被改动") || strings.Count(strings.TrimSpace(stdout), "\n") > 0 {
			t.Errorf("%s: exit %d, %s%s", name, code, stdout, stderr)
		}
	}
}

func TestDraftByCommands(t *testing.T) {
	home := t.TempDir()
	id := strings.TrimSpace(must(t, home, "draft", "new", "jilin-2024-sti-workers-day"))
	must(t, home, "draft", "set", id, "unit/unit_name=示例县科协", "activity[1]/activity_name=示例活动", "activity[1]/start_date=2024年5月30日")
	shown := must(t, home, "draft", "show", id)
	for _, want := range []string{"unit/unit_name=示例县科协", "activity[1]/start_date=2024-05-30"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%s is not in\n%s", want, shown)
		}
	}
	blank := filepath.Join(home, "填报.xlsx")
	must(t, home, "notice", "template", "jilin-2024-sti-workers-day", "--out", blank)
	must(t, home, "draft", "fill", id, blank)
	if again := must(t, home, "draft", "show", id); !strings.Contains(again, "unit/unit_name=示例县科协") {
		t.Errorf("reading an empty workbook lost answers:\n%s", again)
	}
	code, stdout, _ := run(t, home, "", "draft", "check", id)
	if code != Invalid || !strings.Contains(stdout, "联系人") {
		t.Errorf("check: exit %d\n%s", code, stdout)
	}
	code, _, _ = run(t, home, "", "pack", id, "--out", filepath.Join(home, "包"))
	if _, err := os.Stat(filepath.Join(home, "包")); code != Invalid || err == nil {
		t.Errorf("pack with errors: exit %d, folder there: %v", code, err == nil)
	}
}

func TestBadInputGetsOneLine(t *testing.T) {
	home := t.TempDir()
	id := strings.TrimSpace(must(t, home, "draft", "new", "jilin-2024-sti-workers-day"))
	eml := filepath.Join(t.TempDir(), "空.eml")
	if err := os.WriteFile(eml, []byte("From: a@example.org\r\nSubject: x\r\n\r\nno package\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		code int
		text string
	}{
		{[]string{"no-such-command"}, Usage, "用法不对"},
		{[]string{"draft", "new", "no-such-notice"}, Failed, "没有这份通知"},
		{[]string{"draft", "show", "d-aaaaaaaa"}, Failed, "没有这份草稿"},
		{[]string{"draft", "show", "../../etc"}, Failed, "没有这份草稿"},
		{[]string{"draft", "set", id, "unit/no_such=1"}, Usage, "没有 unit/no_such"},
		{[]string{"draft", "set", id, "unit/unit_name"}, Usage, "路径=内容"},
		{[]string{"draft", "set", id, "activity[1]/start_date=某天"}, Invalid, "格式不对"},
		{[]string{"draft", "attach", id, "activity[1]/photos/photo", "没有.jpg"}, Failed, "找不到“没有.jpg”"},
		{[]string{"verify", "没有.zip"}, Failed, "找不到“没有.zip”"},
		{[]string{"receipt", "import", eml}, Invalid, "没有回执"},
		{[]string{"send", id}, Usage, "--account"},
		{[]string{"send", id, "--account", "nobody"}, Failed, "没有这个邮箱账户"},
		{[]string{"pack", id, "--out", "x", "--limit", "many"}, Usage, "不是大小"},
		{[]string{"outbox", "cancel", "none"}, Failed, "发件箱里没有"},
		{[]string{"account", "test", "nobody"}, Failed, "没有这个邮箱账户"},
		{[]string{"ledger", "show", "NONE"}, Failed, "台账里没有"},
	} {
		code, stdout, stderr := run(t, home, "", tt.args...)
		if code != tt.code || !strings.Contains(stdout+stderr, tt.text) {
			t.Errorf("%v: exit %d, want %d\n%s%s", tt.args, code, tt.code, stdout, stderr)
		}
		if tt.code == Failed && strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: not one line:\n%s", tt.args, stderr)
		}
	}
}

// Both servers of an account may stand at one address.
func TestServersAtOneAddress(t *testing.T) {
	code, stdout, stderr := run(t, t.TempDir(), "", "account", "add", "unit@example.com", "--no-code",
		"--smtp", "127.0.0.1:7000", "--imap", "127.0.0.1:7000")
	if code != Done || strings.Count(stdout, "127.0.0.1:7000") != 2 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

func TestCodesAreNotShown(t *testing.T) {
	home := t.TempDir()
	code, stdout, stderr := run(t, home, "geheim-code\n", "account", "add", "unit1@163.com")
	if code != Done {
		t.Fatalf("exit %d %s", code, stderr)
	}
	if !strings.Contains(stdout, "smtp.163.com:465") || strings.Contains(stdout+stderr, "geheim") {
		t.Errorf("printed %s%s", stdout, stderr)
	}
	err := filepath.WalkDir(home, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.Contains(string(b), "geheim") {
			t.Errorf("the code is in %s", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
