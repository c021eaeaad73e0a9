package office

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"baosong/forms"
)

func open(t *testing.T, b []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// cellOf returns a cell of a row by the title of its column.
func cellOf(t *testing.T, f *excelize.File, sheet, title string, row int) string {
	t.Helper()
	rows, err := f.Rows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	rows.Next()
	head, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.Index(head, title)
	if i < 0 {
		t.Fatalf("sheet %s has no column %s, but %q", sheet, title, head)
	}
	name, err := excelize.CoordinatesToCellName(i+1, row)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func checkCell(t *testing.T, f *excelize.File, sheet, title string, row int, want string, kind excelize.CellType) {
	t.Helper()
	name := cellOf(t, f, sheet, title, row)
	got, err := f.GetCellValue(sheet, name)
	if err != nil {
		t.Fatal(err)
	}
	have, err := f.GetCellType(sheet, name)
	if err != nil {
		t.Fatal(err)
	}
	if got != want || have != kind {
		t.Errorf("%s %s of row %d is %q of type %d, want %q of type %d", sheet, title, row, got, have, want, kind)
	}
}

// checkSum checks a cell under the rows: its result, and that it follows the
// filter.
func checkSum(t *testing.T, f *excelize.File, sheet, title string, row int, want string) {
	t.Helper()
	checkCell(t, f, sheet, title, row, want, asNumber)
	name := cellOf(t, f, sheet, title, row)
	formula, err := f.GetCellFormula(sheet, name)
	if err != nil {
		t.Fatal(err)
	}
	col := strings.TrimRight(name, "0123456789")
	if sum := "SUBTOTAL(109," + col + "2:" + col + strconv.Itoa(row-1) + ")"; formula != sum {
		t.Errorf("%s %s is worked out as %s, want %s", sheet, title, formula, sum)
	}
}

const (
	asNumber = excelize.CellTypeUnset // a cell without a type holds a number
	asText   = excelize.CellTypeInlineString
)

func TestWorkbook(t *testing.T) {
	f := open(t, write(t, Workbook, sampleInput(t, 2, 3)))
	if got, want := f.GetSheetList(), []string{"基本情况", "活动情况", "图片目录", "影像目录"}; !slices.Equal(got, want) {
		t.Fatalf("sheets %q, want %q", got, want)
	}
	checkCell(t, f, "活动情况", "活动名称", 3, "示例科学家精神主题展览第2期", asText)
	checkCell(t, f, "活动情况", "开始日期", 2, "2024-05-11", asNumber)
	checkCell(t, f, "活动情况", "参与人数", 3, "200", asNumber)
	checkSum(t, f, "活动情况", "参与人数", 4, "300")
	checkCell(t, f, "活动情况", "形式", 2, "线下", asText)
	checkCell(t, f, "图片目录", "活动名称", 6, "示例科学家精神主题展览第2期", asText)
	checkCell(t, f, "图片目录", "序号", 6, "2", asNumber)
	checkCell(t, f, "图片目录", "图片", 6, "图片/0202-讲解.jpg", asText)
	checkCell(t, f, "图片目录", "像素", 6, "2560×1920", asText)
	checkCell(t, f, "图片目录", "拍摄时间", 6, "2024-05-12 09:00", asNumber)
	checkCell(t, f, "影像目录", "网盘链接", 2, "https://pan.example.com/s/shili", asText)
	pics, err := f.GetPictureCells("图片目录")
	slices.Sort(pics)
	if want := []string{"D2", "D3", "D4", "D5", "D6", "D7"}; err != nil || !slices.Equal(pics, want) {
		t.Errorf("thumbnails in %q, %v; want %q", pics, err, want)
	}
	rows, err := f.GetRows("基本情况")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(rows, func(r []string) bool {
		return slices.Equal(r, []string{"单位信息", "单位类别", "高校科协"})
	}) {
		t.Errorf("基本情况 does not name the kind of unit: %q", rows)
	}
}

func TestWorkbookPrintsOnA4Across(t *testing.T) {
	f := open(t, write(t, Workbook, sampleInput(t, 2, 3)))
	for _, sheet := range f.GetSheetList() {
		p, err := f.GetPageLayout(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if *p.Size != 9 || *p.Orientation != "landscape" || *p.FitToWidth < 1 || *p.FitToHeight != 0 {
			t.Errorf("%s is set up as %+v", sheet, p)
		}
		panes, err := f.GetPanes(sheet)
		if err != nil || !panes.Freeze || panes.YSplit != 1 {
			t.Errorf("%s: the head does not stay in sight: %+v, %v", sheet, panes, err)
		}
	}
	names := f.GetDefinedName()
	if n := strings.Count(strings.Join(scopes(names, "_xlnm.Print_Titles"), " "), "$1:$1"); n != 4 {
		t.Errorf("%d sheets repeat their head, want 4: %v", n, names)
	}
}

func scopes(names []excelize.DefinedName, name string) []string {
	var out []string
	for _, d := range names {
		if d.Name == name {
			out = append(out, d.RefersTo)
		}
	}
	return out
}

// TestTextStaysText holds that nothing a stranger writes becomes a formula.
func TestTextStaysText(t *testing.T) {
	n := sampleNotice(t)
	hostile := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(\"http://example.com\")", "＝1"}
	r := sampleReport(t, n, "=示例", len(hostile), 1)
	for i, s := range hostile {
		if err := r.Answers.Set(forms.Path("activity").Entry(i+1).Child("place"), s); err != nil {
			t.Fatal(err)
		}
		if err := r.Answers.Set(forms.Path("activity").Entry(i+1).Child("people"), s); err != nil {
			t.Fatal(err)
		}
	}
	var roll bytes.Buffer
	if err := Rollup(&roll, n, func(yield func(Entry, error) bool) { yield(Entry{Unit: "=示例", Report: r}, nil) }); err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{write(t, Workbook, Input{Notice: n, Report: r}), roll.Bytes()} {
		f := open(t, b)
		for i := range hostile {
			name := cellOf(t, f, "活动情况", "地点", i+2)
			kind, err := f.GetCellType("活动情况", name)
			if err != nil {
				t.Fatal(err)
			}
			formula, err := f.GetCellFormula("活动情况", name)
			if kind != asText || formula != "" || err != nil {
				t.Errorf("%q is a cell of type %d with formula %q, %v", hostile[i], kind, formula, err)
			}
			style, err := f.GetCellStyle("活动情况", name)
			if err != nil {
				t.Fatal(err)
			}
			if q := f.Styles.CellXfs.Xf[style].QuotePrefix; q == nil || !*q {
				t.Errorf("%q becomes a formula when it is edited", hostile[i])
			}
		}
	}
}

func sampleEntries(t testing.TB, n *forms.Notice, units int) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for i := 1; i <= units; i++ {
			e := Entry{Unit: "示例第" + strconv.Itoa(i) + "中学科协", Kind: "高校科协"}
			if i%5 != 0 {
				e.Report = sampleReport(t, n, e.Unit, 2, 2)
				e.Received = time.Date(2024, 6, 8, 16, 5, 0, 0, time.UTC)
				e.Late, e.Shortlist, e.State, e.Reason = i == 3, i == 2, "待补正", "缺图片说明"
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestRollup(t *testing.T) {
	n := sampleNotice(t)
	var b bytes.Buffer
	if err := Rollup(&b, n, sampleEntries(t, n, 6)); err != nil {
		t.Fatal(err)
	}
	unpack(t, b.Bytes())
	f := open(t, b.Bytes())
	if got, want := f.GetSheetList(), []string{"报送情况", "基本情况", "活动情况", "图片目录", "影像目录"}; !slices.Equal(got, want) {
		t.Fatalf("sheets %q, want %q", got, want)
	}
	checkCell(t, f, "报送情况", "报送状态", 6, "未报送", asText)
	checkCell(t, f, "报送情况", "报送状态", 2, "待补正", asText)
	checkCell(t, f, "报送情况", "审核意见", 2, "缺图片说明", asText)
	checkCell(t, f, "报送情况", "收到时间", 2, "2024-06-09 00:05", asNumber)
	checkCell(t, f, "报送情况", "补报", 4, "是", asText)
	checkCell(t, f, "报送情况", "择优", 3, "是", asText)
	checkCell(t, f, "报送情况", "图片数", 2, "4", asNumber)
	checkSum(t, f, "报送情况", "图片数", 8, "20")
	checkCell(t, f, "报送情况", "联系电话", 2, "0432-00000000", asText)
	checkCell(t, f, "基本情况", "单位序号", 6, "6", asNumber)
	checkCell(t, f, "活动情况", "单位", 11, "示例第6中学科协", asText)
	checkSum(t, f, "活动情况", "参与人数", 12, "1500")
	checkCell(t, f, "图片目录", "单位", 21, "示例第6中学科协", asText)
}

func TestRollupOfNothing(t *testing.T) {
	var b bytes.Buffer
	if err := Rollup(&b, sampleNotice(t), func(func(Entry, error) bool) {}); err != nil {
		t.Fatal(err)
	}
	if n := len(open(t, b.Bytes()).GetSheetList()); n != 5 {
		t.Errorf("%d sheets, want 5", n)
	}
}

func TestRollupSaysWhatEntriesSay(t *testing.T) {
	broken := errors.New("ledger gone")
	err := Rollup(io.Discard, sampleNotice(t), func(yield func(Entry, error) bool) { yield(Entry{}, broken) })
	if !errors.Is(err, broken) {
		t.Errorf("%v, want what the entries said", err)
	}
}

// TestSerial holds that no minute is shown as the one before.
func TestSerial(t *testing.T) {
	day := time.Date(2024, 6, 8, 0, 0, 0, 0, time.UTC)
	for minute := range 24 * 60 {
		if got := serial(day.Add(time.Duration(minute)*time.Minute)) * 24 * 60; int(got)-int(serial(day)*24*60) != minute {
			t.Fatalf("minute %d is %f", minute, got)
		}
	}
}

// TestSheetNames makes names that Excel takes out of labels that it does not.
func TestSheetNames(t *testing.T) {
	b := &book{names: map[string]bool{}}
	for _, c := range [][2]string{
		{"活动[1]/图片:*?", "活动 1  图片"},
		{"'", "表"},
		{"", "表 2"},
		{strings.Repeat("长", 40), strings.Repeat("长", 26) + "…"},
		{"Photos", "Photos"},
		{"photos", "photos 2"},
	} {
		if got := b.name(c[0]); got != c[1] {
			t.Errorf("%q became %q, want %q", c[0], got, c[1])
		}
	}
}
