package unit

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"

	"baosong/ui/kit"
	"baosong/ui/native"
	"baosong/ui/say"
)

func askNotice(w *say.Words) native.Ask {
	return native.Ask{Kind: native.File, Title: w.T("start.import"), Filters: []native.Filter{
		{Name: w.T("pick.notice"), Extensions: []string{"xlsx", "zip"}},
	}}
}

func askSave(title, name, extension string) native.Ask {
	return native.Ask{Kind: native.Save, Title: title, Name: name + "." + extension, Filters: []native.Filter{
		{Name: extension, Extensions: []string{extension}},
	}}
}

// pick lets the person choose files by the system's own dialog, or Fyne's
// where there is none. Chosen is not called when the person gives up.
func (s *Shell) pick(ask native.Ask, chosen func(paths []string)) {
	over := native.HandleOf(s.Win)
	s.Go(func(context.Context) func() {
		paths, err := s.Pick(over, ask)
		return func() {
			switch {
			case errors.Is(err, native.ErrUnavailable):
				s.pickByFyne(ask, chosen)
			case err != nil:
				s.Fail(err)
			case len(paths) > 0:
				chosen(paths)
			}
		}
	})
}

func (s *Shell) pickByFyne(ask native.Ask, chosen func(paths []string)) {
	take := func(u fyne.URI, err error) {
		if err != nil {
			s.Fail(err)
		} else if u != nil {
			chosen([]string{u.Path()})
		}
	}
	switch ask.Kind {
	case native.Folder:
		dialog.ShowFolderOpen(func(l fyne.ListableURI, err error) {
			if l == nil { // a nil interface of another type is not nil
				take(nil, err)
				return
			}
			take(l, err)
		}, s.Win)
	case native.Save:
		d := dialog.NewFileSave(func(w fyne.URIWriteCloser, err error) {
			if w == nil {
				take(nil, err)
				return
			}
			_ = w.Close() // what is chosen writes it itself
			take(w.URI(), err)
		}, s.Win)
		d.SetFileName(ask.Name)
		d.Show()
	default:
		d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
			if r == nil {
				take(nil, err)
				return
			}
			_ = r.Close() // what is chosen opens it itself
			take(r.URI(), err)
		}, s.Win)
		var extensions []string
		for _, f := range ask.Filters {
			for _, e := range f.Extensions {
				extensions = append(extensions, "."+e)
			}
		}
		if len(extensions) > 0 {
			d.SetFilter(storage.NewExtensionFileFilter(extensions))
		}
		d.Show()
	}
}

// reveal is the action that shows a file in its folder.
func (s *Shell) reveal(path string) kit.Action {
	return kit.Action{Label: s.T("unit.reveal"), Icon: theme.FolderOpenIcon(), Do: func() {
		s.look(native.Reveal, path)
	}}
}

// look lets the system show a file or a folder. Where it has no program for it, the person is told where it lies.
func (s *Shell) look(show func(path string) error, path string) {
	s.Go(func(context.Context) func() {
		if err := show(path); err != nil {
			return func() {
				s.say(say.Advice{What: s.T("unit.cannot-show"), Next: s.T("unit.cannot-show.next", "path", path), Raw: err.Error()}, nil)
			}
		}
		return nil
	})
}

// openFile shows a document with the program the person has for it.
func (s *Shell) openFile(path string) {
	s.look(s.View, path)
}
