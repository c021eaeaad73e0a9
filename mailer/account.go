package mailer

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
}

// Login returns the name the servers are given.
func (a Account) Login() string {
	if a.User != "" {
		return a.User
	}
	return a.Address.Addr
}

// Secrets gives the login code of an account. Implementations ask the
// operating system's credential store, the person, or hold it in memory.
type Secrets interface {
	// Secret returns the code, or an error of kind NoSecret.
	Secret(account string) (string, error)
}
