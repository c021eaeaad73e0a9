package eml

import (
	"encoding/base64"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"baosong/mailer"
)

// nameMax is the longest attachment name written, in characters. Longer ones
// are cut by webmail front ends in ways that lose the extension.
const nameMax = 40

const (
	wordOpen, wordClose = "=?UTF-8?B?", "?="
	wordMax             = 75 // RFC 2047, section 2
)

// encodeWords writes s as B-encoded words (RFC 2047, section 4.1), folded so
// that no line passes lineMax, starting at column used. No word splits a
// character (section 5, rule 3).
func encodeWords(s string, used int) string {
	var b strings.Builder
	for s != "" {
		room := (min(lineMax-used, wordMax) - len(wordOpen) - len(wordClose)) / 4 * 3
		n := 0
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			if n+size > room {
				break
			}
			n += size
		}
		if n > 0 {
			b.WriteString(wordOpen + base64.StdEncoding.EncodeToString([]byte(s[:n])) + wordClose)
			s = s[n:]
		}
		if s != "" {
			b.WriteString("\r\n ")
			used = 1
		}
	}
	return b.String()
}

func attachmentHeader(a mailer.Attachment) []string {
	name := AttachmentName(a.Name)
	return []string{
		"Content-Type: " + a.MediaType + ";\r\n" + nameParam(name) + "\r\n",
		"Content-Disposition: attachment;\r\n" + filenameParam(name) + "\r\n",
		"Content-Transfer-Encoding: base64\r\n",
	}
}

// nameParam is the older of the two spellings of a name: not allowed by RFC
// 2047 (section 5), and the only one many readers know.
func nameParam(name string) string {
	const open = ` name="`
	if plain(name) {
		return open + name + `"`
	}
	return open + encodeWords(name, len(open)+1) + `"`
}

// filenameParam is the standard spelling (RFC 2231, sections 3 and 4), in
// numbered sections if it does not fit in one line. No section splits a
// character.
func filenameParam(name string) string {
	if plain(name) {
		return ` filename="` + name + `"`
	}
	one := " filename*=UTF-8''" + percentEncode(name)
	if len(one) <= lineMax {
		return one
	}
	var lines []string
	line := " filename*0*=UTF-8''"
	for _, r := range name {
		enc := percentEncode(string(r))
		if len(line)+len(enc)+1 > lineMax {
			lines = append(lines, line)
			line = fmt.Sprintf(" filename*%d*=", len(lines))
		}
		line += enc
	}
	return strings.Join(append(lines, line), ";\r\n")
}

// percentEncode leaves only letters, digits and marks that are attribute
// characters in RFC 2231, section 7, and harmless everywhere.
func percentEncode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// AttachmentName is the name [Write] gives an attachment: without separators,
// quotes and control characters, in NFC, at most nameMax characters, its
// extension kept.
func AttachmentName(name string) string {
	name = norm.NFC.String(clean(name))
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
	if name == "" {
		return "attachment"
	}
	runes := []rune(name)
	if len(runes) <= nameMax {
		return name
	}
	ext := []rune(extension(name))
	return strings.TrimSpace(string(runes[:nameMax-len(ext)])) + string(ext)
}

// extension is the last extension, or the last two of a numbered piece such as .mp4.001.
func extension(name string) string {
	const most = 12
	ext := path.Ext(name)
	if strings.Trim(ext, ".0123456789") == "" {
		ext = path.Ext(strings.TrimSuffix(name, ext)) + ext
	}
	if utf8.RuneCountInString(ext) > most || strings.ContainsRune(ext, ' ') {
		return ""
	}
	return ext
}
