package smtp

import (
	"errors"
	"net/textproto"
	"strings"

	"baosong/mailer"
	"baosong/mailer/internal/wire"
)

// fail makes a *mailer.Error of any failure of a step.
func (c *session) fail(step string, err error) *mailer.Error {
	// an answer counts even if the connection was given up after it, as happens
	// when a server that has refused a login leaves go-mail's "*" unanswered
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		text := wire.Text(reply.Msg)
		return &mailer.Error{Kind: kindOf(step, reply.Code, text), Step: step, Host: c.host, Code: reply.Code, Text: text}
	}
	c.broken = true
	return wire.Classify(step, c.host, err, c.conn)
}

// kindOf sorts a reply by its code (RFC 5321, section 4.2; RFC 4954, section 6)
// and, where providers use one code for several things, by its text.
func kindOf(step string, code int, text string) mailer.Kind {
	has := func(parts ...string) bool {
		lower := strings.ToLower(text)
		for _, p := range parts {
			if strings.Contains(lower, p) {
				return true
			}
		}
		return false
	}
	switch {
	case code < 400 || code > 599:
		return mailer.Protocol
	case has("fail authentication"):
		return mailer.Login // 451: too many wrong codes
	case step == "login" && code != 421:
		// whatever the class of the code, 454 included: providers lock accounts for
		// trying again by itself
		return mailer.Login
	case code < 500, has("frequency limited"):
		return mailer.Temporary
	case code == 530 || code == 535:
		return mailer.Login
	case code == 552 && step != "rcpt" && !has("illegal", "rp:uqt", "content", "virus", "5.2.2", "quota", "mailbox full", "mailbox is full"),
		strings.Contains(text, "5.3.4"):
		return mailer.TooLarge
	}
	return mailer.Refused
}
