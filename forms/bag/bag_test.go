package bag

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2024, 5, 30, 12, 0, 0, 0, time.UTC)

// sample is a small package with everything in it: stored and deflated files,
// an empty one, Chinese names.
func sample() Content {
	return Content{
		Name: "示例市科协-第1包",
		Info: []Tag{
			{"Source-Organization", "示例市科协"},
			{"Bagging-Date", "2024-06-01"},
			{"External-Identifier", "example-0001"},
			{"Bag-Count", "1 of 1"},
		},
		Files: []File{
			Bytes("图片/0101-启动仪式.jpg", bytes.Repeat([]byte{0xff, 0xd8, 7}, 100), noon),
			Bytes("report.json", bytes.Repeat([]byte(`{"unit":"示例市科协"}`+"\n"), 20), noon),
			Bytes("附件/空.pdf", nil, noon),
			Bytes("活动总结.docx", []byte("not really a document"), noon),
		},
	}
}

func write(t testing.TB, c Content) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "包.zip")
	if err := Write(t.Context(), path, c, nil); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, path string) *Bag {
	t.Helper()
	b, err := Open(path, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func verify(t testing.TB, b *Bag) Result {
	t.Helper()
	res, err := b.Verify(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestWrittenPackageIsValidAndReadsBack(t *testing.T) {
	c := sample()
	b := open(t, write(t, c))
	res := verify(t, b)
	want := Result{Complete: true, Valid: true, Files: 4, Bytes: 300 + 540 + 21}
	if diff := cmp.Diff(want, res); diff != "" {
		t.Fatal(diff)
	}
	if b.Name() != c.Name || b.Version() != "1.0" || b.Tag("payload-oxum") != "861.4" || b.Tag("Bag-Size") != "0.9 KB" {
		t.Errorf("name %q, version %q, tags %v", b.Name(), b.Version(), b.Tags())
	}
	if diff := cmp.Diff(c.Info, b.Tags()[:len(c.Info)]); diff != "" {
		t.Error(diff)
	}
	for _, f := range c.Files {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		want, _ := io.ReadAll(r)
		got := readPayload(t, b, f.Name)
		if !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, want %d", f.Name, len(got), len(want))
		}
	}
}

func readPayload(t testing.TB, b *Bag, name string) []byte {
	t.Helper()
	r, err := b.OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err := also(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestExtractGivesAValidFolder(t *testing.T) {
	b := open(t, write(t, sample()))
	dir := filepath.Join(t.TempDir(), "out")
	if err := b.Extract(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	folder := open(t, dir)
	if res := verify(t, folder); !res.Valid || res.Files != 4 || len(res.Findings) != 0 {
		t.Errorf("%+v", res)
	}
	got, err := os.ReadFile(filepath.Join(dir, "data", "图片", "0101-启动仪式.jpg"))
	if err != nil || len(got) != 300 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
