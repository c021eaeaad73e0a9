package ui

import (
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"baosong/forms"
	"baosong/mailer/post"
	"baosong/ui/kit"
	"baosong/ui/native"
)

// TestOtherNoticesGoThroughTheWindow takes each of three notices the program
// has never seen from its workbook through the pages to messages on a stick:
// every answer of its example is typed or chosen, and is in the package.
func TestOtherNoticesGoThroughTheWindow(t *testing.T) {
	for _, name := range []string{"science-day", "training", "statistics"} {
		t.Run(name, func(t *testing.T) {
			k := sit(t, t.TempDir(), local{})
			source := filepath.Join("..", "forms", "xlsform", "testdata", name+".xlsx")
			k.drop(source)
			n := noticesOf(k)[0]
			k.mustSee(n.Title)
			k.tap("开始填报") // of the first card, which is that of the notice that came in
			if k.editor.Draft().NoticeID != n.ID {
				t.Fatalf("a draft for %s", k.editor.Draft().NoticeID)
			}
			typed := 0
			n.Form.Walk(n.Example, func(q *forms.Question, p forms.Path, v string) {
				if q.Type.Typed() && q.Calculation == "" && v != "" && k.put(n, q, p, strings.ReplaceAll(v, "{n}", "1")) {
					typed++
				}
			})
			k.show(k.editor.CheckPage())
			if k.sees("项必须处理") {
				t.Fatalf("%d answers typed, and: %q", typed, k.texts())
			}
			compareWithHandedOver(k, n, typed)
		})
	}
}

// put gives an answer through the page it is on, and reports whether it is one
// that can be compared: files have other ids.
func (k *desk) put(n *forms.Notice, q *forms.Question, p forms.Path, v string) bool {
	k.t.Helper()
	for _, entry := range p.Entries() {
		k.grow(n, q, entry)
	}
	if q.Type.Media() {
		return false
	}
	k.editor.Jump(p)
	if k.editor.Field(p) == nil { // a caption in the gallery has the keyboard now
		k.editor.Jump(p)
		focused := k.win.Canvas().Focused()
		if focused == nil {
			k.t.Fatalf("%s: neither a field nor the keyboard", p)
		}
		test.Type(focused, v)
		k.win.Canvas().Unfocus()
		return true
	}
	control := k.field(string(p)).Control()
	switch c := control.(type) {
	case *kit.MultiChoice:
		for _, o := range strings.Fields(v) {
			k.choose(c, labelIn(q, o))
		}
	case *kit.Choice:
		k.enterLabel(c, labelIn(q, v))
	default:
		k.enter(control, v)
	}
	return true
}

// grow adds an entry that is not there yet.
func (k *desk) grow(n *forms.Notice, media *forms.Question, entry forms.Path) {
	k.t.Helper()
	if k.editor.Draft().Answers.At(entry) != nil {
		return
	}
	repeat := n.Form.Lookup(entry)
	k.editor.Jump(entry.Repeat())
	if repeat.Has("gallery") {
		k.drop(photo(k.t, "示例.jpg"))
		return
	}
	add := "添加" + repeat.Label.In("zh")
	if len(entry.Repeat().Entries()) == 0 { // the heading over it says what
		add = "添加一项"
	}
	k.tap(add)
	if k.editor.Draft().Answers.At(entry) == nil {
		k.t.Fatalf("no entry %s after adding one for %s", entry, media.Name)
	}
}

func labelIn(q *forms.Question, name string) string {
	for _, o := range q.Options() {
		if o.Name == name {
			return o.Label.In("zh")
		}
	}
	return name
}

// compareWithHandedOver saves the messages in a folder, and looks into the
// package there.
func compareWithHandedOver(k *desk, n *forms.Notice, typed int) {
	t := k.t
	t.Helper()
	stick := t.TempDir()
	k.shell.Pick = func(native.Window, native.Ask) ([]string, error) { return []string{stick}, nil }
	want := k.editor.Draft().Answers.Clone()
	k.show(k.editor.SendPage())
	k.tap("拷到 U 盘")
	k.mustSee("邮件已保存到")
	k.mustSee("复制主题")
	var got *forms.Report
	err := k.desk.Verify(t.Context(), stick, func(v post.Verified) {
		if v.Err != nil {
			t.Error(v.Err)
		}
		got = v.Report
	})
	if err != nil || got == nil {
		t.Fatalf("no package on the stick: %v", err)
	}
	same := 0
	n.Form.Walk(want, func(q *forms.Question, p forms.Path, v string) {
		if !q.Type.Typed() || q.Type.Media() || v == "" || !k.editor.Asked(p) {
			return
		}
		if got.Answers.Get(p) != v {
			t.Errorf("%s: on the stick %q, entered %q", p, got.Answers.Get(p), v)
		}
		same++
	})
	if same < typed || typed < 10 {
		t.Errorf("%d answers typed, %d on the stick", typed, same)
	}
}
