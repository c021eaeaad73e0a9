package kit

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// Field frames a control: label and required mark above, hint, the control, and the finding beneath it.
type Field struct {
	widget.BaseWidget
	label, mark *Text
	hint        *Text
	control     fyne.CanvasObject
	finding     *Finding
}

// NewField frames a control. requiredMark is the word beside the label of a required question, empty otherwise.
func NewField(label, requiredMark, hint string, control fyne.CanvasObject) *Field {
	f := &Field{
		label:   newText(label, theme.ColorNameForeground, theme.SizeNameText, true),
		mark:    newText(requiredMark, look.ColorErrorText, theme.SizeNameCaptionText, false).whole(),
		hint:    NewMuted(hint),
		control: control,
		finding: NewFinding(),
	}
	f.ExtendBaseWidget(f)
	f.SetRequired(requiredMark)
	f.setHint(hint)
	return f
}

// SetRequired shows the mark of a required question; an empty one takes it away.
func (f *Field) SetRequired(mark string) {
	f.mark.SetText(mark)
	show(f.mark, mark != "")
}

// setHint shows a hint between label and control; an empty one takes no room.
func (f *Field) setHint(hint string) {
	f.hint.SetText(hint)
	show(f.hint, hint != "")
}

// SetFinding shows what is wrong beneath the control; an empty text takes it away.
func (f *Field) SetFinding(level Level, text string) { f.finding.Set(level, text) }

// Finding returns the line beneath the control.
func (f *Field) Finding() *Finding { return f.finding }

// Control returns what the field frames.
func (f *Field) Control() fyne.CanvasObject { return f.control }

// Typing returns the text being typed into the control, and whether it has the keyboard for that.
func (f *Field) Typing() (string, bool) {
	c, ok := f.control.(interface {
		Focused() bool
		Value() string
	})
	if !ok || !c.Focused() {
		return "", false
	}
	return c.Value(), true
}

// Focused tells whether the control has the keyboard.
func (f *Field) Focused() bool {
	switch c := f.control.(type) {
	case *Choice:
		return c.list != nil && c.list.focused || slices.ContainsFunc(c.radios, focusedOption)
	case *MultiChoice:
		return slices.ContainsFunc(c.boxes, focusedOption)
	case *Acknowledge:
		return c.box.focused
	}
	_, typing := f.Typing()
	return typing
}

func focusedOption(o *option) bool { return o.focused }

// Focus gives the keyboard to the control, if it can take it.
func (f *Field) Focus() {
	switch c := f.control.(type) {
	case interface{ Focus() }:
		c.Focus()
	case fyne.Focusable:
		focus(c)
	}
}

// CreateRenderer implements fyne.Widget.
func (f *Field) CreateRenderer() fyne.WidgetRenderer {
	head := container.New(&wrapLayout{}, f.label, container.NewCenter(f.mark))
	show(head, f.label.Text() != "")
	return widget.NewSimpleRenderer(container.New(&columnLayout{gap: -6}, head, f.hint, f.control, f.finding))
}

func show(o fyne.CanvasObject, visible bool) {
	switch {
	case !visible:
		o.Hide()
	case !o.Visible():
		o.Show()
		Repaint()
	}
}

// NewColumn stacks objects as a page does.
func NewColumn(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&columnLayout{gap: 10}, objects...)
}

// columnLayout stacks what is visible at its least height. A negative gap draws texts together: Fyne pads each of
// them as if it stood alone. It is not taken off around controls.
type columnLayout struct{ gap float32 }

func (l *columnLayout) gapBefore(above, below fyne.CanvasObject) float32 {
	if above == nil {
		return 0
	}
	if t, ok := above.(*Text); ok && t.heads(below) {
		return -look.Px(6)
	}
	if bare(above) && bare(below) || l.gap > 0 {
		return look.Px(l.gap)
	}
	if bare(above) || bare(below) {
		return look.Px(l.gap / 2)
	}
	return 0
}

// bare tells texts, which bring their own padding, from controls.
func bare(o fyne.CanvasObject) bool {
	switch o := o.(type) {
	case *Text, *Finding:
		return true
	case *fyne.Container:
		return slices.ContainsFunc(o.Objects, bare)
	}
	return false
}

func (l *columnLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	var above fyne.CanvasObject
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		y += l.gapBefore(above, o)
		h := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		if settled := o.MinSize().Height; settled != h { // texts know their height only once they know their width
			h = settled
			o.Resize(fyne.NewSize(size.Width, h))
		}
		y += h
		above = o
	}
}

func (l *columnLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	var above fyne.CanvasObject
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		least := o.MinSize()
		size.Width = max(size.Width, least.Width)
		size.Height += least.Height + l.gapBefore(above, o)
		above = o
	}
	return size
}
