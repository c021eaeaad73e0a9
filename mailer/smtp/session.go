package smtp

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"time"

	gosmtp "github.com/wneessen/go-mail/smtp"

	"baosong/mailer"
	"baosong/mailer/internal/wire"
)

// session is one connection, used for one message.
type session struct {
	conn    *wire.Conn
	client  *gosmtp.Client
	host    string
	release func()
	broken  bool // a QUIT would be taken for part of the message, or get no answer
}

// close takes leave if the connection is in order. Nothing depends on the answer.
func (c *session) close() {
	if c.client != nil && !c.broken {
		c.conn.SetPatience(farewell)
		_ = c.client.Quit()
	}
	c.release()
	_ = c.conn.Close()
}

// envelope says who sends and who receives. A recipient that is refused ends
// the session: half a delivery would be reported as none.
func (c *session) envelope(env mailer.Envelope, size int64) error {
	from := "<" + env.From + ">"
	if ok, _ := c.client.Extension("SIZE"); ok { // go-mail sends none; RFC 1870, section 5
		from += fmt.Sprintf(" SIZE=%d", size)
	}
	if err := c.client.Mail(from); err != nil {
		return c.fail("mail", err)
	}
	for _, to := range env.To {
		if err := c.client.Rcpt("<" + to + ">"); err != nil {
			return c.fail("rcpt", err)
		}
	}
	return nil
}

// data sends the message up to, and not with, the final dot.
func (c *session) data(message io.Reader, size int64, progress mailer.Progress) error {
	if _, err := c.command(354, "DATA"); err != nil {
		return c.fail("data", err)
	}
	// from here on only the final dot ends the message: without it, closing the
	// connection discards what was sent
	c.broken = true
	w := &dotWriter{w: c.client.Text.W, lineStart: true}
	buf := make([]byte, 64<<10)
	var done int64
	for {
		n, err := message.Read(buf)
		if done += int64(n); done > size {
			return c.error(mailer.Local, "data", fmt.Errorf("message is longer than %d bytes", size))
		}
		if _, werr := w.Write(buf[:n]); werr != nil {
			return c.interrupted(werr)
		}
		if progress != nil && n > 0 {
			progress(done, size)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return c.error(mailer.Local, "data", fmt.Errorf("read message: %w", err))
		}
	}
	if done != size {
		return c.error(mailer.Local, "data", fmt.Errorf("message has %d bytes instead of %d", done, size))
	}
	if err := w.finish(); err != nil {
		return c.interrupted(err)
	}
	return nil
}

// interrupted is a failure to write. A server that stops taking a message often
// says why before it closes.
func (c *session) interrupted(err error) error {
	if c.conn.Cause() == nil {
		c.conn.SetPatience(farewell)
		_, _, rerr := c.client.Text.ReadResponse(250)
		if _, ok := errors.AsType[*textproto.Error](rerr); ok {
			return c.fail("data", rerr)
		}
	}
	return c.fail("data", err)
}

// answer sends the final dot and waits for the server to take responsibility.
func (c *session) answer(ctx context.Context, patience time.Duration) error {
	// cancelled before the message was complete; the connection may not be closed yet
	if err := cmp.Or(ctx.Err(), c.conn.Cause()); err != nil {
		return c.fail("data", err)
	}
	c.conn.SetPatience(patience)
	if _, err := c.command(250, "."); err != nil {
		if _, ok := errors.AsType[*textproto.Error](err); ok {
			c.broken = false
			return c.fail("answer", err)
		}
		e := wire.Classify("answer", c.host, err, c.conn)
		e.Kind = mailer.Uncertain
		return e
	}
	c.broken = false
	return nil
}

// command sends a line and reads the reply to it.
func (c *session) command(want int, line string) (string, error) {
	id, err := c.client.Text.Cmd("%s", line)
	if err != nil {
		return "", err
	}
	c.client.Text.StartResponse(id)
	defer c.client.Text.EndResponse(id)
	_, text, err := c.client.Text.ReadResponse(want)
	return text, err
}

func (c *session) error(kind mailer.Kind, step string, err error) *mailer.Error {
	return &mailer.Error{Kind: kind, Step: step, Host: c.host, Err: err}
}

// dotWriter doubles the dot at the start of a line (RFC 5321, section 4.5.2).
// It works on whole chunks; net/textproto's goes byte by byte.
type dotWriter struct {
	w         *bufio.Writer
	lineStart bool
	last      byte
}

func (d *dotWriter) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 {
		if d.lineStart && p[0] == '.' {
			if err := d.w.WriteByte('.'); err != nil {
				return 0, err
			}
		}
		n := len(p)
		if i := bytes.Index(p, []byte("\n.")); i >= 0 {
			n = i + 1
		}
		if _, err := d.w.Write(p[:n]); err != nil {
			return 0, err
		}
		d.last = p[n-1]
		d.lineStart = d.last == '\n'
		p = p[n:]
	}
	return total, nil
}

// finish ends the last line and sends what is buffered.
func (d *dotWriter) finish() error {
	if !d.lineStart {
		if _, err := d.w.WriteString("\r\n"); err != nil {
			return err
		}
	}
	return d.w.Flush()
}
