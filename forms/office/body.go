package office

import (
	"strconv"
	"strings"

	"baosong/forms"
)

// body writes a chapter for each page of the form that has answers outside
// repeats.
func (d *document) body() {
	chapter := 0
	for _, page := range d.Notice.Form.Pages() {
		if page.Type != forms.TypeGroup {
			continue
		}
		ps := d.answered(leaves(page.Children, groupPath("", page)))
		if len(ps) == 0 {
			continue
		}
		chapter++
		d.heading(1, chapter, chapterOf(page))
		d.answers(ps)
		d.gallery(d.photos(ps))
	}
}

// heading writes one of level 1 to 4, numbered as GB/T 9704-2012 has it
// (7.3.3): 一、 （一） 1. （1）. Deeper levels are written as level 4.
func (d *document) heading(level, n int, s string) {
	switch level {
	case 1:
		s = numeral(n) + "、" + s
	case 2:
		s = "（" + numeral(n) + "）" + s
	case 3:
		s = strconv.Itoa(n) + ". " + s
	default:
		level, s = 4, "（"+strconv.Itoa(n)+"）"+s
	}
	d.para("Heading"+strconv.Itoa(level), s)
}

func (d *document) answered(ps []place) []place {
	var out []place
	for _, p := range ps {
		if d.value(p) != "" {
			out = append(out, p)
		}
	}
	return out
}

// answers writes running text below headings, and runs of short answers as
// tables between them.
func (d *document) answers(ps []place) {
	section := 0
	var short []place
	flush := func() {
		if len(short) > 0 {
			d.answerTable(short)
			short = nil
		}
	}
	for _, p := range ps {
		if !long(p.q) {
			short = append(short, p)
			continue
		}
		flush()
		section++
		d.heading(2, section, label(p.q))
		d.paragraphs(d.value(p))
	}
	flush()
}

func (d *document) paragraphs(s string) {
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			d.para("BodyText1", line)
		}
	}
}

// annexList names the annexes below the text (GB/T 9704-2012, 7.3.4).
func (d *document) annexList(annexes []place) {
	var names []string
	for _, a := range annexes {
		if n := d.Report.Answers.Len(a.path); n > 0 {
			names = append(names, label(a.q))
		}
	}
	if len(names) == 0 {
		return
	}
	d.para("AnnexList", "")
	for i, name := range names {
		lead := "\u3000\u3000\u3000"
		if i == 0 {
			lead = "附件："
		}
		if len(names) > 1 {
			name = strconv.Itoa(i+1) + ". " + name
		}
		d.para("AnnexList", lead+name)
	}
}

// annexes writes the entries of each repeat, each repeat on a page of its own,
// its title on the third line (7.3.7).
func (d *document) annexes(annexes []place) {
	count := 0
	for _, a := range annexes {
		if d.Report.Answers.Len(a.path) > 0 {
			count++
		}
	}
	n := 0
	for _, a := range annexes {
		if d.Report.Answers.Len(a.path) == 0 {
			continue
		}
		n++
		mark := "附件"
		if count > 1 {
			mark += strconv.Itoa(n)
		}
		d.para("Annex", mark)
		d.para("Normal", "")
		d.para("Title", label(a.q))
		d.para("Normal", "")
		if d.short(a) {
			d.list(a)
		} else {
			d.entries(a, 1)
		}
	}
}

// short reports whether the entries of a repeat are materials with little
// beside them, to be shown together.
func (d *document) short(r place) bool {
	return gallery(r.q) || (&list{place: r}).material() != nil && len(repeats(r.q.Children, "")) == 0
}

// list writes the entries of a repeat together: photos as a gallery, others as
// the rows of a table.
func (d *document) list(r place) {
	if gallery(r.q) {
		d.gallery(d.photos(d.entryLeaves(r)))
		return
	}
	d.listTable(r)
}

// entries writes each entry below a heading of this level: a small table, then
// what is repeated in it.
func (d *document) entries(r place, level int) {
	for n := 1; n <= d.Report.Answers.Len(r.path); n++ {
		at := r.path.Entry(n)
		ps := leaves(r.q.Children, at)
		d.heading(level, n, d.title(ps, n))
		d.answerTable(d.answered(ps))
		d.gallery(d.photos(ps))
		section := 0
		for _, inner := range repeats(r.q.Children, at) {
			if d.Report.Answers.Len(inner.path) == 0 {
				continue
			}
			section++
			d.heading(level+1, section, label(inner.q))
			if len(repeats(inner.q.Children, "")) > 0 {
				d.entries(inner, level+2)
			} else {
				d.list(inner)
			}
		}
	}
}
