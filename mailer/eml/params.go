package eml

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	paramsMax = 200 // parameters of one field that are looked at
	nameRunes = 255 // longest name returned
)

// parseParams splits a Content-Type or Content-Disposition value into its first
// word, in lower case, and its parameters by lower-case name. It reads what
// strangers write: values without quotes that hold spaces, raw UTF-8 or GBK,
// quotes that never close. The first of two equal parameters counts.
func parseParams(value string) (string, map[string]string) {
	s := guess(value)
	first, s, _ := strings.Cut(s, ";")
	params := make(map[string]string)
	for s != "" && len(params) < paramsMax {
		s = strings.TrimLeft(s, "; \t\r\n")
		i := strings.IndexAny(s, "=;")
		if i < 0 {
			break
		}
		if s[i] == ';' { // a word without a value
			s = s[i+1:]
			continue
		}
		key := strings.ToLower(strings.TrimSpace(s[:i]))
		var v string
		v, s = paramValue(strings.TrimLeft(s[i+1:], " \t\r\n"))
		if _, twice := params[key]; !twice {
			params[key] = v
		}
	}
	// "text/plain charset=gbk": a missing semicolon
	first, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(first)), " ")
	return first, params
}

// paramValue reads a value and returns what follows it.
func paramValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		end := 0
		for end < len(s) && s[end] != ';' {
			if strings.HasPrefix(s[end:], "=?") { // may hold a semicolon
				if _, n := parseWord(s[end:]); n > 0 {
					end += n
					continue
				}
			}
			end++
		}
		return strings.TrimSpace(s[:end]), s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

// FileName is the name of a part whose parameters were read by somebody else,
// such as an IMAP server. The keys are in lower case; "" if there is no name.
func FileName(disposition, contentType map[string]string) string {
	return fileName(guessAll(disposition), guessAll(contentType))
}

func guessAll(params map[string]string) map[string]string {
	out := make(map[string]string, len(params))
	for k, v := range params {
		out[k] = guess(v)
	}
	return out
}

// fileName finds the name of a part in the parameters of its Content-Disposition
// and Content-Type: the standard spelling first (RFC 2231), then encoded words
// or raw text in either field.
func fileName(disposition, contentType map[string]string) string {
	for _, in := range []struct {
		params map[string]string
		key    string
	}{{disposition, "filename"}, {contentType, "name"}, {contentType, "filename"}, {disposition, "name"}} {
		if v, ok := extended(in.params, in.key); ok {
			if name := cleanName(v); name != "" {
				return name
			}
		}
	}
	for _, v := range []string{disposition["filename"], contentType["name"], contentType["filename"], disposition["name"]} {
		if name := cleanName(decodeWords(v)); name != "" {
			return name
		}
	}
	return ""
}

// extended reads key*, key*0, key*0* … (RFC 2231, sections 3 and 4).
func extended(params map[string]string, key string) (string, bool) {
	if v, ok := params[key+"*"]; ok {
		charset, text := charsetValue(v)
		return decodeWords(decodeCharset(charset, percentDecode(text))), true
	}
	type section struct {
		n       int
		text    string
		encoded bool
	}
	var sections []section
	for k, v := range params {
		number, ok := strings.CutPrefix(k, key+"*")
		if !ok {
			continue
		}
		number, encoded := strings.CutSuffix(number, "*")
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 {
			continue
		}
		sections = append(sections, section{n, v, encoded})
	}
	if len(sections) == 0 {
		return "", false
	}
	slices.SortFunc(sections, func(a, b section) int { return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.text, b.text)) })
	var charset, joined string
	for i, s := range sections {
		if i == 0 && s.encoded {
			charset, s.text = charsetValue(s.text)
		}
		if s.encoded {
			s.text = percentDecode(s.text)
		}
		joined += s.text
	}
	return decodeWords(decodeCharset(charset, joined)), true
}

// charsetValue splits charset'language'text; a value without the two quotes is all text.
func charsetValue(v string) (charset, text string) {
	parts := strings.SplitN(v, "'", 3)
	if len(parts) < 3 {
		return "", v
	}
	return parts[0], parts[2]
}

func percentDecode(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0 {
			b.WriteByte(byte(unhex(s[i+1])<<4 | unhex(s[i+2])))
			i += 2
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// cleanName keeps the last element of a path and drops what is not to be seen:
// control characters and the marks that turn the direction of text, with which
// "exe.gpj" is shown as "jpg.exe".
func cleanName(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\uFEFF' {
			return -1
		}
		return r
	}, s)
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s) > nameRunes {
		r := []rune(s)
		ext := []rune(extension(s))
		s = string(r[:nameRunes-len(ext)]) + string(ext)
	}
	if s == "." || s == ".." {
		return ""
	}
	return s
}
