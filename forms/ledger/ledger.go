// Package ledger is the organizer's record: which packages arrived from where,
// which submissions they make up, what was decided on them, and which units
// have not reported. It is one SQLite file.
package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite" // also registers the driver
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrNotFound says that the ledger holds no such submission.
	ErrNotFound = errors.New("not in the ledger")
	// ErrInvalid says that what was to be entered cannot be right.
	ErrInvalid = errors.New("invalid entry")
	// ErrIncomplete says that a submission some of whose parts are missing
	// cannot be confirmed.
	ErrIncomplete = errors.New("parts of the submission are missing")
	// ErrNewer says that a newer version of the program wrote the ledger.
	ErrNewer = errors.New("the ledger was written by a newer version of the program")
	// ErrNotLedger says that the file is something else.
	ErrNotLedger = errors.New("the file is not a ledger")
	// ErrDamaged says that the file cannot be read as a whole.
	ErrDamaged = errors.New("the ledger is damaged")
	// ErrBusy says that another program kept the ledger to itself too long.
	ErrBusy = errors.New("the ledger is in use by another program")
	// ErrReadOnly says that the ledger can be read but not written.
	ErrReadOnly = errors.New("the ledger is read-only")
	// ErrDiskFull says that there is no room to write.
	ErrDiskFull = errors.New("the disk is full")
)

// applicationID marks the file as a ledger (PRAGMA application_id): "BaoS".
const applicationID = 0x42616f53

// patience is how long another process may keep the ledger to itself.
const patience = 5 * time.Second

// Ledger is an open ledger. It is safe for concurrent use, also by several
// processes. Every method is one transaction: it happens whole or not at all.
type Ledger struct {
	db *sql.DB
}

// Open opens the ledger at path, and makes it if there is none. The error is
// ErrNotLedger, ErrNewer, ErrDamaged, ErrBusy, ErrReadOnly, ErrDiskFull, or
// another one of the disk.
func Open(path string) (*Ledger, error) { return open(path, patience, "rwc") }

func open(path string, wait time.Duration, mode string) (*Ledger, error) {
	l, err := connect(path, wait, mode)
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", filepath.Base(path), kind(err))
	}
	return l, nil
}

func connect(path string, wait time.Duration, mode string) (*Ledger, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return nil, err
	}
	if info, err := os.Stat(abs); err == nil && !info.Mode().IsRegular() {
		return nil, ErrNotLedger
	}
	db, err := sql.Open("sqlite", source(abs, wait, mode))
	if err != nil {
		return nil, err
	}
	// One connection: within the program, nothing ever finds the file busy.
	db.SetMaxOpenConns(1)
	l := &Ledger{db: db}
	if err := l.prepare(context.Background()); err != nil {
		return nil, errors.Join(kind(err), db.Close())
	}
	return l, nil
}

// source returns the URI of the file (https://www.sqlite.org/uri.html).
//
// The journal is a file that is truncated at the end of a transaction: a
// write-ahead log needs memory shared between processes, which a network share
// does not have, and truncating leaves the folder as it is, so that a commit
// is on disk once the file is.
func source(abs string, wait time.Duration, mode string) string {
	p := filepath.ToSlash(abs)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p // C:/…
	}
	q := url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", wait.Milliseconds()),
		"foreign_keys(1)", "journal_mode(TRUNCATE)", "synchronous(FULL)", "trusted_schema(0)",
	}}
	return (&url.URL{Scheme: "file", Path: p, RawQuery: q.Encode()}).String()
}

// prepare checks that the file is a ledger and brings it up to date.
func (l *Ledger) prepare(ctx context.Context) error {
	version, err := l.version(ctx)
	if err != nil || version == len(migrations) {
		return err
	}
	return l.update(ctx, func(tx *sql.Tx) error {
		// Another process may have done it meanwhile.
		var now int
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&now); err != nil {
			return err
		}
		for _, m := range migrations[min(now, len(migrations)):] {
			if _, err := tx.ExecContext(ctx, m); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d",
			applicationID, max(now, len(migrations))))
		return err
	})
}

// version returns how many migrations the file has seen.
func (l *Ledger) version(ctx context.Context) (version int, err error) {
	var app, tables int
	row := l.db.QueryRowContext(ctx, `SELECT a.application_id, v.user_version, (SELECT count(*) FROM sqlite_schema)
		FROM pragma_application_id a, pragma_user_version v`)
	if err := row.Scan(&app, &version, &tables); err != nil {
		return 0, err
	}
	switch {
	case app == applicationID && version > len(migrations):
		return 0, fmt.Errorf("version %d: %w", version, ErrNewer)
	case app == applicationID, app == 0 && version == 0 && tables == 0:
		return version, nil
	}
	return 0, ErrNotLedger
}

// Close closes the ledger.
func (l *Ledger) Close() error { return l.db.Close() }

// update runs do in one transaction, which holds the ledger from its start.
func (l *Ledger) update(ctx context.Context, do func(*sql.Tx) error) error {
	return l.transact(ctx, nil, do)
}

// view runs do in one transaction that only reads.
func (l *Ledger) view(ctx context.Context, do func(*sql.Tx) error) error {
	return l.transact(ctx, &sql.TxOptions{ReadOnly: true}, do)
}

func (l *Ledger) transact(ctx context.Context, o *sql.TxOptions, do func(*sql.Tx) error) error {
	tx, err := l.db.BeginTx(ctx, o)
	if err != nil {
		return kind(err)
	}
	if err := do(tx); err != nil {
		if rerr := tx.Rollback(); rerr != nil && !errors.Is(rerr, sql.ErrTxDone) {
			err = errors.Join(err, rerr)
		}
		return kind(err)
	}
	return kind(tx.Commit())
}

// kind marks an error of SQLite with one of this package's.
func kind(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	mark := map[int]error{
		sqlite3.SQLITE_BUSY:     ErrBusy,
		sqlite3.SQLITE_LOCKED:   ErrBusy,
		sqlite3.SQLITE_READONLY: ErrReadOnly,
		sqlite3.SQLITE_FULL:     ErrDiskFull,
		sqlite3.SQLITE_NOTADB:   ErrNotLedger,
		sqlite3.SQLITE_CORRUPT:  ErrDamaged,
	}[e.Code()&0xff] // without what extends the code
	if mark == nil || errors.Is(err, mark) {
		return err
	}
	return fmt.Errorf("%w: %w", mark, err)
}

// millis and moment convert times to what the file holds, and back.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

func moment(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64)
}
