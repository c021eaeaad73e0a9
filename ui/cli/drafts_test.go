package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"baosong/forms/draft"
	"baosong/forms/media/sample"
)

// smallNotice imports a notice that asks for the unit and photos alone.
func smallNotice(t *testing.T, home string) (id string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"survey.csv": "type,name,label,required,appearance\ntext,unit_name,单位名称,yes,\n" +
			"begin repeat,photos,图片,,gallery\nimage,photo,图片,yes,\nend repeat,,,,\n",
		"notice.csv": "key,value\nid,shili\ntitle,示例通知\nreport_to.department,示例部\n" +
			"report_to.email,office@organizer.example\nrole.unit,unit_name\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	must(t, home, "notice", "import", dir)
	return "shili"
}

func photoFile(t *testing.T, index int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "照片.jpg")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	err = sample.Photo(f, sample.PhotoOptions{Index: index, Width: 320, Height: 240})
	if cerr := f.Close(); err != nil || cerr != nil {
		t.Fatal(err, cerr)
	}
	return path
}

func filledDraft(t *testing.T, home string) (id string) {
	t.Helper()
	id = strings.TrimSpace(must(t, home, "draft", "new", smallNotice(t, home)))
	must(t, home, "draft", "set", id, "unit_name=示例县科协")
	must(t, home, "draft", "attach", id, "photos/photo", photoFile(t, 1), photoFile(t, 2))
	must(t, home, "draft", "check", id)
	return id
}

func decoded[T any](t *testing.T, stdout string) (v T) {
	t.Helper()
	decode(t, stdout, &v)
	return v
}

func listed(t *testing.T, home string, flags ...string) []draftRow {
	t.Helper()
	return decoded[[]draftRow](t, must(t, home, append([]string{"--json", "draft", "list"}, flags...)...))
}

// A submitted report is corrected: the next revision starts from its answers,
// and takes its place in the organizer's ledger.
func TestCorrectionSupersedes(t *testing.T) {
	home, organizer := t.TempDir(), t.TempDir()
	id := filledDraft(t, home)
	mails := filepath.Join(t.TempDir(), "邮件")
	send := func(id, name string) {
		must(t, home, "send", id, "--eml", filepath.Join(mails, name), "--from", "unit@unit.example")
	}
	if err := os.Mkdir(mails, 0o700); err != nil {
		t.Fatal(err)
	}
	send(id, "一")
	code, _, stderr := run(t, home, "", "draft", "set", id, "unit_name=改动")
	if code != Failed || !strings.Contains(stderr, "已经报送") {
		t.Errorf("changing what was submitted: exit %d, %s", code, stderr)
	}
	next := decoded[struct{ ID string }](t, must(t, home, "--json", "draft", "correct", id)).ID
	if code, _, stderr := run(t, home, "", "draft", "correct", id); code != Failed || !strings.Contains(stderr, next) {
		t.Errorf("a second correction: exit %d, %s", code, stderr)
	}
	if shown := must(t, home, "draft", "show", next); !strings.Contains(shown, "unit_name=示例县科协") || strings.Count(shown, "照片.jpg") != 2 {
		t.Errorf("the correction begins with\n%s", shown)
	}
	must(t, home, "draft", "set", next, "unit_name=示例县科协（更正）")
	send(next, "二")

	notice := t.TempDir()
	must(t, home, "notice", "export", "shili", "--out", filepath.Join(notice, "n.xlsx"))
	must(t, organizer, "notice", "import", filepath.Join(notice, "n.xlsx"))
	must(t, organizer, "collect", filepath.Join(mails, "二"), filepath.Join(mails, "一")) // the older one comes later
	rows := decoded[[]submissionRow](t, must(t, organizer, "--json", "ledger", "list"))
	superseded := map[int]bool{}
	for _, r := range rows {
		superseded[r.Revision] = r.Superseded
	}
	if len(rows) != 2 || rows[0].ID != rows[1].ID || !superseded[1] || superseded[2] {
		t.Errorf("ledger: %+v", rows)
	}
}

func TestDraftsGoToTheBinAndBack(t *testing.T) {
	home := t.TempDir()
	id := filledDraft(t, home)
	must(t, home, "draft", "duplicate", id)
	if rows := listed(t, home); len(rows) != 2 || rows[0].Unit != rows[1].Unit || rows[0].Size != rows[1].Size || rows[0].Size == 0 {
		t.Errorf("duplicated: %+v", rows)
	}
	must(t, home, "draft", "archive", id)
	must(t, home, "draft", "delete", id)
	if bin, live := listed(t, home, "--bin"), listed(t, home); len(bin) != 1 || bin[0].ID != id || bin[0].Deleted == nil || len(live) != 1 {
		t.Errorf("in the bin %+v, and still there %+v", bin, live)
	}
	must(t, home, "draft", "restore", id)
	must(t, home, "draft", "check", id)
	must(t, home, "draft", "delete", id)
	must(t, home, "draft", "empty-bin")
	must(t, home, "draft", "delete", "--forever", listed(t, home)[0].ID)
	if all := append(listed(t, home), listed(t, home, "--bin")...); len(all) != 0 {
		t.Errorf("left: %+v", all)
	}
}

func TestUndoAndVersionsByCommands(t *testing.T) {
	home := t.TempDir()
	id := filledDraft(t, home)
	must(t, home, "draft", "set", id, "unit_name=另一个")
	unit := func(want string) {
		t.Helper()
		if shown := must(t, home, "draft", "show", id); !strings.Contains(shown, "unit_name="+want+"\n") {
			t.Errorf("not %s:\n%s", want, shown)
		}
	}
	must(t, home, "draft", "undo", id)
	unit("示例县科协")
	must(t, home, "draft", "redo", id)
	unit("另一个")
	versions := decoded[[]struct{ N int }](t, must(t, home, "--json", "draft", "versions", id))
	must(t, home, "draft", "revert", id, "1") // what the undo had brought back
	unit("示例县科协")
	if code, _, _ := run(t, home, "", "draft", "revert", id, "99"); code != Usage || len(versions) < 4 {
		t.Errorf("a version that is not there: exit %d of %d", code, len(versions))
	}
}

// Another program has the draft open, or had when it ended without closing it.
func TestDraftHeldOrLeftBehind(t *testing.T) {
	home := t.TempDir()
	id := filledDraft(t, home)
	s, err := draft.Open(filepath.Join(home, "drafts"), probe)
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Load(id)
	if err != nil {
		t.Fatal(err)
	}
	since := time.Now().Format("2006年1月2日 15:04")
	want := "正在本程序的另一个窗口中打开，从" + since[:len("2006年1月2日")]
	for _, args := range [][]string{{"show", id}, {"delete", id}, {"archive", id}} {
		code, _, stderr := run(t, home, "", append([]string{"draft"}, args...)...)
		if code != Failed || !strings.Contains(stderr, want) {
			t.Errorf("%v: exit %d, %s; want %s", args, code, stderr, want)
		}
	}
	if rows := listed(t, home); !strings.Contains(rows[0].Held, want) || rows[0].Recovery != "" {
		t.Errorf("listed as %+v", rows[0])
	}
	// What a killed program leaves is its word of holding the draft.
	holder := filepath.Join(home, "drafts", "locks", id+".json")
	b, err := os.ReadFile(holder)
	if err != nil || d.Close() != nil || os.WriteFile(holder, b, 0o600) != nil {
		t.Fatal(err)
	}
	offer := "可以恢复到" + d.Modified().Format("2006年1月2日 15:04") + "的内容"
	if rows := listed(t, home); !strings.Contains(rows[0].Recovery, offer) || rows[0].Held != "" {
		t.Errorf("listed as %+v, want %s", rows[0], offer)
	}
	_, _, stderr := run(t, home, "", "draft", "show", id)
	if !strings.Contains(stderr, offer) {
		t.Errorf("opened with %q, want %s", stderr, offer)
	}
	if rows := listed(t, home); rows[0].Recovery != "" {
		t.Errorf("offered once more: %+v", rows[0])
	}
}

func TestLostMaterialIsAFinding(t *testing.T) {
	home := t.TempDir()
	id := filledDraft(t, home)
	files, err := filepath.Glob(filepath.Join(home, "drafts", id, "materials", "*"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files[1], []byte("改了"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "包")
	for _, args := range [][]string{{"draft", "check", id}, {"pack", id, "--out", out}, {"send", id, "--eml", out, "--from", "unit@unit.example"}} {
		for lang, want := range map[string][]string{
			"zh": {"图片 1", "图片 2", "找不到文件“照片.jpg”", "与添加时不一样"},
			"en": {"is gone", "no longer what was added"},
		} {
			code, stdout, stderr := run(t, home, "", append([]string{"--lang", lang}, args...)...)
			for _, text := range want {
				if code != Invalid || !strings.Contains(stdout, text) {
					t.Errorf("%s: exit %d, %s is not in\n%s%s", args[0], code, text, stdout, stderr)
				}
			}
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("something was packed")
	}
}

// The person is told what is not sent, what is left out and what was named wrongly, when files are attached and again when
// they are packed.
func TestWhatIsNotSentIsTold(t *testing.T) {
	home, from := t.TempDir(), t.TempDir()
	id := strings.TrimSpace(must(t, home, "draft", "new", smallNotice(t, home)))
	must(t, home, "draft", "set", id, "unit_name=示例县科协")
	for name, file := range map[string]string{"1.jpg": "o1.jpg", "2.jpg": "screenshot.png", "4.tif": "cmyk.tif", "5.tif": "cmyk.tif", "3.webp": "photo.webp", "._1.jpg": "o1.jpg", "Thumbs.db": "o1.jpg"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "forms", "media", "testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(from, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, _, stderr := run(t, home, "", "draft", "attach", id, "photos/photo", from)
	for _, want := range []string{
		"2 个是系统文件或实况照片的短片等，已略过", "1.jpg → photos[1]/photo", "2.jpg → photos[2]/photo", "3.webp → photos[3]/photo",
		"内容是 PNG", "发送时会去掉拍摄地点、", "不支持“4.tif”", "不支持“5.tif”",
	} {
		if code == Done || !strings.Contains(stderr, want) {
			t.Errorf("attach: exit %d, %s is not in\n%s", code, want, stderr)
		}
	}
	out := must(t, home, "pack", id, "--out", filepath.Join(from, "包"))
	if !strings.Contains(out, "已从 3 个文件里去掉：") || !strings.Contains(out, "拍摄地点") || !strings.Contains(out, "设备序号") {
		t.Errorf("pack says\n%s", out)
	}
	packed := decoded[struct {
		Materials []struct {
			Name, File string
			Removed    []string
		}
	}](t, must(t, home, "--json", "pack", id, "--out", filepath.Join(from, "又一包"))).Materials
	if len(packed) != 3 || filepath.Ext(packed[1].File) != ".png" || !slices.Contains(packed[1].Removed, "location") {
		t.Errorf("pack tells %+v", packed)
	}
}
