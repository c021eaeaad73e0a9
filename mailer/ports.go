package mailer

import (
	"context"
	"io"
	"time"
)

// Progress is told the bytes done and the bytes there are. It is called from
// the goroutine that does the work and must return at once.
type Progress func(done, total int64)

// Sender hands one message to a mail server.
type Sender interface {
	// Send transmits size bytes of an RFC 5322 message with CRLF line ends.
	// It returns nil once the server has taken responsibility, and otherwise an
	// *Error. An Error of kind Uncertain means that every byte was sent and no
	// answer came: the message may or may not have arrived.
	Send(ctx context.Context, env Envelope, message io.Reader, size int64, progress Progress) error
	// Limit is the largest message the server announces, in bytes; 0 if it announces none.
	Limit(ctx context.Context) (int64, error)
}

// Mailbox reads a mailbox and changes nothing in it.
type Mailbox interface {
	// Folders lists what may hold reports: the inbox first, then the spam folders.
	Folders(ctx context.Context) ([]string, error)
	// List calls found for each message of a folder that came after since,
	// oldest first, and returns the position to ask from next time. It stops at
	// the first error of found.
	List(ctx context.Context, folder string, since Position, found func(Summary) error) (Position, error)
	// Fetch writes the whole message to w.
	Fetch(ctx context.Context, folder string, s Summary, w io.Writer, progress Progress) error
	Close() error
}

// Position is how far a folder has been read (RFC 9051, section 2.3.1.1).
type Position struct {
	Validity uint32 `json:"validity"` // UIDVALIDITY
	UID      uint32 `json:"uid"`      // highest UID seen
}

// Summary is what is known of a message before it is fetched.
type Summary struct {
	UID         uint32
	Size        int64 // bytes
	MessageID   string
	From        Address
	Subject     string
	Date        time.Time
	Attachments []string // names, decoded
}
