package ui

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"baosong/forms/draft"
	"baosong/ui/kit"
)

func TestStartPageSaysWhatIsAskedAndByWhen(t *testing.T) {
	k := sit(t, t.TempDir(), local{})
	for _, text := range []string{
		"2024年吉林市“全国科技工作者日”活动方案", "吉林市科学技术协会；吉林市科学技术局", "弘扬科学家精神", "组织开展活动情况；工作成效",
		"2024-06-10", "skx303@126.com", "不是报送地址", "还没有草稿",
	} {
		k.mustSee(text)
	}
	if k.sees("424229119@qq.com") {
		t.Error("the address that is no destination stands on the card")
	}
	for now, badge := range map[string]string{
		"2024-05-30T12:00:00+08:00": "还有 11 天", "2024-06-10T12:00:00+08:00": "今天截止",
		"2024-06-11T00:00:01+08:00": "已逾期 1 天", "2024-06-20T12:00:00+08:00": "已逾期 10 天",
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		k.desk.Now = func() time.Time { return at }
		k.ShowPage(PageStart)
		k.settle()
		if !k.sees(badge) {
			t.Errorf("at %s: no %q", now, badge)
		}
	}
}

// begun begins a draft with a name in it, and goes back to the start page.
func begun(k *desk, name string) (id string) {
	k.t.Helper()
	k.tap("开始填报")
	k.fill("unit/unit_name", name)
	id = k.editor.Draft().ID
	k.tap("返回")
	return id
}

func TestDraftsAreDuplicatedArchivedDeletedAndRestored(t *testing.T) {
	k := sit(t, t.TempDir(), local{})
	begun(k, "示例一中")
	k.mustSee("示例一中")
	count := func(places ...draft.Place) int {
		t.Helper()
		list, err := k.desk.Home.Drafts.List(places...)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	k.tap("复制")
	if n := count(); n != 2 {
		t.Fatalf("%d drafts after duplicating one", n)
	}
	k.tap("归档")
	if count() != 1 || count(draft.Archived) != 1 {
		t.Error("not archived")
	}
	k.tap("删除")
	if count() != 0 || count(draft.Bin) != 1 {
		t.Error("not in the bin")
	}
	k.tap("撤销")
	if count() != 1 {
		t.Error("undoing did not bring it back")
	}
	k.tap("删除")
	unfold(k, "归档和回收站")
	k.mustSee("已归档")
	k.mustSee("已删除")
	k.tap("彻底删除")
	k.mustSee("不能再恢复")
	k.tap("彻底删除") // the button of the question
	if count(draft.Bin) != 0 {
		t.Error("the draft is still in the bin")
	}
	k.tap("恢复")
	if count() != 1 || count(draft.Archived) != 0 {
		t.Error("not brought back from the archive")
	}
}

// unfold opens a card by its title.
func unfold(k *desk, title string) {
	k.t.Helper()
	head, ok := find(k.win.Content(), func(o tappable) bool { return slices.Contains(read(o), title) })
	if !ok {
		k.t.Fatalf("no card %q", title)
	}
	test.Tap(head)
	k.settle()
}

func TestRecoveryIsOfferedAfterTheProgramWasKilled(t *testing.T) {
	dir := t.TempDir()
	k := sit(t, dir, local{})
	id := begun(k, "示例二中")
	// As a kill leaves it: saved, and never closed.
	d, err := k.desk.Home.Drafts.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Answers.Set("unit/contact_person", "王示例"); err != nil {
		t.Fatal(err)
	}
	if err := d.Save(); err != nil {
		t.Fatal(err)
	}
	k.ShowPage(PageStart)
	k.settle()
	k.mustSee("正在本程序的另一个窗口中打开")
	k.tap("打开")
	k.mustSee("正在本程序的另一个窗口中打开")
	if k.editor != nil {
		t.Fatal("a draft that is open elsewhere was opened")
	}
	k.tap("知道了")
	abandon(t, dir, d)
	k.ShowPage(PageStart)
	k.settle()
	k.mustSee("可以恢复到" + d.Modified().Local().Format("2006年1月2日 15:04"))
	k.tap("恢复")
	if k.editor == nil {
		t.Fatal("not opened")
	}
	if got := k.field("unit/contact_person").Control().(*kit.Entry).Text; got != "王示例" {
		t.Errorf("recovered %q", got)
	}
	k.tap("返回")
	if k.sees("可以恢复到") {
		t.Error("recovery is offered again after the draft was closed")
	}
}

func TestUndoAcrossRestarts(t *testing.T) {
	dir := t.TempDir()
	k := sit(t, dir, local{})
	id := begun(k, "示例三中")
	k.Open(id)
	k.settle()
	k.fill("unit/unit_name", "写错了")
	k.tap("返回")
	k.ShowPage(PageStart)
	k.settle()
	again := sit(t, dir, local{})
	again.tap("打开")
	again.tap("撤销")
	name := func() string { return again.editor.Draft().Answers.Get("unit/unit_name") }
	if name() != "示例三中" {
		t.Errorf("after undoing in a new process: %q", name())
	}
	again.tap("重做")
	if name() != "写错了" {
		t.Errorf("after redoing: %q", name())
	}
}

func TestNoticesComeInByDropping(t *testing.T) {
	k := sit(t, t.TempDir(), local{})
	k.drop(filepath.Join("..", "forms", "xlsform", "testdata", "training.xlsx"))
	k.mustSee("已导入通知")
	bad := filepath.Join(t.TempDir(), "不是表.xlsx")
	if err := os.WriteFile(bad, []byte("no workbook"), 0o600); err != nil {
		t.Fatal(err)
	}
	k.drop(bad)
	k.mustSee("“不是表.xlsx”没有读入")
	all, err := k.desk.Home.Notices()
	if err != nil || len(all) != 2 {
		t.Errorf("%d notices, %v", len(all), err)
	}
}

// abandon lets a draft go as a kill does: its lock is free, and word of its
// holder stays.
func abandon(t *testing.T, dir string, d *draft.Draft) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "drafts", "*", d.ID+".json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("word of the holder: %q, %v", files, err)
	}
	word, err := os.ReadFile(files[0])
	if err == nil {
		err = d.Close()
	}
	if err == nil {
		err = os.WriteFile(files[0], word, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
