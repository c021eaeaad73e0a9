package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// Step is one page on the rail. Its level shows as an icon, its note as words ("缺 3 项").
type Step struct {
	Title string
	Level Level // Success: done, Error: something missing, Warning: something to look at, None: not begun
	Note  string
}

// Rail is the way through several pages: which there are, which is open, how each stands.
type Rail struct {
	widget.BaseWidget
	rows    []*railRow
	box     *fyne.Container
	scroll  *container.Scroll
	current int
	chosen  func(index int)
}

// NewRail returns an empty rail. chosen is called when a person picks a page.
func NewRail(chosen func(index int)) *Rail {
	r := &Rail{box: container.NewVBox(), chosen: chosen, current: -1}
	r.scroll = container.NewVScroll(r.box)
	r.ExtendBaseWidget(r)
	return r
}

// SetSteps shows the pages. Rows that exist are kept, and with them the keyboard's place.
func (r *Rail) SetSteps(steps []Step) {
	for len(r.rows) < len(steps) {
		row := newRailRow(r, len(r.rows))
		r.rows = append(r.rows, row)
		r.box.Add(row)
	}
	for len(r.rows) > len(steps) {
		last := len(r.rows) - 1
		r.box.Remove(r.rows[last])
		r.rows = r.rows[:last]
	}
	for i, s := range steps {
		r.setStep(i, s)
	}
	r.scroll.Refresh() // a note that came or went makes its row another height
}

// setStep shows how one page stands; an index out of range is ignored.
func (r *Rail) setStep(index int, s Step) {
	if index < 0 || index >= len(r.rows) {
		return
	}
	row := r.rows[index]
	row.step = s
	row.title.SetText(s.Title)
	row.note.SetText(s.Note)
	row.note.setColor(s.Level.text())
	show(row.note, s.Note != "")
	icon := s.Level.Icon()
	if icon == nil {
		icon = theme.NewColoredResource(theme.RadioButtonIcon(), look.ColorMuted)
	}
	row.icon.SetResource(icon)
	row.Refresh()
}

// SetCurrent marks the open page.
func (r *Rail) SetCurrent(index int) {
	r.current = index
	for i, row := range r.rows {
		row.Refresh()
		if i == index {
			r.reveal(row)
		}
	}
}

// Current returns the open page, -1 for none.
func (r *Rail) Current() int { return r.current }

// CreateRenderer implements fyne.Widget.
func (r *Rail) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.scroll) }

// reveal brings a row into sight.
func (r *Rail) reveal(row *railRow) {
	offset, top := r.scroll.Offset.Y, row.Position().Y
	offset = min(max(offset, top+row.Size().Height-r.scroll.Size().Height), top)
	if offset != r.scroll.Offset.Y {
		r.scroll.ScrollToOffset(fyne.NewPos(0, offset))
	}
}

func (r *Rail) move(from, by int) {
	if next := from + by; next >= 0 && next < len(r.rows) {
		focus(r.rows[next])
	}
}

type railRow struct {
	widget.BaseWidget
	rail             *Rail
	index            int
	step             Step
	icon             *widget.Icon
	title, note      *Text
	focused, hovered bool
}

func newRailRow(rail *Rail, index int) *railRow {
	r := &railRow{
		rail: rail, index: index, icon: widget.NewIcon(nil),
		title: NewText(""), note: NewMuted(""),
	}
	r.ExtendBaseWidget(r)
	return r
}

// Tapped implements fyne.Tappable.
func (r *railRow) Tapped(*fyne.PointEvent) { r.rail.chosen(r.index) }

// TypedKey opens the page by Enter or space, and moves by the arrows.
func (r *railRow) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		r.rail.chosen(r.index)
	case fyne.KeyDown:
		r.rail.move(r.index, 1)
	case fyne.KeyUp:
		r.rail.move(r.index, -1)
	}
}

// TypedRune implements fyne.Focusable.
func (r *railRow) TypedRune(rune) {}

// FocusGained implements fyne.Focusable.
func (r *railRow) FocusGained() {
	r.focused = true
	r.Refresh()
	r.rail.reveal(r)
}

// FocusLost implements fyne.Focusable.
func (r *railRow) FocusLost() { r.focused = false; r.Refresh() }

// MouseIn implements desktop.Hoverable.
func (r *railRow) MouseIn(*desktop.MouseEvent) { r.hovered = true; r.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (r *railRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (r *railRow) MouseOut() { r.hovered = false; r.Refresh() }

// CreateRenderer implements fyne.Widget.
func (r *railRow) CreateRenderer() fyne.WidgetRenderer {
	words := container.New(&columnLayout{gap: -12}, r.title, r.note)
	out := &railRowRenderer{
		row: r, ground: canvas.NewRectangle(color.Transparent), bar: canvas.NewRectangle(color.Transparent),
		content: container.New(railLayout{}, r.icon, words),
	}
	out.objects = []fyne.CanvasObject{out.ground, out.bar, out.content}
	out.Refresh()
	return out
}

type railRowRenderer struct {
	row         *railRow
	ground, bar *canvas.Rectangle
	content     *fyne.Container
	objects     []fyne.CanvasObject
}

func (r *railRowRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	r.bar.Resize(fyne.NewSize(look.Px(4), size.Height))
	r.content.Move(fyne.NewPos(look.Px(10), 0))
	r.content.Resize(fyne.NewSize(size.Width-look.Px(10), size.Height))
}

func (r *railRowRenderer) MinSize() fyne.Size {
	return r.content.MinSize().AddWidthHeight(look.Px(10), 0)
}

func (r *railRowRenderer) Refresh() {
	current := r.row.rail.current == r.row.index
	r.ground.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	focusRing(r.ground, r.row.focused, r.row.hovered)
	r.bar.FillColor = color.Transparent
	if current { // a bar, a ground and heavier letters: the open page is not told by colour alone
		r.ground.FillColor = theme.Color(look.ColorInfoTint)
		r.bar.FillColor = theme.Color(theme.ColorNamePrimary)
	}
	r.bar.CornerRadius = look.Px(2)
	r.bar.Refresh()
	r.ground.Refresh()
	r.row.title.segment.Style.TextStyle.Bold = current
	r.row.title.Refresh()
	r.content.Refresh()
}

func (r *railRowRenderer) Destroy()                     {}
func (r *railRowRenderer) Objects() []fyne.CanvasObject { return r.objects }

// railLayout sets the icon at the middle of the title's line.
type railLayout struct{}

func (railLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	side := theme.IconInlineSize()
	line := fyne.MeasureText("国", theme.TextSize(), fyne.TextStyle{}).Height + 2*theme.InnerPadding()
	o[0].Resize(fyne.NewSquareSize(side))
	o[0].Move(fyne.NewPos(0, (line-side)/2+look.Px(1)))
	o[1].Move(fyne.NewPos(side, 0))
	o[1].Resize(fyne.NewSize(size.Width-side, size.Height))
}

func (railLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[1].MinSize().AddWidthHeight(theme.IconInlineSize(), 0)
}
