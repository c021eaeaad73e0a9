package post

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"baosong/forms/atomicfile"
	"baosong/forms/ledger"
	"baosong/mailer"
	"baosong/mailer/eml"
)

const (
	maxMessage = 256 << 20 // bytes of a message that is fetched
	maxPart    = 1 << 30   // bytes of an attachment that may be a package
	maxListed  = 100       // names of attachments kept of one message
)

// otherKinds are the extensions of files that are no package and hold none.
// Whatever else is attached, under whatever name, is looked into.
var otherKinds = []string{
	".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".heic", ".tif", ".tiff", ".svg", ".mp4", ".mov", ".avi", ".mp3", ".wav", ".m4a",
	".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".wps", ".et", ".dps", ".ofd", ".rtf", ".txt", ".csv",
	".ics", ".vcf", ".htm", ".html", ".json", ".p7s", ".asc",
}

// mayHoldPackage reports whether a message is worth fetching, by the names of
// its attachments; those without one are listed by their media type.
func mayHoldPackage(s mailer.Summary) bool {
	return slices.ContainsFunc(s.Attachments, func(name string) bool {
		if kind, _, ok := strings.Cut(name, "/"); ok && slices.Contains([]string{"image", "audio", "video", "text"}, kind) {
			return false
		}
		return !slices.Contains(otherKinds, strings.ToLower(filepath.Ext(name)))
	})
}

// other is what is known of a message that is not fetched.
func (c *collector) other(source string, s mailer.Summary) ledger.Mail {
	c.sum.Messages++
	c.sum.Other++
	names := s.Attachments[:min(len(s.Attachments), maxListed)]
	c.tell(Found{Source: source, From: s.From.Addr, Subject: s.Subject, Attachments: names})
	return ledger.Mail{Source: source, From: s.From.Addr, Subject: s.Subject, Attachments: names, Received: s.Date}
}

// mail fetches one message of a mailbox to disk and takes in what is in it.
func (c *collector) mail(ctx context.Context, m mailer.Mailbox, folder, source string, s mailer.Summary) error {
	if s.Size > maxMessage {
		c.failed(source, fmt.Errorf("message of %d bytes, at most %d are fetched", s.Size, maxMessage))
		return nil
	}
	path := filepath.Join(c.tmp, "message.eml")
	err := atomicfile.Write(path, func(w io.Writer) error { return m.Fetch(ctx, folder, s, w, nil) })
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(c.message(ctx, f, origin{source: source, received: s.Date}), f.Close())
}

func (c *collector) messageFile(ctx context.Context, path string, fi fs.FileInfo) error {
	f, err := os.Open(path)
	if err != nil {
		c.failed(path, err)
		return nil
	}
	return errors.Join(c.message(ctx, bufio.NewReader(f), origin{source: "file:" + path, received: fi.ModTime()}), f.Close())
}

func (c *collector) mbox(ctx context.Context, path string, fi fs.FileInfo) error {
	f, err := os.Open(path)
	if err != nil {
		c.failed(path, err)
		return nil
	}
	n := 0
	var stop error
	err = eml.Mbox(f, func(r io.Reader) error {
		n++
		stop = c.message(ctx, r, origin{source: fmt.Sprintf("file:%s#%d", path, n), received: fi.ModTime()})
		return stop
	})
	if stop == nil && err != nil {
		c.failed(path, err)
		err = nil
	}
	return errors.Join(err, f.Close())
}

// message takes in every package in a message. Its error ends the collecting.
func (c *collector) message(ctx context.Context, r io.Reader, o origin) error {
	c.sum.Messages++
	packages, whole, problem := 0, 0, ""
	var names []string
	var stop error
	head, err := eml.Read(r, func(p eml.Part) error {
		if len(names) < maxListed && p.Name != "" {
			names = append(names, p.Name)
		}
		path, err := c.spool(p.Body)
		if err != nil || path == "" {
			stop = err
			return err
		}
		bad := c.sum.Bad
		ours, err := c.take(ctx, path, o.of(p))
		if ours {
			packages++
		}
		if ours && c.sum.Bad == bad {
			whole++
		} else if ours {
			problem = "damaged: " + p.Name
		}
		stop = errors.Join(err, os.Remove(path))
		return stop
	})
	if stop != nil {
		return stop
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	found := Found{Source: o.source, Attachments: names, Err: err}
	if head != nil {
		found.From, found.Subject = fromOf(head.Head), head.Subject
	}
	if err != nil {
		c.sum.Bad++
		c.tell(found)
		if head == nil {
			return nil
		}
		problem = err.Error()
	} else if packages == 0 {
		c.sum.Other++
		c.tell(found)
	}
	if whole > 0 {
		return nil
	}
	return c.ledger.SetUnrecognised(ctx, ledger.Mail{
		Source: o.source, From: found.From, Subject: found.Subject, Attachments: names, Received: o.receivedOr(head.Head), Problem: problem,
	})
}

// spool writes an attachment that begins like a zip to disk, and returns "" for
// any other. A broken attachment is written as far as it goes: verifying it
// then says what is wrong.
func (c *collector) spool(body io.Reader) (_ string, err error) {
	br := bufio.NewReader(body)
	head, err := br.Peek(4)
	if err != nil || !isZip(head) {
		return "", nil
	}
	f, err := os.CreateTemp(c.tmp, "attachment-*.zip")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = io.Copy(f, io.LimitReader(asFar{br}, maxPart))
	return f.Name(), err
}

// asFar ends where it can be read no further, as what is cut short or no base64 can: with it, an error of copying is one of
// writing.
type asFar struct{ io.Reader }

func (r asFar) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil {
		err = io.EOF
	}
	return n, err
}

// of completes the origin with what the message around an attachment says. For
// a forwarded message that is the one forwarded, and the outer sender passed
// it on.
func (o origin) of(p eml.Part) origin {
	h := p.Message
	o.messageID, o.subject = h.MessageID, h.Subject
	o.from = fromOf(h)
	o.received = o.receivedOr(h)
	return o
}

// receivedOr returns the date the message was sent, which cannot lie after it
// was received, or else the date its file was made.
func (o origin) receivedOr(h *eml.Head) time.Time {
	if h != nil && !h.Date.IsZero() {
		return h.Date
	}
	return o.received
}

func fromOf(h *eml.Head) string { return h.From.Addr }

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	err = atomicfile.Write(to, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
	return errors.Join(err, in.Close())
}

func writeMessage(path string, m mailer.Message) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		b := bufio.NewWriterSize(w, 64<<10)
		if err := eml.Write(b, m); err != nil {
			return err
		}
		return b.Flush()
	})
}
