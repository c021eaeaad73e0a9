package kit

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"baosong/ui/look"
)

// lazy is a driver that, as the real one does, learns what is on a canvas only as the canvas is laid out for drawing.
type lazy struct {
	fyne.Driver
	win   fyne.Window
	known map[fyne.CanvasObject]bool
	drawn *int // how often drawing was asked for
}

type lazyApp struct {
	fyne.App
	driver lazy
}

func (a lazyApp) Driver() fyne.Driver { return a.driver }

func (l lazy) AllWindows() []fyne.Window { return []fyne.Window{lazyWindow{l.win, l}} }

func (l lazy) CanvasForObject(o fyne.CanvasObject) fyne.Canvas {
	if !l.known[o] {
		return nil
	}
	return l.win.Canvas()
}

func (l lazy) AbsolutePositionForObject(o fyne.CanvasObject) fyne.Position {
	if !l.known[o] {
		return fyne.Position{}
	}
	return l.Driver.AbsolutePositionForObject(o)
}

type lazyWindow struct {
	fyne.Window
	driver lazy
}

func (w lazyWindow) Canvas() fyne.Canvas { return lazyCanvas{w.Window.Canvas(), w.driver} }

type lazyCanvas struct {
	fyne.Canvas
	driver lazy
}

// EnsureMinSize is what the real canvas does before it draws.
func (c lazyCanvas) EnsureMinSize() bool {
	for _, o := range visible(c.Content()) {
		c.driver.known[o] = true
	}
	return false
}

// SetDirty asks the real canvas to draw.
func (c lazyCanvas) SetDirty() { *c.driver.drawn++ }

// behave makes the driver one that knows what it has drawn only.
func behave(t *testing.T, w fyne.Window, known ...fyne.CanvasObject) *int {
	t.Helper()
	app := fyne.CurrentApp()
	l := lazy{app.Driver(), w, map[fyne.CanvasObject]bool{}, new(int)}
	for _, o := range known {
		l.known[o] = true
	}
	fyne.SetCurrentApp(lazyApp{app, l})
	t.Cleanup(func() { fyne.SetCurrentApp(app) })
	return l.drawn
}

// What was hidden when the window was drawn last is drawn as soon as it is shown.
func TestWhatIsShownForTheFirstTimeIsDrawn(t *testing.T) {
	setup(t)
	banner, finding, field := NewBanner(), NewFinding(), NewField("题", "", "", NewEntry("", nil))
	w := window(t, NewColumn(banner, finding, field))
	drawn := behave(t, w)
	for name, show := range map[string]func(){
		"banner":  func() { banner.Set(Success, "演练成功") },
		"finding": func() { finding.Set(Error, "请填写此项") },
		"hint":    func() { field.setHint("如 2024-5-30") },
	} {
		before := *drawn
		show()
		if *drawn == before {
			t.Errorf("the %s would not be seen before something else happens", name)
		}
	}
}

func entries(n int) (out []fyne.CanvasObject) {
	for i := range n {
		out = append(out, NewField(fmt.Sprint("题 ", i), "", "", NewEntry("", nil)))
	}
	return out
}

// What was put on a page just now takes the keyboard, and is scrolled to.
func TestNewObjectsTakeTheKeyboardAtOnce(t *testing.T) {
	setup(t)
	page := NewPage()
	w := window(t, page)
	behave(t, w, page)
	fields := entries(40)
	page.SetObjects(fields...)
	last := fields[39].(*Field)
	page.Reveal(last)
	last.Focus()
	if w.Canvas().Focused() != last.Control().(fyne.Focusable) {
		t.Error("a question that is new on the page does not take the keyboard")
	}
	if !inSight(page, last) {
		t.Errorf("it is out of sight, the page at %v", page.Scroll().Offset)
	}
}

// inSight tells whether all of an object is within the page's part that is shown.
func inSight(p *Page, o fyne.CanvasObject) bool {
	driver := fyne.CurrentApp().Driver()
	top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(p).Y
	return top >= 0 && top+o.Size().Height <= p.Size().Height
}

// Whoever goes through the questions by Tab sees where the keyboard is, and what it is about.
func TestPageFollowsTheKeyboard(t *testing.T) {
	setup(t)
	fields := entries(12)
	choice := NewField("类别", "", "", NewChoice([]Option{{"a", "甲"}, {"b", "乙"}}, "", nil))
	list := NewField("单位", "", "", NewChoice([]Option{{"1", "一"}, {"2", "二"}, {"3", "三"}, {"4", "四"}, {"5", "五"}, {"6", "六"}}, "", nil))
	text := NewField("总结", "", "", NewLongText("", 4, Advice{}, nil))
	button := NewButton(Action{Label: "下一页"})
	page := NewPage(append(fields, choice, list, text, button)...)
	above := NewButton(Action{Label: "返回"})
	w := window(t, container.NewBorder(above, nil, nil, nil, page))
	w.Resize(fyne.NewSize(500, 300))
	seen := 0
	for range 30 {
		w.Canvas().FocusNext()
		o := w.Canvas().Focused().(fyne.CanvasObject)
		if o == fyne.CanvasObject(above) {
			break
		}
		seen++
		if !inSight(page, o) {
			t.Errorf("the %d. stop, a %T, is out of sight", seen, o)
		}
	}
	if seen != 16 {
		t.Errorf("%d stops, not 16", seen)
	}
	w.Canvas().Focus(button)
	before := page.Scroll().Offset
	if before.Y == 0 {
		t.Fatal("the page has not been scrolled")
	}
	w.Canvas().Focus(above)
	if page.Scroll().Offset != before {
		t.Error("a button above the page moved it")
	}
	w.Canvas().FocusPrevious()
	for range 15 {
		w.Canvas().FocusPrevious()
		if o := w.Canvas().Focused().(fyne.CanvasObject); !inSight(page, o) {
			t.Errorf("backwards, a %T is out of sight", o)
		}
	}
	if !inSight(page, fields[0]) {
		t.Error("the first question has its entry in sight and not its label")
	}
}

// Tab goes to one option of those to choose one from: the chosen one.
func TestTabStopsOnceInAChoice(t *testing.T) {
	setup(t)
	choice := NewChoice([]Option{{"a", "甲"}, {"b", "乙"}, {"c", "丙"}}, "", nil)
	before, after := NewEntry("", nil), NewEntry("", nil)
	w := window(t, NewColumn(before, choice, after))
	before.Focus()
	w.Canvas().FocusNext()
	if w.Canvas().Focused() != choice.radios[0] {
		t.Fatal("not at the first option")
	}
	w.Canvas().FocusNext()
	if w.Canvas().Focused() != after {
		t.Fatal("a second stop in the choice")
	}
	test.Tap(choice.radios[2])
	if w.Canvas().Focused() != choice.radios[2] || choice.Value() != "c" {
		t.Fatalf("a tap chose %q and did not bring the keyboard", choice.Value())
	}
	w.Canvas().FocusPrevious()
	w.Canvas().FocusNext()
	if w.Canvas().Focused() != choice.radios[2] {
		t.Error("Tab comes back to another option than the chosen one")
	}
	choice.radios[2].TypedKey(&fyne.KeyEvent{Name: fyne.KeyUp})
	if w.Canvas().Focused() != choice.radios[1] || choice.Value() != "b" {
		t.Errorf("the arrow chose %q", choice.Value())
	}
}

func TestButtonIsPressedByEnterAndShowsTheKeyboard(t *testing.T) {
	for name, mode := range map[string]look.Mode{"light": look.ModeLight, "dark": look.ModeDark} {
		for kind, a := range map[string]Action{"plain": {}, "primary": {Primary: true}, "danger": {Primary: true, Danger: true}} {
			setup(t)
			fyne.CurrentApp().Settings().SetTheme(look.New(look.Faces{}, mode, 100))
			pressed, escaped := 0, 0
			a.Label, a.Do = "发送", func() { pressed++ }
			b := NewButton(a)
			b.Escape = func() { escaped++ }
			w := window(t, container.NewCenter(b))
			w.Resize(fyne.NewSize(200, 100))
			without := w.Canvas().Capture()
			focus(b)
			if c := sharpest(without, w.Canvas().Capture()); c < 3 {
				t.Errorf("%s, %s: the keyboard shows by a contrast of %.1f", name, kind, c)
			}
			for _, k := range []fyne.KeyName{fyne.KeyReturn, fyne.KeySpace, fyne.KeyEscape} {
				b.TypedKey(&fyne.KeyEvent{Name: k})
			}
			if w.Canvas().Focused() != fyne.Focusable(b) {
				t.Errorf("%s, %s: a key takes the keyboard away", name, kind)
			}
			if pressed != 2 || escaped != 1 {
				t.Errorf("%s, %s: pressed %d times, escaped %d times", name, kind, pressed, escaped)
			}
		}
	}
}

// sharpest returns the greatest contrast between two pictures at one place.
func sharpest(a, b image.Image) float64 {
	most := 1.0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			la, lb := luminance(a.At(x, y)), luminance(b.At(x, y))
			most = max(most, (max(la, lb)+0.05)/(min(la, lb)+0.05))
		}
	}
	return most
}

// luminance is the relative luminance of WCAG 2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}
