package eml

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"baosong/mailer"
)

func attachment(name string, content []byte) mailer.Attachment {
	return mailer.Attachment{
		Name: name, MediaType: "application/zip", Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}
}

func sample(attachments ...mailer.Attachment) mailer.Message {
	return mailer.Message{
		From:        mailer.Address{Name: "示例市科协", Addr: "unit01@units.example"},
		To:          []mailer.Address{{Name: "示例组织处", Addr: "collect@organizer.example"}},
		ReplyTo:     []mailer.Address{{Addr: "office@units.example"}},
		Subject:     "【报送】科技活动周总结｜示例市科学技术协会｜第 1/3 封｜K7Q2-M4TZ",
		Date:        time.Date(2026, 11, 24, 9, 30, 0, 0, time.FixedZone("", 8*3600)),
		MessageID:   "k7q2m4tz.1.1@units.example",
		Text:        "报送单位：示例市科协\n联系人：张示例\n.\n尾行",
		HTML:        "<p>报送单位：示例市科协</p>",
		Headers:     []mailer.Header{{Name: "X-Baosong-Submission", Value: "k7q2m4tz"}},
		Attachments: attachments,
	}
}

func write(t *testing.T, m mailer.Message) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var longNames = []string{
	"材料.zip",
	"report.zip",
	"a name with spaces.docx",
	"科技活动周活动总结（示例市科学技术协会）2026年11月24日终稿.docx",
	strings.Repeat("示", 36) + ".zip",
	"0101-启动仪式主会场全景照片🎉🎉🎉🎉🎉.jpg",
	"é=_x_=.zip",
}

// Attachments around the lengths at which lines and buffers end come back as they were.
func TestAttachmentsOfEveryLength(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 56, 57, 58, 114, 57*512 - 1, 57 * 512, 57*512 + 1, 200_000} {
		content := bytes.Repeat([]byte("示例"), n/6+1)[:n]
		var got []byte
		_, err := Read(bytes.NewReader(write(t, sample(attachment("a.zip", content)))), func(p Part) (err error) {
			got, err = io.ReadAll(p.Body)
			return err
		})
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes came back as %d: %v", n, len(got), err)
		}
	}
}

// Every line is ASCII, ends in CRLF and stays within 78 characters, and
// composing again gives the same bytes.
func TestWriteLines(t *testing.T) {
	m := sample()
	for _, name := range longNames {
		m.Attachments = append(m.Attachments, attachment(name, bytes.Repeat([]byte("x"), 1000)))
	}
	m.To = append(m.To, mailer.Address{Name: strings.Repeat("很长的收件人名称", 6), Addr: "second@organizer.example"})
	raw := write(t, m)
	if again := write(t, m); !bytes.Equal(raw, again) {
		t.Error("composing the same message twice gave different bytes")
	}
	r := bufio.NewReader(bytes.NewReader(raw))
	for {
		line, err := r.ReadString('\n')
		if err == io.EOF && line == "" {
			return
		}
		if !strings.HasSuffix(line, "\r\n") || strings.Contains(strings.TrimSuffix(line, "\r\n"), "\r") || len(line) > 80 {
			t.Errorf("bad line %q", line)
		}
		for i := range len(line) {
			if line[i] > '~' {
				t.Fatalf("8-bit byte in %q", line)
			}
		}
	}
}

// No encoded word and no RFC 2231 section splits a character.
func TestEncodedWordsKeepCharactersWhole(t *testing.T) {
	for used := range 80 {
		for n := range 60 {
			text := strings.Repeat("x", n) + strings.Repeat("示🎉é", 20)
			words := strings.Split(encodeWords(text, used), "\r\n ")
			var joined string
			for i, w := range words {
				if w == "" && i == 0 {
					continue
				}
				part := decodeWords(w)
				if !utf8.ValidString(part) || strings.ContainsRune(part, utf8.RuneError) {
					t.Fatalf("word %q splits a character", w)
				}
				if len(w) > 75 {
					t.Fatalf("word of %d characters", len(w))
				}
				joined += part
			}
			if joined != text {
				t.Fatalf("%q became %q", text, joined)
			}
		}
	}
}

func TestAttachmentName(t *testing.T) {
	for in, want := range map[string]string{
		"材料.zip":                             "材料.zip",
		"":                                   "attachment",
		"../../etc/x.zip":                    ".._.._etc_x.zip",
		`C:\照片\a.jpg`:                        "C__照片_a.jpg",
		"a\r\nBcc: x.zip":                    "a  Bcc_ x.zip",
		"a\"b.zip":                           "a_b.zip",
		"e\u0301.zip":                        "\u00e9.zip",
		"bad\xff.zip":                        "bad\uFFFD.zip",
		"电影.mp4.001":                         "电影.mp4.001",
		strings.Repeat("示", 50) + ".docx":    strings.Repeat("示", 35) + ".docx",
		strings.Repeat("示", 50) + ".mp4.012": strings.Repeat("示", 32) + ".mp4.012",
		strings.Repeat("示", 50):              strings.Repeat("示", 40),
		"a." + strings.Repeat("示", 50):       "a." + strings.Repeat("示", 38),
	} {
		if got := AttachmentName(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
		if got := AttachmentName(AttachmentName(in)); got != AttachmentName(in) {
			t.Errorf("%q is not stable: %q", in, got)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	full := errors.New("disk full")
	for name, change := range map[string]func(*mailer.Message){
		"no sender":             func(m *mailer.Message) { m.From = mailer.Address{} },
		"no recipient":          func(m *mailer.Message) { m.To = nil },
		"no date":               func(m *mailer.Message) { m.Date = time.Time{} },
		"no message id":         func(m *mailer.Message) { m.MessageID = "" },
		"line break in id":      func(m *mailer.Message) { m.MessageID = "a@b\r\nBcc: c@d.example" },
		"line break in address": func(m *mailer.Message) { m.To[0].Addr = "a@b.example\r\nBcc: c@d.example" },
		"bad reply address":     func(m *mailer.Message) { m.ReplyTo[0].Addr = "nobody" },
		"line break in header":  func(m *mailer.Message) { m.Headers[0].Value = "x\r\nBcc: c@d.example" },
		"line break in name":    func(m *mailer.Message) { m.Headers[0].Name = "X\r\nBcc" },
		"colon in name":         func(m *mailer.Message) { m.Headers[0].Name = "X:Y" },
		"header of its own":     func(m *mailer.Message) { m.Headers[0].Name = "bcc" },
		"unbreakable header":    func(m *mailer.Message) { m.Headers[0].Value = strings.Repeat("x", 1000) },
		"media type":            func(m *mailer.Message) { m.Attachments[0].MediaType = "a/b;\r\nX: y" },
		"shorter than planned":  func(m *mailer.Message) { m.Attachments[0].Size++ },
		"longer than planned":   func(m *mailer.Message) { m.Attachments[0].Size-- },
		"cannot open":           func(m *mailer.Message) { m.Attachments[0].Open = func() (io.ReadCloser, error) { return nil, full } },
	} {
		m := sample(attachment("a.zip", []byte("content")))
		change(&m)
		if err := Write(io.Discard, m); err == nil {
			t.Errorf("%s: written without an error", name)
		}
	}
	if err := Write(failing{full}, sample()); !errors.Is(err, full) {
		t.Errorf("a failing writer gave %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// Nothing typed by a person can start a header field of its own.
func TestTypedTextStaysInItsField(t *testing.T) {
	m := sample(attachment("a\r\nX-Evil: 1\r\n\r\n.zip", nil))
	m.Subject = "line\r\nX-Evil: 1"
	m.From.Name = "name\"\r\nX-Evil: 1 <x@y.example>"
	raw := string(write(t, m))
	if strings.Contains(raw, "\nX-Evil") {
		t.Errorf("a field was injected:\n%s", raw)
	}
}

func TestNewMessageID(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		id, err := NewMessageID(mailer.Address{Addr: "a@units.example"})
		if err != nil || mailer.ValidateMessageID(id) != nil || !strings.HasSuffix(id, "@units.example") || seen[id] {
			t.Fatalf("id %q, error %v", id, err)
		}
		seen[id] = true
	}
	if _, err := NewMessageID(mailer.Address{Addr: "a@units.example\r\nx"}); err == nil {
		t.Error("an address with a line break was accepted")
	}
}

func digest(r io.Reader) (string, error) {
	h := sha256.New()
	_, err := io.Copy(h, r)
	return fmt.Sprintf("%x", h.Sum(nil)), err
}
