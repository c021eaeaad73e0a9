package ledger

import (
	"context"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"baosong/forms"
)

// UnitKey returns what is left of a unit's name when the ways of typing it are
// taken out: width, letter case, spaces, shapes of brackets. Names with equal
// keys are one unit.
func UnitKey(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("([{〈《「『【〔〖〘〚", r):
			return '('
		case strings.ContainsRune(")]}〉》」』】〕〗〙〛", r):
			return ')'
		case strings.ContainsRune("·•・‧∙", r):
			return '·'
		case unicode.IsSpace(r), unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(name))
}

// Standing says where a unit stands with its report.
type Standing string

const (
	Outstanding Standing = "outstanding" // nothing came
	Underway    Standing = "underway"    // parts are missing
	InTime      Standing = "in-time"
	Late        Standing = "late"
)

// UnitState is one line of the roster with what came from the unit.
type UnitState struct {
	Unit     forms.RosterUnit
	Listed   bool // in the roster; otherwise it reported without being asked
	Standing Standing
	// Submissions are those of the unit that are not superseded.
	Submissions []Submission
}

// RosterState returns the units of the roster in its order, and then those
// that reported though the roster does not have them. A unit with one report
// in time is InTime, however many more it sent.
func (l *Ledger) RosterState(ctx context.Context, notice string, roster forms.Roster) ([]UnitState, error) {
	all, err := l.Submissions(ctx, notice, Filter{})
	if err != nil {
		return nil, err
	}
	states := make([]UnitState, 0, len(roster))
	index := map[string]int{}
	for _, u := range roster {
		key := UnitKey(u.Name)
		if _, twice := index[key]; !twice {
			index[key] = len(states)
		}
		states = append(states, UnitState{Unit: u, Listed: true, Standing: Outstanding})
	}
	for _, s := range all {
		if s.Superseded {
			continue
		}
		key := UnitKey(s.Unit.Name)
		i, ok := index[key]
		if !ok {
			i = len(states)
			index[key] = i
			states = append(states, UnitState{
				Unit:     forms.RosterUnit{Name: s.Unit.Name, Kind: s.Unit.Kind, Email: s.Unit.Email},
				Standing: Outstanding,
			})
		}
		states[i].add(s)
	}
	return states, nil
}

func (u *UnitState) add(s Submission) {
	u.Submissions = append(u.Submissions, s)
	rank := map[Standing]int{Outstanding: 0, Underway: 1, Late: 2, InTime: 3}
	now := InTime
	switch {
	case !s.Complete():
		now = Underway
	case s.Late:
		now = Late
	}
	if rank[now] > rank[u.Standing] {
		u.Standing = now
	}
}
