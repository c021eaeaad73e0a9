package office_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"baosong/assets"
	"baosong/forms"
	"baosong/forms/office"
	"baosong/forms/xlsform"
)

// anyNotices are the built-in notice and three of other shapes: repeats in
// repeats in repeats, tables and sums, choices that depend on others.
func anyNotices(t *testing.T) map[string]*forms.Notice {
	t.Helper()
	out := map[string]*forms.Notice{}
	add := func(name string, n *forms.Notice, problems []xlsform.Problem, err error) {
		if err != nil || len(problems) > 0 {
			t.Fatalf("%s: %v %v", name, err, problems)
		}
		out[name] = n
	}
	n, problems, err := xlsform.Read(assets.Notices(), "jilin-2024")
	add("jilin-2024", n, problems, err)
	for _, name := range []string{"science-day", "statistics", "training"} {
		n, problems, err := xlsform.ReadFile(filepath.Join("..", "xlsform", "testdata", name+".xlsx"))
		add(name, n, problems, err)
	}
	return out
}

// filler answers every question of a form, each repeat twice, and keeps what a
// reader must find in the documents.
type filler struct {
	t         *testing.T
	form      *forms.Form
	report    *forms.Report
	n         int
	shown     []string // everywhere
	beside    []string // what is beside photos and files, and stands in the workbook and on the page
	materials int
}

func (f *filler) fill(qs []*forms.Question, at forms.Path, gallery bool) {
	for _, q := range qs {
		p := at
		if q.Name != "" {
			p = at.Child(q.Name)
		}
		switch q.Type {
		case forms.TypeGroup:
			f.fill(q.Children, p, gallery)
		case forms.TypeRepeat:
			for range 2 {
				e, err := f.report.Answers.Insert(p, 0, nil)
				if err != nil {
					f.t.Fatal(err)
				}
				f.fill(q.Children, e, isGallery(q))
			}
		case forms.TypeNote, forms.TypeHidden, forms.TypeToday, forms.TypeStart, forms.TypeEnd:
		default:
			f.answer(q, p, gallery)
		}
	}
}

func isGallery(q *forms.Question) bool {
	for _, c := range q.Children {
		if c.Type == forms.TypeImage {
			return true
		}
	}
	return false
}

func (f *filler) answer(q *forms.Question, p forms.Path, gallery bool) {
	f.n++
	var v, want string
	switch q.Type {
	case forms.TypeInteger, forms.TypeDecimal, forms.TypeCalculate:
		v = fmt.Sprint(1000 + f.n)
		want = v
	case forms.TypeDate:
		v, want = "2025-09-20", "2025年9月20日"
	case forms.TypeTime:
		v, want = "09:30", "09:30"
	case forms.TypeDateTime:
		v, want = "2025-09-20T14:05", "2025年9月20日 14:05"
	case forms.TypeSelectOne, forms.TypeSelectMultiple:
		c := f.form.Choices[q.List][0]
		v, want = c.Name, c.Label.In("zh")
	case forms.TypeAcknowledge:
		v, want = "OK", "是"
	case forms.TypeImage, forms.TypeVideo, forms.TypeAudio, forms.TypeFile:
		f.material(q, p)
		return
	default:
		v = fmt.Sprintf("第%d条示例内容，请勿当真", f.n)
		if q.Has("multiline") {
			v = strings.Repeat(v+"。活动由示例单位组织，安排有序、反响良好，参加者提出了意见和建议。", 4)
		}
		want = v
	}
	if ms := f.report.Materials; q.Has("caption") && len(ms) > 0 && ms[len(ms)-1].Question.Parent() == p.Parent() {
		ms[len(ms)-1].Caption = v
	}
	if err := f.report.Answers.Set(p, v); err != nil {
		f.t.Fatal(err)
	}
	if strings.TrimSpace(q.Label.In("zh")) == "" {
		return // worked out for other questions, not for people
	}
	if gallery && !q.Has("caption") {
		f.beside = append(f.beside, want)
	} else {
		f.shown = append(f.shown, want)
	}
}

func (f *filler) material(q *forms.Question, p forms.Path) {
	f.materials++
	m := forms.Packed{
		ID: fmt.Sprint("m", f.materials), Question: p, Part: 1, Size: 1_234_567, Name: "IMG_示例.jpg",
		File: fmt.Sprintf("data/附件/%04d-示例.pdf", f.materials), MIME: "application/pdf", SHA256: strings.Repeat("0", 64),
	}
	if q.Type == forms.TypeImage {
		m.File, m.MIME, m.Width, m.Height = fmt.Sprintf("data/图片/%04d-示例.jpg", f.materials), "image/jpeg", 1600, 1200
	} else {
		f.beside = append(f.beside, strings.TrimPrefix(m.File, "data/"))
	}
	f.report.Materials = append(f.report.Materials, m)
	if err := f.report.Answers.Set(p, m.ID); err != nil {
		f.t.Fatal(err)
	}
}

// picture is a photo of one colour.
func picture(m forms.Packed) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range img.Pix {
		img.Pix[i] = byte(40 * len(m.ID))
	}
	img.Set(1, 1, color.White)
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, nil)
	return b.Bytes(), err
}

func filledInput(t *testing.T, n *forms.Notice) (office.Input, *filler) {
	t.Helper()
	f := &filler{t: t, form: n.Form, report: &forms.Report{
		Format: forms.ReportFormat, Submission: forms.SubmissionRef{ID: "0EXAMPLE0EXAMPLE", Revision: 1}, Answers: &forms.Answers{},
		Created: time.Date(2025, 10, 8, 10, 0, 0, 0, time.FixedZone("CST", 8*3600)), Notice: forms.NoticeRef{ID: n.ID, Title: n.Title},
	}}
	f.fill(n.Form.Questions, "", false)
	f.report.Unit = n.Unit(f.report.Answers, "zh")
	return office.Input{Notice: n, Report: f.report, Picture: picture}, f
}

// TestNoAnswerIsLeftOut answers every question of every notice, and finds each
// answer again in the document, in the workbook and on the page.
func TestNoAnswerIsLeftOut(t *testing.T) {
	for name, n := range anyNotices(t) {
		in, f := filledInput(t, n)
		var doc, book, page bytes.Buffer
		if err := office.Document(&doc, in); err != nil {
			t.Fatal(err)
		}
		if err := office.Workbook(&book, in); err != nil {
			t.Fatal(err)
		}
		if err := office.Index(&page, office.IndexInput{Input: in, Part: 1, Parts: 1}); err != nil {
			t.Fatal(err)
		}
		words := documentText(t, doc.Bytes())
		for _, want := range f.shown {
			if !strings.Contains(words, want) {
				t.Errorf("%s: the document lacks %q", name, want)
			}
		}
		cells := workbookText(t, book.Bytes())
		for _, want := range append(f.shown, f.beside...) {
			if !strings.Contains(cells, dateInCells(want)) {
				t.Errorf("%s: the workbook lacks %q", name, want)
			}
			if !strings.Contains(page.String(), want) {
				t.Errorf("%s: the page lacks %q", name, want)
			}
		}
	}
}

// dateInCells is a date as a workbook shows it.
func dateInCells(s string) string {
	switch s {
	case "2025年9月20日":
		return "2025-09-20"
	case "2025年9月20日 14:05":
		return "2025-09-20 14:05"
	}
	return s
}

func documentText(t *testing.T, b []byte) string {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := zr.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for dec := xml.NewDecoder(r); ; {
		tok, err := dec.Token()
		if err == io.EOF {
			return out.String()
		} else if err != nil {
			t.Fatal(err)
		}
		if s, ok := tok.(xml.CharData); ok {
			out.Write(s)
		}
	}
}

func workbookText(t *testing.T, b []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			out.WriteString(strings.Join(r, "\n") + "\n")
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
