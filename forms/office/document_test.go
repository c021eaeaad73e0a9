package office

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"testing"

	"baosong/forms"
)

// unpack returns the parts of an Office document and checks that each one of
// XML is well-formed.
func unpack(t *testing.T, b []byte) map[string]string {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if zr.File[0].Name != "[Content_Types].xml" {
		t.Errorf("first entry is %s", zr.File[0].Name)
	}
	parts := map[string]string{}
	for _, f := range zr.File {
		if f.Flags&8 != 0 {
			t.Errorf("%s has a data descriptor", f.Name)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		parts[f.Name] = string(part)
		if ext := path.Ext(f.Name); ext == ".xml" || ext == ".rels" {
			wellFormed(t, f.Name, part)
		}
	}
	return parts
}

func wellFormed(t *testing.T, name string, b []byte) {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(b))
	for {
		if _, err := dec.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

// paragraphs returns the text of a document, a line for each paragraph with
// its style before it.
func paragraphs(t *testing.T, document string) []string {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(document))
	var out []string
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			switch tok.Name.Local {
			case "p":
				out = append(out, "")
			case "pStyle":
				out[len(out)-1] = tok.Attr[0].Value + ": "
			}
		case xml.CharData:
			if s := string(tok); strings.TrimSpace(s) != "" {
				out[len(out)-1] += s
			}
		}
	}
}

func write(t *testing.T, fn func(io.Writer, Input) error, in Input) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := fn(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sampleInput(t *testing.T, activities, photos int) Input {
	n := sampleNotice(t)
	return Input{Notice: n, Report: sampleReport(t, n, "示例大学科学技术协会", activities, photos), Picture: samplePicture}
}

// TestDocumentLayout follows GB/T 9704-2012 from the title to the annex.
func TestDocumentLayout(t *testing.T) {
	parts := unpack(t, write(t, Document, sampleInput(t, 2, 3)))
	got := paragraphs(t, parts["word/document.xml"])
	want := []string{
		"Title: 示例大学科学技术协会", "Title: 示例市“全国科技工作者日”活动总结",
		"Addressee: 示例市科协组宣部：",
		"Heading1: 一、单位信息", "TableLabel: 联系人", "TableText: 张示例",
		"Heading1: 二、总结", "Heading2: （一）组织开展情况", "Heading2: （二）工作成效", "TableLabel: 参与人数合计", "TableText: 300",
		"Heading1: 三、报送确认", "TableText: 本材料不含国家秘密、工作秘密和敏感信息，可通过互联网邮箱报送", "TableNumber: 是",
		"AnnexList: 附件：开展的活动",
		"SignOff: 示例大学科学技术协会", "SignOff: 2024年6月8日",
		"Annex: 附件", "Normal: ", "Title: 开展的活动",
		"Heading1: 一、示例科学家精神主题展览第1期", "TableText: 2024年5月11日", "TableText: 线下",
		"Heading2: （一）图片", "Caption: 图1\u3000张示例在第1期展览上讲解示例图板（第1张）", "Caption: 图3\u3000张示例在第1期展览上讲解示例图板（第3张）",
		"Heading2: （二）影像", "TableText: https://pan.example.com/s/shili",
		"Heading1: 二、示例科学家精神主题展览第2期", "Caption: 图6\u3000张示例在第2期展览上讲解示例图板（第3张）",
	}
	at := 0
	for _, w := range want {
		i := slices.Index(got[at:], w)
		if i < 0 {
			t.Fatalf("no %q after %q in\n%s", w, got[max(0, at-1)], strings.Join(got, "\n"))
		}
		at += i + 1
	}
	if strings.Contains(strings.Join(got, "\n"), "盖章扫描件") {
		t.Error("a question without an answer is in the document")
	}
	for _, s := range []string{
		`w:w="11906" w:h="16838"`, `w:top="2098" w:right="1474" w:bottom="1984" w:left="1587"`,
		`w:type="default" r:id="rId4"`, `w:type="even" r:id="rId5"`,
	} {
		if !strings.Contains(parts["word/document.xml"], s) {
			t.Errorf("the page has no %s", s)
		}
	}
	if !strings.Contains(parts["word/settings.xml"], "evenAndOddHeaders") {
		t.Error("odd and even pages are not told apart")
	}
}

// TestDocumentParts checks what ECMA-376 asks of a package: each part has a
// type, each relationship a part, each picture a relationship.
func TestDocumentParts(t *testing.T) {
	parts := unpack(t, write(t, Document, sampleInput(t, 1, 3)))
	for _, rels := range []string{"_rels/.rels", "word/_rels/document.xml.rels"} {
		var r struct {
			Relationship []struct {
				Target string `xml:"Target,attr"`
			}
		}
		if err := xml.Unmarshal([]byte(parts[rels]), &r); err != nil {
			t.Fatal(err)
		}
		for _, rel := range r.Relationship {
			name := path.Join(path.Dir(path.Dir(rels)), rel.Target)
			if parts[name] == "" {
				t.Errorf("%s points to %s, which is not there", rels, name)
			}
		}
	}
	types := parts["[Content_Types].xml"]
	for name := range parts {
		known := strings.Contains(types, `PartName="/`+name+`"`) || strings.Contains(types, `Extension="`+strings.TrimPrefix(path.Ext(name), ".")+`"`)
		if name != "[Content_Types].xml" && !known {
			t.Errorf("%s has no content type", name)
		}
	}
	doc, rels := parts["word/document.xml"], parts["word/_rels/document.xml.rels"]
	if n := strings.Count(doc, "r:embed="); n != 3 {
		t.Errorf("%d pictures, want 3", n)
	}
	for s := range strings.SplitSeq(doc, `r:embed="`) {
		if id, _, ok := strings.Cut(s, `"`); ok && strings.HasPrefix(id, "rIdImage") && !strings.Contains(rels, `"`+id+`"`) {
			t.Errorf("picture %s has no relationship", id)
		}
	}
}

func TestDocumentIsDeterministic(t *testing.T) {
	for name, fn := range map[string]func(io.Writer, Input) error{"document": Document, "workbook": Workbook} {
		first := write(t, fn, sampleInput(t, 3, 4))
		for range 5 {
			if !bytes.Equal(first, write(t, fn, sampleInput(t, 3, 4))) {
				for part, body := range unpack(t, write(t, fn, sampleInput(t, 3, 4))) {
					if body != unpack(t, first)[part] {
						t.Errorf("%s: %s differs", name, part)
					}
				}
				t.Fatalf("the same report gave another %s", name)
			}
		}
	}
}

func TestDocumentTakesAnyText(t *testing.T) {
	in := sampleInput(t, 1, 1)
	hostile := "<w:p>&\x00\x1f\uffff]]>\"'\xff\r\n第二行"
	for _, p := range []forms.Path{"unit/name", "summary/course", "activity[1]/title", "activity[1]/brief"} {
		if err := in.Report.Answers.Set(p, hostile); err != nil {
			t.Fatal(err)
		}
	}
	in.Report.Unit.Name, in.Report.Materials[0].Caption, in.Notice.Title = hostile, hostile, hostile
	unpack(t, write(t, Document, in))
	unpack(t, write(t, Workbook, in))
}

func TestDocumentSharesOutPictures(t *testing.T) {
	in := sampleInput(t, 3, 5)
	in.MaxPictures = 7
	got := strings.Join(paragraphs(t, unpack(t, write(t, Document, in))["word/document.xml"]), "\n")
	if !strings.Contains(got, "图6") || strings.Contains(got, "图7") {
		t.Error("want two pictures for each of three activities")
	}
	if n := strings.Count(got, "另有3张图片"); n != 3 {
		t.Errorf("said %d times that there are more, want 3", n)
	}
}

func TestDocumentWithoutPictures(t *testing.T) {
	in := sampleInput(t, 1, 2)
	in.Picture = nil
	got := strings.Join(paragraphs(t, unpack(t, write(t, Document, in))["word/document.xml"]), "\n")
	if !strings.Contains(got, "另有2张图片") {
		t.Error("photos that are not shown are not mentioned")
	}
	broken := errors.New("no such photo")
	in.Picture = func(forms.Packed) ([]byte, error) { return nil, broken }
	for name, fn := range map[string]func(io.Writer, Input) error{"document": Document, "workbook": Workbook} {
		if err := fn(io.Discard, in); !errors.Is(err, broken) {
			t.Errorf("%s: %v, want what Picture said", name, err)
		}
	}
	in.Picture = func(forms.Packed) ([]byte, error) { return []byte("GIF89a"), nil }
	if err := Document(io.Discard, in); err == nil {
		t.Error("a picture that is not a JPEG was taken")
	}
}

func TestTitleIsBroken(t *testing.T) {
	for title, want := range map[string][]string{
		"示例市活动总结": {"示例市活动总结"},
		"2024年示例市“全国科技工作者日”活动总结": {"2024年示例市", "“全国科技工作者日”活动总结"},
		"示例市学会能力提升专项行动计划实施情况总结":  {"示例市学会能力提升专", "项行动计划实施情况总结"},
	} {
		if got := balanced(title, titleColumns); !slices.Equal(got, want) {
			t.Errorf("%s is broken as %q, want %q", title, got, want)
		}
	}
}

// TestAddressHasARowToItself holds that a cell of half a row does not break an
// address in the middle.
func TestAddressHasARowToItself(t *testing.T) {
	in := sampleInput(t, 1, 0)
	for text, row := range map[string]bool{"示例县科协张示例 65550000": false, "zhangshili@unit.example": true, "0432-65550000": false} {
		if err := in.Report.Answers.Set("unit/phone", text); err != nil {
			t.Fatal(err)
		}
		doc := unpack(t, write(t, Document, in))["word/document.xml"]
		cell := doc[:strings.Index(doc, text)]
		if got := strings.Contains(cell[strings.LastIndex(cell, "<w:tc>"):], `w:gridSpan`); got != row {
			t.Errorf("%s has the row to itself: %v", text, got)
		}
	}
}

func TestNumeral(t *testing.T) {
	for n, want := range map[int]string{1: "一", 10: "十", 11: "十一", 20: "二十", 42: "四十二", 99: "九十九", 100: "100", 0: "0"} {
		if got := numeral(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}
