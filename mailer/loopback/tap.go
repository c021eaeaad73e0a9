package loopback

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// tap sits between a connection and its server, sees what both say in the
// clear, and lets faults strike.
type tap struct {
	net.Conn
	server  *Server
	br      *bufio.Reader
	pending []byte // of a line for the server
	greeted bool
	through bool // TLS is spoken from here on
	closed  chan struct{}
	once    sync.Once
}

func newTap(s *Server, c net.Conn) *tap {
	return &tap{Conn: c, server: s, br: bufio.NewReaderSize(c, 64<<10), closed: make(chan struct{})}
}

func (t *tap) Close() error {
	t.once.Do(func() { close(t.closed) })
	return t.Conn.Close()
}

// strike carries out a fault and reports whether the connection lives on.
func (t *tap) strike(f *Fault, reply string) error {
	switch {
	case f.Hang:
		// what the client sends meanwhile is taken, so that its leaving is noticed
		_, _ = io.Copy(io.Discard, t.br)
		return net.ErrClosed
	case f.Drop:
		_ = t.Close()
		return net.ErrClosed
	}
	_, err := io.WriteString(t.Conn, reply+"\r\n")
	return err
}

// greet lets a fault strike at the first thing the server says.
func (t *tap) greet(step Step) error {
	if t.greeted {
		return nil
	}
	t.greeted = true
	f := t.server.script.next(step)
	if f == nil {
		return nil
	}
	if err := t.strike(f, f.Reply); err != nil {
		return err
	}
	_ = t.Close()
	return net.ErrClosed
}

// line reads what the client says next, for the server to read.
func (t *tap) line() (string, error) {
	raw, err := t.br.ReadSlice('\n')
	if err != nil && err != bufio.ErrBufferFull {
		return "", err
	}
	t.pending = bytes.Clone(raw)
	return string(raw), nil
}

func (t *tap) take(p []byte) int {
	n := copy(p, t.pending)
	t.pending = t.pending[n:]
	return n
}

func newSMTPTap(s *Server, c net.Conn) net.Conn { return &smtpTap{tap: newTap(s, c)} }

// smtpTap follows an SMTP session. Reads and writes come from one goroutine.
type smtpTap struct {
	*tap
	inData  bool
	taken   int64
	body    *Fault
	tail    []byte // the last bytes of the message so far
	ended   bool
	verdict *Fault
}

// lost tells the session that the message is not to be delivered.
func (t *smtpTap) lost() bool { return t.verdict != nil && !t.verdict.Kept }

func (t *smtpTap) Read(p []byte) (int, error) {
	for {
		if len(t.pending) > 0 {
			return t.take(p), nil
		}
		if t.through {
			return t.br.Read(p)
		}
		if t.inData {
			return t.message(p)
		}
		line, err := t.line()
		if err != nil {
			return 0, err
		}
		verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimRight(line, "\r\n")), " ")
		if f := t.server.script.next(Step(verb)); f != nil {
			t.pending = nil
			if err := t.strike(f, f.Reply); err != nil {
				return 0, err
			}
			continue
		}
		t.through = verb == string(StartTLS)
	}
}

// message passes the message on, up to where a fault strikes.
func (t *smtpTap) message(p []byte) (int, error) {
	if t.body != nil {
		if left := t.body.Byte - t.taken; left > 0 {
			p = p[:min(int64(len(p)), left)]
		} else if err := t.strike(t.body, t.body.Reply); err != nil {
			return 0, err
		} else {
			_ = t.Close()
			return 0, net.ErrClosed
		}
	}
	if rate := t.server.opts.Throttle; rate > 0 {
		p = p[:min(int64(len(p)), max(1, rate/20))]
		select {
		case <-time.After(time.Duration(len(p)) * time.Second / time.Duration(rate)):
		case <-t.closed:
		}
	}
	n, err := t.br.Read(p)
	t.taken += int64(n)
	t.tail = append(t.tail, p[:n]...)
	t.tail = t.tail[max(0, len(t.tail)-5):]
	// the client waits for the answer, so nothing follows the final dot
	if string(t.tail) == "\r\n.\r\n" {
		t.inData, t.ended = false, true
		t.verdict = t.server.script.next(Answer)
	}
	return n, err
}

func (t *smtpTap) Write(p []byte) (int, error) {
	if t.through {
		return t.Conn.Write(p)
	}
	if err := t.greet(Connect); err != nil {
		return 0, err
	}
	if t.ended {
		t.ended = false
		f := t.verdict
		t.verdict = nil
		if f != nil {
			return len(p), t.strike(f, f.Reply)
		}
	}
	if bytes.HasPrefix(p, []byte("354 ")) {
		t.inData, t.taken = true, 0
		t.tail = append(t.tail[:0], "\r\n"...)
		t.body = t.server.script.next(Body)
	}
	return t.Conn.Write(p)
}

func newIMAPTap(s *Server, c net.Conn) net.Conn { return &imapTap{tap: newTap(s, c)} }

// imapTap follows an IMAP session and answers the ID command, which go-imap's
// server does not know.
type imapTap struct {
	*tap
	known bool // ID was given
	mu    sync.Mutex
	fault *Fault // strikes within what the server writes next
	sent  int64
}

func (t *imapTap) Read(p []byte) (int, error) {
	for {
		if len(t.pending) > 0 {
			return t.take(p), nil
		}
		if t.through {
			return t.br.Read(p)
		}
		line, err := t.line()
		if err != nil {
			return 0, err
		}
		tag, verb := splitIMAP(line)
		t.through = verb == string(StartTLS)
		if handled, err := t.command(tag, verb); handled || err != nil {
			t.pending = nil
			if err != nil {
				return 0, err
			}
		}
	}
}

func splitIMAP(line string) (tag, verb string) {
	words := strings.Fields(strings.ToUpper(line))
	if len(words) < 2 {
		return "", ""
	}
	if words[1] == "UID" && len(words) > 2 {
		return strings.Fields(line)[0], "UID " + words[2]
	}
	return strings.Fields(line)[0], words[1]
}

// command answers what the server below cannot, or lets a fault strike.
func (t *imapTap) command(tag, verb string) (handled bool, err error) {
	if f := t.server.script.next(Step("IMAP " + verb)); f != nil {
		if f.Byte > 0 {
			t.mu.Lock()
			t.fault, t.sent = f, 0
			t.mu.Unlock()
			return false, nil
		}
		return true, t.strike(f, tag+" "+f.Reply)
	}
	if !t.server.opts.RequireID {
		return false, nil
	}
	reply := ""
	switch {
	case verb == "ID":
		t.known = true
		reply = "* ID (\"name\" \"loopback\")\r\n" + tag + " OK ID completed"
	case (verb == "SELECT" || verb == "EXAMINE") && !t.known:
		reply = tag + " NO " + verb + " Unsafe Login. Please contact support for help"
	default:
		return false, nil
	}
	_, err = io.WriteString(t.Conn, reply+"\r\n")
	return true, err
}

func (t *imapTap) Write(p []byte) (int, error) {
	if t.through {
		return t.Conn.Write(p)
	}
	if err := t.greet(IMAPConnect); err != nil {
		return 0, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fault == nil || t.sent+int64(len(p)) < t.fault.Byte {
		t.sent += int64(len(p))
		return t.Conn.Write(p)
	}
	n, err := t.Conn.Write(p[:t.fault.Byte-t.sent])
	if err == nil {
		err = t.strike(t.fault, t.fault.Reply)
	}
	return n, err
}
