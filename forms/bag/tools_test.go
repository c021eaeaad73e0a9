package bag

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/flate"
)

// run starts a tool of the system, and gives what it prints; false if the
// machine does not have it. .ci/need.sh installs those that are used here.
func run(t testing.TB, name string, args ...string) (string, bool) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Logf("%s is not here", name)
		return "", false
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out), true
}

// judged runs an independent checker of BagIt 1.0 over bags, and gives its
// verdicts, in order; nil where there is no Python.
func judged(t testing.TB, bags ...string) []string {
	t.Helper()
	out, ok := run(t, "python3", append([]string{filepath.Join("testdata", "bagcheck.py")}, bags...)...)
	if !ok {
		return nil
	}
	var verdicts []string
	for line := range strings.Lines(out) {
		_, verdict, _ := strings.Cut(strings.TrimSpace(line), "\t")
		verdicts = append(verdicts, verdict)
	}
	if len(verdicts) != len(bags) {
		t.Fatalf("%d verdicts on %d bags:\n%s", len(verdicts), len(bags), out)
	}
	return verdicts
}

// differently are bags of the rules that the independent checker, which knows
// nothing but RFC 8493 to the letter, judges otherwise: what is tolerated
// here, with a warning, for the sake of other writers.
var differently = []string{
	"md5sum's asterisk", "./ before names", "blank line",
}

// checkIndependently holds the rules against the independent checker, as far
// as they are those of 1.0.
func checkIndependently(t *testing.T, cases map[string]ruleCase) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return // not every name can be a file there
	}
	var names, folders []string
	for name, c := range cases {
		if strings.Contains(strings.ToLower(c.bag["bagit.txt"]), "bagit-version: 1.0") && !slices.Contains(differently, name) {
			names, folders = append(names, name), append(folders, c.bag.folder(t))
		}
	}
	for i, verdict := range judged(t, folders...) {
		if want := cases[names[i]].errors == nil; want != (verdict == "valid") {
			t.Errorf("%s: valid here is %v, the independent checker says: %s", names[i], want, verdict)
		}
	}
}

// TestIndependentChecker gives packages of ours, and broken ones, to a checker
// written from the RFC alone.
func TestIndependentChecker(t *testing.T) {
	path := write(t, sample())
	broken := parts(t, packageBytes(t, sample()))
	photo := slices.IndexFunc(broken, func(p part) bool { return strings.HasSuffix(p.h.name, ".jpg") })
	broken[photo].data = bytes.Clone(broken[photo].data)
	broken[photo].data[0] ^= 1
	broken[photo].h.crc = crc32.ChecksumIEEE(broken[photo].data)
	other := filepath.Join(t.TempDir(), "broken.zip")
	if err := os.WriteFile(other, rebuild(broken, straight), 0o644); err != nil {
		t.Fatal(err)
	}
	verdicts := judged(t, path, other)
	if verdicts == nil {
		return
	}
	if verdicts[0] != "valid" || !strings.HasSuffix(verdicts[1], "differs from its checksum") {
		t.Errorf("verdicts are %q", verdicts)
	}
}

// TestOtherToolsReadPackages opens a package with the tools people have.
func TestOtherToolsReadPackages(t *testing.T) {
	path := write(t, sample())
	var names []string
	for _, e := range parts(t, packageBytes(t, sample())) {
		names = append(names, e.h.name)
	}
	if out, ok := run(t, "unzip", "-l", path); ok {
		for _, n := range names {
			if !strings.Contains(out, n) {
				t.Errorf("unzip does not list %q:\n%s", n, out)
			}
		}
	}
	dir := t.TempDir()
	if _, ok := run(t, "unzip", "-q", path, "-d", dir); ok {
		have := filesBelow(t, dir)
		want := slices.Sorted(slices.Values(names))
		if slices.Sort(have); !slices.Equal(have, want) {
			t.Errorf("unzip made %q, want %q", have, want)
		}
	}
	if out, ok := run(t, "7z", "t", path); ok && (!strings.Contains(out, "Everything is Ok") || strings.Contains(strings.ToLower(out), "warning")) {
		t.Errorf("7z says:\n%s", out)
	}
	script := "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n" +
		"for i in z.infolist():\n  assert i.date_time >= (1980, 1, 1, 0, 0, 0) and i.external_attr >> 16 == 0o100644, i\n  print(i.filename)\n"
	if out, ok := run(t, "python3", "-X", "utf8", "-c", script, path); ok && !slices.Equal(strings.Split(strings.TrimSpace(out), "\n"), names) {
		t.Errorf("Python lists %q, want %q", out, names)
	}
}

// TestLocalHeadersAreEnough reads a package from its start to its end, as
// Java's ZipInputStream and others do that get it from a pipe: by local headers
// alone. Those of a stored entry with a data descriptor could not be read so.
func TestLocalHeadersAreEnough(t *testing.T) {
	c := sample()
	c.Files = append(c.Files, Bytes("影像/大.mp4", bytes.Repeat([]byte("PK\x03\x04"), 300_000), noon))
	le, want := binary.LittleEndian, map[string]string{}
	for _, f := range c.Files {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(r)
		want[c.Name+"/data/"+f.Name] = string(b)
	}
	r := bytes.NewReader(packageBytes(t, c))
	seen := 0
	for {
		var h [30]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			t.Fatal(err)
		}
		if le.Uint32(h[:]) == 0x02014b50 {
			break // the central directory
		}
		flags, method, crc := le.Uint16(h[6:]), le.Uint16(h[8:]), le.Uint32(h[14:])
		if le.Uint32(h[:]) != 0x04034b50 || flags&8 != 0 || le.Uint16(h[12:]) == 0 {
			t.Fatalf("entry %d has the header %x", seen, h)
		}
		name := make([]byte, le.Uint16(h[26:]))
		if _, err := io.ReadFull(r, name); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Seek(int64(le.Uint16(h[28:])), io.SeekCurrent); err != nil {
			t.Fatal(err)
		}
		var body io.Reader = io.LimitReader(r, int64(le.Uint32(h[18:])))
		if method == 8 {
			body = flate.NewReader(body)
		}
		b, err := io.ReadAll(body)
		if err != nil || len(b) != int(le.Uint32(h[22:])) || crc32.ChecksumIEEE(b) != crc {
			t.Fatalf("%s: %d bytes, %v", name, len(b), err)
		}
		if content, ok := want[string(name)]; ok && content != string(b) {
			t.Errorf("%s holds other content", name)
		}
		seen++
	}
	if seen != len(c.Files)+4 {
		t.Errorf("%d entries, want %d", seen, len(c.Files)+4)
	}
}
