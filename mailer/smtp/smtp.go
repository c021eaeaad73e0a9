// Package smtp is the [mailer.Sender] over SMTP submission (RFC 6409). go-mail
// speaks the protocol up to the login; the message itself is streamed past it,
// since go-mail would hold it in memory under one deadline.
package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	gosmtp "github.com/wneessen/go-mail/smtp"

	"baosong/mailer"
	"baosong/mailer/internal/wire"
)

const (
	patience  = time.Minute      // without a byte moving, RFC 5321, section 4.5.3.2, says up to 5
	verdict   = 10 * time.Minute // for the answer to a message, section 4.5.3.2.6
	farewell  = 3 * time.Second  // for the answer to QUIT, which changes nothing
	answerMax = 1 << 20          // bytes a server may say in one session
	localName = "[127.0.0.1]"    // the machine's own name is nobody's business and may not be ASCII
)

// Options are what a Sender can be given beside the account.
type Options struct {
	// RootCAs are the authorities trusted; the system's when nil.
	RootCAs *x509.CertPool
	// Patience is how long nothing may move on the connection; a minute when 0.
	// For the answer to a whole message it is ten times that.
	Patience time.Duration
}

// Sender sends from one account, with one connection for each message. It is
// safe for use by several goroutines.
type Sender struct {
	account  mailer.Account
	secrets  mailer.Secrets
	tls      *tls.Config
	patience time.Duration
	verdict  time.Duration
}

var _ mailer.Sender = (*Sender)(nil)

// New returns a Sender for an account; nothing is dialled yet.
func New(account mailer.Account, secrets mailer.Secrets, opts Options) (*Sender, error) {
	if err := account.Address.Validate(); err != nil {
		return nil, fmt.Errorf("account %s: %w", account.Name, err)
	}
	if err := account.SMTP.Validate(); err != nil {
		return nil, fmt.Errorf("account %s: %w", account.Name, err)
	}
	cfg, err := wire.TLSConfig(account.SMTP, opts.RootCAs)
	if err != nil {
		return nil, err
	}
	s := &Sender{account: account, secrets: secrets, tls: cfg, patience: patience, verdict: verdict}
	if opts.Patience > 0 {
		s.patience, s.verdict = opts.Patience, 10*opts.Patience
	}
	return s, nil
}

// Send implements [mailer.Sender]. A message over the announced SIZE is refused
// before the login. A cancelled ctx closes the connection at once; the error is
// then of kind Cancelled, or Uncertain if everything had been sent.
func (s *Sender) Send(ctx context.Context, env mailer.Envelope, message io.Reader, size int64, progress mailer.Progress) error {
	if err := env.Validate(); err != nil {
		return &mailer.Error{Kind: mailer.Refused, Step: "mail", Host: s.account.SMTP.Host, Err: err}
	}
	c, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	if limit := c.limit(); limit > 0 && size > limit {
		return c.error(mailer.TooLarge, "mail", fmt.Errorf("message of %d bytes, the server takes %d", size, limit))
	}
	if err := s.login(c); err != nil {
		return err
	}
	if err := c.envelope(env, size); err != nil {
		return err
	}
	if err := c.data(message, size, progress); err != nil {
		return err
	}
	return c.answer(ctx, s.verdict)
}

// Limit implements [mailer.Sender]; it does not log in.
func (s *Sender) Limit(ctx context.Context) (int64, error) {
	c, err := s.open(ctx)
	if err != nil {
		return 0, err
	}
	defer c.close()
	return c.limit(), nil
}

// Check tries everything up to the sender's address, sends nothing, and
// returns the SIZE announced. The error's Step and Kind say which step failed.
func (s *Sender) Check(ctx context.Context) (size int64, err error) {
	c, err := s.open(ctx)
	if err != nil {
		return 0, err
	}
	defer c.close()
	if err := s.login(c); err != nil {
		return 0, err
	}
	if err := c.client.Mail("<" + s.account.Address.Addr + ">"); err != nil {
		return 0, c.fail("mail", err)
	}
	if err := c.client.Reset(); err != nil {
		return 0, c.fail("mail", err)
	}
	return c.limit(), nil
}

// open connects, secures the connection and introduces itself.
func (s *Sender) open(ctx context.Context) (*session, error) {
	server := s.account.SMTP
	conn, err := wire.Dial(ctx, server, s.patience)
	if err != nil {
		return nil, err
	}
	conn.SetBudget(answerMax)
	c := &session{conn: conn, host: server.Host, release: conn.Guard(ctx, s.patience)}
	if err := c.start(ctx, server, s.tls); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// start hands the connection to go-mail. Securing and logging in are called
// step by step, so that each failure is known for what it is.
func (c *session) start(ctx context.Context, server mailer.Server, cfg *tls.Config) error {
	var stream net.Conn = c.conn
	opts := []gomail.Option{
		gomail.WithPort(server.Port), gomail.WithHELO(localName), gomail.WithTLSPolicy(gomail.NoTLS),
		gomail.WithDialContextFunc(func(context.Context, string, string) (net.Conn, error) { return stream, nil }),
	}
	if server.Security == mailer.TLS {
		secured := tls.Client(c.conn, cfg)
		if err := secured.HandshakeContext(ctx); err != nil {
			return c.fail("tls", err)
		}
		stream = secured
		opts = append(opts, gomail.WithSSL())
	}
	gc, err := gomail.NewClient(server.Host, opts...)
	if err != nil {
		return c.fail("connect", err)
	}
	if c.client, err = gc.DialToSMTPClientWithContext(ctx); err != nil {
		return c.fail("connect", err)
	}
	c.client.SkipSMTPUTF8(true) // all we send is ASCII
	if server.Security == mailer.TLS {
		return nil
	}
	if ok, _ := c.client.Extension("STARTTLS"); !ok {
		return c.error(mailer.Insecure, "tls", fmt.Errorf("the server offers no STARTTLS"))
	}
	if err := c.client.StartTLS(cfg); err != nil {
		return c.fail("tls", err)
	}
	return nil
}

func (s *Sender) login(c *session) error {
	secret, err := s.secrets.Secret(s.account.Name)
	if err != nil {
		return c.error(mailer.NoSecret, "login", err)
	}
	_, offered := c.client.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(offered))
	user, host := s.account.Login(), s.account.SMTP.Host
	var auth gosmtp.Auth
	switch {
	case slices.Contains(mechanisms, "PLAIN"):
		auth = gosmtp.PlainAuth("", user, secret, host, false)
	case slices.Contains(mechanisms, "LOGIN"):
		auth = gosmtp.LoginAuth(user, secret, host, false)
	case slices.Contains(mechanisms, "SCRAM-SHA-256"):
		auth = gosmtp.ScramSHA256Auth(user, secret)
	case slices.Contains(mechanisms, "CRAM-MD5"):
		auth = gosmtp.CRAMMD5Auth(user, secret)
	default:
		return c.noLogin(offered)
	}
	if err := c.client.Auth(auth); err != nil {
		return wire.Withhold(c.fail("login", err), user, secret)
	}
	return nil
}

// noLogin says why no known way to log in is offered. go-mail falls back to HELO
// when EHLO is refused, and keeps the refusal, which may be for now, to itself;
// so the server is asked once more.
func (c *session) noLogin(offered string) *mailer.Error {
	text, err := c.command(250, "EHLO "+localName)
	if err != nil {
		return c.fail("connect", err)
	}
	if offered == "" && strings.Contains(strings.ToUpper(text), "AUTH ") {
		return c.error(mailer.Temporary, "connect", errors.New("the server did not say at first how to log in"))
	}
	return c.error(mailer.Protocol, "login", fmt.Errorf("no known way to log in among %.100q", offered))
}

// limit is the SIZE announced (RFC 1870, section 3), 0 if there is none.
func (c *session) limit() int64 {
	_, param := c.client.Extension("SIZE")
	n, err := strconv.ParseInt(strings.TrimSpace(param), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
