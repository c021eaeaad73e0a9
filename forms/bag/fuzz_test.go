package bag

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// FuzzOpen: whatever the bytes, opening and verifying end, without a panic,
// with a typed refusal or a result, and what is valid can be read.
func FuzzOpen(f *testing.F) {
	for _, d := range disasters() {
		if len(d.zip.b) < 10_000 {
			f.Add(d.zip.b)
		}
	}
	f.Add(packageBytes(f, sample()))
	f.Add(makeZip(aBag()...).zip64().b)
	f.Add(one().zip(f))
	f.Add(inEncoding("UTF-16BE", func(s string) string { return utf16Text(s, false) }).zip(f))
	lim := Limits{TotalBytes: 1 << 20, Entries: 100}
	f.Fuzz(func(t *testing.T, b []byte) {
		bag, err := openBytes(b, lim)
		if err != nil {
			reasonOf(t, err)
			return
		}
		res := verify(t, bag)
		if res.Valid && !res.Complete {
			t.Error("valid and not complete")
		}
		if !res.Valid {
			return
		}
		for _, f := range bag.Files() {
			if got := readPayload(t, bag, f.Name); int64(len(got)) != f.Size {
				t.Errorf("%q: %d bytes, listed with %d", f.Name, len(got), f.Size)
			}
		}
	})
}

// FuzzBag: in a zip that is well-formed, no name and no tag file makes
// verifying or extracting fail otherwise than with a result, or reach out of
// the folder.
func FuzzBag(f *testing.F) {
	type seed = struct{ name, bagit, manifest, info, fetch string }
	for _, s := range []seed{
		{"data/a", declaration, sumA + "  data/a\n", "A: b\n", ""},
		{"data/图片/一.jpg", "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-16\n", utf16Text(sumA+"  data/a\n", true), "Payload-Oxum: 1.1", "x:y - data/b"},
		{"data/%0A", declaration, sumA + " *./data/%250a\n" + sumElse + "  data/b\n", " \n:", "x:y 1 data/b\n"},
		{"data/\xcd\xbc\xc6\xac", declaration, sumA + "  data/图片\n", "Payload-Oxum: 1.1\nPayload-Oxum: 1.2\n", ""},
		{"data/a/../../x", declaration, sumA + "  data/a/../../x\n", "", ""},
		{`data\CON`, declaration, sumA + "  data/CON\n", "", ""},
	} {
		f.Add(s.name, s.bagit, s.manifest, s.info, s.fetch, uint16(0), uint32(0), false)
		f.Add(s.name, s.bagit, s.manifest, s.info, s.fetch, uint16(3), uint32(0o100644), true)
	}
	f.Fuzz(func(t *testing.T, name, bagit, manifest, info, fetch string, host uint16, mode uint32, flagged bool) {
		z := makeZip(
			ent{name: "b/bagit.txt", content: bagit}, ent{name: "b/manifest-sha256.txt", content: manifest, deflate: true},
			ent{name: "b/bag-info.txt", content: info}, ent{name: "b/fetch.txt", content: fetch, descriptor: true},
			ent{name: "b/" + name, content: "a", noUTF8: !flagged, host: host % 256, mode: mode % (1 << 16)},
		)
		bag, err := openBytes(z.b, Limits{})
		if err != nil {
			reasonOf(t, err)
			return
		}
		res := verify(t, bag)
		parent := t.TempDir()
		if err := bag.Extract(t.Context(), filepath.Join(parent, "x"), nil); (err == nil) != (res.Valid && !hasName(res)) {
			t.Errorf("valid %v, extract: %v", res.Valid, err)
		}
		if l := left(t, filepath.Join(parent, "x")); len(l) > 1 || len(l) == 1 && l[0] != "x" {
			t.Errorf("in the parent folder: %v", l)
		}
	})
}

func hasName(res Result) bool {
	return slices.ContainsFunc(res.Findings, func(f Finding) bool { return f.Reason == ReasonName })
}

// FuzzManifest: no line of a manifest or fetch.txt gives a path that leads
// out of the bag, and the parsers end.
func FuzzManifest(f *testing.F) {
	for _, s := range []string{
		sumA + "  data/a.txt\n", sumA + " *./data/a.txt\r\n\r" + sumA + "\tdata/%0A..%2F", "#\n\n", sumA, sumA + "  ~/x",
		sumA + `  C:\x`, sumA + "  data/../../x", "https://example.org/ 1 data/a\n", "x - ../y", "\ufeff" + sumA, utf16Text(sumA+"  data/a", true),
	} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, s string, first bool) {
		v := version{0, 97}
		if first {
			v = version{1, 0}
		}
		ok := func(path string) {
			if err := hostile(path); err != nil {
				t.Errorf("%q came through: %v", path, err)
			}
		}
		n := 0
		parseManifest(s, v, 32, &budget{lines: 50, width: 500}, func(_ int, e entry) {
			n++
			ok(e.path)
			if len(e.sum) != 32 {
				t.Errorf("checksum of %d bytes", len(e.sum))
			}
		}, func(*wrong) {})
		if n > 50 {
			t.Errorf("%d lines of 50", n)
		}
		parseFetch(s, v, &budget{lines: 50, width: 500}, func(_ int, e fetchEntry) {
			ok(e.path)
			if !strings.HasPrefix(e.path, "data/") {
				t.Errorf("%q is no payload", e.path)
			}
		}, func(*wrong) {})
	})
}

// FuzzTags: what is read from bag-info.txt and can be written is read back.
func FuzzTags(f *testing.F) {
	for _, s := range []string{declaration, "A: b\n c\nD : e\n", ":\n", "A:b:c", "\tx", "A: \r\n\tb"} {
		f.Add([]byte(s))
		f.Add([]byte(utf16Text(s, true)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		parseDeclaration(b)
		for _, enc := range []string{"UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-1", "x"} {
			text, w := decodeText(b, enc)
			if w != nil {
				continue
			}
			tags, _ := parseTags(text, version{1, 0}, &budget{lines: 100, width: 1000})
			for _, tag := range tags {
				if checkTag(tag) != nil {
					continue
				}
				again, bad := parseTags(Content{Info: []Tag{tag}}.info(), version{1, 0}, &budget{lines: 100, width: 2000})
				if len(again) != 3 || again[0] != tag || bad != nil {
					t.Errorf("%q is read back as %q, %v", tag, again, bad)
				}
			}
		}
	})
}

func FuzzSafeName(f *testing.F) {
	for _, s := range append(unwritable, "启动仪式", "a.b.c", "q\u0323\u0301") {
		f.Add(s, 12)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		checkSafe(t, s, 1+int(uint(limit)%100))
	})
}
