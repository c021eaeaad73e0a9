// Package loopback runs an SMTP and an IMAP server on 127.0.0.1, for rehearsing
// the trip without an account and for tests. They ask for TLS and a login like
// the real ones, and can be told to fail like them.
package loopback

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	gosmtp "github.com/emersion/go-smtp"

	"baosong/mailer"
)

const (
	host = "127.0.0.1"
	// Junk is the folder for spam each account has, beside INBOX.
	Junk = "垃圾邮件"
	// DefaultSize is the SIZE announced when none is given: what QQ announces.
	DefaultSize = 73400320
)

// Login is one account of the servers.
type Login struct {
	Address mailer.Address
	Code    string // the login code
}

// Options describe the servers to start.
type Options struct {
	Accounts []Login
	Size     int64           // announced SIZE in bytes; DefaultSize when 0, none when negative
	Security mailer.Security // TLS when empty
	// Throttle slows the taking of a message to so many bytes per second; 0 is as fast as possible.
	Throttle int64
	// RequireID refuses to open a folder before the ID command, as NetEase does.
	// Otherwise ID is answered BAD, as many others do.
	RequireID bool
	// Deliver takes each message instead of the mailboxes, which hold theirs in
	// memory. It is called from one goroutine per connection.
	Deliver func(env mailer.Envelope, message io.Reader) error
}

// Server is a running pair of servers. It implements [mailer.Secrets] for its
// own accounts, whose Name is their address.
type Server struct {
	opts   Options
	logins map[string]Login // by lower-case address
	users  map[string]*imapmemserver.User
	ca     *authority
	smtp   *gosmtp.Server
	imap   *imapserver.Server
	smtpLn net.Listener
	imapLn net.Listener
	serve  sync.WaitGroup
	script script

	closing  sync.Once
	closeErr error
}

// Start starts both servers on free ports.
func Start(opts Options) (*Server, error) {
	if opts.Security == "" {
		opts.Security = mailer.TLS
	}
	if opts.Size == 0 {
		opts.Size = DefaultSize
	}
	ca, err := newAuthority()
	if err != nil {
		return nil, fmt.Errorf("loopback: %w", err)
	}
	s := &Server{opts: opts, ca: ca, logins: make(map[string]Login), users: make(map[string]*imapmemserver.User)}
	if err := s.addUsers(); err != nil {
		return nil, fmt.Errorf("loopback: %w", err)
	}
	if s.smtpLn, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
		return nil, fmt.Errorf("loopback: %w", err)
	}
	if s.imapLn, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
		return nil, errors.Join(fmt.Errorf("loopback: %w", err), s.smtpLn.Close())
	}
	s.startSMTP()
	s.startIMAP()
	return s, nil
}

func (s *Server) addUsers() error {
	for _, l := range s.opts.Accounts {
		key := strings.ToLower(l.Address.Addr)
		if err := l.Address.Validate(); err != nil {
			return err
		}
		if l.Code == "" || s.users[key] != nil {
			return fmt.Errorf("account %s: no code, or given twice", key)
		}
		user := imapmemserver.NewUser(l.Address.Addr, l.Code)
		for _, folder := range []string{"INBOX", Junk} {
			if err := user.Create(folder, nil); err != nil {
				return err
			}
		}
		s.logins[key], s.users[key] = l, user
	}
	return nil
}

func (s *Server) startSMTP() {
	srv := gosmtp.NewServer(gosmtp.BackendFunc(func(c *gosmtp.Conn) (gosmtp.Session, error) {
		return &session{server: s, conn: c}, nil
	}))
	srv.Domain = "localhost"
	srv.MaxMessageBytes = max(0, s.opts.Size)
	srv.ErrorLog = log.New(io.Discard, "", 0)
	srv.AllowInsecureAuth = s.opts.Security == mailer.TLS // TLS is below what go-smtp sees
	srv.TLSConfig = s.startTLSConfig()
	s.smtp = srv
	s.serve.Go(func() { _ = srv.Serve(s.listen(s.smtpLn, newSMTPTap)) })
}

func (s *Server) startIMAP() {
	mem := imapmemserver.New()
	for _, u := range s.users {
		mem.AddUser(u)
	}
	s.imap = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}},
		Logger:       log.New(io.Discard, "", 0),
		InsecureAuth: s.opts.Security == mailer.TLS,
		TLSConfig:    s.startTLSConfig(),
	})
	s.serve.Go(func() { _ = s.imap.Serve(s.listen(s.imapLn, newIMAPTap)) })
}

func (s *Server) startTLSConfig() *tls.Config {
	if s.opts.Security == mailer.TLS {
		return nil
	}
	return s.ca.server
}

// listen puts TLS and the tap between the network and a server.
func (s *Server) listen(ln net.Listener, tap func(*Server, net.Conn) net.Conn) net.Listener {
	if s.opts.Security == mailer.TLS {
		ln = tls.NewListener(ln, s.ca.server)
	}
	return &tapListener{ln, func(c net.Conn) net.Conn { return tap(s, c) }}
}

type tapListener struct {
	net.Listener
	tap func(net.Conn) net.Conn
}

func (l *tapListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.tap(c), nil
}

// Account returns how to reach the account with that address.
func (s *Server) Account(addr string) mailer.Account {
	at := func(ln net.Listener) mailer.Server {
		return mailer.Server{Host: host, Port: ln.Addr().(*net.TCPAddr).Port, Security: s.opts.Security}
	}
	a := mailer.Account{
		Name: addr, Address: s.logins[strings.ToLower(addr)].Address,
		SMTP: at(s.smtpLn), IMAP: at(s.imapLn), Limit: max(0, s.opts.Size),
	}
	if a.Address.Addr == "" {
		a.Address.Addr = addr
	}
	return a
}

// Secret implements [mailer.Secrets].
func (s *Server) Secret(account string) (string, error) {
	l, ok := s.logins[strings.ToLower(account)]
	if !ok {
		return "", &mailer.Error{Kind: mailer.NoSecret, Step: "login", Host: host, Err: fmt.Errorf("no account %s", account)}
	}
	return l.Code, nil
}

// RootCAs holds the one authority the servers' certificate comes from.
func (s *Server) RootCAs() *x509.CertPool { return s.ca.pool }

// Authority returns that authority's certificate in PEM, for another process.
func (s *Server) Authority() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.ca.der})
}

// Put places a message in a folder of an account, as if it had come from elsewhere.
func (s *Server) Put(addr, folder string, message []byte) error {
	user := s.users[strings.ToLower(addr)]
	if user == nil {
		return fmt.Errorf("loopback: no account %s", addr)
	}
	_, err := user.Append(folder, literal{strings.NewReader(string(message))}, &imap.AppendOptions{Time: time.Now()})
	if err != nil {
		return fmt.Errorf("loopback: put into %s of %s: %w", folder, addr, err)
	}
	return nil
}

// Status returns how many messages a folder of an account holds, and how many
// of them are marked as seen and as deleted.
func (s *Server) Status(addr, folder string) (messages, seen, deleted int, err error) {
	user := s.users[strings.ToLower(addr)]
	if user == nil {
		return 0, 0, 0, fmt.Errorf("loopback: no account %s", addr)
	}
	d, err := user.Status(folder, &imap.StatusOptions{NumMessages: true, NumUnseen: true, NumDeleted: true})
	if err != nil {
		return 0, 0, 0, fmt.Errorf("loopback: status of %s of %s: %w", folder, addr, err)
	}
	return int(*d.NumMessages), int(*d.NumMessages - *d.NumUnseen), int(*d.NumDeleted), nil
}

// Empty removes a folder with what is in it and makes it anew, so that its
// UIDVALIDITY changes.
func (s *Server) Empty(addr, folder string) error {
	user := s.users[strings.ToLower(addr)]
	if user == nil {
		return fmt.Errorf("loopback: no account %s", addr)
	}
	if err := user.Delete(folder); err != nil {
		return fmt.Errorf("loopback: empty %s of %s: %w", folder, addr, err)
	}
	return user.Create(folder, nil)
}

// Close stops both servers and ends every connection. Closing again does nothing.
func (s *Server) Close() error {
	s.closing.Do(func() {
		s.closeErr = errors.Join(s.smtp.Close(), s.imap.Close())
		s.serve.Wait()
	})
	return s.closeErr
}

type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }
