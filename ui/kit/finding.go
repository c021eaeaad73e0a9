package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// Finding is a line of icon and text, in the colour of its level. Without a text it takes no room.
type Finding struct {
	widget.BaseWidget
	level Level
	icon  *widget.Icon
	text  *Text
}

// NewFinding returns an empty line.
func NewFinding() *Finding {
	f := &Finding{icon: widget.NewIcon(nil), text: newText("", None.text(), theme.SizeNameCaptionText, false)}
	f.ExtendBaseWidget(f)
	f.Hide()
	return f
}

// Set shows a text at a level; an empty text hides the line.
func (f *Finding) Set(level Level, text string) {
	if text == "" {
		f.level = None
		f.text.SetText("")
		f.Hide()
		return
	}
	f.level = level
	f.text.setColor(level.text())
	f.text.SetText(text)
	f.icon.SetResource(level.Icon())
	if level == None {
		f.icon.Hide()
	} else {
		f.icon.Show()
	}
	show(f, true)
	f.Refresh()
}

// Level returns the level shown.
func (f *Finding) Level() Level { return f.level }

// Text returns the text shown.
func (f *Finding) Text() string { return f.text.Text() }

// CreateRenderer implements fyne.Widget.
func (f *Finding) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.New(besideLayout{}, f.icon, f.text))
}

// besideLayout sets an icon beside the first line of a text that wraps.
type besideLayout struct{}

func (besideLayout) indent(icon fyne.CanvasObject) float32 {
	if !icon.Visible() {
		return 0
	}
	return theme.Size(theme.SizeNameInlineIcon)
}

func (l besideLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	indent := l.indent(o[0])
	o[0].Resize(fyne.NewSquareSize(indent))
	o[0].Move(fyne.NewPos(0, (lineHeight(o[1])-indent)/2+look.Px(1)))
	o[1].Resize(fyne.NewSize(size.Width-indent, size.Height))
	o[1].Move(fyne.NewPos(indent, 0))
}

func (l besideLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[1].MinSize().AddWidthHeight(l.indent(o[0]), 0)
}

// lineHeight is the height of the first line of a text with the padding around it.
func lineHeight(o fyne.CanvasObject) float32 {
	size := theme.TextSize()
	if t, ok := o.(*Text); ok && t.segment.Style.SizeName != "" {
		size = theme.Size(t.segment.Style.SizeName)
	}
	return fyne.MeasureText("国", size, fyne.TextStyle{}).Height + 2*theme.InnerPadding()
}
