package eml

import (
	"bufio"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"baosong/mailer"
)

// largeMessage is a message with an attachment of 500 MB, in a file.
func largeMessage(b *testing.B) string {
	b.Helper()
	const size = 500_000_000
	path := filepath.Join(b.TempDir(), "large.eml")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	m := sample(mailer.Attachment{
		Name: "影像.mp4", MediaType: "video/mp4", Size: size,
		Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.LimitReader(rand.NewChaCha8([32]byte{}), size)), nil
		},
	})
	w := bufio.NewWriterSize(f, 64<<10)
	if err := Write(w, m); err != nil {
		b.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

const pythonParses = `
import email, email.policy, sys
with open(sys.argv[1], "rb") as f:
    m = email.message_from_binary_file(f, policy=email.policy.default)
for a in m.iter_attachments():
    print(len(a.get_payload(decode=True)))
`

// BenchmarkRead decodes an attachment of 500 MB out of a message, against
// Python's email package, and tells the memory it takes above the start.
func BenchmarkRead(b *testing.B) {
	path := largeMessage(b)
	python, perr := exec.LookPath("/usr/bin/python3")
	var ours, theirs time.Duration
	var most uint64
	for b.Loop() {
		at := time.Now()
		most = max(most, readLarge(b, path))
		ours += time.Since(at)
		if perr != nil {
			continue
		}
		at = time.Now()
		if out, err := exec.CommandContext(b.Context(), python, "-c", pythonParses, path).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		theirs += time.Since(at)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ours.Seconds()/float64(b.N), "s")
	b.ReportMetric(float64(most)/(1<<20), "MiB")
	if perr != nil {
		b.Log("no python3 of Debian: not compared")
		return
	}
	b.ReportMetric(theirs.Seconds()/float64(b.N), "python-s")
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "×python")
}

// readLarge returns how much memory reading takes above what there was.
func readLarge(b *testing.B, path string) uint64 {
	b.Helper()
	before, peak := memory(), uint64(0)
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	var n int64
	_, err = Read(f, func(p Part) error {
		buf := make([]byte, 64<<10)
		for next := int64(0); ; {
			k, err := p.Body.Read(buf)
			if n += int64(k); n >= next {
				peak, next = max(peak, memory()), n+8<<20
			}
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
		}
	})
	if err != nil || n != 500_000_000 {
		b.Fatalf("%d bytes, %v", n, err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return peak - min(peak, before)
}

// memory is what the process has from the system and has not given back.
func memory() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys - m.HeapReleased
}
