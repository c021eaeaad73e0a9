package office

import (
	"fmt"
	"html/template"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"baosong/assets"
	"baosong/forms"
)

// IndexInput is what the page of one package is made from.
type IndexInput struct {
	Input
	Part, Parts int      // the package, and how many there are
	Documents   []string // files beside the page to point to
}

// Index writes a page of HTML that shows the report to whoever has unpacked
// the package: without scripts, and with nothing from elsewhere. Photos and
// files of other packages are named, with where they lie. The page belongs
// into the folder data.
func Index(w io.Writer, in IndexInput) error {
	t, err := template.ParseFS(assets.Office(), "index.html.tmpl")
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	x := &index{view: newView(in.Input), part: in.Part}
	r := in.Report
	page := map[string]any{
		"Title": x.reportTitle(), "Unit": r.Unit.Name, "Day": x.day(r.Created).Format("2006年1月2日"), "Late": r.Late,
		"ID": r.Submission.ID, "Revision": r.Submission.Revision, "Part": in.Part, "Parts": in.Parts,
		"Chapters": x.chapters(),
	}
	var docs []indexFile
	for _, name := range in.Documents {
		docs = append(docs, indexFile{Name: name, Href: href(name), Here: true})
	}
	page["Documents"] = docs
	if err := t.Execute(w, page); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	return nil
}

// index is one page being written.
type index struct {
	*view
	part int
}

type indexChapter struct {
	Level    int // of the heading
	Title    string
	Rows     []indexRow
	Photos   []indexFile
	Files    []indexFile
	Chapters []indexChapter
}

type indexRow struct{ Label, Text string }

type indexFile struct {
	Name    string
	Href    template.URL
	Caption string
	Here    bool // lies in this package
	Part    int
	Where   string
}

// href escapes a path as a relative reference (RFC 3986, section 4.2).
func href(path string) template.URL {
	return template.URL((&url.URL{Path: "./" + path}).String())
}

func (x *index) chapters() []indexChapter {
	var out []indexChapter
	for _, page := range x.Notice.Form.Pages() {
		qs, at := page.Children, groupPath("", page)
		if page.Type == forms.TypeRepeat {
			out = append(out, x.repeat(place{page, at}, 2))
			continue
		}
		c := indexChapter{Level: 2, Title: chapterOf(page)}
		x.fill(&c, qs, at)
		out = append(out, c)
	}
	return pruned(out)
}

// fill puts answers, materials and repeats below at into c.
func (x *index) fill(c *indexChapter, qs []*forms.Question, at forms.Path) {
	for _, p := range leaves(qs, at) {
		if p.q.Type.Media() {
			x.addFile(c, p)
		} else if s := x.value(p); s != "" {
			c.Rows = append(c.Rows, indexRow{label(p.q), s})
		}
	}
	for _, r := range repeats(qs, at) {
		c.Chapters = append(c.Chapters, x.repeat(r, c.Level+1))
	}
}

func (x *index) addFile(c *indexChapter, p place) {
	m := x.materials[p.path]
	if m == nil {
		return
	}
	f := indexFile{Name: fileName(m), Href: href(fileName(m)), Caption: m.Caption, Part: m.Part, Here: m.Part == x.part && len(m.Pieces) == 0}
	f.Where = "在第" + strconv.Itoa(m.Part) + "个材料包中"
	if n := len(m.Pieces); n > 0 {
		f.Where = "分为" + strconv.Itoa(n) + "段，在第" + strconv.Itoa(m.Pieces[0].Part) + "至" + strconv.Itoa(m.Pieces[n-1].Part) + "个材料包中，按顺序合并后打开"
	}
	if strings.HasPrefix(m.MIME, "image/") && p.q.Type == forms.TypeImage {
		c.Photos = append(c.Photos, f)
	} else {
		c.Files = append(c.Files, f)
	}
}

// repeat is a chapter with one below for each entry; photos, and entries that
// are a file and its caption, are put together.
func (x *index) repeat(r place, level int) indexChapter {
	c := indexChapter{Level: level, Title: label(r.q)}
	photos := gallery(r.q)
	for n := 1; n <= x.Report.Answers.Len(r.path); n++ {
		at := r.path.Entry(n)
		e := indexChapter{Level: level + 1, Title: numeral(n) + "、" + x.title(leaves(r.q.Children, at), n)}
		x.fill(&e, r.q.Children, at)
		if photos || e.fileAlone() {
			c.Photos, c.Files = append(c.Photos, e.Photos...), append(c.Files, e.Files...)
			continue
		}
		c.Chapters = append(c.Chapters, e)
	}
	return c
}

// fileAlone reports whether an entry is a file and its caption.
func (c *indexChapter) fileAlone() bool {
	return len(c.Files) == 1 && len(c.Photos)+len(c.Chapters) == 0 &&
		!slices.ContainsFunc(c.Rows, func(r indexRow) bool { return r.Text != c.Files[0].Caption })
}

// pruned leaves out chapters with nothing in them.
func pruned(cs []indexChapter) []indexChapter {
	var out []indexChapter
	for _, c := range cs {
		c.Chapters = pruned(c.Chapters)
		if len(c.Rows)+len(c.Photos)+len(c.Files)+len(c.Chapters) > 0 {
			out = append(out, c)
		}
	}
	return out
}
