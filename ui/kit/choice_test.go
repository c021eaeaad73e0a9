package kit

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func few() []Option { return []Option{{"on", "线上"}, {"off", "线下"}, {"both", "结合"}} }

func TestFewOptionsAreInSightAndByKeyboard(t *testing.T) {
	setup(t)
	var got []string
	c := NewChoice(few(), "请选择", func(v string) { got = append(got, v) })
	left := 0
	c.OnLeave = func() { left++ }
	w := window(t, c)
	see(t, c, "线上", "线下", "结合")
	tapText(t, c, "线下")
	tapText(t, c, "线下")
	c.Focus()
	key(w.Canvas(), fyne.KeyRight, fyne.KeyRight)
	if fmt.Sprint(got) != "[off both]" || c.Value() != "both" {
		t.Errorf("told %v, value %q", got, c.Value())
	}
	c.SetValue("on")
	if len(got) != 2 || c.Value() != "on" {
		t.Errorf("SetValue told %v, value %q", got, c.Value())
	}
	c.SetValue("unknown")
	if c.Value() != "" {
		t.Errorf("an unknown value is %q", c.Value())
	}
	w.Canvas().Unfocus()
	if left == 0 {
		t.Error("leaving was not told")
	}
}

func TestManyOptionsDropDown(t *testing.T) {
	setup(t)
	var options []Option
	for i := range 12 {
		options = append(options, Option{fmt.Sprint(i), fmt.Sprintf("类别 %d", i/2)}) // labels need not differ
	}
	got := ""
	c := NewChoice(options, "请选择", func(v string) { got = v })
	w := window(t, c)
	see(t, c, "请选择")
	hidden(t, c, "类别")
	test.Tap(c.list)
	list := w.Canvas().Overlays().Top()
	if list == nil {
		t.Fatal("no list drops down")
	}
	tapText(t, list, "类别 5")
	if got == "" || c.Value() != got {
		t.Errorf("told %q, value %q", got, c.Value())
	}
	see(t, c, "类别 5")
	c.SetValue("3")
	if c.Value() != "3" || got == "3" {
		t.Errorf("value %q, told %q", c.Value(), got)
	}
	see(t, c, "类别 1")
}

func TestMultiChoice(t *testing.T) {
	setup(t)
	var got []string
	m := NewMultiChoice(few(), func(v []string) { got = v })
	w := window(t, m)
	tapText(t, m, "结合")
	tapText(t, m, "线上")
	if fmt.Sprint(got) != "[on both]" {
		t.Errorf("ticked %v", got)
	}
	m.Focus()
	key(w.Canvas(), fyne.KeySpace)
	if fmt.Sprint(m.Values()) != "[both]" {
		t.Errorf("space leaves %v", m.Values())
	}
	m.SetValues([]string{"off"})
	if fmt.Sprint(m.Values()) != "[off]" || fmt.Sprint(got) != "[both]" {
		t.Errorf("values %v, told %v", m.Values(), got)
	}
}

func TestAcknowledgeWrapsAndTicks(t *testing.T) {
	setup(t)
	statement := "本材料不含国家秘密、工作秘密和敏感信息，可通过互联网邮箱报送；图片影像已征得本人同意。"
	got := false
	a := NewAcknowledge(statement, func(v bool) { got = v })
	w := window(t, a)
	w.Resize(fyne.NewSize(260, 400))
	if lines := len(shown(a)); lines < 2 {
		t.Errorf("a long statement takes %d lines in a narrow window", lines)
	}
	tapText(t, a, "本材料")
	if !got || !a.Value() {
		t.Error("a tap does not tick")
	}
	a.SetValue(false)
	if !got || a.Value() {
		t.Error("SetValue must untick without telling")
	}
}

func TestSuggestEntry(t *testing.T) {
	setup(t)
	all := []string{"示例市科协", "示例县科协", "另一所大学"}
	var got string
	s := NewSuggestEntry("", func(text string) []string {
		var out []string
		for _, a := range all {
			if len(text) > 0 && a[:3] == text[:3] {
				out = append(out, a)
			}
		}
		return out
	}, func(v string) { got = v })
	w := window(t, NewPage(s))
	s.Focus()
	s.entry.TypedRune('示')
	see(t, s, "示例市科协", "示例县科协")
	hidden(t, s, "另一所大学")
	key(w.Canvas(), fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn)
	if got != "示例县科协" || s.Value() != got {
		t.Errorf("took %q, shows %q", got, s.Value())
	}
	hidden(t, s, "示例市科协")
	if w.Canvas().Focused() != s.entry {
		t.Error("the keyboard left the entry")
	}

	s.SetValue("")
	s.entry.TypedRune('另')
	key(w.Canvas(), fyne.KeyEscape)
	hidden(t, s, "另一所大学")

	s.SetValue("")
	s.entry.TypedRune('示')
	left := 0
	s.SetOnLeave(func() { left++ })
	s.rows[0].MouseIn(nil)
	w.Canvas().Unfocus() // what pressing the mouse does
	if left != 0 {
		t.Error("reaching for a suggestion counts as leaving")
	}
	tapText(t, s, "示例市科协")
	if got != "示例市科协" {
		t.Errorf("tapping took %q", got)
	}
	s.entry.TypedRune('x')
	w.Canvas().Unfocus()
	if left != 1 || s.panel.Visible() {
		t.Errorf("left %d times, list in sight %v", left, s.panel.Visible())
	}
}

func TestRail(t *testing.T) {
	setup(t)
	chosen := -1
	r := NewRail(func(i int) { chosen = i })
	w := window(t, r)
	r.SetSteps([]Step{{"单位信息", Success, "已填完"}, {"活动", Error, "缺 3 项"}, {"总结", None, ""}})
	r.SetCurrent(1)
	w.Resize(fyne.NewSize(300, 400))
	see(t, r, "单位信息", "已填完", "缺 3 项", "总结")
	tapText(t, r, "总结")
	if chosen != 2 {
		t.Errorf("a tap opens page %d", chosen)
	}
	w.Canvas().FocusNext()
	key(w.Canvas(), fyne.KeyDown, fyne.KeyReturn)
	if chosen != 1 {
		t.Errorf("the keyboard opens page %d", chosen)
	}
	icons := map[string]bool{}
	for _, row := range r.rows {
		icons[row.icon.Resource.Name()] = true
	}
	if len(icons) != 3 {
		t.Errorf("states differ by colour alone: %v", icons)
	}
	r.SetSteps([]Step{{"只剩一页", None, ""}})
	hidden(t, r, "总结")
	see(t, r, "只剩一页")
}

func TestCardFolds(t *testing.T) {
	setup(t)
	var told []bool
	deleted := false
	c := NewCard("活动 1", NewText("内容"), []Action{{Label: "删除", Danger: true, Do: func() { deleted = true }}},
		func(f bool) { told = append(told, f) })
	c.SetTitle("活动 1", "主场活动")
	c.SetState(Error, "缺 3 项")
	w := window(t, NewPage(c))
	w.Resize(fyne.NewSize(801, 600))
	see(t, c, "活动 1", "主场活动", "缺 3 项", "内容", "删除")
	tapText(t, c, "删除")
	if !deleted {
		t.Error("the action did not run")
	}
	tapText(t, c, "活动 1")
	see(t, c, "活动 1", "缺 3 项")
	hidden(t, c, "内容", "删除")
	w.Canvas().FocusNext()
	key(w.Canvas(), fyne.KeySpace)
	see(t, c, "内容")
	if fmt.Sprint(told) != "[true false]" {
		t.Errorf("told %v", told)
	}
}

// Options stand side by side where there is room, and where there is none beneath one another and on several lines; a
// narrower window after a wider one is no exception.
func TestOptionsGoOnBeneathInANarrowWindow(t *testing.T) {
	setup(t)
	c := NewChoice([]Option{{"on", "线上举办，线下同步直播并在会后回放，另在各县（市、区）设分会场组织集中收看"}, {"off", "线下"}, {"both", "结合"}}, "", nil)
	w := window(t, c)
	if c.radios[0].Position().Y != c.radios[2].Position().Y {
		t.Error("in a wide window the options do not stand side by side")
	}
	one := c.radios[1].Size().Height
	if got := c.MinSize().Width; got > 200 {
		t.Fatalf("options need %.0f", got)
	}
	w.Resize(fyne.NewSize(200, 600))
	long, last := c.radios[0], c.radios[2]
	if long.Size().Width > 200 || long.Size().Height < 1.4*one {
		t.Errorf("the long option takes %v, one of one line %.0f", long.Size(), one)
	}
	if last.Position().Y < long.Size().Height || c.MinSize().Height < last.Position().Y+one {
		t.Errorf("the last option is at %v, of %v", last.Position(), c.MinSize())
	}
}
