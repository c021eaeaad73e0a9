package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// Bar is the line over a page: the way back, what is open and how it stands, and what can be done wherever one is.
// Actions for which there is no room are in a menu.
type Bar struct {
	widget.BaseWidget
	back          *Button
	title, status *Text
	tools         *actionRow
}

// NewBar returns a bar. more is the word on the button that shows the rest of the actions.
func NewBar(back Action, title, more string, actions []Action) *Bar {
	b := &Bar{
		back: NewButton(back), title: NewSubheading(title).oneLine(), status: NewMuted("").oneLine(),
		tools: newActionRow(more, actions, NewButton),
	}
	b.ExtendBaseWidget(b)
	return b
}

// SetStatus says how what is open stands.
func (b *Bar) SetStatus(text string) { b.status.SetText(text) }

// ShowActions shows the actions, or takes them away.
func (b *Bar) ShowActions(on bool) { show(b.tools, on) }

// CreateRenderer implements fyne.Widget.
func (b *Bar) CreateRenderer() fyne.WidgetRenderer {
	objects := container.New(barLayout{b}, b.back, b.title, b.status, b.tools)
	return widget.NewSimpleRenderer(container.NewVBox(objects, widget.NewSeparator()))
}

type barLayout struct{ bar *Bar }

// overlap draws title and status together: Fyne pads each as if it stood alone.
const overlap = 8

func (l barLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	b, gap := l.bar, theme.Padding()
	button := b.back.MinSize()
	b.back.Resize(button)
	b.back.Move(fyne.NewPos(0, (size.Height-button.Height)/2))
	left := button.Width + gap
	room := size.Width - left
	tools := float32(0)
	if b.tools.Visible() {
		title := fyne.MeasureText(b.title.Text(), theme.Size(theme.SizeNameSubHeadingText), fyne.TextStyle{Bold: true}).Width + 2*theme.InnerPadding()
		_, tools = b.tools.fitting(room - gap - min(title, room/3))
		b.tools.Resize(fyne.NewSize(tools, button.Height))
		b.tools.Move(fyne.NewPos(size.Width-tools, (size.Height-button.Height)/2))
		tools += gap
	}
	y := float32(0)
	for _, t := range []*Text{b.title, b.status} {
		height := t.MinSize().Height
		t.Move(fyne.NewPos(left, y))
		t.Resize(fyne.NewSize(room-tools, height))
		y += height - look.Px(overlap)
	}
}

func (l barLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	b := l.bar
	size := b.back.MinSize()
	size.Width += b.tools.MinSize().Width + look.Px(60) // of the title at least its beginning
	size.Height = max(size.Height, b.title.MinSize().Height+b.status.MinSize().Height-look.Px(overlap))
	return size
}
