package loopback

import "sync"

// Step is a place in a session where a [Fault] can strike.
type Step string

const (
	Connect  Step = "CONNECT" // the greeting
	Ehlo     Step = "EHLO"
	StartTLS Step = "STARTTLS"
	Auth     Step = "AUTH"
	Mail     Step = "MAIL"
	Rcpt     Step = "RCPT"
	Data     Step = "DATA"
	Body     Step = "BODY"   // inside the message, see Fault.Byte
	Answer   Step = "ANSWER" // after the final dot
	Quit     Step = "QUIT"

	IMAPConnect Step = "IMAP CONNECT"
	IMAPLogin   Step = "IMAP LOGIN"
	IMAPID      Step = "IMAP ID"
	IMAPList    Step = "IMAP LIST"
	IMAPFetch   Step = "IMAP UID FETCH"
)

// Fault is one failure. Exactly one of Reply, Drop and Hang says what happens.
type Fault struct {
	Step Step
	// Skip is how many times the step still works before.
	Skip int
	// Times is how often it strikes; 0 is once, negative is always.
	Times int
	// Reply is answered, and the command is not carried out. It is sent as it is
	// with CRLF added, so it may be in GBK; IMAP replies get their tag in front.
	Reply string
	// Drop closes the connection: before the answer, unless Byte says otherwise.
	Drop bool
	// Hang answers nothing until the client gives up.
	Hang bool
	// Byte is how many bytes of the message (Body) or of the answer (IMAPFetch)
	// pass before.
	Byte int64
	// Kept, for Answer: the message is delivered although the answer says
	// otherwise or is never given.
	Kept bool
}

// Script adds faults. They strike in the order given, each at the first step it
// fits.
func (s *Server) Script(faults ...Fault) {
	s.script.mu.Lock()
	defer s.script.mu.Unlock()
	for _, f := range faults {
		s.script.faults = append(s.script.faults, &f)
	}
}

// Pending returns how many faults have not struck as often as they should.
func (s *Server) Pending() int {
	s.script.mu.Lock()
	defer s.script.mu.Unlock()
	return len(s.script.faults)
}

// Count returns how often a step was reached.
func (s *Server) Count(step Step) int {
	s.script.mu.Lock()
	defer s.script.mu.Unlock()
	return s.script.counts[step]
}

type script struct {
	mu     sync.Mutex
	faults []*Fault
	counts map[Step]int
}

// next returns the fault that strikes at this step now, or nil.
func (s *script) next(step Step) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts == nil {
		s.counts = make(map[Step]int)
	}
	s.counts[step]++
	for i, f := range s.faults {
		if f.Step != step {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times >= 0 {
			if f.Times--; f.Times <= 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
		}
		struck := *f
		return &struck
	}
	return nil
}
