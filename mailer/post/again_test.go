package post

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"baosong/forms/ledger"
	"baosong/mailer"
	"baosong/mailer/loopback"
)

// A report that was handed over as files, later again, and then sent as well, arrives three times and counts once: it
// is packed each time as it was the first time, whatever the clock and the plan say by then.
func TestHandedOverAndSentCountsOnce(t *testing.T) {
	s := startServers(t, loopback.Options{})
	d := newDesk(t, s)
	n, dr := filled(t, d, 800)
	from := mailer.Address{Addr: unitAddr}
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	if _, err := d.Export(t.Context(), n, dr, from, first, Options{Limit: 300_000, PhotoEdge: 640}, nil); err != nil {
		t.Fatal(err)
	}
	later := n.Deadline.Add(48 * time.Hour)
	d.Now = func() time.Time { return later }
	id := dr.ID
	if err := dr.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := d.Home.Drafts.Load(id) // after a restart
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if _, err := d.ExportFolder(t.Context(), n, again, from, second, Options{}, nil); err != nil {
		t.Fatal(err)
	}
	job, err := d.Submit(t.Context(), n, again, Options{Account: unitAddr}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pass(t, d)
	l := openLedger(t, d)
	kinds := map[ledger.OutcomeKind]int{}
	for _, source := range []string{first, second, organizerAddr} {
		_, err := d.Collect(t.Context(), l, []string{source}, func(f Found) {
			if f.Package {
				kinds[f.Outcome.Kind]++
			}
			err = errors.Join(err, f.Err)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	parts := len(job.Parts)
	if parts < 2 || kinds[ledger.Completes] != 1 || kinds[ledger.Again] != 2*parts || kinds[ledger.Conflict] != 0 {
		t.Errorf("%d messages, three times, arrived as %v", parts, kinds)
	}
	all, err := l.Submissions(t.Context(), n.ID, ledger.Filter{})
	if err != nil || len(all) != 1 || all[0].Conflicts != 0 {
		t.Errorf("the ledger has %+v, %v", all, err)
	}
}
