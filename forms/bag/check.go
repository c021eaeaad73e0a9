package bag

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// missing: every file listed in a manifest must be present (section 3).
func (c *checker) missing() {
	for _, path := range slices.Sorted(maps.Keys(c.rules.listed)) {
		if c.list.byName[path] != nil {
			continue
		}
		var in []string
		for _, s := range c.rules.listed[path] {
			in = append(in, s.of.name)
		}
		if _, ok := c.rules.fetch[path]; ok {
			c.add(path, ReasonNotFetched, "named in fetch.txt, not in the bag")
		} else {
			c.add(path, ReasonMissing, "listed in %s", strings.Join(in, ", "))
		}
	}
}

// unlisted: every payload file must be listed, from 1.0 on in every payload
// manifest (section 3), before in one of them.
func (c *checker) unlisted() {
	if !slices.ContainsFunc(c.rules.manifests, func(m *manifest) bool { return !m.tag }) {
		c.add("", ReasonManifest, "there is no payload manifest of a known algorithm")
		return
	}
	tagged := slices.ContainsFunc(c.rules.manifests, func(m *manifest) bool { return m.tag }) &&
		!slices.ContainsFunc(c.rules.manifests, func(m *manifest) bool { return m.tag && m.partial })
	for _, f := range c.list.files {
		if strings.HasPrefix(f.name, payload) {
			if lacking := c.lacking(f.name); lacking != "" {
				c.add(f.name, ReasonUnlisted, "not in %s", lacking)
			}
			continue
		}
		_, tag, is := manifestName(f.name)
		if tagged && !(is && tag) && len(c.rules.listed[f.name]) == 0 {
			c.warn(f.name, ReasonUnlisted, "tag file that no tag manifest protects")
		}
	}
}

// lacking names the payload manifests that ought to list a path and do not.
func (c *checker) lacking(path string) string {
	var out []string
	for _, m := range c.rules.manifests {
		if m.tag {
			continue
		}
		listed := slices.ContainsFunc(c.rules.listed[path], func(s sum) bool { return s.of == m })
		if c.version.before(1, 0) && (listed || m.partial) {
			return "" // one manifest is enough
		}
		if !listed && !m.partial {
			out = append(out, m.name)
		}
	}
	return strings.Join(out, ", ")
}

// tagManifests: each lists every payload manifest and no tag manifest
// (section 2.2.1).
func (c *checker) tagManifests() {
	for _, m := range c.rules.manifests {
		if !m.tag || m.partial {
			continue
		}
		for _, other := range c.rules.manifests {
			in := slices.ContainsFunc(c.rules.listed[other.name], func(s sum) bool { return s.of == m })
			if in == other.tag {
				verb := map[bool]string{true: "lists", false: "does not list"}[in]
				c.since1(m.name, ReasonTagManifest, "%s %s", verb, other.name)
			}
		}
	}
}

// fetched: what fetch.txt names must be listed like any payload (section
// 2.2.3).
func (c *checker) fetched() {
	for _, path := range slices.Sorted(maps.Keys(c.rules.fetch)) {
		if lacking := c.lacking(path); lacking != "" {
			c.add(baseFetch, ReasonFetch, "%q is not in %s", path, lacking)
		}
		size := c.rules.fetch[path]
		if f := c.list.byName[path]; f != nil && size >= 0 && size != f.size {
			c.warn(path, ReasonFetch, "%d bytes, fetch.txt says %d", f.size, size)
		}
	}
}

var oxumForm = regexp.MustCompile(`^([0-9]+)\.([0-9]+)$`)

// oxum: Payload-Oxum is there at most once and right (section 2.2.2).
func (c *checker) oxum() {
	var octets, streams int64
	for _, f := range c.list.files {
		if strings.HasPrefix(f.name, payload) {
			octets += f.size
			streams++
		}
	}
	seen := 0
	for _, t := range c.tags {
		if !strings.EqualFold(t.Label, labelOxum) {
			continue
		}
		if seen++; seen == 2 {
			c.since1("", ReasonOxum, "given more than once")
		}
		m := oxumForm.FindStringSubmatch(t.Value)
		if m == nil {
			c.add("", ReasonOxum, "malformed: %.60q", t.Value)
			continue
		}
		o, err1 := strconv.ParseInt(m[1], 10, 64)
		s, err2 := strconv.ParseInt(m[2], 10, 64)
		if err1 != nil || err2 != nil || o != octets || s != streams {
			c.add("", ReasonOxum, "%s announced, %d.%d found", t.Value, octets, streams)
		}
	}
}
