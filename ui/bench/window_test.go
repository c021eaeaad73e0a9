//go:build linux

package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// settle is how long a window is left alone before its memory and idleness are looked at.
const settle = 4 * time.Second

// built returns the path of a program that make bench-window has built.
func built(b *testing.B, variable string) string {
	b.Helper()
	path := os.Getenv(variable)
	if path == "" {
		b.Skip(variable + " names no program: run make bench-window")
	}
	return path
}

func median(d []time.Duration) float64 {
	slices.Sort(d)
	return d[len(d)/2].Seconds()
}

// The window is measured from the start of the process until something stands on its ground: an empty one is painted
// before. The hello-world has a label in Fyne's own face, and once more the size of our window.
func BenchmarkColdStart(b *testing.B) {
	baosong, hello := built(b, "BAOSONG"), built(b, "HELLO")
	s := newScreen(b)
	home := b.TempDir()
	var ours, theirs, large, work, helloWork []time.Duration
	for b.Loop() {
		for _, side := range []struct {
			into *[]time.Duration
			work *[]time.Duration
			path string
			args []string
		}{
			{&theirs, &helloWork, hello, nil}, {&ours, &work, baosong, nil}, {&large, &[]time.Duration{}, hello, []string{"1024", "700"}},
		} {
			p := s.start(b, home, side.path, side.args...)
			*side.into = append(*side.into, p.first)
			*side.work = append(*side.work, p.taken)
			p.stop()
		}
	}
	b.ReportMetric(median(ours)/median(theirs), "×hello")
	b.ReportMetric(median(ours)/median(large), "×hello-of-this-size")
	b.ReportMetric(median(work)/median(helloWork), "×hello-cpu") // says more than the clock on a busy machine
	b.ReportMetric(1000*median(ours), "ms")
	b.ReportMetric(1000*median(theirs), "hello-ms")
	b.ReportMetric(0, "ns/op")
}

func BenchmarkIdle(b *testing.B) {
	baosong, hello := built(b, "BAOSONG"), built(b, "HELLO")
	s := newScreen(b)
	home := b.TempDir()
	var memory, helloMemory float64
	var busy, helloBusy time.Duration
	measure := func(path string) (float64, time.Duration) {
		p := s.start(b, home, path)
		defer p.stop()
		time.Sleep(settle)
		before := p.cpu(b)
		time.Sleep(settle)
		return p.memory(b, "VmRSS:"), p.cpu(b) - before
	}
	for b.Loop() {
		var took time.Duration
		helloMemory, took = measure(hello)
		helloBusy += took
		memory, took = measure(baosong)
		busy += took
	}
	watched := float64(b.N) * settle.Seconds() // the processor's time is told in hundredths of a second
	b.ReportMetric(memory/helloMemory, "×hello-memory")
	b.ReportMetric(memory/(1<<20), "MiB")
	b.ReportMetric(helloMemory/(1<<20), "hello-MiB")
	b.ReportMetric(100*busy.Seconds()/watched, "%cpu")
	b.ReportMetric(100*helloBusy.Seconds()/watched, "hello-%cpu")
	b.ReportMetric(0, "ns/op")
}

// A draft with 200 photos of 12 megapixels, scrolled through from the first to the last, against the same program on
// its start page.
func BenchmarkPhotos(b *testing.B) {
	photos := built(b, "PHOTOS")
	if _, err := exec.LookPath("xdotool"); err != nil {
		b.Skip("no xdotool: install xdotool")
	}
	s := newScreen(b)
	dir := b.TempDir()
	data := filepath.Join(dir, "data")
	id, err := exec.Command(photos, data, "make", "200").Output()
	if err != nil {
		b.Fatal(err)
	}
	var empty, full, peak float64
	for b.Loop() {
		p := s.start(b, dir, photos, data)
		time.Sleep(settle)
		empty = p.memory(b, "VmRSS:")
		p.stop()
		p = s.start(b, dir, photos, data, string(id))
		time.Sleep(settle)
		for range 60 {
			s.do(b, "mousemove", "700", "450", "click", "--repeat", "20", "--delay", "5", "5") // the wheel
		}
		time.Sleep(settle)
		full, peak = p.memory(b, "VmRSS:"), p.memory(b, "VmHWM:")
		p.stop()
	}
	b.ReportMetric((full-empty)/(1<<20), "MiB-more")
	b.ReportMetric((peak-empty)/(1<<20), "MiB-more-at-most")
	b.ReportMetric(empty/(1<<20), "empty-MiB")
	b.ReportMetric(0, "ns/op")
}
