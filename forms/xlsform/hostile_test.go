package xlsform_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"baosong/forms/xlsform"
)

// hostile are files that are not, or not only, what they seem, and what
// reading them has to come to.
var hostile = []struct {
	name  string
	want  error // nil where they can be read
	write func(w io.Writer) error
}{
	{"empty.xlsx", xlsform.ErrNotWorkbook, text("")},
	{"words.xlsx", xlsform.ErrNotWorkbook, text("type,name,label\ntext,a,A\n")},
	{"table.xlsx", xlsform.ErrNotWorkbook, text("<html><table><tr><td>1</td></tr></table></html>")},
	{"noise.xlsx", xlsform.ErrNotWorkbook, noise(8 << 20)},
	{"cut.xlsx", xlsform.ErrNotWorkbook, cut},
	{"old.xls", xlsform.ErrOldFormat, compound("Workbook", 0)},
	{"old95.xls", xlsform.ErrOldFormat, compound("Book", 0)},
	{"letter.doc", xlsform.ErrNotWorkbook, compound("WordDocument", 0)},
	{"large.xls", xlsform.ErrNotWorkbook, compound("", 100<<20)},
	{"password.xlsx", xlsform.ErrPassword, password},
	{"letter.docx", xlsform.ErrNoForm, lazy(func() parts { return parts{"word/document.xml": "<w/>"} })},
	{"no-sheets.xlsx", xlsform.ErrNotWorkbook, lazy(func() parts { return parts{"xl/workbook.xml": "<workbook/>"} })},
	{"not-xml.xlsx", xlsform.ErrNotWorkbook, lazy(func() parts { return sheet("<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>1</c></row>") })},
	{"columns.xlsx", xlsform.ErrTooLarge, lazy(func() parts { return sheet(row(10_000, `<c r="%s"><v>1</v></c>`)) })},
	{"columns-unnumbered.xlsx", xlsform.ErrTooLarge, lazy(func() parts { return sheet(row(10_000, `<c><v>1</v></c>`)) })},
	{"far-column.xlsx", xlsform.ErrTooLarge, lazy(func() parts { return sheet(times(15_000, `<row><c r="XFD%d"><v>1</v></c></row>`)) })},
	{"far-columns-empty.xlsx", xlsform.ErrTooLarge, lazy(func() parts { return sheet(times(100_000, `<row r="%[1]d"><c r="XFD%[1]d" s="0"/></row>`)) })},
	{"million-rows.xlsx", xlsform.ErrTooLarge, lazy(func() parts { return sheet(times(1_000_000, `<row r="%[1]d"><c r="A%[1]d"><v>1</v></c></row>`)) })},
	{"million-short-rows.xlsx", xlsform.ErrTooLarge, lazy(func() parts { return sheet(times(1_000_000, `<row><c><v/></c></row>`)) })},
	{"million-empty-rows.xlsx", nil, lazy(func() parts { return formParts(`<row r="1048576" ht="15"/>`) })},
	{"ratio.xlsx", xlsform.ErrTooLarge, lazy(func() parts { return sheet(times(1, "<row/>") + strings.Repeat(" ", 40<<20)) })},
	{"ratio-lies.xlsx", xlsform.ErrNotWorkbook, func(w io.Writer) error { return lies(sheet("<row/>"+strings.Repeat(" ", 40<<20)), w) }},
	{"strings.xlsx", xlsform.ErrTooLarge, lazy(func() parts {
		return sheet("<row><c/></row>").with("xl/sharedStrings.xml", "<sst>"+strings.Repeat("<si><t/></si>", 1_200_000)+"</sst>")
	})},
	{"long-string.xlsx", xlsform.ErrTooLarge, lazy(func() parts {
		return sheet("<row><c/></row>").with("xl/sharedStrings.xml", "<sst><si><t>"+strings.Repeat("a", 15<<20)+"</t></si></sst>")
	})},
	{"rich-string-everywhere.xlsx", xlsform.ErrTooLarge, lazy(func() parts {
		return sheet(times(15_000, `<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>`)).with("xl/sharedStrings.xml",
			`<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si>`+strings.Repeat("<r><t>"+strings.Repeat("a", 1000)+"</t></r>", 30)+"</si></sst>")
	})},
	{"styles.xlsx", xlsform.ErrTooLarge, lazy(func() parts {
		return sheet("<row><c/></row>").with("xl/styles.xml", "<styleSheet><cellXfs>"+strings.Repeat("<xf/>", 3_000_000)+"</cellXfs></styleSheet>")
	})},
	{"attributes.xlsx", xlsform.ErrTooLarge, lazy(func() parts { return sheet("<row " + times(2_000_000, "a='' ") + "/>") })},
	{"deep.xlsx", xlsform.ErrNotWorkbook, lazy(func() parts { return sheet(strings.Repeat("<row>", 1_500_000)) })},
	{"large-form.xlsx", nil, lazy(func() parts {
		return questions(3_000, "concat(${q%[1]d}, 'x') != ''")
	})},
	{"circle-of-thousands.xlsx", errBroken, lazy(func() parts { return questions(3_000, "${q%[2]d} = 1") })},
	{"merges.xlsx", xlsform.ErrTooLarge, lazy(func() parts {
		return formParts("</sheetData><mergeCells>" + strings.Repeat(`<mergeCell ref="A4:B5"/>`, 300_000) + "</mergeCells><sheetData>")
	})},
	{"entities.xlsx", xlsform.ErrNotWorkbook, lazy(func() parts {
		return parts{"xl/workbook.xml": `<!DOCTYPE a [<!ENTITY b "` + strings.Repeat("b", 1000) + `">]><workbook>&b;</workbook>`}
	})},
	{"million-files.zip", xlsform.ErrTooLarge, manyFiles(200_000)},
	{"nested.zip", xlsform.ErrNoForm, nested},
	{"workbooks.zip", xlsform.ErrNoForm, manyBooks},
	{"pictures.xlsx", nil, func(w io.Writer) error {
		return formParts("").with("xl/media/image1.png", strings.Repeat("x", 50<<20)).write(w)
	}},
	{"formulas.xlsx", nil, lazy(func() parts {
		return formParts(`<row r="4"><c r="A4" t="str"><f>CONCATENATE("te","xt")</f><v>text</v></c><c r="B4" t="str"><f>A4</f><v>b</v></c></row>`)
	})},
}

// errBroken stands for problems of the form itself.
var errBroken = errors.New("a broken form")

// questions is a form of n text questions, each asked by a condition that may
// name the one before and the one after.
func questions(n int, relevant string) parts {
	var b strings.Builder
	for i := range n {
		cells := ""
		for _, v := range []string{"text", fmt.Sprintf("q%d", i+1), "label", fmt.Sprintf(relevant, max(i, 1), max((i+1)%n+1, 2))} {
			cells += `<c t="inlineStr"><is><t>` + v + `</t></is></c>`
		}
		if i == 0 {
			cells = `<c t="inlineStr"><is><t>text</t></is></c><c t="inlineStr"><is><t>q1</t></is></c>`
		}
		fmt.Fprintf(&b, `<row r="%d">%s</row>`, i+3, cells)
	}
	p := formParts(b.String())
	p["xl/worksheets/sheet1.xml"] = strings.Replace(p["xl/worksheets/sheet1.xml"], `<c t="inlineStr"><is><t>label</t></is></c></row>`,
		`<c t="inlineStr"><is><t>label</t></is></c><c t="inlineStr"><is><t>relevant</t></is></c></row>`, 1)
	return p
}

// lazy makes the parts of a zip when they are written, and not before: the
// table is there in the child process too.
func lazy(make func() parts) func(io.Writer) error {
	return func(w io.Writer) error { return make().write(w) }
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

func noise(n int64) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.CopyN(w, rand.NewChaCha8([32]byte{1}), n)
		return err
	}
}

// cut writes the front of a real workbook.
func cut(w io.Writer) error {
	b, err := os.ReadFile(filepath.Join("testdata", "training.xlsx"))
	if err == nil {
		_, err = w.Write(b[:len(b)*2/3])
	}
	return err
}

// compound writes what passes for a compound file with one stream.
func compound(stream string, padding int) func(io.Writer) error {
	return func(w io.Writer) error {
		head := append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 504+65_530)...)
		for _, c := range []byte(stream) { // across the edge of what is read at once
			head = append(head, c, 0)
		}
		_, err := w.Write(append(head, make([]byte, 512)...))
		for range padding >> 20 {
			if err == nil {
				_, err = w.Write(make([]byte, 1<<20))
			}
		}
		return err
	}
}

func password(w io.Writer) error {
	x := excelize.NewFile()
	defer x.Close()
	return x.Write(w, excelize.Options{Password: "sample"})
}

// parts are the files of a zip.
type parts map[string]string

func (p parts) with(name, content string) parts { p[name] = content; return p }

func (p parts) write(w io.Writer) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for name, content := range p {
		f, err := z.Create(name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, content); err != nil {
			return err
		}
	}
	return z.Close()
}

// lies writes a zip whose directory says that each file has ten bytes.
func lies(p parts, w io.Writer) error {
	var b bytes.Buffer
	if err := p.write(&b); err != nil {
		return err
	}
	whole := b.Bytes()
	for at := 0; ; at++ {
		i := bytes.Index(whole[at:], []byte("PK\x01\x02"))
		if i < 0 {
			break
		}
		at += i
		copy(whole[at+24:], []byte{10, 0, 0, 0})
	}
	_, err := w.Write(whole)
	return err
}

// sheet is a workbook with one sheet, called survey and 填报表 at once.
func sheet(rows string) parts {
	return workbook("survey", "<worksheet><sheetData>"+rows+"</sheetData></worksheet>")
}

func workbook(name, part string) parts {
	return parts{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"_rels/.rels":         `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="` +
			name + `" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   part,
	}
}

// formParts is the smallest form, with further rows in its survey.
func formParts(more string) parts {
	inline := func(cells ...string) (out string) {
		for _, c := range cells {
			out += `<c t="inlineStr"><is><t>` + c + `</t></is></c>`
		}
		return out
	}
	p := sheet("<row r=\"1\">" + inline("type", "name", "label") + "</row><row r=\"2\">" + inline("text", "a", "A") + "</row>" + more)
	p["xl/workbook.xml"] = strings.Replace(p["xl/workbook.xml"], "</sheets>", `<sheet name="settings" sheetId="2" r:id="rId2"/></sheets>`, 1)
	p["xl/_rels/workbook.xml.rels"] = strings.Replace(p["xl/_rels/workbook.xml.rels"], "</Relationships>",
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>`, 1)
	return p.with("xl/worksheets/sheet2.xml", "<worksheet><sheetData><row r=\"1\">"+inline("form_id")+"</row><row r=\"2\">"+inline("sample")+"</row></sheetData></worksheet>")
}

// row repeats a cell, with its name where the text has a place for one.
func row(n int, cell string) string {
	var b strings.Builder
	b.WriteString(`<row r="1">`)
	for i := range n {
		if name, _ := excelize.CoordinatesToCellName(i+1, 1); strings.Contains(cell, "%s") {
			fmt.Fprintf(&b, cell, name)
		} else {
			b.WriteString(cell)
		}
	}
	return b.String() + "</row>"
}

// times repeats a text, with its number where the text has a place for one.
func times(n int, s string) string {
	var b strings.Builder
	for i := range n {
		if strings.Contains(s, "%") {
			fmt.Fprintf(&b, s, i+1)
		} else {
			b.WriteString(s)
		}
	}
	return b.String()
}

func manyFiles(n int) func(io.Writer) error {
	return func(w io.Writer) error {
		z := zip.NewWriter(w)
		for i := range n {
			if _, err := z.CreateHeader(&zip.FileHeader{Name: "f" + strconv.Itoa(i)}); err != nil {
				return err
			}
		}
		return z.Close()
	}
}

// nested writes zips within zips, each called a workbook.
func nested(w io.Writer) error {
	inner := "x"
	for range 40 {
		var b bytes.Buffer
		if err := (parts{"a.xlsx": inner, "b.zip": inner}).write(&b); err != nil {
			return err
		}
		inner = b.String()
		if len(inner) > 1<<20 {
			break
		}
	}
	_, err := io.WriteString(w, inner)
	return err
}

// manyBooks writes a bundle of workbooks none of which is a form.
func manyBooks(w io.Writer) error {
	var b bytes.Buffer
	if err := workbook("other", "<worksheet>"+strings.Repeat(" ", 15<<20)+"</worksheet>").write(&b); err != nil {
		return err
	}
	all := parts{}
	for i := range 200 {
		all[fmt.Sprintf("%03d.xlsx", i)] = b.String()
	}
	return all.write(w)
}
