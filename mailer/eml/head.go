package eml

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"github.com/emersion/go-message/textproto"

	"baosong/mailer"
)

const (
	headerMax = 256 << 10 // bytes of one header block
	junkMax   = 20        // lines of a header that are no field
	textMax   = 2000      // characters of a subject or a name that are kept
)

var (
	// ErrLimit is returned for a message with a header, a depth or a number of
	// parts that no honest sender reaches.
	ErrLimit = errors.New("message is over a limit")
	// ErrNotMessage is returned when the input does not start with a header.
	ErrNotMessage = errors.New("not a mail message")
	// ErrTruncated is returned when the input ends inside the message.
	ErrTruncated = errors.New("message is cut short")
)

// Head is what the header of a message says, decoded to UTF-8. A field that is
// missing or makes no sense is left zero.
type Head struct {
	From      mailer.Address
	To        []mailer.Address
	ReplyTo   []mailer.Address
	Subject   string
	Date      time.Time
	MessageID string // without angle brackets
	fields    textproto.Header
}

// Get returns the first field of that name, decoded; "" if there is none.
func (h *Head) Get(name string) string {
	return cleanText(decodeWords(guess(h.fields.Get(name))))
}

// ReadHead reads a header block up to the blank line or the end of r. It returns
// ErrNotMessage if there is no field in it.
func ReadHead(r io.Reader) (*Head, error) {
	fields, err := readFields(bufio.NewReader(r))
	if err != nil {
		return nil, err
	}
	return newHead(fields), nil
}

func newHead(fields textproto.Header) *Head {
	h := &Head{fields: fields}
	h.Subject = h.Get("Subject")
	h.To = parseAddresses(fields.Get("To"))
	h.ReplyTo = parseAddresses(fields.Get("Reply-To"))
	for _, name := range []string{"From", "Sender", "Return-Path"} {
		if from := parseAddresses(fields.Get(name)); len(from) > 0 {
			h.From = from[0]
			break
		}
	}
	if t, err := mail.ParseDate(strings.TrimSpace(fields.Get("Date"))); err == nil {
		h.Date = t
	}
	_, id, ok := strings.Cut(fields.Get("Message-ID"), "<")
	if !ok {
		id = fields.Get("Message-ID")
	}
	id, _, _ = strings.Cut(id, ">")
	h.MessageID = cleanText(guess(id))
	return h
}

// readFields reads a header block. Lines that are no field are dropped with
// their continuations, and so is the "From " line that mbox files and some
// exports put first; go-message refuses the whole message for either.
func readFields(br *bufio.Reader) (textproto.Header, error) {
	var block bytes.Buffer
	keep, fields, junk, total := false, 0, 0, 0
	for junk <= junkMax {
		line, err := readLine(br, headerMax-total)
		if err != nil && err != io.EOF {
			return textproto.Header{}, fmt.Errorf("read header: %w", err)
		}
		if total == 0 {
			line = bytes.TrimPrefix(line, []byte("\xEF\xBB\xBF"))
		}
		total += len(line) + 1
		text := bytes.TrimRight(line, "\r\n")
		switch {
		case len(text) == 0 && fields+junk == 0: // blank lines before the first field
		case len(text) == 0:
			err = io.EOF
		case text[0] == ' ' || text[0] == '\t':
		case isField(text):
			keep = true
			fields++
		default:
			keep = false
			junk++
		}
		if keep && len(text) > 0 {
			block.Write(text)
			block.WriteString("\r\n")
		}
		if err == io.EOF {
			break
		}
	}
	if fields == 0 || junk > junkMax {
		return textproto.Header{}, ErrNotMessage
	}
	block.WriteString("\r\n")
	return textproto.ReadHeader(bufio.NewReader(&block))
}

// readLine returns the next line with its end, at most most bytes.
func readLine(br *bufio.Reader, most int) ([]byte, error) {
	var line []byte
	for {
		part, err := br.ReadSlice('\n')
		if len(line)+len(part) > most {
			return nil, fmt.Errorf("%w: header over %d bytes", ErrLimit, headerMax)
		}
		line = append(line, part...)
		if err != bufio.ErrBufferFull {
			return line, err
		}
	}
}

// isField reports whether a line starts with a field name and a colon (RFC
// 5322, section 2.2; white space before the colon is section 4.5.8).
func isField(line []byte) bool {
	name, _, ok := bytes.Cut(line, []byte(":"))
	name = bytes.TrimRight(name, " \t")
	if !ok || len(name) == 0 || len(name) > 127 {
		return false
	}
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

// cleanText makes decoded text safe to show in one line.
func cleanText(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.Is(unicode.Bidi_Control, r), r == '\uFEFF':
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > textMax {
		s = string(r[:textMax])
	}
	return s
}
