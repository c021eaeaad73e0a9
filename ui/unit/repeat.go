package unit

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"baosong/forms"
	"baosong/ui/kit"
)

// entryCard is one entry of a repeat on the page.
type entryCard struct {
	card  *kit.Card
	title string
}

// repeat draws the entries of a repeat as cards, or as a gallery.
func (e *Editor) repeat(q *forms.Question, p forms.Path, top bool) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	label := q.Label.In(e.words.Lang())
	if !top {
		out = append(out, kit.NewSubheading(label))
		if hint := q.Hint.In(e.words.Lang()); hint != "" {
			out = append(out, kit.NewMuted(hint))
		}
	}
	if f := e.checker.State(p).Findings; len(f) > 0 && e.visited[e.CheckPage()] {
		line := kit.NewFinding()
		line.Set(level(f[0]), e.words.Finding(f[0]))
		out = append(out, line)
	}
	if image := galleryOf(q); image != nil {
		return append(out, e.gallery(q, image, p)...)
	}
	n := e.checker.Answers().Len(p)
	for i := range n {
		out = append(out, e.entry(q, p.Entry(i+1), i+1, n))
	}
	if !e.locked && q.RepeatCount == "" {
		text := e.words.T("unit.add", "label", label)
		if len(p.Entries()) == 0 { // the heading over it says what
			text = e.words.T("unit.add-one")
		}
		add := kit.NewButton(kit.Action{
			Label: text, Icon: theme.ContentAddIcon(), Do: func() { e.insert(p, n+1, nil) },
		})
		if n == 0 { // where an entry is missing, and where the last one was taken out
			e.focus[p] = add.Focus
		}
		out = append(out, container.NewHBox(add))
	}
	return out
}

// entry draws one entry as a card, which draws its questions once it is open.
func (e *Editor) entry(q *forms.Question, entry forms.Path, i, n int) fyne.CanvasObject {
	a := e.checker.Answers().At(entry)
	if _, known := e.folded[a]; !known {
		e.folded[a] = n > 1 && i < n // of several, the last one is open
	}
	box := kit.NewColumn()
	show := func(folded bool) {
		e.folded[a] = folded
		if !folded && len(box.Objects) == 0 {
			box.Objects = e.questions(q.Children, entry, false)
			if e.cards[entry].card != nil { // a person unfolded it
				box.Refresh()
			}
		}
	}
	title := e.words.T("unit.entry", "label", q.Label.In(e.words.Lang()), "n", i)
	card := kit.NewCard(title, box, e.entryActions(q, entry, i, n), show)
	show(e.folded[a])
	e.cards[entry] = entryCard{card, title}
	card.SetFolded(e.folded[a])
	e.summariseEntry(entry)
	return card
}

func (e *Editor) entryActions(q *forms.Question, entry forms.Path, i, n int) []kit.Action {
	if e.locked || q.RepeatCount != "" {
		return nil
	}
	var out []kit.Action
	if i > 1 {
		out = append(out, kit.Action{Label: e.words.T("unit.up"), Icon: theme.MoveUpIcon(), Do: func() { e.move(entry, i-1) }})
	}
	if i < n {
		out = append(out, kit.Action{Label: e.words.T("unit.down"), Icon: theme.MoveDownIcon(), Do: func() { e.move(entry, i+1) }})
	}
	return append(out,
		kit.Action{Label: e.words.T("unit.copy-entry"), Icon: theme.ContentCopyIcon(), Do: func() { e.copy(q, entry, i+1) }},
		kit.Action{Label: e.words.T("unit.delete-entry"), Icon: theme.DeleteIcon(), Danger: true, Do: func() { e.remove(entry) }},
	)
}

// summarise tells on the cards that a question lies in what is in them.
func (e *Editor) summarise(p forms.Path) {
	for _, entry := range p.Entries() {
		e.summariseEntry(entry)
	}
}

func (e *Editor) summariseEntry(entry forms.Path) {
	c, ok := e.cards[entry]
	if !ok {
		return
	}
	c.card.SetTitle(c.title, e.nameOf(entry))
	worst, errs, warnings := kit.None, 0, 0
	for _, f := range e.checker.Findings() {
		if !slices.Contains(f.Path.Entries(), entry) && f.Path != entry {
			continue
		}
		if f.Severity == forms.SeverityError {
			errs++
		} else {
			warnings++
		}
	}
	text := ""
	switch {
	case errs > 0:
		worst, text = kit.Warning, e.words.T("unit.to-fill", "n", errs)
	case warnings > 0:
		worst, text = kit.Warning, e.words.T("unit.warned", "n", warnings)
	default:
		worst, text = kit.Success, e.words.T("unit.complete")
	}
	c.card.SetState(worst, text)
}

// nameOf is what a person knows an entry by: its first answer that is not a mere number.
func (e *Editor) nameOf(entry forms.Path) string {
	q := e.notice.Form.Lookup(entry)
	if q == nil {
		return ""
	}
	for _, c := range q.Children {
		if c.Type == forms.TypeInteger || c.Type == forms.TypeDecimal {
			continue
		}
		if v := e.checker.State(entry.Child(c.Name)).Value; v != "" && c.Type.Typed() && !c.Type.Media() {
			return e.display(c, v)
		}
	}
	return ""
}

func (e *Editor) insert(p forms.Path, n int, a *forms.Answers) {
	entry, err := e.checker.Insert(p, n, a)
	if err != nil {
		e.fail(err)
		return
	}
	for i := range e.checker.Answers().Len(p) {
		other := p.Entry(i + 1)
		e.folded[e.checker.Answers().At(other)] = other != entry
	}
	e.changed()
	e.reach(entry)
}

// reach shows an entry and gives its first question the keyboard.
func (e *Editor) reach(entry forms.Path) {
	c, ok := e.cards[entry]
	if !ok {
		return
	}
	e.page.Reveal(c.card)
	q := e.notice.Form.Lookup(entry)
	for _, child := range q.Children {
		if f := e.fields[entry.Child(child.Name)]; f != nil && child.Type.Typed() && !child.Type.Media() {
			f.Focus()
			return
		}
	}
}

// AddEntry adds an entry to the first repeat of the page.
func (e *Editor) AddEntry() {
	if e.locked || e.current >= len(e.pages) {
		return
	}
	q := e.pages[e.current]
	if q.Type != forms.TypeRepeat {
		i := slices.IndexFunc(q.Children, func(c *forms.Question) bool { return c.Type == forms.TypeRepeat })
		if i < 0 {
			return
		}
		q = q.Children[i]
	}
	if galleryOf(q) == nil && q.RepeatCount == "" {
		e.insert(q.Path(), 0, nil)
	}
}

func (e *Editor) move(entry forms.Path, to int) {
	at := e.seat()
	if err := e.checker.Move(entry, to); err != nil {
		e.fail(err)
		return
	}
	e.changed()
	moved := entry.Repeat().Entry(to)
	if c, ok := e.cards[moved]; ok {
		e.page.Reveal(c.card)
	}
	if at.entry == entry { // by a key: the keyboard goes with the entry
		e.sitAt(seat{entry: moved, action: at.action})
	}
}

// copy adds an entry with the same words. Photos, videos and files are not
// copied: they show one activity only.
func (e *Editor) copy(q *forms.Question, entry forms.Path, to int) {
	a := e.checker.Answers().At(entry).Clone()
	withoutMaterials(q, a)
	e.insert(entry.Repeat(), to, a)
}

func withoutMaterials(q *forms.Question, a *forms.Answers) {
	for _, c := range q.Children {
		switch {
		case c.Type.Media():
			delete(a.Values, c.Name)
		case c.Type == forms.TypeGroup && a.Groups[c.Name] != nil:
			withoutMaterials(c, a.Groups[c.Name])
		case c.Type == forms.TypeRepeat && holdsMedia(c):
			delete(a.Repeats, c.Name)
		}
	}
}

func holdsMedia(q *forms.Question) bool {
	return slices.ContainsFunc(q.Children, func(c *forms.Question) bool { return c.Type.Media() || holdsMedia(c) })
}

// remove takes an entry out, and offers to put it back where it was.
func (e *Editor) remove(entry forms.Path) {
	name, keyed := e.nameOf(entry), e.seat().entry == entry
	removed, err := e.checker.Remove(entry)
	if err != nil {
		e.fail(err)
		return
	}
	if n := e.checker.Answers().Len(entry.Repeat()); n > 0 { // to the neighbour, or the page would stand at its end
		next := entry.Repeat().Entry(min(entry.Index(), n))
		if n == 1 {
			e.folded[e.checker.Answers().At(next)] = false
		}
		e.changed()
		if c, ok := e.cards[next]; ok {
			e.page.Reveal(c.card)
		}
		if keyed {
			e.sitAt(seat{entry: next})
		}
	} else {
		e.changed()
		e.page.Scroll().ScrollToTop()
		if focus := e.focus[entry.Repeat()]; keyed && focus != nil {
			focus()
		}
	}
	text := e.words.T("unit.removed", "name", name)
	if name == "" {
		text = e.words.T("unit.removed-one")
	}
	e.tell(kit.Info, text, kit.Action{Label: e.words.T("unit.undo"), Do: func() {
		if _, err := e.checker.Insert(entry.Repeat(), entry.Index(), removed); err != nil {
			e.fail(err)
			return
		}
		e.changed()
		if keyed {
			e.sitAt(seat{entry: entry})
		}
	}})
}

// galleryOf returns the image question of a repeat that is shown as a gallery.
func galleryOf(q *forms.Question) *forms.Question {
	i := slices.IndexFunc(q.Children, func(c *forms.Question) bool { return c.Type == forms.TypeImage })
	if i < 0 || !q.Has("gallery") {
		return nil
	}
	return q.Children[i]
}
