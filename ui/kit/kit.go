// Package kit holds Baosong's widgets. They show data and emit callbacks; they know no forms, no mail, no files,
// and no words: every text is handed in. All of them belong to the UI goroutine.
package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// Level is the weight of a piece of news. It is always shown by an icon and a text, never by colour alone.
type Level int

// The levels, from none to the heaviest.
const (
	None Level = iota
	Info
	Success
	Warning
	Error
)

// Icon returns the level's icon in its colour; nil for None.
func (l Level) Icon() fyne.Resource {
	var icon fyne.Resource
	switch l {
	case Info:
		icon = theme.InfoIcon()
	case Success:
		icon = theme.ConfirmIcon()
	case Warning:
		icon = theme.WarningIcon()
	case Error:
		icon = theme.ErrorIcon()
	default:
		return nil
	}
	return theme.NewColoredResource(icon, l.text())
}

func (l Level) text() fyne.ThemeColorName {
	switch l {
	case Info:
		return look.ColorInfoText
	case Success:
		return look.ColorSuccessText
	case Warning:
		return look.ColorWarningText
	case Error:
		return look.ColorErrorText
	}
	return look.ColorMuted
}

func (l Level) tint() fyne.ThemeColorName {
	switch l {
	case Info:
		return look.ColorInfoTint
	case Success:
		return look.ColorSuccessTint
	case Warning:
		return look.ColorWarningTint
	case Error:
		return look.ColorErrorTint
	}
	return theme.ColorNameHeaderBackground
}

// Action is something a person can do with what is shown beside it.
type Action struct {
	Label   string
	Icon    fyne.Resource
	Primary bool // the one most people want
	Danger  bool // loses something; with Primary it is what a person is asked to confirm
	Do      func()
}

// NewActions returns a row of buttons, which goes on beneath where it is too long.
func NewActions(actions ...Action) *fyne.Container {
	row := container.New(&wrapLayout{gap: actionGap * 2})
	for _, a := range actions {
		row.Add(NewButton(a))
	}
	return row
}

func buttons(actions []Action) *fyne.Container {
	row := container.NewHBox()
	for _, a := range actions {
		row.Add(NewButton(a))
	}
	return row
}

// Panel is content on a rounded ground.
type Panel struct {
	widget.BaseWidget
	content      fyne.CanvasObject
	fill, stroke fyne.ThemeColorName
	padding      float32
}

// NewPanel puts content on the surface colour, with a thin frame.
func NewPanel(content fyne.CanvasObject) *Panel {
	return newPanel(content, look.ColorSurface, theme.ColorNameSeparator, 8)
}

func newPanel(content fyne.CanvasObject, fill, stroke fyne.ThemeColorName, padding float32) *Panel {
	p := &Panel{content: content, fill: fill, stroke: stroke, padding: padding}
	p.ExtendBaseWidget(p)
	return p
}

func (p *Panel) paint(fill, stroke fyne.ThemeColorName) {
	p.fill, p.stroke = fill, stroke
	p.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{panel: p, ground: canvas.NewRectangle(color.Transparent)}
	r.objects = []fyne.CanvasObject{r.ground, p.content}
	r.Refresh()
	return r
}

type panelRenderer struct {
	panel   *Panel
	ground  *canvas.Rectangle
	objects []fyne.CanvasObject
}

func (r *panelRenderer) Layout(size fyne.Size) {
	pad := look.Px(r.panel.padding)
	r.ground.Resize(size)
	r.panel.content.Move(fyne.NewPos(pad, pad))
	r.panel.content.Resize(size.SubtractWidthHeight(2*pad, 2*pad))
}

func (r *panelRenderer) MinSize() fyne.Size {
	pad := look.Px(r.panel.padding)
	return r.panel.content.MinSize().AddWidthHeight(2*pad, 2*pad)
}

func (r *panelRenderer) Refresh() {
	r.ground.FillColor = theme.Color(r.panel.fill)
	r.ground.StrokeColor = color.Transparent
	r.ground.StrokeWidth = 0
	if r.panel.stroke != "" {
		r.ground.StrokeColor = theme.Color(r.panel.stroke)
		r.ground.StrokeWidth = theme.Size(theme.SizeNameInputBorder)
	}
	r.ground.CornerRadius = theme.Size(theme.SizeNameCardRadius)
	r.ground.Refresh()
	r.panel.content.Refresh()
}

func (r *panelRenderer) Destroy()                     {}
func (r *panelRenderer) Objects() []fyne.CanvasObject { return r.objects }
