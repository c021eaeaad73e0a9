package expr

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error is a mistake in an expression.
type Error struct {
	At  int // place of the mistake in characters, from 1
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("at character %d: %v", e.At, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

func mistake(at int, format string, args ...any) error {
	return &Error{At: at + 1, Err: Faultf(format, args...)}
}

type tokenKind int

const (
	tokEnd    tokenKind = iota
	tokNumber           // 12.5
	tokString           // 'text', without its quotes
	tokName             // today, jr:choice-name
	tokRef              // ${name}, the name alone
	tokSign             // ( ) [ ] , . .. / | + - * = != < <= > >=
)

type token struct {
	kind tokenKind
	text string
	at   int // in characters, from 0
}

// maxSource bounds an expression, in bytes; a cell of a workbook holds less.
const maxSource = 1 << 17

// lex splits s into tokens. Typographic quotes stand for plain ones, since
// spreadsheets put them in unasked.
func lex(s string) ([]token, error) {
	if len(s) > maxSource {
		return nil, mistake(0, "longer than %d bytes", maxSource)
	}
	if !utf8.ValidString(s) {
		return nil, mistake(0, "not UTF-8")
	}
	var out []token
	runes := []rune(s)
	for i := 0; i < len(runes); {
		start := i
		var t token
		var err error
		switch c := runes[i]; {
		case unicode.IsSpace(c):
			i++
			continue
		case closing(c) != 0:
			t, i, err = lexString(runes, i)
		case c >= '0' && c <= '9', c == '.' && i+1 < len(runes) && isDigit(runes[i+1]):
			t, i = lexNumber(runes, i)
		case c == '$':
			t, i, err = lexRef(runes, i)
		case isNameStart(c):
			for i < len(runes) && isNamePart(runes, i) {
				i++
			}
			t = token{kind: tokName, text: string(runes[start:i])}
		default:
			t, i, err = lexSign(runes, i)
		}
		if err != nil {
			return nil, err
		}
		t.at = start
		out = append(out, t)
	}
	return append(out, token{kind: tokEnd, at: len(runes)}), nil
}

// closing returns the quote that ends a text begun with c, 0 if c is no quote.
func closing(c rune) rune {
	switch c {
	case '\'', '"':
		return c
	case '‘':
		return '’'
	case '“':
		return '”'
	}
	return 0
}

func lexString(runes []rune, i int) (token, int, error) {
	end := closing(runes[i])
	for j := i + 1; j < len(runes); j++ {
		if runes[j] == end {
			return token{kind: tokString, text: string(runes[i+1 : j])}, j + 1, nil
		}
	}
	return token{}, 0, mistake(i, "a text that does not end")
}

func lexNumber(runes []rune, i int) (token, int) {
	start, dot := i, false
	for i < len(runes) && (isDigit(runes[i]) || (runes[i] == '.' && !dot)) {
		dot = dot || runes[i] == '.'
		i++
	}
	return token{kind: tokNumber, text: string(runes[start:i])}, i
}

func lexRef(runes []rune, i int) (token, int, error) {
	if i+1 < len(runes) && runes[i+1] == '{' {
		for j := i + 2; j < len(runes); j++ {
			if runes[j] == '}' {
				name := strings.TrimSpace(string(runes[i+2 : j]))
				if name == "" || strings.ContainsAny(name, " \t\n{$'\"") {
					break
				}
				return token{kind: tokRef, text: name}, j + 1, nil
			}
		}
	}
	return token{}, 0, mistake(i, "want ${name}")
}

func lexSign(runes []rune, i int) (token, int, error) {
	if i+1 < len(runes) {
		switch two := string(runes[i : i+2]); two {
		case "..", "!=", "<=", ">=", "//", "::":
			return token{kind: tokSign, text: two}, i + 2, nil
		}
	}
	if strings.ContainsRune("()[],./|+-*=<>@", runes[i]) {
		return token{kind: tokSign, text: string(runes[i])}, i + 1, nil
	}
	return token{}, 0, mistake(i, "%q is not part of an expression", runes[i])
}

func isDigit(c rune) bool { return c >= '0' && c <= '9' }

func isNameStart(c rune) bool { return c == '_' || unicode.IsLetter(c) }

// isNamePart follows XML: a name may hold hyphens and dots, so a-b is one name.
// A colon belongs to it only between a prefix and a name.
func isNamePart(runes []rune, i int) bool {
	c := runes[i]
	if c == ':' {
		return i+1 < len(runes) && isNameStart(runes[i+1]) && runes[i-1] != ':'
	}
	return isNameStart(c) || unicode.IsDigit(c) || c == '-' || c == '.' || unicode.Is(unicode.Mn, c)
}
