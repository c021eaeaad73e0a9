package eml

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
)

// Mbox calls each for every message of an mbox file (RFC 4155, and the variants
// programs write), in order. What each does not read is skipped. A line of the
// body that was quoted, ">From ", is given back unquoted. It returns
// ErrNotMessage if r does not start with a separator line, and otherwise the
// first error of r or each.
func Mbox(r io.Reader, each func(io.Reader) error) error {
	br := bufio.NewReaderSize(r, 64<<10)
	line, err := br.ReadSlice('\n')
	if !separator.Match(line) {
		if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
			return fmt.Errorf("read mbox: %w", err)
		}
		return fmt.Errorf("read mbox: %w", ErrNotMessage)
	}
	for n := 1; ; n++ {
		m := &mboxMessage{br: br, lineStart: true}
		if err := each(m); err != nil {
			return fmt.Errorf("message %d of mbox: %w", n, err)
		}
		if _, err := io.Copy(io.Discard, m); err != nil {
			return fmt.Errorf("message %d of mbox: %w", n, err)
		}
		if m.last {
			return nil
		}
	}
}

// a sender and a date with a time of day; the rest differs between programs
var separator = regexp.MustCompile(`^From \S.* \d\d?:\d\d`)

// mboxMessage reads up to the separator line of the next message.
type mboxMessage struct {
	br        *bufio.Reader
	rest      []byte // of the line at hand, valid until the next one is read
	held      []byte // a blank line, which belongs to the separator if one follows
	lineStart bool
	done      bool
	last      bool
}

func (m *mboxMessage) Read(p []byte) (int, error) {
	for len(m.rest) == 0 {
		if m.done {
			return 0, io.EOF
		}
		if err := m.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

func (m *mboxMessage) next() error {
	line, err := m.br.ReadSlice('\n')
	if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
		if err != io.EOF {
			return err
		}
		m.done, m.last = true, true
	}
	start := m.lineStart
	m.lineStart = bytes.HasSuffix(line, []byte("\n"))
	if start && m.held != nil && separator.Match(line) {
		m.done, m.last = true, false
		return nil
	}
	if start && bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From ")) {
		line = bytes.TrimPrefix(line, []byte(">"))
	}
	if start && m.held == nil && len(bytes.TrimRight(line, "\r\n")) == 0 && len(line) > 0 {
		m.held = bytes.Clone(line)
		return nil
	}
	m.rest = line
	if m.held != nil {
		m.rest = append(m.held, line...)
		m.held = nil
		if start && len(bytes.TrimRight(line, "\r\n")) == 0 && len(line) > 0 {
			// of several blank lines the last is the one that is held
			m.rest, m.held = m.rest[:len(m.rest)-len(line)], bytes.Clone(line)
		}
	}
	return nil
}
