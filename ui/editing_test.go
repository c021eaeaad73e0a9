package ui

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"baosong/forms"
	"baosong/ui/kit"
)

// writing begins a draft in a window of its own.
func writing(t *testing.T) *desk {
	t.Helper()
	k := sit(t, t.TempDir(), local{})
	k.tap("开始填报")
	if k.editor == nil {
		t.Fatal("no draft is open")
	}
	return k
}

func (k *desk) answer(p forms.Path) string { return k.editor.Draft().Answers.Get(p) }

func TestDatesAndNumbersAsPeopleTypeThem(t *testing.T) {
	k := writing(t)
	k.editor.Show(1)
	k.tap("添加一项")
	for _, typed := range []string{"2024-5-30", "2024年5月30日", "5.30", "２０２４／５／３０", "20240530"} {
		k.fill("activity[1]/start_date", typed)
		if got := k.answer("activity[1]/start_date"); got != "2024-05-30" {
			t.Errorf("%q became %q", typed, got)
		}
	}
	for typed, want := range map[string]string{"１２０": "120", "1,200": "1200", " 35 ": "35"} {
		k.fill("activity[1]/participants", typed)
		if got := k.answer("activity[1]/participants"); got != want {
			t.Errorf("%q became %q", typed, got)
		}
	}
	date := k.field("activity[1]/start_date").Control().(*kit.DateEntry)
	date.Focus()
	date.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	calendar := k.win.Canvas().Overlays().Top()
	if calendar == nil {
		t.Fatal("the down key opens no calendar")
	}
	if texts := read(calendar); !slices.Contains(texts, "2024年5月") {
		t.Errorf("the calendar shows %q", texts)
	}
	for _, name := range []fyne.KeyName{fyne.KeyLeft, fyne.KeyLeft, fyne.KeyReturn} {
		k.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: name})
	}
	if got := k.answer("activity[1]/start_date"); got != "2024-05-28" {
		t.Errorf("the calendar gave %q", got)
	}
}

func TestFindingsAppearOnLeavingAQuestion(t *testing.T) {
	k := writing(t)
	f := k.field("unit/contact_email")
	f.Focus()
	test.Type(k.win.Canvas().Focused(), "nobody")
	if f.Finding().Text() != "" {
		t.Error("found fault while the person types")
	}
	k.win.Canvas().Unfocus()
	if !strings.Contains(f.Finding().Text(), "邮箱地址的格式不对") {
		t.Errorf("on leaving: %q", f.Finding().Text())
	}
	k.fill("unit/contact_email", "name@example.com")
	if f.Finding().Text() != "" {
		t.Errorf("put right, and still %q", f.Finding().Text())
	}
}

func TestRosterIsSuggestedAndTellsTheKind(t *testing.T) {
	k := writing(t)
	n := k.notice()
	unit := n.Roster[0]
	f := k.field("unit/unit_name").Control().(*kit.SuggestEntry)
	f.Focus()
	test.Type(k.win.Canvas().Focused(), string([]rune(unit.Name)[:2]))
	key := func(name fyne.KeyName) { k.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: name}) }
	key(fyne.KeyDown)
	key(fyne.KeyReturn)
	k.win.Canvas().FocusNext() // to the kind, which the roster tells
	k.win.Canvas().FocusNext()
	test.Type(k.win.Canvas().Focused(), "张示例")
	if got := k.answer("unit/contact_person"); got != "张示例" {
		t.Errorf("after two Tabs the person is %q, the unit %q", got, k.answer("unit/unit_name"))
	}
	got := k.answer("unit/unit_name")
	if !slices.ContainsFunc(n.Roster, func(u forms.RosterUnit) bool { return u.Name == got && u.Kind == k.answer("unit/unit_kind") }) {
		t.Errorf("chosen %q, of the kind %q", got, k.answer("unit/unit_kind"))
	}
}

func TestLongTextsAreCountedAndPastedClean(t *testing.T) {
	k := writing(t)
	k.editor.Show(2)
	text := k.field("summary/results").Control().(*kit.LongText)
	clip := fyne.CurrentApp().Clipboard()
	clip.SetContent("一、成效\r\n\r\n\r\n\r\n\u200b参加\u00a0120 人 \t。\v\uf0b7\t第二条\r\n　　正文缩进\r\n  \uf0d8 第三条")
	text.Entry().Focus()
	text.Entry().TypedShortcut(&fyne.ShortcutPaste{Clipboard: clip})
	k.win.Canvas().Unfocus()
	if got, want := k.answer("summary/results"), "一、成效\n\n参加 120 人  。\n第二条\n　　正文缩进\n第三条"; got != want {
		t.Errorf("pasted %q, want %q", got, want)
	}
	k.mustSee("字（宜 200–1500 字）")
	k.fill("summary/results", strings.Repeat("成效", 150))
	k.mustSee("300 字（宜 200–1500 字）")
}

func TestEntriesAreCopiedMovedAndDeletedWithUndo(t *testing.T) {
	k := writing(t)
	k.editor.Show(1)
	names := func() string {
		var out []string
		a := k.editor.Draft().Answers
		for i := range a.Len("activity") {
			out = append(out, a.Get(forms.Path("activity").Entry(i+1).Child("activity_name")))
		}
		return strings.Join(out, " ")
	}
	k.tap("添加一项")
	k.fill("activity[1]/activity_name", "甲")
	if _, err := k.editor.Draft().Answers.Insert("activity[1]/photos", 0, nil); err != nil {
		t.Fatal(err)
	}
	k.tap("复制")
	if n := k.editor.Draft().Answers.Len("activity[2]/photos"); n != 0 {
		t.Errorf("the copy of an activity shows %d photos of another", n)
	}
	k.fill("activity[2]/activity_name", "乙")
	k.tap("上移")
	if names() != "乙 甲" {
		t.Errorf("after moving up: %s", names())
	}
	k.tap("添加一项")
	k.fill("activity[3]/activity_name", "丙")
	if k.editor.Field("activity[1]/activity_name") != nil {
		t.Error("the other activities are not folded")
	}
	unfold(k, "开展的活动 1")
	if k.editor.Field("activity[1]/activity_name") == nil {
		t.Fatal("the card does not unfold")
	}
	k.tap("删除")
	k.mustSee("已删除“乙”")
	if names() != "甲 丙" {
		t.Errorf("after deleting: %s", names())
	}
	k.tapToast("撤销")
	if names() != "乙 甲 丙" {
		t.Errorf("after undoing: %s", names())
	}
}

// tapToast taps in the news at the foot of the window.
func (k *desk) tapToast(label string) {
	k.t.Helper()
	b, ok := find(fyne.CanvasObject(k.toast), func(b *kit.Button) bool { return b.Text == label })
	if !ok {
		k.t.Fatalf("no %q in the news", label)
	}
	test.Tap(b)
	k.settle()
}

func TestEveryFindingLeadsToItsQuestion(t *testing.T) {
	k := writing(t)
	k.editor.Show(1)
	k.tap("添加一项")
	k.editor.Show(k.editor.CheckPage())
	k.settle()
	found := 0
	for i := 0; ; i++ {
		k.editor.Show(k.editor.CheckPage())
		k.settle()
		var all []*kit.Button
		find(k.win.Content(), func(b *kit.Button) bool {
			if b.Text == "去填写" {
				all = append(all, b)
			}
			return false
		})
		if i == len(all) {
			break
		}
		test.Tap(all[i])
		k.settle()
		if k.editor.Current() == k.editor.CheckPage() {
			t.Errorf("finding %d leads nowhere", i)
		}
		if k.win.Canvas().Focused() == nil {
			t.Errorf("finding %d: nothing on page %d has the keyboard", i, k.editor.Current())
		}
		found++
	}
	if found < 15 {
		t.Errorf("only %d findings of an empty form can be clicked", found)
	}
}

func TestOlderVersionsCanBeGoneBackTo(t *testing.T) {
	k := writing(t)
	k.fill("unit/unit_name", "先前的名称")
	k.editor.Save()
	k.settle()
	k.fill("unit/unit_name", "后来的名称")
	k.editor.Save()
	k.settle()
	k.tap("历史版本")
	rows := read(k.win.Canvas().Overlays().Top())
	if !slices.Contains(rows, "回到这一版") {
		t.Fatalf("no versions: %q", rows)
	}
	var takes []*kit.Button
	find(k.win.Canvas().Overlays().Top(), func(b *kit.Button) bool {
		if b.Text == "回到这一版" {
			takes = append(takes, b)
		}
		return false
	})
	for _, b := range takes {
		test.Tap(b)
		k.settle()
		if k.answer("unit/unit_name") == "先前的名称" {
			return
		}
	}
	t.Errorf("%d versions, none with the earlier name; now %q", len(takes), k.answer("unit/unit_name"))
}

// TestByKeyboardAlone fills the first page in by Tab and typing, and goes on,
// adds, undoes and asks for help by shortcuts.
func TestByKeyboardAlone(t *testing.T) {
	k := writing(t)
	canvas := k.win.Canvas()
	seen := map[forms.Path]bool{}
	order := []forms.Path{"unit/unit_name", "unit/contact_person", "unit/contact_post", "unit/contact_phone", "unit/contact_email"}
	at := 0
	for range 60 {
		canvas.FocusNext()
		focused := canvas.Focused()
		if focused == nil {
			continue
		}
		for i, p := range order {
			if within(k.field(string(p)), focused) && !seen[p] {
				seen[p] = true
				if i != at {
					t.Errorf("Tab comes to %s before %s", p, order[at])
				}
				at = i + 1
				test.Type(focused, "甲")
			}
		}
		if len(seen) == len(order) {
			break
		}
	}
	if len(seen) != len(order) {
		t.Fatalf("Tab reaches only %v", seen)
	}
	canvas.FocusNext()
	if got := k.answer("unit/contact_post"); got != "甲" {
		t.Errorf("typed %q", got)
	}
	k.key("keys.next")
	if k.editor.Current() != 1 {
		t.Fatalf("page %d after the key for the next one", k.editor.Current())
	}
	k.key("keys.add")
	if k.editor.Draft().Answers.Len("activity") != 1 || canvas.Focused() == nil {
		t.Error("the key that adds an entry: no entry, or nothing has the keyboard")
	}
	k.key("keys.undo")
	if n := k.editor.Draft().Answers.Len("activity"); n != 0 {
		t.Errorf("%d entries after undoing by key", n)
	}
	k.key("keys.check")
	if k.editor.Current() != k.editor.CheckPage() {
		t.Error("the key for checking")
	}
	k.key("keys.finding")
	if k.editor.Current() == k.editor.CheckPage() || canvas.Focused() == nil {
		t.Error("the key for the next finding")
	}
	k.key("keys.help")
	for _, key := range keys() {
		k.mustSee(key.pressed())
		k.mustSee(k.Words.T(key.text))
	}
	if k.editor != nil {
		t.Error("the draft is still open behind the help page")
	}
}

// key presses a shortcut by the key of its words.
func (k *desk) key(text string) {
	k.t.Helper()
	for _, key := range keys() {
		if key.text == text {
			entry, _ := find(k.win.Content(), func(*kit.Entry) bool { return true })
			if entry != nil { // as the driver does: whoever has the keyboard gets it first
				entry.TypedShortcut(key.shortcut())
			}
			k.keys.TypedShortcut(key.shortcut())
			k.settle()
			return
		}
	}
	k.t.Fatalf("no key for %s", text)
}

// TestEveryKeyOfTheHelpPageWorks presses each of them.
func TestEveryKeyOfTheHelpPageWorks(t *testing.T) {
	k := writing(t)
	var opened []string
	k.shell.View = func(path string) error { opened = append(opened, path); return nil }
	entries := func() int { return k.editor.Draft().Answers.Len("activity") }
	saved := func() string {
		b, err := os.ReadFile(filepath.Join(k.dir, "drafts", k.editor.Draft().ID, "draft.json"))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	worked := map[string]func() bool{
		"keys.next":     func() bool { return k.editor.Current() == 1 },
		"keys.previous": func() bool { return k.editor.Current() == 0 },
		"keys.add":      func() bool { return entries() == 1 },
		"keys.undo":     func() bool { return entries() == 0 },
		"keys.redo":     func() bool { return entries() == 1 },
		"keys.save":     func() bool { return strings.Contains(saved(), "写到一半") },
		"keys.print": func() bool {
			b := make([]byte, 2)
			if len(opened) != 1 || filepath.Ext(opened[0]) != ".docx" {
				return false
			}
			f, err := os.Open(opened[0])
			if err != nil {
				return false
			}
			_, err = io.ReadFull(f, b)
			return errors.Join(err, f.Close()) == nil && string(b) == "PK"
		},
		"keys.check":   func() bool { return k.editor.Current() == k.editor.CheckPage() },
		"keys.finding": func() bool { return k.editor.Current() == 0 && k.win.Canvas().Focused() != nil },
		"keys.back":    func() bool { return k.editor == nil && k.sees("我的草稿") },
		"keys.help":    func() bool { return k.sees("快捷键") },
	}
	for _, text := range []string{"keys.next", "keys.add", "keys.undo", "keys.redo", "keys.previous", "keys.save", "keys.print", "keys.check", "keys.finding", "keys.back", "keys.help"} {
		if text == "keys.save" {
			k.fill("unit/contact_post", "写到一半")
		}
		k.key(text)
		if !worked[text]() {
			t.Errorf("%s does nothing; %q", text, k.texts())
		}
		delete(worked, text)
	}
	for _, key := range keys() {
		delete(worked, key.text)
	}
	if len(worked) > 0 || len(keys()) != 11 {
		t.Errorf("%d keys, and not tried: %v", len(keys()), worked)
	}
}

// within reports whether a focusable lies in an object.
func within(o fyne.CanvasObject, f fyne.Focusable) bool {
	_, ok := find(o, func(x fyne.CanvasObject) bool { return fyne.CanvasObject(x) == f.(fyne.CanvasObject) })
	return ok
}

// TestDocumentIsOpenedAgain opens the document while the one before is still open, which Word on Windows lets nobody replace;
// those of another day go.
func TestDocumentIsOpenedAgain(t *testing.T) {
	k := writing(t)
	var opened []string
	k.shell.View = func(path string) error { opened = append(opened, path); return nil }
	old := filepath.Join(k.dir, "preview", "old")
	if err := os.MkdirAll(old, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(old, time.Time{}, time.Now().Add(-48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		k.editor.OpenDocument()
		k.mustSee("正在生成文件")
		k.settle()
		if k.sees("正在生成文件") {
			t.Error("the file is there, and still said to be in the making")
		}
	}
	if len(opened) != 2 || opened[0] == opened[1] || filepath.Base(opened[0]) != filepath.Base(opened[1]) {
		t.Fatalf("opened %q", opened)
	}
	if _, err := os.Stat(opened[0]); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is two days old is there still: %v", err)
	}
}
