package outbox

import (
	"time"

	"baosong/mailer"
)

// State is how far a Part has come, and by its Parts a Job.
type State string

const (
	Queued    State = "queued"    // waiting, perhaps for another try
	Sending   State = "sending"   // on its way now
	Uncertain State = "uncertain" // all sent, no answer; goes again with the same Message-ID
	Sent      State = "sent"      // the server has taken it
	Failed    State = "failed"    // stopped for a reason a person has to see to
	Cancelled State = "cancelled" // stopped by the person
)

// Job is one Submission on its way: messages that belong together and go out
// in order. What is known from the start never changes; States do.
type Job struct {
	ID       string            `json:"id"`    // of a–z, A–Z, 0–9 and hyphens, at most 64
	Title    string            `json:"title"` // what a person knows it by
	Account  string            `json:"account"`
	Envelope mailer.Envelope   `json:"envelope"`
	Created  time.Time         `json:"created"`
	About    map[string]string `json:"about,omitempty"` // for whoever queued it

	Parts []Part `json:"-"`
}

// Part is one message of a Job.
type Part struct {
	N         int       `json:"n"`    // from 1
	Size      int64     `json:"size"` // bytes of the message
	MessageID string    `json:"messageID"`
	State     State     `json:"state"`
	Tries     int       `json:"tries,omitempty"`    // failures in a row
	Since     time.Time `json:"since,omitzero"`     // first failure of them
	Next      time.Time `json:"next,omitzero"`      // not before
	SentAt    time.Time `json:"sentAt,omitzero"`    // when the server took it
	Fault     *Fault    `json:"lastFault,omitzero"` // why it did not go last time
}

// Fault is a failure as it is kept on disk.
type Fault struct {
	Kind mailer.Kind `json:"kind"`
	Step string      `json:"step,omitempty"`
	Host string      `json:"host,omitempty"`
	Code int         `json:"code,omitempty"`
	Text string      `json:"text"`
	At   time.Time   `json:"at"`
}

// Err returns the failure as the Sender reported it, nil for none.
func (f *Fault) Err() error {
	if f == nil {
		return nil
	}
	return &mailer.Error{Kind: f.Kind, Step: f.Step, Host: f.Host, Code: f.Code, Text: f.Text}
}

// State sums up the Parts: Sent when all are, otherwise what stands in the way.
func (j Job) State() State {
	count := map[State]int{}
	for _, p := range j.Parts {
		count[p.State]++
	}
	for _, s := range []State{Sending, Failed, Cancelled, Uncertain, Queued} {
		if count[s] > 0 {
			return s
		}
	}
	return Sent
}

// Bytes returns how much has been taken by the server, and how much there is.
func (j Job) Bytes() (sent, total int64) {
	for _, p := range j.Parts {
		total += p.Size
		if p.State == Sent {
			sent += p.Size
		}
	}
	return sent, total
}

// Fault returns the failure that stands in the way, nil if none does.
func (j Job) Fault() *Fault {
	for _, p := range j.Parts {
		if p.State != Sent && p.Fault != nil {
			return p.Fault
		}
	}
	return nil
}

// Next returns the time before which the Job is not tried again.
func (j Job) Next() time.Time {
	for _, p := range j.Parts {
		if p.State != Sent {
			return p.Next
		}
	}
	return time.Time{}
}
