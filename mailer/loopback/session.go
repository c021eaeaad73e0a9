package loopback

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"baosong/mailer"
)

// session is one SMTP session of go-smtp.
type session struct {
	server *Server
	conn   *gosmtp.Conn
	user   string // address logged in
	env    mailer.Envelope
}

var _ gosmtp.AuthSession = (*session)(nil)

func refuse(code int, format string, args ...any) error {
	return &gosmtp.SMTPError{Code: code, EnhancedCode: gosmtp.EnhancedCodeNotSet, Message: fmt.Sprintf(format, args...)}
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain, "LOGIN"} }

func (s *session) Auth(mech string) (sasl.Server, error) {
	switch mech {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, code string) error { return s.login(user, code) }), nil
	case "LOGIN":
		return &loginServer{check: s.login}, nil
	}
	return nil, gosmtp.ErrAuthUnknownMechanism
}

func (s *session) login(user, code string) error {
	l, ok := s.server.logins[strings.ToLower(user)]
	if !ok || subtle.ConstantTimeCompare([]byte(l.Code), []byte(code)) != 1 {
		return refuse(535, "Error: authentication failed")
	}
	s.user = l.Address.Addr
	return nil
}

func (s *session) Mail(from string, _ *gosmtp.MailOptions) error {
	if s.user == "" {
		return refuse(530, "Authentication required")
	}
	if !strings.EqualFold(from, s.user) {
		return refuse(553, "Mail from must equal authorized user")
	}
	s.env.From = from
	return nil
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if s.server.users[strings.ToLower(to)] == nil {
		return refuse(550, "User not found: %s", to)
	}
	s.env.To = append(s.env.To, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	lost := func() bool { t, ok := s.conn.Conn().(*smtpTap); return ok && t.lost() }
	if deliver := s.server.opts.Deliver; deliver != nil {
		return deliver(s.env, gated{r, lost})
	}
	var message bytes.Buffer
	if _, err := message.ReadFrom(r); err != nil {
		return err
	}
	if lost() {
		return nil
	}
	for _, to := range s.env.To {
		if err := s.server.Put(to, "INBOX", message.Bytes()); err != nil {
			return refuse(451, "%v", err)
		}
	}
	return nil
}

var errLost = errors.New("loopback: message lost on purpose")

// gated ends a message that is to be lost with an error instead of its end.
type gated struct {
	r    io.Reader
	lost func() bool
}

func (g gated) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if err == io.EOF && g.lost() {
		err = errLost
	}
	return n, err
}

func (s *session) Reset()        { s.env = mailer.Envelope{} }
func (s *session) Logout() error { return nil }

// loginServer is the LOGIN mechanism, which go-sasl has for clients alone.
type loginServer struct {
	check func(user, code string) error
	step  int
	user  string
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(response))
}
