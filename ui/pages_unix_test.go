//go:build !windows

package ui

import (
	"image"
	"os/exec"
	"testing"

	"fyne.io/fyne/v2/canvas"
)

// TestCheckPageShowsWhatArrives has the document laid out by the office program there is, page by page, and is told
// where there is none; the plan stands beside it.
func TestCheckPageShowsWhatArrives(t *testing.T) {
	_, k := serving(t)
	k.show(k.editor.CheckPage())
	k.mustSee("预计 1 封邮件，共")
	k.tap("显示打印页面")
	_, soffice := exec.LookPath("soffice")
	_, libreoffice := exec.LookPath("libreoffice")
	_, pdftoppm := exec.LookPath("pdftoppm")
	if soffice != nil && libreoffice != nil || pdftoppm != nil {
		k.mustSee("没有找到能排版的")
		return
	}
	k.mustSee("页")
	written := 0
	find(k.win.Content(), func(c *canvas.Image) bool {
		if c.Image != nil && c.Image.Bounds().Dy() > c.Image.Bounds().Dx() && dark(c.Image) > 1000 {
			written++
		}
		return false
	})
	if written == 0 {
		t.Errorf("no page with anything on it: %q", k.texts())
	}
}

// dark counts the dots of a picture that are more black than white.
func dark(img image.Image) (n int) {
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if r, _, _, _ := img.At(x, y).RGBA(); r < 0x8000 {
				n++
			}
		}
	}
	return n
}
