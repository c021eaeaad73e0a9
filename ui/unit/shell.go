package unit

import (
	"context"
	"errors"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"

	"baosong/mailer/home"
	"baosong/mailer/post"
	"baosong/ui/kit"
	"baosong/ui/native"
	"baosong/ui/say"
)

// Thread runs functions on the UI goroutine: fyne.Do and fyne.DoAndWait, or a
// test's own.
type Thread struct {
	Do, Wait func(func())
}

// Shell is the window as its pages see it. It belongs to the UI goroutine.
type Shell struct {
	Win    fyne.Window
	Thread Thread
	Desk   *post.Desk
	Words  *say.Words
	Toast  *kit.Toaster
	// Pick is the system's own file dialog.
	Pick func(native.Window, native.Ask) ([]string, error)
	// View opens a document with the program the person has for it.
	View func(path string) error
	// Accounts shows the page of mail accounts, and calls back when the person
	// leaves it.
	Accounts func(back func())
	// Open opens the draft of that id, at the page that sends if send is set;
	// Home opens the start page.
	Open func(id string, send bool)
	Home func()

	ctx  context.Context
	stop context.CancelFunc
	busy gang
}

// gang is a sync.WaitGroup that may be added to while somebody waits: what
// comes back to the UI goroutine starts further work.
type gang struct {
	mu   sync.Mutex
	idle *sync.Cond
	n    int
}

// Go runs work in a goroutine of its own.
func (g *gang) Go(work func()) {
	g.mu.Lock()
	g.n++
	g.mu.Unlock()
	go func() {
		defer func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			if g.n--; g.n == 0 && g.idle != nil {
				g.idle.Broadcast()
			}
		}()
		work()
	}()
}

// Wait returns when nothing runs.
func (g *gang) Wait() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.idle == nil {
		g.idle = sync.NewCond(&g.mu)
	}
	for g.n > 0 {
		g.idle.Wait()
	}
}

// NewShell returns a Shell whose work ends with Stop.
func NewShell(win fyne.Window, thread Thread, desk *post.Desk, words *say.Words, toast *kit.Toaster) *Shell {
	s := &Shell{Win: win, Thread: thread, Desk: desk, Words: words, Toast: toast, Pick: native.Pick, View: native.Open}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Stop ends what runs off the UI goroutine; Wait returns when it has ended.
func (s *Shell) Stop() { s.stop() }

// Wait returns when nothing runs off the UI goroutine any more.
func (s *Shell) Wait() { s.busy.Wait() }

// Go runs work off the UI goroutine, and what it returns, unless nil, on it.
func (s *Shell) Go(work func(ctx context.Context) func()) {
	s.busy.Go(func() {
		if then := work(s.ctx); then != nil {
			s.Thread.Do(then)
		}
	})
}

// T returns the text for a key; see say.Words.T.
func (s *Shell) T(key string, args ...any) string { return s.Words.T(key, args...) }

// Fail says what went wrong and what to do, with buttons that do it.
func (s *Shell) Fail(err error, remedies ...kit.Action) {
	a := s.Words.Error(err)
	if errors.Is(err, home.ErrSettings) {
		remedies = append(remedies, kit.Action{Label: s.T("settings.drop"), Icon: theme.ViewRefreshIcon(), Do: s.dropSettings})
	}
	s.say(a, remedies)
}

func (s *Shell) dropSettings() {
	s.Go(func(context.Context) func() {
		err := s.Desk.Home.DropSettings()
		return func() {
			if err != nil {
				s.Fail(err)
				return
			}
			s.Toast.Tell(kit.Success, s.T("settings.dropped"))
		}
	})
}

// Tell says something that the person has to know before going on.
func (s *Shell) Tell(text string) { s.say(say.Advice{What: text}, nil) }

func (s *Shell) say(a say.Advice, remedies []kit.Action) {
	column := []fyne.CanvasObject{kit.NewText(a.What)}
	if a.Next != "" {
		column = append(column, kit.NewText(a.Next))
	}
	if a.Raw != "" {
		column = append(column, kit.NewMuted(a.Raw))
	}
	d := dialog.NewCustomWithoutButtons(s.T("unit.failed"), container.NewVBox(column...), s.Win)
	var buttons []*kit.Button
	for _, r := range remedies {
		buttons = append(buttons, kit.NewButton(kit.Action{Label: r.Label, Icon: r.Icon, Do: func() { d.Hide(); r.Do() }}))
	}
	ok := kit.NewButton(kit.Action{Label: s.T("unit.ok"), Primary: true, Do: d.Hide})
	s.show(d, append(buttons, ok), ok)
}

// show shows a dialog. Escape closes it.
func (s *Shell) show(d *dialog.CustomDialog, buttons []*kit.Button, focused *kit.Button) {
	var row []fyne.CanvasObject
	for _, b := range buttons {
		b.Escape = d.Hide
		row = append(row, b)
	}
	d.SetButtons(row)
	width := fyne.NewSize(dialogWidth*theme.TextSize()/textSize, 0)
	d.Resize(width)
	d.Show()
	d.Resize(width) // texts know their height only once they know their width
	s.Win.Canvas().Focus(focused)
}

const dialogWidth = 460 // at textSize

// Ask lets the person choose; nothing happens if the dialog is closed. Enter does the last choice, unless it loses
// something.
func (s *Shell) Ask(title, text string, choices ...kit.Action) {
	d := dialog.NewCustomWithoutButtons(title, container.NewVBox(kit.NewText(text)), s.Win)
	buttons := []*kit.Button{kit.NewButton(kit.Action{Label: s.T("unit.cancel"), Do: d.Hide})}
	focused := buttons[0]
	for _, c := range choices {
		do := c.Do
		c.Do = func() { d.Hide(); do() }
		b := kit.NewButton(c)
		buttons = append(buttons, b)
		if !c.Danger {
			focused = b
		}
	}
	s.show(d, buttons, focused)
}
