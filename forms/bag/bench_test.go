package bag

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

// The benchmarks compare with tools at hand, in the same run and over the
// same files. BAG_BENCH_MB sets the payload, 300 MB unless told otherwise.
//
//	go test -run '^$' -bench 'Pack|Verify' -benchtime 5x ./forms/bag
func material(b *testing.B) (string, Content) {
	b.Helper()
	mb := 300
	if s := os.Getenv("BAG_BENCH_MB"); s != "" {
		if _, err := fmt.Sscan(s, &mb); err != nil {
			b.Fatal(err)
		}
	}
	dir := filepath.Join(b.TempDir(), "data")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	r := rand.NewChaCha8([32]byte{1})
	c := Content{Name: "报送"}
	buf := make([]byte, 3_500_000)
	for i := range max(1, mb*1e6/len(buf)) {
		_, _ = r.Read(buf)
		name := fmt.Sprintf("%04d.jpg", i)
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, buf, 0o644); err != nil {
			b.Fatal(err)
		}
		c.Files = append(c.Files, File{
			Name: name, Size: int64(len(buf)), SHA256: sha256.Sum256(buf), CRC32: crc32.ChecksumIEEE(buf), Modified: noon,
			Open: func() (io.ReadCloser, error) { return os.Open(path) },
		})
	}
	return dir, c
}

// best keeps the shortest of several times: on a machine that does other work
// too, the others measure that work.
type best time.Duration

func (t *best) add(d time.Duration) {
	if *t == 0 || d < time.Duration(*t) {
		*t = best(d)
	}
}

func (t best) by(other best) float64 { return float64(t) / float64(other) }

// beside runs a command, if there is one, and adds to spent.
func beside(b *testing.B, spent *time.Duration, name string, args ...string) bool {
	b.Helper()
	if _, err := exec.LookPath(name); err != nil {
		return false
	}
	cmd := exec.Command(name, args...)
	start := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v", name, err)
	}
	*spent += time.Since(start)
	return true
}

// report prints our best time, and how it relates to theirs.
func report(b *testing.B, ours, theirs best, unit string) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(time.Duration(ours).Milliseconds()), "ms")
	if theirs > 0 {
		b.ReportMetric(ours.by(theirs), unit)
	}
}

// bagitPython is the reference for packing, where the machine has it: the
// Library of Congress' own program, with two processes, then zip -0.
const bagitPython = "import bagit"

// BenchmarkPack prints x/bagit+zip: the time to write a package of files whose
// digests are known, as after deriving them, by that of bagit-python and zip -0
// over the same files, which do no fsync where Write does one; x/cp-r: by that
// of cp -r over the same files, to the same disk, both with fsync (by sync
// FILE…). With -nosync both are without, where Write is cut down to what it
// does before fsync; with -undigested the files have to be digested on the way.
func BenchmarkPack(b *testing.B) {
	dir, c := material(b)
	plain := c
	plain.Files = slices.Clone(c.Files)
	for i := range plain.Files {
		plain.Files[i].SHA256, plain.Files[i].CRC32 = [sha256.Size]byte{}, 0
	}
	to := filepath.Join(filepath.Dir(dir), "copy")
	var copies []string
	for _, f := range c.Files {
		copies = append(copies, filepath.Join(to, f.Name))
	}
	var ours, raw, undigested, cp, cpSync, theirs best
	python := exec.Command("python3", "-c", bagitPython).Run() == nil
	if !python {
		b.Log("no bagit-python here to compare with")
	}
	for b.Loop() {
		path := filepath.Join(filepath.Dir(dir), "p.zip")
		start := time.Now()
		if err := Write(b.Context(), path, c, nil); err != nil {
			b.Fatal(err)
		}
		ours.add(time.Since(start))
		raw.add(unsynced(b, path, c))
		undigested.add(unsynced(b, path, plain))
		if err := os.Remove(path); err != nil {
			b.Fatal(err)
		}
		var one time.Duration
		if beside(b, &one, "cp", "-r", dir, to) {
			cp.add(one)
			if beside(b, &one, "sync", copies...) {
				cpSync.add(one)
			}
		}
		one = 0
		if python && beside(b, &one, "python3", "-m", "bagit", "--quiet", "--sha256", "--processes", "2", to) &&
			beside(b, &one, "zip", "-0", "-q", "-r", path, to) {
			theirs.add(one)
		}
		if err := os.RemoveAll(to); err != nil {
			b.Fatal(err)
		}
	}
	report(b, ours, cpSync, "x/cp-r")
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys>>20), "MiB") // all that this process ever had
	if cp > 0 {
		b.ReportMetric(raw.by(cp), "x/cp-r-nosync")
		b.ReportMetric(undigested.by(cp), "x/cp-r-nosync-undigested")
	}
	if theirs > 0 {
		b.ReportMetric(ours.by(theirs), "x/bagit+zip")
		b.ReportMetric(raw.by(theirs), "x/bagit+zip-nosync")
		b.ReportMetric(undigested.by(theirs), "x/bagit+zip-nosync-undigested")
	}
}

// unsynced times all of Write but the file's way to the disk.
func unsynced(b *testing.B, path string, c Content) time.Duration {
	files, err := c.check()
	if err != nil {
		b.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	err = newWriter(context.Background(), f, c, nil).write(files)
	if err := also(err, f.Close()); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// BenchmarkVerify prints x/openssl: the time to verify a package, all of it,
// by that of openssl dgst -sha256 over the same files unpacked.
func BenchmarkVerify(b *testing.B) {
	dir, c := material(b)
	path := filepath.Join(b.TempDir(), "p.zip")
	if err := Write(b.Context(), path, c, nil); err != nil {
		b.Fatal(err)
	}
	args := []string{"dgst", "-sha256"}
	for _, f := range c.Files {
		args = append(args, filepath.Join(dir, f.Name))
	}
	var ours, theirs best
	for b.Loop() {
		start := time.Now()
		bag, err := Open(path, Limits{})
		if err != nil {
			b.Fatal(err)
		}
		res := verify(b, bag)
		if err := bag.Close(); err != nil || !res.Valid {
			b.Fatal(err, res.Findings)
		}
		ours.add(time.Since(start))
		var one time.Duration
		if beside(b, &one, "openssl", args...) {
			theirs.add(one)
		}
	}
	report(b, ours, theirs, "x/openssl")
}

// BenchmarkOpen is the cost of a look at what is in a package.
func BenchmarkOpen(b *testing.B) {
	_, c := material(b)
	path := filepath.Join(b.TempDir(), "p.zip")
	if err := Write(b.Context(), path, c, nil); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		bag, err := Open(path, Limits{})
		if err != nil {
			b.Fatal(err)
		}
		if err := bag.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
