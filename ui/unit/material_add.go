package unit

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/forms/media"
	"baosong/ui/kit"
)

// handEvery is how often files that were attached are shown while others are still being copied.
const handEvery = 100 * time.Millisecond

// namedFiles is how many of the files that were not taken in are told by their names.
const namedFiles = 5

// adding is files being copied into the draft.
type adding struct {
	row   *kit.ProgressRow
	stop  context.CancelFunc
	over  chan struct{} // closed when it has ended
	tally tally
	first string // the photo that came first, which is brought into sight
}

// tally counts what came of files.
type tally struct {
	added, again int
	unfit        []string // names
	failed       []error
	skipped      int
}

// add copies files into the draft, off the UI goroutine, and shows them as they come. Photos go to the gallery at p.
func (e *Editor) add(p forms.Path, paths []string, after func()) {
	if after == nil {
		after = func() {}
	}
	if e.locked || e.album.adding != nil {
		after()
		if e.album.adding != nil {
			e.tell(kit.Info, e.words.T("media.busy"))
		}
		return
	}
	ctx, stop := context.WithCancel(e.ctx)
	a := &adding{stop: stop, over: make(chan struct{}), row: kit.NewProgressRow(e.words.T("media.adding"), kit.Action{Label: e.words.T("unit.cancel"), Do: stop})}
	e.album.adding = a
	e.album.rush.Store(a)
	e.redraw()
	where := e.whereabouts(p)
	e.busy.Go(func() {
		defer after()
		defer stop()
		g, _ := media.Gather(ctx, paths) // of a context that is done there is no more to say
		a.tally.skipped = g.Count()
		var batch []draft.Attached
		done, last := 0, time.Time{}                                      // the first one is shown at once
		_ = e.draft.AttachAll(ctx, g.Files, nil, func(f draft.Attached) { // its error is that the person gave up
			done++
			if batch = append(batch, f); time.Since(last) >= handEvery {
				e.hand(where, a, batch, done, len(g.Files))
				batch, last = nil, time.Now()
			}
		})
		e.hand(where, a, batch, done, len(g.Files))
		e.album.rush.Store(nil)
		close(a.over)
		e.thread.Do(func() { e.addedAll(where(), a) })
	})
}

// whereabouts follows a place while files are on their way to it: the entries it lies in may be moved meanwhile, or taken out.
// Then no place is left, which is "".
func (e *Editor) whereabouts(p forms.Path) func() forms.Path {
	checker := e.checker
	entries := p.Entries()
	own := make([]*forms.Answers, len(entries))
	for i, entry := range entries {
		own[i] = checker.Answers().At(entry)
	}
	return func() forms.Path {
		if e.checker != checker { // all answers were replaced, as by undoing a change
			return p
		}
		now := checker.Answers()
		was, is := forms.Path(""), forms.Path("") // as far as it was followed
		for i, entry := range entries {
			repeat := is + entry.Repeat()[len(was):]
			n := 1
			for n <= now.Len(repeat) && now.At(repeat.Entry(n)) != own[i] {
				n++
			}
			if n > now.Len(repeat) {
				return ""
			}
			was, is = entry, repeat.Entry(n)
		}
		return is + p[len(was):]
	}
}

// hand shows a batch of files on the page, where they belong by then.
func (e *Editor) hand(where func() forms.Path, a *adding, batch []draft.Attached, done, of int) {
	e.thread.Do(func() {
		if e.ctx.Err() != nil {
			return
		}
		p := where()
		if p == "" {
			a.stop()
			return
		}
		a.row.Set(float64(done)/float64(max(of, 1)), e.words.T("media.adding-n", "n", done, "of", of))
		others := false
		for _, f := range batch {
			others = e.take(p, a, f) || others
		}
		e.saver.Changed()
		if s := e.album.shelves[p]; s != nil && !others {
			s.refresh()
			e.page.MakeRoom()
		} else {
			e.redraw()
		}
		if a.first == "" {
			e.bringIntoSight(p, a, batch)
		}
	})
}

// bringIntoSight scrolls to the first photo of a batch: who has dropped photos sees them come, wherever on the page
// they belong. It scrolls once more when the page has been laid out: only then is it known where the photo is.
func (e *Editor) bringIntoSight(p forms.Path, a *adding, batch []draft.Attached) {
	i := slices.IndexFunc(batch, func(f draft.Attached) bool { return f.Err == nil && strings.HasPrefix(f.Material.MIME, "image/") })
	if i < 0 {
		return
	}
	a.first = batch[i].Material.ID
	reveal := func() {
		if s := e.album.shelves[p]; s != nil && e.ctx.Err() == nil {
			s.gallery.Reveal(a.first)
		}
	}
	reveal()
	e.busy.Go(func() { e.thread.Do(reveal) })
}

// take gives one file its place. It reports whether that is not the gallery at p.
func (e *Editor) take(p forms.Path, a *adding, f draft.Attached) bool {
	q := e.notice.Form.Lookup(p)
	m := f.Material
	switch {
	case f.Err != nil:
		a.tally.failed = append(a.tally.failed, &fs.PathError{Op: "attach", Path: f.Path, Err: f.Err})
	case strings.HasPrefix(m.MIME, "image/"):
		picture := galleryOf(q)
		if e.holds(p, picture, m.ID) {
			a.tally.again++
			return false
		}
		e.put(p, picture, m.ID, e.placeFor(p, picture, m.ID), a)
	case strings.HasPrefix(m.MIME, "video/"):
		at, video := e.videosBeside(p)
		if video == nil {
			a.tally.unfit = append(a.tally.unfit, filepath.Base(f.Path))
			return false
		}
		if e.holds(at, video, m.ID) {
			a.tally.again++
			return false
		}
		e.put(at, video, m.ID, 0, a)
		return true
	default:
		a.tally.unfit = append(a.tally.unfit, filepath.Base(f.Path))
	}
	return false
}

// holds reports whether a repeat has a material already.
func (e *Editor) holds(p forms.Path, q *forms.Question, material string) bool {
	for i := range e.checker.Answers().Len(p) {
		if e.checker.State(p.Entry(i+1).Child(q.Name)).Value == material {
			return true
		}
	}
	return false
}

func (e *Editor) put(p forms.Path, q *forms.Question, material string, n int, a *adding) {
	entry, err := e.checker.Insert(p, n, nil)
	if err == nil {
		_, err = e.checker.Set(entry.Child(q.Name), material)
	}
	if err != nil {
		a.tally.failed = append(a.tally.failed, err)
		return
	}
	a.tally.added++
}

// videosBeside returns the repeat of videos that lies beside a gallery, and the question for the file.
func (e *Editor) videosBeside(p forms.Path) (forms.Path, *forms.Question) {
	parent := e.notice.Form.Lookup(p.Parent())
	children := e.notice.Form.Questions
	if parent != nil {
		children = parent.Children
	}
	for _, c := range children {
		if c.Type != forms.TypeRepeat {
			continue
		}
		if i := slices.IndexFunc(c.Children, func(q *forms.Question) bool { return q.Type == forms.TypeVideo }); i >= 0 {
			return p.Parent().Child(c.Name), c.Children[i]
		}
	}
	return "", nil
}

// addedAll ends an adding, and says what came of it.
func (e *Editor) addedAll(p forms.Path, a *adding) {
	e.album.adding = nil
	if e.ctx.Err() != nil {
		return
	}
	if s := e.album.shelves[p]; s != nil && e.current == e.pageOf(p) { // to draw all of the page takes long
		a.row.Hide()
		s.refresh()
		e.summarise(p)
		e.page.MakeRoom()
		e.steps()
	} else {
		e.redraw()
	}
	t := e.words.T
	parts := []string{t("media.added", "n", a.tally.added)}
	if n := len(a.tally.unfit); n > 0 {
		names := a.tally.unfit[:min(n, namedFiles)]
		if n > namedFiles {
			names = append(names, "…")
		}
		parts = append(parts, t("media.unfit", "n", n, "names", strings.Join(names, t("media.and"))))
	}
	for key, n := range map[string]int{"media.again": a.tally.again, "media.skipped": a.tally.skipped} {
		if n > 0 {
			parts = append(parts, t(key, "n", n))
		}
	}
	slices.Sort(parts[1:])
	if len(a.tally.failed) == 0 {
		e.tell(kit.Success, strings.Join(parts, t("media.and-more")))
		return
	}
	parts = append(parts, t("media.failed", "n", len(a.tally.failed)))
	text := strings.Join(parts, t("media.and-more"))
	for i, err := range a.tally.failed {
		if i == namedFiles {
			text += "\n…"
			break
		}
		text += "\n" + e.words.Error(err).String()
	}
	e.shell.Tell(text)
}
