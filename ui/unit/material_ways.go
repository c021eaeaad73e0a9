package unit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/ui/kit"
	"baosong/ui/native"
)

// pickPhotos lets the person choose photos and videos for the gallery at p.
func (e *Editor) pickPhotos(p forms.Path) {
	e.shell.pick(native.Ask{Kind: native.Files, Title: e.words.T("media.add-photos"), Filters: []native.Filter{
		{Name: e.words.T("media.pick.all"), Extensions: append(photoEndings(), videoEndings()...)},
		{Name: e.words.T("media.pick.photos"), Extensions: photoEndings()},
	}}, func(paths []string) { e.add(p, paths, nil) })
}

func photoEndings() []string {
	return []string{"jpg", "jpeg", "png", "heic", "heif", "webp", "avif", "gif", "bmp", "tif", "tiff"}
}

func videoEndings() []string {
	return []string{"mp4", "mov", "m4v", "3gp", "avi", "mkv", "wmv", "webm"}
}

// Drop attaches files and folders that were dropped on the window to the page that is open: photos to the gallery of the
// entry being worked on, videos beside them.
func (e *Editor) Drop(paths []string) {
	if p, ok := e.dropOn(); ok {
		e.add(p, paths, nil)
	}
}

// dropOn returns the gallery that takes what has no place of its own, and says so where there is none.
func (e *Editor) dropOn() (forms.Path, bool) {
	if e.locked {
		key := "unit.frozen.packing"
		if e.draft.State() == draft.Submitted {
			key = "unit.frozen"
		}
		e.tell(kit.Info, e.words.T(key))
		return "", false
	}
	if e.current < len(e.pages) {
		page := e.pages[e.current]
		if p, _ := e.dropPlace([]*forms.Question{page}, ""); p != "" {
			return p, true
		}
		if page.Type == forms.TypeRepeat && page.RepeatCount == "" && e.checker.Answers().Len(page.Path()) == 0 && holdsGallery(page) {
			e.insert(page.Path(), 1, nil) // what they belong to can be written down afterwards
			if p, _ := e.dropPlace([]*forms.Question{page}, ""); p != "" {
				return p, true
			}
		}
	}
	e.shell.Tell(e.words.T("unit.no-gallery"))
	return "", false
}

func holdsGallery(q *forms.Question) bool {
	return slices.ContainsFunc(q.Children, func(c *forms.Question) bool {
		return c.Type == forms.TypeRepeat && galleryOf(c) != nil || c.Type == forms.TypeGroup && holdsGallery(c)
	})
}

// dropPlace looks for a gallery: in a repeat, that of the last entry that is unfolded.
func (e *Editor) dropPlace(qs []*forms.Question, at forms.Path) (forms.Path, *forms.Question) {
	for _, q := range qs {
		p := at.Child(q.Name)
		switch {
		case q.Type == forms.TypeRepeat && galleryOf(q) != nil:
			return p, galleryOf(q)
		case q.Type == forms.TypeRepeat:
			n := e.checker.Answers().Len(p)
			open := n
			for i := n; i > 0; i-- {
				if !e.folded[e.checker.Answers().At(p.Entry(i))] {
					open = i
					break
				}
			}
			if n > 0 {
				if found, picture := e.dropPlace(q.Children, p.Entry(open)); picture != nil {
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

// Paste attaches the files or the picture on the clipboard; none says that there was neither, and may be nil.
func (e *Editor) Paste(none func()) {
	e.paste(func() (forms.Path, bool) { return e.dropOn() }, none)
}

func (e *Editor) pasteInto(p forms.Path) {
	e.paste(func() (forms.Path, bool) { return p, true }, func() { e.tell(kit.Info, e.words.T("media.nothing-to-paste")) })
}

func (e *Editor) paste(where func() (forms.Path, bool), none func()) {
	over := native.HandleOf(e.win)
	e.shell.Go(func(context.Context) func() {
		clip, err := native.Clipboard(over)
		paths, after := clip.Files, func() {}
		if err == nil && len(paths) == 0 && len(clip.Picture) > 0 {
			var path string
			if path, after, err = e.keepClip(clip.Picture); err == nil {
				paths = []string{path}
			}
		}
		return func() {
			switch {
			case err != nil && !errors.Is(err, native.ErrUnavailable):
				e.fail(err)
			case len(paths) == 0:
				if none != nil {
					none()
				}
			default:
				if p, ok := where(); ok {
					e.add(p, paths, after)
				} else {
					after()
				}
			}
		}
	})
}

// keepClip writes a pasted picture to a file of its own, which after takes away.
func (e *Editor) keepClip(picture []byte) (path string, after func(), err error) {
	dir, err := os.MkdirTemp("", "baosong-paste-")
	if err != nil {
		return "", nil, err
	}
	after = func() { _ = os.RemoveAll(dir) } // a temporary file that stays harms nobody
	path = filepath.Join(dir, e.words.T("media.pasted-name", "time", e.desk.Now().Format("20060102-150405"))+".png")
	if err := os.WriteFile(path, picture, 0o600); err != nil {
		after()
		return "", nil, err
	}
	return path, after, nil
}
