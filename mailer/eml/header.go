package eml

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"baosong/mailer"
)

const (
	lineMax  = 76  // RFC 2047, section 2: a line that holds an encoded word
	valueMax = 900 // keeps an unbreakable value under 998 with its name
)

// topHeader returns the fields of the message itself, each complete with CRLF.
func topHeader(m mailer.Message) ([]string, error) {
	if m.Date.IsZero() {
		return nil, errors.New("no date")
	}
	if err := mailer.ValidateMessageID(m.MessageID); err != nil {
		return nil, err
	}
	if len(m.To) == 0 {
		return nil, errors.New("no recipient")
	}
	var fields []string
	for _, f := range []struct {
		name string
		list []mailer.Address
	}{{"From", []mailer.Address{m.From}}, {"To", m.To}, {"Reply-To", m.ReplyTo}} {
		if len(f.list) == 0 {
			continue
		}
		field, err := addressField(f.name, f.list)
		if err != nil {
			return nil, err
		}
		fields = append(fields, field)
	}
	fields = append(
		fields,
		"Subject: "+phrase(m.Subject, len("Subject: "))+"\r\n",
		"Date: "+m.Date.Format(time.RFC1123Z)+"\r\n",
		"Message-ID: <"+m.MessageID+">\r\n",
		"MIME-Version: 1.0\r\n",
	)
	for _, h := range m.Headers {
		field, err := extraField(h)
		if err != nil {
			return nil, err
		}
		fields = append(fields, field)
	}
	return fields, nil
}

func addressField(name string, list []mailer.Address) (string, error) {
	var b strings.Builder
	b.WriteString(name + ":")
	used := b.Len()
	for i, a := range list {
		if err := a.Validate(); err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		if i > 0 {
			b.WriteString(",\r\n")
			used = 0
		}
		b.WriteString(" ")
		used++
		display := displayName(a.Name, used)
		if display == "" {
			b.WriteString(a.Addr)
			continue
		}
		b.WriteString(display)
		last := display[strings.LastIndexByte(display, '\n')+1:]
		if used+len(last)+len(a.Addr)+3 > lineMax {
			b.WriteString("\r\n")
		}
		b.WriteString(" <" + a.Addr + ">")
	}
	b.WriteString("\r\n")
	return b.String(), nil
}

func displayName(name string, used int) string {
	name = clean(name)
	if name == "" {
		return ""
	}
	if plain(name) && used+len(name) < lineMax {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
	}
	return encodeWords(name, used)
}

// written by Write itself, or able to change what the rest means
var reserved = []string{
	"From", "Sender", "To", "Cc", "Bcc", "Reply-To", "Subject", "Date", "Message-ID",
	"MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Received", "Return-Path",
}

func extraField(h mailer.Header) (string, error) {
	if !token(h.Name) || strings.ContainsRune(h.Name, ':') || len(h.Name) > 60 {
		return "", fmt.Errorf("header name %.80q is not one", h.Name)
	}
	for _, r := range reserved {
		if strings.EqualFold(r, h.Name) {
			return "", fmt.Errorf("header %s is not free to be set", h.Name)
		}
	}
	if strings.ContainsFunc(h.Value, unicode.IsControl) {
		return "", fmt.Errorf("header %s: control character in the value", h.Name)
	}
	value := clean(h.Value)
	if !plain(value) {
		return h.Name + ": " + encodeWords(value, len(h.Name)+2) + "\r\n", nil
	}
	folded, err := fold(value, len(h.Name)+2)
	if err != nil {
		return "", fmt.Errorf("header %s: %w", h.Name, err)
	}
	return h.Name + ": " + folded + "\r\n", nil
}

// fold breaks a plain value at its spaces (RFC 5322, section 2.2.3).
func fold(value string, used int) (string, error) {
	var b strings.Builder
	for i, word := range strings.Split(value, " ") {
		if len(word) > valueMax {
			return "", fmt.Errorf("a word of %d characters", len(word))
		}
		if i > 0 {
			if used+1+len(word) > lineMax {
				b.WriteString("\r\n")
				used = 0
			}
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += len(word)
	}
	return b.String(), nil
}

// phrase writes unstructured text, starting at column used.
func phrase(s string, used int) string {
	s = clean(s)
	if plain(s) && used+len(s) <= lineMax {
		return s
	}
	return encodeWords(s, used)
}

// clean removes what has no place in one line of text.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// plain reports whether s needs no encoding: printable ASCII that nobody takes
// for an encoded word.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return !strings.Contains(s, "=?")
}

func token(s string) bool {
	if s == "" || len(s) > 127 {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || strings.IndexByte(`()<>@,;:\"/[]?=`, s[i]) >= 0 {
			return false
		}
	}
	return true
}
