package post

import (
	"bytes"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"strings"
	"text/template"
	"time"

	"baosong/forms"
	"baosong/mailer"
)

// templates are the messages the program writes, read once.
type templates struct {
	text map[string]*template.Template
	html map[string]*htmltemplate.Template
}

var templateFuncs = map[string]any{
	"size": sizeText,
	"date": func(t time.Time) string { return t.Format("2006年1月2日") },
}

func loadTemplates(fsys fs.FS) (*templates, error) {
	t := &templates{text: map[string]*template.Template{}, html: map[string]*htmltemplate.Template{}}
	names, err := fs.Glob(fsys, "*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("load message templates: %w", err)
	}
	for _, file := range names {
		kind, format, _ := strings.Cut(strings.TrimSuffix(file, ".tmpl"), ".")
		switch format {
		case "txt":
			t.text[kind], err = template.New(file).Funcs(templateFuncs).ParseFS(fsys, file)
		case "html":
			t.html[kind], err = htmltemplate.New(file).Funcs(templateFuncs).ParseFS(fsys, file)
		}
		if err != nil {
			return nil, fmt.Errorf("load message templates: %w", err)
		}
	}
	return t, nil
}

// message renders subject and bodies of one kind of message.
func (t *templates) message(kind string, data any) (mailer.Message, error) {
	var m mailer.Message
	text, ok := t.text[kind]
	if !ok {
		return m, fmt.Errorf("no message template %q", kind)
	}
	var subject, body, html bytes.Buffer
	if err := text.ExecuteTemplate(&subject, "subject", data); err != nil {
		return m, err
	}
	if err := text.ExecuteTemplate(&body, "body", data); err != nil {
		return m, err
	}
	if h, ok := t.html[kind]; ok {
		if err := h.ExecuteTemplate(&html, "body", data); err != nil {
			return m, err
		}
	}
	m.Subject = oneLine(subject.String())
	m.Text = strings.TrimSpace(body.String()) + "\n"
	m.HTML = html.String()
	return m, nil
}

// oneLine makes a header value of what may hold a stranger's line breaks.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func sizeText(n int64) string {
	if n >= 1e6 {
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%d KB", (n+999)/1000)
}

// partData is what the templates of a Part are given.
type partData struct {
	Notice        *forms.Notice
	Report        *forms.Report
	Part, Parts   int
	PackageName   string
	PackageSize   int64
	PackageSHA256 string
	Document      string // name of the attached document, "" if none
	Items         []item
}

type item struct {
	File    string
	Size    int64
	Caption string
}

// items lists what of the report lies in the given Part, at most as many as a
// person reads in a message.
func items(r *forms.Report, part int) []item {
	const most = 200
	var out []item
	for _, m := range r.Materials {
		if len(m.Pieces) == 0 && m.Part == part {
			out = append(out, item{strings.TrimPrefix(m.File, "data/"), m.Size, m.Caption})
		}
		for _, p := range m.Pieces {
			if p.Part == part {
				out = append(out, item{strings.TrimPrefix(p.File, "data/"), p.Size, m.Caption})
			}
		}
	}
	return out[:min(len(out), most)]
}
