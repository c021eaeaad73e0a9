package ui

import (
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/forms"
	"baosong/forms/media"
	"baosong/forms/media/sample"
	"baosong/forms/submit"
	"baosong/ui/kit"
)

// TestMain lets the test program be its own decoder of HEIC and AVIF.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == media.DecodeCommand {
		if err := media.ServeDecoder(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// equip gives the program what the real one finds on a computer; without ffmpeg, that is left out.
func (k *desk) equip() {
	k.t.Helper()
	self, err := os.Executable()
	if err != nil {
		k.t.Fatal(err)
	}
	k.desk.Tools = media.Tools{Decoder: media.NewDecoder(self, media.DecodeCommand), FFmpeg: media.FindFFmpeg(), Room: media.NewRoom(256 << 20)}
	k.t.Cleanup(func() { _ = k.desk.Tools.Decoder.Close() })
}

// pictures waits until each photo of the gallery shows a picture or that it cannot be read, and returns them in order, nil
// for the latter.
func (k *desk) pictures() []image.Image {
	k.t.Helper()
	g := k.shown()
	for {
		g.SetWindow(0, 1e6) // all of it is in sight
		var out []image.Image
		for _, cell := range test.WidgetRenderer(g).Objects() {
			img, shows := find(cell, func(i *canvas.Image) bool { return i.Image != nil && i.Resource == nil }) // no icon
			if shows {
				out = append(out, img.Image)
			} else if slices.Contains(read(cell), k.Words.T("unit.broken")) {
				out = append(out, nil)
			}
		}
		if len(out) == len(g.Photos()) {
			return out
		}
		(<-k.q)()
	}
}

func endsIn(name string, endings string) bool {
	ext := strings.TrimPrefix(filepath.Ext(name), ".")
	return slices.Contains(strings.Fields(endings), ext)
}

// TestEveryKindOfFileIsShownAndPacked drops one of each kind that phones, cameras and chats give, and what lies beside them.
func TestEveryKindOfFileIsShownAndPacked(t *testing.T) {
	k := photos(t, "科普展览")
	k.equip()
	all, err := filepath.Glob("../forms/media/testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	var files, photos, videos []string
	for _, f := range all {
		name := filepath.Base(f)
		switch {
		case strings.HasPrefix(name, "grid-") && name != "grid-rot1-mir1.heic": // media turns them all
			continue
		case name == "cmyk.tif", name == "slim.heic": // no program that people have shows the one, no decoder the other
			files = append(files, f)
			continue
		case endsIn(name, "jpg png heic webp avif gif bmp tif"):
			photos = append(photos, name)
		case endsIn(name, "mp4 mov m4v 3gp avi mkv wmv"):
			videos = append(videos, name)
		default:
			continue
		}
		files = append(files, f)
	}
	if len(photos) < 24 || len(videos) < 9 {
		t.Fatalf("samples of %d photos and %d videos", len(photos), len(videos))
	}
	beside := t.TempDir()
	for _, name := range []string{"o1.AAE", "._o1.jpg", "Thumbs.db", ".DS_Store"} {
		files = append(files, write(t, filepath.Join(beside, name), func(w io.Writer) error { _, err := w.Write([]byte("x")); return err }))
	}
	k.drop(files...)
	k.mustSee(fmt.Sprintf("已添加 %d 个", len(photos)+len(videos)))
	k.mustSee("2 个没能添加")
	k.mustSee("cmyk.tif") // says which
	k.mustSee("slim.heic")
	k.mustSee("4 个是系统文件或实况照片的短片等，已略过")
	k.mustSee("发送时会去掉照片里的拍摄地点、机主姓名、设备序号、内嵌小图、")
	k.mustSee("发送时会去掉拍摄地点、编辑信息") // beside a video

	corner := map[string]uint32{}
	var there []string
	for i, img := range k.pictures() {
		m := k.material(i + 1)
		there = append(there, m.Name)
		if img == nil {
			t.Errorf("%s cannot be read", m.Name)
			continue
		}
		b := img.Bounds()
		if got, want := float64(b.Dx())/float64(b.Dy()), float64(m.Width)/float64(m.Height); math.Abs(got/want-1) > 0.05 {
			t.Errorf("%s is shown %d×%d, a picture of %d×%d", m.Name, b.Dx(), b.Dy(), m.Width, m.Height)
		}
		corner[m.Name], _, _, _ = img.At(b.Min.X+b.Dx()/8, b.Min.Y+b.Dy()/8).RGBA()
	}
	slices.Sort(there)
	if !slices.Equal(there, photos) {
		t.Errorf("in the gallery stand %q, dropped were %q", there, photos)
	}
	for i := 2; i <= 8; i++ {
		if name := fmt.Sprintf("o%d.jpg", i); max(corner[name], corner["o1.jpg"])-min(corner[name], corner["o1.jpg"]) > 0x1800 {
			t.Errorf("%s does not stand upright: %x at the upper left, where o1.jpg has %x", name, corner[name], corner["o1.jpg"])
		}
	}
	packed(k, photos, videos)
}

// TestWrongEndingsAreNoted drops files whose names end as other kinds do.
func TestWrongEndingsAreNoted(t *testing.T) {
	k := photos(t, "科普展览")
	k.equip()
	dir := t.TempDir()
	for name, file := range map[string]string{"截图.jpg": "screenshot.png", "好.jpg": "o1.jpg", "录像.avi": "phone.mp4"} {
		data, err := os.ReadFile(filepath.Join("../forms/media/testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), func(w io.Writer) error { _, err := w.Write(data); return err })
	}
	k.drop(dir)
	k.mustSee("有 1 张照片名称的后缀与内容不符")
	k.mustSee("内容是 MP4；发送时按内容改正后缀")
}

// packed packs what is there and checks that all of it arrives, photos in a format that anybody can open.
func packed(k *desk, photos, videos []string) {
	t, dr, n := k.t, k.editor.Draft(), k.notice()
	t.Helper()
	res, err := submit.Build(t.Context(), submit.Input{
		Notice: n, Answers: forms.NewChecker(n, dr.Answers.Clone(), k.desk.Env(dr, n.Form.Default)).Relevant(),
		Materials: dr.Materials(), Open: dr.OpenMaterial, Ref: submit.NewRef(), Created: time.Now(), Program: "test",
	}, t.TempDir(), submit.Options{Tools: k.desk.Tools}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := submit.Read(t.Context(), res.Packages[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range p.Report.Materials {
		got = append(got, m.Name)
		if slices.Contains(photos, m.Name) && !endsIn(m.File, "jpg png gif") {
			t.Errorf("%s is sent as %s", m.Name, m.File)
		}
	}
	slices.Sort(got)
	want := slices.Concat(photos, videos)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("packed is %q, want %q", got, want)
	}
}

// film is a video that is much larger than it need be, dropped on an activity.
func film(t *testing.T) *desk {
	t.Helper()
	k := photos(t, "科普展览")
	k.equip()
	k.drop(padded(t, 4<<20))
	return k
}

// padded makes a video of ten seconds with so many bytes that nobody plays.
func padded(t *testing.T, padding int) string {
	t.Helper()
	return write(t, filepath.Join(t.TempDir(), "现场.mp4"), func(w io.Writer) error {
		head := []byte{byte(padding >> 24), byte(padding >> 16), byte(padding >> 8), byte(padding), 'f', 'r', 'e', 'e'}
		err := sample.Video(w, sample.VideoOptions{Length: 10 * time.Second})
		_, bad := w.Write(append(head, make([]byte, padding-len(head))...))
		return errors.Join(err, bad)
	})
}

func (k *desk) clip() forms.Material {
	k.t.Helper()
	m, ok := k.editor.Draft().Material(k.editor.Draft().Answers.Get("activity[1]/videos[1]/video"))
	if !ok {
		k.t.Fatalf("no video is there: %q", k.texts())
	}
	return m
}

// pressOffer asks for a smaller video, and begins with the first offer.
func (k *desk) pressOffer() {
	k.t.Helper()
	k.tap("压缩视频")
	k.mustSee("压缩后画面略有损失")
	top := k.win.Canvas().Overlays().Top()
	offer, ok := find(top, func(b *kit.Button) bool { return strings.HasPrefix(b.Text, "240p：约 ") })
	if !ok || !strings.Contains(offer.Text, "1 封邮件") || !strings.Contains(offer.Text, "需 0:0") {
		k.t.Fatalf("offered is %q", read(top))
	}
	test.Tap(offer)
}

func TestVideoIsMadeSmaller(t *testing.T) {
	k := film(t)
	before := k.clip()
	if !k.desk.Tools.CanCompress() {
		k.tap("压缩视频")
		k.mustSee("需要 ffmpeg")
		k.mustSee("网盘链接")
		return
	}
	k.pressOffer()
	k.mustSee("正在压缩")
	k.press("取消")
	k.settle()
	k.mustSee("没有压缩，仍用原来的视频")
	if got := k.clip(); got.ID != before.ID {
		t.Errorf("after giving up, the video is %s", got.Name)
	}
	if k.sees("正在压缩") {
		t.Error("what was given up looks as if it went on")
	}

	k.pressOffer()
	k.await(" / 0:10") // how far it is
	k.settle()
	after := k.clip()
	if after.ID == before.ID || after.Size > before.Size/2 || math.Abs(after.Duration-10) > 0.3 || after.Name != "现场-240p.mp4" {
		t.Errorf("the smaller video is %+v, the larger one was %+v", after, before)
	}
	k.mustSee("已从 " + k.Words.Size(before.Size) + " 压缩到 " + k.Words.Size(after.Size))
	k.mustSee("现场-240p.mp4")
	bar, ok := find(k.win.Content(), func(b *kit.Banner) bool { return strings.Contains(b.Text(), "压缩到") })
	if !ok {
		t.Fatal("nothing offers to take the larger one back")
	}
	undo, _ := find(bar, func(b *kit.Button) bool { return b.Text == "撤销" })
	test.Tap(undo)
	k.settle()
	if got := k.clip(); got.ID != before.ID {
		t.Errorf("after undoing, the video is %s", got.Name)
	}
}

// card is the video on the page, and whether it shows a frame or the drawn film.
func (k *desk) card() (card *kit.VideoCard, frame image.Image, film bool) {
	k.t.Helper()
	card, ok := find(k.win.Content(), func(*kit.VideoCard) bool { return true })
	if !ok {
		k.t.Fatalf("no video is in sight, but %q", k.texts())
	}
	if img, ok := find(fyne.CanvasObject(card), func(i *canvas.Image) bool { return i.Image != nil && i.Resource == nil && i.Visible() }); ok {
		frame = img.Image
	}
	_, film = find(fyne.CanvasObject(card), func(i *widget.Icon) bool { return i.Resource == theme.MediaVideoIcon() && i.Visible() })
	return card, frame, film
}

func TestVideoShowsAFrameWhereThereIsFFmpeg(t *testing.T) {
	k := film(t)
	if k.desk.Tools.CanCompress() {
		_, frame, film := k.card()
		if frame == nil || film {
			t.Fatalf("a frame: %v; the film in place of it: %v", frame != nil, film)
		}
		if b := frame.Bounds(); b.Dx()*3 != b.Dy()*4 {
			t.Errorf("the frame of a video of 320×240 is %v", b)
		}
	}

	without := photos(t, "科普展览")
	without.drop(padded(t, 1<<10))
	card, frame, film := without.card()
	if frame != nil || !film {
		t.Errorf("without ffmpeg, a frame: %v; the film: %v", frame != nil, film)
	}
	if text := strings.Join(read(card), " "); !strings.Contains(text, "现场.mp4") || !strings.Contains(text, "0:10") {
		t.Errorf("the card without a frame tells %q", text)
	}
}
