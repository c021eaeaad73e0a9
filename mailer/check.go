package mailer

import (
	"errors"
	"fmt"
	"strings"
)

// Validate reports why an address cannot be used. Only a dot-atom before the @
// and a host name after it are accepted (RFC 5322, section 3.4.1), so that no
// address can carry a line break, a space or a second header field.
func (a Address) Validate() error {
	local, domain, ok := strings.Cut(a.Addr, "@")
	if !ok {
		return fmt.Errorf("address %q: no @", clip(a.Addr))
	}
	if len(local) > 64 || !dotAtom(local) {
		return fmt.Errorf("address %q: bad name before the @", clip(a.Addr))
	}
	if !hostName(domain) {
		return fmt.Errorf("address %q: bad domain", clip(a.Addr))
	}
	return nil
}

// Validate reports why an envelope cannot be used: no recipient, or an address
// that [Address.Validate] refuses.
func (e Envelope) Validate() error {
	if err := (Address{Addr: e.From}).Validate(); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	if len(e.To) == 0 {
		return errors.New("no recipient")
	}
	for _, to := range e.To {
		if err := (Address{Addr: to}).Validate(); err != nil {
			return fmt.Errorf("recipient: %w", err)
		}
	}
	return nil
}

// ValidateMessageID reports why an identifier, given without angle brackets,
// cannot be used. Two dot-atoms joined by @ are accepted (RFC 5322, section 3.6.4).
func ValidateMessageID(id string) error {
	left, right, ok := strings.Cut(id, "@")
	if !ok || len(id) > 250 || !dotAtom(left) || !dotAtom(right) {
		return fmt.Errorf("message id %q: not of the form a@b", clip(id))
	}
	return nil
}

func dotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.IndexFunc(atom, func(r rune) bool { return !atext(r) }) >= 0 {
			return false
		}
	}
	return true
}

func atext(r rune) bool {
	return alnum(r) || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

func hostName(s string) bool {
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.IndexFunc(label, func(r rune) bool { return !alnum(r) && r != '-' }) >= 0 {
			return false
		}
	}
	return true
}

func alnum(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// clip keeps an error text short when the value is hostile.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
