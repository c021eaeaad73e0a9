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
	var b strings.Builder
	hidden := ""
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if hidden == "" {
				b.WriteString(strings.Join(strings.FieldsFunc(string(z.Text()), isSpace), " "))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			switch tag := tagName(z); tag {
			case "script", "style", "title":
				hidden = tag
			case "br", "p", "div", "tr", "li", "h1", "h2", "h3":
				newLine(&b)
			case "td", "th":
				b.WriteByte(' ')
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

func isSpace(r rune) bool { return strings.ContainsRune(" \t\r\n\u00a0", r) }

func newLine(b *strings.Builder) {
	if s := b.String(); s != "" && !strings.HasSuffix(s, "\n") {
		b.WriteByte('\n')
	}
}
