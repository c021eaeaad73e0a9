package bag

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// filesBelow lists the files below a folder, slash-separated.
func filesBelow(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestExtractOnlyWhatIsValid(t *testing.T) {
	for name, tc := range map[string]struct {
		zip  []byte
		want Reason
	}{
		"content changed": {one().with("data/a.txt", "b").zip(t), ReasonChecksum},
		"file missing":    {one().with("data/a.txt", "").zip(t), ReasonMissing},
		"not listed":      {one().with("data/evil.exe", "x", "bag-info.txt", "").zip(t), ReasonUnlisted},
		"wrong CRC":       {makeZip(aBag()...).local(2, atCRC, 1).central(2, atCRC, 1).b, ReasonCRC},
	} {
		b, err := openBytes(tc.zip, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		parent := t.TempDir()
		err = b.Extract(t.Context(), filepath.Join(parent, "x"), nil)
		e, ok := errors.AsType[*InvalidError](err)
		if !ok || !slices.ContainsFunc(e.Result.Findings, func(f Finding) bool { return f.Reason == tc.want }) {
			t.Errorf("%s: %v", name, err)
		}
		if l := left(t, filepath.Join(parent, "x")); len(l) > 0 {
			t.Errorf("%s: left behind %v", name, l)
		}
	}
}

func TestExtractRefusesNamesSomeSystemCannotHold(t *testing.T) {
	for _, name := range []string{"aux.txt", "a:stream", "a ", "x\n", "a?"} {
		z := makeZip(
			ent{name: "b/bagit.txt", content: "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"},
			ent{name: "b/manifest-sha256.txt", content: sumA + "  data/" + strings.ReplaceAll(name, "\n", "%0A") + "\n"},
			ent{name: "b/data/" + name, content: "a"},
		)
		b, err := openBytes(z.b, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if res := verify(t, b); !res.Valid {
			t.Errorf("%q: %v", name, res.Findings)
		}
		dir := filepath.Join(t.TempDir(), "x")
		err = b.Extract(t.Context(), dir, nil)
		if err == nil || reasonOf(t, err) != ReasonName || len(left(t, dir)) > 0 {
			t.Errorf("%q: %v, %v", name, err, left(t, dir))
		}
	}
}

func TestExtractIntoAFolderThatIsThere(t *testing.T) {
	b := open(t, write(t, sample()))
	dir := t.TempDir()
	if err := b.Extract(t.Context(), dir, nil); !errors.Is(err, fs.ErrExist) {
		t.Errorf("%v", err)
	}
	if err := b.Extract(t.Context(), filepath.Join(dir, "no", "such"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no parent: %v", err)
	}
	if l := filesBelow(t, dir); len(l) > 0 {
		t.Errorf("%v", l)
	}
}

func TestExtractCancelledLeavesNothing(t *testing.T) {
	c := sample()
	c.Files = append(c.Files, Bytes("大.mp4", make([]byte, 3<<20), noon))
	b := open(t, write(t, c))
	dir := filepath.Join(t.TempDir(), "x")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := b.Extract(ctx, dir, func(done, _ int64) {
		if done > 1<<20 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || len(left(t, dir)) > 0 {
		t.Errorf("%v, %v", err, left(t, dir))
	}
	if _, err := b.Verify(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("verify: %v", err)
	}
}

func TestExtractFromAFolderCopiesIt(t *testing.T) {
	dir := one().folder(t)
	to := filepath.Join(t.TempDir(), "copy")
	if err := open(t, dir).Extract(t.Context(), to, nil); err != nil {
		t.Fatal(err)
	}
	if got, want := filesBelow(t, to), filesBelow(t, dir); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestFoldersThatAreRefused(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "none"), Limits{}); err == nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
	if _, err := Open(t.TempDir(), Limits{}); err == nil || reasonOf(t, err) != ReasonNotBag {
		t.Errorf("empty: %v", err)
	}
	for name, lim := range map[string]Limits{
		"entries": {Entries: 5}, "bytes": {TotalBytes: 20}, "depth": {Depth: 2}, "names": {NameBytes: 10},
	} {
		if _, err := Open(one().folder(t), lim); err == nil || reasonOf(t, err) != ReasonLimit {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, target := range map[string]string{"file": "/etc/hostname", "folder": "/etc", "inside": "a.txt", "nowhere": "none"} {
		dir := one().folder(t)
		link := filepath.Join(dir, "data", "link")
		err := os.Symlink(target, link)
		if st, lerr := os.Lstat(link); err != nil || lerr != nil || st.Mode()&fs.ModeSymlink == 0 {
			t.Logf("no links on this system: %v, %v", err, lerr)
			break
		}
		if _, err := Open(dir, Limits{}); err == nil || reasonOf(t, err) != ReasonLink {
			t.Errorf("link to %s: %v", name, err)
		}
	}
	// Twins can only be on a disk that tells them apart.
	dir := one().folder(t)
	if err := os.WriteFile(filepath.Join(dir, "data", "A.TXT"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if len(filesBelow(t, dir)) == len(one())+1 {
		if _, err := Open(dir, Limits{}); err == nil || reasonOf(t, err) != ReasonTwin {
			t.Errorf("twins: %v", err)
		}
	}
	if runtime.GOOS == "linux" {
		dir := one().folder(t)
		if err := os.WriteFile(filepath.Join(dir, "data", "\xff"), nil, 0o644); err == nil {
			if _, err := Open(dir, Limits{}); err == nil || reasonOf(t, err) != ReasonPath {
				t.Errorf("name that is no text: %v", err)
			}
		}
	}
}

// A file that grows or shrinks between opening and verifying is noticed.
func TestFolderThatChangesMeanwhile(t *testing.T) {
	for _, now := range []string{"", "aaaa"} {
		dir := one().folder(t)
		b := open(t, dir)
		if err := os.WriteFile(filepath.Join(dir, "data", "a.txt"), []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := errorsOf(verify(t, b)); !slices.Equal(got, []Reason{ReasonSize}) {
			t.Errorf("now %q: %v", now, got)
		}
	}
}

func TestZipsOfOtherShapes(t *testing.T) {
	var flat []ent
	for _, e := range aBag() {
		e.name = strings.TrimPrefix(e.name, "b/")
		flat = append(flat, e)
	}
	path := filepath.Join(t.TempDir(), "平铺.zip")
	if err := os.WriteFile(path, makeZip(flat...).b, 0o644); err != nil {
		t.Fatal(err)
	}
	b := open(t, path)
	if res := verify(t, b); !res.Valid || b.Name() != "平铺" {
		t.Errorf("no top folder: %+v, named %q", res, b.Name())
	}
	if _, err := b.OpenFile("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such file: %v", err)
	}
	folders := append([]ent{{name: "b/"}, {name: "b/data/", host: 3, mode: 0o040755}}, aBag()...)
	if got := outcome(t, makeZip(folders...).b, Limits{}); got != nil {
		t.Errorf("with entries for folders: %v", got)
	}
	empty := []ent{{name: "b/bagit.txt", content: declaration}, {name: "b/manifest-md5.txt"}, {name: "b/data/"}}
	if got := outcome(t, makeZip(empty...).b, Limits{}); got != nil {
		t.Errorf("empty payload: %v", got)
	}
	commented := makeZip(aBag()...)
	le.PutUint16(commented.b[commented.end+20:], 5)
	if got := outcome(t, append(commented.b, "hello"...), Limits{}); got != nil {
		t.Errorf("archive comment: %v", got)
	}
	if got := outcome(t, makeZip(aBag()...).zip64().b, Limits{}); got != nil {
		t.Errorf("ZIP64: %v", got)
	}
	wide := func(usize, csize uint64) []byte {
		x := field16(extraZip64, string(le.AppendUint64(le.AppendUint64(nil, usize), csize)))
		z := makeZip(aBag(ent{name: "b/notes", content: "12345", extra: x})...)
		for _, at := range []int{atCSize, atUSize} {
			z.local(3, at, 0xffffffff).central(3, at, 0xffffffff)
		}
		return z.b
	}
	if got := outcome(t, wide(5, 5), Limits{}); got != nil {
		t.Errorf("ZIP64 sizes: %v", got)
	}
	for _, n := range []uint64{4, 6, 1 << 40, 1 << 62, 1<<63 - 1, 1 << 63, 1<<64 - 1} {
		if got := outcome(t, wide(n, n), Limits{}); got == nil {
			t.Errorf("ZIP64 sizes of %d for 5: not seen", n)
		}
	}
	for at := range lenEnd64 + lenLoc64 {
		z := makeZip(aBag()...).zip64()
		z.b[z.end-lenLoc64-lenEnd64+at] ^= 0x10
		if got := outcome(t, z.b, Limits{}); got == nil && (at < 12 || at > 15) { // versions say nothing
			t.Errorf("ZIP64 end record changed at %d: not seen", at)
		}
	}
}
