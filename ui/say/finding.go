package say

import (
	"strings"

	"baosong/forms"
)

// Finding returns the words for one finding: the form's own where it has any.
func (w *Words) Finding(f forms.Finding) string {
	if f.Message != "" {
		return f.Message
	}
	return w.T("finding."+string(f.Code), "detail", f.Detail)
}

// Where returns the labels that lead to the question of a finding.
func (w *Words) Where(f forms.Finding) string {
	if len(f.Trail) == 0 {
		return w.T("finding.whole")
	}
	return strings.Join(f.Trail, " › ")
}
