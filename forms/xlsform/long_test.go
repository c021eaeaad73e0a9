package xlsform_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// long is a form whose labels and hints are as long as people write them.
var long = fmt.Sprintf("type,name,label,hint\nnote,n,%s,\ninteger,i,%s,%s\ntext,t,简介,\ntext,code,编号,\n",
	strings.Repeat("说明文字很长。", 400), strings.Repeat("参加本次活动的志愿者人数", 5), strings.Repeat("提示", 300))

// TestTemplateOfLongTexts makes one; a row is at most 409 points high (ECMA-376 part 1, 18.3.1.73, as Excel has it), and Excel
// repairs, with a warning, a validation whose title is over 32 characters or whose message is over 255.
func TestTemplateOfLongTexts(t *testing.T) {
	n, _, err := readCSV(t, long, "")
	must(t, err)
	x := template(t, n)
	defer x.Close()
	for _, sheet := range x.GetSheetList() {
		rules, err := x.GetDataValidations(sheet)
		must(t, err)
		for _, v := range rules {
			if title, msg := *v.ErrorTitle, *v.Error; utf8.RuneCountInString(title) > 32 || utf8.RuneCountInString(msg) > 255 {
				t.Errorf("%s: a title of %d characters, a message of %d", v.Sqref, utf8.RuneCountInString(title), utf8.RuneCountInString(msg))
			}
		}
	}
}

// TestCodesAreNoNumbers has answers in words that look like numbers with an exponent, and numbers that are some.
func TestCodesAreNoNumbers(t *testing.T) {
	n, _, err := readCSV(t, long, "")
	must(t, err)
	for in, want := range map[any]string{"12E3": "12E3", "5e2": "5e2", "007": "007", 1.5e21: "1500000000000000000000", "13800000000": "13800000000"} {
		x := template(t, n)
		sheet, name := cell(t, x, "code", 0)
		must(t, x.SetCellValue(sheet, name, in))
		a, missed := fill(t, n, x)
		if got := a.Get("code"); got != want || len(missed) > 0 {
			t.Errorf("%v became %q, missed %v", in, got, missed)
		}
	}
}

// TestParagraphsWithoutEnd has an answer that goes on for thousands of rows.
func TestParagraphsWithoutEnd(t *testing.T) {
	n, _, err := readCSV(t, long, "")
	must(t, err)
	x := excelize.NewFile()
	must(t, x.SetSheetRow("Sheet1", "A1", &[]any{"题项", "填写内容"}))
	must(t, x.SetSheetRow("Sheet1", "A2", &[]any{"简介", "开头"}))
	for i := range 2000 {
		must(t, x.SetCellValue("Sheet1", fmt.Sprintf("B%d", i+3), strings.Repeat("x", 5000)))
	}
	a, missed := fill(t, n, x)
	if got := len(a.Get("t")); got < 32_767 || got > 200_000 || len(missed) == 0 {
		t.Errorf("the answer has %d characters, %d cells found no place", got, len(missed))
	}
}
