package bag

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// listing is what there is in a bag, by names relative to it.
type listing struct {
	files  []*file
	byName map[string]*file
	data   bool // there is a payload folder
}

func (l *listing) addFile(f *file) {
	if l.byName == nil {
		l.byName = map[string]*file{}
	}
	l.files = append(l.files, f)
	l.byName[f.name] = f
	l.data = l.data || strings.HasPrefix(f.name, payload)
}

func (l *listing) addDir(name string) { l.data = l.data || name+"/" == payload }

// Bag is an opened bag. Its methods may be used from several goroutines.
type Bag struct {
	name    string
	src     source
	lim     Limits
	list    *listing
	version version
	enc     string
	tags    []Tag
	rules   rules
}

// Info is one payload file.
type Info struct {
	Name string // path under data/, slash-separated, NFC
	Size int64  // bytes
	// SHA256 is the digest in manifest-sha256.txt, zero where there is none.
	// It is proven only by Verify.
	SHA256 [32]byte
}

// Open opens a bag: a folder, or a zip that holds one folder, or a zip of the
// bag's own files. Nothing is extracted. Structure is checked here, content
// by Verify. A container that is hostile, or could be read in two ways, or
// holds no bagit.txt, gives an *Error. Names in a zip that are not flagged as
// UTF-8 are read as Info-ZIP's Unicode Path, UTF-8 or GB18030, in this order.
func Open(path string, lim Limits) (*Bag, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, &Error{Op: "open", File: path, Reason: ReasonRead, Err: err}
	}
	name := filepath.Base(path)
	if st.IsDir() {
		src, list, err := openFolder(path, lim.orDefault())
		if err != nil {
			return nil, err
		}
		return newBag(name, src, list, lim)
	}
	if !st.Mode().IsRegular() {
		return nil, refuse(path, ReasonDevice, "%v", st.Mode().Type())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{Op: "open", File: path, Reason: ReasonRead, Err: err}
	}
	b, err := openZipBag(name, f, st.Size(), lim)
	if err != nil {
		return nil, also(err, f.Close())
	}
	b.src.(*zipSource).closer = f
	return b, nil
}

// OpenReader opens a bag in a zip that need not be a file. r must stay
// readable, from several goroutines, until Close.
func OpenReader(r io.ReaderAt, size int64, lim Limits) (*Bag, error) {
	return openZipBag("", r, size, lim)
}

func openZipBag(name string, r io.ReaderAt, size int64, lim Limits) (*Bag, error) {
	z, err := openZip(r, size, lim.orDefault())
	if err != nil {
		return nil, err
	}
	top, list, err := z.list()
	if err != nil {
		return nil, err
	}
	if top == "" {
		top = strings.TrimSuffix(name, filepath.Ext(name))
	}
	return newBag(top, z, list, lim)
}

// list finds the bag in a zip: its own folder, or the top itself.
func (z *zipSource) list() (top string, _ *listing, err error) {
	entries := slices.DeleteFunc(slices.Clone(z.entries), func(e *zipEntry) bool {
		return strings.HasPrefix(e.name, macJunk)
	})
	prefix := ""
	if !slices.ContainsFunc(entries, func(e *zipEntry) bool { return e.name == baseBagit }) {
		for _, e := range entries {
			first, _, in := strings.Cut(e.name, "/")
			if !in {
				return "", nil, refuse(e.name, ReasonNotBag, "no bagit.txt beside it")
			}
			if top == "" {
				top = first
			}
			if first != top {
				return "", nil, refuse(e.name, ReasonLayout, "more than one top folder")
			}
		}
		prefix = top + "/"
	}
	l := &listing{}
	for _, e := range entries {
		name := strings.TrimPrefix(e.name, prefix)
		if e.dir {
			l.addDir(strings.TrimSuffix(name, "/"))
		} else {
			l.addFile(&file{name: name, size: e.usize, raw: e.decoded, zip: e})
		}
	}
	return top, l, nil
}

func newBag(name string, src source, list *listing, lim Limits) (*Bag, error) {
	b := &Bag{name: name, src: src, lim: lim.orDefault(), list: list}
	if list.byName[baseBagit] == nil {
		return nil, also(refuse(name, ReasonNotBag, "no bagit.txt"), src.Close())
	}
	b.read()
	return b, nil
}

// Close releases the folder or file.
func (b *Bag) Close() error { return b.src.Close() }

// Name is the name of the bag's folder.
func (b *Bag) Name() string { return b.name }

// Version is what bagit.txt declares, "1.0" or an older one.
func (b *Bag) Version() string { return b.version.String() }

// Tags gives bag-info.txt in its order, as far as it can be read. Labels are
// compared without regard to case; see Tag.
func (b *Bag) Tags() []Tag { return slices.Clone(b.tags) }

// Tag gives the first value under a label, "" where there is none.
func (b *Bag) Tag(label string) string {
	for _, t := range b.tags {
		if strings.EqualFold(t.Label, label) {
			return t.Value
		}
	}
	return ""
}

// Manifests gives the algorithms of the payload manifests and of the tag
// manifests that are there, sorted, known to this package or not.
func (b *Bag) Manifests() (payload, tags []string) {
	for _, name := range slices.Sorted(maps.Keys(b.list.byName)) {
		if alg, tag, ok := manifestName(name); ok && tag {
			tags = append(tags, alg)
		} else if ok {
			payload = append(payload, alg)
		}
	}
	return payload, tags
}

// HasFetch reports whether the bag has a fetch.txt.
func (b *Bag) HasFetch() bool { return b.list.byName[baseFetch] != nil }

// Files lists the payload in the order of the container.
func (b *Bag) Files() []Info {
	var out []Info
	for _, f := range b.list.files {
		if name, ok := strings.CutPrefix(f.name, payload); ok {
			out = append(out, Info{Name: name, Size: f.size, SHA256: b.rules.sha256(f.name)})
		}
	}
	return out
}

// OpenFile gives the content of a payload file by its path under data/.
// Reading it to the end proves its size, and its CRC in a zip; an *Error from
// Read says it is not as announced. Its digest is proven by Verify.
func (b *Bag) OpenFile(name string) (io.ReadCloser, error) {
	f := b.list.byName[payload+name]
	if f == nil {
		return nil, &Error{Op: "read", File: name, Reason: ReasonMissing, Err: os.ErrNotExist}
	}
	return b.src.open(f)
}
