package unit

import (
	"context"
	"errors"
	"image"
	"slices"

	"fyne.io/fyne/v2/container"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/ui/kit"
)

// largeEdge is the longer side, in pixels, of a picture that is looked at large or cropped.
const largeEdge = 1600

// turn turns a photo by a quarter.
func (s *shelf) turn(id string) {
	m, _ := s.editor.draft.Material(materialOf(id))
	s.edit(id, func(d *draft.Draft) error { return d.Turn(m.ID, m.Turn+1) }, func(d *draft.Draft) error { return d.Turn(m.ID, m.Turn) })
}

// original has all pixels of a photo sent, or no longer.
func (s *shelf) original(id string) {
	m, _ := s.editor.draft.Material(materialOf(id))
	s.edit(id, func(d *draft.Draft) error { return d.SendOriginal(m.ID, !m.Original) },
		func(d *draft.Draft) error { return d.SendOriginal(m.ID, m.Original) })
	text := s.editor.words.T("media.original-off")
	if !m.Original {
		text = s.editor.words.T("media.original-on", "size", s.editor.words.Size(m.Size))
	}
	s.editor.tell(kit.Info, text)
}

// edit does something to a photo, which can be undone until something else is changed.
func (s *shelf) edit(id string, do, undo func(*draft.Draft) error) {
	s.edited(id, do(s.editor.draft))
	s.editor.album.back = func() { s.edited(id, undo(s.editor.draft)) }
}

// edited shows a photo as it was turned or cropped, wherever it is.
func (s *shelf) edited(id string, err error) {
	e := s.editor
	if err != nil {
		e.fail(err)
		return
	}
	e.saver.Changed()
	for _, other := range e.album.shelves {
		for twin := range other.number {
			if materialOf(twin) == materialOf(id) {
				other.gallery.SetPhoto(other.photo(twin, 0), true)
			}
		}
	}
}

// remove takes a photo out; it can be put back.
func (s *shelf) remove(id string) {
	if at, ok := s.entry(id); ok {
		s.editor.remove(at)
	}
}

// enlarge shows photos large, beginning with one.
func (s *shelf) enlarge(id string) {
	e, t := s.editor, s.editor.words.T
	photos := s.gallery.Photos()
	at := slices.IndexFunc(photos, func(p kit.Photo) bool { return p.ID == id })
	if at < 0 {
		return
	}
	var sheet *kit.Sheet
	v := kit.NewViewer(photos, at, kit.ViewerOptions{
		Loading: t("unit.loading"), Broken: t("unit.broken"), Previous: t("media.previous"), Next: t("media.next"),
		Place: func(n, of int) string { return t("media.place", "n", n, "of", of) },
		Load:  e.loadPhoto, Do: e.thread.Do, Open: e.open, Begin: e.busy.Go, Edge: largeEdge, Closed: func() { sheet.Close() },
	})
	sheet = kit.ShowSheet(e.win, t("media.enlarge"), v, kit.Action{Label: t("media.close"), Primary: true, Do: v.Stop})
}

// crop lets the person choose what of a photo is kept.
func (s *shelf) crop(id string) {
	e := s.editor
	m, ok := e.draft.Material(materialOf(id))
	r, err := e.request(id, largeEdge)
	if !ok || err != nil {
		return
	}
	r.Frame = forms.Frame{} // all of it, to choose from
	e.shell.Go(func(ctx context.Context) func() {
		img, err := e.pictures().Get(ctx, r)
		return func() {
			switch {
			case e.ctx.Err() != nil:
			case err != nil:
				e.fail(err)
			default:
				s.cropOn(id, m, img)
			}
		}
	})
}

func (s *shelf) cropOn(id string, m forms.Material, img image.Image) {
	e, t := s.editor, s.editor.words.T
	frame := kit.WholeFrame()
	if m.Frame != (forms.Frame{}) {
		frame = kit.Frame(turnFrame(m.Frame, m.Turn))
	}
	c := kit.NewCropper(img, frame, nil)
	apply := func(f kit.Frame) {
		kept := forms.Frame{}
		if f != kit.WholeFrame() {
			kept = turnFrame(forms.Frame(f), -m.Turn)
		}
		s.edit(id, func(d *draft.Draft) error { return d.Crop(m.ID, kept) }, func(d *draft.Draft) error { return d.Crop(m.ID, m.Frame) })
	}
	var sheet *kit.Sheet
	accept := func() { apply(c.Frame()) }
	c.OnAccept = func() { sheet.Close(); accept() }
	c.OnCancel = func() { sheet.Close() }
	sheet = kit.ShowSheet(e.win, t("media.crop"), container.NewBorder(nil, kit.NewMuted(t("media.crop-hint")), nil, nil, c),
		kit.Action{Label: t("media.crop-none"), Do: func() { apply(kit.WholeFrame()) }},
		kit.Action{Label: t("unit.cancel")},
		kit.Action{Label: t("media.crop-apply"), Primary: true, Do: accept})
	e.win.Canvas().Focus(c)
}

// turnFrame returns where a part of a picture is once the picture was turned clockwise by quarters.
func turnFrame(f forms.Frame, quarters int) forms.Frame {
	for range ((quarters % 4) + 4) % 4 {
		f = forms.Frame{Left: 1 - f.Bottom, Top: f.Left, Right: 1 - f.Top, Bottom: f.Right}
	}
	return f
}

// move lets the person choose where a photo goes.
func (s *shelf) move(id string) {
	e, t := s.editor, s.editor.words.T
	others := s.siblings()
	if len(others) == 0 {
		e.shell.Tell(t("media.move-nowhere"))
		return
	}
	var sheet *kit.Sheet
	column := container.NewVBox()
	for _, to := range others {
		entry := owner(to)
		label := e.nameOf(entry)
		if label == "" {
			label = t("unit.entry", "label", e.notice.Form.Lookup(entry).Label.In(e.words.Lang()), "n", entry.Index())
		}
		column.Add(kit.NewButton(kit.Action{Label: label, Do: func() {
			sheet.Close()
			s.moveTo([]string{id}, to)
		}}))
	}
	page := kit.NewPage(column)
	page.Lead(column)
	sheet = kit.ShowSheet(e.win, t("media.move-to"), page, kit.Action{Label: t("unit.cancel")})
}

// moveTo moves photos with what was written about them to another repeat of the same kind.
func (s *shelf) moveTo(ids []string, to forms.Path) {
	e := s.editor
	var numbers []int
	for _, id := range ids {
		if n, ok := s.number[id]; ok {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	slices.Reverse(numbers) // the last one first: the numbers of the others stay
	var moved []*forms.Answers
	for _, n := range numbers {
		a, err := e.checker.Remove(s.at.Entry(n))
		if err != nil {
			e.fail(err)
			break
		}
		moved = append(moved, a)
	}
	arrived := 0
	for _, a := range slices.Backward(moved) {
		_, err := e.checker.Insert(to, e.placeFor(to, s.picture, a.Values[s.picture.Name]), a)
		if err == nil {
			arrived++
			continue
		}
		if _, back := e.checker.Insert(s.at, 0, a); arrived == 0 || back != nil {
			e.fail(errors.Join(err, back))
		}
	}
	e.changed()
	if arrived > 0 {
		e.tell(kit.Success, e.words.T("media.moved", "n", arrived, "name", e.nameOf(owner(to))))
	}
}

// placeFor returns the number an entry takes so that photos stand in the order they were taken; 0 is the end.
func (e *Editor) placeFor(at forms.Path, picture *forms.Question, material string) int {
	m, _ := e.draft.Material(material)
	if m.Taken.IsZero() {
		return 0
	}
	n := e.checker.Answers().Len(at)
	for i := n; i > 0; i-- {
		other, _ := e.draft.Material(e.checker.State(at.Entry(i).Child(picture.Name)).Value)
		if !other.Taken.IsZero() && !other.Taken.After(m.Taken) {
			if i == n {
				return 0
			}
			return i + 1
		}
	}
	return 1
}
