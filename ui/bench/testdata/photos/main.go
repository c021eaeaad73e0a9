// Command photos opens Baosong's window for a benchmark. `photos HOME` shows the start page, `photos HOME DRAFT` the
// photos of a draft, and `photos HOME make N` makes a draft with N photos of 12 megapixels and prints its id.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"baosong/assets"
	"baosong/forms"
	"baosong/forms/media"
	"baosong/forms/media/sample"
	"baosong/mailer"
	"baosong/mailer/home"
	"baosong/mailer/post"
	"baosong/mailer/secret"
	"baosong/ui"
	"baosong/ui/look"
	"baosong/ui/say"
	"baosong/ui/unit"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("usage: photos HOME [DRAFT | make N]")
	}
	h, err := home.Open(args[0], assets.Notices(), probe)
	if err != nil {
		return err
	}
	if len(args) == 3 {
		n, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		return fill(h, n)
	}
	words, err := say.Load(assets.Screen(), "zh")
	if err != nil {
		return err
	}
	desk, err := post.New(h, nowhere{}, secret.New(nil), "baosong bench")
	if err != nil {
		return err
	}
	a := app.NewWithID("cn.baosong.bench")
	faces, _ := look.SystemFaces() // without one, Fyne's own face is drawn
	look.Use(a, look.New(faces, look.ModeLight, 100))
	w := ui.Show(a.NewWindow(""), ui.Options{Thread: unit.Thread{Do: fyne.Do, Wait: fyne.DoAndWait}, Desk: desk, Words: words})
	if len(args) == 2 {
		w.Open(args[1])
		go showPhotos(w)
	}
	a.Lifecycle().SetOnStarted(func() { time.AfterFunc(2*time.Second, debug.FreeOSMemory) }) // as the program does
	a.Run()
	return nil
}

// showPhotos goes to the photos, by way of the check page, once the draft is open.
func showPhotos(w *ui.Window) {
	for open := false; !open; time.Sleep(time.Second) {
		fyne.DoAndWait(func() {
			if e := w.Editor(); e != nil {
				e.Show(e.CheckPage())
				open = true
			}
		})
	}
	fyne.DoAndWait(func() { w.Editor().Jump("activity[1]/photos[1]/photo_caption") })
}

func probe(ctx context.Context, path string) (forms.Material, error) {
	info, err := media.Probe(ctx, path)
	return forms.Material{MIME: info.MIME, Ext: info.Ext, Width: info.Width, Height: info.Height, Taken: info.Taken}, err
}

// fill makes the draft: one photo, and copies of it that differ by a few bytes behind the picture.
func fill(h *home.Home, n int) error {
	notices, err := h.Notices()
	if err != nil {
		return err
	}
	d, err := h.Drafts.New(notices[0])
	if err != nil {
		return err
	}
	var photo bytes.Buffer
	if err := sample.Photo(&photo, sample.PhotoOptions{Width: 4000, Height: 3000, Taken: time.Date(2024, 5, 30, 9, 0, 0, 0, time.UTC)}); err != nil {
		return err
	}
	path := filepath.Join(h.Dir, "photo.jpg")
	if _, err := d.Answers.Insert("activity", 0, nil); err != nil {
		return err
	}
	for i := range n {
		if err := os.WriteFile(path, fmt.Append(bytes.Clone(photo.Bytes()), i), 0o600); err != nil {
			return err
		}
		m, err := d.Attach(context.Background(), path, nil)
		if err != nil {
			return err
		}
		at, err := d.Answers.Insert("activity[1]/photos", 0, nil)
		if err == nil {
			err = d.Answers.Set(at.Child("photo"), m.ID)
		}
		if err != nil {
			return err
		}
	}
	if err := errors.Join(d.Save(), d.Close()); err != nil {
		return err
	}
	fmt.Print(d.ID)
	return nil
}

// nowhere is a network without anybody.
type nowhere struct{}

func (nowhere) Sender(mailer.Account, mailer.Secrets) (mailer.Sender, error) {
	return nil, errors.ErrUnsupported
}

func (nowhere) Mailbox(context.Context, mailer.Account, mailer.Secrets) (mailer.Mailbox, error) {
	return nil, errors.ErrUnsupported
}

func (nowhere) Rehearse(...string) (post.Rehearsal, error) { return nil, errors.ErrUnsupported }
