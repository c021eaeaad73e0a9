package ui

import (
	"fmt"
	"io"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"baosong/forms"
	"baosong/forms/media/sample"
	"baosong/ui/native"
)

// TestManyMessagesHaveAnotherWay has a report that would be more messages than anybody likes.
func TestManyMessagesHaveAnotherWay(t *testing.T) {
	_, k := serving(t)
	scan := write(t, filepath.Join(t.TempDir(), "扫描件.pdf"), func(w io.Writer) error {
		_, err := w.Write(append([]byte("%PDF-1.4\n"), make([]byte, 2_000_000)...))
		return err
	})
	k.shell.Pick = func(native.Window, native.Ask) ([]string, error) { return []string{scan}, nil }
	k.show(3)
	k.tap("选择文件")
	limited(k, 110<<10)
	k.mustSee("超过 12 封。建议拷到 U 盘报送，或把视频改成网盘链接")
	k.mustSee("拷到 U 盘…")
}

// TestPlanIsMadeSmaller has photos scaled until fewer messages hold them: as many go out as were planned, with photos
// of the size that was said.
func TestPlanIsMadeSmaller(t *testing.T) {
	_, k := serving(t)
	withPhotos(k, 2)
	limited(k, 900<<10)
	k.mustSee("共 2 封邮件")
	k.tap("缩小图片，减到 1 封")
	k.mustSee("共 1 封邮件")
	said := 0
	for _, edge := range []int{2048, 1600, 1280, 1024} {
		if k.sees(fmt.Sprintf("图片长边缩到 %d 像素", edge)) {
			said = edge
		}
	}
	if said == 0 {
		t.Errorf("the size of the photos is not said: %q", k.texts())
	}
	sendAgain(k)
	if jobs, err := k.desk.Home.Outbox.List(); err != nil || len(jobs) != 1 || len(jobs[0].Parts) != 1 {
		t.Errorf("sent as %+v, %v", jobs, err)
	}
	got := collected(k, "organizer")
	if len(got.Materials) != 2 {
		t.Errorf("%d photos arrived", len(got.Materials))
	}
	for _, m := range got.Materials {
		if m.Width != said || m.Height != said*3/4 {
			t.Errorf("%s arrived as %d × %d, want a long edge of %d", m.File, m.Width, m.Height, said)
		}
	}
}

// withPhotos adds photos with their captions to the first activity.
func withPhotos(k *desk, count int) {
	t := k.t
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i := range count {
		paths = append(paths, write(t, filepath.Join(dir, fmt.Sprintf("照片%d.jpg", i+1)), func(w io.Writer) error {
			return sample.Photo(w, sample.PhotoOptions{Index: i + 1, Width: 2400, Height: 1800, Taken: time.Date(2024, 5, 30, 9, i, 0, 0, china())})
		}))
	}
	k.show(1)
	k.drop(paths...)
	for i := range paths {
		p := forms.Path(fmt.Sprintf("activity[1]/photos[%d]/photo_caption", i+1))
		k.editor.Jump(p)
		k.editor.Jump(p)
		focused := k.win.Canvas().Focused()
		if focused == nil {
			t.Fatal("the caption does not take the keyboard")
		}
		test.Type(focused, "5月30日，示例县科技馆，代表发言")
		k.win.Canvas().Unfocus()
	}
}

// limited bounds what a message of the account may carry, in raw bytes, and goes to the page that sends.
func limited(k *desk, bytes int64) {
	k.t.Helper()
	a := k.net.server.Account(unitAddress)
	a.Name, a.Limit = unitAddress, bytes
	if err := k.desk.SaveAccount(a, ""); err != nil {
		k.t.Fatal(err)
	}
	k.show(k.editor.SendPage())
}
