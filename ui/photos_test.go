package ui

import (
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"baosong/forms"
	"baosong/forms/media"
	"baosong/forms/media/sample"
	"baosong/ui/kit"
	"baosong/ui/native"
)

// china is the zone the sample photos are taken in.
func china() *time.Location { return time.FixedZone("", 8*3600) }

func write(t testing.TB, path string, what func(io.Writer) error) string {
	t.Helper()
	f, err := os.Create(path)
	if err == nil {
		err = errors.Join(what(f), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// snap writes a sample photo taken in May 2024.
func snap(t *testing.T, dir string, index, day, hour int) string {
	t.Helper()
	return write(t, filepath.Join(dir, fmt.Sprintf("IMG_%d.jpg", 9000-index)), func(w io.Writer) error {
		return sample.Photo(w, sample.PhotoOptions{
			Index: index, Width: 640, Height: 480, Location: true, Latitude: 43.84, Longitude: 126.55,
			Taken: time.Date(2024, 5, day, hour, 12, 0, 0, china()),
		})
	})
}

// drop drops files on the window.
func (k *desk) drop(paths ...string) {
	uris := make([]fyne.URI, 0, len(paths))
	for _, p := range paths {
		uris = append(uris, storage.NewFileURI(p))
	}
	k.measure("drop", func() { k.dropped(fyne.Position{}, uris) })
	k.settle()
}

// photos is a draft open on the page of activities, with the activity names given.
func photos(t *testing.T, activities ...string) *desk {
	t.Helper()
	k := sit(t, t.TempDir(), local{})
	k.tap("开始填报")
	k.editor.Show(1)
	for i, name := range activities {
		k.tap("添加一项")
		k.fill(fmt.Sprintf("activity[%d]/activity_name", i+1), name)
	}
	return k
}

// shown returns the gallery that can be seen.
func (k *desk) shown() *kit.Gallery {
	k.t.Helper()
	g, ok := find(k.win.Content(), func(*kit.Gallery) bool { return true })
	if !ok {
		k.t.Fatal("no gallery is in sight")
	}
	return g
}

// caption brings a photo into sight by going to its caption, and returns the gallery.
func (k *desk) caption(n int) *kit.Gallery {
	k.t.Helper()
	g := k.shown()
	g.FocusCaption(g.Photos()[n-1].ID)
	k.settle()
	if k.win.Canvas().Focused() == nil {
		k.t.Fatalf("the caption of photo %d does not take the keyboard", n)
	}
	return g
}

// do taps what can be done with the first photo: a button, or a line in its menu where there is no room.
func (k *desk) do(label string) {
	k.t.Helper()
	if _, ok := find(k.win.Content(), func(b *kit.Button) bool { return b.Text == label && b.Visible() }); ok {
		k.tap(label)
		return
	}
	k.tap("更多")
	item, ok := find(k.win.Canvas().Overlays().Top(), func(o tappable) bool {
		_, has := find(fyne.CanvasObject(o), func(x *canvas.Text) bool { return x.Text == label })
		return has
	})
	if !ok {
		k.t.Fatalf("no line %q in the menu", label)
	}
	line := item
	for inner := true; inner; { // the innermost
		line, inner = find(fyne.CanvasObject(item), func(o tappable) bool {
			_, has := find(fyne.CanvasObject(o), func(x *canvas.Text) bool { return x.Text == label })
			return has && o != item
		})
		if inner {
			item = line
		}
	}
	test.Tap(item)
	k.settle()
}

func (k *desk) material(n int) forms.Material {
	k.t.Helper()
	m, ok := k.editor.Draft().Material(k.editor.Draft().Answers.Get(forms.Path(fmt.Sprintf("activity[1]/photos[%d]/photo", n))))
	if !ok {
		k.t.Fatalf("there is no photo %d", n)
	}
	return m
}

func TestDroppedFolderComesInTheOrderTakenByDay(t *testing.T) {
	k := photos(t)
	dir := t.TempDir()
	snap(t, dir, 1, 31, 9)
	snap(t, dir, 2, 30, 15)
	snap(t, dir, 3, 30, 8)
	for _, name := range []string{".DS_Store", "Thumbs.db"} {
		write(t, filepath.Join(dir, name), func(w io.Writer) error { _, err := w.Write([]byte("x")); return err })
	}
	write(t, filepath.Join(dir, "名单.txt"), func(w io.Writer) error { _, err := w.Write([]byte("甲乙丙")); return err })
	k.drop(dir)
	var got []string
	for i, p := range k.shown().Photos() {
		got = append(got, k.material(i+1).Name+" "+p.Group)
	}
	want := "IMG_8997.jpg 2024年5月30日 星期四,IMG_8998.jpg 2024年5月30日 星期四,IMG_8999.jpg 2024年5月31日 星期五"
	if strings.Join(got, ",") != want {
		t.Errorf("photos stand as %q", got)
	}
	if first := k.shown().Photos()[0]; !k.shown().Shown(first.ID) { // they stand below all questions about the activity
		t.Error("the photos that were dropped are not in sight")
	}
	k.mustSee("已添加 3 个")
	k.mustSee("1 个不是照片或视频")
	k.mustSee("2 个是系统文件")
	k.mustSee("发送时会去掉照片里的")
	k.mustSee("拍摄地点")

	k.drop(filepath.Join(dir, "IMG_8997.jpg"))
	if n := len(k.shown().Photos()); n != 3 {
		t.Errorf("a photo that is there already makes %d", n)
	}
	k.mustSee("1 个已经在里面")
}

func TestPhotosAreOfferedToTheActivityOfTheirDay(t *testing.T) {
	k := photos(t, "科普展览", "志愿服务")
	k.fill("activity[2]/start_date", "2024-5-30")
	e := k.editor
	e.Jump("activity[1]/start_date")
	k.fill("activity[1]/start_date", "2024-5-20")
	k.fill("activity[1]/end_date", "2024-5-22")
	e.Jump("activity[2]/activity_name")
	dir := t.TempDir()
	early, late, own := snap(t, dir, 1, 21, 9), snap(t, dir, 2, 22, 18), snap(t, dir, 3, 30, 8)
	k.drop(early, late, own)
	if n := e.Draft().Answers.Len("activity[2]/photos"); n != 3 {
		t.Fatalf("the unfolded activity has %d photos", n)
	}
	k.mustSee("有 2 张照片的拍摄日期与“科普展览”")
	k.tap("移过去")
	if a, b := e.Draft().Answers.Len("activity[1]/photos"), e.Draft().Answers.Len("activity[2]/photos"); a != 2 || b != 1 {
		t.Errorf("afterwards there are %d and %d", a, b)
	}
	if got := k.material(1).Name; got != filepath.Base(early) {
		t.Errorf("the first one moved is %s", got)
	}
	if k.sees("要移过去吗") {
		t.Error("what was taken up is offered still")
	}
}

func TestPhotoIsTurnedCroppedAndItsPixelsKept(t *testing.T) {
	k := photos(t)
	k.drop(snap(t, t.TempDir(), 1, 30, 9))
	k.caption(1)
	m := k.material(1)
	size := func() string { return k.shown().Photos()[0].Detail }
	if want := fmt.Sprintf(" · %d×%d · ", m.Width, m.Height); !strings.Contains(size(), want) {
		t.Fatalf("beside the photo stands %q, not %q", size(), want)
	}
	k.tap("旋转")
	if want := fmt.Sprintf(" · %d×%d · ", m.Height, m.Width); !strings.Contains(size(), want) {
		t.Errorf("once it is turned, %q, not %q", size(), want)
	}
	if m := k.material(1); m.Turn != 1 {
		t.Fatalf("turned by %d quarters", m.Turn)
	}
	k.do("裁剪")
	c, ok := k.win.Canvas().Focused().(*kit.Cropper)
	if !ok {
		t.Fatalf("the keyboard is at %T", k.win.Canvas().Focused())
	}
	c.SetFrame(kit.Frame{Left: 0.5, Top: 0, Right: 1, Bottom: 0.25})
	c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	k.settle()
	// The upper right of what is seen, turned clockwise, is the upper left of the picture.
	if got, want := k.material(1).Frame, (forms.Frame{Left: 0, Top: 0, Right: 0.25, Bottom: 0.5}); got != want {
		t.Errorf("the frame is %v, want %v", got, want)
	}
	k.mustSee("已裁剪")
	if want := fmt.Sprintf(" · %d×%d · ", m.Height/2, m.Width/4); !strings.Contains(size(), want) {
		t.Errorf("once it is cropped, %q, not %q", size(), want)
	}
	k.do("裁剪")
	c, ok = k.win.Canvas().Focused().(*kit.Cropper)
	if !ok || c.Frame() != (kit.Frame{Left: 0.5, Top: 0, Right: 1, Bottom: 0.25}) {
		t.Errorf("opened again, the frame is %v", c.Frame())
	}
	k.tap("恢复整张")
	if got := k.material(1).Frame; got != (forms.Frame{}) {
		t.Errorf("after restoring, the frame is %v", got)
	}
	k.do("发原图")
	if !k.material(1).Original {
		t.Error("the original is not asked for")
	}
	k.mustSee("原图")
}

// What was done to a photo is undone as any change is, if it was the last one.
func TestWhatIsDoneToAPhotoIsUndone(t *testing.T) {
	k := photos(t, "展览")
	k.drop(snap(t, t.TempDir(), 1, 30, 9))
	before := k.material(1)
	for _, do := range []func(){
		func() { k.caption(1); k.do("旋转") },
		func() { k.caption(1); k.do("发原图") },
		func() {
			k.caption(1)
			k.do("裁剪")
			c := k.win.Canvas().Focused().(*kit.Cropper)
			c.SetFrame(kit.Frame{Left: 0.5, Top: 0, Right: 1, Bottom: 0.25})
			c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
			k.settle()
		},
	} {
		do()
		if k.material(1) == before {
			t.Fatal("nothing was done")
		}
		k.editor.Undo()
		k.settle()
		k.mustSee("已撤销")
		if got := k.material(1); got != before {
			t.Errorf("undone, it is %+v", got)
		}
	}
	k.caption(1)
	k.do("旋转")
	k.editor.Save() // what was changed since is one step
	k.settle()
	k.fill("activity[1]/place", "示例广场")
	k.editor.Undo() // the place, which came last
	if k.material(1).Turn != 1 || k.answer("activity[1]/place") != "" {
		t.Errorf("the turn is %d, the place %q", k.material(1).Turn, k.answer("activity[1]/place"))
	}
}

func TestPhotoLargeMovedAndRemoved(t *testing.T) {
	k := photos(t, "科普展览", "志愿服务")
	dir := t.TempDir()
	k.drop(snap(t, dir, 1, 30, 9), snap(t, dir, 2, 30, 10))
	k.caption(1)
	k.do("看大图")
	v, ok := k.win.Canvas().Focused().(*kit.Viewer)
	if !ok {
		t.Fatalf("the keyboard is at %T", k.win.Canvas().Focused())
	}
	k.mustSee("第 1 张，共 2 张")
	v.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if k.win.Canvas().Overlays().Top() != nil {
		t.Error("Escape does not close the picture")
	}
	k.do("移到其他活动")
	k.tap("科普展览")
	a := k.editor.Draft().Answers
	if a.Len("activity[1]/photos") != 1 || a.Len("activity[2]/photos") != 1 {
		t.Fatalf("after moving one there are %d and %d", a.Len("activity[1]/photos"), a.Len("activity[2]/photos"))
	}
	k.caption(1)
	b, _ := find(k.shown(), func(b *kit.Button) bool { return b.Text == "删除" && b.Visible() })
	test.Tap(b)
	k.settle()
	if n := a.Len("activity[2]/photos"); n != 0 {
		t.Fatalf("after removing it there are %d", n)
	}
	if bar, ok := find(k.win.Content(), func(b *kit.Banner) bool { return strings.Contains(b.Text(), "删") }); !ok {
		t.Error("nothing offers to put it back")
	} else if b, ok := find(bar, func(b *kit.Button) bool { return b.Text == "撤销" }); ok {
		test.Tap(b)
		k.settle()
	}
	if n := a.Len("activity[2]/photos"); n != 1 {
		t.Errorf("after undoing there are %d", n)
	}
}

func TestCopiesAndPoorPhotosAreNoted(t *testing.T) {
	k := photos(t)
	dir := t.TempDir()
	first := snap(t, dir, 1, 30, 9)
	again := write(t, filepath.Join(dir, "微信图片.jpg"), func(w io.Writer) error {
		img, err := os.Open(first)
		if err != nil {
			return err
		}
		defer img.Close()
		pixels, err := jpeg.Decode(img)
		if err != nil {
			return err
		}
		return jpeg.Encode(w, pixels, &jpeg.Options{Quality: 50})
	})
	black := write(t, filepath.Join(dir, "黑.jpg"), func(w io.Writer) error {
		return jpeg.Encode(w, image.NewGray(image.Rect(0, 0, 1280, 960)), nil)
	})
	k.drop(first, again, black)
	if n := len(k.shown().Photos()); n != 3 {
		t.Fatalf("%d photos: none is left out by itself", n)
	}
	k.editor.Show(0)
	k.editor.Show(1)
	k.settle()
	notes := ""
	for _, p := range k.shown().Photos() {
		notes += p.Note + "\n"
	}
	if !strings.Contains(notes, "与第 1 张很像") || !strings.Contains(notes, "几乎全黑") {
		t.Errorf("notes are %q", notes)
	}
	k.mustSee("1 张可能重复")
}

func TestVideoTellsWhatItTakes(t *testing.T) {
	k := photos(t)
	clip := write(t, filepath.Join(t.TempDir(), "现场.mp4"), func(w io.Writer) error {
		return sample.Video(w, sample.VideoOptions{Length: 10 * time.Second})
	})
	f, err := os.OpenFile(clip, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	const padding = 26 << 20
	if _, err := f.Write([]byte{padding >> 24, padding >> 16 & 0xff, padding >> 8 & 0xff, 0, 'f', 'r', 'e', 'e'}); err != nil {
		t.Fatal(err)
	}
	st, err := f.Stat()
	if err = errors.Join(err, f.Truncate(st.Size()+padding-8), f.Close()); err != nil {
		t.Fatal(err)
	}
	k.drop(clip)
	if n := k.editor.Draft().Answers.Len("activity[1]/videos"); n != 1 {
		t.Fatalf("%d videos: %q", n, k.texts())
	}
	k.mustSee("现场.mp4")
	k.mustSee("0:10")
	k.mustSee(" · 320×240 · ")
	k.mustSee("约占 2 封邮件")
	k.tap("压缩视频")
	k.mustSee("需要 ffmpeg")
	k.mustSee("网盘链接")
	k.tap("知道了")
	k.desk.Tools = media.Tools{FFmpeg: clip} // no program, but one is found
	k.tap("压缩视频")
	k.mustSee("240p：约")
	k.tap("取消")
	if got := k.field("activity[1]/videos[1]/video_link"); got == nil {
		t.Error("there is no place for a link")
	}
}

// TestPhotosFollowTheirActivity moves an activity up while photos are being copied for it.
func TestPhotosFollowTheirActivity(t *testing.T) {
	k := photos(t, "甲", "乙")
	dir := t.TempDir()
	k.dropped(fyne.Position{}, []fyne.URI{storage.NewFileURI(snap(t, dir, 1, 12, 9)), storage.NewFileURI(snap(t, dir, 2, 12, 10))})
	k.tap("上移") // of the second activity, which is open
	a := k.editor.Draft().Answers
	for i, want := range map[int]string{1: "乙 2", 2: "甲 0"} {
		at := forms.Path("activity").Entry(i)
		if got := fmt.Sprint(a.Get(at.Child("activity_name")), " ", a.Len(at.Child("photos"))); got != want {
			t.Errorf("activity %d is %s, want %s", i, got, want)
		}
	}
}

// TestPhotosComeInWhileAChangeIsUndone undoes the last change, and makes it again, while photos are being copied.
func TestPhotosComeInWhileAChangeIsUndone(t *testing.T) {
	k := photos(t, "甲")
	k.dropped(fyne.Position{}, []fyne.URI{storage.NewFileURI(snap(t, t.TempDir(), 1, 12, 9))})
	k.editor.Undo()
	k.editor.Redo()
	k.settle()
	if n := k.editor.Draft().Answers.Len("activity[1]/photos"); n != 1 {
		t.Errorf("%d photos: %q", n, k.texts())
	}
}

// TestFilesFollowTheirEntry has a video's file chosen for an activity that is moved meanwhile.
func TestFilesFollowTheirEntry(t *testing.T) {
	k := photos(t, "甲", "乙")
	clip := write(t, filepath.Join(t.TempDir(), "现场.mp4"), func(w io.Writer) error {
		return sample.Video(w, sample.VideoOptions{Length: time.Second})
	})
	k.shell.Pick = func(native.Window, native.Ask) ([]string, error) { return []string{clip}, nil }
	k.tap("添加影像") // of the second activity, which is open
	k.press("选择文件")
	k.press("上移") // before the file has come
	k.settle()
	a := k.editor.Draft().Answers
	for i, want := range map[int]string{1: "乙 true", 2: "甲 false"} {
		at := forms.Path("activity").Entry(i)
		if got := fmt.Sprint(a.Get(at.Child("activity_name")), " ", a.Get(at.Child("videos").Entry(1).Child("video")) != ""); got != want {
			t.Errorf("activity %d is %s, want %s", i, got, want)
		}
	}
}
