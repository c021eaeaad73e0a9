package eml

import (
	"encoding/base64"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// guess reads bytes of an undeclared encoding: UTF-8 if they are, otherwise
// GB18030, which contains GBK and GB2312.
func guess(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().String(s)
	if err != nil {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	return out
}

// charsetOf finds a declared encoding by its label; nil if it is UTF-8, ASCII,
// unknown or not declared, which guess handles. The narrower Chinese labels are
// read as GB18030, since senders put wider characters under them.
func charsetOf(label string) encoding.Encoding {
	enc, err := htmlindex.Get(strings.Trim(strings.TrimSpace(label), `"'`))
	if err != nil {
		return nil
	}
	switch name, _ := htmlindex.Name(enc); name {
	case "utf-8", "replacement", "x-user-defined":
		return nil
	case "gbk", "gb18030":
		return simplifiedchinese.GB18030
	case "windows-1252": // what ASCII and Latin-1 are labels of
		if strings.EqualFold(label, "us-ascii") || strings.EqualFold(label, "ascii") {
			return nil
		}
	}
	return enc
}

func decodeCharset(label, s string) string {
	if enc := charsetOf(label); enc != nil && !surelyUTF8(s) {
		if out, err := enc.NewDecoder().String(s); err == nil {
			return out
		}
	}
	return guess(s)
}

// surelyUTF8 tells text that is UTF-8 although another encoding was declared,
// as some senders do. Chinese text in GBK is practically never a sequence of
// valid characters of three or four bytes; of two bytes it may be.
func surelyUTF8(s string) bool {
	ascii := true
	for _, r := range s {
		if r == utf8.RuneError || r > 0x7f && r < 0x800 {
			return false
		}
		ascii = ascii && r <= 0x7f
	}
	return !ascii
}

// wordRead is how many bytes of text an encoded word may have; RFC 2047 says 75,
// and there are senders who put a whole subject into one.
const wordRead = 8 << 10

// word is one encoded word (RFC 2047, section 2).
type word struct {
	charset string
	bytes   string
}

// decodeWords decodes the encoded words in a header value that has already been
// read by guess. Unlike RFC 2047 allows, senders split a character over two
// words, leave no space around them and put spaces inside; so neighbours of the
// same charset are joined before they are decoded.
func decodeWords(s string) string {
	var out strings.Builder
	var pending word
	flush := func() {
		out.WriteString(decodeCharset(pending.charset, pending.bytes))
		pending = word{}
	}
	for s != "" {
		start := strings.Index(s, "=?")
		if start < 0 {
			break
		}
		w, n := parseWord(s[start:])
		if n == 0 {
			flush()
			out.WriteString(s[:start+2])
			s = s[start+2:]
			continue
		}
		// white space between two words belongs to neither (section 6.2)
		between := s[:start]
		if pending.charset == "" || strings.TrimSpace(between) != "" {
			flush()
			out.WriteString(between)
		} else if !strings.EqualFold(pending.charset, w.charset) {
			flush()
		}
		pending = word{w.charset, pending.bytes + w.bytes}
		s = s[start+n:]
	}
	flush()
	out.WriteString(s)
	return out.String()
}

// parseWord reads the encoded word at the start of s and returns its length, 0
// if there is none.
func parseWord(s string) (word, int) {
	charset, rest, ok := strings.Cut(s[2:], "?")
	if !ok || charset == "" || len(charset) > 60 || len(rest) < 2 || rest[1] != '?' {
		return word{}, 0
	}
	charset, _, _ = strings.Cut(charset, "*") // a language (RFC 2231, section 5)
	kind, text := rest[0], rest[2:]
	end := strings.Index(text[:min(len(text), wordRead)], "?=")
	if end < 0 {
		return word{}, 0
	}
	var content string
	switch kind {
	case 'B', 'b':
		content, ok = looseBase64(text[:end])
	case 'Q', 'q':
		content, ok = looseQ(text[:end]), true
	default:
		ok = false
	}
	if !ok {
		return word{}, 0
	}
	n := len(s) - len(text) + end + 2
	return word{charset, content}, n
}

// looseBase64 tolerates missing or doubled padding and white space.
func looseBase64(s string) (string, bool) {
	s = strings.Map(func(r rune) rune {
		if r == '=' || r == ' ' || r == '\t' {
			return -1
		}
		return r
	}, s)
	if len(s)%4 == 1 {
		s = s[:len(s)-1]
	}
	b, err := base64.RawStdEncoding.DecodeString(s)
	return string(b), err == nil
}

// looseQ takes an = that starts no hexadecimal pair as itself.
func looseQ(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			b.WriteByte(' ')
		case s[i] == '=' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			b.WriteByte(byte(unhex(s[i+1])<<4 | unhex(s[i+2])))
			i += 2
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// WordDecoder decodes encoded words for libraries that take one, with the
// charsets of this package.
func WordDecoder() *mime.WordDecoder {
	return &mime.WordDecoder{CharsetReader: func(label string, r io.Reader) (io.Reader, error) {
		b, err := io.ReadAll(io.LimitReader(r, 1<<16))
		return strings.NewReader(decodeCharset(label, string(b))), err
	}}
}
