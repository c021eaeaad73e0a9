package forms

// Refill stores the answers of a filled workbook, b, in a: values over values,
// and the entries of a repeat in place of those there were. What b leaves
// blank outside repeats stays. An entry keeps the materials of the one it
// replaces, which is the one that goes by the same name, since a workbook only
// names files. B must not be used afterwards.
func (f *Form) Refill(a, b *Answers) { refill(f.Questions, a, b) }

func refill(questions []*Question, a, b *Answers) {
	for _, q := range questions {
		switch {
		case q.Type == TypeGroup && b.Groups[q.Name] != nil:
			refill(q.Children, a.group(q.Name), b.Groups[q.Name])
		case q.Type == TypeRepeat && len(b.Repeats[q.Name]) > 0:
			for i, e := range b.Repeats[q.Name] {
				if old := namesake(q, a.Repeats[q.Name], i, e); old != nil {
					keepMaterials(q.Children, old, e)
				}
			}
			if a.Repeats == nil {
				a.Repeats = map[string][]*Answers{}
			}
			a.Repeats[q.Name] = b.Repeats[q.Name]
		case b.Values[q.Name] != "":
			if a.Values == nil {
				a.Values = map[string]string{}
			}
			a.Values[q.Name] = b.Values[q.Name]
		}
	}
}

// group returns the group called name, making it if need be.
func (a *Answers) group(name string) *Answers {
	if a.Groups == nil {
		a.Groups = map[string]*Answers{}
	}
	if a.Groups[name] == nil {
		a.Groups[name] = &Answers{}
	}
	return a.Groups[name]
}

// namesake returns the entry among old that goes by the name of e, the ith of
// its repeat; where entries have no names, the ith.
func namesake(q *Question, old []*Answers, i int, e *Answers) *Answers {
	name := entryName(q.Children, e)
	if i < len(old) && entryName(q.Children, old[i]) == name {
		return old[i]
	}
	for _, o := range old {
		if name != "" && entryName(q.Children, o) == name {
			return o
		}
	}
	return nil
}

// entryName is what a person calls an entry: its first answer in words.
func entryName(questions []*Question, e *Answers) string {
	if e == nil {
		return ""
	}
	for _, q := range questions {
		switch {
		case q.Type == TypeText && q.Calculation == "" && e.Values[q.Name] != "":
			return e.Values[q.Name]
		case q.Type == TypeGroup:
			if name := entryName(q.Children, e.Groups[q.Name]); name != "" {
				return name
			}
		}
	}
	return ""
}

// keepMaterials copies to e what old has of materials and e has not.
func keepMaterials(questions []*Question, old, e *Answers) {
	for _, q := range questions {
		switch {
		case q.Type.Media() && e.Values[q.Name] == "" && old.Values[q.Name] != "":
			if e.Values == nil {
				e.Values = map[string]string{}
			}
			e.Values[q.Name] = old.Values[q.Name]
		case q.Type == TypeGroup && old.Groups[q.Name] != nil:
			keepMaterials(q.Children, old.Groups[q.Name], e.group(q.Name))
		case q.Type == TypeRepeat && len(e.Repeats[q.Name]) > 0:
			for i, inner := range e.Repeats[q.Name] {
				if o := namesake(q, old.Repeats[q.Name], i, inner); o != nil {
					keepMaterials(q.Children, o, inner)
				}
			}
		case q.Type == TypeRepeat && len(old.Repeats[q.Name]) > 0:
			if e.Repeats == nil {
				e.Repeats = map[string][]*Answers{}
			}
			e.Repeats[q.Name] = old.Repeats[q.Name]
		}
	}
}
