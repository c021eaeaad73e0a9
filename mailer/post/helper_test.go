package post

import (
	"fmt"
	"io"
	"testing"

	"baosong/mailer"
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
