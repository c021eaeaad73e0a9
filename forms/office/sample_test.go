package office

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"baosong/forms"
)

func q(name string, t forms.Type, label string, children ...*forms.Question) *forms.Question {
	return &forms.Question{Name: name, Type: t, Label: forms.Text{"zh": label}, Children: children}
}

func multiline(name, label string) *forms.Question {
	x := q(name, forms.TypeText, label)
	x.Appearance = "multiline"
	return x
}

func choice(name, list, label string) *forms.Question {
	x := q(name, forms.TypeSelectOne, label)
	x.List = list
	return x
}

// sampleNotice asks for activities with photos and videos, as the built-in
// notice does.
func sampleNotice(t testing.TB) *forms.Notice {
	t.Helper()
	form := &forms.Form{
		ID: "sample", Version: "1",
		Choices: map[string][]forms.Choice{
			"kind": {{Name: "college", Label: forms.Plain("高校科协")}, {Name: "county", Label: forms.Plain("县（市）区科协")}},
			"mode": {{Name: "on", Label: forms.Plain("线上")}, {Name: "off", Label: forms.Plain("线下")}},
		},
		Questions: []*forms.Question{
			q("unit", forms.TypeGroup, "单位信息",
				q("name", forms.TypeText, "单位名称"), choice("kind", "kind", "单位类别"),
				q("person", forms.TypeText, "联系人"), q("phone", forms.TypeText, "联系电话")),
			q("activity", forms.TypeRepeat, "开展的活动",
				q("title", forms.TypeText, "活动名称"), q("start", forms.TypeDate, "开始日期"), q("end", forms.TypeDate, "结束日期"),
				choice("mode", "mode", "形式"), q("people", forms.TypeInteger, "参与人数"), q("place", forms.TypeText, "地点"),
				multiline("brief", "活动简介"),
				q("photos", forms.TypeRepeat, "图片",
					q("photo", forms.TypeImage, "图片"), q("caption", forms.TypeText, "图片说明"), q("minors", forms.TypeAcknowledge, "涉及未成年人")),
				q("videos", forms.TypeRepeat, "影像",
					q("video", forms.TypeVideo, "视频文件"), q("link", forms.TypeText, "网盘链接"), q("caption", forms.TypeText, "视频说明"))),
			q("summary", forms.TypeGroup, "总结",
				multiline("course", "组织开展情况"), multiline("effect", "工作成效"), q("total", forms.TypeCalculate, "参与人数合计")),
			q("files", forms.TypeGroup, "附件", q("scan", forms.TypeFile, "盖章扫描件")),
			q("declaration", forms.TypeGroup, "报送确认",
				q("open", forms.TypeAcknowledge, "本材料不含国家秘密、工作秘密和敏感信息，可通过互联网邮箱报送"), q("filler", forms.TypeText, "填报人")),
		},
	}
	form.Questions[1].Parameters = "sheet=活动情况"
	if err := form.Compile(); err != nil {
		t.Fatal(err)
	}
	return &forms.Notice{
		ID: "sample", Title: "示例市“全国科技工作者日”活动方案", ShortTitle: "“全国科技工作者日”活动",
		Deadline: time.Date(2024, 6, 10, 23, 59, 59, 0, time.FixedZone("CST", 8*3600)),
		ReportTo: forms.Contact{Department: "示例市科协组宣部"},
		Roles:    forms.Roles{Unit: "name"},
		Form:     form,
	}
}

// sampleReport has n activities with so many photos each, the unit named unit.
func sampleReport(t testing.TB, notice *forms.Notice, unit string, n, photos int) *forms.Report {
	t.Helper()
	a := &forms.Answers{}
	r := &forms.Report{
		Format: forms.ReportFormat, Submission: forms.SubmissionRef{ID: "EXAMPLE0EXAMPLE0", Revision: 1},
		Created: time.Date(2024, 6, 8, 2, 30, 0, 0, time.UTC), Notice: forms.NoticeRef{ID: notice.ID},
		Unit: forms.Unit{Name: unit, Kind: "高校科协", Person: "张示例", Phone: "0432-00000000"}, Answers: a,
	}
	set := func(p forms.Path, v string) {
		if err := a.Set(p, v); err != nil {
			t.Fatal(err)
		}
	}
	add := func(p forms.Path) forms.Path {
		e, err := a.Insert(p, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	set("unit/name", unit)
	set("unit/kind", "college")
	set("unit/person", "张示例")
	set("unit/phone", "0432-00000000")
	for i := 1; i <= n; i++ {
		e := add("activity")
		set(e.Child("title"), fmt.Sprintf("示例科学家精神主题展览第%d期", i))
		set(e.Child("start"), fmt.Sprintf("2024-05-%02d", 10+i))
		set(e.Child("mode"), "off")
		set(e.Child("people"), fmt.Sprint(100*i))
		set(e.Child("place"), "=示例礼堂")
		set(e.Child("brief"), strings.Repeat("示例单位在礼堂举办科学家精神主题展览，展出示例图板三十块，科技工作者和学生到场参观。", 3))
		for j := 1; j <= photos; j++ {
			p := add(e.Child("photos"))
			id := fmt.Sprintf("p%d-%d", i, j)
			caption := fmt.Sprintf("张示例在第%d期展览上讲解示例图板（第%d张）", i, j)
			set(p.Child("photo"), id)
			set(p.Child("caption"), caption)
			r.Materials = append(r.Materials, forms.Packed{
				ID: id, Question: p.Child("photo"), File: fmt.Sprintf("data/图片/%02d%02d-讲解.jpg", i, j), Part: 1,
				Caption: caption, Name: "IMG_0001.JPG", MIME: "image/jpeg", Size: 345678, Width: 2560, Height: 1920,
				Taken: time.Date(2024, 5, 10+i, 9, 0, 0, 0, time.UTC),
			})
		}
		v := add(e.Child("videos"))
		set(v.Child("link"), "https://pan.example.com/s/shili")
		set(v.Child("caption"), "示例展览开幕片段")
	}
	set("summary/course", strings.Repeat("加强组织，统筹安排，围绕“弘扬科学家精神”主题开展系列活动。", 12)+"\n"+strings.Repeat("各示例学会积极参与。", 8))
	set("summary/effect", strings.Repeat("活动覆盖面广，示例科技工作者反响热烈。", 14))
	set("summary/total", fmt.Sprint(50*n*(n+1)))
	set("declaration/open", "OK")
	set("declaration/filler", "张示例")
	return r
}

// samplePicture draws a small photo, upright for every third material.
func samplePicture(m forms.Packed) ([]byte, error) {
	w, h := 320, 240
	if strings.HasSuffix(m.ID, "3") {
		w, h = h, w
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), uint8(len(m.ID) * 30), 255})
		}
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, nil)
	return b.Bytes(), err
}
