package kit

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// VideoCard is a video in a list: a frame of it, its name and length, what is to be known about it, and what can be
// done with it.
type VideoCard struct {
	widget.BaseWidget
	poster  *canvas.Image
	film    *widget.Icon // while there is no frame
	name    *Text
	detail  *Text
	note    *Finding
	work    *fyne.Container
	actions fyne.CanvasObject
}

// NewVideoCard returns a card.
func NewVideoCard(name, detail string, actions []Action) *VideoCard {
	v := &VideoCard{
		poster: &canvas.Image{FillMode: canvas.ImageFillContain}, film: widget.NewIcon(theme.MediaVideoIcon()),
		name: NewText(name).oneLine(), detail: NewMuted(detail).oneLine(), note: NewFinding(), work: container.NewStack(),
		actions: NewActions(actions...),
	}
	v.poster.Hide()
	v.ExtendBaseWidget(v)
	return v
}

// SetPoster shows a frame of the video. Before that a film is shown.
func (v *VideoCard) SetPoster(img image.Image) {
	v.poster.Image = img
	v.poster.Show()
	v.film.Hide()
	v.poster.Refresh()
}

// SetNote shows what the video does to the messages, or what is wrong with it.
func (v *VideoCard) SetNote(level Level, text string) { v.note.Set(level, text) }

// SetWork shows what is being done to the video.
func (v *VideoCard) SetWork(o fyne.CanvasObject) {
	v.work.Objects = []fyne.CanvasObject{o}
	v.work.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (v *VideoCard) CreateRenderer() fyne.WidgetRenderer {
	picture := container.NewStack(newPanel(container.NewStack(), theme.ColorNameHeaderBackground, "", 0),
		container.NewCenter(container.New(squareLayout(40), v.film)), v.poster)
	words := container.NewVBox(container.New(&columnLayout{gap: -10}, v.name, v.detail, v.note), v.work, v.actions)
	row := container.New(posterLayout{}, picture, words)
	return widget.NewSimpleRenderer(newPanel(row, look.ColorSurface, theme.ColorNameSeparator, 6))
}

// posterLayout sets a picture of 16:9 beside words that are as tall as they need.
type posterLayout struct{}

func (posterLayout) width() float32 { return look.Px(176) }

func (l posterLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	width := min(l.width(), size.Width/2)
	o[0].Resize(fyne.NewSize(width, width*9/16))
	o[1].Move(fyne.NewPos(width+theme.Padding(), 0))
	o[1].Resize(fyne.NewSize(size.Width-width-theme.Padding(), size.Height))
}

func (l posterLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	words := o[1].MinSize()
	return fyne.NewSize(l.width()/2+words.Width, max(words.Height, l.width()*9/16))
}
