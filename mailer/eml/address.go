package eml

import (
	"strings"

	"baosong/mailer"
)

const addressesMax = 100

// parseAddresses reads an address list as it is found in the wild (RFC 5322,
// section 3.4, loosely): names in raw GBK, without quotes, with commas inside
// encoded words. Entries without an @ are left out.
func parseAddresses(value string) []mailer.Address {
	var list []mailer.Address
	s := guess(value)
	for s != "" && len(list) < addressesMax {
		n := addressEnd(s)
		if a, ok := parseAddress(s[:n]); ok {
			list = append(list, a)
		}
		s = strings.TrimLeft(s[n:], ",;")
	}
	return list
}

// addressEnd is the length of the first entry: up to a comma or semicolon that
// is in no quotes, comment, angle brackets or encoded word.
func addressEnd(s string) int {
	quoted, depth := false, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '<':
			depth++
		case c == ')' || c == '>':
			depth = max(0, depth-1)
		case depth == 0 && (c == ',' || c == ';'):
			return i
		case strings.HasPrefix(s[i:], "=?"):
			if _, n := parseWord(s[i:]); n > 0 {
				i += n - 1
			}
		}
	}
	return len(s)
}

func parseAddress(s string) (mailer.Address, bool) {
	s = strings.TrimSpace(s)
	var a mailer.Address
	if open := strings.LastIndexByte(s, '<'); open >= 0 {
		a.Addr, _, _ = strings.Cut(s[open+1:], ">")
		a.Name = s[:open]
	} else {
		addr, comment, _ := strings.Cut(s, "(")
		comment, _, _ = strings.Cut(comment, ")")
		if colon := strings.LastIndexByte(addr, ':'); colon >= 0 { // the start of a group
			addr = addr[colon+1:]
		}
		a.Addr, a.Name = addr, comment
	}
	a.Addr = strings.Trim(cleanText(a.Addr), " '")
	a.Name = cleanText(decodeWords(unquote(strings.TrimSpace(a.Name))))
	return a, strings.Contains(a.Addr, "@")
}

// unquote removes quotes around a name, and the quoting inside.
func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(s[1 : len(s)-1])
	}
	return s
}
