package submit

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"baosong/assets"
	"baosong/forms"
)

// profileKeys are those of a BagIt profile (bagit-profiles 1.4), with whether
// a profile must have them.
var profileKeys = map[string]bool{
	"BagIt-Profile-Info": true, "Bag-Info": false, "Manifests-Required": false, "Manifests-Allowed": false,
	"Allow-Fetch.txt": false, "Fetch.txt-Required": false, "Data-Empty": false, "Serialization": true, "Accept-Serialization": false,
	"Accept-BagIt-Version": true, "Tag-Manifests-Required": false, "Tag-Manifests-Allowed": false, "Tag-Files-Required": false,
	"Tag-Files-Allowed": false, "Payload-Files-Required": false, "Payload-Files-Allowed": false,
}

func TestProfileIsOne(t *testing.T) {
	b, err := fs.ReadFile(assets.Profile(), "profile.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for key := range all {
		if _, known := profileKeys[key]; !known {
			t.Errorf("%s is not in the specification", key)
		}
	}
	for key, must := range profileKeys {
		if must && all[key] == nil {
			t.Errorf("no %s", key)
		}
	}
	var p struct {
		Info   map[string]string         `json:"BagIt-Profile-Info"`
		Tags   map[string]map[string]any `json:"Bag-Info"`
		Serial string                    `json:"Serialization"`
		Accept []string                  `json:"Accept-Serialization"`
	}
	if err := json.Unmarshal(b, &p); err != nil {
		t.Fatal(err)
	}
	if p.Info["BagIt-Profile-Identifier"] != ProfileID || p.Info["BagIt-Profile-Version"] != "1.4.0" {
		t.Errorf("the profile names itself %q", p.Info)
	}
	for _, key := range []string{"Source-Organization", "External-Description", "Version"} {
		if p.Info[key] == "" {
			t.Errorf("BagIt-Profile-Info has no %s", key)
		}
	}
	for label, rule := range p.Tags {
		for key := range rule {
			if !slices.Contains([]string{"required", "values", "repeatable", "description", "recommended"}, key) {
				t.Errorf("%s: %s is not in the specification", label, key)
			}
		}
	}
	if p.Serial != "required" || !slices.Equal(p.Accept, []string{"application/zip"}) {
		t.Errorf("serialization is %s of %s", p.Serial, p.Accept)
	}
}

// resealed lets change work on an unpacked package, and makes Payload-Oxum and
// the manifests fit again: the bag stays valid, whatever the profile says.
func resealed(t *testing.T, p *Package, change func(dir string)) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "unpacked")
	if err := p.Extract(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	change(dir)
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.ReadFile(filepath.Join(dir, "bag-info.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var octets, streams int64
	each(t, dir, "data", func(_ string, b []byte) { octets += int64(len(b)); streams++ })
	oxum := fmt.Sprintf("Payload-Oxum: %d.%d", octets, streams)
	put("bag-info.txt", regexp.MustCompile(`Payload-Oxum: [0-9.]+`).ReplaceAllString(string(info), oxum))
	put("manifest-sha256.txt", sums(t, dir, "data", sha256.New))
	put("tagmanifest-sha256.txt", sums(t, dir, ".", sha256.New))
	return dir
}

// each calls do for the files below the folder data, or beside it.
func each(t *testing.T, dir, top string, do func(name string, content []byte)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), top, func(name string, d fs.DirEntry, err error) error {
		if err != nil || top == "." && name == "data" {
			return cmp.Or(err, fs.SkipDir)
		}
		if d.IsDir() || strings.HasPrefix(name, "tagmanifest-") {
			return nil
		}
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		do(name, b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sums are the lines of a manifest.
func sums(t *testing.T, dir, top string, alg func() hash.Hash) string {
	t.Helper()
	var out strings.Builder
	each(t, dir, top, func(name string, b []byte) {
		h := alg()
		h.Write(b)
		fmt.Fprintf(&out, "%x  %s\n", h.Sum(nil), name)
	})
	return out.String()
}

// TestReadHoldsToTheProfile changes valid packages into valid bags that are
// against our profile in one thing each.
func TestReadHoldsToTheProfile(t *testing.T) {
	k := newKit(t)
	k.activity("主题展览", 1)
	p := readAll(t, k.build(Options{}))[0]
	info := func(f func(string) string) func(string) {
		return func(dir string) {
			path := filepath.Join(dir, "bag-info.txt")
			b, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(path, []byte(f(string(b))), 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	without := func(label string) func(string) {
		return info(func(s string) string {
			var out strings.Builder
			for line := range strings.Lines(s) {
				if !strings.HasPrefix(line, label+":") {
					out.WriteString(line)
				}
			}
			return out.String()
		})
	}
	file := func(name, content string) func(string) {
		return func(dir string) {
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	drop := func(name string) func(string) {
		return func(dir string) {
			if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
				t.Fatal(err)
			}
		}
	}
	more := func(name string) func(string) {
		return func(dir string) {
			if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(path.Dir(name))), 0o755); err != nil {
				t.Fatal(err)
			}
			file(name, "x")(dir)
		}
	}
	if _, err := Read(t.Context(), resealed(t, p, func(string) {})); err != nil {
		t.Fatalf("unchanged: %v", err)
	}
	for want, change := range map[string]func(dir string){
		"no External-Identifier":          without("External-Identifier"),
		"no Bag-Count":                    without("Bag-Count"),
		"no Bagging-Date":                 without("Bagging-Date"),
		"no Payload-Oxum":                 without("Payload-Oxum"),
		"Bag-Count is there twice":        info(func(s string) string { return s + "Bag-Count: 1 of 1\n" }),
		"Bagging-Date is there twice":     info(func(s string) string { return "bagging-date: 2024-06-08\n" + s }),
		"manifest md5 is not allowed":     func(dir string) { file("manifest-md5.txt", sums(t, dir, "data", md5.New))(dir) },
		"fetch.txt is not allowed":        file("fetch.txt", "https://example.com/r 1 data/report.json\n"),
		"no file data/report.json":        drop("data/report.json"),
		"file data/安装.exe is not allowed": more("data/安装.exe"),
		"file data/图片/子/x is not allowed": more("data/图片/子/x"),
		"BagIt version 0.97":              file("bagit.txt", "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"),
		"tagmanifest sha1 is not allowed": func(dir string) { file("tagmanifest-sha1.txt", sums(t, dir, ".", sha1.New))(dir) },
	} {
		_, err := Read(t.Context(), resealed(t, p, change))
		if !errors.Is(err, ErrNotOurs) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestReportsFitTheirSchema holds the schema beside the profile against what
// is written and what is refused.
func TestReportsFitTheirSchema(t *testing.T) {
	schema := reportSchema(t)
	k := newKit(t)
	k.video(k.activity("主题展览", 2), 700_000)
	k.in.Late = true
	r := k.build(Options{Limit: 250_000}).Report
	r.Extra = map[string]json.RawMessage{"later": json.RawMessage(`{"x":1}`)}
	check := func(r *forms.Report) error {
		b, err := MarshalReport(r)
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(v)
	}
	for _, r := range []*forms.Report{r, sampleReport()} {
		if err := check(r); err != nil {
			t.Errorf("%#v", err)
		}
	}
	// What a schema cannot say: sums, and lengths in bytes.
	beyond := []string{"pieces too short", "long unit", "file outside", "no date", "bad question", "no answers"}
	for name, c := range badReports {
		r := sampleReport()
		c.change(r)
		if check(r) == nil && !slices.Contains(beyond, name) {
			t.Errorf("%s: refused when read, but fits the schema", name)
		}
	}
}

func reportSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := assets.Profile().Open("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	const id = "tag:baosong.example,2026:schema/report-1"
	if err := c.AddResource(id, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
