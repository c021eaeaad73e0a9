package say

import (
	"time"

	"baosong/forms/draft"
)

// Moment returns a time of day with its date, in local time.
func (w *Words) Moment(t time.Time) string { return t.Local().Format(w.T("draft.moment")) }

// Held returns the sentence that says where a draft is open: in another window
// of this program, in another program on this computer, or on another one.
func (w *Words) Held(h draft.Holder) string {
	switch {
	case h.PID == 0:
		return w.T("draft.held.unknown")
	case h.Here():
		return w.T("draft.held.window", "since", w.Moment(h.Since))
	case h.Nearby():
		return w.T("draft.held.process", "pid", h.PID, "since", w.Moment(h.Since))
	case h.Host == "":
		return w.T("draft.held.unknown")
	}
	return w.T("draft.held.host", "host", h.Host, "pid", h.PID, "since", w.Moment(h.Since))
}

// Recovery offers what was found of a draft that was not closed, or whose
// newest version is damaged.
func (w *Words) Recovery(r draft.Recovery) Advice {
	key := "draft.recovery.interrupted"
	if r.Broken != nil {
		key = "draft.recovery.broken"
	}
	return Advice{What: w.T(key, "time", w.Moment(r.Saved)), Next: w.T("draft.recovery.next")}
}
