package xlsform_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"baosong/forms/xlsform"
)

// outcome is what a child process tells about reading a file.
type outcome struct {
	Read, Fill string // errors
	Peak       uint64 // of its memory, in bytes
}

const childFile = "BAOSONG_TEST_READ"

// TestReadInChild is run by the next test in a process of its own.
func TestReadInChild(t *testing.T) {
	name := os.Getenv(childFile)
	if name == "" {
		return
	}
	var o outcome
	say := func(err error) string {
		for _, kind := range []error{xlsform.ErrNoForm, xlsform.ErrNotWorkbook, xlsform.ErrOldFormat, xlsform.ErrPassword, xlsform.ErrTooLarge} {
			if errors.Is(err, kind) {
				return kind.Error()
			}
		}
		if _, ok := errors.AsType[xlsform.Problem](err); ok {
			return errBroken.Error()
		}
		return fmt.Sprint(err)
	}
	_, _, err := xlsform.ReadFile(name)
	o.Read = say(err)
	n := builtIn(t)
	f, err := os.Open(name)
	must(t, err)
	_, _, err = xlsform.Fill(n, f)
	o.Fill = say(err)
	must(t, f.Close())
	o.Peak = peak()
	must(t, json.NewEncoder(os.Stdout).Encode(o))
}

// peak returns the most memory that this process had: resident where the
// system tells, else all that the runtime ever asked for.
func peak() uint64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.Sys
	}
	_, after, _ := strings.Cut(string(b), "VmHWM:")
	kb, _ := strconv.ParseUint(strings.Fields(after)[0], 10, 64)
	return kb << 10
}

// maxMemory is what reading any file may take at the most.
const maxMemory = 256 << 20

// readInChild writes a file and reads it in a process of its own. It returns
// what came of it and the seconds of processor time that it took.
func readInChild(t testing.TB, name string, write func(io.Writer) error) (o outcome, seconds float64) {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	f, err := os.Create(name)
	must(t, err)
	must(t, errors.Join(write(f), f.Close()))
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestReadInChild$")
	cmd.Env = append(os.Environ(), childFile+"="+name)
	cmd.Stderr = os.Stderr
	b, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	must(t, json.NewDecoder(bytes.NewReader(b)).Decode(&o))
	return o, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
}

// BenchmarkHostile tells how long each hostile file takes, read both as a
// notice and as a filled workbook, in a process of its own, and its memory.
// The aims are 2 s and 256 MiB.
func BenchmarkHostile(b *testing.B) {
	for _, h := range hostile {
		b.Run(h.name, func(b *testing.B) {
			var most, seconds float64
			for b.Loop() {
				o, s := readInChild(b, h.name, h.write)
				most, seconds = max(most, float64(o.Peak)/(1<<20)), max(seconds, s)
			}
			b.ReportMetric(most, "MiB")
			b.ReportMetric(seconds, "cpu-s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
