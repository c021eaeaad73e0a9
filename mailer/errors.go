package mailer

import (
	"errors"
	"fmt"
)

// Kind says what a person can do about an error.
type Kind string

const (
	Lookup      Kind = "lookup"      // the server's name has no address
	Connect     Kind = "connect"     // no connection, or it broke
	Certificate Kind = "certificate" // the server's certificate was not accepted
	Insecure    Kind = "insecure"    // the server offers no TLS, or too old a version
	NoSecret    Kind = "no-secret"   // no login code is known
	Login       Kind = "login"       // name or code refused; never retried by itself
	Refused     Kind = "refused"     // sender, recipient or content refused for good
	TooLarge    Kind = "too-large"   // over the server's limit (RFC 1870)
	Temporary   Kind = "temporary"   // refused for now
	Uncertain   Kind = "uncertain"   // everything was sent, no answer came
	Cancelled   Kind = "cancelled"   // by the person, or as the program ends
	Local       Kind = "local"       // a file here could not be read or written
	Protocol    Kind = "protocol"    // the server answered what it should not
)

// Error is a failure of one step with one server.
type Error struct {
	Kind Kind
	Step string // lookup, connect, tls, login, mail, rcpt, data, answer, select, fetch
	Host string
	Code int    // the server's reply code, 0 if it gave none
	Text string // the server's reply as it came, decoded to UTF-8
	Err  error
}

func (e *Error) Error() string {
	s := e.Step + " " + e.Host + ": " + string(e.Kind)
	switch {
	case e.Code != 0:
		s += fmt.Sprintf(": %d %s", e.Code, e.Text)
	case e.Text != "":
		s += ": " + e.Text
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the first *Error in err's tree, or "" if there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// Retryable reports whether trying again later, unchanged, can help.
func Retryable(err error) bool {
	switch KindOf(err) {
	case Lookup, Connect, Temporary, Uncertain:
		return true
	}
	return false
}
