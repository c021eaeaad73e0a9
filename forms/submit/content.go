package submit

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"baosong/forms"
	"baosong/forms/bag"
	"baosong/forms/office"
)

// submission is one Submission being made.
type submission struct {
	in     Input
	opt    Options
	report *forms.Report
	json   []byte // the report as it is written
	items  []*item
	boxes  []*box
}

// item is one answer that is a material.
type item struct {
	question *forms.Question
	material forms.Material
	packed   *forms.Packed // in the report
	path     string        // file to be packed
	crcs     []uint32      // of its pieces, or of it; where not known, nothing
	same     *item         // an item before it with the same file
}

// newSubmission gathers the materials of the answers, in the order of the
// form, and gives them their places.
func newSubmission(in Input, opt Options) (*submission, error) {
	if opt.Limit == 0 {
		opt.Limit = DefaultLimit
	}
	opt.Limit = min(opt.Limit, bag.MaxPackage)
	if opt.PhotoEdge == 0 {
		opt.PhotoEdge = DefaultEdge
	}
	answers := in.Answers.Clone()
	if answers == nil {
		answers = &forms.Answers{}
	}
	s := &submission{in: in, opt: opt, report: &forms.Report{
		Format: forms.ReportFormat, Submission: in.Ref, Created: in.Created.Round(time.Second), Late: in.Late,
		Notice: forms.NoticeRef{ID: in.Notice.ID, Title: in.Notice.Title, FormVersion: in.Notice.Form.Version},
		Unit:   in.Notice.Unit(answers, lang), Answers: answers, Program: in.Program, Materials: []forms.Packed{},
	}}
	if err := s.gather(); err != nil {
		return nil, err
	}
	return s, checkReport(&forms.Report{
		Submission: in.Ref, Notice: s.report.Notice, Created: s.report.Created, Answers: answers, Unit: s.report.Unit, Program: in.Program,
	})
}

func (s *submission) gather() error {
	names := &namer{answers: s.report.Answers, used: map[string]bool{}}
	type content struct {
		id     string
		folder string
	}
	first := map[content]*item{}
	var err error
	s.in.Notice.Form.Walk(s.report.Answers, func(q *forms.Question, p forms.Path, id string) {
		if !q.Type.Media() || err != nil {
			return
		}
		m, ok := s.in.Materials[id]
		if !ok {
			err = &MaterialError{Question: p, Name: id, Err: os.ErrNotExist}
			return
		}
		it := &item{question: q, material: m}
		caption := s.caption(q, p)
		it.packed = &forms.Packed{
			ID: id, Question: p, Part: 1, Caption: caption, Name: m.Name, MIME: m.MIME,
			Width: m.Width, Height: m.Height, Duration: m.Duration, Taken: m.Taken,
		}
		key := content{id, folderOf(q.Type)}
		if it.same = first[key]; it.same == nil {
			first[key] = it
			ext := m.Ext
			if q.Type == forms.TypeImage {
				ext = ".jpg"
			}
			if ext == "" {
				ext = filepath.Ext(m.Name)
			}
			it.packed.File = "data/" + names.name(q, p, caption, m.Name, ext)
		}
		s.items = append(s.items, it)
	})
	return err
}

// caption is what stands beside a material: the answer to the question that
// appears as a caption in the same entry, or else to its first short text.
func (s *submission) caption(q *forms.Question, p forms.Path) string {
	parent := q.Parent()
	if parent == nil || parent.Type != forms.TypeRepeat {
		return ""
	}
	var text *forms.Question
	for _, c := range parent.Children {
		if c.Has("caption") {
			text = c
			break
		}
		if text == nil && c.Type == forms.TypeText && !c.Has("multiline") {
			text = c
		}
	}
	if text == nil {
		return ""
	}
	return strings.TrimSpace(s.report.Answers.Get(p.Parent().Child(text.Name)))
}

// number writes into the report where the items lie.
func (s *submission) number() error {
	for _, it := range s.items {
		it.packed.Pieces = nil
	}
	for i, b := range s.boxes {
		for _, f := range b.files {
			if f.piece == 0 {
				f.item.packed.Part = i + 1
				continue
			}
			if f.piece == 1 {
				f.item.packed.Part = i + 1
			}
			f.item.packed.Pieces = append(f.item.packed.Pieces, forms.Piece{File: f.name(), Part: i + 1, Size: f.size, SHA256: noDigest})
		}
	}
	s.report.Materials = s.report.Materials[:0]
	for _, it := range s.items {
		if it.same != nil {
			o := it.same.packed
			it.packed.File, it.packed.Part, it.packed.Pieces = o.File, o.Part, o.Pieces
			it.packed.Size, it.packed.SHA256, it.packed.MIME = o.Size, o.SHA256, o.MIME
			it.packed.Width, it.packed.Height = o.Width, o.Height
			it.packed.Removed, it.packed.Original = o.Removed, o.Original
		}
		s.report.Materials = append(s.report.Materials, *it.packed)
	}
	var err error
	s.json, err = MarshalReport(s.report)
	return err
}

// noDigest stands where a digest will be, so that sizes do not change.
var noDigest = strings.Repeat("0", 64)

// name is the path of the slot's file in the bag.
func (f slot) name() string {
	if f.piece == 0 {
		return f.item.packed.File
	}
	return fmt.Sprintf("%s.%03d", f.item.packed.File, f.piece)
}

// content is package i of n, with the documents in docs.
func (s *submission) content(docs []bag.File, i, n int, files []slot) (bag.Content, error) {
	var page bytes.Buffer
	in := office.IndexInput{Input: office.Input{Notice: s.in.Notice, Report: s.report}, Part: i, Parts: n}
	for _, d := range docs {
		in.Documents = append(in.Documents, d.Name)
	}
	if err := office.Index(&page, in); err != nil {
		return bag.Content{}, err
	}
	c := bag.Content{Name: packageName(s.report, i, n), Info: s.info(i, n)}
	c.Files = append(c.Files, bag.Bytes("report.json", s.json, s.report.Created), bag.Bytes("索引.html", page.Bytes(), s.report.Created))
	c.Files = append(c.Files, docs...)
	for _, f := range files {
		c.Files = append(c.Files, f.file(s.report.Created))
	}
	return c, nil
}

// file is the slot's file for the bag.
func (f slot) file(created time.Time) bag.File {
	modified := f.item.packed.Taken
	if modified.IsZero() {
		modified = created
	}
	out := bag.File{
		Name: strings.TrimPrefix(f.name(), "data/"), Size: f.size, Modified: modified,
		Open: func() (io.ReadCloser, error) {
			file, err := os.Open(f.item.path)
			if err != nil {
				return nil, err
			}
			return struct {
				io.Reader
				io.Closer
			}{io.NewSectionReader(file, f.offset, f.size), file}, nil
		},
	}
	digest := f.item.packed.SHA256
	if f.piece > 0 {
		digest = f.item.packed.Pieces[f.piece-1].SHA256
	}
	if d, err := parseDigest(digest); err == nil && digest != noDigest {
		out.SHA256 = d
	}
	if i := max(0, f.piece-1); i < len(f.item.crcs) {
		out.CRC32 = f.item.crcs[i]
	}
	return out
}

// info is bag-info.txt of package i of n.
func (s *submission) info(i, n int) []bag.Tag {
	r := s.report
	tags := []bag.Tag{
		{Label: "BagIt-Profile-Identifier", Value: ProfileID},
		{Label: "External-Identifier", Value: r.Submission.ID},
		{Label: "Bag-Group-Identifier", Value: r.Submission.String()},
		{Label: "Bag-Count", Value: fmt.Sprintf("%d of %d", i, n)},
		{Label: "Bagging-Date", Value: r.Created.Format(time.DateOnly)},
	}
	for _, t := range []bag.Tag{
		{Label: "Source-Organization", Value: r.Unit.Name},
		{Label: "Contact-Name", Value: r.Unit.Person},
		{Label: "Contact-Phone", Value: r.Unit.Phone},
		{Label: "Contact-Email", Value: r.Unit.Email},
		{Label: "External-Description", Value: r.Notice.Title},
		{Label: "Bag-Software-Agent", Value: r.Program},
	} {
		if t.Value = oneLine(t.Value); t.Value != "" {
			tags = append(tags, t)
		}
	}
	return tags
}

// oneLine is s as the value of a tag: valid text in one line.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
}
