package kit

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/ui/look"
)

// FileRow is a file in a list: its name, what is to be known about it, and what can be done with it.
type FileRow struct {
	widget.BaseWidget
	icon    *widget.Icon
	name    *Text
	detail  *Text
	finding *Finding
	actions *fyne.Container
}

// NewFileRow returns a row. icon may be nil.
func NewFileRow(icon fyne.Resource, name, detail string, actions []Action) *FileRow {
	if icon == nil {
		icon = theme.FileIcon()
	}
	r := &FileRow{
		icon: widget.NewIcon(icon), name: NewText(name).oneLine(), detail: NewMuted(detail).oneLine(),
		finding: NewFinding(), actions: buttons(actions),
	}
	r.ExtendBaseWidget(r)
	return r
}

// SetFinding shows what is wrong with the file; an empty text takes it away.
func (r *FileRow) SetFinding(level Level, text string) { r.finding.Set(level, text) }

// CreateRenderer implements fyne.Widget.
func (r *FileRow) CreateRenderer() fyne.WidgetRenderer {
	words := container.New(&columnLayout{gap: -12}, r.name, r.detail, r.finding)
	row := container.NewBorder(nil, nil, inset(container.NewCenter(r.icon)), container.NewCenter(r.actions), words)
	return widget.NewSimpleRenderer(newPanel(row, theme.ColorNameInputBackground, theme.ColorNameSeparator, 4))
}

// ProgressRow is a piece of work under way: how far it is, in a bar and in words, and a button that stops it.
type ProgressRow struct {
	widget.BaseWidget
	title   *Text
	bar     *widget.ProgressBar
	percent *Text // beside the bar: on its two colours no letter is readable
	line    *fyne.Container
	detail  *Text
	actions *fyne.Container
}

// NewProgressRow returns a row at its beginning. The actions (pause, cancel) go away when the work has ended.
func NewProgressRow(title string, actions ...Action) *ProgressRow {
	r := &ProgressRow{
		title: NewText(title).oneLine(), bar: widget.NewProgressBar(), detail: NewMuted("").oneLine(),
		actions: buttons(actions), percent: NewText("0%").whole(),
	}
	r.bar.TextFormatter = func() string { return "" }
	r.line = container.NewBorder(nil, nil, nil, r.percent, container.NewPadded(r.bar))
	r.ExtendBaseWidget(r)
	return r
}

// Set shows how far the work is, from 0 to 1, and says so in words ("第 2/3 封，12.4 MB / 35 MB").
func (r *ProgressRow) Set(fraction float64, detail string) {
	r.bar.SetValue(fraction)
	r.percent.SetText(strconv.Itoa(int(100*fraction)) + "%")
	r.detail.SetText(detail)
}

// SetActions shows other buttons, as when the work is paused.
func (r *ProgressRow) SetActions(actions ...Action) {
	r.actions.Objects = buttons(actions).Objects
	r.actions.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (r *ProgressRow) CreateRenderer() fyne.WidgetRenderer {
	words := container.New(&columnLayout{gap: -10}, r.title, r.line, r.detail)
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, nil, container.NewCenter(r.actions), words))
}

// Fact is one line of a card: what it is, and how it is.
type Fact struct{ Label, Value string }

// NoticeCard shows what is asked and by when: a title, a badge, facts, and what can be done.
type NoticeCard struct {
	widget.BaseWidget
	title   *Text
	badge   *Badge
	facts   *fyne.Container
	actions *fyne.Container
}

// NewNoticeCard returns a card.
func NewNoticeCard(title string, facts []Fact, actions []Action) *NoticeCard {
	n := &NoticeCard{
		title: NewSubheading(title), badge: newBadge(None, ""),
		facts: container.New(layout.NewFormLayout()), actions: NewActions(actions...),
	}
	for _, f := range facts {
		n.facts.Add(newText(f.Label, None.text(), theme.SizeNameText, false).whole())
		n.facts.Add(NewText(f.Value))
	}
	n.ExtendBaseWidget(n)
	return n
}

// SetBadge shows the state in short ("还有 3 天", "已逾期 5 天").
func (n *NoticeCard) SetBadge(level Level, text string) { n.badge.Set(level, text) }

// CreateRenderer implements fyne.Widget.
func (n *NoticeCard) CreateRenderer() fyne.WidgetRenderer {
	head := container.NewBorder(nil, nil, nil, container.NewVBox(n.badge), n.title)
	return widget.NewSimpleRenderer(NewPanel(container.New(&columnLayout{gap: 10}, head, n.facts, n.actions)))
}

// Badge is a state in a word or two, on the tint of its level.
type Badge struct {
	widget.BaseWidget
	line  *Finding
	panel *Panel
}

// newBadge returns a badge; without a text it takes no room.
func newBadge(level Level, text string) *Badge {
	b := &Badge{line: NewFinding()}
	b.line.text.whole()
	b.panel = newPanel(inset(b.line), level.tint(), "", 0)
	b.ExtendBaseWidget(b)
	b.Set(level, text)
	return b
}

// Set shows another state.
func (b *Badge) Set(level Level, text string) {
	b.line.Set(level, text)
	b.panel.paint(level.tint(), "")
	show(b, text != "")
}

// CreateRenderer implements fyne.Widget.
func (b *Badge) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewPadded(b.panel))
}

// inset keeps an icon away from the edge of the ground it is on, as a text keeps itself.
func inset(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(0, 0, look.Px(6), 0), o)
}

// Banner is a piece of news over a page, with what can be done about it.
type Banner struct {
	widget.BaseWidget
	line    *Finding
	panel   *Panel
	actions *fyne.Container
}

// NewBanner returns a hidden banner.
func NewBanner() *Banner {
	b := &Banner{line: NewFinding(), actions: container.NewHBox()}
	b.line.text.segment.Style.SizeName = theme.SizeNameText
	b.panel = newPanel(container.NewBorder(nil, nil, nil, container.NewCenter(b.actions), inset(b.line)), Info.tint(), "", 4)
	b.ExtendBaseWidget(b)
	b.Hide()
	return b
}

// Set shows a text at a level with its actions; an empty text hides the banner.
func (b *Banner) Set(level Level, text string, actions ...Action) {
	b.line.Set(level, text)
	b.actions.Objects = buttons(actions).Objects
	b.actions.Refresh()
	b.panel.paint(level.tint(), "")
	show(b, text != "")
}

// Text returns what is shown.
func (b *Banner) Text() string { return b.line.Text() }

// CreateRenderer implements fyne.Widget.
func (b *Banner) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(b.panel) }
