package ledger

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"baosong/forms"
)

// Arrival is one package that came from somewhere.
type Arrival struct {
	Report        forms.Report // as every package of the submission holds it
	Part, Parts   int          // Bag-Count, from 1
	PackageSHA256 string       // of the package, in hexadecimal
	// Source names the one place the package was taken from, such as a message
	// in a folder of a mailbox, or a file. A package taken from the same source
	// again is not a second arrival; the same package from another source is.
	Source    string
	MessageID string // of the message, if it was one
	From      string // address it came from
	Forwarder string // address that passed it on, "" if none
	Received  time.Time
	Late      bool   // received after the deadline, as the caller judges it
	Folder    string // where it was extracted to
}

// OutcomeKind says what an arrival meant.
type OutcomeKind string

const (
	New       OutcomeKind = "new"       // a whole submission in one package
	Partial   OutcomeKind = "partial"   // a part; others are missing
	Completes OutcomeKind = "completes" // the part that was missing
	Again     OutcomeKind = "again"     // the same package came before: sent twice
	Known     OutcomeKind = "known"     // from the same source as before: nothing was entered
	Conflict  OutcomeKind = "conflict"  // differs from what came before under the same name; kept beside it
)

// Outcome is what entering an arrival changed.
type Outcome struct {
	Kind    OutcomeKind
	Ref     forms.SubmissionRef
	Missing []int // parts that have not come
	// Superseded says that a later revision is here already.
	Superseded bool
	// Why says in what a conflict lies: notice, parts, report or content.
	Why string
}

const (
	maxParts    = 9999
	maxRevision = 9999
	maxField    = 1024     // bytes of a name, an address, a source
	maxReport   = 16 << 20 // bytes of report.json
)

func (a Arrival) check() error {
	r := a.Report
	for what, bad := range map[string]bool{
		"submission id": !text(r.Submission.ID, 1, 128),
		"revision":      r.Submission.Revision < 1 || r.Submission.Revision > maxRevision,
		"part":          a.Part < 1 || a.Part > a.Parts || a.Parts > maxParts,
		"notice id":     !text(r.Notice.ID, 1, 128),
		"digest":        !isDigest(a.PackageSHA256),
		"source":        !text(a.Source, 1, 4*maxField),
		"message id":    !text(a.MessageID, 0, maxField),
		"sender":        !text(a.From, 0, maxField) || !text(a.Forwarder, 0, maxField),
		"date":          a.Received.IsZero(),
		"unit": !text(r.Unit.Name, 0, maxField) || !text(r.Unit.Kind, 0, maxField) || !text(r.Unit.Person, 0, maxField) ||
			!text(r.Unit.Phone, 0, maxField) || !text(r.Unit.Email, 0, maxField),
	} {
		if bad {
			return fmt.Errorf("%w: %s", ErrInvalid, what)
		}
	}
	return nil
}

// text reports whether s is UTF-8 of between least and most bytes.
func text(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && utf8.ValidString(s)
}

func isDigest(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == 32
}

// Arrive enters a package. The order in which packages arrive makes no
// difference to what the ledger then says, except which of two conflicting
// ones counts: the first. The error is ErrInvalid, or one of the file.
func (l *Ledger) Arrive(ctx context.Context, a Arrival) (Outcome, error) {
	out := Outcome{Ref: a.Report.Submission}
	err := a.check()
	if err == nil {
		err = l.update(ctx, func(tx *sql.Tx) error { return arrive(ctx, tx, a, &out) })
	}
	if err != nil {
		return Outcome{}, fmt.Errorf("enter part %d of %s: %w", a.Part, a.Report.Submission, err)
	}
	return out, nil
}

func arrive(ctx context.Context, tx *sql.Tx, a Arrival, out *Outcome) error {
	report, err := json.Marshal(a.Report)
	if err != nil {
		return err
	}
	if len(report) > maxReport {
		return fmt.Errorf("%w: report.json has %d bytes", ErrInvalid, len(report))
	}
	id, err := find(ctx, tx, a.Report.Submission)
	if errors.Is(err, ErrNotFound) {
		id, err = insert(ctx, tx, a, report)
	}
	if err != nil {
		return err
	}
	if out.Kind, out.Why, err = classify(ctx, tx, id, a, report); err != nil {
		return err
	}
	if out.Kind != Known {
		if err := record(ctx, tx, id, a, out.Why); err != nil {
			return err
		}
	}
	if err := missing(ctx, tx, id, out); err != nil {
		return err
	}
	if out.Kind == "" {
		switch {
		case len(out.Missing) > 0:
			out.Kind = Partial
		case a.Parts == 1:
			out.Kind = New
		default:
			out.Kind = Completes
		}
	}
	return nil
}

// find returns the row of the submission ref.
func find(ctx context.Context, tx *sql.Tx, ref forms.SubmissionRef) (id int64, err error) {
	err = tx.QueryRowContext(ctx, "SELECT id FROM submission WHERE ref = ? AND revision = ?",
		ref.ID, ref.Revision).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return id, err
}

func insert(ctx context.Context, tx *sql.Tx, a Arrival, report []byte) (int64, error) {
	r := a.Report
	res, err := tx.ExecContext(ctx, `INSERT INTO submission
		(ref, revision, notice, unit, unit_key, kind, person, phone, email, created, report, parts)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.Submission.ID, r.Submission.Revision, r.Notice.ID, r.Unit.Name, UnitKey(r.Unit.Name), r.Unit.Kind,
		r.Unit.Person, r.Unit.Phone, r.Unit.Email, millis(r.Created), report, a.Parts)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// classify returns the kind of the arrival as far as what came before tells:
// Known, Again, Conflict with its reason, or "" for a part that is new.
func classify(ctx context.Context, tx *sql.Tx, id int64, a Arrival, report []byte) (OutcomeKind, string, error) {
	var notice, first sql.NullString
	var parts int
	var stored []byte
	var known bool
	err := tx.QueryRowContext(ctx, `SELECT notice, parts, report,
			(SELECT sha256 FROM arrival WHERE submission = s.id AND part = ?2 AND conflict = ''),
			EXISTS (SELECT 1 FROM arrival WHERE submission = s.id AND part = ?2 AND source = ?3)
		FROM submission s WHERE id = ?1`, id, a.Part, a.Source).Scan(&notice, &parts, &stored, &first, &known)
	switch {
	case err != nil:
		return "", "", err
	case known:
		return Known, "", nil
	case notice.String != a.Report.Notice.ID:
		return Conflict, "notice", nil
	case parts != a.Parts:
		return Conflict, "parts", nil
	case string(stored) != string(report):
		return Conflict, "report", nil
	case first.Valid && first.String != a.PackageSHA256:
		return Conflict, "content", nil
	case first.Valid:
		return Again, "", nil
	}
	return "", "", nil
}

// record enters the arrival and works out anew what depends on it.
func record(ctx context.Context, tx *sql.Tx, id int64, a Arrival, conflict string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO arrival
		(submission, part, sha256, source, message_id, sender, forwarder, received, late, folder, conflict)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, a.Part, a.PackageSHA256, a.Source, a.MessageID, a.From, a.Forwarder, a.Received.UnixMilli(), a.Late,
		a.Folder, conflict)
	if err != nil {
		return err
	}
	// A part is late if every copy of it is; a submission, if one of its parts is.
	_, err = tx.ExecContext(ctx, `WITH part AS (
			SELECT count(*) AS copies, min(received) AS first, min(late) AS late
			FROM arrival WHERE submission = ?1 AND conflict = '' GROUP BY part),
		total AS (SELECT count(*) AS have, min(copies) AS least, max(first) AS last, max(late) AS late FROM part)
		UPDATE submission SET
			have = total.have,
			late = coalesce(total.late, 0),
			completed  = CASE WHEN total.have = parts THEN total.last END,
			deliveries = CASE WHEN total.have = parts THEN total.least ELSE 0 END,
			messages  = (SELECT count(*) FROM arrival WHERE submission = ?1),
			conflicts = (SELECT count(*) FROM arrival WHERE submission = ?1 AND conflict <> '')
		FROM total WHERE id = ?1`, id)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM unrecognised WHERE source = ?", a.Source)
	return err
}

// missing fills in which parts have not come, and whether that still matters.
func missing(ctx context.Context, tx *sql.Tx, id int64, out *Outcome) (err error) {
	var parts int
	err = tx.QueryRowContext(ctx, `SELECT parts, `+superseded+` FROM submission s WHERE id = ?`, id).
		Scan(&parts, &out.Superseded)
	if err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx,
		"SELECT DISTINCT part FROM arrival WHERE submission = ? AND conflict = ''", id)
	if err != nil {
		return err
	}
	here := map[int]bool{}
	err = each(rows, func(scan func(...any) error) error {
		var n int
		err := scan(&n)
		here[n] = true
		return err
	})
	for n := 1; n <= parts; n++ {
		if !here[n] {
			out.Missing = append(out.Missing, n)
		}
	}
	return err
}

// each calls do for each row, and closes rows.
func each(rows *sql.Rows, do func(scan func(...any) error) error) (err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := do(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
