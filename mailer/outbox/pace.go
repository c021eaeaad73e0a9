package outbox

import "time"

// Progress is how far a whole Job is.
type Progress struct {
	Done, Total int64         // bytes
	Left        time.Duration // estimated, whole seconds; 0 while it is not known
}

// paceWindow is the time over which the speed is taken: long enough to pass
// over the pause between two messages, short enough to notice another network.
const paceWindow = 15 * time.Second

// Pace works out from Events how fast a Job goes and how long it will still
// take. The zero Pace is ready; it belongs to one goroutine.
type Pace struct {
	job     string
	samples []sample // at most one a second
}

type sample struct {
	at   time.Time
	done int64
}

// Add takes an Event in at the given time and returns how far its Job is.
func (p *Pace) Add(e Event, now time.Time) Progress {
	if e.Job.ID != p.job {
		*p = Pace{job: e.Job.ID}
	}
	sent, total := e.Job.Bytes()
	if e.Part < 1 || e.Part > len(e.Job.Parts) || e.Job.Parts[e.Part-1].State != Sent {
		sent += e.Done
	}
	n := len(p.samples)
	if n > 0 && sent < p.samples[n-1].done { // a message starts again
		p.samples, n = nil, 0
	}
	if n == 0 || now.Sub(p.samples[n-1].at) >= time.Second {
		p.samples = append(p.samples, sample{now, sent})
	}
	for len(p.samples) > 2 && now.Sub(p.samples[1].at) >= paceWindow {
		p.samples = p.samples[1:]
	}
	out := Progress{Done: sent, Total: total}
	first := p.samples[0]
	if took, moved := now.Sub(first.at), sent-first.done; took >= 2*time.Second && moved > 0 {
		left := time.Duration(float64(total-sent) / float64(moved) * float64(took))
		out.Left = left.Round(time.Second)
	}
	return out
}
