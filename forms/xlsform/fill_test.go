package xlsform_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"baosong/forms"
	"baosong/forms/xlsform"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// template opens the template of n.
func template(t testing.TB, n *forms.Notice) *excelize.File {
	t.Helper()
	var b bytes.Buffer
	must(t, xlsform.Template(&b, n))
	x, err := excelize.OpenReader(&b)
	must(t, err)
	return x
}

func fill(t testing.TB, n *forms.Notice, x *excelize.File) (*forms.Answers, []string) {
	t.Helper()
	b, err := x.WriteToBuffer()
	must(t, err)
	must(t, x.Close())
	a, missed, err := xlsform.Fill(n, b)
	must(t, err)
	var out []string
	for _, u := range missed {
		out = append(out, fmt.Sprintf("%s!%s %s", u.Sheet, u.Cell, u.Text))
	}
	return a, out
}

// cell finds where a template takes the answer at p, for the nth row of its
// table, by the hidden paths.
func cell(t testing.TB, x *excelize.File, p forms.Path, n int) (sheet, name string) {
	t.Helper()
	for _, sheet := range x.GetSheetList() {
		rows, err := x.GetRows(sheet)
		must(t, err)
		for r, row := range rows {
			for c, v := range row {
				if v != string(p) {
					continue
				}
				if n == 0 { // the sheet of single answers
					name, err = excelize.CoordinatesToCellName(3, r+1)
				} else {
					name, err = excelize.CoordinatesToCellName(c+1, 3+n)
				}
				must(t, err)
				return sheet, name
			}
		}
	}
	t.Fatalf("the template has no place for %s", p)
	return "", ""
}

// enter writes answers into a template as a person would: labels of choices,
// and in each nested table the number of the entry around.
func enter(t testing.TB, x *excelize.File, n *forms.Notice, a *forms.Answers) {
	t.Helper()
	rows := map[forms.Path]int{}
	var put func(a *forms.Answers, questions []*forms.Question, row int)
	put = func(a *forms.Answers, questions []*forms.Question, row int) {
		for _, q := range questions {
			switch {
			case a == nil:
			case q.Type == forms.TypeGroup:
				put(a.Groups[q.Name], q.Children, row)
			case q.Type == forms.TypeRepeat:
				for _, e := range a.Repeats[q.Name] {
					rows[q.Path()]++
					own := rows[q.Path()]
					if row > 0 {
						sheet, name := cell(t, x, q.Path(), own)
						must(t, x.SetCellValue(sheet, strings.Replace(name, "A", "B", 1), row))
					}
					put(e, q.Children, own)
				}
			case q.Type.Typed() && q.Calculation == "" && a.Values[q.Name] != "":
				sheet, name := cell(t, x, q.Path(), row)
				must(t, x.SetCellValue(sheet, name, forms.Display(q, n.Form, a.Values[q.Name], "zh")))
			}
		}
	}
	put(a, n.Form.Questions, 0)
}

// example returns the notice's sample answers for the first unit.
func example(t testing.TB, n *forms.Notice) *forms.Answers {
	t.Helper()
	b, err := json.Marshal(n.Example)
	must(t, err)
	var a forms.Answers
	must(t, json.Unmarshal(bytes.ReplaceAll(b, []byte("{n}"), []byte("1")), &a))
	return &a
}

// typed leaves of a only what a workbook can take: what is typed in.
func typed(t testing.TB, n *forms.Notice, a *forms.Answers) *forms.Answers {
	t.Helper()
	out := &forms.Answers{}
	var keep func(from, to *forms.Answers, questions []*forms.Question, at forms.Path)
	keep = func(from, to *forms.Answers, questions []*forms.Question, at forms.Path) {
		for _, q := range questions {
			p := at.Child(q.Name)
			switch {
			case from == nil:
			case q.Type == forms.TypeGroup:
				keep(from.Groups[q.Name], to, q.Children, p)
			case q.Type == forms.TypeRepeat:
				for i, e := range from.Repeats[q.Name] {
					_, err := to.Insert(p, 0, nil)
					must(t, err)
					keep(e, to, q.Children, p.Entry(i+1))
				}
			case q.Type.Typed() && !q.Type.Media() && q.Calculation == "" && from.Values[q.Name] != "":
				must(t, to.Set(p, from.Values[q.Name]))
			}
		}
	}
	keep(a, out, n.Form.Questions, "")
	return out
}

func TestTemplateFilledInComesBack(t *testing.T) {
	n := builtIn(t)
	want := example(t, n)
	x := template(t, n)
	enter(t, x, n, want)
	got, missed := fill(t, n, x)
	if d := cmp.Diff(typed(t, n, want), got); d != "" {
		t.Errorf("through the template (-want +got):\n%s", d)
	}
	if len(missed) != 5 || !strings.Contains(missed[0], "photo:1") { // the files, to be attached
		t.Errorf("not placed: %q", missed)
	}
}

func TestEmptyTemplateIsEmpty(t *testing.T) {
	n := builtIn(t)
	got, missed := fill(t, n, template(t, n))
	if d := cmp.Diff(&forms.Answers{}, got); d != "" || len(missed) > 0 {
		t.Errorf("%s, not placed: %q", d, missed)
	}
}

func TestTemplateOffersWhatTheFormAllows(t *testing.T) {
	n := builtIn(t)
	x := template(t, n)
	sheet, name := cell(t, x, "activity/mode", 1)
	dvs, err := x.GetDataValidations(sheet)
	must(t, err)
	kinds := map[string]string{}
	for _, dv := range dvs {
		kinds[strings.TrimRight(strings.Split(dv.Sqref, ":")[0], "0123456789")] = dv.Type
	}
	for p, want := range map[forms.Path]string{"activity/mode": "list", "activity/start_date": "date", "activity/participants": "whole", "activity/place": ""} {
		_, c := cell(t, x, p, 1)
		if got := kinds[strings.TrimRight(c, "0123456789")]; got != want {
			t.Errorf("%s takes %q, want %q", p, got, want)
		}
	}
	locked := func(sheet, name string) bool {
		id, err := x.GetCellStyle(sheet, name)
		must(t, err)
		style, err := x.GetStyle(id)
		must(t, err)
		return style.Protection == nil || style.Protection.Locked
	}
	if locked(sheet, name) || !locked(sheet, "A4") || !locked(sheet, "B2") {
		t.Error("answers are locked, or what is not an answer is open")
	}
	p, err := x.GetSheetProtection(sheet)
	must(t, err)
	if !p.SelectLockedCells || p.InsertColumns {
		t.Errorf("protection %+v", p)
	}
	heads, err := x.GetRows(sheet)
	must(t, err)
	if !slices.Contains(heads[1], "活动名称 *") || !slices.Contains(heads[1], "结束日期") {
		t.Errorf("headings %q", heads[1])
	}
	must(t, x.Close())
}

// handMade is a workbook drawn up without the template, as people send them.
func handMade(t testing.TB) *excelize.File {
	t.Helper()
	x := excelize.NewFile()
	must(t, x.SetSheetName("Sheet1", "基本情况"))
	for i, r := range [][]any{
		{"2024年度活动情况", nil, nil},
		{"单位名称：", "示例县科协", nil},
		{"单位类别", "县(市)区科协", "联系人"}, // a second question in the row is not looked for
		{"联 系 人*", "　张示例\u200b", nil},
		{"联系电话", 13812345678, nil},
		{"电子邮箱", "ａ@b.example", "经办邮箱"},
		{"组织开展情况", "第一段\u2028第二段\r\n第三段", nil},
		{"职务", "部长", nil},
	} {
		must(t, x.SetSheetRow("基本情况", fmt.Sprintf("A%d", i+1), &r))
	}
	_, err := x.NewSheet("活动")
	must(t, err)
	date, err := x.NewStyle(&excelize.Style{NumFmt: 14})
	must(t, err)
	for i, r := range [][]any{
		{"附：活动一览"},
		{"参与人数", "活动名称", "开始日期", "活动类别", "结束日期", "备注", "形式", "地点", "活动简介"},
		{"１，２００人", "示例讲座", 45442, "科技志愿服务活动", "2024年5月31日", "", "线上", "示例馆", "简介一"},
		{"80", "示例展览", "5.30", "\"全国科技工作者日\"主场活动", "六月", "已入库", "网上", "", "简介二"},
		{"", "示例参观", 5.3, "", "2024.6.1", "", "线下", "", ""},
	} {
		must(t, x.SetSheetRow("活动", fmt.Sprintf("A%d", i+1), &r))
	}
	must(t, x.SetCellStyle("活动", "C3", "C3", date))
	must(t, x.MergeCell("活动", "H3", "H5"))
	must(t, x.SetCellFormula("活动", "A5", "40+2"))
	return x
}

func TestHandMadeWorkbookIsUnderstood(t *testing.T) {
	n := builtIn(t)
	got, missed := fill(t, n, handMade(t))
	for p, want := range map[forms.Path]string{
		"unit/unit_name": "示例县科协", "unit/unit_kind": "county_ast", "unit/contact_person": "张示例", "unit/contact_phone": "13812345678",
		"summary/organization": "第一段\n第二段\n第三段", "unit/contact_post": "部长",
		"activity[1]/participants": "1200", "activity[1]/activity_name": "示例讲座", "activity[1]/start_date": "2024-05-30",
		"activity[1]/activity_kind": "volunteer", "activity[1]/end_date": "2024-05-31", "activity[1]/mode": "online", "activity[1]/sessions": "1",
		"activity[2]/start_date": "2024-05-30", "activity[2]/activity_kind": "main", "activity[2]/mode": "", "activity[2]/end_date": "",
		"activity[2]/place": "示例馆", "activity[3]/end_date": "2024-06-01", "activity[3]/place": "示例馆", "activity[3]/start_date": "",
	} {
		if v := got.Get(p); v != want {
			t.Errorf("%s = %q, want %q", p, v, want)
		}
	}
	want := []string{
		"基本情况!A1 2024年度活动情况", "基本情况!C3 联系人", "基本情况!C6 经办邮箱", "活动!E4 六月", "活动!F4 已入库", "活动!G4 网上", "活动!C5 5.3",
	}
	if d := cmp.Diff(want, missed); d != "" {
		t.Errorf("not placed (-want +got):\n%s", d)
	}
}

func TestTemplateWithMovedColumnsAndMissingParent(t *testing.T) {
	n := builtIn(t)
	x := template(t, n)
	enter(t, x, n, example(t, n))
	must(t, x.UnprotectSheet("开展的活动"))
	must(t, x.InsertCols("开展的活动", "B", 2))
	must(t, x.SetCellValue("开展的活动", "B2", "内部编号"))
	must(t, x.SetCellValue("开展的活动", "B5", "甲-7"))
	must(t, x.InsertRows("填报表", 4, 3))
	must(t, x.SetCellValue("图片", "B5", "9"))
	must(t, x.SetCellValue("图片", "B6", "科学家精神主题展进社区")) // by name, not by number
	got, missed := fill(t, n, x)
	if got.Get("activity[2]/activity_name") != "科学家精神主题展进社区" || got.Get("unit/contact_person") != "张示例" {
		t.Errorf("moved columns and rows: %v", got)
	}
	if got.Len("activity[1]/photos") != 1 || got.Len("activity[2]/photos") != 2 {
		t.Errorf("photos: %d and %d", got.Len("activity[1]/photos"), got.Len("activity[2]/photos"))
	}
	for _, want := range []string{"开展的活动!B5 甲-7", "图片!D5 5月30日，示例县科技馆，学生志愿者在成果展上操作示例机器人"} {
		if !slices.Contains(missed, want) {
			t.Errorf("%s is not among %q", want, missed)
		}
	}
}

func TestWorkbookOfAnotherNoticeIsRefused(t *testing.T) {
	n := builtIn(t)
	other := *n
	other.ID = "other"
	x := template(t, &other)
	b, err := x.WriteToBuffer()
	must(t, err)
	if _, _, err := xlsform.Fill(n, b); !errors.Is(err, xlsform.ErrOtherNotice) {
		t.Errorf("%v, want %v", err, xlsform.ErrOtherNotice)
	}
}

// TestPastesFromWordAndFormulas fills a template the way office software does.
func TestPastesFromWordAndFormulas(t *testing.T) {
	n := builtIn(t)
	x := template(t, n)
	put := func(p forms.Path, row int, v any) {
		sheet, name := cell(t, x, p, row)
		must(t, x.SetCellValue(sheet, name, v))
	}
	put("unit/unit_name", 0, "\u00a0示例\u200b县科协\ufeff\r")
	put("unit/unit_kind", 0, "县\u00ad（市）区科协")
	put("unit/contact_phone", 0, "１３８１２３４５６７８")
	put("unit/contact_email", 0, "ａ＠ｂ．example")
	put("summary/organization", 0, "“一”_x000B_二\u2028三\r\n四_x000D_\n五")
	put("declaration/no_secrets", 0, "☑")
	put("activity/activity_name", 1, "\t示例“讲座”\u00a0")
	put("activity/activity_kind", 1, "\"全国科技工作者日\" 主场活动")
	put("activity/start_date", 1, "2024年5月30日\u00a0（星期四）")
	put("activity/end_date", 1, "2024/5/31 0:00:00")
	put("activity/participants", 1, "1\u00a0200 人")
	put("activity/mode", 1, "线上线下结合")
	put("activity/activity_name", 2, "第二项")
	put("activity/start_date", 2, time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC))
	sheet, name := cell(t, x, "activity/participants", 2)
	must(t, x.SetCellFormula(sheet, name, "1+1")) // which nobody worked out
	put("activity/photos/photo_caption", 1, "第一张")
	put("activity/photos/photo_caption", 2, "第二张")
	put("activity/photos/photo_caption", 3, "第三张")
	photos, first := cell(t, x, "activity/photos", 1)
	parent := func(row int) string {
		return strings.Replace(strings.Replace(first, "A", "B", 1), "4", fmt.Sprint(3+row), 1)
	}
	must(t, x.SetCellValue(photos, parent(1), "２"))
	must(t, x.MergeCell(photos, parent(1), parent(2)))
	must(t, x.SetCellValue(photos, parent(3), "示例“讲座”"))
	got, missed := fill(t, n, x)
	for p, want := range map[forms.Path]string{
		"unit/unit_name": "示例县科协", "unit/unit_kind": "county_ast", "unit/contact_phone": "13812345678", "unit/contact_email": "a@b.example",
		"summary/organization": "“一”\n二\n三\n四\n五", "declaration/no_secrets": "OK", "activity[1]/activity_name": "示例“讲座”",
		"activity[1]/activity_kind": "main", "activity[1]/start_date": "2024-05-30", "activity[1]/end_date": "2024-05-31",
		"activity[1]/participants": "1200", "activity[1]/mode": "hybrid", "activity[2]/start_date": "2024-06-01", "activity[2]/participants": "",
		"activity[2]/photos[1]/photo_caption": "第一张", "activity[2]/photos[2]/photo_caption": "第二张", "activity[1]/photos[1]/photo_caption": "第三张",
	} {
		if v := got.Get(p); v != want {
			t.Errorf("%s = %q, want %q", p, v, want)
		}
	}
	if len(missed) != 1 || !strings.HasPrefix(missed[0], "开展的活动!H5") {
		t.Errorf("not placed: %q", missed)
	}
}

func TestFormulasGiveTheirLastValue(t *testing.T) {
	var b bytes.Buffer
	must(t, sheet(`<row r="1"><c r="A1" t="inlineStr"><is><t>单位名称</t></is></c><c r="B1" t="str"><f>C1&amp;"科协"</f><v>示例县科协</v></c></row>
		<row r="2"><c r="A2" t="inlineStr"><is><t>职务</t></is></c><c r="B2" t="e"><f>C2/0</f><v>#DIV/0!</v></c></row>`).write(&b))
	a, missed, err := xlsform.Fill(builtIn(t), &b)
	must(t, err)
	if a.Get("unit/unit_name") != "示例县科协" || a.Get("unit/contact_post") != "" {
		t.Errorf("read %v", a)
	}
	if len(missed) != 1 || missed[0].Cell != "B2" || !errors.Is(missed[0].Err, xlsform.ErrFormula) {
		t.Errorf("not placed: %+v", missed)
	}
}

// TestFixedEntriesKeepTheirNumbers fills only the last of four quarters.
func TestFixedEntriesKeepTheirNumbers(t *testing.T) {
	n := shape(t, "statistics")
	x := template(t, n)
	sheet, name := cell(t, x, "quarter/lectures", 4)
	if v, err := x.GetCellValue(sheet, "B7"); err != nil || v != "第四季度" {
		t.Errorf("the fourth row is headed %q, %v", v, err)
	}
	if v, err := x.GetCellValue(sheet, "A8"); err != nil || v != "" {
		t.Errorf("there is a fifth row: %q, %v", v, err)
	}
	must(t, x.SetCellValue(sheet, name, 7))
	a, missed := fill(t, n, x)
	if a.Len("quarter") != 4 || a.Get("quarter[4]/lectures") != "7" || a.Get("quarter[1]/lectures") != "" || len(missed) > 0 {
		t.Errorf("%d quarters, %v, not placed %q", a.Len("quarter"), a, missed)
	}
	if a, _ := fill(t, n, template(t, n)); a.Len("quarter") != 0 {
		t.Errorf("of an empty template: %v", a)
	}
}
