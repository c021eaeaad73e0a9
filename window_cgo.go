//go:build cgo

package main

import (
	"errors"
	"runtime/debug"
	"time"

	"fyne.io/fyne/v2/app"

	"baosong/assets"
	"baosong/forms/media"
	"baosong/mailer/home"
	"baosong/mailer/post"
	"baosong/mailer/secret"
	"baosong/ui"
	"baosong/ui/look"
	"baosong/ui/native"
	"baosong/ui/say"
	"baosong/ui/unit"
)

// A variable as without cgo, so that main.go can ask whether there is a window.
var openWindow = showWindow

// showWindow shows the window over a data folder and returns when it is closed. What takes time at the start is done
// side by side: the faces are found and read while the rest is prepared, and loaded while the system makes the window.
func showWindow(dir, lang string, t media.Tools) (err error) {
	found := make(chan look.Faces, 1)
	go func() {
		faces, _ := look.SystemFaces() // without one, Fyne's own face is drawn
		faces.ReadAhead()
		found <- faces
	}()
	h, err := home.Open(dir, assets.Notices(), probe)
	if err != nil {
		return showFailure(lang, err)
	}
	settings, _ := h.Settings() // the window says what is wrong with them
	words, err := say.Load(assets.Screen(), say.Language(lang, settings.Language))
	if err != nil {
		return err
	}
	desk, err := post.New(h, network{}, secret.New(nil), "baosong "+version)
	if err != nil {
		return err
	}
	desk.Tools = t
	defer func() { err = errors.Join(err, desk.Close()) }()
	a := app.NewWithID("cn.baosong.app")
	win := a.NewWindow("")
	faces := <-found
	modes := map[string]look.Mode{"light": look.ModeLight, "dark": look.ModeDark}
	styled := func(s home.Settings) *look.Theme { return look.New(faces, modes[s.Theme], s.Scale) }
	rest := native.NewRest(win)
	win.SetOnClosed(rest.Stop)
	ui.Show(win, ui.Options{
		Thread: ui.Drawn(unit.Thread{Do: rest.Do, Wait: rest.Wait}), Desk: desk, Words: words,
		Ready:   look.Begin(a, styled(settings)),
		Restyle: func(s home.Settings) { look.Use(a, styled(s)) },
	})
	// Starting leaves as much behind as is kept.
	a.Lifecycle().SetOnStarted(func() { time.AfterFunc(2*time.Second, debug.FreeOSMemory) })
	a.Run()
	return nil
}

// showFailure says in a window why the program cannot begin: who clicked on it sees nothing else.
func showFailure(lang string, failure error) error {
	words, err := say.Load(assets.Screen(), say.Language(lang))
	if err != nil {
		return errors.Join(failure, err)
	}
	a := app.NewWithID("cn.baosong.app")
	faces, _ := look.SystemFaces()
	look.Begin(a, look.New(faces, look.ModeSystem, 100))()
	ui.ShowFailure(a.NewWindow(""), words, failure)
	a.Run()
	return failure
}
