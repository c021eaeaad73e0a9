package xlsform

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"
)

// startTag is a start tag as it stands in the XML of a part.
type startTag struct {
	name  []byte // without its namespace's prefix
	attrs []byte // all between the name and the end
}

var errXML = errors.New("XML that a workbook does not hold")

// eachTag calls visit for every start tag of a part, in order. It makes nothing
// of them, which is a quarter of the cost of a decoder, and is as strict where
// the two could disagree on what is a tag: it takes UTF-8 alone, and neither
// document types nor tags within tags.
func eachTag(part []byte, visit func(startTag) error) error {
	if !utf8.Valid(part) {
		return errXML
	}
	depth := 0
	for rest := part; ; {
		i := bytes.IndexByte(rest, '<')
		if i < 0 {
			break
		}
		rest = rest[i+1:]
		end := markupEnd(rest)
		if end < 0 {
			return errXML
		}
		inside := rest[:end]
		rest = rest[end:]
		switch {
		case len(inside) == 0:
			return errXML
		case inside[0] == '?':
			if i := bytes.Index(inside, []byte("encoding")); i >= 0 && !bytes.Contains(bytes.ToLower(inside[i:]), []byte("utf-8")) {
				return errXML
			}
			continue
		case inside[0] == '!':
			continue
		case inside[0] == '/':
			depth--
			continue
		case inside[len(inside)-1] != '/':
			if depth++; depth > 64 {
				return errXML
			}
		}
		t := startTag{name: inside}
		if i := bytes.IndexAny(inside, " \t\r\n/"); i >= 0 {
			t.name, t.attrs = inside[:i], inside[i:]
		}
		t.name = local(t.name)
		if err := visit(t); err != nil {
			return err
		}
	}
	if depth != 0 {
		return errXML
	}
	return nil
}

// markupEnd returns where the markup ends that rest, behind its <, begins
// with, or -1: at the > of a tag, or behind a comment and the like.
func markupEnd(rest []byte) int {
	for _, m := range [][2]string{{"!--", "-->"}, {"![CDATA[", "]]>"}, {"?", "?>"}} {
		if bytes.HasPrefix(rest, []byte(m[0])) {
			if i := bytes.Index(rest[len(m[0]):], []byte(m[1])); i >= 0 {
				return len(m[0]) + i + len(m[1])
			}
			return -1
		}
	}
	if bytes.HasPrefix(rest, []byte("!")) {
		return -1
	}
	quote := byte(0)
	for i, c := range rest {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i
		}
		if c == '<' {
			return -1
		}
	}
	return -1
}

// attr returns the value of the last attribute of that name, whatever its
// prefix, as the decoder fills a field with it; "" where there is none or its
// characters are written as entities.
func (t startTag) attr(name string) (found string) {
	for rest := t.attrs; ; {
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return found
		}
		key := bytes.TrimSpace(rest[:eq])
		value := bytes.TrimLeft(rest[eq+1:], " \t\r\n")
		if len(value) == 0 {
			return found
		}
		end := bytes.IndexByte(value[1:], value[0])
		if end < 0 {
			return found
		}
		if string(local(key)) == name {
			found = string(value[1 : end+1])
			if strings.Contains(found, "&") {
				found = ""
			}
		}
		rest = value[end+2:]
	}
}

// local returns a name without its prefix.
func local(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i > 0 && i < len(name)-1 {
		return name[i+1:]
	}
	return name
}
