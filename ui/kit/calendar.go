package kit

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Calendar shows one month to take a day from.
type Calendar struct {
	widget.BaseWidget
	Closed func() // by Escape; may be nil

	texts  DateTexts
	chosen time.Time
	first  time.Time // of the month shown
	taken  func(*time.Time)
	title  *Text
	days   *fyne.Container
}

// NewCalendar shows the month of a day, marked where marked. taken gets the day tapped, or nil to clear.
func NewCalendar(texts DateTexts, day time.Time, marked bool, taken func(*time.Time)) *Calendar {
	c := &Calendar{texts: texts, taken: taken, days: container.New(layout.NewGridLayoutWithColumns(7))}
	if marked {
		c.chosen = day
	}
	c.title = newText("", theme.ColorNameForeground, theme.SizeNameText, true).whole()
	c.ExtendBaseWidget(c)
	c.turn(time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC))
	return c
}

func (c *Calendar) turn(first time.Time) {
	c.first = first
	c.title.SetText(c.texts.Month(first.Year(), first.Month()))
	c.days.RemoveAll()
	for _, name := range c.texts.Weekdays {
		c.days.Add(container.NewCenter(NewMuted(name).whole()))
	}
	before := (int(first.Weekday()) + 6) % 7 // weeks start on Monday
	for cell := range 42 {                   // always six weeks, so that nothing jumps
		day := first.AddDate(0, 0, cell-before)
		if day.Month() != first.Month() {
			c.days.Add(layout.NewSpacer())
			continue
		}
		c.days.Add(c.day(day))
	}
	c.days.Refresh()
}

// dayButton takes its day by space and Enter; the arrows go to other days, the Page keys to other months, and Escape
// closes the calendar.
type dayButton struct {
	Button
	calendar *Calendar
	day      time.Time
}

// TypedKey implements fyne.Focusable.
func (b *dayButton) TypedKey(ev *fyne.KeyEvent) {
	c := b.calendar
	switch ev.Name {
	case fyne.KeyLeft:
		c.goTo(b.day.AddDate(0, 0, -1))
	case fyne.KeyRight:
		c.goTo(b.day.AddDate(0, 0, 1))
	case fyne.KeyUp:
		c.goTo(b.day.AddDate(0, 0, -7))
	case fyne.KeyDown:
		c.goTo(b.day.AddDate(0, 0, 7))
	case fyne.KeyPageUp:
		c.goTo(c.first.AddDate(0, -1, 0))
	case fyne.KeyPageDown:
		c.goTo(c.first.AddDate(0, 1, 0))
	case fyne.KeyReturn, fyne.KeyEnter:
		c.taken(&b.day)
	case fyne.KeyEscape:
		if c.Closed != nil {
			c.Closed()
		}
	default:
		b.Button.TypedKey(ev)
	}
}

// goTo gives the keyboard to a day, in whatever month it is.
func (c *Calendar) goTo(day time.Time) {
	if day.Year() != c.first.Year() || day.Month() != c.first.Month() {
		c.turn(time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC))
	}
	for _, o := range c.days.Objects {
		if b, ok := o.(*dayButton); ok && b.day.Day() == day.Day() {
			focus(b)
		}
	}
}

func (c *Calendar) day(day time.Time) *dayButton {
	b := &dayButton{calendar: c, day: day}
	b.Text, b.OnTapped = strconv.Itoa(day.Day()), func() { c.taken(&day) }
	b.ExtendBaseWidget(b)
	b.Importance = widget.LowImportance
	if day.Format(ISODate) == c.chosen.Format(ISODate) {
		b.Importance = widget.HighImportance
	}
	return b
}

// Focus gives the keyboard to the chosen day, or to the first.
func (c *Calendar) Focus() {
	var first *dayButton
	for _, o := range c.days.Objects {
		b, ok := o.(*dayButton)
		if !ok {
			continue
		}
		if first == nil || b.Importance == widget.HighImportance {
			first = b
		}
	}
	focus(first)
}

// CreateRenderer implements fyne.Widget.
func (c *Calendar) CreateRenderer() fyne.WidgetRenderer {
	step := func(icon fyne.Resource, months int) *Button {
		return NewQuietButton(Action{Icon: icon, Do: func() { c.turn(c.first.AddDate(0, months, 0)) }})
	}
	head := container.NewBorder(nil, nil,
		step(theme.NavigateBackIcon(), -1), step(theme.NavigateNextIcon(), 1), container.NewCenter(c.title))
	foot := container.NewHBox(
		NewButton(Action{Label: c.texts.Today, Do: func() {
			now := time.Now()
			c.taken(&now)
		}}),
		layout.NewSpacer(),
		NewButton(Action{Label: c.texts.Clear, Do: func() { c.taken(nil) }}),
	)
	return widget.NewSimpleRenderer(container.NewVBox(head, c.days, foot))
}
