package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"baosong/mailer"
)

// Classify makes a *mailer.Error of a failure below the protocol. What the
// connection was closed for, if it was closed from here, goes before err.
func Classify(step, host string, err error, c *Conn) *mailer.Error {
	if known, ok := errors.AsType[*mailer.Error](err); ok {
		return known
	}
	if c != nil && c.Cause() != nil {
		err = c.Cause()
	}
	e := &mailer.Error{Kind: mailer.Connect, Step: step, Host: host, Err: err}
	switch {
	case errors.Is(err, context.Canceled):
		e.Kind = mailer.Cancelled
	case errors.Is(err, ErrFlood):
		e.Kind = mailer.Protocol
	case isLookup(err):
		e.Kind, e.Step = mailer.Lookup, "lookup"
	case isCertificate(err):
		e.Kind, e.Step = mailer.Certificate, "tls"
	case step == "tls" && isTLS(err):
		e.Kind, e.Step = mailer.Insecure, "tls"
	case isNetwork(err):
	case c != nil && c.broken.Load() != nil: // libraries drop the type of what they wrap
		e.Err = *c.broken.Load()
	case strings.Contains(err.Error(), "EOF"): // the same, after a close announced by TLS
	default:
		e.Kind = mailer.Protocol
	}
	return e
}

func isNetwork(err error) bool {
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, ErrSilent) || errors.Is(err, context.DeadlineExceeded)
}

func isLookup(err error) bool {
	_, ok := errors.AsType[*net.DNSError](err)
	return ok
}

func isCertificate(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return true
	}
	_, ok := errors.AsType[x509.UnknownAuthorityError](err)
	return ok
}

// isTLS is true if the two sides agree on no version or suite, or the other
// side does not speak TLS at all.
func isTLS(err error) bool {
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	return strings.Contains(err.Error(), "tls: ") // most of crypto/tls's errors have no type
}

// Text decodes a server's reply: UTF-8, or else GB18030, as the providers in
// China answer.
func Text(s string) string {
	const most = 2000
	if len(s) > most {
		s = s[:most]
	}
	if !utf8.ValidString(s) {
		if out, err := simplifiedchinese.GB18030.NewDecoder().String(s); err == nil {
			s = out
		}
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(s))
}

// Withhold removes a login code from an error whose text, the server's or a
// library's, repeats it, as it is or in the base64 it was sent in.
func Withhold(e *mailer.Error, user, code string) *mailer.Error {
	if code == "" {
		return e
	}
	forms := []string{code}
	for _, s := range []string{"\x00" + user + "\x00" + code, code} {
		forms = append(forms, strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(s)), "="))
	}
	for _, f := range forms {
		e.Text = strings.ReplaceAll(e.Text, f, "***")
		if e.Err != nil && strings.Contains(e.Err.Error(), f) {
			e.Err = errors.New("the server repeated the login code")
		}
	}
	return e
}
