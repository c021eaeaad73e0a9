package office

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"baosong/assets"
	"baosong/forms"
)

// Document writes the report as a .docx in the layout of GB/T 9704-2012: the
// text with its headings, the unit and the day with room for a seal, and as
// annexes the entries of each repeat with their tables and photos, two a row.
// Errors of Picture and of w come back wrapped.
func Document(w io.Writer, in Input) error {
	d := &document{view: newView(in), rels: map[string]*picture{}}
	if err := d.gather(); err != nil {
		return fmt.Errorf("document: %w", err)
	}
	if err := d.write(w); err != nil {
		return fmt.Errorf("document: %w", err)
	}
	return nil
}

// document is one .docx being written.
type document struct {
	*view
	*xmlWriter
	rels    map[string]*picture // by material id
	images  []*picture          // in the order of the document
	limit   int                 // most pictures in one gallery
	figure  int                 // number of the last figure
	drawing int                 // id of the last drawing
}

// docxParts are the parts that are the same in every document.
var docxParts = [...][2]string{
	{"[Content_Types].xml", "content-types.xml"},
	{"_rels/.rels", "package-rels.xml"},
	{"docProps/app.xml", "app.xml"},
	{"word/styles.xml", "styles.xml"},
	{"word/settings.xml", "settings.xml"},
	{"word/fontTable.xml", "fontTable.xml"},
	{"word/footer-odd.xml", "footer-odd.xml"},
	{"word/footer-even.xml", "footer-even.xml"},
}

func (d *document) write(w io.Writer) error {
	ps := &parts{w: w, last: func(zw *zip.Writer) error {
		for _, p := range d.images {
			if err := stored(zw, "word/"+p.target, p.jpeg); err != nil {
				return err
			}
		}
		return nil
	}}
	for _, part := range docxParts {
		b, err := fs.ReadFile(assets.Office(), "docx/"+part[1])
		if err != nil {
			return err
		}
		if err := ps.add(part[0], b); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		name string
		fill func()
	}{
		{"word/document.xml", d.main},
		{"word/_rels/document.xml.rels", d.relationships},
		{"docProps/core.xml", d.properties},
	} {
		pw, err := ps.Create(part.name)
		if err != nil {
			return err
		}
		d.xmlWriter = newXML(pw)
		part.fill()
		if err := d.done(); err != nil {
			return fmt.Errorf("part %s: %w", part.name, err)
		}
	}
	return ps.Close()
}

const (
	nsWord     = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	nsRel      = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	nsPkgRel   = "http://schemas.openxmlformats.org/package/2006/relationships"
	nsDrawing  = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
	nsDrawingA = "http://schemas.openxmlformats.org/drawingml/2006/main"
	nsPicture  = "http://schemas.openxmlformats.org/drawingml/2006/picture"
	nsCore     = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
)

// main writes word/document.xml.
func (d *document) main() {
	d.open("w:document", "xmlns:w", nsWord, "xmlns:r", nsRel, "xmlns:wp", nsDrawing, "xmlns:a", nsDrawingA, "xmlns:pic", nsPicture)
	d.open("w:body")
	if unit := d.Report.Unit.Name; unit != "" {
		d.para("Title", unit)
	}
	for _, line := range balanced(d.reportTitle(), titleColumns) {
		d.para("Title", line)
	}
	d.para("Normal", "")
	if to := d.Notice.ReportTo.Department; to != "" {
		d.para("Addressee", to+"：")
	}
	annexes := repeats(d.Notice.Form.Questions, "")
	d.body()
	d.annexList(annexes)
	d.signature()
	d.annexes(annexes)
	d.section()
	d.close("w:body", "w:document")
}

// titleColumns is how many characters of the title fit a line.
const titleColumns = 19

// balanced breaks a title that does not fit one line in two, at the end or the
// beginning of something in quotes or brackets if that makes both lines fit
// (GB/T 9704-2012, 7.3.1: words stay whole, lines are even).
func balanced(s string, most float64) []string {
	if columns(s) <= most {
		return []string{s}
	}
	best, at := math.Inf(1), 0
	for i, r := range s {
		if i == 0 {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		left, right := columns(s[:i]), columns(s[i:])
		penalty := math.Abs(left - right)
		if !strings.ContainsRune("“《（", r) && !strings.ContainsRune("”》）、，", before) {
			penalty += most
		}
		if strings.ContainsRune("”》）、，", r) || strings.ContainsRune("“《（", before) || r < 0x80 && before < 0x80 {
			penalty += 4 * most
		}
		if left <= most && right <= most && penalty < best {
			best, at = penalty, i
		}
	}
	if at == 0 {
		return []string{s}
	}
	return []string{s[:at], s[at:]}
}

// section writes the page: A4, its margins of 37, 28, 35 and 26 mm, 22 lines
// of 28 characters (GB/T 9704-2012, 5.1 and 5.2), the page number on the outer
// side (7.5). The styles set letters 0.25 pt closer, which makes 28 fit 156 mm;
// a grid of characters would too, but LibreOffice sets it much wider.
func (d *document) section() {
	d.open("w:sectPr")
	d.empty("w:footerReference", "w:type", "default", "r:id", "rId4")
	d.empty("w:footerReference", "w:type", "even", "r:id", "rId5")
	d.empty("w:pgSz", "w:w", "11906", "w:h", "16838")
	d.empty("w:pgMar", "w:top", mm(37), "w:right", mm(26), "w:bottom", mm(35), "w:left", mm(28),
		"w:header", mm(15), "w:footer", mm(23), "w:gutter", "0")
	d.empty("w:pgNumType", "w:start", "1")
	d.empty("w:cols", "w:space", "425")
	d.empty("w:docGrid", "w:type", "lines", "w:linePitch", "579")
	d.close("w:sectPr")
}

// mm returns n millimetres in twentieths of a point.
func mm(n float64) string { return strconv.Itoa(int(n*1440/25.4 + 0.5)) }

func (d *document) relationships() {
	d.open("Relationships", "xmlns", nsPkgRel)
	rel := func(id, kind, target string) {
		d.empty("Relationship", "Id", id, "Type", nsRel+"/"+kind, "Target", target)
	}
	rel("rId1", "styles", "styles.xml")
	rel("rId2", "settings", "settings.xml")
	rel("rId3", "fontTable", "fontTable.xml")
	rel("rId4", "footer", "footer-odd.xml")
	rel("rId5", "footer", "footer-even.xml")
	for _, p := range d.images {
		rel(p.rel, "image", p.target)
	}
	d.close("Relationships")
}

func (d *document) properties() {
	d.open("cp:coreProperties", "xmlns:cp", nsCore, "xmlns:dc", "http://purl.org/dc/elements/1.1/",
		"xmlns:dcterms", "http://purl.org/dc/terms/", "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
	d.element("dc:title", d.Report.Unit.Name+d.reportTitle())
	d.element("dc:creator", d.Report.Unit.Name)
	d.element("dc:identifier", d.Report.Submission.String())
	d.element("dcterms:created", d.Report.Created.UTC().Format(time.RFC3339), "xsi:type", "dcterms:W3CDTF")
	d.close("cp:coreProperties")
}

// signature writes the unit and the day, centred on each other, the day four
// characters from the right, with room above for a seal (GB/T 9704-2012, 7.3.5.1).
func (d *document) signature() {
	for range 2 {
		d.para("SignOff", "")
	}
	day := d.day(d.Report.Created).Format("2006年1月2日")
	unit, date := columns(d.Report.Unit.Name), columns(day)
	right := 4 + (date-unit)/2
	shift := max(0, -right)
	d.signed(d.Report.Unit.Name, right+shift, true)
	d.signed(day, 4+shift, false)
}

func (d *document) signed(s string, right float64, next bool) {
	d.open("w:p")
	d.open("w:pPr")
	d.empty("w:pStyle", "w:val", "SignOff")
	if !next {
		d.empty("w:keepNext", "w:val", "0")
	}
	d.empty("w:ind", "w:rightChars", strconv.Itoa(int(right*100)), "w:right", strconv.Itoa(int(right*320)))
	d.close("w:pPr")
	d.run(s)
	d.close("w:p")
}

// columns is the width of s in full-width characters.
func columns(s string) float64 {
	var n float64
	for _, r := range s {
		if r < 0x2000 {
			n += 0.5
		} else {
			n++
		}
	}
	return n
}

// para writes a paragraph; line breaks in s stay within it.
func (d *document) para(style, s string) {
	d.open("w:p")
	d.open("w:pPr")
	d.empty("w:pStyle", "w:val", style)
	d.close("w:pPr")
	if s != "" {
		d.run(s)
	}
	d.close("w:p")
}

// run writes text. The hint makes Word set quotation marks and dashes in the
// Chinese face.
func (d *document) run(s string) {
	d.open("w:r")
	d.open("w:rPr")
	d.empty("w:rFonts", "w:hint", "eastAsia")
	d.close("w:rPr")
	first := true
	for line := range strings.SplitSeq(s, "\n") {
		if !first {
			d.empty("w:br")
		}
		first = false
		d.element("w:t", strings.TrimRight(line, "\r"), "xml:space", "preserve")
	}
	d.close("w:r")
}

// chapterOf returns the label of a page, or what loose questions are about.
func chapterOf(q *forms.Question) string {
	if q.Name == "" {
		return "基本情况"
	}
	return label(q)
}
