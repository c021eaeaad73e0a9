package eml

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strings"

	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"
)

const (
	partsMax = 1000      // parts of one message, with all that is forwarded inside
	depthMax = 20        // multiparts and messages inside one another
	bodyMax  = 256 << 10 // bytes of body text kept
)

// Message is what a message says besides its attachments.
type Message struct {
	*Head
	// Text is the body a person reads: the plain text, or the HTML without its
	// marks if there is no plain text. At most 256 KiB.
	Text string
}

// Part is an attachment: any part that is neither a container nor body text.
type Part struct {
	// Message is the header of the message the part belongs to. For a message
	// forwarded as an attachment that is the forwarded one.
	Message *Head
	// Forwarded counts the messages around Message; 0 for the outermost.
	Forwarded int
	Name      string // decoded, without path or control characters; "" if none was given
	MediaType string // in lower case, as declared
	Inline    bool   // meant to be shown in the body, such as a picture in HTML
	// Body is the decoded content. It is valid until the visit returns, and ends
	// with an error that is ErrTruncated if the message does.
	Body io.Reader
}

// Read reads a message from anybody: visit is called for every attachment in
// order, also for those in messages forwarded inside, whether declared as such
// or attached as an .eml file. What visit does not read is skipped. Memory is
// bounded whatever the input is.
//
// Errors are ErrNotMessage, ErrLimit, ErrTruncated, an error of r, or the first
// error of visit, wrapped. For the last three the message read so far is
// returned as well.
func Read(r io.Reader, visit func(Part) error) (*Message, error) {
	m := &meter{r: r, left: math.MaxInt64}
	br := bufio.NewReaderSize(m, 64<<10)
	fields, err := readFields(br)
	if err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	w := &walker{meter: m, visit: visit}
	msg := &Message{Head: newHead(fields)}
	err = w.entity(fields, br, place{head: msg.Head})
	msg.Text = w.body()
	if err != nil {
		return msg, fmt.Errorf("read message: %w", err)
	}
	return msg, nil
}

// meter bounds what may be read while a header is expected, where go-message
// has no bound of its own.
type meter struct {
	r    io.Reader
	left int64
	eof  bool
}

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, fmt.Errorf("%w: header over %d bytes", ErrLimit, headerMax)
	}
	n, err := m.r.Read(p[:min(int64(len(p)), m.left)])
	m.left -= int64(n)
	m.eof = m.eof || err == io.EOF
	return n, err
}

type walker struct {
	meter *meter
	visit func(Part) error
	parts int
	plain strings.Builder
	html  strings.Builder
}

// place is where in the message an entity stands.
type place struct {
	head      *Head
	depth     int
	forwarded int
}

func (p place) inside() place { p.depth++; return p }

// entity handles one header and its body, which is read as far as needed.
func (w *walker) entity(h textproto.Header, body io.Reader, at place) error {
	if w.parts++; w.parts > partsMax {
		return fmt.Errorf("%w: over %d parts", ErrLimit, partsMax)
	}
	if at.depth > depthMax {
		return fmt.Errorf("%w: over %d levels", ErrLimit, depthMax)
	}
	mediaType, params := parseParams(h.Get("Content-Type"))
	disposition, dparams := parseParams(h.Get("Content-Disposition"))
	if mediaType == "" {
		mediaType = "text/plain" // RFC 2045, section 5.2
	}
	if strings.HasPrefix(mediaType, "multipart/") && params["boundary"] != "" {
		return w.multipart(body, params["boundary"], at.inside())
	}
	name := fileName(dparams, params)
	body = truncated{decoded(h, body)}
	if isMessage(mediaType, name) {
		return w.forwarded(body, at.inside())
	}
	if strings.HasPrefix(mediaType, "text/") && name == "" && disposition != "attachment" {
		return w.text(mediaType, params["charset"], body)
	}
	if w.visit == nil {
		return nil
	}
	return w.visit(Part{
		Message: at.head, Forwarded: at.forwarded, Name: name, MediaType: mediaType,
		Inline: disposition == "inline" || disposition == "" && h.Has("Content-Id"), Body: body,
	})
}

func isMessage(mediaType, name string) bool {
	switch mediaType {
	case "message/rfc822", "message/global":
		return true
	case "application/octet-stream", "application/eml", "text/plain", "message/eml":
		return strings.EqualFold(path.Ext(name), ".eml")
	}
	return false
}

// decoded undoes the transfer encoding alone: the charset of a text attachment
// is part of its content.
func decoded(h textproto.Header, body io.Reader) io.Reader {
	enc, _, _ := strings.Cut(strings.ToLower(h.Get("Content-Transfer-Encoding")), ";")
	var only gomessage.Header
	only.Set("Content-Transfer-Encoding", strings.TrimSpace(enc))
	only.Set("Content-Type", "application/octet-stream")
	e, _ := gomessage.New(only, body) // an unknown encoding is left as it is
	return e.Body
}

func (w *walker) multipart(body io.Reader, boundary string, at place) error {
	mr := textproto.NewMultipartReader(body, boundary)
	for {
		w.meter.left = headerMax
		part, err := mr.NextPart()
		w.meter.left = math.MaxInt64
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return w.cause(err)
		}
		if err := w.entity(part.Header, part, at); err != nil {
			return err
		}
		// what is left is skipped here, where it is not counted as header
		if _, err := io.Copy(io.Discard, truncated{part}); err != nil {
			return err
		}
	}
}

// cause gives go-message's errors, which carry no value, the one they stand for.
func (w *walker) cause(err error) error {
	if w.meter.eof && !errors.Is(err, ErrLimit) {
		return ErrTruncated
	}
	if strings.Contains(err.Error(), ErrLimit.Error()) {
		return ErrLimit
	}
	return err
}

func (w *walker) forwarded(body io.Reader, at place) error {
	br := bufio.NewReader(body)
	fields, err := readFields(br)
	if errors.Is(err, ErrNotMessage) {
		return nil
	}
	if err != nil {
		return err
	}
	at.head = newHead(fields)
	at.forwarded++
	return w.entity(fields, br, at)
}

// truncated names the end of input inside a part.
type truncated struct{ r io.Reader }

func (t truncated) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if err == io.ErrUnexpectedEOF {
		err = ErrTruncated
	}
	return n, err
}
