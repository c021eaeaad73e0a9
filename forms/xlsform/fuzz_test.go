package xlsform_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"baosong/forms"
	"baosong/forms/xlsform"
)

// survives writes a notice that was read and reads it again: whatever was
// taken in has to come out the same.
func survives(t *testing.T, n *forms.Notice) {
	t.Helper()
	var b bytes.Buffer
	must(t, xlsform.Write(&b, n))
	again, _, err := readBytes(t, "again.xlsx", b.Bytes())
	if err != nil {
		t.Fatalf("what was written cannot be read: %v", err)
	}
	if d := cmp.Diff(n, again, sameNotice); d != "" {
		t.Errorf("through a workbook (-want +got):\n%s", d)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte(everything), []byte(everyChoice), []byte("key,value\nid,x\n"))
	f.Add([]byte("type,name,label\nbegin repeat,r,R\ntext,a,A\nend repeat\n"), []byte(""), []byte("key,value\nid,x\n"))
	f.Add([]byte("\xef\xbb\xbftype,name,label::中文 (zh),default\ndate,d,日期,today()\nselect_one l or_other,s,S,a\n"), []byte("list_name,name,label,x\nl,a,A,1\n"), []byte("key,value\nid,x\ndeadline,2024-06-10\nodd,1\n"))
	f.Add([]byte("type,name,calculation\ncalculate,a,${b}\ncalculate,b,${a}\n"), []byte("\xd6\xd0\xce\xc4"), []byte("\"\n"))
	f.Fuzz(func(t *testing.T, survey, choices, notice []byte) {
		n, _, err := xlsform.Read(fstest.MapFS{"survey.csv": {Data: survey}, "choices.csv": {Data: choices}, "notice.csv": {Data: notice}}, ".")
		if err != nil {
			return
		}
		if plain(survey) && plain(choices) && plain(notice) {
			survives(t, n)
		}
	})
}

// plain reports whether text holds only what a workbook can hold: XML has no
// place for control characters, and line ends become one.
func plain(b []byte) bool {
	for _, r := range string(b) {
		if r == utf8.RuneError || r == '\r' || (r < ' ' && r != '\n' && r != '\t') || r == 0xfffe || r == 0xffff {
			return false
		}
	}
	return utf8.Valid(b)
}

// FuzzWorkbook changes the parts of a workbook, which is read both as a notice
// and as filled in.
func FuzzWorkbook(f *testing.F) {
	for _, name := range []string{"science-day", "statistics", "training"} {
		z, err := zip.OpenReader(filepath.Join("testdata", name+".xlsx"))
		must(f, err)
		part := func(name string) []byte {
			r, err := z.Open(name)
			must(f, err)
			b, err := io.ReadAll(r)
			must(f, err)
			return b
		}
		f.Add(part("xl/workbook.xml"), part("xl/worksheets/sheet1.xml"), part("xl/sharedStrings.xml"))
		must(f, z.Close())
	}
	small := formParts(`<row r="3"><c t="inlineStr"><is><t>date</t></is></c><c r="B3" t="str"><f>A1</f><v>d</v></c><c t="s"><v>0</v></c></row></sheetData><mergeCells><mergeCell ref="A3:B9"/></mergeCells><sheetData>`)
	f.Add([]byte(small["xl/workbook.xml"]), []byte(small["xl/worksheets/sheet1.xml"]), []byte(`<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><r><t>a</t></r></si></sst>`))
	n := shape(f, "training")
	f.Fuzz(func(t *testing.T, book, sheet, strings []byte) {
		p := formParts("").with("xl/workbook.xml", string(book)).with("xl/worksheets/sheet1.xml", string(sheet)).with("xl/sharedStrings.xml", string(strings))
		var b bytes.Buffer
		must(t, p.write(&b))
		read(t, n, b.Bytes())
	})
}

// FuzzZip changes whole files.
func FuzzZip(f *testing.F) {
	for _, name := range []string{"science-day", "statistics", "training"} {
		b, err := os.ReadFile(filepath.Join("testdata", name+".xlsx"))
		must(f, err)
		f.Add(b)
	}
	for _, h := range hostile {
		var b bytes.Buffer
		if h.name == "password.xlsx" || h.name == "old.xls" || h.name == "formulas.xlsx" {
			must(f, h.write(&b))
			f.Add(b.Bytes())
		}
	}
	n := shape(f, "training")
	f.Fuzz(func(t *testing.T, b []byte) { read(t, n, b) })
}

func read(t *testing.T, n *forms.Notice, b []byte) {
	t.Helper()
	_, _, err := readBytes(t, "a.xlsx", b)
	_ = err // a mistake in the file is no mistake of the program
	a, _, err := xlsform.Fill(n, bytes.NewReader(b))
	if err == nil {
		forms.Check(n, a, env)
	}
}
