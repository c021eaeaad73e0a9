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
)

// TestPlanIsMadeSmaller has a report that would be many messages, for which
// another way is named, and one whose photos are scaled until fewer hold it.
func TestPlanIsMadeSmaller(t *testing.T) {
	_, k := serving(t)
	dir := t.TempDir()
	var paths []string
	for i := range 2 {
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
	limit := func(bytes int64) {
		t.Helper()
		a := k.net.server.Account(unitAddress)
		a.Name, a.Limit = unitAddress, bytes
		if err := k.desk.SaveAccount(a, ""); err != nil {
			t.Fatal(err)
		}
		k.show(k.editor.SendPage())
	}
	limit(110 << 10)
	k.mustSee("超过 12 封。建议拷到 U 盘报送，或把视频改成网盘链接")
	k.mustSee("拷到 U 盘…")
	limit(900 << 10)
	k.mustSee("共 3 封邮件")
	k.tap("缩小图片，减到 2 封")
	k.mustSee("图片长边缩到")
	k.mustSee("共 2 封邮件")
	sendAgain(k)
	jobs, err := k.desk.Home.Outbox.List()
	if err != nil || len(jobs) != 1 || len(jobs[0].Parts) > 2 {
		t.Errorf("sent as %+v, %v", jobs, err)
	}
}
