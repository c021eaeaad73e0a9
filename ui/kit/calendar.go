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

func (c *Calendar) day(day time.Time) *widget.Button {
	b := widget.NewButton(strconv.Itoa(day.Day()), func() { c.taken(&day) })
	b.Importance = widget.LowImportance
	if day.Format(ISODate) == c.chosen.Format(ISODate) {
		b.Importance = widget.HighImportance
	}
	return b
}

// Focus gives the keyboard to the chosen day, or to the first.
func (c *Calendar) Focus() {
	var first *widget.Button
	for _, o := range c.days.Objects {
		b, ok := o.(*widget.Button)
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
	step := func(icon fyne.Resource, months int) *widget.Button {
		b := widget.NewButtonWithIcon("", icon, func() { c.turn(c.first.AddDate(0, months, 0)) })
		b.Importance = widget.LowImportance
		return b
	}
	head := container.NewBorder(nil, nil,
		step(theme.NavigateBackIcon(), -1), step(theme.NavigateNextIcon(), 1), container.NewCenter(c.title))
	foot := container.NewHBox(
		widget.NewButton(c.texts.Today, func() {
			now := time.Now()
			c.taken(&now)
		}),
		layout.NewSpacer(),
		widget.NewButton(c.texts.Clear, func() { c.taken(nil) }),
	)
	return widget.NewSimpleRenderer(container.NewVBox(head, c.days, foot))
}
