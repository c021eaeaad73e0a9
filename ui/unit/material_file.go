package unit

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"baosong/forms"
	"baosong/forms/media"
	"baosong/forms/submit"
	"baosong/ui/kit"
	"baosong/ui/native"
)

// job is a video being made smaller.
type job struct {
	row  *kit.ProgressRow
	stop context.CancelFunc
}

// file draws the answer to a question for one file.
func (e *Editor) file(q *forms.Question, p forms.Path, s forms.State) fyne.CanvasObject {
	m, ok := e.draft.Material(s.Value)
	switch {
	case ok && q.Type == forms.TypeVideo:
		return e.video(q, p, m)
	case ok:
		return kit.NewFileRow(theme.FileIcon(), m.Name, e.words.Size(m.Size), e.fileActions(q, p, m))
	case e.locked:
		return kit.NewText(e.words.T("media.no-file"))
	}
	return kit.NewActions(kit.Action{Label: e.words.T("media.choose-file"), Icon: theme.FolderOpenIcon(), Do: func() { e.pickFile(q, p) }})
}

func (e *Editor) fileActions(q *forms.Question, p forms.Path, m forms.Material) []kit.Action {
	out := []kit.Action{{Label: e.words.T("media.open"), Icon: theme.FileIcon(), Do: func() {
		if path, err := e.draft.MaterialPath(m.ID); err == nil {
			e.shell.openFile(path)
		}
	}}}
	if e.locked {
		return out
	}
	return append(out, kit.Action{Label: e.words.T("media.delete"), Icon: theme.DeleteIcon(), Danger: true, Do: func() {
		where := e.whereabouts(p)
		e.set(q, p, "")
		e.changed()
		e.tell(kit.Info, e.words.T("media.file-removed", "name", m.Name), e.undoFile(q, where, m))
	}})
}

// undoFile is the action that makes a file the answer again, wherever that is by then.
func (e *Editor) undoFile(q *forms.Question, where func() forms.Path, m forms.Material) kit.Action {
	return kit.Action{Label: e.words.T("unit.undo"), Do: func() {
		if p := where(); p != "" {
			e.set(q, p, m.ID)
			e.changed()
		}
	}}
}

// pickFile lets the person choose the file of a question.
func (e *Editor) pickFile(q *forms.Question, p forms.Path) {
	ask := native.Ask{Kind: native.File, Title: q.Label.In(e.words.Lang())}
	switch q.Type {
	case forms.TypeVideo:
		ask.Filters = []native.Filter{{Name: e.words.T("media.pick.videos"), Extensions: videoEndings()}}
	case forms.TypeImage:
		ask.Filters = []native.Filter{{Name: e.words.T("media.pick.photos"), Extensions: photoEndings()}}
	}
	where := e.whereabouts(p)
	e.shell.pick(ask, func(paths []string) { e.attachTo(q, where, paths[0]) })
}

// attachTo copies a file into the draft, off the UI goroutine, as the answer to a question.
func (e *Editor) attachTo(q *forms.Question, where func() forms.Path, path string) {
	e.busy.Go(func() {
		m, err := e.draft.Attach(e.ctx, path, nil)
		e.thread.Do(func() {
			p := where()
			switch {
			case e.ctx.Err() != nil || e.locked || p == "":
				return
			case err != nil:
				e.fail(err)
				return
			case q.Type == forms.TypeVideo && !strings.HasPrefix(m.MIME, "video/"):
				e.shell.Tell(e.words.T("media.no-video", "name", m.Name))
				return
			case q.Type == forms.TypeImage && !strings.HasPrefix(m.MIME, "image/"):
				e.shell.Tell(e.words.T("media.no-photo", "name", m.Name))
				return
			}
			e.set(q, p, m.ID)
			e.changed()
		})
	})
}

// video draws a video: a frame of it, its length, size, and what it does to the messages.
func (e *Editor) video(q *forms.Question, p forms.Path, m forms.Material) fyne.CanvasObject {
	t := e.words.T
	var actions []kit.Action
	j := e.album.jobs[m.ID]
	if !e.locked && j == nil {
		actions = append(actions, kit.Action{Label: t("media.compress"), Icon: theme.DownloadIcon(), Do: func() { e.compress(q, p, m) }})
	}
	actions = append(actions, e.fileActions(q, p, m)...)
	details := []string{length(m.Duration)}
	if m.Width > 0 {
		details = append(details, strconv.Itoa(m.Width)+"×"+strconv.Itoa(m.Height))
	}
	details = append(details, e.words.Size(m.Size))
	card := kit.NewVideoCard(m.Name, strings.Join(details, " · "), actions)
	e.noteVideo(card, m)
	e.busy.Go(func() {
		r, err := e.request(m.ID, largeEdge/4)
		if err != nil {
			return
		}
		if info, _ := media.Probe(e.ctx, r.Path); len(info.Personal) > 0 {
			e.thread.Do(func() {
				e.album.known[m.ID] = known{personal: info.Personal}
				e.noteVideo(card, m)
			})
		}
		if img, err := e.pictures().Get(e.ctx, r); err == nil { // without one, a film is shown
			e.thread.Do(func() { card.SetPoster(img) })
		}
	})
	if j != nil {
		card.SetWork(j.row)
	}
	return card
}

// noteVideo tells beside a video what it does to the messages, and what of it is not sent.
func (e *Editor) noteVideo(card *kit.VideoCard, m forms.Material) {
	t := e.words.T
	level, notes := kit.Info, []string{t("media.one-message")}
	switch n := messages(m.Size); {
	case n > 3:
		level, notes[0] = kit.Warning, t("media.many-messages", "n", n)
	case n > 1:
		notes[0] = t("media.messages", "n", n)
	}
	if personal := e.album.known[m.ID].personal; len(personal) > 0 {
		notes = append(notes, t("media.removed-here", "what", e.words.Metadata(personal)))
	}
	if m.WrongEnding() {
		notes = append(notes, e.words.WrongEnding(m))
	}
	card.SetNote(level, strings.Join(notes, "\n"))
}

// messages is how many messages a file takes by itself.
func messages(size int64) int64 { return (size + submit.DefaultLimit - 1) / submit.DefaultLimit }

// length writes a number of seconds as people do: 1:20, 1:02:03.
func length(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second)).Round(time.Second)
	two := func(n int) string { return strconv.Itoa(n/10) + strconv.Itoa(n%10) }
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	if h > 0 {
		return strconv.Itoa(h) + ":" + two(m) + ":" + two(s)
	}
	return strconv.Itoa(m) + ":" + two(s)
}

// compress offers to make a video smaller.
func (e *Editor) compress(q *forms.Question, p forms.Path, m forms.Material) {
	t := e.words.T
	if !e.desk.Tools.CanCompress() {
		e.shell.Tell(t("media.needs-ffmpeg"))
		return
	}
	path, err := e.draft.MaterialPath(m.ID)
	if err != nil {
		e.fail(err)
		return
	}
	e.shell.Go(func(ctx context.Context) func() {
		info, err := media.Probe(ctx, path)
		return func() {
			if err != nil {
				e.fail(err)
				return
			}
			offers := media.Offers(info)
			if len(offers) == 0 {
				e.shell.Tell(t("media.small-already"))
				return
			}
			var choices []kit.Action
			for _, o := range offers {
				choices = append(choices, kit.Action{
					Label: t("media.offer-video", "height", o.Height, "size", e.words.Size(o.Bytes), "messages", messages(o.Bytes), "time", length(max(o.Time.Seconds(), 1))),
					Do:    func() { e.makeSmaller(q, p, m, path, o) },
				})
			}
			e.shell.Ask(t("media.compress"), t("media.compress-ask", "size", e.words.Size(m.Size)), choices...)
		}
	})
}

// makeSmaller writes a smaller copy of a video and takes it in the place of the original, which stays in the draft.
func (e *Editor) makeSmaller(q *forms.Question, p forms.Path, m forms.Material, path string, o media.Offer) {
	if e.locked || e.album.jobs[m.ID] != nil {
		return
	}
	ctx, stop := context.WithCancel(e.ctx)
	j := &job{stop: stop, row: kit.NewProgressRow(e.words.T("media.compressing"), kit.Action{Label: e.words.T("unit.cancel"), Do: stop})}
	e.album.jobs[m.ID] = j
	where := e.whereabouts(p)
	e.redraw()
	e.busy.Go(func() {
		defer stop()
		small, err := e.smaller(ctx, m, path, o, j.row)
		e.thread.Do(func() {
			delete(e.album.jobs, m.ID)
			p := where()
			switch {
			case e.ctx.Err() != nil:
				return
			case ctx.Err() != nil && err != nil:
				e.tell(kit.Info, e.words.T("media.compress-stopped"))
			case err != nil:
				e.fail(err)
			case p == "" || e.checker.State(p).Value != m.ID: // the entry was changed meanwhile
				e.tell(kit.Info, e.words.T("media.compress-stopped"))
			default:
				e.set(q, p, small.ID)
				e.changed()
				e.tell(kit.Success, e.words.T("media.compressed", "before", e.words.Size(m.Size), "after", e.words.Size(small.Size)),
					e.undoFile(q, where, m))
			}
			e.redraw()
		})
	})
}

// smaller makes the copy and attaches it.
func (e *Editor) smaller(ctx context.Context, m forms.Material, path string, o media.Offer, row *kit.ProgressRow) (forms.Material, error) {
	dir, err := os.MkdirTemp("", "baosong-video-")
	if err != nil {
		return forms.Material{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary file that stays harms nobody
	name := strings.TrimSuffix(filepath.Base(m.Name), filepath.Ext(m.Name))
	to := filepath.Join(dir, name+"-"+strconv.Itoa(o.Height)+"p.mp4")
	last := time.Time{}
	err = e.desk.Tools.Compress(ctx, path, to, o, func(done, total time.Duration) {
		if total <= 0 || time.Since(last) < handEvery {
			return
		}
		last = time.Now()
		fraction, text := float64(done)/float64(total), length(done.Seconds())+" / "+length(total.Seconds())
		e.thread.Do(func() { row.Set(fraction, text) })
	})
	if err != nil {
		return forms.Material{}, err
	}
	return e.draft.Attach(ctx, to, nil)
}
