package ui

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"baosong/assets"
	"baosong/forms"
	"baosong/forms/media"
	"baosong/forms/media/sample"
	"baosong/mailer"
	"baosong/mailer/home"
	"baosong/mailer/imap"
	"baosong/mailer/loopback"
	"baosong/mailer/post"
	"baosong/mailer/secret"
	"baosong/mailer/smtp"
	"baosong/ui/kit"
	"baosong/ui/look"
	"baosong/ui/say"
	"baosong/ui/unit"
)

// queue is a UI goroutine that the test turns by hand.
type queue chan func()

func (q queue) thread() unit.Thread {
	return unit.Thread{
		Do: func(f func()) { q <- f },
		Wait: func(f func()) {
			done := make(chan struct{})
			q <- func() { f(); close(done) }
			<-done
		},
	}
}

// until runs what comes back to the UI goroutine until wait returns.
func (q queue) until(wait func()) {
	done := make(chan struct{})
	go func() { wait(); close(done) }()
	for {
		select {
		case f := <-q:
			f()
		case <-done:
			for {
				select {
				case f := <-q:
					f()
				default:
					return
				}
			}
		}
	}
}

// local is a network that reaches only the servers the program carries.
type local struct{}

func (local) Sender(mailer.Account, mailer.Secrets) (mailer.Sender, error) {
	return nil, errors.New("not in a test")
}

func (local) Mailbox(context.Context, mailer.Account, mailer.Secrets) (mailer.Mailbox, error) {
	return nil, errors.New("not in a test")
}

func (local) Rehearse(addresses ...string) (post.Rehearsal, error) {
	var logins []loopback.Login
	for _, a := range addresses {
		logins = append(logins, loopback.Login{Address: mailer.Address{Addr: a}, Code: "code"})
	}
	s, err := loopback.Start(loopback.Options{Accounts: logins})
	return carried{local{}, s}, err
}

type carried struct {
	local
	*loopback.Server
}

func (c carried) Account(a string) (mailer.Account, error) { return c.Server.Account(a), nil }

func (c carried) Sender(a mailer.Account, s mailer.Secrets) (mailer.Sender, error) {
	return smtp.New(a, s, smtp.Options{RootCAs: c.RootCAs()})
}

func (c carried) Mailbox(ctx context.Context, a mailer.Account, s mailer.Secrets) (mailer.Mailbox, error) {
	return imap.Open(ctx, a, s, imap.Options{RootCAs: c.RootCAs()})
}

func probe(ctx context.Context, path string) (forms.Material, error) {
	info, err := media.Probe(ctx, path)
	return forms.Material{MIME: info.MIME, Ext: info.Ext, Width: info.Width, Height: info.Height}, err
}

// find returns the first widget of a kind below o for which ok holds.
func find[T fyne.CanvasObject](o fyne.CanvasObject, ok func(T) bool) (found T, there bool) {
	if w, is := o.(T); is && ok(w) {
		return w, true
	}
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		inside = o.Objects
	case fyne.Widget:
		inside = test.WidgetRenderer(o).Objects()
	}
	for _, c := range inside {
		if w, is := find(c, ok); is {
			return w, true
		}
	}
	return found, false
}

func tap(t *testing.T, w *Window, label string) {
	t.Helper()
	b, ok := find(w.win.Content(), func(b *widget.Button) bool { return strings.HasPrefix(b.Text, label) && b.Visible() })
	if !ok {
		t.Fatalf("no button %q", label)
	}
	test.Tap(b)
}

func open(t *testing.T) (*Window, queue, *post.Desk) {
	t.Helper()
	h, err := home.Open(t.TempDir(), assets.Notices(), probe)
	if err != nil {
		t.Fatal(err)
	}
	desk, err := post.New(h, local{}, secret.New(nil), "baosong test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := desk.Close(); err != nil {
			t.Error(err)
		}
	})
	words, err := say.Load(assets.Screen(), "zh")
	if err != nil {
		t.Fatal(err)
	}
	q := make(queue, 100)
	app := test.NewTempApp(t)
	app.Settings().SetTheme(look.New(look.Faces{}, look.ModeLight, 100))
	return Show(app, q.thread(), desk, words), q, desk
}

func TestWholeTrip(t *testing.T) {
	w, q, desk := open(t)
	tap(t, w, "开始填报")
	e := w.Editor()
	if e == nil {
		t.Fatal("no draft is open")
	}
	n, err := desk.Home.Notice(e.Draft().NoticeID)
	if err != nil {
		t.Fatal(err)
	}

	type answer struct{ path, text string }
	field := func(p string) *kit.Field {
		t.Helper()
		f := e.Field(forms.Path(p))
		if f == nil {
			t.Fatalf("no field %s on the page", p)
		}
		return f
	}
	fill := func(answers ...answer) {
		t.Helper()
		for _, a := range answers {
			enter(t, w, field(a.path).Control(), a.text)
		}
	}
	example := func(p string) answer {
		return answer{p, strings.ReplaceAll(n.Example.Get(forms.Path(p)), "{n}", "1")}
	}

	phone := field("unit/contact_phone")
	enter(t, w, phone.Control(), "12")
	if phone.Finding().Text() == "" {
		t.Error("a telephone number of two digits: nothing beside it")
	}
	fill(answer{"unit/unit_name", "示例县科协"}, example("unit/unit_kind"), answer{"unit/contact_person", "张示例"},
		answer{"unit/contact_phone", "０４３２－５５５０１２３４"}, example("unit/contact_email"))
	if text := field("unit/contact_phone").Finding().Text(); text != "" && !strings.Contains(text, "座机") {
		t.Errorf("finding %q", text)
	}
	fill(example("unit/contact_phone"))

	e.Show(1)
	tap(t, w, "添加开展的活动")
	fill(example("activity[1]/activity_name"), example("activity[1]/activity_kind"), answer{"activity[1]/start_date", "2024年5月30日"},
		example("activity[1]/place"), example("activity[1]/mode"), answer{"activity[1]/participants", "１２０"}, example("activity[1]/activity_intro"))
	photo := filepath.Join(t.TempDir(), "照片 一.jpg")
	f, err := os.Create(photo)
	if err == nil {
		err = errors.Join(sample.Photo(f, sample.PhotoOptions{Index: 1, Orientation: 6}), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	w.dropped(fyne.Position{}, []fyne.URI{storage.NewFileURI(photo)})
	q.until(e.Wait)
	g, ok := find(w.win.Content(), func(*kit.Gallery) bool { return true })
	if !ok || len(g.Photos()) != 1 {
		t.Fatal("the photo that was dropped is not in the gallery")
	}

	e.Show(2)
	fill(example("summary/organization"), example("summary/results"), example("summary/experience"))
	e.Show(4)
	fill(answer{"declaration/no_secrets", "OK"}, example("declaration/filled_by"))

	e.Show(5) // what is missing is the caption, and jumping there can mend it
	tap(t, w, "去填写")
	caption := w.win.Canvas().Focused()
	if caption == nil {
		t.Fatal("jumping to the caption did not give it the keyboard")
	}
	test.Type(caption, "5月30日，示例县科技馆，代表发言")
	w.win.Canvas().Unfocus()

	e.Show(6)
	tap(t, w, "发送")
	q.until(e.Wait)
	jobs, err := desk.Home.Outbox.List()
	if err != nil || len(jobs) != 1 || jobs[0].State() != "sent" {
		for _, f := range forms.Check(n, e.Draft().Answers, forms.Env{}) {
			t.Log(f.Path, f.Code, f.Message)
		}
		t.Fatalf("outbox %+v, %v", jobs, err)
	}
	compareWithCollected(t, desk, n, e.Draft().Answers)
	q.until(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
}

type tappable interface {
	fyne.CanvasObject
	fyne.Tappable
}

type selector interface {
	fyne.CanvasObject
	SetSelected(string)
}

// enter gives a control what a person would type or choose, and leaves it.
func enter(t *testing.T, w *Window, control fyne.CanvasObject, text string) {
	t.Helper()
	typed := func(c *kit.Entry) {
		c.SetText("")
		w.win.Canvas().Focus(c)
		test.Type(c, text)
		w.win.Canvas().Unfocus()
	}
	switch c := control.(type) {
	case *kit.Entry:
		typed(c)
	case *kit.NumberEntry:
		typed(&c.Entry)
	case *kit.DateEntry:
		typed(&c.Entry)
	case *kit.SuggestEntry:
		typed(c.Entry())
	case *kit.LongText:
		typed(c.Entry())
	case *kit.Acknowledge:
		box, _ := find(control, func(tappable) bool { return true })
		test.Tap(box)
	case *kit.Choice:
		label := labelOf(w, text)
		if list, ok := find(control, func(selector) bool { return true }); ok {
			list.SetSelected(label)
			return
		}
		option, ok := find(control, func(o tappable) bool {
			_, has := find(fyne.CanvasObject(o), func(x *kit.Text) bool { return x.Text() == label })
			return has
		})
		if !ok {
			t.Fatalf("no option %q", label)
		}
		test.Tap(option)
	default:
		t.Fatalf("cannot enter into a %T", control)
	}
}

// labelOf returns the label the notice gives a choice.
func labelOf(w *Window, name string) string {
	n, err := w.desk.Home.Notice(w.editor.Draft().NoticeID)
	if err != nil {
		return name
	}
	for _, list := range n.Form.Choices {
		for _, c := range list {
			if c.Name == name {
				return c.Label.In("zh")
			}
		}
	}
	return name
}

// compareWithCollected reads the organizer's mailbox, and compares.
func compareWithCollected(t *testing.T, desk *post.Desk, n *forms.Notice, want *forms.Answers) {
	t.Helper()
	l, err := desk.Home.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	var got *forms.Report
	sum, err := desk.Collect(t.Context(), l, []string{n.ReportTo.Email}, func(f post.Found) { got = f.Report })
	if err = errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	if sum.New != 1 || got == nil {
		t.Fatalf("collected %+v", sum)
	}
	for _, p := range []forms.Path{"unit/unit_name", "activity[1]/participants", "activity[1]/start_date", "activity[1]/photos[1]/photo_caption", "summary/results"} {
		if got.Answers.Get(p) != want.Get(p) || want.Get(p) == "" {
			t.Errorf("%s: collected %q, entered %q", p, got.Answers.Get(p), want.Get(p))
		}
	}
}
