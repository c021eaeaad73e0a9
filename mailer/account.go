package mailer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Security says how a connection is protected. There is no value for an
// unprotected one.
type Security string

const (
	TLS      Security = "tls"      // from the first byte (RFC 8314)
	STARTTLS Security = "starttls" // after the greeting; refused if the server does not offer it (RFC 3207)
)

// Server is where one protocol of an account is spoken.
type Server struct {
	Host     string   `json:"host"`
	Port     int      `json:"port"`
	Security Security `json:"security"`
	// MinTLS is the lowest version accepted, "1.2" when empty. A row of the
	// provider table may lower it, with a warning on screen.
	MinTLS string `json:"minTLS,omitempty"`
}

// Account is a person's mailbox as the program uses it. The login code is not
// part of it: it lives in the system's credential store, or in memory.
type Account struct {
	Name    string  `json:"name"`    // the user's own name for it, unique
	Address Address `json:"address"` // From of everything sent
	User    string  `json:"user"`    // login name; the address when empty
	SMTP    Server  `json:"smtp"`
	IMAP    Server  `json:"imap"`
	// Limit is how much one message may carry, in raw bytes of its files; 0
	// when unknown.
	Limit int64 `json:"limit,omitempty"`
	// Size is the SIZE the SMTP server announced last, in bytes of a whole
	// message (RFC 1870); 0 when unknown.
	Size int64 `json:"size,omitempty"`
	// Bound is how much one message may carry since a larger one was refused
	// for its size, in raw bytes of its files; 0 until one is.
	Bound int64 `json:"bound,omitempty"`
}

// Login returns the name the servers are given.
func (a Account) Login() string {
	if a.User != "" {
		return a.User
	}
	return a.Address.Addr
}

// Validate reports what is wrong with a server entry before anything is dialled.
func (s Server) Validate() error {
	if !hostName(s.Host) {
		return fmt.Errorf("server %q: not a host name", clip(s.Host))
	}
	if s.Port < 1 || s.Port > 65535 {
		return fmt.Errorf("server %s: port %d", s.Host, s.Port)
	}
	if s.Security != TLS && s.Security != STARTTLS {
		return fmt.Errorf("server %s: unknown security %q", s.Host, s.Security)
	}
	if !slices.Contains([]string{"", "1.0", "1.1", "1.2", "1.3"}, s.MinTLS) {
		return fmt.Errorf("server %s: unknown TLS version %q", s.Host, clip(s.MinTLS))
	}
	return nil
}

// Set changes what "HOST:PORT" says; "HOST" leaves the port. The ports of old
// mean STARTTLS: 587, 143 and 25.
func (s *Server) Set(hostPort string) error {
	host, port, found := strings.Cut(strings.TrimSpace(hostPort), ":")
	n := *s
	n.Host = host
	if found {
		var err error
		if n.Port, err = strconv.Atoi(port); err != nil {
			return fmt.Errorf("server %q: not host:port", clip(hostPort))
		}
		n.Security = TLS
		if n.Port == 587 || n.Port == 143 || n.Port == 25 {
			n.Security = STARTTLS
		}
	}
	if err := n.Validate(); err != nil {
		return err
	}
	*s = n
	return nil
}

// Lowered reports whether the server is allowed a version of TLS below 1.2,
// which is worth a warning (RFC 8996).
func (s Server) Lowered() bool { return s.MinTLS == "1.0" || s.MinTLS == "1.1" }

// Secrets gives the login code of an account. Implementations ask the
// operating system's credential store, the person, or hold it in memory.
type Secrets interface {
	// Secret returns the code, or an error of kind NoSecret.
	Secret(account string) (string, error)
}

// SecretStore is a Secrets that can be told a code.
type SecretStore interface {
	Secrets
	// SetSecret keeps a code, "" to forget it. ErrNotKept is a warning.
	SetSecret(account, code string) error
}

// ErrNotKept says that there is no credential store: a code is known until the
// program ends, and will be asked for again.
var ErrNotKept = errors.New("the system has no credential store; the code is kept until the program ends")
