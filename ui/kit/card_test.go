package kit

import (
	"testing"

	"fyne.io/fyne/v2"
)

// In a narrow window a card tells its title whole, and beneath it what is missing; in a wide one all of it on a line.
func TestCardHeadTellsWhichCardItIs(t *testing.T) {
	setup(t)
	c := NewCard("开展的活动 12", NewText("内容"), nil, nil)
	c.SetTitle("开展的活动 12", "科普展览")
	c.SetState(Warning, "待填 7 项")
	w := window(t, NewPage(c))
	see(t, c, "开展的活动 12", "科普展览", "待填 7 项")
	h := c.head
	middle := func(o fyne.CanvasObject) float32 { return o.Position().Y + o.Size().Height/2 }
	if middle(h.title) != middle(h.state) || h.summary.Position().X < h.title.Position().X+h.title.Size().Width {
		t.Error("in a wide window the head does not stand on a line")
	}
	w.Resize(fyne.NewSize(h.title.lineWidth()+100, 600))
	see(t, c, "开展的活动 12", "待填 7 项")
	if middle(h.state) < h.title.Position().Y+h.title.Size().Height/2+10 {
		t.Errorf("the state at %.0f does not stand beneath the title at %.0f", middle(h.state), middle(h.title))
	}
}
