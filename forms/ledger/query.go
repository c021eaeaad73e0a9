package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"baosong/forms"
)

// Status is how far the organizer is with a submission.
type Status string

const (
	Received  Status = "received"
	Returned  Status = "returned" // for correction
	Confirmed Status = "confirmed"
)

// Submission is one line of the ledger.
type Submission struct {
	Ref      forms.SubmissionRef
	NoticeID string
	Unit     forms.Unit
	Created  time.Time // by the sender's clock
	// Completed is when the last missing part came, zero while one is missing.
	Completed   time.Time
	Have, Parts int
	Deliveries  int // how often all parts came
	Messages    int // all packages that came, conflicting ones among them
	Conflicts   int // packages that differ from those that came first
	// Superseded says that a later revision came, whole.
	Superseded bool
	// Late says that neither this revision nor an earlier one came, whole, in time.
	Late     bool
	Status   Status
	Reviewed time.Time // zero if nobody did
	// Acknowledged says that the unit was sent a receipt for this status.
	Acknowledged bool
	Shortlisted  []string // kinds
}

// Complete reports whether all parts are here.
func (s Submission) Complete() bool { return s.Have == s.Parts }

// Filter says which submissions of a notice are wanted; the zero Filter all.
type Filter struct {
	Current        bool   // whole, and not superseded
	Status         Status // only these
	Late           bool   // only late ones
	Incomplete     bool   // only those with a missing part
	Unacknowledged bool   // only those whose unit was not told of the status
	Shortlist      string // only those marked so
	Unit           string // part of the unit's name
	Limit, Offset  int    // 0 for no limit
}

// What follows a row s of submission.
const (
	superseded = `EXISTS (SELECT 1 FROM submission n
		WHERE n.ref = s.ref AND n.revision > s.revision AND n.completed IS NOT NULL)`
	late = `(s.late AND NOT EXISTS (SELECT 1 FROM submission e
		WHERE e.ref = s.ref AND e.revision < s.revision AND e.completed IS NOT NULL AND NOT e.late))`
	acknowledged = `EXISTS (SELECT 1 FROM receipt r
		WHERE r.submission = s.id AND r.status = s.status AND r.at >= coalesce(s.reviewed, 0))`
	columns = `s.ref, s.revision, s.notice, s.unit, s.kind, s.person, s.phone, s.email, s.created, s.completed,
		s.have, s.parts, s.deliveries, s.messages, s.conflicts, ` + superseded + `, ` + late + `, s.status, s.reviewed, ` +
		acknowledged + `, coalesce((SELECT group_concat(kind, char(10) ORDER BY kind) FROM shortlist l WHERE l.ref = s.ref), '')`
)

func scanSubmission(scan func(...any) error, more ...any) (s Submission, err error) {
	var created, completed, reviewed sql.NullInt64
	var marks string
	err = scan(append([]any{
		&s.Ref.ID, &s.Ref.Revision, &s.NoticeID, &s.Unit.Name, &s.Unit.Kind, &s.Unit.Person, &s.Unit.Phone,
		&s.Unit.Email, &created, &completed, &s.Have, &s.Parts, &s.Deliveries, &s.Messages, &s.Conflicts,
		&s.Superseded, &s.Late, &s.Status, &reviewed, &s.Acknowledged, &marks,
	}, more...)...)
	s.Created, s.Completed, s.Reviewed = moment(created), moment(completed), moment(reviewed)
	if marks != "" {
		s.Shortlisted = strings.Split(marks, "\n")
	}
	return s, err
}

// where returns the conditions of f, and what stands for their marks.
func (f Filter) where(notice string) (string, []any) {
	conds, args := []string{"1"}, []any{}
	add := func(on bool, cond string, arg ...any) {
		if on {
			conds, args = append(conds, cond), append(args, arg...)
		}
	}
	add(notice != "", "s.notice = ?", notice)
	add(f.Current, "s.completed IS NOT NULL AND NOT "+superseded)
	add(f.Status != "", "s.status = ?", f.Status)
	add(f.Late, late)
	add(f.Incomplete, "s.completed IS NULL")
	add(f.Unacknowledged, "NOT "+acknowledged)
	add(f.Shortlist != "", "EXISTS (SELECT 1 FROM shortlist l WHERE l.ref = s.ref AND l.kind = ?)", f.Shortlist)
	add(f.Unit != "", "instr(s.unit_key, ?) > 0", UnitKey(f.Unit))
	return strings.Join(conds, " AND "), args
}

// Submissions returns those of a notice, or of all notices for "", in the
// order in which their first package was entered.
func (l *Ledger) Submissions(ctx context.Context, notice string, f Filter) ([]Submission, error) {
	where, args := f.where(notice)
	limit := f.Limit
	if limit <= 0 {
		limit = -1
	}
	rows, err := l.db.QueryContext(ctx, "SELECT "+columns+" FROM submission s WHERE "+where+
		" ORDER BY s.id LIMIT ? OFFSET ?", append(args, limit, f.Offset)...)
	if err != nil {
		return nil, fmt.Errorf("list submissions: %w", kind(err))
	}
	var list []Submission
	err = each(rows, func(scan func(...any) error) error {
		s, err := scanSubmission(scan)
		list = append(list, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list submissions: %w", kind(err))
	}
	return list, nil
}

// Detail is everything the ledger knows of one submission.
type Detail struct {
	Submission
	Report   forms.Report
	Arrivals []Arrived // in the order they were entered
	Reviews  []Review  // oldest first
	Receipts []Receipt // oldest first
}

// Arrived is a package that came, as the ledger keeps it.
type Arrived struct {
	Part          int
	PackageSHA256 string
	Source        string
	MessageID     string
	From          string
	Forwarder     string
	Received      time.Time
	Late          bool
	Folder        string
	Delivery      int    // which arrival of its part it is, from 1; 0 for a conflict
	Conflict      string // see Outcome.Why; "" for none
}

// Get returns the revision rev of the submission id, or for 0 the last one.
// The error is ErrNotFound, or one of the file.
func (l *Ledger) Get(ctx context.Context, id string, rev int) (Detail, error) {
	var d Detail
	err := l.view(ctx, func(tx *sql.Tx) (err error) {
		d, err = get(ctx, tx, id, rev)
		return err
	})
	if err != nil {
		return Detail{}, fmt.Errorf("submission %s revision %d: %w", id, rev, err)
	}
	return d, nil
}

func get(ctx context.Context, tx *sql.Tx, id string, rev int) (d Detail, err error) {
	row := tx.QueryRowContext(ctx, "SELECT "+columns+`, s.id, s.report FROM submission s
		WHERE s.ref = ?1 AND ?2 IN (0, s.revision) ORDER BY s.revision DESC LIMIT 1`, id, rev)
	var key int64
	var report []byte
	d.Submission, err = scanSubmission(row.Scan, &key, &report)
	if errors.Is(err, sql.ErrNoRows) {
		return d, ErrNotFound
	}
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal(report, &d.Report); err != nil {
		return d, fmt.Errorf("%w: report: %w", ErrDamaged, err)
	}
	if d.Arrivals, err = arrivals(ctx, tx, key); err != nil {
		return d, err
	}
	if d.Reviews, err = reviews(ctx, tx, key); err != nil {
		return d, err
	}
	d.Receipts, err = receipts(ctx, tx, key)
	return d, err
}

func arrivals(ctx context.Context, tx *sql.Tx, key int64) (list []Arrived, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT part, sha256, source, message_id, sender, forwarder, received, late,
		folder, conflict FROM arrival WHERE submission = ? ORDER BY id`, key)
	if err != nil {
		return nil, err
	}
	copies := map[int]int{}
	err = each(rows, func(scan func(...any) error) error {
		var a Arrived
		var received sql.NullInt64
		err := scan(&a.Part, &a.PackageSHA256, &a.Source, &a.MessageID, &a.From, &a.Forwarder, &received, &a.Late,
			&a.Folder, &a.Conflict)
		a.Received = moment(received)
		if a.Conflict == "" {
			copies[a.Part]++
			a.Delivery = copies[a.Part]
		}
		list = append(list, a)
		return err
	})
	return list, err
}

// Summary counts what came for a notice.
type Summary struct {
	Units       int // that reported, at least one submission whole
	Messages    int // packages that came
	Deliveries  int // whole arrivals of a submission: the nth copy of every part makes the nth
	Submissions int // revisions count each
	Superseded  int // of them, by a later revision
	Incomplete  int // of them, some parts missing
	SentTwice   int // deliveries of a submission that had come before
	Conflicts   int // packages that differ from those that came first
	Late        int // current submissions that are late, see Submission.Late
	Returned    int // current submissions, by status
	Confirmed   int
}

// Summary returns the counts of a notice, or of all for "".
func (l *Ledger) Summary(ctx context.Context, notice string) (Summary, error) {
	var s Summary
	err := l.db.QueryRowContext(ctx, `WITH line AS (
			SELECT unit_key, messages, deliveries, conflicts, status, completed IS NULL AS incomplete,
				`+superseded+` AS superseded, `+late+` AS late
			FROM submission s WHERE ?1 IN ('', notice)),
		line2 AS (SELECT *, NOT incomplete AND NOT superseded AS current FROM line)
		SELECT count(DISTINCT CASE WHEN current THEN unit_key END), coalesce(sum(messages), 0),
			coalesce(sum(deliveries), 0), count(*), coalesce(sum(superseded), 0), coalesce(sum(incomplete), 0),
			coalesce(sum(max(deliveries - 1, 0)), 0), coalesce(sum(conflicts), 0), coalesce(sum(current AND late), 0),
			coalesce(sum(current AND status = 'returned'), 0), coalesce(sum(current AND status = 'confirmed'), 0)
		FROM line2`, notice).Scan(&s.Units, &s.Messages, &s.Deliveries, &s.Submissions, &s.Superseded, &s.Incomplete,
		&s.SentTwice, &s.Conflicts, &s.Late, &s.Returned, &s.Confirmed)
	if err != nil {
		return Summary{}, fmt.Errorf("count submissions: %w", kind(err))
	}
	return s, nil
}
