package xlsform

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"baosong/forms"
)

// headRows is how far down a sheet its headings are looked for.
const headRows = 30

// heading is what the columns of a sheet of entries hold.
type heading struct {
	questions map[int]*forms.Question // by column
	number    int                     // column of the entry's number, 0 if none
	parent    int                     // column of the number of the entry around it, 0 if none
	given     map[int]bool            // columns that the template filled in itself
	data      int                     // first row below
}

// entries are what the rows of a sheet became, for the rows of sheets below.
type entries struct {
	paths    []forms.Path
	byNumber map[string]forms.Path
	byName   map[string]forms.Path // by what a person would call it: its first answer
}

// findTable finds the repeat that a sheet holds entries of: the one of which
// most labels stand in one row.
func (f *filler) findTable(s *bookSheet) (*repeatTable, heading, bool) {
	var best *repeatTable
	most := 0
	head := f.head(s)
	for _, t := range f.tables {
		keys := f.keys(t.fields)
		named := f.key(s.name) == f.key(t.sheet)
		for _, row := range head {
			count := matches(row, keys)
			score := 2 * count
			if named {
				score++
			}
			enough := count >= 2 || (count == 1 && (named || len(t.fields) == 1))
			if enough && score > most {
				best, most = t, score
			}
		}
	}
	if best == nil {
		return nil, heading{}, false
	}
	return best, f.columns(s, head, best), true
}

// head returns the keys of the cells in the rows that may hold the headings.
func (f *filler) head(s *bookSheet) [][]string {
	rows := make([][]string, min(s.last(), headRows))
	for i := range rows {
		for c := 1; c <= s.width(i+1); c++ {
			rows[i] = append(rows[i], f.key(s.text(i+1, c)))
		}
	}
	return rows
}

// matches counts the questions that the keys of a row name.
func matches(row []string, keys map[string]*forms.Question) int {
	var seen []*forms.Question
	for _, k := range row {
		if q := keys[k]; q != nil && !slices.Contains(seen, q) {
			seen = append(seen, q)
		}
	}
	return len(seen)
}

// columns reads the headings of a sheet: every row of which half the cells
// name questions, and the hints below.
func (f *filler) columns(s *bookSheet, head [][]string, t *repeatTable) heading {
	keys := f.keys(t.fields)
	h := heading{questions: map[int]*forms.Question{}, given: map[int]bool{}}
	given := map[string]bool{}
	for _, g := range t.given {
		given[f.key(f.label(g.q))] = true
	}
	belongs := ""
	if t.up != nil {
		belongs = f.key(fmt.Sprintf(f.words.belongs, f.label(t.up.repeat)))
	}
	most := 0
	for _, row := range head {
		most = max(most, matches(row, keys))
	}
	for i, row := range head {
		if count := matches(row, keys); count == 0 || 2*count < most {
			continue
		}
		h.data = i + 2
		for c, k := range row {
			c++ // columns count from 1
			switch {
			case k == "":
			case k == f.key(parentKey) || (belongs != "" && k == belongs):
				h.parent = c
			case k == f.key(f.words.number) || k == f.key(string(t.repeat.Path())):
				h.number = c
			case given[k] && keys[k] == nil:
				h.given[c] = true
			case keys[k] != nil && h.questions[c] == nil:
				h.questions[c] = keys[k]
			}
		}
	}
	for f.hints(s, h) {
		h.data++
	}
	return h
}

// hints reports whether the first row of data holds the template's hints.
func (f *filler) hints(s *bookSheet, h heading) bool {
	for c := 1; c <= s.width(h.data); c++ {
		k := f.key(s.text(h.data, c))
		if q := h.questions[c]; k != "" && ((q != nil && k == f.key(f.hint(q))) || k == f.key(f.words.oneRow)) {
			return true
		}
	}
	return false
}

func (f *filler) readTable(t found, all map[*repeatTable]*entries) {
	own := all[t.table]
	if own == nil {
		own = &entries{byNumber: map[string]forms.Path{}, byName: map[string]forms.Path{}}
		all[t.table] = own
	}
	any := false
	for row := t.head.data; row <= t.sheet.last() && !any; row++ {
		any = t.filled(row)
	}
	for row := t.head.data; row <= t.sheet.last(); row++ {
		if t.filled(row) || (any && t.fixed(row)) {
			f.readRow(t, row, own, all[t.table.up])
			continue
		}
		for c := 1; c <= t.sheet.width(row); c++ {
			if !t.head.own(c) && t.head.questions[c] == nil && t.sheet.text(row, c) != "" {
				f.miss(t.sheet, row, c, "", ErrNoPlace)
			}
		}
	}
}

// filled reports whether a row holds an answer of its own.
func (t found) filled(row int) bool {
	for c := 1; c <= t.sheet.width(row); c++ {
		if t.head.questions[c] != nil && t.sheet.text(row, c) != "" && !t.sheet.spreadOnly(row, c) {
			return true
		}
	}
	return false
}

// fixed reports whether a row is that of an entry which is there anyhow, so
// that the ones below keep their numbers though it is blank.
func (t found) fixed(row int) bool {
	n, err := strconv.Atoi(t.sheet.text(row, t.head.number))
	return err == nil && n >= 1 && n <= t.table.count
}

// own reports whether a column is the template's and holds no answers.
func (h heading) own(c int) bool { return c == h.number || c == h.parent || h.given[c] }

func (f *filler) readRow(t found, row int, own, up *entries) {
	s, h := t.sheet, t.head
	in, ok := f.parentOf(t, row, up)
	if !ok {
		for c := 1; c <= s.width(row); c++ {
			if h.questions[c] != nil && s.text(row, c) != "" {
				f.miss(s, row, c, h.questions[c].Path(), ErrParent)
			}
		}
		return
	}
	entry, err := f.answers.Insert(in, 0, nil)
	if err != nil {
		f.miss(s, row, 1, in, err)
		return
	}
	own.paths = append(own.paths, entry)
	number := f.key(s.text(row, h.number))
	if number == "" {
		number = fmt.Sprint(len(own.paths))
	}
	own.byNumber[number] = entry
	for c := 1; c <= s.width(row); c++ {
		q := h.questions[c]
		switch {
		case q != nil:
			f.place(s, row, c, q, below(entry, t.table.repeat, q))
		case !h.own(c) && s.text(row, c) != "":
			f.miss(s, row, c, entry, ErrNoPlace)
		}
	}
	f.complete(t.table, entry, own)
}

// complete gives a new entry its defaults and the name it goes by.
func (f *filler) complete(t *repeatTable, entry forms.Path, own *entries) {
	for i, q := range t.fields {
		p := below(entry, t.repeat, q)
		if i == 0 {
			own.byName[f.key(f.answers.Get(p))] = entry
		}
		if f.answers.Get(p) == "" && q.Literal() != "" && !f.filled[p] {
			if err := f.answers.Set(p, q.Literal()); err != nil {
				continue // the entry was just made; there is no other way to fail
			}
		}
	}
}

// below returns the path of q, which lies in the repeat r, within an entry.
func below(entry forms.Path, r, q *forms.Question) forms.Path {
	return entry.Child(strings.TrimPrefix(string(q.Path()), string(r.Path())+"/"))
}

// parentOf returns the path of the repeat that a row makes an entry of.
func (f *filler) parentOf(t found, row int, up *entries) (forms.Path, bool) {
	table := t.table
	if table.up == nil {
		return table.repeat.Path(), true
	}
	if up == nil || len(up.paths) == 0 {
		return "", false
	}
	k := ""
	if t.head.parent > 0 {
		k = strings.TrimSuffix(f.key(t.sheet.text(row, t.head.parent)), ".0")
	}
	entry, ok := up.byNumber[k]
	if !ok && k != "" {
		entry, ok = up.byName[k]
	}
	if !ok && k == "" && len(up.paths) == 1 {
		entry, ok = up.paths[0], true
	}
	return below(entry, table.up.repeat, table.repeat), ok
}
