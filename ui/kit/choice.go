package kit

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// fewOptions is how many options are shown at once; more of them fold into a list that drops down.
const fewOptions = 5

// Option is one of several answers: Value is stored, Label shown.
type Option struct{ Value, Label string }

// Choice is one answer out of several: all of them in sight if they are few, a list that drops down if many.
type Choice struct {
	widget.BaseWidget
	OnLeave func()

	options []Option
	value   string
	changed func(string)
	radios  []*option
	list    *dropDown
}

// NewChoice returns a choice with nothing chosen. placeholder stands in the list that drops down.
func NewChoice(options []Option, placeholder string, changed func(value string)) *Choice {
	c := &Choice{options: options, changed: changed}
	if len(options) <= fewOptions {
		for i, o := range options {
			c.radios = append(c.radios, c.radio(i, o))
		}
		c.SetValue("")
	} else {
		c.list = newDropDown(labels(options), func(i int) { c.choose(options[i].Value) }, c.leave)
		c.list.PlaceHolder = placeholder
	}
	c.ExtendBaseWidget(c)
	return c
}

func labels(options []Option) []string {
	var out []string
	for _, o := range options {
		out = append(out, o.Label)
	}
	return out
}

func (c *Choice) radio(i int, o Option) *option {
	r := newOption(o.Label, true)
	r.tapped = func() { c.choose(o.Value) }
	r.left = c.leave
	r.step = func(by int) {
		if next := i + by; next >= 0 && next < len(c.radios) {
			c.radios[next].passed = false
			focus(c.radios[next])
			c.choose(c.options[next].Value)
		}
	}
	return r
}

func (c *Choice) leave() {
	if c.OnLeave != nil {
		c.OnLeave()
	}
}

func (c *Choice) choose(value string) {
	if value == c.value {
		return
	}
	c.SetValue(value)
	if c.changed != nil {
		c.changed(value)
	}
}

// Value returns the value chosen, or nothing.
func (c *Choice) Value() string { return c.value }

// SetValue chooses without calling back; an unknown value chooses none.
func (c *Choice) SetValue(value string) {
	at := slices.IndexFunc(c.options, func(o Option) bool { return o.Value == value })
	c.value = ""
	if at >= 0 {
		c.value = value
	}
	for i, r := range c.radios {
		r.set(i == at)
		r.passed = i != max(at, 0)
	}
	if c.list != nil {
		c.list.show(at)
	}
}

// Focus gives the keyboard to the chosen option, or to the first.
func (c *Choice) Focus() {
	if c.list != nil {
		focus(c.list)
		return
	}
	for _, r := range c.radios {
		if r.checked {
			focus(r)
			return
		}
	}
	if len(c.radios) > 0 {
		focus(c.radios[0])
	}
}

// CreateRenderer implements fyne.Widget.
func (c *Choice) CreateRenderer() fyne.WidgetRenderer {
	if c.list != nil {
		return widget.NewSimpleRenderer(newPanel(c.list, theme.ColorNameInputBackground, theme.ColorNameInputBorder, 1))
	}
	return widget.NewSimpleRenderer(optionRow(c.radios))
}

func optionRow(options []*option) *fyne.Container {
	row := container.New(&wrapLayout{gap: actionGap * 2})
	for _, o := range options {
		row.Add(o)
	}
	return row
}

// dropDown is Fyne's Select with a callback when it is left, and by index: labels need not differ.
type dropDown struct {
	widget.Select
	left    func()
	quiet   bool
	focused bool
}

func newDropDown(options []string, chosen func(int), left func()) *dropDown {
	d := &dropDown{left: left}
	d.Options = options
	d.ExtendBaseWidget(d)
	d.OnChanged = func(string) {
		if i := d.SelectedIndex(); !d.quiet && i >= 0 {
			chosen(i)
		}
	}
	return d
}

func (d *dropDown) show(index int) {
	d.quiet = true
	defer func() { d.quiet = false }()
	if index < 0 {
		d.ClearSelected()
		return
	}
	d.SetSelectedIndex(index)
}

// FocusGained implements fyne.Focusable.
func (d *dropDown) FocusGained() {
	d.focused = true
	d.Select.FocusGained()
	follow(d)
}

// FocusLost implements fyne.Focusable.
func (d *dropDown) FocusLost() {
	d.focused = false
	d.Select.FocusLost()
	d.left()
}

// MultiChoice is any number of answers out of several.
type MultiChoice struct {
	widget.BaseWidget
	OnLeave func()

	options []Option
	boxes   []*option
	changed func([]string)
}

// NewMultiChoice returns a choice with nothing ticked.
func NewMultiChoice(options []Option, changed func(values []string)) *MultiChoice {
	m := &MultiChoice{options: options, changed: changed}
	for i, o := range options {
		box := newOption(o.Label, false)
		box.tapped = func() {
			box.set(!box.checked)
			if m.changed != nil {
				m.changed(m.Values())
			}
		}
		box.left = func() {
			if m.OnLeave != nil {
				m.OnLeave()
			}
		}
		box.step = func(by int) {
			if next := i + by; next >= 0 && next < len(m.boxes) {
				focus(m.boxes[next])
			}
		}
		m.boxes = append(m.boxes, box)
	}
	m.ExtendBaseWidget(m)
	return m
}

// Values returns the ticked values in the order of the options.
func (m *MultiChoice) Values() []string {
	var out []string
	for i, b := range m.boxes {
		if b.checked {
			out = append(out, m.options[i].Value)
		}
	}
	return out
}

// SetValues ticks without calling back.
func (m *MultiChoice) SetValues(values []string) {
	for i, b := range m.boxes {
		b.set(slices.Contains(values, m.options[i].Value))
	}
}

// Focus gives the keyboard to the first box.
func (m *MultiChoice) Focus() {
	if len(m.boxes) > 0 {
		focus(m.boxes[0])
	}
}

// CreateRenderer implements fyne.Widget.
func (m *MultiChoice) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(optionRow(m.boxes))
}

// Acknowledge is a box to tick beside a statement, which may be long.
type Acknowledge struct {
	widget.BaseWidget
	OnLeave func()

	box *option
}

// NewAcknowledge returns an unticked statement.
func NewAcknowledge(statement string, changed func(bool)) *Acknowledge {
	a := &Acknowledge{box: newOption(statement, false)}
	a.box.tapped = func() {
		a.box.set(!a.box.checked)
		if changed != nil {
			changed(a.box.checked)
		}
	}
	a.box.left = func() {
		if a.OnLeave != nil {
			a.OnLeave()
		}
	}
	a.ExtendBaseWidget(a)
	return a
}

// Value tells whether the statement is ticked.
func (a *Acknowledge) Value() bool { return a.box.checked }

// SetValue ticks without calling back.
func (a *Acknowledge) SetValue(ticked bool) { a.box.set(ticked) }

// Focus gives the keyboard to the box.
func (a *Acknowledge) Focus() { focus(a.box) }

// CreateRenderer implements fyne.Widget.
func (a *Acknowledge) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(a.box) }
