package unit

import (
	"errors"
	"os"
	"strings"

	"baosong/mailer/post"
	"baosong/ui/kit"
)

// receipt is the organizer's answer as a person reads it.
type receipt struct {
	post.Receipt
	level kit.Level
	text  string
}

// word puts a receipt into words.
func (s *Shell) word(r post.Receipt) receipt {
	out := receipt{Receipt: r, level: kit.Info}
	switch r.State {
	case "confirmed":
		out.level = kit.Success
	case "returned":
		out.level = kit.Warning
	}
	lines := []string{s.T("receipt."+r.State, "by", r.By, "time", r.At.Local().Format(moment))}
	for _, reason := range r.Reasons {
		lines = append(lines, s.T("receipt.reason", "where", reason.Where, "text", reason.Text))
	}
	if !r.Trusted {
		out.level = kit.Warning
		lines = append(lines, strings.TrimSpace(s.T("receipt.untrusted", "from", r.From)))
	}
	out.text = strings.Join(lines, "\n")
	return out
}

func (s *Shell) importReceipt(path string) (r receipt, err error) {
	f, err := os.Open(path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	got, err := s.Desk.ImportReceipt(f)
	if err != nil {
		return r, err
	}
	return s.word(got), nil
}

// readReceipts returns the latest receipt of each submission.
func (s *Shell) readReceipts() (map[string]receipt, error) {
	out := map[string]receipt{}
	all, err := s.Desk.Receipts()
	for _, r := range all {
		if _, later := out[r.Submission.String()]; !later { // the latest comes first
			out[r.Submission.String()] = s.word(r)
		}
	}
	return out, err
}
