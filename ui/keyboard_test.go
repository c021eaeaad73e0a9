package ui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"baosong/forms"
	"baosong/ui/kit"
)

// Who types while photos come in, goes on in the same line.
func TestTypingGoesOnWhileFilesAreTakenIn(t *testing.T) {
	k := photos(t, "展览")
	intro := forms.Path("activity[1]/activity_intro")
	for _, p := range []forms.Path{intro, "activity[1]/start_date", "activity[1]/participants", "activity[1]/place"} {
		k.field(string(p)).Focus()
		typed := map[forms.Path]string{"activity[1]/start_date": "5.3", "activity[1]/participants": "１２"}[p]
		if typed == "" {
			typed = "先写的"
		}
		test.Type(k.win.Canvas().Focused(), typed)
		focused := k.win.Canvas().Focused()
		k.drop(snap(t, t.TempDir(), len(p), 12, 9))
		if k.win.Canvas().Focused() != focused {
			t.Fatalf("%s has lost the keyboard", p)
		}
		test.Type(k.win.Canvas().Focused(), "0")
		text, typing := k.editor.Field(p).Typing()
		if want := map[forms.Path]string{"activity[1]/start_date": "2024-05-30", "activity[1]/participants": "120"}[p]; !typing ||
			text != k.answer(p) || want != "" && text != want || want == "" && text != "先写的0" {
			t.Errorf("%s shows %q and is %q", p, text, k.answer(p))
		}
	}
}

// What is typed after a page was turned does not go into the page that was left.
func TestTurningThePageTakesTheKeyboardOffTheLastOne(t *testing.T) {
	k := writing(t)
	k.field("unit/contact_person").Focus()
	test.Type(k.win.Canvas().Focused(), "张示例")
	k.editor.Show(1)
	if f := k.win.Canvas().Focused(); f != nil {
		test.Type(f, "乱")
		t.Errorf("the person is %q", k.answer("unit/contact_person"))
	}
	k.tap("添加一项")
	if !within(k.field("activity[1]/activity_name"), k.win.Canvas().Focused()) {
		t.Error("the first question of a new activity does not take the keyboard")
	}
}

// A button that opened a draft is not pressed again by the next space.
func TestOneKeyOpensOneDraft(t *testing.T) {
	k := sit(t, t.TempDir(), local{})
	begin, ok := find(k.win.Content(), func(b *kit.Button) bool { return b.Text == "开始填报" })
	if !ok {
		t.Fatal("no button")
	}
	k.win.Canvas().Focus(begin)
	for range 2 {
		if f := k.win.Canvas().Focused(); f != nil {
			f.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
		}
		k.settle()
	}
	list, err := k.desk.Home.Drafts.List()
	if err != nil || len(list) != 1 {
		t.Errorf("%d drafts, %v", len(list), err)
	}
}

// The question before something is lost for good is not answered by Enter.
func TestEnterLosesNothing(t *testing.T) {
	k := sit(t, t.TempDir(), local{})
	begun(k, "示例二中")
	k.tap("删除")
	unfold(k, "归档和回收站")
	k.tap("彻底删除")
	k.mustSee("不能再恢复")
	k.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	k.settle()
	k.tap("彻底删除") // still there
	k.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	k.settle()
	if k.win.Canvas().Overlays().Top() != nil {
		t.Error("Escape does not close the question")
	}
}

// A long list in a dialog is scrolled to where the keyboard goes.
func TestTheKeyboardIsFollowedInDialogs(t *testing.T) {
	k := photos(t)
	k.win.Resize(fyne.NewSize(1024, 500))
	for range 14 {
		k.editor.AddEntry()
	}
	k.settle()
	tabs := func(label string, want int) {
		t.Helper()
		dialog := k.win.Canvas().Overlays().Top()
		page, ok := find(dialog, func(*kit.Page) bool { return true })
		if !ok {
			t.Fatalf("no list in %q", k.texts())
		}
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject
		top, seen := at(page).Y, 0
		for range want + 1 {
			k.win.Canvas().FocusNext()
			b := k.win.Canvas().Focused().(*kit.Button)
			if !strings.HasPrefix(b.Text, label) {
				continue
			}
			seen++
			if y := at(b).Y; y < top || y+b.Size().Height > top+page.Size().Height {
				t.Errorf("%s no. %d stands at %.0f, the list from %.0f to %.0f", label, seen, y, top, top+page.Size().Height)
			}
		}
		if seen != want {
			t.Errorf("%d of %d were gone to in %q", seen, want, read(dialog))
		}
		k.tap("取消")
	}
	k.drop(snap(t, t.TempDir(), 1, 12, 9))
	k.caption(1)
	k.do("移到其他活动")
	tabs("开展的活动", 13)
	k.editor.Show(0)
	for _, name := range []string{"甲", "乙", "丙", "丁", "戊", "己"} {
		k.fill("unit/contact_person", name)
		k.editor.Save()
		k.settle()
	}
	k.tap("历史版本")
	versions, err := k.editor.Draft().Versions()
	if err != nil || len(versions) < 5 {
		t.Fatalf("%d versions, %v", len(versions), err)
	}
	tabs("回到这一版", len(versions))
}

// Photos dropped on the start page are no faulty notice: they belong in a draft.
func TestStartSaysWherePhotosBelong(t *testing.T) {
	k := sit(t, t.TempDir(), local{})
	dir := t.TempDir()
	k.drop(snap(t, dir, 1, 12, 9), dir)
	k.mustSee("打开草稿，再拖进来")
	if k.sees("表单有误") {
		t.Error("a photo is taken for a faulty notice")
	}
	tables := filepath.Join(t.TempDir(), "通知")
	if err := os.Mkdir(tables, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(tables, "survey.csv"), []byte("type,name\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	k.drop(filepath.Join(dir, "IMG_8999.jpg"), tables)
	k.mustSee("表单有误")
	k.mustSee("打开草稿，再拖进来") // both are told
}

// An account that was removed meanwhile is not sent by.
func TestAnAccountThatWasRemovedIsNotSentBy(t *testing.T) {
	_, k := serving(t)
	if err := k.desk.RemoveAccount(unitAddress); err != nil {
		t.Fatal(err)
	}
	k.editor.Show(k.editor.CheckPage())
	k.editor.Show(k.editor.SendPage())
	k.settle()
	k.mustSee("先设置一个发件邮箱")
	k.tap("发送")
	k.mustSee("请先选择或设置一个邮箱")
	other := k.net.server.Account("collect@organizer.example")
	other.Name = other.Address.Addr
	if err := k.desk.SaveAccount(other, "code"); err != nil {
		t.Fatal(err)
	}
	k.editor.Show(k.editor.SendPage())
	k.settle()
	if err := k.desk.RemoveAccount(other.Name); err != nil {
		t.Fatal(err)
	}
	another := k.net.server.Account(unitAddress)
	another.Name = unitAddress
	if err := k.desk.SaveAccount(another, "code"); err != nil {
		t.Fatal(err)
	}
	k.editor.Show(k.editor.SendPage())
	k.settle()
	k.mustSee(unitAddress)
	if k.sees(other.Name) {
		t.Error("the removed account is still offered")
	}
}

// A dialog is as high as what it says.
func TestDialogsFitTheirText(t *testing.T) {
	k := sit(t, t.TempDir(), local{})
	k.shell.Tell("已添加 4 个；文件“空.jpg”不完整。请从相机、手机重新拷贝一份原件再添加。")
	dialog := k.win.Canvas().Overlays().Top()
	text, _ := find(dialog, func(x *kit.Text) bool { return strings.HasPrefix(x.Text(), "已添加") })
	button, ok := find(dialog, func(b *kit.Button) bool { return b.Text == "知道了" })
	if !ok {
		t.Fatal("no dialog")
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject
	if gap := at(button).Y - at(text).Y; gap > 150 {
		t.Errorf("the button stands %.0f beneath two lines", gap)
	}
}

// Who moves, copies and deletes activities by the keyboard goes on where that was.
func TestTheKeyboardStaysAtItsActivity(t *testing.T) {
	k := photos(t, "甲", "乙", "丙")
	for _, name := range []string{"乙", "丙"} { // one after the other
		k.unfoldEntry(name)
	}
	press := func(label string) {
		k.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
		k.settle()
		b, ok := k.win.Canvas().Focused().(*kit.Button)
		if label != "" && (!ok || b.Text != label) {
			t.Fatalf("the keyboard is at %T %q, not at %q", k.win.Canvas().Focused(), textOf(k.win.Canvas().Focused()), label)
		}
	}
	names := func() string {
		out := ""
		for i := range k.editor.Draft().Answers.Len("activity") {
			out += k.answer(forms.Path("activity").Entry(i + 1).Child("activity_name"))
		}
		return out
	}
	card := k.cardOf("丙")
	card.Focus("上移")
	press("上移")
	press("下移") // at the top there is no other way
	if names() != "丙甲乙" || k.cardOf("丙").Focused() != "下移" {
		t.Fatalf("%s, and the keyboard is elsewhere", names())
	}
	press("下移")
	k.cardOf("丙").Focus("复制这一项")
	press("")
	if !within(k.field("activity[3]/activity_name"), k.win.Canvas().Focused()) {
		t.Error("the first question of the copy does not take the keyboard")
	}
	for range 2 { // the copy stands after what was copied
		k.unfoldEntry("丙")
		k.cardOf("丙").Focus("删除这一项")
		press("")
	}
	if names() != "甲乙" || !within(k.cardOf("乙"), k.win.Canvas().Focused()) {
		t.Errorf("%s, and the keyboard is at %q", names(), textOf(k.win.Canvas().Focused()))
	}
	k.unfoldEntry("乙")
	k.editor.Save()
	k.settle()
	k.field("activity[2]/place").Focus()
	test.Type(k.win.Canvas().Focused(), "一楼")
	k.editor.Undo()
	k.settle()
	if p := k.answer("activity[2]/place"); p == "一楼" || !within(k.field("activity[2]/place"), k.win.Canvas().Focused()) {
		t.Errorf("undone to %q, and the keyboard is at %q", p, textOf(k.win.Canvas().Focused()))
	}
	for _, name := range []string{"乙", "甲"} {
		k.unfoldEntry(name)
		k.cardOf(name).Focus("删除这一项")
		press("")
	}
	if b, ok := k.win.Canvas().Focused().(*kit.Button); !ok || !strings.HasPrefix(b.Text, "添加") {
		t.Errorf("with no activity left the keyboard is at %q", textOf(k.win.Canvas().Focused()))
	}
}

func (k *desk) cardOf(name string) *kit.Card {
	k.t.Helper()
	card, ok := find(k.win.Content(), func(c *kit.Card) bool { return slices.Contains(read(c), name) })
	if !ok {
		k.t.Fatalf("no card of %q", name)
	}
	return card
}

// unfoldEntry opens the card of an activity, as by Enter on its head.
func (k *desk) unfoldEntry(name string) {
	k.t.Helper()
	card := k.cardOf(name)
	if card.Content().Visible() {
		return
	}
	card.Focus("")
	k.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	k.settle()
}

func textOf(f fyne.Focusable) string {
	if o, ok := f.(fyne.CanvasObject); ok {
		return strings.Join(read(o), " ")
	}
	return ""
}
