package office

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"strconv"

	"baosong/forms"
)

// picture is a photo in the document.
type picture struct {
	rel    string // relationship id
	target string // name of the part, below word
	jpeg   []byte
	cx, cy int // as shown, in EMU
}

// Photos are shown two a row, at most this large.
const (
	emu          = 36000 // in a millimetre
	pictureWidth = 73 * emu
	pictureHigh  = 58 * emu
)

// gather fetches the pictures that the document will show, before it is
// written, since their sizes stand in it.
func (d *document) gather() error {
	if d.Picture == nil {
		return nil
	}
	var sizes []int
	all := d.galleries()
	for _, g := range all {
		sizes = append(sizes, len(g))
	}
	d.limit = share(sizes, d.maxPictures())
	for _, g := range all {
		for _, m := range g[:min(len(g), d.limit)] {
			if err := d.fetch(m); err != nil {
				return fmt.Errorf("picture %s: %w", m.File, err)
			}
		}
	}
	return nil
}

func (d *document) fetch(m *forms.Packed) error {
	if _, ok := d.rels[m.ID]; ok {
		return nil
	}
	b, err := d.Picture(*m)
	if err != nil || len(b) == 0 {
		return err
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil || c.Width < 1 || c.Height < 1 {
		return fmt.Errorf("not a JPEG: %w", err)
	}
	n := strconv.Itoa(len(d.images) + 1)
	p := &picture{rel: "rIdImage" + n, target: "media/image" + n + ".jpeg", jpeg: b}
	p.cx, p.cy = pictureWidth, pictureWidth*c.Height/c.Width
	if p.cy > pictureHigh {
		p.cx, p.cy = max(1, pictureHigh*c.Width/c.Height), pictureHigh
	}
	p.cy = max(1, p.cy)
	d.rels[m.ID] = p
	d.images = append(d.images, p)
	return nil
}

// galleries returns the photos as the document groups them.
func (d *document) galleries() [][]*forms.Packed {
	var out [][]*forms.Packed
	add := func(ps []place) {
		if g := d.photos(ps); len(g) > 0 {
			out = append(out, g)
		}
	}
	for _, page := range d.Notice.Form.Pages() {
		if page.Type == forms.TypeGroup {
			add(leaves(page.Children, groupPath("", page)))
		}
	}
	var inside func(rs []place)
	inside = func(rs []place) {
		for _, r := range rs {
			if gallery(r.q) {
				add(d.entryLeaves(r))
				continue
			}
			for n := 1; n <= d.Report.Answers.Len(r.path); n++ {
				at := r.path.Entry(n)
				add(leaves(r.q.Children, at))
				inside(repeats(r.q.Children, at))
			}
		}
	}
	inside(repeats(d.Notice.Form.Questions, ""))
	return out
}

// entryLeaves returns the leaves of all entries of a repeat.
func (v *view) entryLeaves(r place) []place {
	var ps []place
	for n := 1; n <= v.Report.Answers.Len(r.path); n++ {
		ps = append(ps, leaves(r.q.Children, r.path.Entry(n))...)
	}
	return ps
}

// share returns the largest limit for every gallery that keeps the sum of all
// within total, but at least 1.
func share(sizes []int, total int) int {
	limit := 1
	for {
		sum, more := 0, false
		for _, n := range sizes {
			sum += min(n, limit+1)
			more = more || n > limit
		}
		if sum > total || !more {
			return limit
		}
		limit++
	}
}

// gallery writes photos two a row with their captions below.
func (d *document) gallery(photos []*forms.Packed) {
	var shown []*forms.Packed
	for _, m := range photos[:min(len(photos), d.limit)] {
		if d.rels[m.ID] != nil {
			shown = append(shown, m)
		}
	}
	if len(shown) > 0 {
		d.table("", textWidth/2, textWidth/2)
		for i := 0; i < len(shown); i += 2 {
			d.photoRow(shown[i:min(i+2, len(shown))])
		}
		d.close("w:tbl")
		d.para("Gap", "")
	}
	if rest := len(photos) - len(shown); rest > 0 {
		d.para("BodyText1", "另有"+strconv.Itoa(rest)+"张图片，见汇总表中的目录和所附文件。")
	}
}

// photoRow keeps one or two photos and their captions on one page.
func (d *document) photoRow(photos []*forms.Packed) {
	d.row(false, true)
	width, span := textWidth/2, 1
	if len(photos) == 1 {
		width, span = textWidth, 2
	}
	for _, m := range photos {
		d.figure++
		caption := "图" + strconv.Itoa(d.figure)
		if m.Caption != "" {
			caption += "\u3000" + m.Caption
		}
		d.openCell(width, span)
		d.open("w:p")
		d.open("w:pPr")
		d.empty("w:pStyle", "w:val", "Figure")
		d.close("w:pPr")
		d.open("w:r")
		d.inline(d.rels[m.ID], m.Caption)
		d.close("w:r", "w:p")
		d.para("Caption", caption)
		d.close("w:tc")
	}
	d.close("w:tr")
}

// inline writes a picture that stands in the line like a letter.
func (d *document) inline(p *picture, caption string) {
	d.drawing++
	id, cx, cy := strconv.Itoa(d.drawing), strconv.Itoa(p.cx), strconv.Itoa(p.cy)
	descr := cut(caption, 200)
	d.open("w:drawing")
	d.open("wp:inline", "distT", "0", "distB", "0", "distL", "0", "distR", "0")
	d.empty("wp:extent", "cx", cx, "cy", cy)
	d.empty("wp:docPr", "id", id, "name", "图片"+id, "descr", descr)
	d.open("a:graphic")
	d.open("a:graphicData", "uri", nsPicture)
	d.picture("pic", id, descr, p.rel, cx, cy)
	d.close("a:graphicData", "a:graphic", "wp:inline", "w:drawing")
}
