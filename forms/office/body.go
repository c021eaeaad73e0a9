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
		d.para("Heading1", numeral(chapter)+"、"+chapterOf(page))
		d.answers(ps)
		d.gallery(d.photos(ps))
	}
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
		d.para("Heading2", "（"+numeral(section)+"）"+label(p.q))
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
	d.para("Normal", "")
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

// annexes writes the entries of each repeat, each repeat on a page of its own.
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
		d.para("Title", label(a.q))
		d.para("Normal", "")
		d.entries(a)
	}
}

// entries writes a small table for each entry, then what is repeated in it.
func (d *document) entries(a place) {
	if gallery(a.q) {
		d.gallery(d.photos(d.entryLeaves(a)))
		return
	}
	if (&list{place: a}).material() != nil && len(repeats(a.q.Children, "")) == 0 {
		d.listTable(a)
		return
	}
	for n := 1; n <= d.Report.Answers.Len(a.path); n++ {
		at := a.path.Entry(n)
		ps := leaves(a.q.Children, at)
		d.para("Heading1", numeral(n)+"、"+d.title(ps, n))
		d.answerTable(d.answered(ps))
		d.gallery(d.photos(ps))
		for _, r := range repeats(a.q.Children, at) {
			d.nested(r)
		}
	}
}

// nested writes a repeat inside an entry: photos as a gallery, others as a
// list.
func (d *document) nested(r place) {
	if d.Report.Answers.Len(r.path) == 0 {
		return
	}
	d.para("Heading2", label(r.q))
	if !gallery(r.q) {
		d.listTable(r)
		return
	}
	d.gallery(d.photos(d.entryLeaves(r)))
}
