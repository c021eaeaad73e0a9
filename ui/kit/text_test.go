package kit

import (
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// No line of a text begins with what closes or ends, or ends with what opens (kinsoku, the rules of Chinese
// typesetting: CLREQ 3.1.7), and words and numbers stay whole where there is room for them.
func TestTextBreaksWhereChineseBreaks(t *testing.T) {
	setup(t)
	const (
		begins = "，。、；：！？”’）》〕％,.!?)"
		ends   = "“‘（《〔("
	)
	texts := []string{
		"随时可以关闭，下次接着填。日期可以写成 2024-5-30、2024年5月30日或 5.30；数字可以是全角的。",
		"编号 VR7FHA8H，第 1 版。内容已封存；需要改动请点“更正”。",
		"有 6 张照片的拍摄日期与“第1届示例县科技工作者日座谈会”的活动日期相符，要移过去吗？",
		"将报送到市科协组宣部（report@mail.example）。一封放得下《活动总结》（含附件）：共 9.1 MB，约占 26%！",
		"Write to report@mail.example (not to the second contact), before 10 June.\n第二段，也一样。",
	}
	for _, text := range texts {
		shown := NewText(text)
		for width := float32(150); width < 700; width += 7 {
			shown.Resize(fyne.NewSize(width, 10))
			lines := strings.Split(shown.segment.Text, "\n")
			for i, line := range lines {
				first, _ := utf8.DecodeRuneInString(line)
				last, _ := utf8.DecodeLastRuneInString(line)
				if i > 0 && strings.ContainsRune(begins, first) || i+1 < len(lines) && strings.ContainsRune(ends, last) {
					t.Errorf("%.0f wide: %q is a line", width, line)
				}
				if strings.Contains(line, "@") {
					continue // stays whole even where it is too long; Fyne breaks it then
				}
				if w := fyne.MeasureText(line, theme.TextSize(), fyne.TextStyle{}).Width; w > width-2*theme.InnerPadding() {
					t.Errorf("%.0f wide: the line %q is %.0f wide", width, line, w)
				}
			}
			if unspaced(shown.segment.Text) != unspaced(text) {
				t.Fatalf("%.0f wide: %q became %q", width, text, shown.segment.Text)
			}
			if strings.Contains(text, "report@") && width > 250 && !strings.Contains(shown.segment.Text, "report@mail.example") {
				t.Errorf("%.0f wide: the address is broken in %q", width, shown.segment.Text)
			}
		}
		if shown.Text() != text {
			t.Errorf("the text is told as %q", shown.Text())
		}
	}
}

func unspaced(s string) string { return strings.Join(strings.Fields(s), "") }

// A text is broken anew where its words, its width or the size of its letters change.
func TestTextBreaksAnew(t *testing.T) {
	setup(t)
	text := NewText("边填边存，随时可以关闭，下次接着填。")
	rows := func() int { return strings.Count(text.segment.Text, "\n") + 1 }
	text.Resize(fyne.NewSize(400, 10))
	if rows() != 1 {
		t.Fatalf("%q in 400 pixels", text.segment.Text)
	}
	text.Resize(fyne.NewSize(100, 10))
	narrow, height := rows(), text.MinSize().Height
	if narrow < 3 {
		t.Errorf("%q in 100 pixels", text.segment.Text)
	}
	text.SetText("短句。")
	if rows() != 1 || text.MinSize().Height >= height {
		t.Errorf("the shorter text is %q, %.0f high", text.segment.Text, text.MinSize().Height)
	}
	one := NewMuted("很长的一个文件名，放不下也只占一行.jpg").oneLine()
	one.Resize(fyne.NewSize(100, 30))
	if strings.Contains(one.segment.Text, "\n") {
		t.Errorf("a text of one line is %q", one.segment.Text)
	}
}
