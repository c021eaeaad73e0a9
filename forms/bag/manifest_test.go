package bag

import (
	"strings"
	"testing"
)

const (
	sumA    = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb" // SHA-256 of "a"
	sumElse = "0000000000000000000000000000000000000000000000000000000000000000"
	photo   = "data/图片/一.jpg"
)

func TestPayloadAndManifests(t *testing.T) {
	line := func(b loose, s string) loose {
		return b.with("manifest-sha256.txt", b["manifest-sha256.txt"]+s)
	}
	replaced := func(b loose, old, new string) loose {
		return b.with("manifest-sha256.txt", strings.ReplaceAll(b["manifest-sha256.txt"], old, new))
	}
	listing := func(more ...string) loose { // these files too
		b := one().with("bag-info.txt", "")
		for _, n := range more {
			b[n] = "a"
			b = line(b, sumA+"  "+n+"\n")
		}
		return b
	}
	two := func(version string) loose { // the second manifest lists one file only
		b := loosely(version, "sha256")
		b["manifest-md5.txt"] = b.lines("md5", "data/a.txt")
		return b.tagged("sha256")
	}
	runRules(t, map[string]ruleCase{
		"content changed":         incorrect(one().with("data/a.txt", "b"), ReasonChecksum),
		"two manifests, changed":  incorrect(loosely("1.0", "md5", "sha256").with("data/a.txt", "b").tagged("md5"), ReasonChecksum, ReasonChecksum),
		"size changed":            {one().with("data/a.txt", "aa"), []Reason{ReasonOxum, ReasonChecksum}, nil, false},
		"file missing":            invalid(one().with("data/a.txt", ""), ReasonMissing, ReasonOxum),
		"file not listed":         invalid(one().with("data/more", "1"), ReasonUnlisted, ReasonOxum),
		"hidden file not listed":  {one().with("data/.DS_Store", "1"), []Reason{ReasonUnlisted, ReasonOxum}, []Reason{ReasonSystem}, false},
		"system files":            valid(listing("data/.DS_Store", "data/图片/Thumbs.db", "data/._a.txt"), ReasonSystem, ReasonSystem, ReasonSystem),
		"in one of two":           invalid(two("1.0"), ReasonUnlisted),
		"in one of two, 0.97":     valid(two("0.97")),
		"in none of two, 0.97":    invalid(two("0.97").with("data/b", "b", "bag-info.txt", ""), ReasonUnlisted),
		"empty payload":           invalid(one().with("data/a.txt", "", photo, ""), ReasonNoData, ReasonMissing, ReasonMissing, ReasonOxum),
		"upper-case digest":       valid(replaced(one(), sumA, strings.ToUpper(sumA))),
		"tabs and spaces":         valid(replaced(one(), "  data/a", "\t \t data/a")),
		"one space":               valid(replaced(one(), "  ", " ")),
		"CRLF":                    valid(replaced(one(), "\n", "\r\n")),
		"CR":                      valid(replaced(one(), "\n", "\r")),
		"last line open":          valid(one().with("manifest-sha256.txt", strings.TrimSuffix(one()["manifest-sha256.txt"], "\n"))),
		"md5sum's asterisk":       valid(replaced(one(), "  data", " *data"), ReasonLegacy, ReasonLegacy),
		"./ before names":         valid(replaced(one(), "  data", "  ./data"), ReasonLegacy, ReasonLegacy),
		"blank line":              valid(line(one(), "\n"), ReasonLegacy),
		"comment":                 invalid(line(one(), "# made by hand\n"), ReasonLine),
		"no name":                 invalid(line(one(), sumA+"\n"), ReasonLine),
		"short digest":            invalid(line(one(), sumA[2:]+"  data/a.txt\n"), ReasonLine),
		"not hexadecimal":         invalid(line(one(), "zz"+sumA[2:]+"  data/a.txt\n"), ReasonLine),
		"listed twice":            invalid(line(one(), sumA+"  data/a.txt\n"), ReasonDuplicate),
		"listed twice, 0.97":      valid(line(loosely("0.97", "sha256"), sumA+"  data/a.txt\n"), ReasonDuplicate),
		"otherwise, 0.97":         invalid(line(loosely("0.97", "sha256"), sumElse+"  data/a.txt\n"), ReasonDuplicate),
		"listed twice, otherwise": invalid(line(one(), sumElse+"  data/a.txt\n"), ReasonDuplicate),
		"listed twice by ./":      {line(one(), sumA+"  ./data/a.txt\n"), []Reason{ReasonDuplicate}, []Reason{ReasonLegacy}, false},
		"tag file in it":          invalid(line(one(), sumA+"  bagit.txt\n"), ReasonLine),
		"a folder in it":          invalid(line(one(), sumA+"  data/图片\n"), ReasonMissing),
		"out of the bag":          invalid(line(one(), sumA+"  ../../../README.md\n"), ReasonPath),
		"out by data":             invalid(line(one(), sumA+"  data/../../x\n"), ReasonPath),
		"absolute":                invalid(line(one(), sumA+"  /etc/passwd\n"), ReasonPath),
		"home":                    invalid(line(one(), sumA+"  ~/.bashrc\n"), ReasonPath),
		"drive":                   invalid(line(one(), sumA+"  D:\\sys32\\cmd.exe\n"), ReasonPath),
		"UNC":                     invalid(line(one(), sumA+"  \\\\?\\c:\\x\n"), ReasonPath),
		"backslashes":             invalid(line(one(), sumA+"  data\\a.txt\n"), ReasonPath),
	})
}

// Section 2.1.3: CR, LF and % are encoded, from 1.0 on.
func TestEncodedNames(t *testing.T) {
	bag := func(version, file, listed string) loose {
		b := loose{"bagit.txt": "BagIt-Version: " + version + "\nTag-File-Character-Encoding: UTF-8\n", file: "a"}
		return b.with("manifest-sha256.txt", sumA+"  "+listed+"\n")
	}
	runRules(t, map[string]ruleCase{
		"percent":                 valid(bag("1.0", "data/50%.txt", "data/50%25.txt")),
		"bare percent":            valid(bag("1.0", "data/50%.txt", "data/50%.txt")), // as bagit-python writes it
		"bare, other":             valid(bag("1.0", "data/a%20b", "data/a%20b")),
		"encoded percent":         valid(bag("1.0", "data/a%0A", "data/a%250A")),
		"line feed":               valid(bag("1.0", "data/a\nb", "data/a%0Ab"), ReasonName),
		"carriage return":         valid(bag("1.0", "data/a\rb", "data/a%0db"), ReasonName),
		"not before 1.0":          valid(bag("0.97", "data/50%25.txt", "data/50%25.txt")),
		"0.97, as if 1.0":         invalid(bag("0.97", "data/50%.txt", "data/50%25.txt"), ReasonMissing, ReasonUnlisted),
		"encoded up":              invalid(bag("1.0", "data/a", "data/%0A/../../a"), ReasonPath, ReasonUnlisted),
		"reserved name":           valid(bag("1.0", "data/aux.txt", "data/aux.txt"), ReasonName),
		"reserved letters":        valid(bag("1.0", "data/10:30.txt", "data/10:30.txt"), ReasonName),
		"space at the end":        valid(bag("1.0", "data/a ", "data/a "), ReasonName),
		"decomposed here":         valid(bag("1.0", "data/e\u0301", "data/é"), ReasonForm),
		"decomposed there":        valid(bag("1.0", "data/é", "data/e\u0301"), ReasonForm),
		"decomposed twice":        valid(bag("1.0", "data/e\u0301", "data/e\u0301")),
		"both forms listed, 0.97": valid(bag("0.97", "data/é", "data/é\n"+sumA+"  data/e\u0301"), ReasonDuplicate),
		"both forms listed": invalid(bag("1.0", "data/é", "data/é\n"+sumA+"  data/e\u0301"),
			ReasonDuplicate),
	})
}

func TestTagManifests(t *testing.T) {
	// fixed leaves the tag manifest as given.
	fixed := func(b loose, tags string) loose {
		b["tagmanifest-sha256.txt"] = tags
		return b
	}
	without := func(version, name string) loose {
		b := loosely(version, "sha256")
		var kept []string
		for l := range strings.Lines(b["tagmanifest-sha256.txt"]) {
			if !strings.HasSuffix(l, "  "+name+"\n") {
				kept = append(kept, l)
			}
		}
		return fixed(b, strings.Join(kept, ""))
	}
	plus := func(version, s string) loose {
		b := loosely(version, "sha256")
		return fixed(b, b["tagmanifest-sha256.txt"]+s)
	}
	none := one()
	delete(none, "tagmanifest-sha256.txt")
	changed := one()
	changed["other/notes.txt"] = "changed"
	changedInfo := one()
	changedInfo["bag-info.txt"] += "More: x\n"
	runRules(t, map[string]ruleCase{
		"none at all":           valid(none),
		"tag file changed":      incorrect(changed, ReasonChecksum),
		"bag-info changed":      incorrect(changedInfo, ReasonChecksum),
		"tag file not listed":   valid(without("1.0", "other/notes.txt"), ReasonUnlisted),
		"manifest not listed":   {without("1.0", "manifest-sha256.txt"), []Reason{ReasonTagManifest}, []Reason{ReasonUnlisted}, false},
		"not listed, 0.97":      valid(without("0.97", "manifest-sha256.txt"), ReasonUnlisted, ReasonTagManifest),
		"tag file missing":      invalid(plus("1.0", sumA+"  gone.txt\n"), ReasonMissing),
		"lists payload":         invalid(plus("1.0", sumA+"  data/a.txt\n"), ReasonTagManifest),
		"lists a tag manifest":  {plus("1.0", sumElse+"  tagmanifest-sha256.txt\n"), []Reason{ReasonTagManifest, ReasonChecksum}, nil, false},
		"listed twice":          invalid(plus("1.0", sumA+"  other/notes.txt\n"), ReasonDuplicate),
		"out of the bag":        invalid(plus("1.0", sumA+"  ../x\n"), ReasonPath),
		"manifest in a folder":  valid(one().with("other/manifest-md5.txt", "nothing to do with it")),
		"name in other letters": valid(one().with("MANIFEST-MD5.TXT", "not a manifest")),
	})
}

func TestBagInfo(t *testing.T) {
	info := func(s string) loose { return one().with("bag-info.txt", s) }
	old := func(s string) loose { return loosely("0.97", "sha256").with("bag-info.txt", s) }
	runRules(t, map[string]ruleCase{
		"none":                 valid(info("")),
		"folded":               valid(info("A: b\n  c\n\td\nPayload-Oxum: 12.2\n")),
		"any case":             valid(info("PAYLOAD-OXUM: 12.2\n")),
		"repeated label":       valid(info("A: 1\nA: 2\n")),
		"colon in the value":   valid(info("A: b:c: d\n")),
		"tab after the colon":  valid(info("A:\tb\n")),
		"wrong octets":         invalid(info("Payload-Oxum: 11.2\n"), ReasonOxum),
		"wrong streams":        invalid(info("payload-oxum: 12.3\n"), ReasonOxum),
		"not an oxum":          invalid(info("Payload-Oxum: 12\n"), ReasonOxum),
		"signed oxum":          invalid(info("Payload-Oxum: +12.2\n"), ReasonOxum),
		"huge oxum":            invalid(info("Payload-Oxum: 99999999999999999999.2\n"), ReasonOxum),
		"oxum twice":           invalid(info("Payload-Oxum: 12.2\nPayload-Oxum: 12.2\n"), ReasonOxum),
		"oxum twice, 0.97":     valid(old("Payload-Oxum: 12.2\nPayload-Oxum: 12.2\n"), ReasonOxum),
		"no colon":             invalid(info("something\n"), ReasonTag),
		"no label":             invalid(info(": x\n"), ReasonTag),
		"starts folded":        invalid(info("  x\n"), ReasonTag),
		"space before colon":   invalid(info("A : b\n"), ReasonTag),
		"no space after colon": invalid(info("A:b\n"), ReasonTag),
		"empty line":           invalid(info("A: b\n\nC: d\n"), ReasonTag),
		"all of it, 0.97":      valid(old("A : b\n\nC:d\nE:   f\n")),
	})
	b, err := openBytes(info("A: 一\n  二\nB: x\nb: y\n").zip(t), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if b.Tag("a") != "一\n二" || b.Tag("b") != "x" || b.Tag("c") != "" || len(b.Tags()) != 3 {
		t.Errorf("%q", b.Tags())
	}
}

// What fetch.txt names is never fetched: there is no code that could.
func TestFetch(t *testing.T) {
	fetch := func(s string, changes ...string) loose {
		return one().with(append(changes, "bag-info.txt", "", "fetch.txt", s)...)
	}
	const url = "https://cdn.example.org/a.txt"
	runRules(t, map[string]ruleCase{
		"file is there":      valid(fetch(url + " 1 data/a.txt\n")),
		"size not told":      valid(fetch(url + "  -\tdata/a.txt\n")),
		"size differs":       valid(fetch(url+" 2 data/a.txt\n"), ReasonFetch),
		"file is not there":  invalid(fetch(url+" 1 data/a.txt\n", "data/a.txt", ""), ReasonNotFetched),
		"file not listed":    invalid(fetch(url+" 1 data/b.txt\n"), ReasonFetch),
		"tag file":           invalid(fetch(url+" 1 bagit.txt\n"), ReasonFetch),
		"out of the bag":     invalid(fetch(url+" 1 ../../x\n"), ReasonPath),
		"relative address":   invalid(fetch("a.txt 1 data/a.txt\n"), ReasonFetch),
		"no address at all":  invalid(fetch("1 data/a.txt\n"), ReasonFetch),
		"negative size":      invalid(fetch(url+" -1 data/a.txt\n"), ReasonFetch),
		"size in words":      invalid(fetch(url+" one data/a.txt\n"), ReasonFetch),
		"named twice":        invalid(fetch(url+" 1 data/a.txt\n"+url+" 1 data/a.txt\n"), ReasonDuplicate),
		"empty line":         invalid(fetch("\n"), ReasonFetch),
		"name with a space":  valid(fetch(url+" 1 data/a b\n", "data/a b", "a", "manifest-sha256.txt", one()["manifest-sha256.txt"]+sumA+"  data/a b\n")),
		"encoded percent":    valid(fetch(url+" 1 data/5%25\n", "data/5%", "a", "manifest-sha256.txt", one()["manifest-sha256.txt"]+sumA+"  data/5%25\n")),
		"only in the bag's":  valid(fetch("file:///x 1 data/a.txt\n")),
		"not UTF-8":          invalid(fetch("\xff\n"), ReasonEncoding),
		"in one of two, 1.0": invalid(fetch(url+" 1 data/a.txt\n", "manifest-md5.txt", one().lines("md5", photo)), ReasonUnlisted, ReasonFetch),
	})
}
