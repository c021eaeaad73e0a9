package say

import "baosong/forms/draft"

// minute is a moment as people say it.
const minute = "2006-01-02 15:04"

// Held says where a draft is open.
func (w *Words) Held(h draft.Holder) string {
	since := h.Since.Local().Format(minute)
	switch {
	case h.Here():
		return w.T("draft.held.here", "time", since)
	case h.Host == "":
		return w.T("draft.held.unknown")
	}
	return w.T("draft.held.elsewhere", "host", h.Host, "pid", h.PID, "time", since)
}

// Recovery says what opening a draft has to make good.
func (w *Words) Recovery(r draft.Recovery) Advice {
	saved := r.Saved.Local().Format(minute + ":05")
	if r.From != "" || r.Broken != nil {
		return Advice{What: w.T("draft.recovery.older", "time", saved), Next: w.T("draft.recovery.next")}
	}
	return Advice{What: w.T("draft.recovery.interrupted", "time", saved), Next: w.T("draft.recovery.next")}
}
