package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"baosong/forms"
)

// Review is a decision on a submission.
type Review struct {
	As Status
	// Reasons by question; the one under "" is of the whole.
	Reasons map[forms.Path]string
	By      string // who decided
	At      time.Time
}

// Review enters a decision; earlier ones stay in the history. The error is
// ErrNotFound, ErrIncomplete, ErrInvalid, or one of the file.
func (l *Ledger) Review(ctx context.Context, ref forms.SubmissionRef, r Review) error {
	err := l.update(ctx, func(tx *sql.Tx) error { return review(ctx, tx, ref, r) })
	if err != nil {
		return fmt.Errorf("review %s: %w", ref, err)
	}
	return nil
}

func review(ctx context.Context, tx *sql.Tx, ref forms.SubmissionRef, r Review) error {
	if r.As != Received && r.As != Returned && r.As != Confirmed {
		return fmt.Errorf("%w: status %q", ErrInvalid, r.As)
	}
	if r.At.IsZero() {
		return fmt.Errorf("%w: no date", ErrInvalid)
	}
	id, err := find(ctx, tx, ref)
	if err != nil {
		return err
	}
	var whole bool
	if err := tx.QueryRowContext(ctx, "SELECT completed IS NOT NULL FROM submission WHERE id = ?", id).
		Scan(&whole); err != nil {
		return err
	}
	if r.As == Confirmed && !whole {
		return ErrIncomplete
	}
	reasons, err := json.Marshal(r.Reasons)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO review (submission, status, reasons, by, at) VALUES (?, ?, ?, ?, ?)",
		id, r.As, string(reasons), r.By, r.At.UnixMilli())
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE submission SET status = ?, reviewed = ? WHERE id = ?",
		r.As, r.At.UnixMilli(), id)
	return err
}

func reviews(ctx context.Context, tx *sql.Tx, id int64) (list []Review, err error) {
	rows, err := tx.QueryContext(ctx,
		"SELECT status, reasons, by, at FROM review WHERE submission = ? ORDER BY id", id)
	if err != nil {
		return nil, err
	}
	err = each(rows, func(scan func(...any) error) error {
		var r Review
		var reasons []byte
		var at sql.NullInt64
		if err := scan(&r.As, &reasons, &r.By, &at); err != nil {
			return err
		}
		r.At = moment(at)
		list = append(list, r)
		return json.Unmarshal(reasons, &list[len(list)-1].Reasons)
	})
	return list, err
}

// Receipt is an answer that was sent to a unit.
type Receipt struct {
	As        Status
	To        string // address
	MessageID string
	At        time.Time
}

// Acknowledge enters a receipt that was sent. Entering the same message again
// changes nothing. The error is ErrNotFound or one of the file.
func (l *Ledger) Acknowledge(ctx context.Context, ref forms.SubmissionRef, r Receipt) error {
	err := l.update(ctx, func(tx *sql.Tx) error {
		id, err := find(ctx, tx, ref)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO receipt (submission, status, recipient, message_id, at)
			VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, id, r.As, r.To, r.MessageID, r.At.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("enter receipt for %s: %w", ref, err)
	}
	return nil
}

func receipts(ctx context.Context, tx *sql.Tx, id int64) (list []Receipt, err error) {
	rows, err := tx.QueryContext(ctx,
		"SELECT status, recipient, message_id, at FROM receipt WHERE submission = ? ORDER BY id", id)
	if err != nil {
		return nil, err
	}
	err = each(rows, func(scan func(...any) error) error {
		var r Receipt
		var at sql.NullInt64
		err := scan(&r.As, &r.To, &r.MessageID, &at)
		r.At = moment(at)
		list = append(list, r)
		return err
	})
	return list, err
}

// The kinds of mark that notices provide for.
const (
	ForCommendation = "commendation" // to be praised in a circular
	ForReporting    = "reporting"    // to be reported upward
)

// Shortlist marks the report ref with all its revisions as kind, or takes the
// mark off. The error is ErrNotFound or one of the file.
func (l *Ledger) Shortlist(ctx context.Context, ref forms.SubmissionRef, kind string, on bool) error {
	err := l.update(ctx, func(tx *sql.Tx) error {
		if _, err := find(ctx, tx, ref); err != nil {
			return err
		}
		stmt, args := "DELETE FROM shortlist WHERE ref = ? AND kind = ?", []any{ref.ID, kind}
		if on {
			stmt, args = "INSERT INTO shortlist (ref, kind, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
				append(args, time.Now().UnixMilli())
		}
		_, err := tx.ExecContext(ctx, stmt, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("shortlist %s: %w", ref, err)
	}
	return nil
}
