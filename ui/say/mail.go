package say

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"

	"baosong/mailer"
)

// reply is a row of the table of server replies: the first whose code and
// pattern match names the words, the texts error.reply.KEY and next.reply.KEY.
type reply struct {
	Key     string `json:"key"`
	Codes   []int  `json:"codes"`   // none: any
	Pattern string `json:"pattern"` // a regular expression, in any case; "": any text
	pattern *regexp.Regexp
}

const repliesFile = "replies.json"

// loadReplies reads the table; there being none is no error.
func loadReplies(fsys fs.FS) ([]reply, error) {
	b, err := fs.ReadFile(fsys, repliesFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var rows []reply
	if err := json.Unmarshal(b, &rows); err != nil {
		return nil, fmt.Errorf("%s: %w", repliesFile, err)
	}
	for i := range rows {
		r := &rows[i]
		if r.Key == "" || len(r.Codes) == 0 && r.Pattern == "" {
			return nil, fmt.Errorf("%s: row %d matches everything, or has no key", repliesFile, i+1)
		}
		if r.pattern, err = regexp.Compile("(?i)" + r.Pattern); err != nil {
			return nil, fmt.Errorf("%s: row %d: %w", repliesFile, i+1, err)
		}
	}
	return rows, nil
}

func (r reply) matches(code int, text string) bool {
	return (len(r.Codes) == 0 || slices.Contains(r.Codes, code)) && r.pattern.MatchString(text)
}

// Reply returns the key of the row of the table that a server's reply belongs
// to, "" for a reply nobody knows.
func (w *Words) Reply(code int, text string) string {
	i := slices.IndexFunc(w.replies, func(r reply) bool { return r.matches(code, text) })
	if i < 0 {
		return ""
	}
	return w.replies[i].Key
}

func (w *Words) mail(err error) (Advice, bool) {
	e, ok := errors.AsType[*mailer.Error](err)
	if !ok {
		return Advice{}, false
	}
	args := []any{"host", e.Host, "code", strconv.Itoa(e.Code), "text", e.Text}
	key, raw := "mail."+string(e.Kind), e.Text // what nobody knows is shown as it came
	if e.Code != 0 {
		raw = strconv.Itoa(e.Code) + " " + e.Text
		if known := w.Reply(e.Code, e.Text); known != "" {
			key = "reply." + known
		} else if e.Kind == mailer.Refused && e.Step == "mail" {
			key = "sender-refused"
		}
	}
	return Advice{What: w.T("error."+key, args...), Next: w.T("next."+key, args...), Raw: raw}, true
}

// LoginHint says what a provider wants as a login code, and where it is made.
func (w *Words) LoginHint(p mailer.Provider) string {
	if key := "provider." + p.ID + ".login"; w.Has(key) {
		return w.T(key)
	}
	return w.T("login." + string(p.Login))
}

// ProviderName returns the name of a row of the provider table.
func (w *Words) ProviderName(p mailer.Provider) string {
	if key := "provider." + p.ID + ".name"; w.Has(key) {
		return w.T(key)
	}
	return p.ID
}
