package eml

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// seen is one attachment as a test compares it.
type seen struct {
	Name, Type, Content, Subject string
	Forwarded                    int
}

func readAll(t *testing.T, r io.Reader) (*Message, []seen, error) {
	t.Helper()
	var parts []seen
	m, err := Read(r, func(p Part) error {
		b, err := io.ReadAll(p.Body)
		parts = append(parts, seen{p.Name, p.MediaType, string(b), p.Message.Subject, p.Forwarded})
		return err
	})
	return m, parts, err
}

func TestReadOwn(t *testing.T) {
	m := sample()
	var want []string
	for i, name := range longNames {
		content := bytes.Repeat([]byte{byte(i)}, i*30_000)
		m.Attachments = append(m.Attachments, attachment(name, content))
		d, _ := digest(bytes.NewReader(content))
		want = append(want, name+" "+d)
	}
	var got []string
	head, err := Read(bytes.NewReader(write(t, m)), func(p Part) error {
		d, err := digest(p.Body)
		got = append(got, p.Name+" "+d)
		if p.MediaType != "application/zip" || p.Inline || p.Forwarded != 0 || p.Message.Subject != m.Subject {
			t.Errorf("part is %+v", p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
	if head.Subject != m.Subject || head.MessageID != m.MessageID || !head.Date.Equal(m.Date) ||
		head.From != m.From || !slices.Equal(head.To, m.To) || !slices.Equal(head.ReplyTo, m.ReplyTo) {
		t.Errorf("header is %+v", head.Head)
	}
	if head.Text != m.Text || head.Get("x-baosong-submission") != "k7q2m4tz" {
		t.Errorf("text is %q, header %q", head.Text, head.Get("X-Baosong-Submission"))
	}
}

func gbk(s string) string {
	out, err := simplifiedchinese.GBK.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return out
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// How senders spell the name 活动 总结.zip, which RFCs allow and which occur.
var nameCases = []struct{ what, fields, want string }{
	{"RFC 2231", "Content-Disposition: attachment; filename*=UTF-8''%E6%B4%BB%E5%8A%A8%20%E6%80%BB%E7%BB%93.zip", "活动 总结.zip"},
	{"RFC 2231 in GB18030", "Content-Disposition: attachment; filename*=GB18030''%BB%EE%B6%AF%20%D7%DC%BD%E1.zip", "活动 总结.zip"},
	{"RFC 2231 without charset", "Content-Disposition: attachment; filename*=%BB%EE%B6%AF.zip", "活动.zip"},
	{"RFC 2231 with an unknown charset", "Content-Disposition: attachment; filename*=x-none''%E6%B4%BB.zip", "活.zip"},
	{"RFC 2231 sections, one splitting a character", "Content-Disposition: attachment;\r\n filename*0*=UTF-8''%E6%B4%BB%E5;\r\n filename*1*=%8A%A8%20;\r\n filename*2=\"end.zip\"", "活动 end.zip"},
	{"RFC 2231 sections out of order", "Content-Disposition: attachment; filename*2=.zip; filename*0*=utf-8'zh'%E6%B4%BB; filename*1*=%E5%8A%A8", "活动.zip"},
	{"more than ten sections", "Content-Disposition: attachment; " + func() string {
		var s strings.Builder
		for i := range 12 {
			fmt.Fprintf(&s, "filename*%d=%c; ", i, 'a'+i)
		}
		return s.String()
	}(), "abcdefghijkl"},
	{"both, extended first", "Content-Disposition: attachment; filename=\"fallback.zip\"; filename*=UTF-8''%E6%B4%BB.zip", "活.zip"},
	{"RFC 2047 in name", "Content-Type: application/zip; name=\"=?UTF-8?B?" + b64("活动 总结.zip") + "?=\"", "活动 总结.zip"},
	{"RFC 2047 in filename, GBK", "Content-Disposition: attachment; filename=\"=?gb2312?B?" + b64(gbk("活动 总结.zip")) + "?=\"", "活动 总结.zip"},
	{"RFC 2047, Q", "Content-Disposition: attachment; filename=\"=?utf-8?Q?=E6=B4=BB_a=3Db.zip?=\"", "活 a=b.zip"},
	{"RFC 2047 without quotes", "Content-Disposition: attachment; filename==?UTF-8?B?" + b64("活动 总结.zip") + "?=", "活动 总结.zip"},
	{"RFC 2047 without quotes, Q with a semicolon", "Content-Disposition: attachment; filename==?UTF-8?Q?=E6=B4=BB;a.zip?=; size=3", "活;a.zip"},
	{"RFC 2047 splitting a character", "Content-Disposition: attachment; filename=\"=?UTF-8?B?" + b64("活动"[:4]) + "?=\r\n =?UTF-8?B?" + b64("活动"[4:]+".zip") + "?=\"", "活动.zip"},
	{"RFC 2047 without padding", "Content-Disposition: attachment; filename=\"=?UTF-8?B?5rS7LnppcA?=\"", "活.zip"},
	{"RFC 2047 inside RFC 2231", "Content-Disposition: attachment; filename*=\"=?UTF-8?B?" + b64("活.zip") + "?=\"", "活.zip"},
	{"GBK declared, UTF-8 inside", "Content-Disposition: attachment; filename=\"=?gbk?B?" + b64("活动总结.zip") + "?=\"", "活动总结.zip"},
	{"GBK that could be UTF-8 of two bytes", "Content-Disposition: attachment; filename=\"=?gbk?B?" + b64(gbk("一.zip")) + "?=\"", "一.zip"},
	{"UTF-8 declared, GBK inside", "Content-Disposition: attachment; filename=\"=?utf-8?B?" + b64(gbk("活动总结.zip")) + "?=\"", "活动总结.zip"},
	{"Big5", "Content-Disposition: attachment; filename=\"=?big5?B?rKGwyg==?=.zip\"", "活動.zip"},
	{"raw UTF-8", "Content-Disposition: attachment; filename=\"活动 总结.zip\"", "活动 总结.zip"},
	{"raw UTF-8 without quotes", "Content-Disposition: attachment; filename=活动 总结.zip", "活动 总结.zip"},
	{"raw UTF-8 in both", "Content-Type: application/zip; name=活动 总结.zip\r\nContent-Disposition: attachment", "活动 总结.zip"},
	{"raw GBK", "Content-Disposition: attachment; filename=\"" + gbk("活动 总结.zip") + "\"", "活动 总结.zip"},
	{"raw GBK without quotes", "Content-Disposition: attachment; filename=" + gbk("活动 总结.zip") + "; size=10", "活动 总结.zip"},
	{"raw GBK whose second byte is a backslash", "Content-Disposition: attachment; filename=\"" + gbk("誠.zip") + "\"", "誠.zip"},
	{"spaces without quotes", "Content-Disposition: attachment; filename=a b c.zip", "a b c.zip"},
	{"quotes inside", `Content-Disposition: attachment; filename="a\"b.zip"`, `a"b.zip`},
	{"a quote that never closes", `Content-Disposition: attachment; filename="a b.zip`, "a b.zip"},
	{"a path of Windows", `Content-Disposition: attachment; filename="C:\dir\活动.zip"`, "活动.zip"},
	{"a path of Unix", "Content-Disposition: attachment; filename=\"../../etc/活动.zip\"", "活动.zip"},
	{"text turned round", "Content-Disposition: attachment; filename*=UTF-8''a%E2%80%AEpiz.exe", "apiz.exe"},
	{"control characters", "Content-Disposition: attachment; filename*=UTF-8''a%0D%0Ab%00.zip", "ab.zip"},
	{"capital letters", "CONTENT-DISPOSITION: ATTACHMENT; FILENAME=\"活动.zip\"", "活动.zip"},
	{"folded", "Content-Disposition: attachment;\r\n\tfilename=\"活动\r\n 总结.zip\"", "活动 总结.zip"},
	{"name only in the type", "Content-Type: application/zip;\r\n name=\"a.zip\"", "a.zip"},
	{"no name", "Content-Disposition: attachment", ""},
	{"dots", "Content-Disposition: attachment; filename=\"..\"", ""},
}

func withPart(fields string) string {
	if !strings.Contains(fields, "Content-Type") {
		fields += "\r\nContent-Type: application/zip"
	}
	return "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\n" +
		fields + "\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--xx--\r\n"
}

func TestReadNames(t *testing.T) {
	for _, tt := range nameCases {
		_, parts, err := readAll(t, strings.NewReader(withPart(tt.fields)))
		if err != nil || len(parts) != 1 {
			t.Errorf("%s: %d parts, error %v", tt.what, len(parts), err)
			continue
		}
		if parts[0].Name != tt.want || parts[0].Content != "hello" {
			t.Errorf("%s: name %q with %q, want %q", tt.what, parts[0].Name, parts[0].Content, tt.want)
		}
	}
}

var headCases = []struct{ what, header, subject, from string }{
	{"raw GBK", "From: " + gbk("张示例") + " <a@b.example>\r\nSubject: " + gbk("活动总结"), "活动总结", "张示例|a@b.example"},
	{"raw GBK in quotes", "From: \"" + gbk("张示例") + "\" <a@b.example>\r\nSubject: " + gbk("活动总结"), "活动总结", "张示例|a@b.example"},
	{"raw UTF-8", "From: 张示例 <a@b.example>\r\nSubject: 活动总结", "活动总结", "张示例|a@b.example"},
	{"words", "From: =?gb18030?B?" + b64(gbk("张示例")) + "?= <a@b.example>\r\nSubject: =?gb18030?B?" + b64(gbk("活动")) + "?=\r\n =?gb18030?B?" + b64(gbk("总结")) + "?=", "活动总结", "张示例|a@b.example"},
	{"words in quotes", "From: \"=?UTF-8?B?" + b64("张示例") + "?=\"<a@b.example>\r\nSubject: x", "x", "张示例|a@b.example"},
	{"words side by side", "From: a@b.example\r\nSubject: Re: =?UTF-8?B?" + b64("活动") + "?==?UTF-8?B?" + b64("总结") + "?= end", "Re: 活动总结 end", "|a@b.example"},
	{"an mbox line first", "From a@b.example Tue Nov 24 00:03:21 2026\r\nFrom: a@b.example\r\nSubject: x", "x", "|a@b.example"},
	{"a quoted mbox line first", ">From a@b.example Tue Nov 24 00:03:21 2026\r\nFrom: a@b.example\r\nSubject: x", "x", "|a@b.example"},
	{"blank lines and a mark first", "\xEF\xBB\xBF\r\n\r\nFrom: a@b.example\r\nSubject: x", "x", "|a@b.example"},
	{"a line that is no field", "Subject: x\r\nthis is no field\r\n nor this\r\nFrom: a@b.example", "x", "|a@b.example"},
	{"a continuation first", " lost\r\nFrom: a@b.example\r\nSubject: x", "x", "|a@b.example"},
	{"a comment for a name", "From: a@b.example (张示例)\r\nSubject: x", "x", "张示例|a@b.example"},
	{"a comma in the name", "From: \"张, 示例\" <a@b.example>\r\nSubject: x", "x", "张, 示例|a@b.example"},
	{"no from", "Sender: a@b.example\r\nSubject: x", "x", "|a@b.example"},
	{"not a word after all", "From: a@b.example\r\nSubject: a =? b ?= =?utf-8?X?x?= 1=?2", "a =? b ?= =?utf-8?X?x?= 1=?2", "|a@b.example"},
	{"a line break hidden in a word", "From: a@b.example\r\nSubject: =?utf-8?Q?a=0D=0Ab?=", "a  b", "|a@b.example"},
}

func TestReadHead(t *testing.T) {
	for _, tt := range headCases {
		for _, end := range []string{"\r\n", "\n"} {
			raw := strings.ReplaceAll(tt.header+"\r\n\r\nbody", "\r\n", end)
			m, _, err := readAll(t, strings.NewReader(raw))
			if err != nil {
				t.Errorf("%s: %v", tt.what, err)
				continue
			}
			if got := m.From.Name + "|" + m.From.Addr; m.Subject != tt.subject || got != tt.from || m.Text != "body" {
				t.Errorf("%s: subject %q from %q text %q, want %q from %q", tt.what, m.Subject, got, m.Text, tt.subject, tt.from)
			}
		}
	}
}

func TestReadText(t *testing.T) {
	alternative := func(plain, html string) string {
		return "Subject: x\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=gbk\r\n\r\n" +
			plain + "\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html + "\r\n--b--\r\n"
	}
	for what, tt := range map[string]struct{ raw, want string }{
		"plain":               {"Subject: x\r\n\r\n联系人\r\n电话", "联系人\n电话"},
		"raw GBK":             {"Subject: x\r\n\r\n" + gbk("联系人"), "联系人"},
		"declared GBK":        {"Subject: x\r\nContent-Type: text/plain; charset=\"GB2312\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(gbk("联系人")), "联系人"},
		"quoted printable":    {"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\n=E8=81=94=\r\n=E7=B3=BB", "联系"},
		"unknown encodings":   {"Subject: x\r\nContent-Type: text/plain; charset=none\r\nContent-Transfer-Encoding: none\r\n\r\n联系", "联系"},
		"both":                {alternative(gbk("联系人"), "<p>HTML</p>"), "联系人"},
		"only HTML":           {alternative("", "<html><head><title>t</title><style>p{}</style></head><p>联系人：&lt;张示例&gt;</p><div>电话<br>010</div><script>x()</script>"), "联系人：<张示例>\n电话\n010"},
		"words between tags":  {alternative("", "<p>Please <b>send</b> <i>it</i>\r\n again.</p>\n<table><tr><td>a</td><td>b c</td></tr></table>"), "Please send it again.\na b c"},
		"header only":         {"Subject: x\r\n", ""},
		"no boundary":         {"Subject: x\r\nContent-Type: multipart/mixed\r\n\r\nabc", ""},
		"text as two parts":   {"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--", "one\n\ntwo"},
		"lines with LF alone": {"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\npreamble\n--b\n\none\n--b--\n", "one"},
	} {
		m, _, err := readAll(t, strings.NewReader(tt.raw))
		if err != nil || m.Text != tt.want {
			t.Errorf("%s: %q, error %v, want %q", what, m.Text, err, tt.want)
		}
	}
}

// A message forwarded inline, as message/rfc822, in base64, or as an .eml file
// gives the attachments it had.
func TestReadForwarded(t *testing.T) {
	inner := string(write(t, sample(attachment("材料.zip", []byte("PK content")))))
	wrap := func(fields, body string) string {
		return "From: b@c.example\r\nSubject: outer\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n\r\nplease see\r\n--out\r\n" +
			fields + "\r\n\r\n" + body + "\r\n--out--\r\n"
	}
	lines := func(s string) string {
		var b strings.Builder
		e := newLineEncoder(&b)
		if _, err := io.WriteString(e, s); err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	twice := wrap("Content-Type: message/rfc822", inner)
	for what, tt := range map[string]struct {
		raw       string
		forwarded int
	}{
		"as it is":            {inner, 0},
		"message/rfc822":      {wrap("Content-Type: message/rfc822", inner), 1},
		"in base64":           {wrap("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64", lines(inner)), 1},
		"as an .eml file":     {wrap("Content-Type: application/octet-stream; name=\"fwd.EML\"\r\nContent-Transfer-Encoding: base64", lines(inner)), 1},
		"as an .eml of mbox":  {wrap("Content-Type: application/octet-stream; name=\"fwd.eml\"", "From x Tue Nov 24 00:03:21 2026\r\n"+inner), 1},
		"twice":               {strings.ReplaceAll(wrap("Content-Type: message/rfc822", twice), "=out", "=out"), 2},
		"the whole of a mail": {"Subject: outer\r\nContent-Type: message/rfc822\r\n\r\n" + inner, 1},
	} {
		if what == "twice" { // two levels need two boundaries
			tt.raw = wrap("Content-Type: message/rfc822", strings.NewReplacer("boundary=out", "boundary=mid", "--out", "--mid").Replace(twice))
		}
		m, parts, err := readAll(t, strings.NewReader(tt.raw))
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		want := seen{"材料.zip", "application/zip", "PK content", sample().Subject, tt.forwarded}
		if len(parts) != 1 || parts[0] != want {
			t.Errorf("%s: got %+v, want %+v", what, parts, want)
		}
		if tt.forwarded > 0 && m.Subject != "outer" {
			t.Errorf("%s: subject of the outermost is %q", what, m.Subject)
		}
	}
}

func TestReadLimits(t *testing.T) {
	nested := func(n int) string {
		var b strings.Builder
		b.WriteString("Subject: x\r\n")
		for i := range n {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
		}
		return b.String() + "\r\n"
	}
	many := func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", n) + "--b--\r\n"
	}
	field := func(n int) string { return "X: " + strings.Repeat("y", n) }
	for what, tt := range map[string]struct {
		raw  string
		want error
	}{
		"empty":                   {"", ErrNotMessage},
		"not a message":           {"PK\x03\x04 some zip\r\nmore", ErrNotMessage},
		"a header as large as is": {field(headerMax-100) + "\r\n\r\nx", nil},
		"a header too large":      {field(headerMax) + "\r\n\r\nx", ErrLimit},
		"a header without end":    {strings.Repeat("A: b\r\n", headerMax/4), ErrLimit},
		"a part header too large": {"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + field(2*headerMax) + "\r\n\r\nx\r\n--b--", ErrLimit},
		"a preamble too large":    {"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("preamble\r\n", headerMax/5) + "--b\r\n\r\nx\r\n--b--", ErrLimit},
		"deep, but not too deep":  {nested(depthMax), ErrTruncated},
		"too deep":                {nested(depthMax + 2), ErrLimit},
		"messages too deep":       {strings.Repeat("Content-Type: message/rfc822\r\n\r\n", depthMax+2), ErrLimit},
		"as many parts as are":    {many(partsMax - 1), nil},
		"too many parts":          {many(partsMax), ErrLimit},
		"cut in a part":           {withPart("Content-Disposition: attachment; filename=a.zip")[:180], ErrTruncated},
		"cut before the end mark": {strings.TrimSuffix(withPart("X: y"), "--xx--\r\n"), ErrTruncated},
		"only a boundary":         {"Content-Type: multipart/mixed; boundary=b\r\n\r\n", ErrTruncated},
	} {
		_, _, err := readAll(t, strings.NewReader(tt.raw))
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", what, err, tt.want)
		}
	}
}

func TestReadErrors(t *testing.T) {
	raw := string(write(t, sample(attachment("a.zip", make([]byte, 500_000)), attachment("b.zip", []byte("b")))))
	broken := errors.New("broken")
	_, err := Read(io.MultiReader(strings.NewReader(raw[:9000]), iotest.ErrReader(broken)), func(p Part) error {
		_, err := io.Copy(io.Discard, p.Body)
		return err
	})
	if !errors.Is(err, broken) {
		t.Errorf("a failing reader gave %v", err)
	}
	if _, err = Read(strings.NewReader(raw), func(Part) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("a failing visit gave %v", err)
	}
	// what is not read is skipped
	var names []string
	m, err := Read(strings.NewReader(raw), func(p Part) error {
		names = append(names, p.Name)
		return nil
	})
	if err != nil || !slices.Equal(names, []string{"a.zip", "b.zip"}) || m.Text == "" {
		t.Errorf("names %q, error %v", names, err)
	}
	if _, err := Read(strings.NewReader(raw), nil); err != nil {
		t.Errorf("without a visit: %v", err)
	}
}

func TestMbox(t *testing.T) {
	const sep = "From a@b.example Tue Nov 24 00:03:21 2026\n"
	for what, tt := range map[string]struct {
		raw  string
		want []string
	}{
		"one":                  {sep + "Subject: 1\n\nbody\n\n", []string{"Subject: 1\n\nbody\n\n"}},
		"two":                  {sep + "Subject: 1\n\nbody\n\n" + sep + "Subject: 2\n\nx\n", []string{"Subject: 1\n\nbody\n", "Subject: 2\n\nx\n"}},
		"blank lines":          {sep + "Subject: 1\n\n\n\n\n" + sep + "Subject: 2\n\nx", []string{"Subject: 1\n\n\n\n", "Subject: 2\n\nx"}},
		"quoted":               {sep + "Subject: 1\n\n>From here\n>>From there\n> From\n", []string{"Subject: 1\n\nFrom here\n>From there\n> From\n"}},
		"not a separator":      {sep + "Subject: 1\n\nFrom here to there\n", []string{"Subject: 1\n\nFrom here to there\n"}},
		"CRLF":                 {strings.ReplaceAll(sep+"Subject: 1\n\nb\n\n"+sep+"Subject: 2\n\nb\n", "\n", "\r\n"), []string{"Subject: 1\r\n\r\nb\r\n", "Subject: 2\r\n\r\nb\r\n"}},
		"without an end":       {sep + "Subject: 1\n\nb", []string{"Subject: 1\n\nb"}},
		"a separator alone":    {sep, []string{""}},
		"as Thunderbird does":  {"From - Tue Nov 24 00:03:21 2026\nSubject: 1\n\nb\n", []string{"Subject: 1\n\nb\n"}},
		"a line over a buffer": {sep + "Subject: 1\n\n" + strings.Repeat("x", 200_000) + "\n\n" + sep + "Subject: 2\n\n", []string{"Subject: 1\n\n" + strings.Repeat("x", 200_000) + "\n", "Subject: 2\n\n"}},
	} {
		var got []string
		err := Mbox(iotest.OneByteReader(strings.NewReader(tt.raw)), func(r io.Reader) error {
			b, err := io.ReadAll(r)
			got = append(got, string(b))
			return err
		})
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: error %v, got\n%.300q, want\n%.300q", what, err, got, tt.want)
		}
	}
	if err := Mbox(strings.NewReader("Subject: 1\n\nx"), nil); !errors.Is(err, ErrNotMessage) {
		t.Errorf("a single message gave %v", err)
	}
	n := 0
	if err := Mbox(strings.NewReader(sep+"A: 1\n\nx\n\n"+sep+"A: 2\n\nx"), func(io.Reader) error { n++; return nil }); err != nil || n != 2 {
		t.Errorf("unread messages: %d, error %v", n, err)
	}
}

// An .eml file and the same message in an mbox give the same result.
func TestMboxOfOurMessages(t *testing.T) {
	raw := bytes.ReplaceAll(write(t, sample(attachment("材料.zip", make([]byte, 100_000)))), []byte("\r\n"), []byte("\n"))
	file := filepath.Join(t.TempDir(), "in.mbox")
	content := strings.Repeat("From - Tue Nov 24 00:03:21 2026\n"+string(raw)+"\n", 3)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	_, want, err := readAll(t, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	err = Mbox(f, func(r io.Reader) error {
		n++
		_, got, err := readAll(t, r)
		if !slices.Equal(got, want) {
			t.Errorf("message %d differs", n)
		}
		return err
	})
	if err != nil || n != 3 {
		t.Errorf("%d messages, error %v", n, err)
	}
}

func FuzzRead(f *testing.F) {
	for _, tt := range nameCases {
		f.Add([]byte(withPart(tt.fields)))
	}
	for _, tt := range headCases {
		f.Add([]byte(tt.header + "\r\n\r\nbody"))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Read(bytes.NewReader(raw), func(p Part) error {
			if strings.ContainsAny(p.Name, "/\\\r\n\x00") || p.Name == ".." {
				t.Errorf("name %q", p.Name)
			}
			_, err := io.Copy(io.Discard, p.Body)
			return err
		})
		if err == nil && strings.ContainsAny(m.Subject+m.From.Name+m.From.Addr+m.MessageID, "\r\n") {
			t.Errorf("a line break in %+v", m.Head)
		}
		_ = Mbox(bytes.NewReader(raw), func(r io.Reader) error {
			_, err := io.Copy(io.Discard, r)
			return err
		})
	})
}
