package office

import (
	"bytes"
	"strings"
	"testing"

	"baosong/forms"
)

func writeIndex(t *testing.T, in IndexInput) string {
	t.Helper()
	var b bytes.Buffer
	if err := Index(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestIndexShowsWhatIsHere(t *testing.T) {
	in := IndexInput{Input: sampleInput(t, 1, 2), Part: 1, Parts: 3, Documents: []string{"活动总结.docx"}}
	ms := in.Report.Materials
	ms[0].File = "data/图片/0101-讲解 #1?.jpg"
	ms[1].Part = 2
	video := forms.Packed{
		Question: "activity[1]/videos[1]/video", File: "data/影像/0101.mp4", Part: 2, MIME: "video/mp4", Caption: "示例展览开幕片段",
		Pieces: []forms.Piece{{Part: 2}, {Part: 3}},
	}
	in.Report.Materials = append(ms, video)
	page := writeIndex(t, in)
	for _, want := range []string{
		`src="./%E5%9B%BE%E7%89%87/0101-%E8%AE%B2%E8%A7%A3%20%231%3F.jpg"`,
		`图片/0102-讲解.jpg<br>在第2个材料包中`, "分为2段，在第2至3个材料包中",
		`<a href="./%E6%B4%BB%E5%8A%A8%E6%80%BB%E7%BB%93.docx">活动总结.docx</a>`,
		"<th>单位类别</th><td>高校科协</td>", "第1个材料包，共3个", "https://pan.example.com/s/shili",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if n := strings.Count(page, "<img"); n != 1 {
		t.Errorf("%d pictures, want the one of this package", n)
	}
}

func TestIndexRunsNothing(t *testing.T) {
	in := IndexInput{Input: sampleInput(t, 1, 1), Part: 1, Parts: 1}
	evil := `"><script>alert(1)</script><img src=http://example.com/x onerror=alert(1)>`
	in.Report.Unit.Name, in.Report.Materials[0].Caption, in.Report.Materials[0].File = evil, evil, "data/图片/javascript:alert(1)"
	for _, p := range []forms.Path{"unit/name", "activity[1]/title", "activity[1]/videos[1]/link"} {
		if err := in.Report.Answers.Set(p, evil); err != nil {
			t.Fatal(err)
		}
	}
	page := writeIndex(t, in)
	if strings.Contains(page, "<script") || strings.Contains(page, "<img src=http") || strings.Contains(page, `="javascript:`) {
		t.Errorf("what a stranger wrote is markup:\n%s", page)
	}
}
