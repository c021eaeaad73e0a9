package outbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"baosong/mailer"
)

// script is a Sender that answers what it is told to, then takes everything.
type script struct {
	answers []error
	got     []string // what was taken, in order
	during  func()   // called while a message is on its way
}

func (s *script) Send(ctx context.Context, _ mailer.Envelope, r io.Reader, size int64, progress mailer.Progress) error {
	b, err := io.ReadAll(r)
	if err != nil || int64(len(b)) != size {
		return fmt.Errorf("read %d of %d bytes: %w", len(b), size, err)
	}
	progress(size, size)
	if s.during != nil {
		s.during()
	}
	if ctx.Err() != nil {
		return &mailer.Error{Kind: mailer.Cancelled, Step: "data", Err: ctx.Err()}
	}
	if len(s.answers) > 0 {
		var answer error
		answer, s.answers = s.answers[0], s.answers[1:]
		if answer != nil {
			return answer
		}
	}
	s.got = append(s.got, string(b))
	return nil
}

func (s *script) Limit(context.Context) (int64, error) { return 0, nil }

func (s *script) senders(string) (mailer.Sender, error) { return s, nil }

func fault(k mailer.Kind) error {
	return &mailer.Error{Kind: k, Step: "data", Host: "smtp.example.org", Code: 451, Text: "示例"}
}

func queue(t *testing.T, b *Box, id string, texts ...string) Job {
	t.Helper()
	return queueFor(t, b, id, "a", texts...)
}

func queueFor(t *testing.T, b *Box, id, account string, texts ...string) Job {
	t.Helper()
	var messages []Compose
	for i, s := range texts {
		messages = append(messages, func(w io.Writer) (string, error) {
			_, err := io.WriteString(w, s)
			return fmt.Sprintf("%s.%d@example.org", id, i+1), err
		})
	}
	j, err := b.Add(t.Context(), Job{
		ID: id, Title: "示例县科协", Account: account, Created: time.Now(),
		Envelope: mailer.Envelope{From: "a@example.org", To: []string{"b@example.org"}},
	}, messages, nil)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func open(t *testing.T, dir string) *Box {
	t.Helper()
	b, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func pass(t *testing.T, b *Box, s *script) time.Time {
	t.Helper()
	next, err := b.Pass(t.Context(), s.senders, nil)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func wantState(t *testing.T, b *Box, id string, want State) Job {
	t.Helper()
	j, err := b.Get(id)
	if err != nil {
		t.Fatal(err)
	}
	if j.State() != want {
		t.Fatalf("%s is %s, want %s", id, j.State(), want)
	}
	return j
}

func TestPassSendsInOrderAndOnce(t *testing.T) {
	b, s := open(t, t.TempDir()), &script{}
	queue(t, b, "s1-r1", "one", "two")
	queue(t, b, "s2-r1", "three")
	pass(t, b, s)
	pass(t, b, s)
	if fmt.Sprint(s.got) != "[one two three]" {
		t.Fatalf("sent %v", s.got)
	}
	j := wantState(t, b, "s1-r1", Sent)
	if sent, total := j.Bytes(); sent != 6 || total != 6 {
		t.Errorf("bytes %d of %d, want 6 of 6", sent, total)
	}
}

func TestAddTwiceChangesNothing(t *testing.T) {
	b := open(t, t.TempDir())
	queue(t, b, "s1-r1", "one")
	_, err := b.Add(t.Context(), Job{ID: "s1-r1", Envelope: mailer.Envelope{To: []string{"b@example.org"}}},
		[]Compose{func(w io.Writer) (string, error) { _, err := io.WriteString(w, "other"); return "", err }}, nil)
	if !errors.Is(err, ErrExists) {
		t.Fatalf("error = %v, want ErrExists", err)
	}
	s := &script{}
	pass(t, b, s)
	if fmt.Sprint(s.got) != "[one]" {
		t.Fatalf("sent %v", s.got)
	}
}

func TestAddLeavesNothingWhenItFails(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	full := errors.New("disk full")
	_, err := b.Add(t.Context(), Job{ID: "s1-r1", Envelope: mailer.Envelope{To: []string{"b@example.org"}}},
		[]Compose{func(w io.Writer) (string, error) { return "", full }}, nil)
	if !errors.Is(err, full) {
		t.Fatalf("error = %v, want %v", err, full)
	}
	_, err = b.Add(t.Context(), Job{ID: "s1-r1", Envelope: mailer.Envelope{To: []string{"b@example.org"}}},
		[]Compose{func(io.Writer) (string, error) { return "", nil }}, func() error { return full })
	if !errors.Is(err, full) {
		t.Fatalf("error = %v, want that of commit", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Fatalf("left in the folder: %v %v", left, err)
	}
	for _, id := range []string{"", "../x", "a/b", "a.b", "-a", "示例"} {
		if _, err := b.Add(t.Context(), Job{ID: id, Envelope: mailer.Envelope{To: []string{"b@example.org"}}}, []Compose{nil}, nil); err == nil {
			t.Errorf("id %q: accepted", id)
		}
	}
}

func TestFailures(t *testing.T) {
	for _, tt := range []struct {
		kind  mailer.Kind
		state State
		again bool // goes out by itself later
	}{
		{mailer.Temporary, Queued, true},
		{mailer.Connect, Queued, true},
		{mailer.Lookup, Queued, true},
		{mailer.Uncertain, Uncertain, true},
		{mailer.Login, Failed, false},
		{mailer.Certificate, Failed, false},
		{mailer.Refused, Failed, false},
		{mailer.TooLarge, Failed, false},
		{mailer.NoSecret, Failed, false},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				b, s := open(t, dir), &script{answers: []error{nil, fault(tt.kind)}}
				queue(t, b, "s1-r1", "one", "two")
				next := pass(t, b, s)
				j := wantState(t, b, "s1-r1", tt.state)
				if f := j.Fault(); f == nil || f.Kind != tt.kind || f.Text != "示例" {
					t.Fatalf("fault %+v", f)
				}
				if next.IsZero() == tt.again {
					t.Fatalf("next try %v", next)
				}
				pass(t, b, s) // too early, or never
				if len(s.got) != 1 {
					t.Fatalf("sent %v before the time", s.got)
				}
				time.Sleep(time.Until(next))
				pass(t, b, s)
				if tt.again {
					wantState(t, b, "s1-r1", Sent)
				} else {
					wantState(t, b, "s1-r1", Failed)
					if err := b.Retry("s1-r1"); err != nil {
						t.Fatal(err)
					}
					pass(t, b, s)
				}
				if fmt.Sprint(s.got) != "[one two]" {
					t.Fatalf("sent %v", s.got)
				}
			})
		})
	}
}

func TestGivesUpAfterADay(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b, s := open(t, dir), &script{}
		queue(t, b, "s1-r1", "one")
		start, tries := time.Now(), 0
		for {
			s.answers = []error{fault(mailer.Temporary)}
			next := pass(t, b, s)
			tries++
			if next.IsZero() {
				break
			}
			if wait := time.Until(next); wait < firstRetry/2 || wait > 2*maxRetry {
				t.Fatalf("try %d waits %v", tries, wait)
			}
			time.Sleep(time.Until(next))
		}
		if took := time.Since(start); took < giveUp || took > giveUp+2*maxRetry {
			t.Errorf("gave up after %v", took)
		}
		if tries < 20 || tries > 60 {
			t.Errorf("%d tries in a day", tries)
		}
		wantState(t, b, "s1-r1", Failed)
	})
}

func TestCrashWhileSendingSendsAgainUnderTheSameID(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir)
	j := queue(t, b, "s1-r1", "one", "two")
	s := &script{during: func() { panic("power cut") }}
	func() {
		defer func() { _ = recover() }()
		_, _ = b.Pass(t.Context(), s.senders, nil)
	}()
	again := open(t, dir)
	wantState(t, again, "s1-r1", Sending)
	s.during = nil
	pass(t, again, s)
	k := wantState(t, again, "s1-r1", Sent)
	if k.Parts[0].MessageID != j.Parts[0].MessageID || fmt.Sprint(s.got) != "[one two]" {
		t.Errorf("id %q then %q, sent %v", j.Parts[0].MessageID, k.Parts[0].MessageID, s.got)
	}
}

func TestCancelWhileSending(t *testing.T) {
	b, s := open(t, t.TempDir()), &script{}
	queue(t, b, "s1-r1", "one", "two")
	s.during = func() {
		if err := b.Cancel("s1-r1"); err != nil {
			t.Error(err)
		}
	}
	pass(t, b, s)
	wantState(t, b, "s1-r1", Cancelled)
	if len(s.got) != 0 {
		t.Fatalf("sent %v", s.got)
	}
	s.during = nil
	if err := b.Retry("s1-r1"); err != nil {
		t.Fatal(err)
	}
	pass(t, b, s)
	if err := b.Cancel("s1-r1"); !errors.Is(err, ErrSent) {
		t.Errorf("cancel what was sent: %v", err)
	}
	if err := b.Cancel("s9-r1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("cancel what is not there: %v", err)
	}
}

func TestPauseKeepsTheRest(t *testing.T) {
	b, s := open(t, t.TempDir()), &script{}
	queue(t, b, "s1-r1", "one", "two")
	ctx, pause := context.WithCancel(t.Context())
	s.during = pause
	if _, err := b.Pass(ctx, s.senders, nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("error = %v, want cancelled", err)
	}
	wantState(t, b, "s1-r1", Queued)
	s.during = nil
	pass(t, b, s)
	if fmt.Sprint(s.got) != "[one two]" {
		t.Fatalf("sent %v", s.got)
	}
}

func TestOneProcessSends(t *testing.T) {
	dir := t.TempDir()
	b, s := open(t, dir), &script{}
	queue(t, b, "s1-r1", "one")
	s.during = func() {
		if _, err := open(t, dir).Pass(t.Context(), s.senders, nil); !errors.Is(err, ErrBusy) {
			t.Errorf("a second sender: %v, want ErrBusy", err)
		}
	}
	pass(t, b, s)
	if len(s.got) != 1 {
		t.Fatalf("sent %v", s.got)
	}
}

func TestDamagedJobDoesNotStopTheOthers(t *testing.T) {
	dir := t.TempDir()
	b, s := open(t, dir), &script{}
	queue(t, b, "s1-r1", "one")
	queue(t, b, "s2-r1", "two")
	queue(t, b, "s3-r1", "three")
	if err := os.WriteFile(filepath.Join(dir, "s1-r1", "state.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(partPath(filepath.Join(dir, "s2-r1"), 1), []byte("tw"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Pass(t.Context(), s.senders, nil); err == nil {
		t.Error("the damaged job is not named")
	}
	if fmt.Sprint(s.got) != "[three]" {
		t.Fatalf("sent %v", s.got)
	}
	if j := wantState(t, b, "s2-r1", Failed); j.Fault().Kind != mailer.Local {
		t.Errorf("fault %+v", j.Fault())
	}
}

// What is removed while something else is on its way is nothing to tell of.
func TestRemovedMeanwhile(t *testing.T) {
	b := open(t, t.TempDir())
	queue(t, b, "first", "one")
	queue(t, b, "gone", "two")
	s := &script{}
	s.during = func() {
		s.during = nil
		if err := errors.Join(b.Cancel("gone"), b.Remove("gone")); err != nil {
			t.Error(err)
		}
	}
	if _, err := b.Pass(t.Context(), s.senders, nil); err != nil || len(s.got) != 1 {
		t.Errorf("sent %q, %v", s.got, err)
	}
}
