package eml

import (
	"io"
	"strings"

	"golang.org/x/net/html"
)

// text keeps a body text, as far as there is room.
func (w *walker) text(mediaType, charset string, body io.Reader) error {
	raw, err := io.ReadAll(io.LimitReader(body, bodyMax))
	into := &w.plain
	text := decodeCharset(charset, string(raw))
	if mediaType == "text/html" {
		into, text = &w.html, htmlText(text)
	}
	text = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n"))
	if room := bodyMax - into.Len() - 2; text != "" && room > 0 {
		if into.Len() > 0 {
			into.WriteString("\n\n")
		}
		into.WriteString(strings.ToValidUTF8(text[:min(len(text), room)], ""))
	}
	return err
}

func (w *walker) body() string {
	if w.plain.Len() > 0 {
		return w.plain.String()
	}
	return w.html.String()
}

// htmlText keeps the words of an HTML body and breaks lines where it does.
func htmlText(s string) string {
	var w words
	hidden := ""
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return w.String()
		case html.TextToken:
			if hidden == "" {
				w.write(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			switch tag := tagName(z); tag {
			case "script", "style", "title":
				hidden = tag
			case "br", "p", "div", "tr", "li", "h1", "h2", "h3":
				w.newLine()
			case "td", "th":
				w.space = true
			}
		case html.EndTagToken:
			if tagName(z) == hidden {
				hidden = ""
			}
		}
	}
}

func tagName(z *html.Tokenizer) string {
	name, _ := z.TagName()
	return string(name)
}

// words is text in which any white space is one space, also where it lies between two tags.
type words struct {
	strings.Builder
	space bool // there was some behind the last word
}

func (w *words) write(s string) {
	for _, r := range s {
		if isSpace(r) {
			w.space = true
			continue
		}
		if w.space && w.Len() > 0 && !w.atLine() {
			w.WriteByte(' ')
		}
		w.space = false
		w.WriteRune(r)
	}
}

func (w *words) newLine() {
	if w.Len() > 0 && !w.atLine() {
		w.WriteByte('\n')
	}
	w.space = false
}

func (w *words) atLine() bool { return strings.HasSuffix(w.String(), "\n") }

func isSpace(r rune) bool { return strings.ContainsRune(" \t\r\n\u00a0", r) }
