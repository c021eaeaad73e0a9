//go:build screenshots

package ui

import (
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/forms/media/sample"
	"baosong/ui/kit"
	"baosong/ui/look"
)

// TestScreenshots draws every page from one sample draft, in each size, colour and scale, into the folder that
// SCREENSHOTS names. `make screenshots` runs it.
func TestScreenshots(t *testing.T) {
	out := os.Getenv("SCREENSHOTS")
	if out == "" {
		t.Fatal("SCREENSHOTS names no folder")
	}
	server, err := serve("code-1", unitAddress, "skx303@126.com")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	home := t.TempDir()
	var drawn, whole, sent string
	t.Run("sample", func(t *testing.T) {
		k := sit(t, home, local{server: server})
		sent = sampleDraft(k, 1)
		k.Open(sent)
		k.settle()
		k.editor.Show(k.editor.SendPage())
		k.settle()
		setUpAccount(k)
		send(k)
		drawn, whole = sampleDraft(k, 9), sampleDraft(k, 1)
		k.leave()
	})
	faces, err := look.SystemFaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []fyne.Size{fyne.NewSize(1024, 700), fyne.NewSize(1440, 900)} {
		for name, mode := range map[string]look.Mode{"light": look.ModeLight, "dark": look.ModeDark} {
			for _, scale := range []int{100, 150} {
				variant := fmt.Sprintf("%.0fx%.0f-%s-%d", size.Width, size.Height, name, scale)
				t.Run(variant, func(t *testing.T) {
					k := sit(t, home, local{server: server})
					k.equip()
					fyne.CurrentApp().Settings().SetTheme(look.New(faces, mode, scale))
					k.win.Resize(size)
					s := &shots{desk: k, dir: filepath.Join(out, variant), size: size}
					s.pages(drawn, whole, sent)
				})
			}
		}
	}
}

// shots draws pages into files.
type shots struct {
	*desk
	dir  string
	size fyne.Size
	n    int
}

func (s *shots) take(name string) {
	s.t.Helper()
	s.settle()
	for range 3 { // texts know their height only once they know their width
		s.win.Resize(s.size.AddWidthHeight(0, 1))
		s.win.Resize(s.size)
		s.settle()
		time.Sleep(200 * time.Millisecond) // what reads pictures tells nobody when it is done
	}
	s.settle()
	s.n++
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		s.t.Fatal(err)
	}
	write(s.t, filepath.Join(s.dir, fmt.Sprintf("%02d-%s.png", s.n, name)), func(w io.Writer) error {
		return png.Encode(w, s.win.Canvas().Capture())
	})
}

func (s *shots) pages(drawn, whole, sent string) {
	for _, page := range []string{PageStart, PageAccounts, PageSettings, PageHelp, PageCollect} {
		s.ShowPage(page)
		s.take(page)
	}
	s.Open(drawn)
	s.settle()
	e := s.editor
	for i, q := range s.notice().Form.Pages() {
		e.Show(i)
		s.take(q.Name)
	}
	e.Jump("activity[2]/photos[1]/photo_caption")
	s.top("图片")
	s.take("photos")
	s.do("看大图")
	s.take("large")
	s.tap("关闭")
	s.tap("旋转")
	s.do("裁剪")
	s.take("crop")
	s.tap("取消")
	if g := s.shown(); len(g.Photos()) > 0 {
		g.FocusCaption(g.Photos()[0].ID)
	}
	s.tap("旋转")
	s.tap("旋转")
	s.tap("旋转")
	e.Jump("activity[2]/videos[1]/video_caption")
	s.top("影像")
	s.take("videos")
	e.Show(e.CheckPage())
	s.take("check")
	e.Show(e.SendPage())
	s.take("missing")
	s.Open(whole)
	s.settle()
	s.typing()
	e = s.editor
	e.Show(e.CheckPage())
	s.settle()
	s.tap("显示打印页面")
	s.top("对方收到的文件")
	s.take("document")
	e.Show(e.SendPage())
	s.take("send")
	s.Open(sent)
	s.settle()
	s.editor.Show(s.editor.SendPage())
	s.take("sent")
}

// typing draws what comes up as one types, and leaves the answers as they were.
func (s *shots) typing() {
	s.t.Helper()
	s.editor.Show(0)
	phone, name := s.answer("unit/contact_phone"), s.answer("unit/unit_name")
	s.fill("unit/contact_phone", "１２３")
	s.fill("unit/unit_name", "")
	s.field("unit/unit_name").Focus()
	canvas := s.win.Canvas()
	test.Type(canvas.Focused(), "示例")
	s.take("suggestions")
	canvas.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	s.fill("unit/unit_name", name)
	s.fill("unit/contact_phone", phone)
	s.editor.Jump("activity[1]/start_date")
	canvas.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.take("calendar")
	canvas.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	s.settle()
}

// top scrolls until a heading is the first thing on the page: Fyne's software painter draws what is cut off at the
// top of a page over what stands above it.
func (s *shots) top(heading string) {
	s.t.Helper()
	s.settle()
	page := s.editor.Page()
	text, ok := find(fyne.CanvasObject(page), func(x *kit.Text) bool { return x.Text() == heading && x.Visible() })
	if !ok {
		s.t.Fatalf("no heading %q, but %q", heading, s.texts())
	}
	driver := fyne.CurrentApp().Driver()
	by := driver.AbsolutePositionForObject(text).Y - driver.AbsolutePositionForObject(page).Y
	page.Scroll().ScrollToOffset(page.Scroll().Offset.AddXY(0, by))
}

// sampleDraft makes a draft that answers the notice as its example does, with photos, and returns its id.
func sampleDraft(k *desk, n int) string {
	k.t.Helper()
	notice := noticesOf(k)[0]
	d, err := k.desk.Home.Drafts.New(notice)
	if err != nil {
		k.t.Fatal(err)
	}
	d.Answers = notice.Example.Clone()
	notice.Form.Walk(notice.Example, func(q *forms.Question, p forms.Path, v string) {
		if q.Type.Media() {
			v = "" // files come from here
		}
		k.must(d.Answers.Set(p, strings.ReplaceAll(v, "{n}", "1")))
	})
	for i := range d.Answers.Len("activity") {
		a := d.Answers.At(forms.Path("activity").Entry(i + 1))
		a.Repeats["photos"], a.Repeats["videos"] = nil, nil
	}
	k.must(d.Answers.Set("unit/unit_name", "示例县科学技术协会"))
	k.must(d.Answers.Set("activity[2]/activity_name", "科学家精神主题展览"))
	dir := k.t.TempDir()
	captions := []string{"5月30日上午，示例县科技馆，讲解员为参观者介绍展品", "5月30日，示例县科技馆，学生在互动展区动手实验", "", "科技志愿者在展厅门口发放资料"}
	for i := range n {
		m := attachSample(k, d, filepath.Join(dir, fmt.Sprintf("IMG_%04d.jpg", 1201+i)), func(w io.Writer) error {
			return sample.Photo(w, sample.PhotoOptions{
				Index: i + 1, Orientation: []int{1, 6, 1}[i%3], Location: true, Latitude: 43.84, Longitude: 126.55,
				Taken: time.Date(2024, 5, 30+i/6, 9+i, 10*i%60, 0, 0, china()),
			})
		})
		p := k.entry(d, "activity[2]/photos")
		k.must(d.Answers.Set(p.Child("photo"), m.ID))
		k.must(d.Answers.Set(p.Child("photo_caption"), captions[i%len(captions)]))
		k.must(d.Answers.Set(p.Child("photo_minors"), []string{"no", "yes"}[i%2]))
	}
	if n > 1 {
		m := attachSample(k, d, filepath.Join(dir, "开幕式.mp4"), func(w io.Writer) error {
			return sample.Video(w, sample.VideoOptions{Length: 12 * time.Second, Width: 640, Height: 360, Location: "+43.8400+126.5500/"})
		})
		k.entry(d, "activity[2]/videos")
		k.entry(d, "activity[2]/videos")
		k.must(d.Answers.Set("activity[2]/videos[1]/video", m.ID))
		k.must(d.Answers.Set("activity[2]/videos[1]/video_caption", "5月30日，示例县科技馆，展览开幕式"))
		k.must(d.Answers.Set("activity[2]/videos[2]/video_link", "https://pan.example.com/s/sample"))
		k.must(d.Answers.Set("activity[2]/videos[2]/video_code", "ab12"))
	} else {
		k.must(d.Answers.Set("activity[2]/photos[1]/photo_caption", captions[0]))
	}
	k.must(errors.Join(d.Save(), d.Close()))
	return d.ID
}

// entry adds an entry to a repeat.
func (k *desk) entry(d *draft.Draft, p forms.Path) forms.Path {
	k.t.Helper()
	at, err := d.Answers.Insert(p, 0, nil)
	k.must(err)
	return at
}

func attachSample(k *desk, d *draft.Draft, path string, what func(io.Writer) error) forms.Material {
	k.t.Helper()
	m, err := d.Attach(k.t.Context(), write(k.t, path, what), nil)
	k.must(err)
	return m
}

func (k *desk) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}
