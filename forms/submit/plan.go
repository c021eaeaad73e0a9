package submit

import (
	"context"
	"fmt"
	"math"

	"baosong/forms"
	"baosong/forms/bag"
)

const lang = "zh"

// Plan is how a Submission is divided into packages.
type Plan struct {
	Packages []PlannedPackage
	// Estimated says that sizes are what is expected: photos are not scaled yet.
	Estimated bool
	// Beside is what the first message carries beside its package: the document
	// to read, in bytes.
	Beside int64
}

// PlannedPackage is one package, the first at index 0.
type PlannedPackage struct {
	Name  string // of the zip
	Size  int64  // bytes, at most
	Files []PlannedFile
}

// PlannedFile is a material or a piece of one in a package.
type PlannedFile struct {
	Name     string // path in the bag
	Size     int64
	Question forms.Path // the answer it belongs to
	Piece    int        // from 1; 0 for a whole file
}

// Size is that of all packages, in bytes.
func (p Plan) Size() int64 {
	var sum int64
	for _, k := range p.Packages {
		sum += k.Size
	}
	return sum
}

// MakePlan tells how the report will be divided, without reading the photos
// or writing anything: sizes of photos are estimated, Build finds out the real
// ones.
func MakePlan(ctx context.Context, in Input, opt Options) (Plan, error) {
	s, err := newSubmission(in, opt)
	if err != nil {
		return Plan{}, err
	}
	for _, it := range s.items {
		if err := ctx.Err(); err != nil {
			return Plan{}, err
		}
		it.packed.Size = estimate(it, s.opt.PhotoEdge, s.photoBytes())
		it.packed.SHA256 = it.material.SHA256
	}
	// What documents take where nobody has written them yet: text, and a
	// small picture of each photo, as far as Build lets them grow.
	docs := min(30_000+40_000*int64(min(len(s.items), s.maxPictures())), s.opt.Limit/5)
	if err := s.number(); err != nil {
		return Plan{}, err
	}
	p, err := s.plan([]bag.File{sized("活动总结.docx", docs), sized("活动情况汇总表.xlsx", docs/3)}, docs)
	p.Estimated = true
	return p, err
}

// estimate is the size of a material as packed. A photo takes about 0.3 bytes
// a pixel at the quality that is used.
func estimate(it *item, edge int, most int64) int64 {
	m := it.material
	if it.question.Type != forms.TypeImage || m.Width < 1 || m.Height < 1 || m.Original {
		return m.Size
	}
	kept := m.Frame.In(m.Width, m.Height)
	scale := min(1, float64(edge)/float64(max(kept.Dx(), kept.Dy())))
	return min(m.Size, most, int64(math.Ceil(0.3*scale*scale*float64(kept.Dx())*float64(kept.Dy()))))
}

func sized(name string, n int64) bag.File { return bag.File{Name: name, Size: n} }

// box is a package being filled.
type box struct {
	room  int64
	files []slot
}

// slot is a whole item or a piece of one in a box.
type slot struct {
	item   *item
	piece  int // from 1; 0 for the whole
	offset int64
	size   int64
}

// cost is what a file takes in a package beside its content: two headers, two
// lines of manifests.
func cost(it *item, size int64) int64 { return size + 400 + 4*int64(len(it.packed.File)) }

// plan divides the items. The first package holds docs, and leaves beside for
// what else the first message carries.
func (s *submission) plan(docs []bag.File, beside int64) (Plan, error) {
	var slack int64
	for range 8 {
		base, err := s.content(docs, 1, 9999, nil)
		if err != nil {
			return Plan{}, err
		}
		rest, err := s.content(nil, 2, 9999, nil)
		if err != nil {
			return Plan{}, err
		}
		first := s.opt.Limit - base.MaxSize() - beside - slack
		others := s.opt.Limit - rest.MaxSize() - slack
		if first < 0 || others < minRoom {
			return Plan{}, fmt.Errorf("plan packages of %d bytes: %w", s.opt.Limit, ErrLimit)
		}
		s.boxes = fill(s.items, first, others)
		if err := s.number(); err != nil {
			return Plan{}, err
		}
		p, over, err := s.measure(docs, beside)
		if err != nil {
			return Plan{}, err
		}
		if over <= 0 {
			p.Beside = beside
			return p, nil
		}
		slack += over
	}
	return Plan{}, fmt.Errorf("plan packages of %d bytes: %w", s.opt.Limit, ErrLimit)
}

// minRoom is the least that a package must have room for.
const minRoom = 64 << 10

// measure works out the sizes of the packages as divided, and by how much the
// largest is over the limit.
func (s *submission) measure(docs []bag.File, beside int64) (p Plan, over int64, err error) {
	for i, b := range s.boxes {
		var d []bag.File
		limit := s.opt.Limit
		if i == 0 {
			d, limit = docs, limit-beside
		}
		c, err := s.content(d, i+1, len(s.boxes), b.files)
		if err != nil {
			return p, 0, err
		}
		k := PlannedPackage{Name: c.Name + ".zip", Size: c.MaxSize()}
		for _, f := range b.files {
			k.Files = append(k.Files, PlannedFile{Name: f.name(), Size: f.size, Question: f.item.packed.Question, Piece: f.piece})
		}
		p.Packages = append(p.Packages, k)
		over = max(over, k.Size-limit)
	}
	return p, over, nil
}

// fill puts items into boxes. What belongs together goes into one box where
// one can hold it, and follows on over several where none can. What no box can
// hold is cut into pieces, in boxes of their own at the end.
func fill(items []*item, first, others int64) []*box {
	f := &filler{boxes: []*box{{room: first}}, others: others}
	var large []*item
	for _, group := range groups(items, func(it *item) bool {
		if cost(it, it.packed.Size) > others || it.packed.Size >= bag.MaxFile {
			large = append(large, it)
			return false
		}
		return true
	}) {
		f.group(group)
	}
	for _, it := range large {
		f.pieces(it)
	}
	return f.boxes
}

// groups divides the items that keep is true for: those of one outermost entry
// and one folder belong together.
func groups(items []*item, keep func(*item) bool) [][]*item {
	var out [][]*item
	at := map[string]int{}
	for _, it := range items {
		if it.same != nil || !keep(it) {
			continue
		}
		key := folderOf(it.question.Type)
		if es := it.packed.Question.Entries(); len(es) > 0 {
			key += string(es[0])
		}
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key], out = i, append(out, nil)
		}
		out[i] = append(out[i], it)
	}
	return out
}

type filler struct {
	boxes  []*box
	others int64
}

// open returns the first box from the index from on with room for n, a new one
// if there is none.
func (f *filler) open(n int64, from int) int {
	for i := from; i < len(f.boxes); i++ {
		if f.boxes[i].room >= n {
			return i
		}
	}
	f.boxes = append(f.boxes, &box{room: f.others})
	return len(f.boxes) - 1
}

func (f *filler) put(i int, s slot) {
	f.boxes[i].room -= cost(s.item, s.size)
	f.boxes[i].files = append(f.boxes[i].files, s)
}

func (f *filler) group(items []*item) {
	var sum int64
	for _, it := range items {
		sum += cost(it, it.packed.Size)
	}
	from := len(f.boxes) - 1
	if sum <= f.others {
		from = f.open(sum, 0)
	}
	for _, it := range items {
		from = f.open(cost(it, it.packed.Size), from)
		f.put(from, slot{item: it, size: it.packed.Size})
	}
}

// pieces cuts an item into pieces as large as a box takes.
func (f *filler) pieces(it *item) {
	most := min(f.others-cost(it, 16), bag.MaxFile-1)
	from := 0
	for n, at := 1, int64(0); at < it.packed.Size; n++ {
		size := min(most, it.packed.Size-at)
		from = f.open(cost(it, size), from)
		f.put(from, slot{item: it, piece: n, offset: at, size: size})
		at += size
	}
}
