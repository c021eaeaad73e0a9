package kit

import (
	"image"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

func near(a, b Frame) bool {
	for _, d := range []float64{a.Left - b.Left, a.Top - b.Top, a.Right - b.Right, a.Bottom - b.Bottom} {
		if math.Abs(d) > 1e-3 {
			return false
		}
	}
	return true
}

func TestCropByKeyboard(t *testing.T) {
	setup(t)
	var told Frame
	c := NewCropper(image.NewGray(image.Rect(0, 0, 400, 200)), Frame{0.2, 0.2, 0.6, 0.6}, func(f Frame) { told = f })
	w := window(t, c)
	w.Canvas().Focus(c)
	key(w.Canvas(), fyne.KeyRight, fyne.KeyDown)
	if want := (Frame{0.22, 0.22, 0.62, 0.62}); !near(c.Frame(), want) || !near(told, want) {
		t.Errorf("arrows move the frame to %v, told %v", c.Frame(), told)
	}
	c.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	key(w.Canvas(), fyne.KeyRight, fyne.KeyUp)
	c.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	if want := (Frame{0.22, 0.22, 0.64, 0.60}); !near(c.Frame(), want) {
		t.Errorf("with Shift the right and lower edges go to %v", c.Frame())
	}
	c.TypedRune('+')
	if want := (Frame{0.20, 0.20, 0.66, 0.62}); !near(c.Frame(), want) {
		t.Errorf("plus makes it %v", c.Frame())
	}
	for range 100 {
		key(w.Canvas(), fyne.KeyLeft)
		c.TypedRune('-')
	}
	if f := c.Frame(); f.Left < 0 || f.Right-f.Left < frameLeast-1e-6 {
		t.Errorf("the frame has left the picture or vanished: %v", f)
	}
	accepted, given := 0, 0
	c.OnAccept, c.OnCancel = func() { accepted++ }, func() { given++ }
	key(w.Canvas(), fyne.KeyReturn, fyne.KeyEscape)
	if accepted != 1 || given != 1 {
		t.Errorf("accepted %d, given up %d times", accepted, given)
	}
}

func TestCropByMouse(t *testing.T) {
	setup(t)
	c := NewCropper(image.NewGray(image.Rect(0, 0, 400, 200)), Frame{0.25, 0.25, 0.75, 0.75}, nil)
	window(t, c)
	c.Resize(fyne.NewSize(400, 400)) // the picture lies from y=100 to 300
	drag := func(x, y, dx, dy float32) {
		c.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x+dx, y+dy)}, Dragged: fyne.NewDelta(dx, dy)})
		c.DragEnd()
	}
	drag(100, 150, -40, -20) // the upper left corner
	if want := (Frame{0.15, 0.15, 0.75, 0.75}); !near(c.Frame(), want) {
		t.Errorf("by the corner: %v", c.Frame())
	}
	drag(300, 200, 500, 0) // the right edge, beyond the picture
	if want := (Frame{0.15, 0.15, 1, 0.75}); !near(c.Frame(), want) {
		t.Errorf("by the edge: %v", c.Frame())
	}
	drag(200, 200, 0, 200) // the frame itself, beyond the picture
	if want := (Frame{0.15, 0.40, 1, 1}); !near(c.Frame(), want) {
		t.Errorf("by the middle: %v", c.Frame())
	}
}

func viewer(t *testing.T, n int) (*Viewer, *pictures, fyne.Window) {
	setup(t)
	p := newPictures()
	list := photos(n)
	list[1].Caption = "代表发言"
	v := NewViewer(list, 0, ViewerOptions{
		Loading: "正在读取", Broken: "读不出来", Previous: "上一张", Next: "下一张", Edge: 600,
		Place: func(n, of int) string { return string(rune('0'+n)) + "/" + string(rune('0'+of)) },
		Load:  p.load, Do: func(f func()) { p.ui <- f },
	})
	return v, p, window(t, v)
}

func (p *pictures) show(v *Viewer) {
	v.thumbs.wait.Wait()
	for len(p.ui) > 0 {
		(<-p.ui)()
	}
}

func TestViewerGoesThroughPhotos(t *testing.T) {
	v, p, w := viewer(t, 3)
	p.show(v)
	if v.img.Image == nil || !v.previous.Disabled() || v.next.Disabled() {
		t.Error("the first photo is not shown, or can be gone back from")
	}
	w.Canvas().Focus(v)
	key(w.Canvas(), fyne.KeyRight)
	see(t, v, "代表发言", "2/3", "正在读取")
	p.show(v)
	hidden(t, v, "正在读取")
	key(w.Canvas(), fyne.KeyEnd, fyne.KeyRight)
	if v.Photo().ID != "p2" || !v.next.Disabled() {
		t.Errorf("at the end %v is shown", v.Photo())
	}
	p.show(v)
	asked := len(p.asked)
	test.Tap(v.previous)
	p.show(v)
	if len(p.asked) != asked {
		t.Error("going back reads the picture again")
	}
	closed := false
	v.opts.Closed = func() { closed = true }
	if key(w.Canvas(), fyne.KeyEscape); !closed {
		t.Error("Escape does not close")
	}
}

func TestSheetGivesTheKeyboardBack(t *testing.T) {
	setup(t)
	e := NewEntry("", nil)
	w := window(t, e)
	w.Canvas().Focus(e)
	c := NewCropper(image.NewGray(image.Rect(0, 0, 4, 2)), WholeFrame(), nil)
	done := false
	ShowSheet(w, "裁剪", c, Action{Label: "应用", Do: func() { done = true }})
	if w.Canvas().Focused() != fyne.Focusable(c) {
		t.Errorf("in the sheet the keyboard is at %v", w.Canvas().Focused())
	}
	tapText(t, w.Canvas().Overlays().Top(), "应用")
	if !done || w.Canvas().Overlays().Top() != nil || w.Canvas().Focused() != fyne.Focusable(e) {
		t.Errorf("done %v, over the window %v, keyboard at %v", done, w.Canvas().Overlays().Top(), w.Canvas().Focused())
	}
}

func TestActionsThatDoNotFitAreInAMenu(t *testing.T) {
	setup(t)
	var did []string
	var actions []Action
	for _, label := range []string{"旋转", "裁剪", "移到其他活动", "删除"} {
		actions = append(actions, Action{Label: label, Do: func() { did = append(did, label) }})
	}
	r := newActionRow("更多", actions, NewButton)
	w := window(t, r)
	see(t, r, "旋转", "裁剪", "移到其他活动", "删除")
	hidden(t, r, "更多")
	w.Resize(fyne.NewSize(180, 60))
	see(t, r, "旋转", "更多")
	hidden(t, r, "删除")
	for _, b := range visible(r) {
		if at := b.Position().X + b.Size().Width; at > 181 {
			t.Errorf("%T ends at %v", b, at)
		}
	}
	tapText(t, r, "更多")
	tapText(t, w.Canvas().Overlays().Top(), "删除")
	if len(did) != 1 || did[0] != "删除" {
		t.Errorf("did %v", did)
	}
}
