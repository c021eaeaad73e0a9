package bag

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// wrong is a rule broken by a tag file.
type wrong struct {
	reason Reason
	detail string
}

func wrongf(r Reason, format string, args ...any) *wrong {
	return &wrong{r, fmt.Sprintf(format, args...)}
}

// decodeText gives the text of a tag file in the encoding bagit.txt names
// (RFC 8493 section 2.3): UTF-8, UTF-16 and ISO-8859-1. A byte-order mark is
// there where the encoding needs it to be read, and nowhere else. With a
// *wrong the text may still be usable.
func decodeText(b []byte, encoding string) (string, *wrong) {
	utf8BOM := []byte{0xef, 0xbb, 0xbf}
	switch strings.ToUpper(encoding) {
	case "UTF-8", "UTF8", "US-ASCII", "ASCII":
		if rest, ok := bytes.CutPrefix(b, utf8BOM); ok {
			return string(rest), wrongf(ReasonBOM, "begins with a byte-order mark")
		}
		if !utf8.Valid(b) {
			return "", wrongf(ReasonEncoding, "not UTF-8")
		}
		return string(b), nil
	case "ISO-8859-1", "ISO8859-1", "LATIN1", "LATIN-1":
		r := make([]rune, len(b))
		for i, c := range b {
			r[i] = rune(c)
		}
		return string(r), nil
	case "UTF-16":
		switch {
		case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
			return decodeUTF16(b[2:], binary.BigEndian)
		case bytes.HasPrefix(b, []byte{0xff, 0xfe}):
			return decodeUTF16(b[2:], binary.LittleEndian)
		}
		return "", wrongf(ReasonBOM, "UTF-16 without a byte-order mark")
	case "UTF-16BE":
		return markedUTF16(b, binary.BigEndian)
	case "UTF-16LE":
		return markedUTF16(b, binary.LittleEndian)
	}
	return "", wrongf(ReasonEncoding, "encoding %q is not supported", encoding)
}

func markedUTF16(b []byte, order binary.ByteOrder) (string, *wrong) {
	if len(b) >= 2 && order.Uint16(b) == 0xfeff {
		s, w := decodeUTF16(b[2:], order)
		if w == nil {
			w = wrongf(ReasonBOM, "begins with a byte-order mark though the encoding names the byte order")
		}
		return s, w
	}
	return decodeUTF16(b, order)
}

func decodeUTF16(b []byte, order binary.ByteOrder) (string, *wrong) {
	if len(b)%2 != 0 {
		return "", wrongf(ReasonEncoding, "UTF-16 of an odd number of bytes")
	}
	var s strings.Builder
	for i := 0; i < len(b); i += 2 {
		r := rune(order.Uint16(b[i:]))
		if utf16.IsSurrogate(r) {
			if i += 2; i >= len(b) {
				return "", wrongf(ReasonEncoding, "half a UTF-16 pair")
			}
			if r = utf16.DecodeRune(r, rune(order.Uint16(b[i:]))); r == utf8.RuneError {
				return "", wrongf(ReasonEncoding, "half a UTF-16 pair")
			}
		}
		s.WriteRune(r)
	}
	return s.String(), nil
}

// lines yields the lines of a text with their numbers from 1, ended by LF, CR
// or CRLF; the last may lack its end (RFC 8493 section 2.3).
func lines(s string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for n := 1; s != ""; n++ {
			line := s
			if i := strings.IndexAny(s, "\r\n"); i >= 0 {
				line = s[:i]
				if strings.HasPrefix(s[i:], "\r\n") {
					i++
				}
				s = s[i+1:]
			} else {
				s = ""
			}
			if !yield(n, line) {
				return
			}
		}
	}
}

func blank(s string) bool { return strings.Trim(s, " \t") == "" }

func space(c byte) bool { return c == ' ' || c == '\t' }

// budget is what may still be parsed of the tag files of one bag.
type budget struct {
	lines int
	width int // bytes of one line
	bytes int64
}

func (b *budget) line(n int, s string) *wrong {
	if len(s) > b.width {
		return wrongf(ReasonLimit, "line %d has %d bytes", n, len(s))
	}
	if b.lines--; b.lines < 0 {
		return wrongf(ReasonLimit, "too many lines, from line %d on", n)
	}
	return nil
}
