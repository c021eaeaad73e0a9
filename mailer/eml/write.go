// Package eml turns a [mailer.Message] into an RFC 5322 stream and reads any
// such stream, also those other programs write badly. Attachments pass through
// it without being held in memory.
package eml

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-message/textproto"

	"baosong/mailer"
)

// Write composes m and writes it to w with CRLF line ends and no line over 998
// bytes (RFC 5322, section 2.1.1). Attachments are read once, in order, through
// a buffer of fixed size; one whose length differs from its Size is an error,
// since the size planned for the message would be wrong. The same message gives
// the same bytes. After an error what w has received is not a message.
func Write(w io.Writer, m mailer.Message) error {
	head, err := topHeader(m)
	if err != nil {
		return fmt.Errorf("compose message: %w", err)
	}
	for i, a := range m.Attachments {
		if err := checkAttachment(a); err != nil {
			return fmt.Errorf("compose message: attachment %d: %w", i+1, err)
		}
	}
	if err := writeEntity(w, m, head); err != nil {
		return fmt.Errorf("compose message: %w", err)
	}
	return nil
}

// NewMessageID returns a fresh identifier for a message from the given sender,
// without angle brackets (RFC 5322, section 3.6.4).
func NewMessageID(from mailer.Address) (string, error) {
	if err := from.Validate(); err != nil {
		return "", fmt.Errorf("message id: %w", err)
	}
	_, domain, _ := strings.Cut(from.Addr, "@")
	return strings.ToLower(rand.Text()) + "@" + domain, nil
}

// writeEntity chooses the smallest structure that holds what the message has:
// mixed only with attachments, alternative only with two bodies.
func writeEntity(w io.Writer, m mailer.Message, head []string) error {
	boundary := boundaryOf(m.MessageID)
	if len(m.Attachments) == 0 {
		return writeBodies(writeTop(w, head), m, boundary+"a")
	}
	mixed, err := startMultipart(writeTop(w, head), "mixed", boundary)
	if err != nil {
		return err
	}
	if err := writeBodies(mixed.part, m, boundary+"a"); err != nil {
		return err
	}
	for _, a := range m.Attachments {
		pw, err := mixed.part(attachmentHeader(a))
		if err != nil {
			return err
		}
		if err := writeAttachment(pw, a); err != nil {
			return fmt.Errorf("attachment %q: %w", a.Name, err)
		}
	}
	return mixed.w.Close()
}

// startPart writes a header and returns where its body goes.
type startPart func(fields []string) (io.Writer, error)

func writeTop(w io.Writer, head []string) startPart {
	return func(fields []string) (io.Writer, error) {
		return w, textproto.WriteHeader(w, header(append(head, fields...)))
	}
}

type multipart struct{ w *textproto.MultipartWriter }

func (m multipart) part(fields []string) (io.Writer, error) {
	return m.w.CreatePart(header(fields))
}

func startMultipart(start startPart, subtype, boundary string) (multipart, error) {
	w, err := start([]string{"Content-Type: multipart/" + subtype + ";\r\n boundary=\"" + boundary + "\"\r\n"})
	if err != nil {
		return multipart{}, err
	}
	mw := textproto.NewMultipartWriter(w)
	if err := mw.SetBoundary(boundary); err != nil {
		return multipart{}, err
	}
	return multipart{mw}, nil
}

func writeBodies(start startPart, m mailer.Message, boundary string) error {
	if m.HTML == "" {
		return writeText(start, "plain", m.Text)
	}
	alt, err := startMultipart(start, "alternative", boundary)
	if err != nil {
		return err
	}
	if err := writeText(alt.part, "plain", m.Text); err != nil {
		return err
	}
	if err := writeText(alt.part, "html", m.HTML); err != nil {
		return err
	}
	return alt.w.Close()
}

func writeText(start startPart, subtype, text string) error {
	w, err := start([]string{
		"Content-Type: text/" + subtype + "; charset=utf-8\r\n",
		"Content-Transfer-Encoding: base64\r\n",
	})
	if err != nil {
		return err
	}
	text = strings.NewReplacer("\r\n", "\r\n", "\r", "\r\n", "\n", "\r\n").Replace(text)
	enc := newLineEncoder(w)
	if _, err := io.WriteString(enc, strings.ToValidUTF8(text, "\uFFFD")); err != nil {
		return err
	}
	return enc.Close()
}

func writeAttachment(w io.Writer, a mailer.Attachment) (err error) {
	f, err := a.Open()
	if err != nil {
		return err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	enc := newLineEncoder(w)
	n, err := io.Copy(enc, f)
	if err != nil {
		return err
	}
	if n != a.Size {
		return fmt.Errorf("has %d bytes instead of %d", n, a.Size)
	}
	return enc.Close()
}

func checkAttachment(a mailer.Attachment) error {
	if a.Open == nil || a.Size < 0 {
		return errors.New("no content or a negative size")
	}
	typ, sub, ok := strings.Cut(a.MediaType, "/")
	if !ok || !token(typ) || !token(sub) {
		return fmt.Errorf("media type %.80q is not of the form a/b", a.MediaType)
	}
	return nil
}

// boundaryOf derives the boundary from the message id, so that composing again
// gives the same bytes. "=_" occurs neither in base64 nor in quoted-printable
// (RFC 2045, section 6.7), so no body can contain it.
func boundaryOf(id string) string {
	sum := sha256.Sum256([]byte(id))
	return fmt.Sprintf("=_%x_", sum[:12])
}

// header builds what go-message writes from complete fields, each ending in CRLF.
func header(fields []string) textproto.Header {
	var h textproto.Header
	for i := len(fields) - 1; i >= 0; i-- { // the last one added is written first
		h.AddRaw([]byte(fields[i]))
	}
	return h
}
