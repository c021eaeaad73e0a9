package kit

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// Card is content under a title that folds, with actions at its foot.
type Card struct {
	widget.BaseWidget
	head    *cardHead
	content fyne.CanvasObject
	actions *fyne.Container
	folded  func(bool)
}

// NewCard returns an open card. folded may be nil; it is called when a person folds or unfolds.
func NewCard(title string, content fyne.CanvasObject, actions []Action, folded func(bool)) *Card {
	c := &Card{content: content, actions: NewActions(actions...), folded: folded}
	c.head = newCardHead(title, func() {
		c.SetFolded(!c.head.folded)
		if c.folded != nil {
			c.folded(c.head.folded)
		}
	})
	c.ExtendBaseWidget(c)
	show(c.actions, len(actions) > 0)
	return c
}

// SetTitle shows a title and, beside it, a summary that steps back.
func (c *Card) SetTitle(title, summary string) {
	c.head.title.SetText(title)
	c.head.summary.SetText(summary)
}

// SetState shows how the content stands, so that a folded card tells it too; an empty text takes it away.
func (c *Card) SetState(level Level, text string) { c.head.state.Set(level, text) }

// SetFolded folds or unfolds without calling back.
func (c *Card) SetFolded(folded bool) {
	c.head.fold(folded)
	show(c.content, !folded)
	show(c.actions, !folded && len(c.actions.Objects) > 0)
	c.Refresh()
}

// Focused returns the label of the action that has the keyboard, or nothing.
func (c *Card) Focused() string {
	for _, o := range c.actions.Objects {
		if b := o.(*Button); b.focused {
			return b.Text
		}
	}
	return ""
}

// Focus gives the keyboard to the action of that label, or else to the first; to the head for an empty label, and where
// the card is folded.
func (c *Card) Focus(label string) {
	if label == "" || !c.actions.Visible() {
		focus(c.head.pressed)
		return
	}
	at := slices.IndexFunc(c.actions.Objects, func(o fyne.CanvasObject) bool { return o.(*Button).Text == label })
	focus(c.actions.Objects[max(at, 0)].(*Button))
}

// Content returns what the card holds.
func (c *Card) Content() fyne.CanvasObject { return c.content }

// CreateRenderer implements fyne.Widget.
func (c *Card) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(NewPanel(container.New(&columnLayout{gap: 8}, c.head.pressed, c.content, c.actions)))
}

// cardHead is the line one taps to fold.
type cardHead struct {
	*pressed
	icon           *widget.Icon
	title, summary *Text
	state          *Finding
	folded         bool
}

func newCardHead(title string, toggle func()) *cardHead {
	h := &cardHead{
		icon:    widget.NewIcon(theme.MenuDropDownIcon()),
		title:   newText(title, theme.ColorNameForeground, theme.SizeNameSubHeadingText, true).whole(),
		summary: NewMuted("").oneLine(),
		state:   NewFinding(),
	}
	h.state.text.whole()
	h.pressed = newPressed(container.New(&headLayout{head: h}, h.icon, h.title, h.summary, h.state), toggle)
	return h
}

// headLayout sets all that a head tells on one line. Where that is too narrow it takes two: the title, which is cut if need
// be, and beneath it the summary and the state.
type headLayout struct {
	head  *cardHead
	width float32 // of the last time, 0 before
}

// narrow tells whether title and state do not fit on a line.
func (l *headLayout) narrow() bool {
	return l.width > 0 && l.left()+l.head.title.lineWidth()+l.state() > l.width
}

func (l *headLayout) left() float32 { return l.head.icon.MinSize().Width + theme.Padding() }

func (l *headLayout) state() float32 {
	if !l.head.state.Visible() {
		return 0
	}
	return l.head.state.MinSize().Width
}

// at 100 %
const (
	leastTitle   = 60
	leastSummary = 40
)

func (l *headLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	h, left, state := l.head, l.left(), l.state()
	line := fyne.NewSize(size.Width, h.title.MinSize().Height)
	set := func(o fyne.CanvasObject, x, y, width float32) {
		height := o.MinSize().Height
		o.Resize(fyne.NewSize(max(0, width), height))
		o.Move(fyne.NewPos(x, y+(line.Height-height)/2))
	}
	title := min(h.title.lineWidth(), size.Width-left)
	h.title.cut(left+h.title.lineWidth() > size.Width)
	set(h.icon, 0, 0, h.icon.MinSize().Width)
	set(h.title, left, 0, title)
	y, from := float32(0), left+title
	if l.narrow() {
		y, from = line.Height-look.Px(overlap), left
	}
	room := size.Width - from - state
	show(h.summary, room > look.Px(leastSummary))
	set(h.summary, from, y, room)
	set(h.state, size.Width-state, y, state)
}

func (l *headLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	h := l.head
	size := fyne.NewSize(l.left()+max(look.Px(leastTitle), l.state()), h.title.MinSize().Height)
	if l.narrow() {
		size.Height = 2*size.Height - look.Px(overlap)
	}
	return size
}

func (h *cardHead) fold(folded bool) {
	h.folded = folded
	h.icon.SetResource(theme.MenuDropDownIcon())
	if folded {
		h.icon.SetResource(theme.MenuExpandIcon())
	}
}
