package media_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"baosong/forms/media"
)

// peakMiB is the most memory that the process pid has had, 0 where the system does not say.
func peakMiB(pid string) float64 {
	status, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kb), "kB")))
			return float64(n) / 1024
		}
	}
	return 0
}

// childrenMiB is the most memory that a child of this process has had.
func childrenMiB() float64 {
	most := 0.0
	all, _ := filepath.Glob("/proc/[0-9]*/status")
	for _, path := range all {
		b, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(b), fmt.Sprintf("\nPPid:\t%d\n", os.Getpid())) {
			most = max(most, peakMiB(filepath.Base(filepath.Dir(path))))
		}
	}
	return most
}

// askAll asks everything about each file in dir and prints the longest time in seconds, for which file, and the peaks of
// memory of this process and of its decoder. It is what BenchmarkBadInput runs in a process of its own.
func askAll(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	tools := media.Tools{Decoder: media.NewDecoder(self, media.DecodeCommand)}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return err
	}
	ctx := context.Background()
	for _, name := range []string{"plain.heic", "photo.avif"} { // the decoders are compiled now, as after the first photo
		if _, err := tools.Prepare(ctx, filepath.Join("testdata", name), io.Discard, media.Options{Edge: 64}); err != nil {
			return err
		}
	}
	worst, which := time.Duration(0), ""
	for _, path := range names {
		for _, ask := range []func() error{
			func() error { _, err := media.Probe(ctx, path); return err },
			func() error { _, err := tools.Prepare(ctx, path, io.Discard, media.Options{Edge: 1280}); return err },
			func() error {
				_, err := tools.Prepare(ctx, path, io.Discard, media.Options{Original: true})
				return err
			},
			func() error { _, err := tools.Thumbnail(ctx, path, 160); return err },
		} {
			start := time.Now()
			_ = ask() // the test of the same files looks at the answers
			if d := time.Since(start); d > worst {
				worst, which = d, filepath.Base(path)
			}
		}
	}
	fmt.Printf("%.3f %s %.0f %.0f\n", worst.Seconds(), which, peakMiB("self"), childrenMiB())
	return tools.Decoder.Close()
}

// cutPhotos are parts of photos as large as phones make them, the HEIC where there is something to make it.
func cutPhotos(b *testing.B, dir string) {
	b.Helper()
	jpg := grainy(b, 1)
	all := map[string][]byte{"12-megapixels.jpg": jpg}
	if enc, err := exec.LookPath("heif-enc"); err == nil {
		from, to := filepath.Join(b.TempDir(), "a.jpg"), filepath.Join(b.TempDir(), "a.heic")
		if err := os.WriteFile(from, jpg, 0o600); err != nil {
			b.Fatal(err)
		}
		if text, err := exec.Command(enc, "-q", "50", "-o", to, from).CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, text)
		}
		if all["12-megapixels.heic"], err = os.ReadFile(to); err != nil {
			b.Fatal(err)
		}
	}
	for name, data := range all {
		for part := 1; part < 16; part++ {
			path := filepath.Join(dir, fmt.Sprintf("cut-%d-16-%s", part, name))
			if err := os.WriteFile(path, data[:len(data)*part/16], 0o600); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkBadInput asks everything about some seven hundred bad files. Bars: two seconds and 512 MiB for each.
func BenchmarkBadInput(b *testing.B) {
	dir := b.TempDir()
	for name, f := range badFiles(b) {
		if err := os.WriteFile(filepath.Join(dir, name), f.data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	cutPhotos(b, dir)
	for b.Loop() {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "BAOSONG_BENCH_BAD="+dir)
		cmd.Stderr = os.Stderr
		text, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		var seconds, peak, decoder float64
		var which string
		if _, err := fmt.Sscan(string(text), &seconds, &which, &peak, &decoder); err != nil {
			b.Fatalf("%q: %v", text, err)
		}
		b.ReportMetric(seconds, "worst-s")
		b.ReportMetric(peak, "peak-MiB")
		b.ReportMetric(decoder, "decoder-peak-MiB")
		b.Logf("the longest answer was about %s", which)
	}
}
