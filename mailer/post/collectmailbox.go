package post

import (
	"context"
	"encoding/json"
	"errors"

	"baosong/forms/ledger"
	"baosong/mailer"
)

// Positions of mailboxes lie in the ledger as JSON.
func (c *collector) mailbox(ctx context.Context, account string) (err error) {
	m, err := c.desk.Mailbox(ctx, account)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	folders, err := m.Folders(ctx)
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if err := c.mailFolder(ctx, m, account, folder); err != nil {
			return err
		}
	}
	return nil
}

func (c *collector) mailFolder(ctx context.Context, m mailer.Mailbox, account, folder string) error {
	var since mailer.Position
	saved, err := c.ledger.Position(ctx, account, folder)
	if err == nil && saved != nil {
		err = json.Unmarshal(saved, &since)
	}
	if err != nil {
		return err
	}
	var waiting []mailer.Summary
	next, err := m.List(ctx, folder, since, func(s mailer.Summary) error {
		waiting = append(waiting, s)
		return nil
	})
	if err != nil {
		return err
	}
	at := mailer.Position{Validity: next.Validity, UID: next.UID}
	var others []ledger.Mail // since the position was saved last
	save := func() error {
		if err := c.ledger.SetUnrecognised(ctx, others...); err != nil {
			return err
		}
		others = others[:0]
		return c.savePosition(ctx, account, folder, at)
	}
	for _, s := range waiting {
		at.UID = s.UID
		source := mailSource{account, folder, next.Validity, s.UID}.String()
		if !mayHoldPackage(s) {
			others = append(others, c.other(source, s))
			if len(others) < savedTogether {
				continue
			}
		} else if err := c.mail(ctx, m, folder, source, s); mailer.KindOf(err) == mailer.Refused {
			c.failed(source, err) // deleted meanwhile, say
		} else if err != nil {
			return err
		}
		if err := save(); err != nil {
			return err
		}
	}
	at = next
	return save()
}

// savedTogether is how many messages that are passed over are entered at once.
const savedTogether = 200

func (c *collector) savePosition(ctx context.Context, account, folder string, p mailer.Position) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return c.ledger.SetPosition(ctx, account, folder, b)
}
