// Command hello is the least window Fyne can show: what Baosong's is measured against. With two arguments it has a
// width and a height.
package main

import (
	"os"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/widget"
)

func main() {
	w := app.New().NewWindow("Hello")
	w.SetContent(widget.NewLabel("Hello World!"))
	if len(os.Args) == 3 {
		width, _ := strconv.ParseFloat(os.Args[1], 32) // 0, the least size, if it is none
		height, _ := strconv.ParseFloat(os.Args[2], 32)
		w.Resize(fyne.NewSize(float32(width), float32(height)))
	}
	w.ShowAndRun()
}
