package native

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Caret is where text goes in, in pixels of the window's inside.
type Caret struct {
	Line  image.Rectangle // the caret's line, from the caret to the end of the entry
	Entry image.Rectangle // the entry
}

// CaretOf returns the caret of the entry that has the keyboard, and false where none has. Call it on the UI
// goroutine. An entry that has scrolled does not tell by how much: the caret is held within the entry.
func CaretOf(c fyne.Canvas) (Caret, bool) {
	entry, ok := c.Focused().(interface {
		fyne.CanvasObject
		CursorPosition() fyne.Position
	})
	if !ok {
		return Caret{}, false
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(entry)
	size := entry.Size()
	height := fyne.MeasureText("国", theme.TextSize(), fyne.TextStyle{}).Height
	caret := entry.CursorPosition()
	x := max(0, min(caret.X, size.Width))
	y := max(0, min(caret.Y, size.Height-height))
	pixels := func(x, y float32) image.Point {
		px, py := c.PixelCoordinateForPosition(at.AddXY(x, y))
		return image.Pt(px, py)
	}
	return Caret{
		Line:  image.Rectangle{Min: pixels(x, y), Max: pixels(size.Width, y+height)},
		Entry: image.Rectangle{Min: pixels(0, 0), Max: pixels(size.Width, size.Height)},
	}, true
}
