package ui

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"baosong/forms"
	"baosong/forms/xlsform"
	"baosong/ui/native"
)

// TestWorkbookIsReadIn fills in the workbook of a notice the program has never
// seen, reads it in on the page, takes that back and does it again, and goes on
// to a package.
func TestWorkbookIsReadIn(t *testing.T) {
	k := sit(t, t.TempDir(), local{})
	k.drop(filepath.Join("..", "forms", "xlsform", "testdata", "statistics.xlsx"))
	n := noticesOf(k)[0]
	k.tap("开始填报")
	first := k.editor.Draft().Answers.Clone()
	book := filepath.Join(t.TempDir(), "填好的表.xlsx")
	want, stray := fillWorkbook(t, book, n)

	k.shell.Pick = func(native.Window, native.Ask) ([]string, error) { return []string{book}, nil }
	k.tap("从 Excel 读入")
	k.mustSee("已读入“填好的表.xlsx”，有 1 个单元格没有找到对应的题项")
	k.mustSee(stray + " 记得盖章：")
	k.tap("知道了")
	same := func(when string, want map[forms.Path]string) {
		t.Helper()
		for p, v := range want {
			if got := k.answer(p); got != v {
				t.Errorf("%s: %s is %q, want %q", when, p, got, v)
			}
		}
	}
	same("read in", want)
	before := map[forms.Path]string{}
	for p := range want {
		before[p] = first.Get(p)
	}
	k.tap("撤销")
	same("taken back", before)
	k.tap("重做")
	same("done again", want)

	k.show(k.editor.CheckPage())
	if k.sees("项必须处理") {
		t.Fatalf("%d answers read in, and: %q", len(want), k.texts())
	}
	compareWithHandedOver(k, n, len(want))
}

// fillWorkbook writes the example of a notice into its template, with a note in
// a cell that is none of its places. It returns the answers, and that cell.
func fillWorkbook(t *testing.T, book string, n *forms.Notice) (answers map[forms.Path]string, stray string) {
	t.Helper()
	f, err := os.Create(book)
	if err == nil {
		err = errors.Join(xlsform.Template(f, n), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	x, err := excelize.OpenFile(book)
	if err != nil {
		t.Fatal(err)
	}
	answers = map[forms.Path]string{}
	sheet := ""
	n.Form.Walk(n.Example, func(q *forms.Question, p forms.Path, v string) {
		if !q.Type.Typed() || q.Type.Media() || q.Calculation != "" || v == "" {
			return
		}
		answers[p] = strings.ReplaceAll(v, "{n}", "1")
		row := 0
		if entries := p.Entries(); len(entries) > 0 {
			row = entries[0].Index()
		}
		var cell string
		sheet, cell = placeOf(t, x, p.Generic(), row)
		if err := x.SetCellValue(sheet, cell, forms.Display(q, n.Form, answers[p], "zh")); err != nil {
			t.Fatal(err)
		}
	})
	if err := errors.Join(x.SetCellValue(sheet, "Z40", "记得盖章"), x.Save(), x.Close()); err != nil {
		t.Fatal(err)
	}
	return answers, sheet + "!Z40"
}

// placeOf finds the cell for an answer by the hidden paths of a template: of
// the nth entry of a repeat, or of a single answer for n = 0.
func placeOf(t *testing.T, x *excelize.File, p forms.Path, n int) (sheet, cell string) {
	t.Helper()
	for _, sheet := range x.GetSheetList() {
		rows, err := x.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for r, cells := range rows {
			for c, v := range cells {
				if v != string(p) || r > 0 && c > 0 {
					continue
				}
				column, row := c+3, r+1
				if n > 0 {
					column, row = c+1, 3+n
				}
				cell, err := excelize.CoordinatesToCellName(column, row)
				if err != nil {
					t.Fatal(err)
				}
				return sheet, cell
			}
		}
	}
	t.Fatalf("the template has no place for %s", p)
	return "", ""
}
