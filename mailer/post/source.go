package post

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"baosong/forms/atomicfile"
	"baosong/mailer"
	"baosong/mailer/eml"
)

// mailSource names one message of a mailbox, as the ledger keeps it.
type mailSource struct {
	account, folder string
	validity, uid   uint32
}

const mailPrefix, filePrefix = "mail:", "file:"

func (s mailSource) String() string {
	return fmt.Sprintf("%s%s/%s/%d/%d", mailPrefix, s.account, s.folder, s.validity, s.uid)
}

// ErrNoSource says that a message is not where it was found.
var ErrNoSource = errors.New("the message is not there any more")

// parseMailSource reads what String wrote. A folder's name may hold slashes, an
// account's may not.
func parseMailSource(text string) (s mailSource, err error) {
	account, rest, ok := strings.Cut(strings.TrimPrefix(text, mailPrefix), "/")
	parts := strings.Split(rest, "/")
	if !ok || len(parts) < 3 {
		return s, fmt.Errorf("source %.200q: %w", text, ErrNoSource)
	}
	validity, err1 := strconv.ParseUint(parts[len(parts)-2], 10, 32)
	uid, err2 := strconv.ParseUint(parts[len(parts)-1], 10, 32)
	if err1 != nil || err2 != nil {
		return s, fmt.Errorf("source %.200q: %w", text, ErrNoSource)
	}
	return mailSource{account, strings.Join(parts[:len(parts)-2], "/"), uint32(validity), uint32(uid)}, nil
}

// message writes the message a source names to path.
func (d *Desk) message(ctx context.Context, source, path string) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		if strings.HasPrefix(source, mailPrefix) {
			return d.fetchSource(ctx, source, w)
		}
		return copySource(strings.TrimPrefix(source, filePrefix), w)
	})
}

func (d *Desk) fetchSource(ctx context.Context, source string, w io.Writer) (err error) {
	at, err := parseMailSource(source)
	if err != nil {
		return err
	}
	m, err := d.Mailbox(ctx, at.account)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	var found *mailer.Summary
	stop := errors.New("found")
	pos, err := m.List(ctx, at.folder, mailer.Position{Validity: at.validity, UID: at.uid - 1}, func(s mailer.Summary) error {
		if s.UID == at.uid {
			found = &s
		}
		return stop
	})
	if err != nil && !errors.Is(err, stop) {
		return err
	}
	if found == nil || pos.Validity != at.validity {
		return fmt.Errorf("source %s: %w", source, ErrNoSource)
	}
	return m.Fetch(ctx, at.folder, *found, w, nil)
}

// copySource copies a message file, or the nth message of an mbox: PATH#n.
func copySource(path string, w io.Writer) (err error) {
	n := 0
	f, err := os.Open(path)
	if i := strings.LastIndexByte(path, '#'); err != nil && i > 0 {
		if n, err = strconv.Atoi(path[i+1:]); err == nil && n > 0 {
			f, err = os.Open(path[:i])
		}
	}
	if err != nil {
		return fmt.Errorf("source %s: %w", filepath.Base(path), errors.Join(ErrNoSource, err))
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if n == 0 {
		_, err = io.Copy(w, f)
		return err
	}
	at, stop := 0, errors.New("found")
	err = eml.Mbox(f, func(r io.Reader) error {
		if at++; at < n {
			return nil
		}
		if _, err := io.Copy(w, r); err != nil {
			return err
		}
		return stop
	})
	if err == nil {
		return fmt.Errorf("source %s: %w", filepath.Base(path), ErrNoSource)
	}
	if errors.Is(err, stop) {
		return nil
	}
	return err
}
