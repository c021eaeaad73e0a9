package unit

import (
	"context"
	"image"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/forms"
	"baosong/forms/media"
	"baosong/ui/kit"
)

// gallery draws the photos of a repeat with their captions.
func (e *Editor) gallery(q, picture *forms.Question, p forms.Path) []fyne.CanvasObject {
	caption := slices.IndexFunc(q.Children, func(c *forms.Question) bool { return c.Has("caption") })
	entryOf := func(id string) forms.Path {
		for i := range e.checker.Answers().Len(p) {
			if entry := p.Entry(i + 1); string(entry) == id {
				return entry
			}
		}
		return ""
	}
	materials := map[string]string{} // by the photo's id; never changed, since loading reads it elsewhere
	for i := range e.checker.Answers().Len(p) {
		entry := p.Entry(i + 1)
		materials[string(entry)] = e.checker.State(entry.Child(picture.Name)).Value
	}
	var g *kit.Gallery
	g = kit.NewGallery(kit.GalleryOptions{
		Reveal:      func(top, bottom float32) { e.page.RevealSpan(g, top, bottom) },
		Do:          e.thread.Do,
		CaptionHint: e.words.T("unit.caption"), Loading: e.words.T("unit.loading"), Broken: e.words.T("unit.broken"),
		Load: func(ctx context.Context, id string, edge int) (image.Image, error) {
			path, err := e.draft.MaterialPath(materials[id])
			if err != nil {
				return nil, err
			}
			return media.Thumbnail(ctx, path, edge)
		},
		Captioned: func(id, text string) {
			if entry := entryOf(id); entry != "" && caption >= 0 {
				e.set(q.Children[caption], entry.Child(q.Children[caption].Name), text)
			}
		},
		Left: func(string) { e.steps() },
		Actions: []kit.PhotoAction{{Label: e.words.T("unit.delete"), Icon: theme.DeleteIcon(), Danger: true, Do: func(id string) {
			if entry := entryOf(id); entry != "" {
				e.remove(entry)
			}
		}}},
	})
	var photos []kit.Photo
	for i := range e.checker.Answers().Len(p) {
		entry := p.Entry(i + 1)
		ph := kit.Photo{ID: string(entry)}
		if caption >= 0 {
			at := entry.Child(q.Children[caption].Name)
			ph.Caption = e.checker.State(at).Value
			if f := e.checker.State(at).Findings; len(f) > 0 {
				ph.Level, ph.Note = level(f[0]), e.words.Finding(f[0])
			}
			e.focus[at] = func() { g.FocusCaption(ph.ID) }
		}
		photos = append(photos, ph)
	}
	g.SetPhotos(photos)
	e.page.Watch(g)
	out := []fyne.CanvasObject{g}
	if !e.locked {
		out = append(out, e.addFiles(func(paths []string) { e.addPhotos(p, picture, paths) }))
	}
	return out
}

// addFiles is the button that picks files.
func (e *Editor) addFiles(chosen func([]string)) fyne.CanvasObject {
	return widget.NewButtonWithIcon(e.words.T("unit.add-files"), theme.FolderOpenIcon(), func() {
		dialog.ShowFileOpen(func(r fyne.URIReadCloser, err error) {
			if err != nil {
				e.fail(err)
				return
			}
			if r == nil {
				return
			}
			path := r.URI().Path()
			_ = r.Close() // attaching opens it itself
			chosen([]string{path})
		}, e.win)
	})
}

// file draws the answer to a question for one file.
func (e *Editor) file(q *forms.Question, p forms.Path, s forms.State) fyne.CanvasObject {
	if m, ok := e.draft.Material(s.Value); ok {
		return kit.NewFileRow(theme.FileIcon(), m.Name, e.words.Size(m.Size), []kit.Action{
			{Label: e.words.T("unit.delete"), Icon: theme.DeleteIcon(), Danger: true, Do: func() { e.set(q, p, ""); e.redraw() }},
		})
	}
	return container.NewHBox(e.addFiles(func(paths []string) {
		e.attach(paths[:1], func(id string) { e.set(q, p, id) })
	}))
}

func (e *Editor) addPhotos(p forms.Path, picture *forms.Question, paths []string) {
	e.attach(paths, func(id string) {
		entry, err := e.checker.Insert(p, 0, nil)
		if err != nil {
			e.fail(err)
			return
		}
		e.set(picture, entry.Child(picture.Name), id)
	})
}

// Drop attaches files that were dropped on the window to the first gallery on
// the page that is open, that of the last entry if there are several.
func (e *Editor) Drop(paths []string) {
	if e.locked || e.current >= len(e.pages) {
		return
	}
	p, picture := e.dropPlace([]*forms.Question{e.pages[e.current]}, "")
	if picture == nil {
		dialog.ShowInformation(e.words.T("unit.failed"), e.words.T("unit.no-gallery"), e.win)
		return
	}
	e.addPhotos(p, picture, paths)
}

func (e *Editor) dropPlace(qs []*forms.Question, at forms.Path) (forms.Path, *forms.Question) {
	for _, q := range qs {
		p := at.Child(q.Name)
		switch {
		case q.Type == forms.TypeRepeat && galleryOf(q) != nil:
			return p, galleryOf(q)
		case q.Type == forms.TypeRepeat:
			if n := e.checker.Answers().Len(p); n > 0 {
				if found, picture := e.dropPlace(q.Children, p.Entry(n)); picture != nil {
					return found, picture
				}
			}
		case q.Type == forms.TypeGroup:
			if found, picture := e.dropPlace(q.Children, p); picture != nil {
				return found, picture
			}
		}
	}
	return "", nil
}

// attach copies files into the draft off the UI goroutine and hands each id
// over on it.
func (e *Editor) attach(paths []string, done func(id string)) {
	e.busy.Go(func() {
		for _, path := range paths {
			m, err := e.draft.Attach(e.ctx, path, nil)
			e.thread.Do(func() {
				switch {
				case e.ctx.Err() != nil:
				case err != nil:
					e.fail(err)
				default:
					done(m.ID)
					e.saver.Changed()
					e.redraw()
				}
			})
		}
	})
}
