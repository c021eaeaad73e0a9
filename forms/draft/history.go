package draft

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

const (
	maxSteps     = 200
	maxStepBytes = 512 << 10 // of all steps together
)

// step is one change of the answers, as the part of their JSON that differs.
// Whatever kind of change it was, it can be taken back and made again.
type step struct {
	At  int    `json:"at"` // bytes before the part that differs
	Old string `json:"old"`
	New string `json:"new"`
}

// history is the changes that can be undone and, after Next, those that can be
// made again. It lies in draft.json with the answers, so that the two never
// disagree.
type history struct {
	Steps []step `json:"steps,omitempty"`
	Next  int    `json:"next,omitempty"` // steps before it were made, the others undone
	// now is the JSON of the answers after the steps before Next.
	now []byte
}

// record makes the change from the state it knows to now a step, and reports
// whether there was one. The oldest steps go when there are too many.
func (h *history) record(now []byte) bool {
	if bytes.Equal(h.now, now) {
		return false
	}
	h.Steps = append(slices.Clone(h.Steps[:h.Next]), difference(h.now, now))
	h.now = now
	drop, size := max(0, len(h.Steps)-maxSteps), 0
	for i, s := range slices.Backward(h.Steps) {
		if size += len(s.Old) + len(s.New); size > maxStepBytes {
			drop = max(drop, i+1)
			break
		}
	}
	h.Steps = slices.Delete(h.Steps, 0, drop)
	h.Next = len(h.Steps)
	return true
}

// back takes the last step back, forth makes the next one again. They report
// false if there is none, or none that fits the answers.
func (h *history) back() bool {
	if h.Next < 1 || h.Next > len(h.Steps) {
		return false
	}
	s := h.Steps[h.Next-1]
	if !h.replace(s.At, s.New, s.Old) {
		return false
	}
	h.Next--
	return true
}

func (h *history) forth() bool {
	if h.Next < 0 || h.Next >= len(h.Steps) {
		return false
	}
	s := h.Steps[h.Next]
	if !h.replace(s.At, s.Old, s.New) {
		return false
	}
	h.Next++
	return true
}

func (h *history) replace(at int, old, with string) bool {
	if at < 0 || at > len(h.now) || !bytes.HasPrefix(h.now[at:], []byte(old)) {
		return false
	}
	h.now = slices.Concat(h.now[:at], []byte(with), h.now[at+len(old):])
	return true
}

// sane forgets a history that does not fit its own numbers.
func (h *history) sane() {
	if h.Next < 0 || h.Next > len(h.Steps) {
		h.Steps, h.Next = nil, 0
	}
}

// difference returns the smallest part that turns a into b, whole characters.
func difference(a, b []byte) step {
	n := min(len(a), len(b))
	p := 0
	for p < n && a[p] == b[p] {
		p++
	}
	for p > 0 && (!startsRune(a, p) || !startsRune(b, p)) {
		p--
	}
	e := 0
	for e < n-p && a[len(a)-1-e] == b[len(b)-1-e] {
		e++
	}
	for e > 0 && !startsRune(a, len(a)-e) {
		e--
	}
	return step{At: p, Old: string(a[p : len(a)-e]), New: string(b[p : len(b)-e])}
}

func startsRune(b []byte, i int) bool { return i == len(b) || utf8.RuneStart(b[i]) }
