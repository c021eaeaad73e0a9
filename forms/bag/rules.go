package bag

import (
	"bytes"
	"fmt"
	"hash"
	"maps"
	"path"
	"slices"
	"strings"
)

// rules is what the tag files of a bag say, and what is wrong with them.
type rules struct {
	manifests []*manifest
	listed    map[string][]sum // by path
	fetch     map[string]int64 // path to size, -1 where not told
	findings  []Finding
	cut       bool // findings were left out
	left      budget
}

type manifest struct {
	name string
	tag  bool
	alg  string
	new  func() hash.Hash
	// partial: not all of it could be read, so that what it lacks tells nothing.
	partial bool
}

// sum is the checksum a manifest gives for a file.
type sum struct {
	of   *manifest
	want string
}

func (r *rules) sha256(name string) (out [32]byte) {
	for _, s := range r.listed[name] {
		if s.of.alg == "sha256" {
			copy(out[:], s.want)
		}
	}
	return out
}

func (r *rules) wrong(file string, w *wrong) {
	if w != nil {
		r.note(Finding{File: file, Reason: w.reason, Detail: w.detail, Warning: w.reason == ReasonLegacy})
	}
}

// note keeps a finding, up to a number: a manifest can be wrong in every line.
func (r *rules) note(f Finding) {
	switch {
	case len(r.findings) < 2*maxFindings:
		r.findings = append(r.findings, f)
	case !f.Warning && !r.cut:
		r.cut = true
		r.findings = append(r.findings, Finding{Reason: ReasonMore, Detail: "more is wrong with the tag files"})
	}
}

// read parses all tag files that RFC 8493 describes.
func (b *Bag) read() {
	r := &b.rules
	// The longest line is an address and a name in fetch.txt.
	r.left = budget{lines: b.lim.Lines, width: 8192 + b.lim.NameBytes, bytes: b.lim.TagBytes}
	raw, ok := b.tagFile(baseBagit)
	if !ok {
		b.version, b.enc = version{1, 0}, "UTF-8"
	} else {
		var w *wrong
		b.version, b.enc, w = parseDeclaration(raw)
		r.wrong(baseBagit, w)
		if _, w := decodeText(nil, b.enc); w != nil && w.reason == ReasonEncoding {
			r.wrong(baseBagit, w)
			b.enc = "UTF-8"
		}
	}
	info := baseInfo
	if b.version.before(0, 96) {
		info = baseOldInfo
	}
	if text, ok := b.text(info); ok {
		tags, bad := parseTags(text, b.version, &r.left)
		b.tags = tags
		for _, w := range bad {
			r.wrong(info, w)
		}
	}
	r.listed = map[string][]sum{}
	for _, name := range slices.Sorted(maps.Keys(b.list.byName)) {
		if alg, tag, ok := manifestName(name); ok {
			b.readManifest(&manifest{name: name, tag: tag, alg: alg, new: newHash(alg)})
		}
	}
	b.readFetch()
}

// tagFile reads a tag file whole, if it is there and within bounds.
func (b *Bag) tagFile(name string) ([]byte, bool) {
	f := b.list.byName[name]
	if f == nil {
		return nil, false
	}
	left := &b.rules.left.bytes
	if f.size > *left {
		b.rules.wrong(name, wrongf(ReasonLimit, "%d bytes, %d left of %d", f.size, *left, b.lim.TagBytes))
		return nil, false
	}
	*left -= f.size
	rc, err := b.src.open(f)
	if err != nil {
		b.rules.note(asFinding(name, err))
		return nil, false
	}
	raw := bytes.NewBuffer(make([]byte, 0, f.size+bytes.MinRead))
	_, err = raw.ReadFrom(rc)
	if err = also(err, rc.Close()); err != nil {
		b.rules.note(asFinding(name, err))
		return nil, false
	}
	return raw.Bytes(), true
}

func (b *Bag) text(name string) (string, bool) {
	raw, ok := b.tagFile(name)
	if !ok {
		return "", false
	}
	s, w := decodeText(raw, b.enc)
	b.rules.wrong(name, w)
	return s, w == nil || s != ""
}

func (b *Bag) readManifest(m *manifest) {
	r := &b.rules
	if m.new == nil {
		r.wrong(m.name, wrongf(ReasonAlgorithm, "%q is not known", m.alg))
		return
	}
	r.manifests = append(r.manifests, m)
	text, ok := b.text(m.name)
	if !ok {
		m.partial = true
		return
	}
	seen := map[string]string{}
	add := func(n int, e entry) {
		if e.note != "" {
			r.wrong(m.name, wrongf(ReasonLegacy, "line %d: %s", n, e.note))
		}
		if isPayload := strings.HasPrefix(e.path, payload); isPayload == m.tag {
			r.misplaced(m, n, e.path)
			return
		}
		if first, twice := seen[e.path]; twice {
			// Before 1.0 the same checksum again was no error.
			r.note(Finding{
				File: m.name, Reason: ReasonDuplicate, Warning: first == e.sum && b.version.before(1, 0),
				Detail: fmt.Sprintf("line %d: %q is listed again", n, e.path),
			})
			return
		}
		seen[e.path] = e.sum
		if f := b.list.byName[e.path]; f != nil && !strings.HasSuffix(f.raw, e.raw) {
			r.note(Finding{
				File: e.path, Reason: ReasonForm, Warning: true, Detail: "written in another Unicode form in " + m.name,
			})
		}
		r.listed[e.path] = append(r.listed[e.path], sum{m, e.sum})
	}
	parseManifest(text, b.version, m.new().Size(), &r.left, add, func(w *wrong) {
		m.partial = m.partial || w.reason == ReasonLimit
		r.wrong(m.name, w)
	})
}

// misplaced is a line in the wrong one of the two kinds of manifest.
func (r *rules) misplaced(m *manifest, n int, path string) {
	if m.tag {
		r.wrong(m.name, wrongf(ReasonTagManifest, "line %d lists payload: %q", n, path))
	} else {
		r.wrong(m.name, wrongf(ReasonLine, "line %d: %q is not payload", n, path))
	}
}

func (b *Bag) readFetch() {
	text, ok := b.text(baseFetch)
	if !ok {
		return
	}
	r := &b.rules
	r.fetch = map[string]int64{}
	add := func(n int, e fetchEntry) {
		if _, twice := r.fetch[e.path]; twice {
			r.wrong(baseFetch, wrongf(ReasonDuplicate, "line %d: %q is listed again", n, e.path))
			return
		}
		r.fetch[e.path] = e.size
	}
	parseFetch(text, b.version, &r.left, add, func(w *wrong) { r.wrong(baseFetch, w) })
}

// structure gives all findings that need no content: those of the tag files,
// and what the container and the manifests say of each other (RFC 8493
// sections 2 and 3).
func (b *Bag) structure() []Finding {
	c := checker{Bag: b, out: slices.Clone(b.rules.findings)}
	if z, ok := b.src.(*zipSource); ok && z.sealed && z.altered != "" {
		c.add("", ReasonAltered, "%s", z.altered)
	}
	if !b.list.data {
		c.add("", ReasonNoData, "there is no folder data")
	}
	c.missing()
	c.unlisted()
	c.tagManifests()
	c.fetched()
	c.oxum()
	for _, f := range b.list.files {
		if err := portable(f.name); err != nil {
			c.warn(f.name, ReasonName, "%v", err)
		}
		if strings.HasPrefix(f.name, payload) && systemFile(path.Base(f.name)) {
			c.warn(f.name, ReasonSystem, "made by an operating system for itself")
		}
	}
	return c.out
}

// checker collects findings.
type checker struct {
	*Bag
	out []Finding
}

func (c *checker) add(file string, r Reason, format string, args ...any) {
	c.out = append(c.out, Finding{File: file, Reason: r, Detail: fmt.Sprintf(format, args...)})
}

func (c *checker) warn(file string, r Reason, format string, args ...any) {
	c.out = append(c.out, Finding{File: file, Reason: r, Detail: fmt.Sprintf(format, args...), Warning: true})
}

// since1 gives an error from version 1.0 on, a warning before.
func (c *checker) since1(file string, r Reason, format string, args ...any) {
	c.out = append(c.out, Finding{File: file, Reason: r, Detail: fmt.Sprintf(format, args...), Warning: c.version.before(1, 0)})
}
