package bag

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// loose is a bag as its files, by name.
type loose map[string]string

// loosely makes a valid bag of a version with the given algorithms.
func loosely(version string, algs ...string) loose {
	b := loose{
		"bagit.txt":       "BagIt-Version: " + version + "\nTag-File-Character-Encoding: UTF-8\n",
		"data/a.txt":      "a",
		"data/图片/一.jpg":   "not a photo",
		"bag-info.txt":    "Bagging-Date: 2024-06-01\nPayload-Oxum: 12.2\n",
		"other/notes.txt": "free",
	}
	for _, alg := range algs {
		b["manifest-"+alg+".txt"] = b.lines(alg, "data/a.txt", "data/图片/一.jpg")
	}
	return b.tagged(algs...)
}

// lines are those of a manifest for some files.
func (b loose) lines(alg string, names ...string) string {
	var s strings.Builder
	for _, n := range names {
		h := newHash(alg)()
		h.Write([]byte(b[n]))
		fmt.Fprintf(&s, "%x  %s\n", h.Sum(nil), n)
	}
	return s.String()
}

// tagged makes the tag manifests anew.
func (b loose) tagged(algs ...string) loose {
	for _, alg := range algs {
		var names []string
		for _, n := range slices.Sorted(maps.Keys(b)) {
			if !strings.HasPrefix(n, "data/") && !strings.HasPrefix(n, "tagmanifest-") {
				names = append(names, n)
			}
		}
		b["tagmanifest-"+alg+".txt"] = b.lines(alg, names...)
	}
	return b
}

// with sets or, with an empty text, removes files, and makes the tag manifest
// for sha256 fit.
func (b loose) with(changes ...string) loose {
	for i := 0; i < len(changes); i += 2 {
		if changes[i+1] == "" {
			delete(b, changes[i])
		} else {
			b[changes[i]] = changes[i+1]
		}
	}
	return b.tagged("sha256")
}

// zip packs the bag with the standard library, which streams: its entries
// have data descriptors.
func (b loose) zip(t testing.TB) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, n := range slices.Sorted(maps.Keys(b)) {
		f, err := w.Create("示例/" + n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(b[n])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func (b loose) folder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for n, content := range b {
		p := filepath.Join(dir, filepath.FromSlash(n))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// asBoth gives the results of the bag as a zip and, where the names can be on
// every disk, as a folder.
func (b loose) asBoth(t *testing.T) map[string]Result {
	t.Helper()
	z, err := openBytes(b.zip(t), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Result{"zip": verify(t, z)}
	for n := range b {
		if portable(n) != nil {
			return out
		}
	}
	out["folder"] = verify(t, open(t, b.folder(t)))
	return out
}

func reasons(res Result, warnings bool) []Reason {
	var out []Reason
	for _, f := range res.Findings {
		if f.Warning == warnings {
			out = append(out, f.Reason)
		}
	}
	return out
}

func utf16Text(s string, bom bool) string {
	var b []byte
	if bom {
		b = append(b, 0xfe, 0xff)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return string(b)
}

const bagitFor = "BagIt-Version: 0.97\nTag-File-Character-Encoding: "

// in gives a 0.97 bag whose tag files are in another encoding.
func inEncoding(name string, encode func(string) string) loose {
	b := loosely("0.97", "sha256")
	b["bagit.txt"] = bagitFor + name + "\n"
	for _, n := range []string{"bag-info.txt", "manifest-sha256.txt"} {
		b[n] = encode(b[n])
	}
	b.tagged("sha256")
	b["tagmanifest-sha256.txt"] = encode(b["tagmanifest-sha256.txt"])
	return b
}

func latin(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

type ruleCase struct {
	bag      loose
	errors   []Reason
	warnings []Reason
	complete bool
}

func valid(b loose, warnings ...Reason) ruleCase {
	return ruleCase{bag: b, warnings: warnings, complete: true}
}

func invalid(b loose, errors ...Reason) ruleCase { return ruleCase{bag: b, errors: errors} }

func incorrect(b loose, errors ...Reason) ruleCase {
	return ruleCase{bag: b, errors: errors, complete: true}
}

// runRules verifies the bags here, and has an independent checker judge those
// of version 1.0 too.
func runRules(t *testing.T, cases map[string]ruleCase) {
	t.Helper()
	checkIndependently(t, cases)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for where, res := range tc.bag.asBoth(t) {
				if diff := cmp.Diff(tc.errors, reasons(res, false)); diff != "" {
					t.Errorf("%s: errors (-want +got):\n%s%v", where, diff, res.Findings)
				}
				if diff := cmp.Diff(tc.warnings, reasons(res, true)); diff != "" {
					t.Errorf("%s: warnings (-want +got):\n%s%v", where, diff, res.Findings)
				}
				if res.Complete != tc.complete || res.Valid != (tc.errors == nil) {
					t.Errorf("%s: complete %v, valid %v", where, res.Complete, res.Valid)
				}
			}
		})
	}
}

func one() loose { return loosely("1.0", "sha256") }

func TestVersionsAndAlgorithms(t *testing.T) {
	cases := map[string]ruleCase{
		"all at once":       valid(loosely("1.0", "md5", "sha1", "sha224", "sha256", "sha384", "sha512")),
		"version 0.92":      invalid(loosely("0.92", "sha256").with("package-info.txt", "Payload-Oxum: 12.2\n"), ReasonVersion),
		"version 1.1":       invalid(loosely("1.1", "sha256"), ReasonVersion),
		"version 2":         invalid(one().with("bagit.txt", "BagIt-Version: 2\nTag-File-Character-Encoding: UTF-8\n"), ReasonDeclaration),
		"unknown algorithm": invalid(one().with("manifest-crc32.txt", "00000000  data/a.txt\n"), ReasonAlgorithm),
		"no manifest":       invalid(one().with("manifest-sha256.txt", ""), ReasonManifest),
		"no payload folder": {loose{"bagit.txt": declaration, "manifest-md5.txt": "\n"}, []Reason{ReasonNoData}, []Reason{ReasonLegacy}, false},
	}
	for _, alg := range []string{"md5", "sha1", "sha224", "sha256", "sha384", "sha512"} {
		cases[alg] = valid(loosely("1.0", alg))
	}
	for _, v := range []string{"0.93", "0.94", "0.95"} {
		old := loosely(v, "md5")
		old["package-info.txt"] = old["bag-info.txt"]
		delete(old, "bag-info.txt")
		cases["version "+v] = valid(old.tagged("md5"))
		wrong := loosely(v, "sha256").with("bag-info.txt", "", "package-info.txt", "Payload-Oxum: 13.2\n")
		cases["package-info of "+v] = invalid(wrong, ReasonOxum)
	}
	for _, v := range []string{"0.96", "0.97"} {
		cases["version "+v] = valid(loosely(v, "md5"))
	}
	runRules(t, cases)
}

func TestDeclaration(t *testing.T) {
	const enc = "Tag-File-Character-Encoding: UTF-8\n"
	with := func(s string) loose { return one().with("bagit.txt", s) }
	old := func(s string) loose {
		return loosely("0.96", "sha256").with("bagit.txt", s)
	}
	runRules(t, map[string]ruleCase{
		"lines end with CRLF":   valid(with("BagIt-Version: 1.0\r\nTag-File-Character-Encoding: UTF-8\r\n")),
		"lines end with CR":     valid(with("BagIt-Version: 1.0\rTag-File-Character-Encoding: UTF-8\r")),
		"last line open":        valid(with("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8")),
		"label in another case": valid(with("BagIt-version: 1.0\n" + enc)),
		"byte-order mark":       invalid(with("\ufeff"+declaration), ReasonBOM),
		"UTF-16":                invalid(with(utf16Text(declaration, true)), ReasonDeclaration),
		"UTF-16, no mark":       invalid(with(utf16Text(declaration, false)), ReasonDeclaration),
		"one line":              invalid(with("BagIt-Version: 1.0\n"), ReasonDeclaration),
		"three lines":           invalid(with(declaration+"More: x\n"), ReasonDeclaration),
		"blank third line":      invalid(with(declaration+"\n"), ReasonDeclaration),
		"wrong order":           invalid(with(enc+"BagIt-Version: 1.0\n"), ReasonDeclaration),
		"space before colon":    invalid(with("BagIt-Version : 1.0\n"+enc), ReasonDeclaration),
		"two spaces":            invalid(with("BagIt-Version:  1.0\n"+enc), ReasonDeclaration),
		"no space":              invalid(with("BagIt-Version:1.0\n"+enc), ReasonDeclaration),
		"indented":              invalid(with(" BagIt-Version: 1.0\n"+enc), ReasonDeclaration),
		"huge number":           invalid(with("BagIt-Version: 99999999999999999999.0\n"+enc), ReasonDeclaration),
		"not text":              invalid(with("\xff\xfe\x00\x01"), ReasonDeclaration),
		"no encoding":           invalid(with("BagIt-Version: 1.0\nTag-File-Character-Encoding: \n"), ReasonDeclaration),
		"unknown encoding":      invalid(with("BagIt-Version: 1.0\nTag-File-Character-Encoding: EBCDIC\n"), ReasonEncoding),
		"loose in 0.96":         valid(old("BagIt-Version :  0.96\n" + enc + "\n")),
		"strict in 0.97":        invalid(loosely("0.97", "sha256").with("bagit.txt", "BagIt-Version :  0.97\n"+enc), ReasonDeclaration),
	})
}

func TestEncodings(t *testing.T) {
	asIs := func(s string) string { return s }
	latinBag := func() loose {
		b := loosely("0.97", "sha256")
		delete(b, "data/图片/一.jpg")
		b["data/café.txt"] = "not a photo"
		b["manifest-sha256.txt"] = latin(b.lines("sha256", "data/a.txt", "data/café.txt"))
		return b.with("bagit.txt", bagitFor+"ISO-8859-1\n")
	}
	marked := func(s string) string { return utf16Text(s, true) }
	bare := func(s string) string { return utf16Text(s, false) }
	little := func(s string) string {
		b := []byte(utf16Text(s, true))
		for i := 0; i < len(b); i += 2 {
			b[i], b[i+1] = b[i+1], b[i]
		}
		return string(b)
	}
	runRules(t, map[string]ruleCase{
		"UTF-8":                valid(inEncoding("utf-8", asIs)),
		"UTF-16, big":          valid(inEncoding("UTF-16", marked)),
		"UTF-16, little":       valid(inEncoding("UTF-16", little)),
		"UTF-16BE":             valid(inEncoding("UTF-16BE", bare)),
		"ISO-8859-1":           valid(latinBag()),
		"UTF-8 with a mark":    invalid(inEncoding("UTF-8", func(s string) string { return "\ufeff" + s }), ReasonBOM, ReasonBOM, ReasonBOM),
		"UTF-16BE with a mark": invalid(inEncoding("UTF-16BE", marked), ReasonBOM, ReasonBOM, ReasonBOM),
		"not UTF-8": invalid(one().with("bag-info.txt", "Contact-Name: \xff\n"),
			ReasonEncoding),
		"not UTF-16": invalid(inEncoding("UTF-16BE", func(s string) string { return bare(s) + "\xd8\x00\x00a" }),
			ReasonEncoding, ReasonEncoding, ReasonEncoding),
		"UTF-16 without a mark": invalid(inEncoding("UTF-16", bare),
			ReasonBOM, ReasonBOM, ReasonBOM),
	})
}
