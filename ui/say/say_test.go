package say

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"baosong/assets"
	"baosong/forms/draft"
	"baosong/forms/media"
	"baosong/forms/submit"
	"baosong/mailer"
)

func load(t *testing.T, lang string) *Words {
	t.Helper()
	w, err := Load(assets.Screen(), lang)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func TestBothLanguagesHaveEveryKeyWithTheSamePlaceholders(t *testing.T) {
	zh, en := load(t, "zh"), load(t, "en")
	for _, pair := range [][2]*Words{{zh, en}, {en, zh}} {
		for k, v := range pair[0].texts {
			other := pair[1].texts[k]
			if other == "" || v == "" {
				t.Errorf("%s: no text in %s or %s", k, pair[0].lang, pair[1].lang)
				continue
			}
			a, b := placeholder.FindAllString(v, -1), placeholder.FindAllString(other, -1)
			slices.Sort(a)
			slices.Sort(b)
			if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
				t.Errorf("%s: placeholders %v and %v", k, a, b)
			}
		}
	}
}

// Somebody in front of a window is told of buttons and pages; only who types commands is told of those.
func TestWindowTellsNobodyToTypeCommands(t *testing.T) {
	command := regexp.MustCompile(`\b(draft|notice|outbox|ledger|account) (list|add|show|check|run|import|providers|restore|undo|versions|test)\b|--[a-z]|\bbaosong `)
	for _, lang := range Languages {
		w := load(t, lang)
		for k, text := range w.texts {
			if command.MatchString(text) && !strings.HasPrefix(k, "cli.") && !(strings.HasPrefix(k, "collect.") && strings.HasSuffix(k, ".command")) {
				t.Errorf("%s: %s: %q", lang, k, text)
			}
		}
		window, commands := w.Error(draft.ErrNoDraft).Next, w.ForCommands().Error(draft.ErrNoDraft).Next
		if window == commands || !strings.Contains(commands, "draft list") {
			t.Errorf("%s: the window says %q, a command %q", lang, window, commands)
		}
	}
}

func TestNoKeyTwiceInOneFile(t *testing.T) {
	files, err := fs.Glob(assets.Screen(), "*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, name := range files {
		b, err := fs.ReadFile(assets.Screen(), name)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		dec := json.NewDecoder(strings.NewReader(string(b)))
		for i := -1; ; i++ {
			tok, err := dec.Token()
			if err != nil {
				break
			}
			if key, ok := tok.(string); ok && i%2 == 0 {
				if seen[key] {
					t.Errorf("%s: key %s twice", name, key)
				}
				seen[key] = true
			}
		}
	}
}

func TestT(t *testing.T) {
	w, err := Load(fstest.MapFS{"zh/a.json": {Data: []byte(`{"a":"{n} 份，{n}/{m}"}`)}}, "zh")
	if err != nil {
		t.Fatal(err)
	}
	if got := w.T("a", "n", 3, "m", "{n}"); got != "3 份，3/{n}" {
		t.Errorf("T = %q", got)
	}
	if got := w.T("none"); got != "none" {
		t.Errorf("a key without a text = %q", got)
	}
	if _, err := Load(fstest.MapFS{}, "fr"); err == nil {
		t.Error("a language that is not there: no error")
	}
	if _, err := Load(fstest.MapFS{"zh/a.json": {Data: []byte(`{"a":"1"}`)}, "zh/b.json": {Data: []byte(`{"a":"2"}`)}}, "zh"); err == nil {
		t.Error("a key in two files: no error")
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	mailErr := func(kind mailer.Kind, code int, text string) error {
		return fmt.Errorf("send s1: %w", &mailer.Error{Kind: kind, Step: "x", Host: "smtp.example.org", Code: code, Text: text})
	}
	_, missing := os.Open(filepath.Join(t.TempDir(), "没有.xlsx"))
	for _, tt := range []struct {
		err  error
		what string // a part of it
		raw  string
	}{
		{mailErr(mailer.Lookup, 0, ""), "smtp.example.org", ""},
		{mailErr(mailer.Login, 535, "Error: 需要使用授权码登录"), "授权码", "535 Error: 需要使用授权码登录"},
		{mailErr(mailer.Login, 535, "Login fail. Please enter your authorization code to login"), "授权码", "535"},
		{mailErr(mailer.Login, 535, "Login fail. Service is not open"), "没有开启", "535"},
		{mailErr(mailer.Refused, 553, "Mail from must equal authorized user"), "不一致", "553"},
		{mailErr(mailer.Refused, 553, "Requested action not taken: Local user only"), "本系统", "553"},
		{mailErr(mailer.Refused, 554, "DT:SUM 126 smtp"), "信头", "554"},
		{mailErr(mailer.Refused, 554, "DT:SPM 163 smtp"), "垃圾", "554"},
		{mailErr(mailer.Temporary, 451, "DT:SPM"), "垃圾", "451"},
		{mailErr(mailer.Refused, 550, "MI:SPF"), "SPF", "550"},
		{mailErr(mailer.Temporary, 451, "MI:SFQ"), "十五分钟", "451"},
		{mailErr(mailer.Temporary, 421, "HL:REP"), "网络", "421"},
		{mailErr(mailer.Temporary, 451, "Requested mail action not taken: too much fail authentication"), "次数过多", "451"},
		{mailErr(mailer.TooLarge, 552, "message exceeds size"), "大小", "552"},
		{mailErr(mailer.Refused, 552, "RP:UQT"), "满", "552"},
		{mailErr(mailer.Refused, 552, "Illegal Attachment"), "附件", "552"},
		{mailErr(mailer.Refused, 550, "5.7.30 Basic authentication is not supported"), "不再支持", "550"},
		{mailErr(mailer.Refused, 599, "something new"), "拒收", "599 something new"},
		{missing, "没有.xlsx", ""},
		{&submit.MaterialError{Name: "照片.heic", Err: fmt.Errorf("a: %w", media.Corrupt)}, "“照片.heic”已损坏", ""},
		{&submit.MaterialError{Name: "照片.heic", Err: &fs.PathError{Path: "m-1.jpg", Err: fs.ErrNotExist}}, "照片.heic", ""},
		{fmt.Errorf("write: %w", syscall.ENOSPC), "磁盘空间不足", ""},
		{errors.Join(errors.New("odd"), fmt.Errorf("a: %w", context.Canceled)), "取消", ""},
		{errors.New("odd"), "没有完成", "odd"},
	} {
		a := load(t, "zh").Error(tt.err)
		if !strings.Contains(a.What, tt.what) || !strings.Contains(a.Raw, tt.raw) || a.Next == "" {
			t.Errorf("%v:\n what %s\n next %s\n raw %s", tt.err, a.What, a.Next, a.Raw)
		}
		for _, s := range []string{a.What, a.Next} {
			if strings.Contains(s, "error.") || strings.Contains(s, "next.") || placeholder.MatchString(s) {
				t.Errorf("%v: bare key or placeholder in %q", tt.err, s)
			}
		}
	}
}
