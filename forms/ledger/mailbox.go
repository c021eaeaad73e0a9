package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Position returns how far the folder of an account was read, as it was given
// to SetPosition; nil if it never was.
func (l *Ledger) Position(ctx context.Context, account, folder string) ([]byte, error) {
	var data []byte
	err := l.db.QueryRowContext(ctx, "SELECT data FROM position WHERE account = ? AND folder = ?", account, folder).
		Scan(&data)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("position in %s of %s: %w", folder, account, kind(err))
	}
	return data, nil
}

// SetPosition keeps how far a folder was read. What was found up to there has
// to be entered before: then a crash between the two only reads it again.
func (l *Ledger) SetPosition(ctx context.Context, account, folder string, data []byte) error {
	_, err := l.db.ExecContext(ctx, `INSERT INTO position (account, folder, data) VALUES (?, ?, ?)
		ON CONFLICT (account, folder) DO UPDATE SET data = excluded.data`, account, folder, data)
	if err != nil {
		return fmt.Errorf("keep position in %s of %s: %w", folder, account, kind(err))
	}
	return nil
}

// Seen reports whether everything from source was entered, see SetSeen.
func (l *Ledger) Seen(ctx context.Context, source string) (bool, error) {
	var n int
	err := l.db.QueryRowContext(ctx, "SELECT count(*) FROM seen WHERE source = ?", source).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look up %s: %w", source, kind(err))
	}
	return n > 0, nil
}

// SetSeen says that everything in a message, or another source, was entered.
func (l *Ledger) SetSeen(ctx context.Context, source string) error {
	_, err := l.db.ExecContext(ctx, "INSERT INTO seen (source, at) VALUES (?, ?) ON CONFLICT DO NOTHING",
		source, time.Now().UnixMilli())
	if err != nil {
		return fmt.Errorf("enter %s as seen: %w", source, kind(err))
	}
	return nil
}

// Mail is a message in which no package was found, for a person to look at.
type Mail struct {
	Source      string // as in Arrival
	From        string
	Subject     string
	Attachments []string // names
	Problem     string   // why it is not one, such as a package cut short
	Received    time.Time
}

// SetUnrecognised enters such messages, in place of what was entered from the
// same source. One leaves the list when a package from that source arrives.
func (l *Ledger) SetUnrecognised(ctx context.Context, mails ...Mail) error {
	err := l.update(ctx, func(tx *sql.Tx) error {
		for _, m := range mails {
			names, err := json.Marshal(m.Attachments)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO unrecognised
				(source, sender, subject, attachments, problem, received) VALUES (?, ?, ?, ?, ?, ?)`,
				m.Source, m.From, m.Subject, string(names), m.Problem, m.Received.UnixMilli())
			if err != nil {
				return fmt.Errorf("%s: %w", m.Source, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("enter unrecognised: %w", kind(err))
	}
	return nil
}

// Unrecognised returns those messages, the last received first.
func (l *Ledger) Unrecognised(ctx context.Context) ([]Mail, error) {
	rows, err := l.db.QueryContext(ctx, `SELECT source, sender, subject, attachments, problem, received
		FROM unrecognised ORDER BY received DESC, source`)
	if err != nil {
		return nil, fmt.Errorf("list unrecognised: %w", kind(err))
	}
	var list []Mail
	err = each(rows, func(scan func(...any) error) error {
		var m Mail
		var names []byte
		var at sql.NullInt64
		if err := scan(&m.Source, &m.From, &m.Subject, &names, &m.Problem, &at); err != nil {
			return err
		}
		m.Received = moment(at)
		list = append(list, m)
		return json.Unmarshal(names, &list[len(list)-1].Attachments)
	})
	if err != nil {
		return nil, fmt.Errorf("list unrecognised: %w", kind(err))
	}
	return list, nil
}
