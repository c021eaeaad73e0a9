package kit

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

func TestPageRevealsWhatIsOutOfSight(t *testing.T) {
	setup(t)
	var fields []fyne.CanvasObject
	for range 40 {
		fields = append(fields, NewField("题项", "", "", NewEntry("", nil)))
	}
	page := NewPage(fields...)
	window(t, page)
	driver := fyne.CurrentApp().Driver()
	for _, i := range []int{39, 0, 20, 21} {
		page.Reveal(fields[i])
		y := driver.AbsolutePositionForObject(fields[i]).Y
		if y < 0 || y+fields[i].Size().Height > 600 {
			t.Errorf("field %d stands at %v of 600", i, y)
		}
	}
	before := page.Scroll().Offset
	page.Reveal(fields[20])
	if page.Scroll().Offset != before {
		t.Error("a field in sight makes the page jump")
	}
}

func TestPageIsNoWiderThanCanBeRead(t *testing.T) {
	setup(t)
	text := NewText("一行")
	w := window(t, NewPage(text))
	w.Resize(fyne.NewSize(2000, 600))
	if text.Size().Width > readable {
		t.Errorf("lines are %v wide", text.Size().Width)
	}
	w.Resize(fyne.NewSize(500, 600))
	if text.Size().Width > 500-2*pageMargin || text.Size().Width < 460 {
		t.Errorf("in a window of 500, lines are %v wide", text.Size().Width)
	}
}

func TestLongTextGrowsWithWhatIsWritten(t *testing.T) {
	setup(t)
	l := NewLongText("", 3, Advice{}, nil)
	page := NewPage(l)
	w := window(t, page)
	least := l.MinSize().Height
	w.Canvas().Focus(l.entry)
	for range 600 {
		l.entry.TypedRune('字')
	}
	relayout(w)
	lines := len(shown(l.entry))
	room := l.entry.Size().Height - 2*theme.InnerPadding()
	line := fyne.MeasureText("字", theme.TextSize(), fyne.TextStyle{}).Height
	if lines < 5 || room < float32(lines)*line-1 || room > float32(lines+1)*line {
		t.Errorf("%d lines of %v have %v of room", lines, line, room)
	}
	grown := l.MinSize().Height
	w.Resize(fyne.NewSize(400, 600))
	relayout(w)
	if l.MinSize().Height <= grown {
		t.Error("in a narrower window it is no taller")
	}
	l.SetValue("")
	relayout(w)
	if l.MinSize().Height != least {
		t.Errorf("emptied, it is %v high, not %v", l.MinSize().Height, least)
	}
}

// A page that is scrolled and becomes short is not left blank.
func TestPageThatBecomesShortIsInSight(t *testing.T) {
	setup(t)
	page := NewPage(entries(40)...)
	window(t, page)
	page.Scroll().ScrollToBottom()
	few := entries(2)
	page.SetObjects(few...)
	if !inSight(page, few[0]) {
		t.Errorf("scrolled past its end, to %v", page.Scroll().Offset)
	}
}
