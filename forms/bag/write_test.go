package bag

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestSameContentGivesSameBytes(t *testing.T) {
	a, b := sample(), sample()
	b.Files[0], b.Files[3] = b.Files[3], b.Files[0]
	for i, f := range b.Files {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, _ := io.ReadAll(r)
		b.Files[i].SHA256 = sha256.Sum256(content) // known before, or not
		if i%2 == 0 {
			b.Files[i].CRC32 = crc32.ChecksumIEEE(content)
		}
	}
	if !bytes.Equal(packageBytes(t, a), packageBytes(t, b)) {
		t.Error("the bytes depend on the order of files, or on digests being known")
	}
}

func TestMaxSizeIsAnUpperBound(t *testing.T) {
	c := sample()
	if got, most := int64(len(packageBytes(t, c))), c.MaxSize(); got > most {
		t.Errorf("%d bytes, at most %d", got, most)
	}
	c.Files = c.Files[:1] // a photo: only the small tag files are deflated
	c.Files[0] = Bytes("x.jpg", make([]byte, 1<<20), noon)
	if got, most := int64(len(packageBytes(t, c))), c.MaxSize(); got > most || most-got > 200 {
		t.Errorf("%d bytes, at most %d", got, most)
	}
}

// left tells what is in the folder of a package that was not to be written.
func left(t *testing.T, path string) []string {
	t.Helper()
	all, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

type broken struct{ readErr, closeErr error }

func (b broken) Read([]byte) (int, error) { return 0, b.readErr }
func (b broken) Close() error             { return b.closeErr }

func TestContentThatIsNotAsToldIsNamed(t *testing.T) {
	big := bytes.Repeat([]byte("photo"), 300_000)
	sum := sha256.Sum256(big)
	opens := func(b []byte) func() (io.ReadCloser, error) { return Bytes("", b, noon).Open }
	for _, name := range []string{"图片/x.jpg", "x.txt"} { // stored, and held in memory
		for what, f := range map[string]File{
			"other digest": {Size: 5, SHA256: sum, Open: opens([]byte("photo"))},
			"shorter":      {Size: 6, Open: opens([]byte("photo"))},
			"empty":        {Size: 1, Open: opens(nil)},
			"longer":       {Size: 4, Open: opens([]byte("photo"))},
			"longer large": {Size: int64(len(big) - 1), Open: opens(big)},
			"other large":  {Size: int64(len(big)), SHA256: [32]byte{1}, Open: opens(big)},
			"other check":  {Size: int64(len(big)), SHA256: sum, CRC32: 1, Open: opens(big)},
		} {
			f.Name = name
			c := sample()
			c.Files = append(c.Files, f)
			path := filepath.Join(t.TempDir(), "p.zip")
			err := Write(t.Context(), path, c, nil)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Reason != ReasonChanged || e.File != name {
				t.Errorf("%s, %s: %v", name, what, err)
			}
			if l := left(t, path); len(l) > 0 {
				t.Errorf("%s, %s: left behind %v", name, what, l)
			}
		}
	}
}

func TestUnreadableMaterialLeavesNothing(t *testing.T) {
	boom := errors.New("boom")
	for _, name := range []string{"x.jpg", "x.txt"} {
		for what, open := range map[string]func() (io.ReadCloser, error){
			"open":  func() (io.ReadCloser, error) { return nil, boom },
			"read":  func() (io.ReadCloser, error) { return broken{boom, nil}, nil },
			"close": func() (io.ReadCloser, error) { return broken{io.EOF, boom}, nil },
		} {
			c := sample()
			c.Files = append(c.Files, File{Name: name, Open: open})
			path := filepath.Join(t.TempDir(), "p.zip")
			err := Write(t.Context(), path, c, nil)
			if !errors.Is(err, boom) || !strings.Contains(err.Error(), name) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
			if l := left(t, path); len(l) > 0 {
				t.Errorf("%s, %s: left behind %v", name, what, l)
			}
		}
	}
}

func TestCancelLeavesWhatWasThere(t *testing.T) {
	c := sample()
	c.Files = append(c.Files, Bytes("影像/大.mp4", make([]byte, 5<<20), noon))
	path := filepath.Join(t.TempDir(), "p.zip")
	if err := os.WriteFile(path, []byte("the old one"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, at := range []int64{0, 1, 1 << 20, 5 << 20} {
		ctx, cancel := context.WithCancel(t.Context())
		if at == 0 {
			cancel()
		}
		err := Write(ctx, path, c, func(done, _ int64) {
			if done >= at {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled at %d: %v", at, err)
		}
		old, err := os.ReadFile(path)
		if err != nil || string(old) != "the old one" || len(left(t, path)) != 1 {
			t.Fatalf("cancelled at %d: %q, %v, %v", at, old, err, left(t, path))
		}
	}
	if err := Write(t.Context(), path, c, nil); err != nil {
		t.Fatal(err)
	}
	if b := open(t, path); !verify(t, b).Valid {
		t.Error("not replaced by a valid one")
	}
}

func TestProgressReachesTheTotal(t *testing.T) {
	c := sample()
	c.Files = append(c.Files, Bytes("大.mp4", make([]byte, 2<<20), noon))
	follow := func(name string, do func(progress func(done, total int64)) error) {
		var last, sum int64
		if err := do(func(done, total int64) {
			if done < last {
				t.Errorf("%s: progress from %d back to %d", name, last, done)
			}
			last, sum = done, total
		}); err != nil {
			t.Fatal(err)
		}
		if last != sum || sum < 2<<20 {
			t.Errorf("%s: progress ends at %d of %d", name, last, sum)
		}
	}
	path := filepath.Join(t.TempDir(), "p.zip")
	follow("write", func(p func(done, total int64)) error { return Write(t.Context(), path, c, p) })
	b := open(t, path)
	follow("verify", func(p func(done, total int64)) error { _, err := b.Verify(t.Context(), p); return err })
	follow("extract", func(p func(done, total int64)) error {
		return b.Extract(t.Context(), filepath.Join(t.TempDir(), "x"), p)
	})
}

func TestNamesAndTagsThatAreNotWritten(t *testing.T) {
	some := func(name string) File { return Bytes(name, []byte("x"), noon) }
	cases := map[string]struct {
		spoil func(c *Content)
		want  Reason
	}{
		"no files":      {func(c *Content) { c.Files = nil }, ReasonNoData},
		"twins by case": {func(c *Content) { c.Files = append(c.Files, some("REPORT.json")) }, ReasonTwin},
		"twice":         {func(c *Content) { c.Files = append(c.Files, some("report.json")) }, ReasonTwin},
		"file, folder":  {func(c *Content) { c.Files = append(c.Files, some("report.json/x")) }, ReasonTwin},
		"1 GiB":         {func(c *Content) { c.Files[0].Size = MaxFile }, ReasonLimit},
		"negative":      {func(c *Content) { c.Files[0].Size = -1 }, ReasonLimit},
		"4 GiB in all":  {func(c *Content) { c.Files = append(c.Files, fourGiB()...) }, ReasonLimit},
		"no content":    {func(c *Content) { c.Files[0].Open = nil }, ReasonRead},
		"oxum given":    {func(c *Content) { c.Info = append(c.Info, Tag{"Payload-oxum", "1.1"}) }, ReasonTag},
		"label":         {func(c *Content) { c.Info = append(c.Info, Tag{"A:b", "x"}) }, ReasonTag},
		"no label":      {func(c *Content) { c.Info = append(c.Info, Tag{"", "x"}) }, ReasonTag},
		"line break":    {func(c *Content) { c.Info = append(c.Info, Tag{"A", "x\ny"}) }, ReasonTag},
		"separator":     {func(c *Content) { c.Info = append(c.Info, Tag{"A", "x\u2028y"}) }, ReasonTag},
		"control":       {func(c *Content) { c.Info = append(c.Info, Tag{"A", "x\x1cy"}) }, ReasonTag},
		"padded, wide":  {func(c *Content) { c.Info = append(c.Info, Tag{"A", "x\u3000"}) }, ReasonTag},
		"padded":        {func(c *Content) { c.Info = append(c.Info, Tag{"A", " x"}) }, ReasonTag},
		"no UTF-8":      {func(c *Content) { c.Info = append(c.Info, Tag{"A", "\xff"}) }, ReasonTag},
		"top folder":    {func(c *Content) { c.Name = "a/b" }, ReasonName},
		"no top folder": {func(c *Content) { c.Name = "" }, ReasonName},
	}
	for _, name := range unwritable {
		cases["name "+name] = struct {
			spoil func(c *Content)
			want  Reason
		}{func(c *Content) { c.Files = append(c.Files, some(name)) }, ReasonName}
	}
	for name, tc := range cases {
		c := sample()
		tc.spoil(&c)
		path := filepath.Join(t.TempDir(), "p.zip")
		err := Write(t.Context(), path, c, nil)
		if err == nil {
			t.Errorf("%s: written", name)
			continue
		}
		if got := reasonOf(t, err); got != tc.want || len(left(t, path)) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// unwritable names cannot be files everywhere.
var unwritable = []string{
	"", ".", "..", "/a", "a/", "a//b", "a/./b", "a/../b", "../a", `a\b`, "~a", "C:a", "a\x00", "a\nb", "a\rb", "a\tb",
	"50%.txt", "a<b", "a>b", "a:b", `a"b`, "a|b", "a?b", "a*b", "a.", "a ", " a", "a/ b", "a./b",
	"con", "CON.txt", "aux.tar.gz", "nul", "prn.jpg", "com1", "LPT9.txt", "com¹.txt", "图片/Nul.jpg", "con .txt", "conin$",
	"$HOME.txt", "a\u3000", "\u3000a/b", "a\u2028b", "e\u0301.txt", "a\u202egpj.exe", "a\u200bb", "a\ufeffb", "\xff", "\ue000",
	strings.Repeat("长", 67) + ".jpg", strings.Repeat("a/", 90) + "b",
}

func fourGiB() []File {
	var fs []File
	for _, n := range "12345" {
		fs = append(fs, File{Name: string(n), Size: MaxFile - 1, Open: Bytes("", nil, noon).Open})
	}
	return fs
}

func TestTimesAreHeldInTheirRange(t *testing.T) {
	for _, at := range []time.Time{{}, time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC), noon, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
		c := sample()
		for i := range c.Files {
			c.Files[i].Modified = at
		}
		if !passes(t, packageBytes(t, c)) {
			t.Errorf("%v: not valid", at)
		}
	}
}

// Whatever the content, the package is valid, has the content, and is within
// its size.
func TestRoundTrips(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		c := Content{Name: SafeName(rapid.String().Draw(t, "top"), 20)}
		for _, l := range rapid.SliceOfN(rapid.StringMatching(`[A-Z][a-z-]{1,20}x`), 0, 4).Draw(t, "labels") {
			if tag := (Tag{l, rapid.StringN(0, 40, -1).Draw(t, "value")}); checkTag(tag) == nil {
				c.Info = append(c.Info, tag)
			}
		}
		seen := tree{}
		content := map[string][]byte{}
		for range rapid.IntRange(1, 8).Draw(t, "files") {
			name := SafeName(rapid.String().Draw(t, "name"), 30) + rapid.SampledFrom([]string{".jpg", ".txt", ".json", ".docx", ""}).Draw(t, "ext")
			if sub := rapid.SampledFrom([]string{"", "图片/", "附件/a/"}).Draw(t, "folder"); sub != "" {
				name = sub + name
			}
			if checkWritten(name) != nil || seen.add(name, false) != nil {
				continue
			}
			b := rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "content")
			content[name] = b
			c.Files = append(c.Files, Bytes(name, b, time.Unix(rapid.Int64Range(0, 1<<32).Draw(t, "time"), 0).UTC()))
		}
		if len(c.Files) == 0 {
			return
		}
		path := filepath.Join(dir, "p.zip")
		if err := Write(t.Context(), path, c, nil); err != nil {
			t.Fatal(err)
		}
		b, err := Open(path, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}()
		res, err := b.Verify(t.Context(), nil)
		if err != nil || !res.Valid || len(res.Findings) > 0 || res.Files != len(c.Files) {
			t.Fatalf("%+v, %v", res, err)
		}
		if b.Name() != c.Name || len(b.Tags()) != len(c.Info)+2 {
			t.Fatalf("%q, %q", b.Name(), b.Tags())
		}
		for i, tag := range c.Info {
			if b.Tags()[i] != tag {
				t.Fatalf("tag %q, want %q", b.Tags()[i], tag)
			}
		}
		for _, f := range b.Files() {
			if sha256.Sum256(content[f.Name]) != f.SHA256 || f.Size != int64(len(content[f.Name])) {
				t.Fatalf("%q is not as it was", f.Name)
			}
		}
		if st, err := os.Stat(path); err != nil || st.Size() > c.MaxSize() {
			t.Fatalf("%d bytes, at most %d, %v", st.Size(), c.MaxSize(), err)
		}
	})
}

// A larger package goes through every branch of the pipeline at once.
func TestManyFilesOfManySizes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	c := Content{Name: "大"}
	for i := range 300 {
		size := []int{0, 1, 100, chunkSize - 1, chunkSize, chunkSize + 1, 2*chunkSize + 7}[i%7]
		if i > 70 {
			size %= 1000
		}
		b := make([]byte, size)
		for j := range b {
			b[j] = byte(r.Uint32())
		}
		f := Bytes("图片/"+strings.Repeat("x", i%9)+string(rune('一'+i))+[]string{".jpg", ".txt"}[i%2], b, noon)
		if i%3 == 0 {
			f.SHA256 = sha256.Sum256(b)
		}
		c.Files = append(c.Files, f)
	}
	b := open(t, write(t, c))
	if res := verify(t, b); !res.Valid || res.Files != 300 {
		t.Errorf("%+v", res)
	}
}
