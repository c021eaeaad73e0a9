package post

import (
	"bytes"
	"path/filepath"
	"testing"

	"baosong/assets"
	"baosong/forms/ledger"
	"baosong/mailer"
	"baosong/mailer/home"
	"baosong/mailer/loopback"
)

// A message whose attachment is no base64 from some line on is told of and listed, and does not keep those behind it from
// being collected, now and the next time.
func TestUndecodableAttachmentDoesNotStopCollecting(t *testing.T) {
	s := startServers(t, loopback.Options{})
	d := newDesk(t, s)
	zip := append([]byte("PK\x03\x04"), make([]byte, 9000)...)
	broken := plainMail(unitAddr, "材料", file("材料包.zip", "application/zip", zip))
	i := bytes.LastIndex(broken, bytes.Repeat([]byte{'A'}, 76)) // a line of it
	broken = append(append(bytes.Clone(broken[:i]), "!****!"...), broken[i:]...)
	for _, m := range [][]byte{broken, plainMail(unitAddr, "通知", file("通知.docx", docx, wordFile(t)))} {
		if err := s.Put(organizerAddr, "INBOX", m); err != nil {
			t.Fatal(err)
		}
	}
	l := openLedger(t, d)
	sum, err := d.Collect(t.Context(), l, []string{organizerAddr}, nil)
	if err != nil || sum.Messages != 2 || sum.Bad != 1 || sum.Other != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
	list, err := l.Unrecognised(t.Context())
	if err != nil || len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	for _, m := range list {
		if m.Subject == "材料" {
			enterDamaged(t, d, l, m)
		}
	}
	if sum, err := d.Collect(t.Context(), l, []string{organizerAddr}, nil); err != nil || sum != (Collected{}) {
		t.Errorf("the next time: %+v, %v", sum, err)
	}
}

// enterDamaged enters a message by hand, with its attachment as far as it goes.
func enterDamaged(t *testing.T, d *Desk, l *ledger.Ledger, m ledger.Mail) {
	t.Helper()
	n, err := d.Home.Notice("jilin-2024-sti-workers-day")
	if err != nil {
		t.Fatal(err)
	}
	ref, err := d.EnterByHand(t.Context(), l, n, m.Source, n.Unit(n.Example, ""))
	if err != nil {
		t.Fatal(err)
	}
	v, err := l.Get(t.Context(), ref.ID, ref.Revision)
	if err != nil || len(v.Report.Materials) != 1 || v.Report.Materials[0].Size < 57 || v.Report.Materials[0].Size >= 9004 {
		t.Errorf("%+v, %v", v.Report.Materials, err)
	}
}

// rehearsals is a network that starts servers for rehearsing.
type rehearsals struct{ local }

func (rehearsals) Rehearse(addresses ...string) (Rehearsal, error) {
	var logins []loopback.Login
	for _, a := range addresses {
		logins = append(logins, loopback.Login{Address: mailer.Address{Addr: a}, Code: "code"})
	}
	s, err := loopback.Start(loopback.Options{Accounts: logins})
	return rehearsed{local{s}, s}, err
}

type rehearsed struct {
	local
	*loopback.Server
}

func (r rehearsed) Account(a string) (mailer.Account, error) { return r.Server.Account(a), nil }
func (r rehearsed) Secret(a string) (string, error)          { return r.Server.Secret(a) }
func (r rehearsed) Close() error                             { return r.Server.Close() }

// A second notice is rehearsed as the first was, though it is answered to another address.
func TestRehearsingAnotherNotice(t *testing.T) {
	d, err := New(openHome(t), rehearsals{}, codes{}, "baosong test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, to := range []string{organizerAddr, "other@organizer.example", organizerAddr} {
		if err := d.Rehearse(unitAddr, to); err != nil {
			t.Fatal(err)
		}
		s, err := d.Sender(unitAddr)
		if err != nil {
			t.Fatal(err)
		}
		m := plainMail(unitAddr, "演练")
		if err := s.Send(t.Context(), mailer.Envelope{From: unitAddr, To: []string{to}}, bytes.NewReader(m), int64(len(m)), nil); err != nil {
			t.Errorf("to %s: %v", to, err)
		}
	}
}

// The folder of the program's data may have any name.
func TestFolderOfAnyName(t *testing.T) {
	s := startServers(t, loopback.Options{})
	h, err := home.Open(filepath.Join(t.TempDir(), "报送[2024"), assets.Notices(), probe)
	if err != nil {
		t.Fatal(err)
	}
	d, err := New(h, local{s}, codes{}, "baosong test")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SaveAccount(s.Account(unitAddr), unitCode); err != nil {
		t.Fatal(err)
	}
	queueText(t, d, "one")
	pass(t, d)
	if messages, _, _, err := s.Status(organizerAddr, "INBOX"); err != nil || messages != 1 {
		t.Errorf("%d messages arrived, %v", messages, err)
	}
	if err := d.keepReceipt(&Receipt{Format: ReceiptFormat, State: "received"}); err != nil {
		t.Fatal(err)
	}
	if all, err := d.Receipts(); err != nil || len(all) != 1 {
		t.Errorf("%d receipts, %v", len(all), err)
	}
}
