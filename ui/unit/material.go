package unit

import (
	"context"
	"image"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"baosong/forms"
	"baosong/forms/media"
	"baosong/ui/kit"
)

// album is what an Editor knows of photos and videos beyond the answers.
type album struct {
	shelves map[forms.Path]*shelf
	jobs    map[string]*job        // work on a video, by its material
	adding  *adding                // nil while nothing is being attached
	rush    atomic.Pointer[adding] // the same, for any goroutine

	once   sync.Once
	thumbs *media.Thumbs

	known map[string]known // by material
	back  func()           // takes back what was done to a photo, if that was the last change; nil otherwise
}

// known is what looking at a photo came to.
type known struct {
	look     media.Look
	personal []string // kinds of metadata that are not sent
}

// pictures returns the thumbnails of the draft. It is safe for concurrent use.
func (e *Editor) pictures() *media.Thumbs {
	e.album.once.Do(func() {
		e.album.thumbs = media.NewThumbs(e.draft.ThumbsDir(), e.desk.Tools, media.ThumbsOptions{})
	})
	return e.album.thumbs
}

// shelf is the photos of one repeat, shown as a gallery. It stays as the page is drawn anew, and with it what was read.
type shelf struct {
	editor  *Editor
	repeat  *forms.Question
	at      forms.Path // of the repeat
	picture *forms.Question
	caption *forms.Question // nil where there is none
	tick    *forms.Question // one with two answers, of which a tick is the first; nil where there is none
	gallery *kit.Gallery
	number  map[string]int  // of a photo's entry, from 1
	left    map[string]bool // photos whose caption was left: what is wrong is shown
	offer   *kit.Banner     // photos that seem to belong elsewhere
	refused map[forms.Path]bool
	about   *kit.Text // what is not sent along, and what may be there twice
	looking bool
}

// shelfOf returns the photos of the repeat at p, the same ones each time.
func (e *Editor) shelfOf(q, picture *forms.Question, p forms.Path) *shelf {
	if s := e.album.shelves[p]; s != nil && s.repeat == q {
		s.refresh()
		return s
	}
	s := &shelf{
		editor: e, repeat: q, at: p, picture: picture, left: map[string]bool{}, offer: kit.NewBanner(), refused: map[forms.Path]bool{},
		about: kit.NewMuted(""),
	}
	for _, c := range q.Children {
		switch {
		case c.Has("caption") && s.caption == nil:
			s.caption = c
		case c.Type == forms.TypeSelectOne && len(e.notice.Form.Choices[c.List]) == 2 && s.tick == nil:
			s.tick = c
		}
	}
	s.gallery = kit.NewGallery(s.options())
	e.album.shelves[p] = s
	s.refresh()
	return s
}

func (s *shelf) options() kit.GalleryOptions {
	e := s.editor
	o := kit.GalleryOptions{
		Reveal:      func(top, bottom float32) { e.page.RevealSpan(s.gallery, top, bottom) },
		Do:          e.thread.Do,
		Open:        e.open,
		Begin:       e.busy.Go,
		CaptionHint: e.words.T("unit.caption"), Loading: e.words.T("unit.loading"), Broken: e.words.T("unit.broken"),
		More: e.words.T("media.more"),
		Load: e.loadPhoto,
		Captioned: func(id, text string) {
			if at, ok := s.entry(id); ok && s.caption != nil {
				e.set(s.caption, at.Child(s.caption.Name), text)
			}
		},
		Left: func(id string) {
			s.left[id] = true
			s.refreshOne(id)
			if at, ok := s.entry(id); ok {
				e.summarise(at)
			}
			e.steps()
		},
		Enlarge: s.enlarge,
	}
	if s.tick != nil {
		o.TickLabel = s.tick.Label.In(e.words.Lang())
		o.Tick = func(id string, on bool) {
			at, ok := s.entry(id)
			if !ok {
				return
			}
			list := e.notice.Form.Choices[s.tick.List]
			answer := list[1].Name
			if on {
				answer = list[0].Name
			}
			e.set(s.tick, at.Child(s.tick.Name), answer)
			e.steps()
		}
	}
	o.ReadOnly = e.locked
	if !e.locked {
		o.Actions = s.actions()
	}
	return o
}

func (s *shelf) actions() []kit.PhotoAction {
	t := s.editor.words.T
	out := []kit.PhotoAction{
		{Label: t("media.turn"), Icon: theme.MediaReplayIcon(), Do: s.turn},
		{Label: t("media.crop"), Icon: theme.ContentCutIcon(), Do: s.crop},
		{Label: t("media.delete"), Icon: theme.DeleteIcon(), Danger: true, Do: s.remove},
		{Label: t("media.enlarge"), Icon: theme.ZoomInIcon(), Do: s.enlarge},
	}
	if len(s.at.Entries()) > 0 {
		out = append(out, kit.PhotoAction{Label: t("media.move"), Icon: theme.MailForwardIcon(), Do: s.move})
	}
	return append(out,
		kit.PhotoAction{Label: t("media.original"), Icon: theme.StorageIcon(), Do: s.original},
		kit.PhotoAction{Label: t("media.info"), Icon: theme.InfoIcon(), Do: s.info},
	)
}

// gallery draws the photos of a repeat with their captions.
func (e *Editor) gallery(q, picture *forms.Question, p forms.Path) []fyne.CanvasObject {
	s := e.shelfOf(q, picture, p)
	e.page.Watch(s.gallery)
	out := []fyne.CanvasObject{s.offer, s.gallery, s.about}
	if e.locked {
		return out
	}
	if a := e.album.adding; a != nil {
		out = append(out, a.row)
	}
	return append(out, kit.NewActions(
		kit.Action{Label: e.words.T("media.add-photos"), Icon: theme.FolderOpenIcon(), Do: func() { e.pickPhotos(s.at) }},
		kit.Action{Label: e.words.T("media.paste"), Icon: theme.ContentPasteIcon(), Do: func() { e.pasteInto(s.at) }},
	), kit.NewMuted(e.words.T("media.drop-hint")))
}

// idOf names the photo of entry n: by its material, so that its picture stays known wherever the entry goes.
func (s *shelf) idOf(n int, seen map[string]int) string {
	material := s.editor.checker.State(s.at.Entry(n).Child(s.picture.Name)).Value
	seen[material]++
	if k := seen[material]; k > 1 {
		return material + "#" + strconv.Itoa(k)
	}
	return material
}

func materialOf(id string) string {
	material, _, _ := strings.Cut(id, "#")
	return material
}

// entry returns the entry of a photo, and whether it is there.
func (s *shelf) entry(id string) (forms.Path, bool) {
	n, ok := s.number[id]
	return s.at.Entry(n), ok
}

// refresh shows the photos as the answers have them.
func (s *shelf) refresh() {
	e := s.editor
	n := e.checker.Answers().Len(s.at)
	s.number = make(map[string]int, n)
	seen := map[string]int{}
	photos := make([]kit.Photo, 0, n)
	ids := make([]string, 0, n)
	for i := 1; i <= n; i++ {
		id := s.idOf(i, seen)
		s.number[id] = i
		ids = append(ids, id)
	}
	twins := s.twins(ids)
	for _, id := range ids {
		photos = append(photos, s.photo(id, twins[id]))
		if s.caption != nil {
			e.focus[s.at.Entry(s.number[id]).Child(s.caption.Name)] = func() { s.reach(id) }
		}
	}
	s.gallery.SetPhotos(photos)
	s.tellAbout(ids, len(twins))
	s.offerByDate()
	s.look(ids)
}

// reach gives a caption the keyboard, and once more when the page has been laid out: only then is it known where it is.
func (s *shelf) reach(id string) {
	s.gallery.FocusCaption(id)
	e := s.editor
	e.busy.Go(func() { e.thread.Do(func() { s.gallery.FocusCaption(id) }) })
}

// refreshOne shows one photo as the answers have it.
func (s *shelf) refreshOne(id string) {
	ids := make([]string, 0, len(s.number))
	for id := range s.number {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return s.number[a] - s.number[b] })
	if _, ok := s.number[id]; ok {
		s.gallery.SetPhoto(s.photo(id, s.twins(ids)[id]), false)
	}
}

// photo describes one photo; twin is the number of one that looks like it, 0 for none.
func (s *shelf) photo(id string, twin int) kit.Photo {
	e, t := s.editor, s.editor.words.T
	m, _ := e.draft.Material(materialOf(id))
	at := s.at.Entry(s.number[id])
	p := kit.Photo{ID: id, Group: dayOf(m, e.words), Detail: s.detail(m)}
	if m.Original {
		p.Badge = t("media.badge.original")
	} else if m.Frame != (forms.Frame{}) {
		p.Badge = t("media.badge.cropped")
	}
	if s.tick != nil {
		p.Ticked = e.checker.State(at.Child(s.tick.Name)).Value == e.notice.Form.Choices[s.tick.List][0].Name
	}
	if s.caption != nil {
		state := e.checker.State(at.Child(s.caption.Name))
		p.Caption = state.Value
		if f := state.Findings; len(f) > 0 && (p.Caption != "" || s.left[id] || e.visited[e.CheckPage()]) {
			p.Level, p.Note = level(f[0]), e.words.Finding(f[0])
			return p
		}
	}
	switch k := e.album.known[m.ID]; {
	case twin > 0:
		p.Level, p.Note = kit.Warning, t("media.alike", "n", twin)
	case len(k.look.Advice) > 0:
		p.Level, p.Note = kit.Warning, t("media.advice."+string(k.look.Advice[0]))
	}
	return p
}

func (s *shelf) detail(m forms.Material) string {
	w := s.editor.words
	parts := []string{}
	if !m.Taken.IsZero() {
		parts = append(parts, m.Taken.Format("15:04"))
	}
	if width, height := m.Sent(); width > 0 {
		parts = append(parts, strconv.Itoa(width)+"×"+strconv.Itoa(height))
	}
	return strings.Join(append(parts, w.Size(m.Size)), " · ")
}

// dayOf is the heading a photo stands under.
func dayOf(m forms.Material, w interface {
	T(string, ...any) string
},
) string {
	if m.Taken.IsZero() {
		return w.T("media.no-day")
	}
	weekdays := strings.Fields(w.T("unit.date.weekdays"))
	day := ""
	if i := (int(m.Taken.Weekday()) + 6) % 7; i < len(weekdays) {
		day = weekdays[i]
	}
	return w.T("media.day", "y", m.Taken.Year(), "m", int(m.Taken.Month()), "d", m.Taken.Day(), "weekday", day)
}

// open is the context that lasts as long as the draft is open.
func (e *Editor) open() context.Context { return e.ctx }

// loadPhoto reads a thumbnail, off the UI goroutine.
func (e *Editor) loadPhoto(ctx context.Context, id string, edge int, quick func(image.Image)) (image.Image, error) {
	r, err := e.request(id, edge)
	if err != nil {
		return nil, err
	}
	r.Quick = func(img image.Image) {
		quick(img)
		if a := e.album.rush.Load(); a != nil { // to see all is better than to see some sharply
			select {
			case <-a.over:
			case <-ctx.Done():
			}
		}
	}
	return e.pictures().Get(ctx, r)
}

// request asks for a picture of a material as it is turned and cropped. It is safe for concurrent use.
func (e *Editor) request(id string, edge int) (media.ThumbRequest, error) {
	path, err := e.draft.MaterialPath(materialOf(id))
	if err != nil {
		return media.ThumbRequest{}, err
	}
	m, _ := e.draft.Material(materialOf(id))
	return media.ThumbRequest{Path: path, Digest: m.SHA256, Edge: edge, Turn: m.Turn, Frame: m.Frame}, nil
}
