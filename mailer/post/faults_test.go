package post

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"baosong/forms/ledger"
	"baosong/mailer"
	"baosong/mailer/imap"
	"baosong/mailer/loopback"
	"baosong/mailer/outbox"
	"baosong/mailer/smtp"
)

// breakage is one case of the fault table: a break at a step of the sending of
// one part, so many times in a row.
type breakage struct {
	part   int
	fault  loopback.Fault
	byHand bool // it stops, and a person has to say go on
	starts bool // STARTTLS instead of TLS
}

func (b breakage) name() string {
	f := b.fault
	what := f.Reply
	switch {
	case f.Drop:
		what = "drop"
	case f.Hang:
		what = "hang"
	}
	return strings.ReplaceAll(fmt.Sprintf("part %d %s %s at %d kept %t times %d", b.part, f.Step, what, f.Byte, f.Kept, f.Times), " ", "_")
}

// breakages is the table: each step × each part × each kind of break.
func breakages(parts int, size int64) (all []breakage) {
	add := func(byHand bool, f loopback.Fault) {
		for part := 1; part <= parts; part++ {
			f.Skip = part - 1
			all = append(all, breakage{part: part, fault: f, byHand: byHand})
		}
	}
	both := func(byHand bool, f loopback.Fault) { // once, and twice in a row
		add(byHand, f)
		f.Times = 2
		add(byHand, f)
	}
	// go-mail answers a refused EHLO with HELO, after which EHLO is tried again
	ehlo := loopback.Ehlo
	both(false, loopback.Fault{Step: ehlo, Drop: true})
	add(false, loopback.Fault{Step: ehlo, Hang: true})
	both(false, loopback.Fault{Step: ehlo, Reply: "421 HL:ICC too many connections"})
	both(false, loopback.Fault{Step: ehlo, Reply: "451 try later"})
	add(false, loopback.Fault{Step: ehlo, Reply: "550 refused"})
	add(true, loopback.Fault{Step: ehlo, Reply: "550 refused", Times: 2})
	add(true, loopback.Fault{Step: ehlo, Reply: "250 what", Times: 2})
	for _, step := range []loopback.Step{loopback.Connect, loopback.Auth, loopback.Mail, loopback.Rcpt, loopback.Data} {
		login := step == loopback.Auth
		both(false, loopback.Fault{Step: step, Drop: true})
		add(false, loopback.Fault{Step: step, Hang: true})
		both(false, loopback.Fault{Step: step, Reply: "421 HL:ICC too many connections"})
		both(login, loopback.Fault{Step: step, Reply: "451 try later"})
		both(true, loopback.Fault{Step: step, Reply: "550 refused"})
		both(true, loopback.Fault{Step: step, Reply: "250 what"})
	}
	for _, at := range []int64{0, 1, 1000, size / 2, size - 1} {
		both(false, loopback.Fault{Step: loopback.Body, Byte: at, Drop: true})
		add(false, loopback.Fault{Step: loopback.Body, Byte: at, Hang: true})
		both(false, loopback.Fault{Step: loopback.Body, Byte: at, Reply: "421 going down"})
	}
	for _, kept := range []bool{false, true} {
		both(false, loopback.Fault{Step: loopback.Answer, Drop: true, Kept: kept})
		add(false, loopback.Fault{Step: loopback.Answer, Hang: true, Kept: kept})
		both(false, loopback.Fault{Step: loopback.Answer, Reply: "451 DT:SPM", Kept: kept})
		both(true, loopback.Fault{Step: loopback.Answer, Reply: "554 DT:SPM", Kept: kept})
		both(false, loopback.Fault{Step: loopback.Answer, Reply: "what", Kept: kept})
	}
	add(false, loopback.Fault{Step: loopback.Quit, Drop: true})
	add(false, loopback.Fault{Step: loopback.Quit, Hang: true})
	add(false, loopback.Fault{Step: loopback.Quit, Reply: "500 what"})
	for part := 1; part <= parts; part++ {
		all = append(all,
			breakage{part, loopback.Fault{Step: loopback.StartTLS, Drop: true, Skip: part - 1}, false, true},
			breakage{part, loopback.Fault{Step: loopback.StartTLS, Hang: true, Skip: part - 1}, false, true},
			breakage{part, loopback.Fault{Step: loopback.StartTLS, Reply: "454 TLS not available", Skip: part - 1}, false, true},
		)
	}
	return all
}

// figures count over all cases.
type figures struct{ sends, again, byHand atomic.Int64 }

// Whatever breaks, and wherever, every part ends up with the collector exactly
// once. With the tag "servers" that is the whole table, without it a spread of
// it; -v prints the figures.
func TestFaultTable(t *testing.T) {
	origin := newDesk(t, startServers(t, loopback.Options{}))
	n, dr := filled(t, origin, 500)
	opt := Options{Account: unitAddr, Limit: 100_000}
	for {
		if p, err := origin.Plan(t.Context(), n, dr, opt); err == nil && len(p.Messages) <= 3 {
			break
		}
		opt.Limit += 10_000
	}
	job, err := origin.Submit(t.Context(), n, dr, opt, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(job.Parts) != 3 {
		t.Fatalf("%d parts, want 3", len(job.Parts))
	}
	var least int64 = 1 << 40
	for _, p := range job.Parts {
		least = min(least, p.Size)
	}
	table := breakages(len(job.Parts), least)
	if len(table) <= 300 {
		t.Fatalf("%d cases", len(table))
	}
	if everyCase > 1 {
		var some []breakage
		for i := 0; i < len(table); i += everyCase {
			some = append(some, table[i])
		}
		table = some
	}
	var got figures
	start := time.Now()
	t.Run("cases", func(t *testing.T) {
		for _, b := range table {
			t.Run(b.name(), func(t *testing.T) {
				t.Parallel()
				b.try(t, origin, job, &got)
			})
		}
	})
	t.Logf("%d cases, %d parts: %d sendings, %d of them again under the same Message-ID, %d stops that a person let go on; every part with the collector once; %.1f s",
		len(table), len(table)*len(job.Parts), got.sends.Load(), got.again.Load(), got.byHand.Load(), time.Since(start).Seconds())
}

// try sends the job past the break, collects, and counts.
func (b breakage) try(t *testing.T, origin *Desk, job outbox.Job, total *figures) {
	opts := loopback.Options{}
	if b.starts {
		opts.Security = mailer.STARTTLS
	}
	srv := startServers(t, opts)
	srv.Script(b.fault)
	d := newDesk(t, srv)
	d.Now = origin.Now
	counter := &patient{local: local{srv}, hang: b.fault.Hang}
	d.Network = counter
	copyJob(t, origin, d, job)
	now := time.Now()
	d.Home.Outbox.Now = func() time.Time { return now }
	byHand := 0
	for tries := 0; ; tries++ {
		if tries > 12 {
			t.Fatal("does not come to an end")
		}
		next, err := d.Send(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		j, err := d.Home.Outbox.Get(job.ID)
		if err != nil {
			t.Fatal(err)
		}
		if j.State() == outbox.Sent {
			break
		}
		if !next.IsZero() {
			now = next
			continue
		}
		byHand++
		if err := d.Home.Outbox.Retry(job.ID); err != nil {
			t.Fatal(err)
		}
	}
	if srv.Pending() != 0 {
		t.Error("the break did not happen")
	}
	if (byHand > 0) != b.byHand {
		t.Errorf("a person was needed %d times, want %t", byHand, b.byHand)
	}
	total.sends.Add(counter.sends.Load())
	total.byHand.Add(int64(byHand))
	total.again.Add(int64(b.collected(t, d, len(job.Parts))))
}

// collected checks what the collector has and returns how often a part came again.
func (b breakage) collected(t *testing.T, d *Desk, parts int) (again int) {
	l := openLedger(t, d)
	ids := map[int][]string{}
	sum, err := d.Collect(t.Context(), l, []string{organizerAddr}, func(f Found) {
		if f.Err != nil {
			t.Errorf("%s: %v", f.Source, f.Err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := l.Submissions(t.Context(), "", ledger.Filter{})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d submissions, %v", len(list), err)
	}
	detail, err := l.Get(t.Context(), list[0].Ref.ID, list[0].Ref.Revision)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range detail.Arrivals {
		ids[a.Part] = append(ids[a.Part], a.MessageID)
	}
	if sum.New != parts || sum.Bad != 0 || list[0].Have != parts || list[0].Deliveries != 1 || len(ids) != parts {
		t.Errorf("collected %+v, %d parts, %d deliveries", sum, list[0].Have, list[0].Deliveries)
	}
	seen := map[string]bool{}
	for part, list := range ids {
		if len(slices.Compact(list)) != 1 || seen[list[0]] {
			t.Errorf("part %d came as %q", part, list)
		}
		seen[list[0]] = true
	}
	want := 0
	if b.fault.Kept && b.fault.Step == loopback.Answer {
		want = max(1, b.fault.Times)
	}
	if sum.Again != want {
		t.Errorf("%d came again, want %d", sum.Again, want)
	}
	return sum.Again
}

// patient counts sendings, and waits less where the server hangs.
type patient struct {
	local
	hang  bool
	sends atomic.Int64
}

func (p *patient) Sender(a mailer.Account, s mailer.Secrets) (mailer.Sender, error) {
	opts := smtp.Options{RootCAs: p.RootCAs()}
	if p.hang {
		opts.Patience = 400 * time.Millisecond // the answer to a message gets ten times that
	}
	sender, err := smtp.New(a, s, opts)
	return &counted{sender, &p.sends}, err
}

func (p *patient) Mailbox(ctx context.Context, a mailer.Account, s mailer.Secrets) (mailer.Mailbox, error) {
	return imap.Open(ctx, a, s, imap.Options{RootCAs: p.RootCAs()})
}

type counted struct {
	*smtp.Sender
	n *atomic.Int64
}

func (c *counted) Send(ctx context.Context, env mailer.Envelope, r io.Reader, size int64, tell mailer.Progress) error {
	c.n.Add(1)
	return c.Sender.Send(ctx, env, r, size, tell)
}

// copyJob gives another desk a queued job.
func copyJob(t *testing.T, from, to *Desk, job outbox.Job) {
	t.Helper()
	src, dst := filepath.Join(from.Home.Dir, "outbox", job.ID), filepath.Join(to.Home.Dir, "outbox", job.ID)
	if err := os.CopyFS(dst, os.DirFS(src)); err != nil {
		t.Fatal(err)
	}
}
