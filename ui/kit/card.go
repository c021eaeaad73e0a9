package kit

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
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
	c := &Card{content: content, actions: buttons(actions), folded: folded}
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
	h.pressed = newPressed(container.NewBorder(nil, nil,
		container.NewHBox(h.icon, h.title), container.NewCenter(h.state),
		container.NewVBox(layout.NewSpacer(), h.summary, layout.NewSpacer())), toggle)
	return h
}

func (h *cardHead) fold(folded bool) {
	h.folded = folded
	h.icon.SetResource(theme.MenuDropDownIcon())
	if folded {
		h.icon.SetResource(theme.MenuExpandIcon())
	}
}
