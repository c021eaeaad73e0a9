package kit

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Advice says how long a text ought to be, in what Count counts. Zero means no bound.
type Advice struct {
	Min, Max int
	Count    func(text string) int
	// Text puts the count and the advice into words.
	Text func(count int) string
}

// LongText is a text of several lines, with its length against the advice beneath.
type LongText struct {
	widget.BaseWidget
	entry   *area
	counter *Finding
	advice  Advice
	rows    int // at least
	shown   int
	probe   *widget.RichText // to count lines with, as the entry breaks them
}

// area is the entry inside, of several lines.
type area struct{ Entry }

// NewLongText returns an entry of at least rows lines, which grows with its text: nothing of it is ever out of
// sight, and the wheel is the page's. changed may be nil.
func NewLongText(placeholder string, rows int, advice Advice, changed func(string)) *LongText {
	t := &LongText{entry: &area{}, counter: NewFinding(), advice: advice, rows: rows, probe: widget.NewRichText(&widget.TextSegment{})}
	t.probe.Wrapping = fyne.TextWrapBreak // Chinese breaks anywhere
	t.entry.init(placeholder, func(text string) {
		t.count()
		t.grow()
		if changed != nil {
			changed(text)
		}
	})
	t.entry.clean = cleanText
	t.entry.MultiLine = true
	t.entry.Wrapping = t.probe.Wrapping
	t.entry.ExtendBaseWidget(t.entry)
	t.entry.SetMinRowsVisible(rows)
	t.ExtendBaseWidget(t)
	t.count()
	return t
}

func (t *LongText) count() {
	if t.advice.Count == nil || t.advice.Text == nil {
		return
	}
	n := t.advice.Count(t.entry.Text)
	level := None
	switch {
	case n > 0 && n < t.advice.Min, t.advice.Max > 0 && n > t.advice.Max:
		level = Warning
	case n > 0 && (t.advice.Min > 0 || t.advice.Max > 0):
		level = Success
	}
	t.counter.Set(level, t.advice.Text(n))
}

// Value returns the text, cleaned.
func (t *LongText) Value() string { return t.entry.Value() }

// SetValue shows a text without calling back.
func (t *LongText) SetValue(text string) {
	t.entry.SetValue(text)
	t.count()
	t.grow()
}

// Resize implements fyne.CanvasObject.
func (t *LongText) Resize(size fyne.Size) {
	t.BaseWidget.Resize(size)
	t.grow()
}

// grow gives the entry as many rows as its text takes.
func (t *LongText) grow() {
	width := t.Size().Width - 2*theme.Size(theme.SizeNameInputBorder)
	if width <= 2*theme.InnerPadding() {
		return
	}
	t.probe.Resize(fyne.NewSize(width, 0))
	t.probe.Segments[0].(*widget.TextSegment).Text = t.entry.Text
	t.probe.Refresh()
	line := fyne.MeasureText("国", theme.TextSize(), fyne.TextStyle{}).Height
	rows := int(math.Round(float64((t.probe.MinSize().Height - 2*theme.InnerPadding()) / line)))
	if rows = max(rows, t.rows); rows != t.shown {
		t.shown = rows
		t.entry.SetMinRowsVisible(rows)
		t.Refresh()
	}
}

// SetOnLeave sets what is called when the keyboard goes elsewhere.
func (t *LongText) SetOnLeave(f func()) { t.entry.OnLeave = f }

// Focused tells whether the text has the keyboard.
func (t *LongText) Focused() bool { return t.entry.focused }

// Focus gives the keyboard to the text.
func (t *LongText) Focus() { t.entry.Focus() }

// Entry is the entry inside, for tests and shortcuts.
func (t *LongText) Entry() *Entry { return &t.entry.Entry }

// CreateRenderer implements fyne.Widget.
func (t *LongText) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewVBox(t.entry, t.counter))
}

// AcceptsTab lets Tab go on to the next field: a report has no tabs in it.
func (*area) AcceptsTab() bool { return false }
