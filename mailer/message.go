// Package mailer holds the words the mail side of the program is written in:
// messages, accounts, providers, the two ports (Sender and Mailbox), and the
// kinds of error a person can do something about. It opens no connection.
package mailer

import (
	"io"
	"time"
)

// Address is a mailbox with an optional display name (RFC 5322, section 3.4).
type Address struct {
	Name string `json:"name,omitempty"`
	Addr string `json:"addr"` // local@domain, without brackets
}

// Attachment is one file of a Message. Open is called when the message is
// written, so that nothing is held in memory before.
type Attachment struct {
	Name      string // as the reader sees it, in UTF-8
	MediaType string // RFC 6838, such as application/zip
	Size      int64  // bytes, before any transfer encoding
	Open      func() (io.ReadCloser, error)
}

// Message is what is composed into one RFC 5322 message.
type Message struct {
	From        Address
	To          []Address
	ReplyTo     []Address
	Subject     string
	Date        time.Time
	MessageID   string // without angle brackets; fixed once, so that a second sending is recognised
	Text        string // text/plain body
	HTML        string // text/html alternative; may be empty
	Headers     []Header
	Attachments []Attachment
}

// Header is one further header field, such as X-Baosong-Submission.
type Header struct{ Name, Value string }

// Envelope is what SMTP is told: who sends and who receives (RFC 5321, section 2.3.1).
type Envelope struct {
	From string   `json:"from"`
	To   []string `json:"to"`
}
