package ledger

import (
	"database/sql"
	"fmt"
	"testing"
	"time"
)

const (
	few  = 500
	many = 5000
)

// filled returns a ledger with n submissions, entered in one transaction.
func filled(b *testing.B, n int) *Ledger {
	b.Helper()
	l := openLedger(b)
	err := l.update(b.Context(), func(tx *sql.Tx) error {
		for i := range n {
			a := parcel(fmt.Sprintf("%08d", i), 1, 1, 1, i)
			if err := arrive(b.Context(), tx, a, &Outcome{}); err != nil {
				return err
			}
		}
		return nil
	})
	must(b, err)
	return l
}

// BenchmarkLedger compares a ledger of 5,000 submissions with one of 500. A
// ratio of 10 is linear; of 1, independent of the size.
func BenchmarkLedger(b *testing.B) {
	small, large := filled(b, few), filled(b, many)
	n := 0
	for _, c := range []struct {
		name string
		do   func(*Ledger) error
	}{
		{"arrive", func(l *Ledger) error {
			n++
			_, err := l.Arrive(b.Context(), parcel(fmt.Sprint("n", n), 1, 1, 1, n))
			return err
		}},
		{"get", func(l *Ledger) error { _, err := l.Get(b.Context(), "00000250", 0); return err }},
		{"page of 50", func(l *Ledger) error {
			_, err := l.Submissions(b.Context(), notice, Filter{Current: true, Limit: 50})
			return err
		}},
		{"list all", func(l *Ledger) error { _, err := l.Submissions(b.Context(), notice, Filter{}); return err }},
		{"summary", func(l *Ledger) error { _, err := l.Summary(b.Context(), notice); return err }},
		{"roster", func(l *Ledger) error { _, err := l.RosterState(b.Context(), notice, nil); return err }},
	} {
		b.Run(c.name, func(b *testing.B) {
			var reference time.Duration
			rounds := 0
			for b.Loop() {
				b.StopTimer()
				start := time.Now()
				must(b, c.do(small))
				reference += time.Since(start)
				rounds++
				b.StartTimer()
				must(b, c.do(large))
			}
			b.ReportMetric(float64(b.Elapsed())/float64(reference), "×500")
		})
	}
}
