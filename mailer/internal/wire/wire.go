// Package wire opens the connections mail protocols are spoken over, and sorts
// what goes wrong on them into the kinds of [mailer.Error]. The libraries above
// it set deadlines for a whole message and cannot be cancelled; here a
// connection lives as long as something moves on it.
package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"baosong/mailer"
)

// ErrSilent is the cause when nothing moved on a connection for too long.
var ErrSilent = errors.New("no answer from the server")

// ErrFlood is the cause when a server sent more than was asked for.
var ErrFlood = errors.New("the server sends too much")

// Conn is a TCP connection whose deadlines are set by [Conn.Guard] alone.
type Conn struct {
	net.Conn
	born     time.Time
	patience atomic.Int64 // nanoseconds without movement
	moved    atomic.Int64 // when something moved last, in nanoseconds since born: the clock of the system may be set meanwhile
	budget   atomic.Int64 // bytes that may still be read
	once     sync.Once
	cause    atomic.Pointer[error] // why it was closed from here
	broken   atomic.Pointer[error] // the first failure of the network
}

// Dial connects to a server, without TLS yet. The error is a *mailer.Error of
// step lookup or connect.
func Dial(ctx context.Context, server mailer.Server, timeout time.Duration) (*Conn, error) {
	d := net.Dialer{Timeout: timeout}
	raw, err := d.DialContext(ctx, "tcp", net.JoinHostPort(server.Host, strconv.Itoa(server.Port)))
	if err != nil {
		return nil, Classify("connect", server.Host, err, nil)
	}
	return newConn(raw), nil
}

func newConn(raw net.Conn) *Conn {
	c := &Conn{Conn: raw, born: time.Now()}
	c.touch()
	return c
}

// Guard closes the connection when ctx ends or when nothing has moved on it for
// the given time, until the function it returns is called. After a close,
// [Conn.Cause] says why.
func (c *Conn) Guard(ctx context.Context, patience time.Duration) (release func()) {
	c.SetPatience(patience)
	c.touch()
	if err := ctx.Err(); err != nil {
		c.fail(err)
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			left := time.Duration(c.moved.Load()+c.patience.Load()) - time.Since(c.born)
			if left <= 0 {
				c.fail(ErrSilent)
				return
			}
			// a shorter patience set meanwhile is noticed within a second
			timer := time.NewTimer(min(left, time.Second))
			select {
			case <-done:
				timer.Stop()
				return
			case <-ctx.Done():
				timer.Stop()
				c.fail(ctx.Err())
				return
			case <-timer.C:
			}
		}
	}()
	// waiting keeps a later end of ctx from closing a connection that is reused
	return func() { close(done); <-ended }
}

// SetPatience changes how long nothing may move.
func (c *Conn) SetPatience(d time.Duration) { c.patience.Store(int64(d)) }

// SetBudget sets how many bytes may be read from now on, TLS included.
func (c *Conn) SetBudget(n int64) { c.budget.Store(n) }

// Cause returns why the connection was closed from here, or nil.
func (c *Conn) Cause() error {
	if p := c.cause.Load(); p != nil {
		return *p
	}
	return nil
}

func (c *Conn) fail(err error) {
	c.once.Do(func() { c.cause.Store(&err) })
	_ = c.Conn.Close() // the cause is what matters
}

func (c *Conn) touch() { c.moved.Store(int64(time.Since(c.born))) }

func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.touch()
	}
	if c.budget.Add(-int64(n)) < 0 {
		c.fail(ErrFlood)
		return n, ErrFlood
	}
	return n, c.explain(err)
}

func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if n > 0 {
		c.touch()
	}
	return n, c.explain(err)
}

func (c *Conn) explain(err error) error {
	if err == nil {
		return nil
	}
	if cause := c.Cause(); cause != nil {
		return cause
	}
	c.broken.CompareAndSwap(nil, &err)
	return err
}

// SetDeadline does nothing: the libraries' deadlines span a whole message.
func (c *Conn) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing, see [Conn.SetDeadline].
func (c *Conn) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing, see [Conn.SetDeadline].
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

// TLSConfig verifies the server by its name against roots, or the system's
// authorities when roots is nil.
func TLSConfig(server mailer.Server, roots *x509.CertPool) (*tls.Config, error) {
	cfg := &tls.Config{ServerName: server.Host, RootCAs: roots}
	switch server.MinTLS {
	case "", "1.2":
		cfg.MinVersion = tls.VersionTLS12
	case "1.3":
		cfg.MinVersion = tls.VersionTLS13
	case "1.0", "1.1":
		cfg.MinVersion = tls.VersionTLS10
		if server.MinTLS == "1.1" {
			cfg.MinVersion = tls.VersionTLS11
		}
		// servers of that age know only suites that are off by default
		for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
			cfg.CipherSuites = append(cfg.CipherSuites, s.ID)
		}
	default:
		return nil, fmt.Errorf("server %s: unknown TLS version %q", server.Host, server.MinTLS)
	}
	return cfg, nil
}
