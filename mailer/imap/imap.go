// Package imap is the [mailer.Mailbox] over IMAP (RFC 9051, and RFC 3501 as the
// providers speak it). It opens folders read-only and changes nothing in them.
package imap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"baosong/mailer"
	"baosong/mailer/eml"
	"baosong/mailer/internal/wire"
)

const (
	patience  = time.Minute
	farewell  = 2 * time.Second
	answerMax = 4 << 20 // bytes a server may say to one command that fetches no message
)

// Options are what a Mailbox can be given beside the account.
type Options struct {
	// RootCAs are the authorities trusted; the system's when nil.
	RootCAs *x509.CertPool
	// Patience is how long nothing may move on the connection while an answer is
	// awaited; a minute when 0.
	Patience time.Duration
}

// Mailbox is one logged-in connection. After an error of kind Connect,
// Cancelled, Protocol or Local it is of no more use: close it and open another.
// Its methods may be called from several goroutines; they take turns.
type Mailbox struct {
	conn     *wire.Conn
	client   *imapclient.Client
	host     string
	patience time.Duration

	mu       sync.Mutex
	folder   string            // the one that is open, "" for none
	validity map[string]uint32 // UIDVALIDITY of the folders listed
}

var _ mailer.Mailbox = (*Mailbox)(nil)

// Open connects and logs in.
func Open(ctx context.Context, account mailer.Account, secrets mailer.Secrets, opts Options) (*Mailbox, error) {
	server := account.IMAP
	if err := server.Validate(); err != nil {
		return nil, fmt.Errorf("account %s: %w", account.Name, err)
	}
	cfg, err := wire.TLSConfig(server, opts.RootCAs)
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", account.Name, err)
	}
	m := &Mailbox{host: server.Host, patience: opts.Patience, validity: make(map[string]uint32)}
	if m.patience <= 0 {
		m.patience = patience
	}
	if m.conn, err = wire.Dial(ctx, server, m.patience); err != nil {
		return nil, err
	}
	m.conn.SetBudget(answerMax)
	release := m.conn.Guard(ctx, m.patience)
	defer release()
	if err := m.start(ctx, server, cfg); err != nil {
		m.abandon()
		return nil, err
	}
	if err := m.login(account, secrets); err != nil {
		m.abandon()
		return nil, err
	}
	return m, nil
}

func (m *Mailbox) start(ctx context.Context, server mailer.Server, cfg *tls.Config) error {
	opts := &imapclient.Options{TLSConfig: cfg, WordDecoder: eml.WordDecoder()}
	if server.Security == mailer.STARTTLS {
		client, err := imapclient.NewStartTLS(m.conn, opts)
		if err != nil {
			return m.fail("tls", err)
		}
		m.client = client
		return nil
	}
	secured := tls.Client(m.conn, cfg)
	if err := secured.HandshakeContext(ctx); err != nil {
		return m.fail("tls", err)
	}
	m.client = imapclient.New(secured, opts)
	if err := m.client.WaitGreeting(); err != nil {
		return m.fail("connect", err)
	}
	return nil
}

func (m *Mailbox) login(account mailer.Account, secrets mailer.Secrets) error {
	secret, err := secrets.Secret(account.Name)
	if err != nil {
		return &mailer.Error{Kind: mailer.NoSecret, Step: "login", Host: m.host, Err: err}
	}
	if err := m.client.Login(account.Login(), secret).Wait(); err != nil {
		return wire.Withhold(m.fail("login", err), account.Login(), secret)
	}
	// NetEase opens no folder for a client that has not said what it is; servers
	// that do not know the command answer BAD, which is no harm (RFC 2971).
	_, err = m.client.ID(&goimap.IDData{Name: "Baosong", Version: "1.0", Vendor: "Baosong"}).Wait()
	if _, answered := errors.AsType[*goimap.Error](err); err != nil && !answered {
		return m.fail("login", err)
	}
	return nil
}

// Close logs out and closes the connection.
func (m *Mailbox) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.conn.Cause() == nil {
		release := m.conn.Guard(context.Background(), farewell)
		_ = m.client.Logout().Wait() // nothing depends on the answer
		release()
	}
	m.abandon()
	return nil
}

// abandon closes the connection as it is. That it was broken already has been
// reported by the command that met it.
func (m *Mailbox) abandon() {
	if m.client != nil {
		_ = m.client.Close()
	}
	_ = m.conn.Close()
}

// junkNames are the last elements of the names of spam folders, in lower case,
// where the server does not mark them (RFC 6154).
var junkNames = []string{
	"junk", "junk e-mail", "junk email", "spam", "bulk mail", "垃圾邮件", "垃圾箱", "垃圾信件", "广告邮件",
}

// Folders implements [mailer.Mailbox].
func (m *Mailbox) Folders(ctx context.Context) ([]string, error) {
	defer m.begin(ctx, answerMax)()
	list, err := m.client.List("", "*", nil).Collect()
	if err != nil {
		return nil, m.fail("list", err)
	}
	folders := []string{"INBOX"} // always there, whether listed or not (RFC 9051, section 5.1)
	for _, f := range list {
		if slices.Contains(f.Attrs, goimap.MailboxAttrNoSelect) || strings.EqualFold(f.Mailbox, "INBOX") {
			continue
		}
		last := f.Mailbox
		if f.Delim != 0 {
			last = last[strings.LastIndex(last, string(f.Delim))+1:]
		}
		if slices.Contains(f.Attrs, goimap.MailboxAttrJunk) || slices.Contains(junkNames, strings.ToLower(last)) {
			folders = append(folders, f.Mailbox)
		}
	}
	return folders, nil
}

// begin takes the turn and guards the connection while a command runs.
func (m *Mailbox) begin(ctx context.Context, budget int64) (end func()) {
	m.mu.Lock()
	m.conn.SetBudget(budget)
	release := m.conn.Guard(ctx, m.patience)
	return func() {
		release()
		m.mu.Unlock()
	}
}

// examine opens a folder read-only and returns its UIDVALIDITY and the UID
// expected next, 0 if the server does not say.
func (m *Mailbox) examine(folder string) (validity, next uint32, err error) {
	m.folder = ""
	data, err := m.client.Select(folder, &goimap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return 0, 0, m.fail("select", err)
	}
	m.folder = folder
	return data.UIDValidity, uint32(data.UIDNext), nil
}

// Fetch implements [mailer.Mailbox].
func (m *Mailbox) Fetch(ctx context.Context, folder string, s mailer.Summary, w io.Writer, progress mailer.Progress) error {
	defer m.begin(ctx, answerMax+2*s.Size)()
	if m.folder != folder {
		known, listed := m.validity[folder]
		validity, _, err := m.examine(folder)
		if err != nil {
			return err
		}
		if listed && validity != known {
			return &mailer.Error{Kind: mailer.Temporary, Step: "fetch", Host: m.host, Err: fmt.Errorf("folder %s was renumbered", folder)}
		}
	}
	whole := &goimap.FetchItemBodySection{Peek: true}
	cmd := m.client.Fetch(goimap.UIDSetNum(goimap.UID(s.UID)), &goimap.FetchOptions{BodySection: []*goimap.FetchItemBodySection{whole}})
	found, err := copyBody(cmd, w, progress)
	if err != nil {
		return m.interrupted(cmd, err)
	}
	if err := cmd.Close(); err != nil {
		return m.fail("fetch", err)
	}
	if !found {
		return &mailer.Error{Kind: mailer.Refused, Step: "fetch", Host: m.host, Err: fmt.Errorf("message %d of %s is gone", s.UID, folder)}
	}
	return nil
}

// writeError is a failure of the caller's writer.
type writeError struct{ err error }

func (e *writeError) Error() string { return "write message: " + e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }

// copyBody writes the first body section of the answer and reports whether
// there is one.
func copyBody(cmd *imapclient.FetchCommand, w io.Writer, progress mailer.Progress) (bool, error) {
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		for item := msg.Next(); item != nil; item = msg.Next() {
			if body, ok := item.(imapclient.FetchItemDataBodySection); ok && body.Literal != nil {
				return true, copyLiteral(body.Literal, w, progress)
			}
		}
	}
	return false, nil
}

// copyLiteral reads a literal to its end. One that ends early must not be read
// again, as go-imap does when it closes a command: its decoder, which has taken
// the connection back, would be disturbed.
func copyLiteral(lit goimap.LiteralReader, w io.Writer, progress mailer.Progress) error {
	buf := make([]byte, min(64<<10, lit.Size()+1))
	var done int64
	for {
		n, err := lit.Read(buf)
		if _, werr := w.Write(buf[:n]); werr != nil {
			return &writeError{werr}
		}
		done += int64(n)
		if progress != nil && n > 0 {
			progress(done, lit.Size())
		}
		switch {
		case err == io.EOF && done == lit.Size():
			return nil
		case err == io.EOF:
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		}
	}
}

// interrupted gives up the connection after a literal that was not read to its end.
func (m *Mailbox) interrupted(cmd *imapclient.FetchCommand, err error) error {
	m.folder = ""
	if _, local := errors.AsType[*writeError](err); local {
		_ = m.conn.Close() // quicker than taking the rest of the message
		_ = cmd.Close()
		return &mailer.Error{Kind: mailer.Local, Step: "fetch", Host: m.host, Err: err}
	}
	m.abandon()
	return m.fail("fetch", err)
}

// fail makes a *mailer.Error of any failure of a step.
func (m *Mailbox) fail(step string, err error) *mailer.Error {
	reply, ok := errors.AsType[*goimap.Error](err)
	if !ok || m.conn.Cause() != nil {
		return wire.Classify(step, m.host, err, m.conn)
	}
	e := &mailer.Error{Kind: mailer.Refused, Step: step, Host: m.host, Text: wire.Text(reply.Text)}
	switch {
	case reply.Code == goimap.ResponseCodeUnavailable || reply.Code == goimap.ResponseCodeInUse,
		reply.Type == goimap.StatusResponseTypeBye:
		e.Kind = mailer.Temporary
	case step == "login":
		e.Kind = mailer.Login
	case step == "tls":
		e.Kind = mailer.Insecure
	case reply.Type == goimap.StatusResponseTypeBad:
		e.Kind = mailer.Protocol
	}
	return e
}
