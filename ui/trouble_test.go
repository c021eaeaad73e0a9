package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"baosong/assets"
	"baosong/ui/kit"
	"baosong/ui/look"
	"baosong/ui/say"
)

// With settings that cannot be read the window opens, says so, and offers to begin afresh; nothing else is lost.
func TestDamagedSettingsAreSaidAndSetAside(t *testing.T) {
	dir := t.TempDir()
	damaged := filepath.Join(dir, "settings.json")
	if err := os.WriteFile(damaged, []byte(`{"accounts":[{"na`), 0o600); err != nil {
		t.Fatal(err)
	}
	k := sit(t, dir, local{})
	k.mustSee("设置文件已损坏")
	k.tap("知道了")
	k.ShowPage(PageAccounts)
	k.settle()
	k.mustSee("设置文件已损坏")
	k.tap("重新设置")
	k.mustSee("已恢复默认设置")
	if kept, err := os.ReadFile(damaged + ".bad"); err != nil || !strings.HasPrefix(string(kept), `{"accounts"`) {
		t.Errorf("the damaged file: %q, %v", kept, err)
	}
	k.ShowPage(PageAccounts)
	k.settle()
	if k.sees("设置文件已损坏") {
		t.Errorf("still damaged: %q", k.texts())
	}
}

// Settings that another program keeps to itself hinder nobody from filling in.
func TestSettingsThatCannotBeOpenedHinderNobody(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "settings.json"), 0o700); err != nil { // as unreadable for root as for others
		t.Fatal(err)
	}
	k := sit(t, dir, local{})
	k.mustSee("知道了")
	if k.sees("重新设置") {
		t.Error("what is not damaged is to be set aside")
	}
	k.tap("知道了")
	k.tap("开始填报")
	if k.editor == nil {
		t.Error("no draft can be begun")
	}
}

// Who started the program by a click is told in a window why it cannot begin.
func TestFailureToBeginIsSaid(t *testing.T) {
	words, err := say.Load(assets.Screen(), "zh")
	if err != nil {
		t.Fatal(err)
	}
	app := test.NewTempApp(t)
	app.Settings().SetTheme(look.New(look.Faces{}, look.ModeLight, 100))
	win := app.NewWindow("")
	closed := false
	win.SetOnClosed(func() { closed = true })
	ShowFailure(win, words, errors.Join(&fs.PathError{Op: "mkdir", Path: "/data/baosong", Err: fs.ErrPermission}))
	texts := strings.Join(read(win.Content()), "\n")
	for _, want := range []string{"打不开", "没有权限读写“baosong”"} {
		if !strings.Contains(texts, want) {
			t.Errorf("%q does not say %q", texts, want)
		}
	}
	ok, _ := find(win.Content(), func(b *kit.Button) bool { return b.Text == words.T("window.close") })
	test.Tap(ok)
	if !closed {
		t.Error("not closed")
	}
}

// The remedy for an account without its code leads to where the code is typed.
func TestAccountsOfADraftAskForTheCode(t *testing.T) {
	_, k := serving(t)
	k.accounts(func() {})
	k.settle()
	if !slices.Contains(read(k.win.Content()), unitAddress) {
		t.Fatal("the account is not in the form")
	}
	entry, ok := k.win.Canvas().Focused().(*kit.Entry)
	if !ok || !entry.Password {
		t.Errorf("the keyboard is at %T", k.win.Canvas().Focused())
	}
}

// Where the system has no program for a file, the person is told where the file is.
func TestWhatCannotBeShownIsSaidToBeWhere(t *testing.T) {
	k := writing(t)
	k.shell.View = func(path string) error { return fs.ErrNotExist }
	k.editor.OpenDocument()
	k.settle()
	k.mustSee("请自己到这里打开：" + k.dir)
}

// A small window at the largest size of text holds every page: it does not grow beyond the screen, and nobody has to
// scroll aside.
func TestEveryPageFitsASmallWindow(t *testing.T) {
	for _, lang := range say.Languages {
		_, k := serving(t)
		words, err := say.Load(assets.Screen(), lang)
		if err != nil {
			t.Fatal(err)
		}
		*k.Words = *words
		k.editor.Show(1)
		k.editor.AddEntry()
		k.drop(snap(t, t.TempDir(), 1, 12, 9))
		fits := func(page string) {
			k.settle()
			k.fits(lang + ": " + page)
		}
		id := k.editor.Draft().ID
		k.leave()
		k.settle()
		for _, name := range []string{PageStart, PageCollect, PageAccounts, PageSettings, PageHelp} {
			k.ShowPage(name)
			fits(name)
		}
		k.Open(id)
		k.settle()
		for i := range k.editor.SendPage() + 1 {
			k.editor.Show(i)
			fits(fmt.Sprint("page ", i))
		}
	}
}

// fits looks at what is shown in a small window, in text as large as there is, and in a usual one.
func (k *desk) fits(what string) {
	k.t.Helper()
	for scale, size := range map[int]fyne.Size{125: fyne.NewSize(1024, 700), 200: fyne.NewSize(800, 600)} {
		fyne.CurrentApp().Settings().SetTheme(look.New(look.Faces{}, look.ModeLight, scale))
		for range 2 { // texts know their height only once they know their width
			k.win.Resize(size.AddWidthHeight(0, 1))
			k.win.Resize(size)
			k.settle()
		}
		if least := k.win.Content().MinSize(); least.Width > size.Width || least.Height > size.Height {
			k.t.Errorf("%s at %d %% takes %.0f×%.0f", what, scale, least.Width, least.Height)
		}
		find(k.win.Content(), func(p *kit.Page) bool {
			if least, room := p.Scroll().Content.MinSize().Width, p.Scroll().Size().Width; least > room {
				k.t.Errorf("%s at %d %% scrolls aside: %.0f in %.0f", what, scale, least, room)
			}
			return false
		})
	}
}
