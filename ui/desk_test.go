package ui

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"fyne.io/fyne/v2"
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
	"baosong/mailer/smtp"
	"baosong/ui/kit"
	"baosong/ui/look"
	"baosong/ui/say"
	"baosong/ui/unit"
)

// queue is a UI goroutine that the test turns by hand.
type queue chan func()

func (q queue) thread(measure func(string, func())) unit.Thread {
	return unit.Thread{
		Do: func(f func()) { q <- func() { measure(nameOf(f), f) } },
		Wait: func(f func()) {
			done := make(chan struct{})
			q <- func() { measure(nameOf(f), f); close(done) }
			<-done
		},
	}
}

func nameOf(f func()) string { return runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name() }

func unmeasured(_ string, f func()) { f() }

// until runs what comes back to the UI goroutine until wait returns, and
// returns how much that was.
func (q queue) until(wait func()) (ran int) {
	done := make(chan struct{})
	go func() { wait(); close(done) }()
	for {
		select {
		case f := <-q:
			f()
			ran++
		case <-done:
			for {
				select {
				case f := <-q:
					f()
					ran++
				default:
					return ran
				}
			}
		}
	}
}

// local is a network of the servers the program carries, and nothing else.
type local struct {
	server *loopback.Server
	codes  *memory // of the accounts; nil for none yet
}

func (l local) Sender(a mailer.Account, s mailer.Secrets) (mailer.Sender, error) {
	if l.server == nil {
		return nil, errors.New("no server in this test")
	}
	return smtp.New(a, s, smtp.Options{RootCAs: l.server.RootCAs()})
}

func (l local) Mailbox(ctx context.Context, a mailer.Account, s mailer.Secrets) (mailer.Mailbox, error) {
	if l.server == nil {
		return nil, errors.New("no server in this test")
	}
	return imap.Open(ctx, a, s, imap.Options{RootCAs: l.server.RootCAs()})
}

func (local) Rehearse(addresses ...string) (post.Rehearsal, error) {
	s, err := serve("rehearsed", addresses...)
	return carried{local{server: s}, s}, err
}

func serve(code string, addresses ...string) (*loopback.Server, error) {
	var logins []loopback.Login
	for _, a := range addresses {
		logins = append(logins, loopback.Login{Address: mailer.Address{Addr: a}, Code: code})
	}
	return loopback.Start(loopback.Options{Accounts: logins})
}

type carried struct {
	local
	*loopback.Server
}

func (c carried) Account(a string) (mailer.Account, error) { return c.Server.Account(a), nil }

// memory keeps login codes for as long as the test runs.
type memory struct{ codes sync.Map }

func (m *memory) Secret(account string) (string, error) {
	if code, ok := m.codes.Load(account); ok {
		return code.(string), nil
	}
	return "", &mailer.Error{Kind: mailer.NoSecret, Step: "login"}
}

func (m *memory) SetSecret(account, code string) error {
	m.codes.Store(account, code)
	return nil
}

func probe(ctx context.Context, path string) (forms.Material, error) {
	info, err := media.Probe(ctx, path)
	return forms.Material{
		MIME: info.MIME, Ext: info.Ext, Width: info.Width, Height: info.Height,
		Duration: info.Duration.Seconds(), Taken: info.Taken,
	}, err
}

// desk is a window in a data folder, driven by a test as a person would.
type desk struct {
	*Window
	t    testing.TB
	q    queue
	dir  string
	net  local
	desk *post.Desk

	ended bool
	// measure runs what happens on the UI goroutine, under a name for what it is.
	measure func(name string, f func())
}

// sit opens the window over a data folder.
func sit(t testing.TB, dir string, net local) *desk {
	t.Helper()
	return sitIn(t, dir, net, "zh", unmeasured)
}

func sitIn(t testing.TB, dir string, net local, lang string, measure func(string, func()), prepare ...func(*post.Desk)) *desk {
	t.Helper()
	h, err := home.Open(dir, assets.Notices(), probe)
	if err != nil {
		t.Fatal(err)
	}
	if net.codes == nil {
		net.codes = &memory{}
	}
	d, err := post.New(h, net, net.codes, "baosong test")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range prepare {
		p(d)
	}
	words, err := say.Load(assets.Screen(), lang)
	if err != nil {
		t.Fatal(err)
	}
	q := make(queue, 100)
	app := test.NewTempApp(t)
	app.Settings().SetTheme(look.New(look.Faces{}, look.ModeLight, 100))
	k := &desk{Window: Show(app.NewWindow(""), Options{Thread: q.thread(measure), Desk: d, Words: words}), t: t, q: q, dir: dir, net: net, desk: d, measure: measure}
	t.Cleanup(k.end)
	k.settle()
	return k
}

// end closes the window, and waits until nothing runs any more.
func (k *desk) end() {
	k.t.Helper()
	if k.ended {
		return
	}
	k.ended = true
	if k.editor != nil {
		k.away(func() {})
	}
	k.settle()
	k.shell.Stop()
	k.q.until(func() { k.shell.Wait(); k.out.Wait() })
	if err := k.desk.Close(); err != nil {
		k.t.Error(err)
	}
}

// settle runs until nothing is going on beside the outbox.
func (k *desk) settle() {
	for k.q.until(k.Waiting()) > 0 {
	}
}

func (k *desk) tap(label string) {
	k.t.Helper()
	where := k.win.Content()
	if top := k.win.Canvas().Overlays().Top(); top != nil { // what lies under a question cannot be reached
		where = top
	}
	b, ok := find(where, func(b *kit.Button) bool { return strings.HasPrefix(b.Text, label) && b.Visible() })
	if !ok {
		k.t.Fatalf("no button %q, but %q", label, read(where))
	}
	if b.Disabled() {
		k.t.Fatalf("the button %q is off", label)
	}
	k.measure("tap "+label, func() { test.Tap(b) })
	k.settle()
}

// show opens a page of the draft.
func (k *desk) show(page int) {
	k.measure("page "+strconv.Itoa(page), func() { k.editor.Show(page) })
	k.settle()
}

// sees reports whether a text can be read in the window or over it.
func (k *desk) sees(text string) bool {
	for _, s := range k.texts() {
		if strings.Contains(s, text) {
			return true
		}
	}
	return false
}

func (k *desk) mustSee(text string) {
	k.t.Helper()
	if !k.sees(text) {
		k.t.Errorf("nowhere %q, but %q", text, k.texts())
	}
}

// texts returns all that can be read in the window and over it.
func (k *desk) texts() []string {
	out := read(k.win.Content())
	if top := k.win.Canvas().Overlays().Top(); top != nil {
		out = append(out, read(top)...)
	}
	return out
}

func read(o fyne.CanvasObject) []string {
	var out []string
	find(o, func(o fyne.CanvasObject) bool {
		switch o := o.(type) {
		case *kit.Text:
			out = append(out, o.Text())
		case *kit.Button:
			out = append(out, o.Text)
		case *widget.Label:
			out = append(out, o.Text)
		}
		return false
	})
	return out
}

func (k *desk) field(p string) *kit.Field {
	k.t.Helper()
	f := k.editor.Field(forms.Path(p))
	if f == nil {
		k.t.Fatalf("no field %s on the page", p)
	}
	return f
}

// fill types an answer, or chooses it.
func (k *desk) fill(path, text string) {
	k.t.Helper()
	k.enter(k.field(path).Control(), text)
}

// example fills in the answer the notice gives as an example.
func (k *desk) example(paths ...string) {
	k.t.Helper()
	n := k.notice()
	for _, p := range paths {
		k.fill(p, strings.ReplaceAll(n.Example.Get(forms.Path(p)), "{n}", "1"))
	}
}

func noticesOf(k *desk) []*forms.Notice {
	k.t.Helper()
	all, err := k.desk.Home.Notices()
	if err != nil {
		k.t.Fatal(err)
	}
	return all
}

func (k *desk) notice() *forms.Notice {
	k.t.Helper()
	n, err := k.desk.Home.Notice(k.editor.Draft().NoticeID)
	if err != nil {
		k.t.Fatal(err)
	}
	return n
}

// photo makes a sample photo.
func photo(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err == nil {
		err = errors.Join(sample.Photo(f, sample.PhotoOptions{Index: 1, Orientation: 6}), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}
