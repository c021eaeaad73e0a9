package say

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"baosong/assets"
	"baosong/mailer"
)

// What providers answer, and the row of the table each reply belongs to.
var replyCases = []struct {
	code int
	text string
	key  string
	zh   string // what has to be said
}{
	{535, "Error: authentication failed", "code", "授权码"},
	{535, "Login Fail. Please enter your authorization code to login. More information in https://service.mail.example", "service", "SMTP"},
	{535, "Error: 需要使用授权码登录", "code", "授权码"},
	{535, "Login fail. Account is abnormal, service is not open, password is incorrect", "service", "没有开启"},
	{550, "User has no permission", "service", "没有开启"},
	{535, "Login fail. Too many login attempts", "lockout", "锁定"},
	{535, "Authentication failed, too many failures", "lockout", "锁定"},
	{451, "Requested mail action not taken: too much fail authentication", "lockout", "锁定"},
	{554, "IP is rejected, smtp auth error limit exceed", "lockout", "锁定"},
	{454, "Error: too frequently", "login-frequency", "频繁"},
	{454, "Authentication failed, please try later", "login-frequency", "频繁"},
	{550, "5.7.30 Basic authentication is not supported for Client Submission", "oauth", "不再支持"},
	{535, "5.7.139 Authentication unsuccessful, basic authentication is disabled.", "oauth", "不再支持"},
	{553, "Mail from must equal authorized user", "sender", "不一致"},
	{501, "mail from address must be same as authorization user", "sender", "不一致"},
	{553, "Requested action not taken: Local user only", "local-user", "本系统"},
	{553, "authentication is required,smtp8", "auth-required", "登录"},
	{554, "DT:SUM 126 smtp1", "mismatch", "信头"},
	{554, "DT:SPM 163 smtp2", "spam", "垃圾"},
	{550, "DT:SPM mx3", "spam", "垃圾"},
	{451, "DT:SPM ,please try again", "spam-later", "稍后"},
	{550, "MI:SPF mx14", "spf", "SPF"},
	{550, "MI:DMA mx14", "dmarc", "DMARC"},
	{451, "MI:SFQ mx14", "quarter-hour", "十五分钟"},
	{550, "MI:STC mx14", "day", "今天"},
	{554, "MI:STC mx14", "day", "今天"},
	{550, "RP:TRC mx14", "day", "今天"},
	{421, "HL:REP 163 mx1", "network", "网络"},
	{421, "HL:ICC 163 mx1", "network", "网络"},
	{421, "HL:IFC 163 mx1", "network", "网络"},
	{450, "MI:DMC mx2", "connection", "连接"},
	{451, "MI:DMC mx2", "connection", "连接"},
	{451, "RP:QRC mx2", "recipients", "收件人数"},
	{552, "message size exceeds fixed maximum message size", "size", "大小"},
	{552, "Requested mail action aborted: exceeded mailsize limit", "size", "大小"},
	{552, "RP:UQT", "full", "满"},
	{552, "Illegal Attachment", "attachment", "附件"},
	{550, "Mail content denied. http://service.mail.example/cgi-bin/help?id=20022", "content", "内容"},
	{550, "Connection frequency limited", "frequency", "频繁"},
	{550, "Sender frequency limited", "frequency", "频繁"},
	{550, "User not found: nobody@organizer.example", "recipient", "不存在"},
	{550, "5.1.1 mailbox unavailable", "recipient", "不存在"},
	{599, "something new", "", ""},
	{450, "4.2.0 greylisted", "", ""},
}

// Every reply gets the words of its row, in both languages, with what to do;
// one that nobody knows is shown as it came.
func TestReplies(t *testing.T) {
	zh, en := load(t, "zh"), load(t, "en")
	used := map[string]bool{}
	for _, tt := range replyCases {
		if got := zh.Reply(tt.code, tt.text); got != tt.key {
			t.Errorf("%d %s: row %q, want %q", tt.code, tt.text, got, tt.key)
			continue
		}
		used[tt.key] = true
		err := fmt.Errorf("send: %w", &mailer.Error{Kind: mailer.Refused, Step: "data", Host: "smtp.example.org", Code: tt.code, Text: tt.text})
		for _, w := range []*Words{zh, en} {
			a := w.Error(err)
			if a.Raw != fmt.Sprint(tt.code)+" "+tt.text || a.What == "" || a.Next == "" || strings.Contains(a.What+a.Next, "reply.") {
				t.Errorf("%s: %d %s: %+v", w.lang, tt.code, tt.text, a)
			}
		}
		if a := zh.Error(err); !strings.Contains(a.What+a.Next, tt.zh) {
			t.Errorf("%d %s: %s%s does not speak of %s", tt.code, tt.text, a.What, a.Next, tt.zh)
		}
	}
	for _, r := range zh.replies {
		if !used[r.Key] {
			t.Errorf("row %s: no reply in the test belongs to it", r.Key)
		}
	}
}

func TestBadReplyTables(t *testing.T) {
	for name, table := range map[string]string{
		"not JSON":           `{`,
		"matches everything": `[{"key":"a"}]`,
		"no key":             `[{"codes":[550]}]`,
		"bad pattern":        `[{"key":"a","pattern":"("}]`,
	} {
		if _, err := Load(fstest.MapFS{"zh/a.json": {Data: []byte(`{}`)}, repliesFile: {Data: []byte(table)}}, "zh"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A sender's address that is refused for a reason nobody knows is called that.
func TestSenderRefused(t *testing.T) {
	a := load(t, "zh").Error(&mailer.Error{Kind: mailer.Refused, Step: "mail", Host: "smtp.example.org", Code: 550, Text: "odd"})
	if !strings.Contains(a.What, "这个地址") || a.Raw != "550 odd" {
		t.Errorf("%+v", a)
	}
}

// Every row of the provider table has a name and says how one logs in.
func TestProviderWords(t *testing.T) {
	b, err := fs.ReadFile(assets.Mail(), "providers.json")
	if err != nil {
		t.Fatal(err)
	}
	var ps mailer.Providers
	if err := json.Unmarshal(b, &ps); err != nil {
		t.Fatal(err)
	}
	for _, lang := range Languages {
		w := load(t, lang)
		for _, p := range ps {
			if !w.Has("provider."+p.ID+".name") || !w.Has("provider."+p.ID+".login") || w.LoginHint(p) == "" {
				t.Errorf("%s: no words for provider %s", lang, p.ID)
			}
		}
		own := mailer.Provider{ID: "kx.example", Login: mailer.LoginClient}
		if w.LoginHint(own) != w.T("login.client") || w.ProviderName(own) != "kx.example" {
			t.Errorf("%s: a row of the user's own: %q, %q", lang, w.ProviderName(own), w.LoginHint(own))
		}
		for _, step := range []string{"lookup", "connect", "tls", "login", "mail"} {
			if !w.Has("test.step." + step) {
				t.Errorf("%s: no words for step %s", lang, step)
			}
		}
	}
}
