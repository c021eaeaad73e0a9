package forms

// Walk calls visit for every answer of a, in the order of the form. Answers
// that the form has no question for are left out.
func (f *Form) Walk(a *Answers, visit func(q *Question, p Path, v string)) {
	walkAnswers(f.Questions, a, "", visit)
}

func walkAnswers(qs []*Question, a *Answers, at Path, visit func(*Question, Path, string)) {
	if a == nil {
		return
	}
	for _, q := range qs {
		p := at.Child(q.Name)
		switch q.Type {
		case TypeGroup:
			walkAnswers(q.Children, a.Groups[q.Name], p, visit)
		case TypeRepeat:
			for i, e := range a.Repeats[q.Name] {
				walkAnswers(q.Children, e, p.Entry(i+1), visit)
			}
		default:
			if v := a.Values[q.Name]; v != "" {
				visit(q, p, v)
			}
		}
	}
}

// Entries returns the entries of repeats that p leads through, the outermost
// first: activity[2] and activity[2]/photos[1] for activity[2]/photos[1]/caption.
func (p Path) Entries() []Path {
	var out []Path
	var at Path
	for _, st := range p.Steps() {
		at = at.Child(st.Name)
		if st.Index > 0 {
			at = at.Entry(st.Index)
			out = append(out, at)
		}
	}
	return out
}

// Repeat returns the repeat that the entry p belongs to.
func (p Path) Repeat() Path { return p.Parent().Child(p.Name()) }
