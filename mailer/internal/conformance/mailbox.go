package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"baosong/mailer"
)

// mailbox reads on from where it stopped, fetches what was listed, and leaves
// everything as it is.
func mailbox(t *testing.T, s Site) {
	box := s.open(t)
	folders, err := box.Folders(t.Context())
	if err != nil || !slices.Equal(folders, []string{"INBOX", "垃圾邮件"}) {
		t.Fatalf("folders %q, error %v", folders, err)
	}
	if _, err := box.List(t.Context(), folders[1], mailer.Position{}, func(mailer.Summary) error { return nil }); err != nil {
		t.Errorf("a folder with a Chinese name: %v", err)
	}
	start, err := box.List(t.Context(), "INBOX", mailer.Position{}, func(mailer.Summary) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	var subjects []string
	for i := range 3 {
		subject := fmt.Sprintf("conformance-listed-%d", i)
		message := s.compose(t, subject, "text", []byte("content"))
		if err := s.sender(t).Send(t.Context(), s.envelope(), bytes.NewReader(message), int64(len(message)), nil); err != nil {
			t.Fatal(err)
		}
		if _, ok := s.await(t, box, subject); !ok {
			t.Fatalf("%s did not arrive", subject)
		}
		subjects = append(subjects, subject)
	}
	list := func(since mailer.Position, most int) ([]mailer.Summary, mailer.Position, error) {
		var got []mailer.Summary
		pos, err := box.List(t.Context(), "INBOX", since, func(m mailer.Summary) error {
			if len(got) == most {
				return errStop
			}
			got = append(got, m)
			return nil
		})
		return got, pos, err
	}
	all, end, err := list(start, 100)
	if err != nil || len(all) != 3 {
		t.Fatalf("listed %d, error %v, want 3", len(all), err)
	}
	for i, m := range all {
		if m.Subject != subjects[i] || !slices.Equal(m.Attachments, []string{"材料包.zip"}) || m.UID <= start.UID || m.Size == 0 {
			t.Errorf("message %d is %+v", i, m)
		}
	}
	again, pos, err := list(end, 100)
	if err != nil || len(again) != 0 || pos != end {
		t.Errorf("nothing new, but listed %d up to %v, error %v", len(again), pos, err)
	}
	// stopped after two, the third is the next
	two, pos, err := list(start, 2)
	if !errors.Is(err, errStop) || len(two) != 2 {
		t.Errorf("stopped: listed %d, error %v", len(two), err)
	}
	if rest, _, err := list(pos, 100); err != nil || len(rest) != 1 || rest[0].Subject != subjects[2] {
		t.Errorf("after a stop: %v, error %v", rest, err)
	}
	// a position of another numbering starts again
	if renumbered, _, err := list(mailer.Position{Validity: end.Validity + 1, UID: end.UID}, 100); err != nil || len(renumbered) < 3 {
		t.Errorf("after renumbering: listed %d, error %v", len(renumbered), err)
	}
	fetchWithin(t, s, box, start)
	mailboxFails(t, s, all[0])
}

var errStop = errors.New("stop")

// fetchWithin fetches from inside List, as collecting does.
func fetchWithin(t *testing.T, s Site, box mailer.Mailbox, start mailer.Position) {
	n := 0
	_, err := box.List(t.Context(), "INBOX", start, func(m mailer.Summary) error {
		n++
		var b bytes.Buffer
		if err := box.Fetch(t.Context(), "INBOX", m, &b, nil); err != nil {
			return err
		}
		if !bytes.Contains(b.Bytes(), []byte(m.Subject)) {
			t.Errorf("fetched something else for %q", m.Subject)
		}
		return nil
	})
	if err != nil || n != 3 {
		t.Errorf("fetched %d within List, error %v", n, err)
	}
}

func mailboxFails(t *testing.T, s Site, m mailer.Summary) {
	box := s.open(t)
	missing := m
	missing.UID += 1000
	wantKind(t, "a message that is gone", box.Fetch(t.Context(), "INBOX", missing, io.Discard, nil), mailer.Refused, "fetch")
	_, err := box.List(t.Context(), "没有这个文件夹", mailer.Position{}, nil)
	wantKind(t, "a folder that is not there", err, mailer.Refused, "select")
	if err := box.Fetch(t.Context(), "INBOX", m, io.Discard, nil); err != nil {
		t.Errorf("after refusals: %v", err)
	}
	full := errors.New("disk full")
	err = box.Fetch(t.Context(), "INBOX", m, failingWriter{full}, nil)
	wantKind(t, "a full disk", err, mailer.Local, "fetch")
	if !errors.Is(err, full) {
		t.Errorf("the cause is lost: %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	err = s.open(t).Fetch(ctx, "INBOX", m, io.Discard, nil)
	wantKind(t, "cancelled", err, mailer.Cancelled)
}

type failingWriter struct{ err error }

func (f failingWriter) Write([]byte) (int, error) { return 0, f.err }
