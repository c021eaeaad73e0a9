package submit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"baosong/assets"
	"baosong/forms"
	"baosong/forms/bag"
)

func TestNewRef(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		r := NewRef()
		if !regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{16}$`).MatchString(r.ID) || r.Revision != 1 || seen[r.ID] {
			t.Fatalf("ref is %+v", r)
		}
		seen[r.ID] = true
	}
}

func sampleReport() *forms.Report {
	return &forms.Report{
		Format: forms.ReportFormat, Submission: forms.SubmissionRef{ID: "0EXAMPLE0EXAMPLE", Revision: 2},
		Created: time.Date(2024, 6, 8, 10, 0, 0, 0, time.UTC), Notice: forms.NoticeRef{ID: "sample-2024", Title: "<示例&>"},
		Unit: forms.Unit{Name: "示例大学"}, Answers: &forms.Answers{Values: map[string]string{"a": "1"}}, Program: "test",
		Materials: []forms.Packed{{ID: "x", Question: "a[1]/b", File: "data/图片/0101.jpg", Part: 1, Size: 3, SHA256: strings.Repeat("0a", 32)}},
	}
}

// TestReportKeepsWhatItDoesNotKnow reads a report of a newer minor version.
func TestReportKeepsWhatItDoesNotKnow(t *testing.T) {
	r := sampleReport()
	r.Extra = map[string]json.RawMessage{"signature": json.RawMessage(`{"by":"示例","over":[1,2]}`), "format": json.RawMessage(`"evil"`)}
	b, err := MarshalReport(r)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte("<示例&>")) || bytes.Contains(b, []byte("evil")) {
		t.Errorf("report is %s", b)
	}
	got, err := UnmarshalReport(b)
	if err != nil {
		t.Fatal(err)
	}
	again, err := MarshalReport(got)
	if err != nil || !bytes.Equal(b, again) {
		t.Errorf("read and written again, it is %s, %v", again, err)
	}
	delete(r.Extra, "format")
	var compact bytes.Buffer
	if err := json.Compact(&compact, got.Extra["signature"]); err != nil || compact.String() != string(r.Extra["signature"]) {
		t.Errorf("signature is %s, %v", compact.String(), err)
	}
	got.Extra, r.Extra = nil, nil
	if diff := cmp.Diff(r, got); diff != "" {
		t.Error(diff)
	}
}

// TestReportKeepsWhatItDoesNotKnowAnywhere puts a member of a later version
// into every object of a report but the answers, which have a shape of their
// own.
func TestReportKeepsWhatItDoesNotKnowAnywhere(t *testing.T) {
	r := sampleReport()
	r.Materials = append(r.Materials, r.Materials[0])
	m := &r.Materials[1]
	m.Pieces = []forms.Piece{{File: "data/x.001", Part: 1, Size: 1, SHA256: m.SHA256}, {File: "data/x.002", Part: 2, Size: 2, SHA256: m.SHA256}}
	plain, err := MarshalReport(r)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(plain, &tree); err != nil {
		t.Fatal(err)
	}
	added := 0
	var add func(v any)
	add = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				if name != "answers" {
					add(inner)
				}
			}
			v["later"] = map[string]any{"n": json.Number("12345678901234567890"), "unit": "示例"}
			added++
		case []any:
			for _, inner := range v {
				add(inner)
			}
		}
	}
	add(tree)
	newer, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	got, err := UnmarshalReport(newer)
	if err != nil {
		t.Fatal(err)
	}
	again, err := MarshalReport(got)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(again, []byte(`"n": 12345678901234567890`)); n != added || added != 8 {
		t.Errorf("%d of %d members are left", n, added)
	}
	var back map[string]any
	dec := json.NewDecoder(bytes.NewReader(again))
	dec.UseNumber()
	if err := dec.Decode(&back); err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{tree, back} { // numbers alike
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b, newer) {
			t.Errorf("written again, it is %s", b)
		}
	}
	got.Extra = nil
	if diff := cmp.Diff(r, got); diff != "" {
		t.Error(diff)
	}
}

// badReports are changes that make a report wrong, and the error they give.
var badReports = map[string]struct {
	change func(*forms.Report)
	want   error
}{
	"newer":          {func(r *forms.Report) { r.Format = "baosong-report/2" }, ErrNewer},
	"other format":   {func(r *forms.Report) { r.Format = "tps-report" }, ErrReport},
	"id a path":      {func(r *forms.Report) { r.Submission.ID = "../../../etc" }, ErrReport},
	"no id":          {func(r *forms.Report) { r.Submission.ID = "" }, ErrReport},
	"revision 0":     {func(r *forms.Report) { r.Submission.Revision = 0 }, ErrReport},
	"notice a path":  {func(r *forms.Report) { r.Notice.ID = "a/b" }, ErrReport},
	"long unit":      {func(r *forms.Report) { r.Unit.Name = strings.Repeat("长", 1000) }, ErrReport},
	"no answers":     {func(r *forms.Report) { r.Answers = nil }, ErrReport},
	"no date":        {func(r *forms.Report) { r.Created = time.Time{} }, ErrReport},
	"file outside":   {func(r *forms.Report) { r.Materials[0].File = "data/../../x" }, ErrReport},
	"file not data":  {func(r *forms.Report) { r.Materials[0].File = "/etc/passwd" }, ErrReport},
	"file backslash": {func(r *forms.Report) { r.Materials[0].File = `data/..\x` }, ErrReport},
	"part 0":         {func(r *forms.Report) { r.Materials[0].Part = 0 }, ErrReport},
	"negative size":  {func(r *forms.Report) { r.Materials[0].Size = -1 }, ErrReport},
	"no digest":      {func(r *forms.Report) { r.Materials[0].SHA256 = "" }, ErrReport},
	"bad question":   {func(r *forms.Report) { r.Materials[0].Question = "a[0]" }, ErrReport},
	"pieces too short": {func(r *forms.Report) {
		r.Materials[0].Pieces = []forms.Piece{{File: "data/x.001", Part: 1, Size: 2, SHA256: r.Materials[0].SHA256}}
	}, ErrReport},
	"many materials": {func(r *forms.Report) { r.Materials = make([]forms.Packed, maxMaterials+1) }, ErrReport},
}

func TestUnmarshalReportRefuses(t *testing.T) {
	for name, c := range badReports {
		r := sampleReport()
		c.change(r)
		b, err := MarshalReport(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := UnmarshalReport(b); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, b := range map[string]string{
		"empty": "", "null": "null", "array": "[]", "cut": `{"format":"baosong-report/1"`, "latin1": "{\"format\":\"\xe4\"}",
		"big": strings.Repeat(" ", maxReport+1), "other case": `{"format":"baosong-report/1","Format":"x"}`,
		"deep": `{"format":"baosong-report/1","answers":` + strings.Repeat(`{"a":`, 100) + `{}` + strings.Repeat("}", 101),
	} {
		if _, err := UnmarshalReport([]byte(b)); !errors.Is(err, ErrReport) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzUnmarshalReport(f *testing.F) {
	for _, c := range badReports {
		r := sampleReport()
		if c.change(r); len(r.Materials) > 1000 {
			continue
		}
		if b, err := MarshalReport(r); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := UnmarshalReport(b)
		if err != nil {
			return
		}
		out, err := MarshalReport(r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := UnmarshalReport(out)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if last, err := MarshalReport(again); err != nil || !bytes.Equal(out, last) {
			t.Errorf("written twice, it differs: %v", err)
		}
	})
}

// tamper rewrites a package as a bag that is valid again, but changed.
func tamper(t *testing.T, path string, change func(*bag.Content)) string {
	t.Helper()
	b, err := bag.Open(path, bag.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	c := bag.Content{Name: b.Name()}
	for _, tag := range b.Tags() {
		if tag.Label != "Payload-Oxum" && tag.Label != "Bag-Size" {
			c.Info = append(c.Info, tag)
		}
	}
	for _, f := range b.Files() {
		text, err := readFile(b, f.Name, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		c.Files = append(c.Files, bag.Bytes(f.Name, text, time.Time{}))
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	change(&c)
	out := filepath.Join(t.TempDir(), "changed.zip")
	if err := bag.Write(context.Background(), out, c, nil); err != nil {
		t.Fatal(err)
	}
	return out
}

func replaceTag(label, value string) func(*bag.Content) {
	return func(c *bag.Content) {
		var tags []bag.Tag
		for _, t := range c.Info {
			if t.Label == label {
				if t.Value = value; value == "" {
					continue
				}
			}
			tags = append(tags, t)
		}
		c.Info = tags
	}
}

func replaceFile(part string, content string) func(*bag.Content) {
	return func(c *bag.Content) {
		var files []bag.File
		for _, f := range c.Files {
			if strings.Contains(f.Name, part) {
				if content == "" {
					continue
				}
				f = bag.Bytes(f.Name, []byte(content), time.Time{})
			}
			files = append(files, f)
		}
		c.Files = files
	}
}

// TestReadRefuses gives Read valid bags that are no honest packages.
func TestReadRefuses(t *testing.T) {
	k := newKit(t)
	k.activity("主题展览", 1)
	path := k.build(Options{}).Packages[0].Path
	if _, err := Read(t.Context(), tamper(t, path, func(*bag.Content) {})); err != nil {
		t.Fatalf("unchanged: %v", err)
	}
	for name, c := range map[string]struct {
		change func(*bag.Content)
		want   error
	}{
		"no profile":      {replaceTag("BagIt-Profile-Identifier", ""), ErrNotOurs},
		"other profile":   {replaceTag("BagIt-Profile-Identifier", "http://example.com/p.json"), ErrNotOurs},
		"no count":        {replaceTag("Bag-Count", ""), ErrNotOurs},
		"odd count":       {replaceTag("Bag-Count", "2 of 1"), ErrReport},
		"unknown count":   {replaceTag("Bag-Count", "1 of ?"), ErrReport},
		"other id":        {replaceTag("External-Identifier", "0OTHER00"), ErrReport},
		"other group":     {replaceTag("Bag-Group-Identifier", "0EXAMPLE0EXAMPLE-r2"), ErrReport},
		"no report":       {replaceFile("report.json", ""), ErrNotOurs},
		"broken report":   {replaceFile("report.json", "{"), ErrReport},
		"photo gone":      {replaceFile("图片", ""), ErrReport},
		"photo exchanged": {replaceFile("图片", "other"), ErrReport},
		"program added": {func(c *bag.Content) {
			c.Files = append(c.Files, bag.Bytes("安装.exe", []byte("MZ"), time.Time{}))
		}, ErrNotOurs},
	} {
		if _, err := Read(t.Context(), tamper(t, path, c.change)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestReadRefusesBrokenFiles(t *testing.T) {
	k := newKit(t)
	k.activity("主题展览", 1)
	path := k.build(Options{}).Packages[0].Path
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(whole)
	changed[len(changed)/2] ^= 1
	for name, b := range map[string][]byte{"cut": whole[:len(whole)/2], "changed": changed, "empty": {}, "text": []byte("hello")} {
		bad := filepath.Join(t.TempDir(), "bad.zip")
		if err := os.WriteFile(bad, b, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Read(t.Context(), bad)
		_, invalid := errors.AsType[*bag.InvalidError](err)
		if _, refused := errors.AsType[*bag.Error](err); !invalid && !refused {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(t.Context(), filepath.Join(t.TempDir(), "none.zip")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// TestReadFolder reads a package that somebody unpacked.
func TestReadFolder(t *testing.T) {
	k := newKit(t)
	k.activity("主题展览", 2)
	p := readAll(t, k.build(Options{}))[0]
	dir := filepath.Join(t.TempDir(), "unpacked")
	if err := p.Extract(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	got, err := Read(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if got.TagDigest != p.TagDigest || got.ReportDigest != p.ReportDigest || got.Part != 1 || got.Parts != 1 {
		t.Errorf("read from the folder %+v, from the zip %+v", got, p)
	}
}

func TestSortTellsRevisionsApart(t *testing.T) {
	k := newKit(t)
	k.video(k.activity("主题展览", 1), 300_000)
	var ps []*Package
	for rev := range 2 {
		k.in.Ref.Revision = rev + 1
		ps = append(ps, readAll(t, k.build(Options{Limit: 200_000}))...)
	}
	k.in.Created = k.in.Created.AddDate(0, 0, 1)
	ps = append(ps, readAll(t, k.build(Options{Limit: 200_000}))[0])
	sets := Sort(ps)
	if len(sets) != 3 {
		t.Fatalf("%d sets", len(sets))
	}
	for i, want := range []struct {
		rev    int
		latest bool
		whole  bool
	}{{1, false, true}, {2, true, true}, {2, true, false}} {
		s := sets[i]
		if s.Report.Submission.Revision != want.rev || s.Latest != want.latest || (len(s.Missing) == 0) != want.whole {
			t.Errorf("set %d is revision %d, latest %v, missing %v", i, s.Report.Submission.Revision, s.Latest, s.Missing)
		}
	}
}

// TestSchemaNamesEveryMember holds report.schema.json against the types.
func TestSchemaNamesEveryMember(t *testing.T) {
	type object struct {
		Properties map[string]struct {
			Properties map[string]any `json:"properties"`
			Items      struct {
				Properties map[string]any `json:"properties"`
			} `json:"items"`
		} `json:"properties"`
	}
	var schema struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	b, err := fs.ReadFile(assets.Profile(), "report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &schema); err != nil {
		t.Fatal(err)
	}
	material := schema.Defs["material"].Properties
	for name, c := range map[string]struct {
		of   reflect.Type
		have []string
	}{
		"report":     {reflect.TypeFor[forms.Report](), slices.Collect(maps.Keys(schema.Properties))},
		"submission": {reflect.TypeFor[forms.SubmissionRef](), slices.Collect(maps.Keys(schema.Properties["submission"].Properties))},
		"notice":     {reflect.TypeFor[forms.NoticeRef](), slices.Collect(maps.Keys(schema.Properties["notice"].Properties))},
		"unit":       {reflect.TypeFor[forms.Unit](), slices.Collect(maps.Keys(schema.Properties["unit"].Properties))},
		"material":   {reflect.TypeFor[forms.Packed](), slices.Collect(maps.Keys(material))},
		"piece":      {reflect.TypeFor[forms.Piece](), slices.Collect(maps.Keys(material["pieces"].Items.Properties))},
	} {
		var want []string
		for i := range c.of.NumField() {
			if tag, _, _ := strings.Cut(c.of.Field(i).Tag.Get("json"), ","); tag != "-" {
				want = append(want, tag)
			}
		}
		slices.Sort(want)
		slices.Sort(c.have)
		if diff := cmp.Diff(want, c.have); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
