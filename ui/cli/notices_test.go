package cli

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"baosong/forms"
	"baosong/forms/media/sample"
	"baosong/forms/xlsform"
)

// others are notices that the program has never seen, kept as workbooks, with
// what the package of their sample answers has to hold.
var others = map[string][]string{
	"science-day": {`"all_visitors": "187"`, `"session_no": "1-2"`, `"topic_other": "急救知识"`, `"expert_minutes": "30"`, `9月20日，观众在实验室操作机器人`, "示例照片.jpg"},
	"training":    {`"venue_name": "南市会议中心"`, `"room": "s1twin"`, `"meals": "breakfast dinner"`, `"rooms_needed": "1"`},
	"statistics":  {`"quarter_name": "第三季度"`, `"all_spent": "113.75"`, `"best": "第二季度"`, `"growth_reason": "示例原因：新馆开放"`},
}

// TestOtherNoticesGoTheWholeWay takes each by command from the workbook of the
// organizer, by way of the workbook that a unit fills in, to a package.
func TestOtherNoticesGoTheWholeWay(t *testing.T) {
	for name, want := range others {
		t.Run(name, func(t *testing.T) {
			home, dir := t.TempDir(), t.TempDir()
			source := filepath.Join("..", "..", "forms", "xlsform", "testdata", name+".xlsx")
			n, _, err := xlsform.ReadFile(source)
			if err != nil {
				t.Fatal(err)
			}
			must(t, home, "notice", "import", source)
			book := filepath.Join(dir, "填报表.xlsx")
			must(t, home, "notice", "template", n.ID, "--out", book)
			fillTemplate(t, book, n)
			id := strings.TrimSpace(must(t, home, "draft", "new", n.ID))
			var filled struct{ Unplaced []unplaced }
			decode(t, must(t, home, "--json", "draft", "fill", id, book), &filled)
			if len(filled.Unplaced) > 0 {
				t.Errorf("not placed: %+v", filled.Unplaced)
			}
			if code, stdout, stderr := run(t, home, "", "draft", "check", id); code != Done {
				t.Fatalf("check: exit %d\n%s%s", code, stdout, stderr)
			}
			var packed struct{ Packages []struct{ File string } }
			decode(t, must(t, home, "--json", "pack", id, "--out", filepath.Join(dir, "包")), &packed)
			if len(packed.Packages) != 1 {
				t.Fatalf("%d packages", len(packed.Packages))
			}
			must(t, home, "verify", packed.Packages[0].File)
			report := reportIn(t, packed.Packages[0].File)
			for _, w := range want {
				if !strings.Contains(report, w) {
					t.Errorf("%s is not in the package:\n%s", w, report)
				}
			}
		})
	}
}

func decode(t *testing.T, s string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), v); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
}

// reportIn returns data/report.json of a package, indented.
func reportIn(t *testing.T, file string) string {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, "data/report.json") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		var out bytes.Buffer
		if err := errors.Join(err, r.Close(), json.Indent(&out, b, "", " ")); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	t.Fatal("no report.json")
	return ""
}

// fillTemplate answers a template as a person does: with labels and dates as
// they are spoken, the numbers of entries, and the names of files beside it.
func fillTemplate(t *testing.T, book string, n *forms.Notice) {
	t.Helper()
	photo, err := os.Create(filepath.Join(filepath.Dir(book), "示例照片.jpg"))
	if err == nil {
		err = errors.Join(sample.Photo(photo, sample.PhotoOptions{Width: 320, Height: 240}), photo.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	x, err := excelize.OpenFile(book)
	if err != nil {
		t.Fatal(err)
	}
	places := hiddenPaths(t, x)
	rows := map[forms.Path]int{} // used so far, by repeat
	parents := map[forms.Path]int{"": 0}
	n.Form.Walk(n.Example, func(q *forms.Question, p forms.Path, v string) {
		if !q.Type.Typed() || q.Calculation != "" {
			return
		}
		for _, e := range p.Entries() {
			if parents[e] == 0 {
				rows[e.Generic()]++
				parents[e] = rows[e.Generic()]
				if up := e.Repeat().Entries(); len(up) > 0 {
					set(t, x, places[e.Generic()], 1, parents[e], parents[up[len(up)-1]])
				}
			}
		}
		v = forms.Display(q, n.Form, strings.ReplaceAll(v, "{n}", "1"), "zh")
		if q.Type.Media() {
			v = "示例照片.jpg"
		}
		row := 0
		if in := p.Entries(); len(in) > 0 {
			row = parents[in[len(in)-1]]
		}
		set(t, x, places[p.Generic()], 0, row, v)
	})
	if err := errors.Join(x.Save(), x.Close()); err != nil {
		t.Fatal(err)
	}
}

// place is where a template has the path of a question or a repeat.
type place struct {
	sheet       string
	column, row int
}

// hiddenPaths finds the paths in the first column of a sheet of single answers
// and in the first row of one of entries.
func hiddenPaths(t *testing.T, x *excelize.File) map[forms.Path]place {
	t.Helper()
	out := map[forms.Path]place{}
	for _, sheet := range x.GetSheetList() {
		rows, err := x.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for r, cells := range rows {
			for c, v := range cells {
				if r == 0 || c == 0 {
					out[forms.Path(v)] = place{sheet, c + 1, r + 1}
				}
			}
		}
	}
	return out
}

// set fills the cell that belongs to a path: two columns to the right for a
// single answer, else in the nth row below the three of headings.
func set(t *testing.T, x *excelize.File, p place, right, n int, v any) {
	t.Helper()
	column, row := p.column+2, p.row
	if n > 0 {
		column, row = p.column+right, 3+n
	}
	cell, err := excelize.CoordinatesToCellName(column, row)
	if err == nil {
		err = x.SetCellValue(p.sheet, cell, v)
	}
	if err != nil {
		t.Fatal(fmt.Errorf("%+v: %w", p, err))
	}
}

// TestHostileWorkbooksGetASentence hands files to import and fill that are no
// workbooks, and reads what a person is told.
func TestHostileWorkbooksGetASentence(t *testing.T) {
	home, dir := t.TempDir(), t.TempDir()
	id := strings.TrimSpace(must(t, home, "draft", "new", "jilin-2024-sti-workers-day"))
	protected := excelize.NewFile()
	var locked bytes.Buffer
	if err := errors.Join(protected.Write(&locked, excelize.Options{Password: "sample"}), protected.Close()); err != nil {
		t.Fatal(err)
	}
	old := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600) + "W\x00o\x00r\x00k\x00b\x00o\x00o\x00k\x00" + strings.Repeat("\x00", 200)
	for name, c := range map[string]struct{ content, want string }{
		"文字.xlsx": {"type,name\n", "“文字.xlsx”不是 Excel 工作簿，或已损坏。"},
		"加密.xlsx": {locked.String(), "“加密.xlsx”设有打开密码，无法读取。"},
		"旧表.xls":  {old, "“旧表.xls”是旧的 .xls 格式，无法读取。"},
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"notice", "import", file}, {"notice", "check", file}, {"draft", "fill", id, file}} {
			code, stdout, stderr := run(t, home, "", args...)
			if code != Invalid || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("%s %s: exit %d\n%s%s", args[0], args[1], code, stdout, stderr)
			}
		}
	}
}
