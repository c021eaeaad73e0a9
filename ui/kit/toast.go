package kit

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// Toaster is a layer over the window for short news at its foot: "已删除…" with 撤销 beside it. Lay it last in a
// stack; it lets taps through.
type Toaster struct {
	widget.BaseWidget
	banner *Banner
	stay   time.Duration
	timer  *time.Timer
	told   int          // how many news there were, so that a timer ends none but its own
	after  func(func()) // back on the UI goroutine
}

// NewToaster returns a layer whose news stays for a while. after runs a function on the UI goroutine; nil is fyne.Do.
func NewToaster(stay time.Duration, after func(func())) *Toaster {
	if after == nil {
		after = fyne.Do
	}
	t := &Toaster{banner: NewBanner(), stay: stay, after: after}
	t.banner.line.text.whole()
	t.ExtendBaseWidget(t)
	return t
}

// Tell shows news in place of the last. Taking an action hides it.
func (t *Toaster) Tell(level Level, text string, actions ...Action) {
	if t.timer != nil {
		t.timer.Stop()
	}
	for i, a := range actions {
		actions[i].Do = func() {
			t.Dismiss()
			a.Do()
		}
	}
	t.banner.Set(level, text, actions...)
	t.Refresh()
	t.told++
	mine := t.told
	t.timer = time.AfterFunc(t.stay, func() {
		t.after(func() {
			if t.told == mine {
				t.Dismiss()
			}
		})
	})
}

// Dismiss hides the news.
func (t *Toaster) Dismiss() {
	if t.timer != nil {
		t.timer.Stop()
	}
	t.timer = nil
	t.banner.Set(None, "")
}

// Over hides news that was true for a time only, unless other news has taken its place.
func (t *Toaster) Over(text string) {
	if t.Text() == text {
		t.Dismiss()
	}
}

// Text returns the news shown, or nothing.
func (t *Toaster) Text() string { return t.banner.Text() }

// CreateRenderer implements fyne.Widget.
func (t *Toaster) CreateRenderer() fyne.WidgetRenderer {
	foot := container.NewHBox(layout.NewSpacer(), t.banner, layout.NewSpacer())
	gap := container.New(squareLayout(24))
	return widget.NewSimpleRenderer(container.NewVBox(layout.NewSpacer(), foot, gap))
}
