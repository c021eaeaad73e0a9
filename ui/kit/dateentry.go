package kit

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// DateTexts are the words of a date entry and its calendar.
type DateTexts struct {
	Placeholder    string
	Open           string    // opens the calendar
	Weekdays       [7]string // from Monday on
	Month          func(year int, month time.Month) string
	Previous, Next string // month
	Today, Clear   string
}

// DateEntry is a day, typed or taken from a calendar. What it hands on is ISODate, or what was typed where that
// is no day.
type DateEntry struct {
	Entry
	texts DateTexts
	near  func() time.Time
	popup *widget.PopUp
}

// NewDateEntry returns an entry for a day. near is the day the calendar opens at, and the year that a day without
// one takes: the period of the notice, or today. changed gets ISODate, or the text as typed.
func NewDateEntry(texts DateTexts, near func() time.Time, changed func(text string)) *DateEntry {
	d := &DateEntry{texts: texts, near: near}
	d.init(texts.Placeholder, func(text string) {
		if changed != nil {
			changed(d.normal(text))
		}
	})
	d.clean = d.normal
	d.ActionItem = newTapIcon(theme.CalendarIcon(), d.open)
	d.ExtendBaseWidget(d)
	return d
}

func (d *DateEntry) normal(text string) string {
	if day, ok := ParseDate(text, d.near().Year()); ok {
		return day.Format(ISODate)
	}
	return cleanLine(text)
}

// Date returns the day entered, and false where there is none.
func (d *DateEntry) Date() (time.Time, bool) { return ParseDate(d.Text, d.near().Year()) }

// TypedKey opens the calendar by the down key, as lists do.
func (d *DateEntry) TypedKey(ev *fyne.KeyEvent) {
	if ev.Name == fyne.KeyDown || ev.Name == fyne.KeyF4 {
		d.open()
		return
	}
	d.Entry.TypedKey(ev)
}

func (d *DateEntry) open() {
	if d.Disabled() {
		return
	}
	c := fyne.CurrentApp().Driver().CanvasForObject(d)
	if c == nil {
		return
	}
	day, chosen := d.Date()
	if !chosen {
		day = d.near()
	}
	cal := NewCalendar(d.texts, day, chosen, d.take)
	cal.Closed = func() {
		d.popup.Hide()
		d.Focus()
	}
	d.popup = widget.NewPopUp(cal, c)
	below := fyne.CurrentApp().Driver().AbsolutePositionForObject(d).AddXY(0, d.Size().Height)
	least := d.popup.MinSize()
	below.X = max(0, min(below.X, c.Size().Width-least.Width))
	if below.Y+least.Height > c.Size().Height {
		below.Y = max(0, below.Y-d.Size().Height-least.Height)
	}
	d.popup.ShowAtPosition(below)
	cal.Focus()
}

// take sets the day that the calendar gives; nil clears.
func (d *DateEntry) take(day *time.Time) {
	d.popup.Hide()
	text := ""
	if day != nil {
		text = day.Format(ISODate)
	}
	d.SetText(text)
	d.Focus()
}
