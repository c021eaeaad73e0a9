package kit

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"baosong/ui/look"
)

// setup starts an app in the look theme and Fyne's own face: no test depends on the system's fonts.
func setup(t testing.TB) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Faces{}, look.ModeLight, 100))
}

// window puts content into a window.
func window(t *testing.T, content fyne.CanvasObject) fyne.Window {
	t.Helper()
	w := test.NewTempWindow(t, content)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(800, 600))
	return w
}

// visible returns an object and all in it that is in sight, in the order of drawing.
func visible(o fyne.CanvasObject) []fyne.CanvasObject {
	if o == nil || !o.Visible() {
		return nil
	}
	out := []fyne.CanvasObject{o}
	var inside []fyne.CanvasObject
	switch x := o.(type) {
	case *fyne.Container:
		inside = x.Objects
	case fyne.Widget:
		inside = test.WidgetRenderer(x).Objects()
	}
	for _, i := range inside {
		out = append(out, visible(i)...)
	}
	return out
}

// shown returns every text in sight.
func shown(o fyne.CanvasObject) []string {
	var out []string
	for _, x := range visible(o) {
		if text, ok := x.(*canvas.Text); ok && text.Text != "" {
			out = append(out, text.Text)
		}
	}
	return out
}

func see(t *testing.T, o fyne.CanvasObject, want ...string) {
	t.Helper()
	all := strings.Join(shown(o), "\n")
	for _, w := range want {
		if !strings.Contains(all, w) {
			t.Errorf("%q is not in sight; in sight is:\n%s", w, all)
		}
	}
}

func hidden(t *testing.T, o fyne.CanvasObject, unwanted ...string) {
	t.Helper()
	all := strings.Join(shown(o), "\n")
	for _, u := range unwanted {
		if strings.Contains(all, u) {
			t.Errorf("%q is in sight", u)
		}
	}
}

// tapText taps the innermost thing to tap whose text holds the given one.
func tapText(t *testing.T, o fyne.CanvasObject, text string) {
	t.Helper()
	var best fyne.Tappable
	for _, x := range visible(o) {
		tap, ok := x.(fyne.Tappable)
		if !ok {
			continue
		}
		if strings.Contains(strings.Join(shown(x), "\n"), text) {
			best = tap
		}
	}
	if best == nil {
		t.Fatalf("nothing to tap shows %q", text)
	}
	test.Tap(best)
}

func key(c fyne.Canvas, names ...fyne.KeyName) {
	for _, n := range names {
		c.Focused().TypedKey(&fyne.KeyEvent{Name: n})
	}
}

func TestFieldShowsFindingInWordsAndGivesFocus(t *testing.T) {
	setup(t)
	left := 0
	e := NewEntry("占位", nil)
	e.OnLeave = func() { left++ }
	f := NewField("单位名称", "必填", "与公章一致", e)
	w := window(t, f)
	see(t, f, "单位名称", "必填", "与公章一致", "占位")

	f.SetFinding(Error, "请填写单位名称")
	see(t, f, "请填写单位名称")
	if f.Finding().Level() != Error || !f.Finding().icon.Visible() {
		t.Error("an error shows no icon")
	}
	f.SetFinding(None, "")
	hidden(t, f, "请填写单位名称")
	f.SetRequired("")
	hidden(t, f, "必填")

	f.Focus()
	if w.Canvas().Focused() != e {
		t.Fatal("the field does not hand the keyboard to its entry")
	}
	w.Canvas().Unfocus()
	if left != 1 {
		t.Errorf("leaving was told %d times", left)
	}
}

func TestEntryCallsBackForPeopleOnly(t *testing.T) {
	setup(t)
	var got []string
	e := NewEntry("", func(s string) { got = append(got, s) })
	window(t, e)
	e.SetValue("甲")
	test.Type(e, "乙")
	if fmt.Sprint(got) != "[乙甲]" {
		t.Errorf("called back with %v", got)
	}
}

func TestPastingIsCleaned(t *testing.T) {
	setup(t)
	line := NewEntry("", nil)
	long := NewLongText("", 4, Advice{}, nil)
	w := window(t, NewField("", "", "", long))
	for _, c := range []struct {
		e    *Entry
		in   string
		want string
	}{
		{line, "\u00a0示例市\r\n科协\t一部 \u200b", "示例市 科协 一部"},
		{long.Entry(), "一、\u00a0开头  \r\n\r\n\r\n\uf0b7二\u00ad、\v三\t\r\n", "一、 开头\n\n二、\n三"},
		{long.Entry(), "生僻字\ue863不丢", "生僻字\ue863不丢"},
	} {
		c.e.SetValue("")
		clip := test.NewClipboard()
		clip.SetContent(c.in)
		c.e.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clip})
		if c.e.Text != c.want {
			t.Errorf("pasted %q shows %q, want %q", c.in, c.e.Text, c.want)
		}
	}
	_ = w
}

func TestLeavingTidiesWhatWasTyped(t *testing.T) {
	setup(t)
	var last string
	e := NewEntry("", func(s string) { last = s })
	w := window(t, e)
	w.Canvas().Focus(e)
	for _, r := range "  示例  市 " {
		e.TypedRune(r)
	}
	w.Canvas().Unfocus()
	if e.Text != "示例 市" || last != "示例 市" {
		t.Errorf("shows %q, handed on %q", e.Text, last)
	}
}

func TestLongTextCountsAgainstAdvice(t *testing.T) {
	setup(t)
	advice := Advice{
		Min: 3, Max: 5,
		Count: func(s string) int { return len([]rune(s)) },
		Text:  func(n int) string { return fmt.Sprintf("已写 %d 字", n) },
	}
	l := NewLongText("", 3, advice, nil)
	w := window(t, l)
	for text, want := range map[string]Level{"": None, "一二": Warning, "一二三": Success, "一二三四五六": Warning} {
		l.SetValue("")
		w.Canvas().Focus(l.entry)
		for _, r := range text {
			l.entry.TypedRune(r)
		}
		if l.counter.Level() != want {
			t.Errorf("%q is at level %d, want %d", text, l.counter.Level(), want)
		}
		see(t, l, fmt.Sprintf("已写 %d 字", len([]rune(text))))
	}
	if l.entry.AcceptsTab() {
		t.Error("Tab must go on to the next field")
	}
}

func TestNumberEntryHandsOnPlainDigits(t *testing.T) {
	setup(t)
	var got string
	n := NewNumberEntry("", func(s string) { got = s })
	w := window(t, n)
	for typed, want := range map[string]string{
		"１２０": "120", " 1,200 ": "1200", "1，200": "1200", "３．５": "3.5", "3。5": "3.5", "－2": "-2",
		"1,2": "1,2", "约120": "约120", "1,200,000.5": "1200000.5", ",200": ",200",
	} {
		n.SetValue("")
		w.Canvas().Focus(n)
		for _, r := range typed {
			n.TypedRune(r)
		}
		if got != want {
			t.Errorf("typing %q hands on %q, want %q", typed, got, want)
		}
		w.Canvas().Unfocus()
		if n.Text != want {
			t.Errorf("after leaving %q shows %q, want %q", typed, n.Text, want)
		}
	}
}

func TestParseDate(t *testing.T) {
	for in, want := range map[string]string{
		"2024-5-30": "2024-05-30", "2024年5月30日": "2024-05-30", "5.30": "2023-05-30", "5月30日": "2023-05-30", "5月30号": "2023-05-30",
		"2024/05/30": "2024-05-30", "2024.5.30": "2024-05-30", "20240530": "2024-05-30", "２０２４－５－３０": "2024-05-30",
		"24-5-30": "2024-05-30", " 2024 年 5 月 30 日 ": "2024-05-30", "2024.05.30.": "2024-05-30", "2024-02-29": "2024-02-29",
		"2023-02-29": "", "2024-13-1": "", "2024-5": "", "5月": "", "": "", "今天": "", "2024-5-30-1": "", "99999-5-30": "",
		"2024-0-0": "", "-5-30": "2023-05-30", "1024-5-30": "", "2024-5-三十": "",
	} {
		day, ok := ParseDate(in, 2023)
		got := ""
		if ok {
			got = day.Format(ISODate)
		}
		if got != want && !(in == "2024-5") {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2024-5-30", "5.30", "20240530", "2024年5月30日", "２０２４", "---", "99999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		day, ok := ParseDate(s, 2024)
		if !ok {
			return
		}
		if again, ok := ParseDate(day.Format(ISODate), 2024); !ok || !again.Equal(day) {
			t.Errorf("%q is %v, which does not read back", s, day)
		}
	})
}

func dateTexts() DateTexts {
	return DateTexts{
		Placeholder: "年-月-日", Weekdays: [7]string{"一", "二", "三", "四", "五", "六", "日"},
		Month: func(y int, m time.Month) string { return fmt.Sprintf("%d年%d月", y, m) },
		Today: "今天", Clear: "清除",
	}
}

func TestDateEntryTypesAndPicks(t *testing.T) {
	setup(t)
	near := func() time.Time { return time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC) }
	var got string
	d := NewDateEntry(dateTexts(), near, func(s string) { got = s })
	w := window(t, d)
	d.Focus()
	for _, r := range "5.30" {
		d.TypedRune(r)
	}
	w.Canvas().Unfocus()
	if got != "2024-05-30" || d.Text != got {
		t.Fatalf("5.30 hands on %q and shows %q", got, d.Text)
	}

	d.Focus()
	key(w.Canvas(), fyne.KeyDown)
	calendar := w.Canvas().Overlays().Top()
	if calendar == nil {
		t.Fatal("the down key opens no calendar")
	}
	see(t, calendar, "2024年5月", "31")
	tapText(t, calendar, "17")
	if got != "2024-05-17" || w.Canvas().Overlays().Top() != nil || w.Canvas().Focused() != d {
		t.Errorf("picked %q, calendar %v, keyboard at %v", got, w.Canvas().Overlays().Top(), w.Canvas().Focused())
	}
	key(w.Canvas(), fyne.KeyDown, fyne.KeyEscape)
	if got != "2024-05-17" || w.Canvas().Overlays().Top() != nil || w.Canvas().Focused() != d {
		t.Errorf("after Escape %q, calendar %v, keyboard at %v", got, w.Canvas().Overlays().Top(), w.Canvas().Focused())
	}
	key(w.Canvas(), fyne.KeyDown, fyne.KeyDown, fyne.KeyRight, fyne.KeyDown, fyne.KeyUp, fyne.KeyUp, fyne.KeyLeft, fyne.KeyLeft, fyne.KeyReturn)
	if got != "2024-05-16" {
		t.Errorf("by the arrows, from the 17th, %q", got)
	}
	key(w.Canvas(), fyne.KeyDown, fyne.KeyPageDown, fyne.KeyLeft, fyne.KeyLeft, fyne.KeyReturn)
	if got != "2024-05-30" {
		t.Errorf("two days before June is %q", got)
	}
	key(w.Canvas(), fyne.KeyDown)
	tapText(t, w.Canvas().Overlays().Top(), "清除")
	if got != "" {
		t.Errorf("clearing hands on %q", got)
	}
}

func TestCalendarTurnsMonths(t *testing.T) {
	setup(t)
	c := NewCalendar(dateTexts(), time.Date(2024, 1, 31, 0, 0, 0, 0, time.UTC), true, func(*time.Time) {})
	w := window(t, c)
	c.turn(c.first.AddDate(0, 1, 0))
	see(t, c, "2024年2月", "29")
	hidden(t, c, "30")
	c.turn(c.first.AddDate(0, -2, 0))
	see(t, c, "2023年12月", "31")
	_ = w
}

func TestBadgeAndBanner(t *testing.T) {
	setup(t)
	b := NewBanner()
	w := window(t, b)
	if b.Visible() {
		t.Error("an empty banner takes room")
	}
	taps := 0
	b.Set(Warning, "已逾期 5 天", Action{Label: "知道了", Do: func() { taps++ }})
	w.Resize(fyne.NewSize(600, 100))
	see(t, b, "已逾期 5 天", "知道了")
	tapText(t, b, "知道了")
	if taps != 1 {
		t.Errorf("the action ran %d times", taps)
	}
	b.Set(None, "")
	if b.Visible() {
		t.Error("the banner stays")
	}
}

func TestToasterHidesAfterAWhileAndRunsItsAction(t *testing.T) {
	setup(t)
	synctest.Test(t, func(t *testing.T) {
		queue := make(chan func(), 4)
		toast := NewToaster(5*time.Second, func(f func()) { queue <- f })
		pass := func(d time.Duration) {
			time.Sleep(d)
			synctest.Wait()
			for len(queue) > 0 {
				(<-queue)()
			}
		}
		window(t, toast)
		undone := false
		toast.Tell(Info, "已删除", Action{Label: "撤销", Do: func() { undone = true }})
		see(t, toast, "已删除", "撤销")
		tapText(t, toast, "撤销")
		if !undone || toast.Text() != "" {
			t.Errorf("undone %v, still shown %q", undone, toast.Text())
		}
		toast.Tell(Info, "第一条")
		pass(3 * time.Second)
		toast.Tell(Info, "第二条")
		pass(3 * time.Second)
		if toast.Text() != "第二条" {
			t.Errorf("the first news' time ended %q", "第二条")
		}
		pass(3 * time.Second)
		if toast.Text() != "" {
			t.Errorf("%q stays", toast.Text())
		}
	})
}

func TestRowsAndCards(t *testing.T) {
	setup(t)
	removed := 0
	f := NewFileRow(nil, "盖章件.pdf", "1.2 MB", []Action{{Label: "移除", Do: func() { removed++ }}})
	p := NewProgressRow("发送", Action{Label: "取消", Do: func() {}})
	n := NewNoticeCard("通知", []Fact{{"截止", "6月10日"}}, []Action{{Label: "开始", Primary: true}})
	page := NewPage(f, p, n)
	w := window(t, page)
	f.SetFinding(Error, "超过 10 页")
	n.SetBadge(Warning, "已逾期")
	p.Set(0.5, "1/2")
	w.Resize(fyne.NewSize(801, 600))
	see(t, page, "盖章件.pdf", "1.2 MB", "超过 10 页", "截止", "6月10日", "已逾期", "开始", "50%", "1/2")
	tapText(t, f, "移除")
	if removed != 1 {
		t.Error("the file was not removed")
	}
}

func TestChineseFillsItsLines(t *testing.T) {
	setup(t)
	long := NewText("有 6 张照片的拍摄日期与这一项活动的活动日期相符要不要移过去再说")
	window(t, long).Resize(fyne.NewSize(200, 300))
	if lines := shown(long); len(lines) < 2 || lines[0] == "有 6" {
		t.Errorf("lines are %q", lines)
	}
	long.SetText("市科协组宣部 示例人 0432-5550123 name@unit.example")
	long.Resize(fyne.NewSize(300, 300))
	for _, line := range shown(long) {
		if strings.Contains(line, "@") && !strings.Contains(line, "name@unit.example") {
			t.Errorf("an address is broken: %q", line)
		}
	}
}
