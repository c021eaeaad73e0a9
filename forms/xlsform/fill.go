package xlsform

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/text/width"

	"baosong/forms"
)

// Why a cell of a filled workbook could not be placed; another reason is
// forms.ErrValue.
var (
	ErrNoPlace = errors.New("no question for it")
	ErrFile    = errors.New("the name of a file, which has to be attached")
	ErrParent  = errors.New("not said which entry it belongs to")
	ErrTwice   = errors.New("the question is answered in another cell already")
)

// ErrOtherNotice says that a workbook was made for another notice.
var ErrOtherNotice = errors.New("the workbook belongs to another notice")

// Unplaced is a cell whose text went nowhere.
type Unplaced struct {
	Sheet string
	Cell  string // such as B7
	Text  string
	// Path is the question it was meant for, "" where that is not known. For a
	// media question it is where the file of that name is to be attached.
	Path forms.Path
	Err  error
}

// maxUnplaced bounds the list; more than that is another workbook altogether.
const maxUnplaced = 1000

// Fill reads a filled workbook, made by Template or drawn up by hand with the
// form's labels as headings. Columns and rows may have moved, cells be merged,
// and numbers, dates and choices be written as people write them. It returns
// the answers, and the cells that found no place.
func Fill(n *forms.Notice, r io.Reader) (*forms.Answers, []Unplaced, error) {
	f, err := readFilled(n, r)
	if file, ok := r.(interface{ Name() string }); ok && err != nil {
		err = &fs.PathError{Op: "read", Path: file.Name(), Err: err}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the workbook: %w", err)
	}
	return f.answers, f.unplaced, nil
}

func readFilled(n *forms.Notice, r io.Reader) (*filler, error) {
	z, err := openFilled(r)
	if err != nil {
		return nil, err
	}
	f := &filler{layout: newLayout(n), answers: &forms.Answers{}, filled: map[forms.Path]bool{}}
	book, err := z.book(func(name string) bool {
		return !strings.EqualFold(name, f.words.choices) && !strings.EqualFold(name, f.words.guide)
	})
	if err != nil {
		return nil, err
	}
	f.from1904 = book.from1904
	if err := errors.Join(f.read(book), book.close()); err != nil {
		return nil, err
	}
	f.settle()
	return f, nil
}

// openFilled opens a workbook where it lies, or reads one that comes as a
// stream into memory.
func openFilled(r io.Reader) (*zipped, error) {
	source, ok := r.(interface {
		io.ReaderAt
		io.Seeker
	})
	var size int64
	if ok {
		var err error
		if size, err = source.Seek(0, io.SeekEnd); err != nil {
			return nil, err
		}
	} else {
		b, err := io.ReadAll(io.LimitReader(r, maxParted+1))
		if err != nil {
			return nil, err
		}
		if len(b) > maxParted {
			return nil, fmt.Errorf("over %d MB: %w", maxParted>>20, ErrTooLarge)
		}
		source, size = bytes.NewReader(b), int64(len(b))
	}
	z, err := openZip(source, size)
	if err == nil && !z.isWorkbook() {
		err = ErrNotWorkbook
	}
	return z, err
}

// settle decides what the labels meant that several choices have.
func (f *filler) settle() {
	if len(f.unsure) == 0 {
		return
	}
	c := forms.NewChecker(f.notice, f.answers.Clone(), forms.Env{Lang: f.lang})
	for _, u := range f.unsure {
		for _, allowed := range c.State(u.path).Choices {
			if !slices.Contains(u.names, allowed.Name) {
				continue
			}
			_, errChecker := c.Set(u.path, allowed.Name)
			if err := errors.Join(errChecker, f.answers.Set(u.path, allowed.Name)); err == nil {
				break
			}
		}
	}
}

// filler places the cells of one workbook.
type filler struct {
	*layout
	answers  *forms.Answers
	unplaced []Unplaced
	filled   map[forms.Path]bool
	from1904 bool
	unsure   []unsure
}

// unsure is an answer whose label belongs to several choices, of which the
// choice filter allows but one once the other answers are known.
type unsure struct {
	path  forms.Path
	names []string
}

// found is a sheet that holds the entries of a repeat.
type found struct {
	table *repeatTable
	sheet *bookSheet
	head  heading
}

func (f *filler) read(b *book) error {
	var tables []found
	for i := range b.sheets {
		s := &b.sheets[i]
		if s.name == metaSheet {
			if id := s.text(1, 1); id != "" && id != f.notice.ID {
				return fmt.Errorf("filled in for %q: %w", id, ErrOtherNotice)
			}
			continue
		}
		if t, head, ok := f.findTable(s); ok {
			s.spread(head.data)
			tables = append(tables, found{table: t, sheet: s, head: head})
		} else {
			f.readSingle(s)
		}
	}
	// A row can only be put into an entry that is there already.
	slices.SortStableFunc(tables, func(a, b found) int {
		return cmp.Compare(slices.Index(f.tables, a.table), slices.Index(f.tables, b.table))
	})
	entries := map[*repeatTable]*entries{}
	for _, t := range tables {
		f.readTable(t, entries)
	}
	return nil
}

func (f *filler) miss(s *bookSheet, row, column int, p forms.Path, err error) {
	if len(f.unplaced) < maxUnplaced {
		f.unplaced = append(f.unplaced, Unplaced{
			Sheet: s.name, Cell: cellName(column, row), Text: firstRunes(s.text(row, column), 200), Path: p, Err: err,
		})
	}
}

// place stores a cell as the answer at p.
func (f *filler) place(s *bookSheet, row, column int, q *forms.Question, p forms.Path) {
	switch {
	case s.text(row, column) == "" && s.formulas[cellName(column, row)]:
		f.miss(s, row, column, p, ErrFormula)
		return
	case s.text(row, column) == "":
		return
	case q.Type.Media():
		f.miss(s, row, column, p, ErrFile)
		return
	case f.filled[p]:
		f.miss(s, row, column, p, ErrTwice)
		return
	}
	v, err := f.value(q, s, row, column)
	if err == nil && v != "" {
		err = f.answers.Set(p, v)
	}
	if err != nil {
		f.miss(s, row, column, p, err)
		return
	}
	f.filled[p] = true
	if q.Type != forms.TypeSelectOne || q.ChoiceFilter == "" {
		return
	}
	u := unsure{path: p}
	for i, label := range f.labels(q) {
		if f.key(label) == f.key(s.text(row, column)) {
			u.names = append(u.names, q.Options()[i].Name)
		}
	}
	if len(u.names) > 1 {
		f.unsure = append(f.unsure, u)
	}
}

// key is what of a heading counts when it is looked for: no spaces, stars or
// colons, and no difference of width or case.
func (l *layout) key(s string) string {
	if k, ok := l.keyed[s]; ok {
		return k
	}
	k := l.makeKey(s)
	if len(s) <= 100 && len(l.keyed) < 50_000 {
		l.keyed[s] = k
	}
	return k
}

func (l *layout) makeKey(s string) string {
	s = strings.TrimSuffix(strings.TrimSpace(s), "*")
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" *:\n\t“”\"", r) {
			return -1
		}
		return r
	}, strings.ToLower(width.Fold.String(s)))
	return strings.TrimSuffix(s, strings.ToLower(strings.ReplaceAll(width.Fold.String(l.words.file), " ", "")))
}

// keys finds questions by their paths, and by those labels that only one of
// them has.
func (l *layout) keys(questions []*forms.Question) map[string]*forms.Question {
	out := map[string]*forms.Question{}
	for _, q := range questions {
		if q.Type.Nested() || q.Type == forms.TypeNote {
			continue
		}
		labels := map[string]bool{}
		for _, label := range q.Label {
			labels[l.key(label)] = true
		}
		for k := range labels {
			if _, twice := out[k]; twice {
				out[k] = nil
			} else {
				out[k] = q
			}
		}
	}
	for _, q := range questions {
		if !q.Type.Nested() {
			out[l.key(string(q.Path()))] = q
		}
	}
	delete(out, "")
	return out
}

// readSingle reads a sheet of single answers: a label, and its answer in the
// column under that heading, or next to it.
func (f *filler) readSingle(s *bookSheet) {
	keys, ignore := f.keys(f.single), f.knownTexts()
	answers := f.answerColumn(s)
	var last *forms.Question
	for row := 1; row <= s.last(); row++ {
		q, at := f.labelIn(s, row, keys)
		if q == nil {
			last = f.loose(s, row, answers, last, ignore)
			continue
		}
		last = q
		column := answers
		for c := at + 1; answers == 0 && c <= s.width(row); c++ {
			if s.text(row, c) != "" && f.key(s.text(row, c)) != f.key(f.hint(q)) {
				column = c
				break
			}
		}
		for c := 1; c <= s.width(row); c++ {
			switch k := f.key(s.text(row, c)); {
			case c == column:
				f.place(s, row, c, q, q.Path())
			case k == "" || keys[k] == q || k == f.key(f.hint(q)):
			default:
				f.miss(s, row, c, q.Path(), ErrNoPlace)
			}
		}
	}
}

// labelIn finds the question that a row is about, and the last cell naming it.
func (f *filler) labelIn(s *bookSheet, row int, keys map[string]*forms.Question) (q *forms.Question, column int) {
	for c := 1; c <= s.width(row); c++ {
		k := keys[f.key(s.text(row, c))]
		if k != nil && (q == nil || k == q) {
			q, column = k, c
		}
	}
	return q, column
}

// answerColumn returns the column under the heading for answers, 0 if there is
// none.
func (f *filler) answerColumn(s *bookSheet) int {
	for row := 1; row <= min(s.last(), 30); row++ {
		item, answer := 0, 0
		for c := 1; c <= s.width(row); c++ {
			switch f.key(s.text(row, c)) {
			case f.key(f.words.item):
				item = c
			case f.key(f.words.answer):
				answer = c
			}
		}
		if item > 0 && answer > 0 {
			return answer
		}
	}
	return 0
}

// loose deals with a row that names no question. A text below an answer, as
// paragraphs pasted from a letter leave it, goes on with that answer, until
// there is more than a cell could hold.
func (f *filler) loose(s *bookSheet, row, answers int, last *forms.Question, ignore map[string]bool) *forms.Question {
	for c := 1; c <= s.width(row); c++ {
		text := s.text(row, c)
		switch {
		case text == "":
		case ignore[f.key(text)]:
			last = nil
		case last != nil && c == answers && last.Type == forms.TypeText && f.filled[last.Path()] && len(f.answers.Get(last.Path())) < 4*maxCell:
			if err := f.answers.Set(last.Path(), f.answers.Get(last.Path())+"\n"+text); err != nil {
				f.miss(s, row, c, last.Path(), err)
			}
		default:
			f.miss(s, row, c, "", ErrNoPlace)
		}
	}
	return last
}

// knownTexts are what the template says that is neither label nor answer.
func (f *filler) knownTexts() map[string]bool {
	out := map[string]bool{}
	for _, s := range []string{"path", f.words.item, f.words.answer, f.words.note, f.words.required, f.notice.Title} {
		out[f.key(s)] = true
	}
	for _, title := range f.notice.Form.Title {
		out[f.key(title)] = true
	}
	for _, q := range f.single {
		if q.Type == forms.TypeGroup || q.Type == forms.TypeNote {
			for _, label := range q.Label {
				out[f.key(label)] = true
			}
			out[f.key(q.Name)] = true
		}
	}
	return out
}
