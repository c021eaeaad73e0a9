package post

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"baosong/assets"
	"baosong/forms"
	"baosong/forms/draft"
	"baosong/forms/ledger"
	"baosong/forms/media"
	"baosong/forms/media/sample"
	"baosong/mailer"
	"baosong/mailer/home"
	"baosong/mailer/outbox"
)

// queueText queues a small message from the unit to the organizer.
func queueText(t *testing.T, d *Desk, id string) {
	t.Helper()
	_, err := d.Home.Outbox.Add(t.Context(), outbox.Job{
		ID: id, Account: unitAddr, Envelope: mailer.Envelope{From: unitAddr, To: []string{organizerAddr}},
	}, []outbox.Compose{func(w io.Writer) (string, error) {
		_, err := fmt.Fprintf(w, "Subject: %s\r\nMessage-ID: <%s@unit.example>\r\n\r\ntext\r\n", id, id)
		return id + "@unit.example", err
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
}

func pass(t *testing.T, d *Desk) {
	t.Helper()
	if _, err := d.Send(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func probe(ctx context.Context, path string) (forms.Material, error) {
	info, err := media.Probe(ctx, path)
	return forms.Material{MIME: info.MIME, Ext: info.Ext, Width: info.Width, Height: info.Height}, err
}

func openHome(t testing.TB) *home.Home {
	t.Helper()
	h, err := home.Open(t.TempDir(), assets.Notices(), probe)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// filled returns the built-in notice and a draft that answers it, with a photo
// of the given number of pixels wherever the example has one.
func filled(t testing.TB, d *Desk, width int) (*forms.Notice, *draft.Draft) {
	t.Helper()
	n, err := d.Home.Notice("jilin-2024-sti-workers-day")
	if err != nil {
		t.Fatal(err)
	}
	d.Now = func() time.Time { return n.Deadline.Add(-time.Hour) }
	dr, err := d.Home.Drafts.New(n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := dr.Close(); err != nil {
			t.Error(err)
		}
	})
	a, photos := n.Example.Clone(), 0
	n.Form.Walk(n.Example, func(q *forms.Question, p forms.Path, v string) {
		v = strings.ReplaceAll(v, "{n}", "1")
		if q.Type.Media() {
			photos++
			v = attachSample(t, dr, v, photos, width)
		}
		if err := a.Set(p, v); err != nil {
			t.Fatal(err)
		}
	})
	*dr.Answers = *a
	forms.NewChecker(n, dr.Answers, d.Env(dr, "zh")).Findings()
	if err := dr.Save(); err != nil {
		t.Fatal(err)
	}
	return n, dr
}

func attachSample(t testing.TB, dr *draft.Draft, name string, i, width int) string {
	t.Helper()
	write, ext := func(w io.Writer) error {
		return sample.Photo(w, sample.PhotoOptions{Index: i, Width: width, Height: width * 3 / 4})
	}, ".jpg"
	if strings.HasPrefix(name, "video") {
		write, ext = func(w io.Writer) error { return sample.Video(w, sample.VideoOptions{}) }, ".mp4"
	}
	path := filepath.Join(t.TempDir(), fmt.Sprintf("示例%02d%s", i, ext))
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := write(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	m, err := dr.Attach(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m.ID
}

func openLedger(t testing.TB, d *Desk) *ledger.Ledger {
	t.Helper()
	l, err := d.Home.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}
