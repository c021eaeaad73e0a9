package xlsform_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"baosong/forms/xlsform"
)

// readScript reads all cells of the workbooks in the folder argv[2], argv[3]
// times, with argv[1] processes.
const readScript = `
import glob, sys, time
from multiprocessing import Pool
from openpyxl import load_workbook
def read(name):
    for ws in load_workbook(name, data_only=True):
        for row in ws.iter_rows(values_only=True):
            pass
if __name__ == "__main__":
    names = glob.glob(sys.argv[2] + "/*.xlsx") * int(sys.argv[3])
    start = time.perf_counter()
    if sys.argv[1] == "1":
        for n in names: read(n)
    else:
        with Pool(int(sys.argv[1])) as p: p.map(read, names, 10)
    print(time.perf_counter() - start)
`

// BenchmarkFill reads filled workbooks, 100 a time or as many as
// FILL_BENCH_BOOKS says, two at a time, and prints
// x/openpyxl: the time by that of openpyxl, which reads the cells and no more,
// one after the other, and x/openpyxl-2: by that of two processes of it.
func BenchmarkFill(b *testing.B) {
	const kinds = 10
	times := 10
	if s := os.Getenv("FILL_BENCH_BOOKS"); s != "" {
		books, err := strconv.Atoi(s)
		must(b, err)
		times = max(1, books/kinds)
	}
	n := builtIn(b)
	dir := b.TempDir()
	var books [][]byte
	for i := range kinds {
		a := example(b, n)
		must(b, a.Set("unit/unit_name", fmt.Sprintf("示例县第%d科协", i)))
		x := template(b, n)
		enter(b, x, n, a)
		var w bytes.Buffer
		_, err := x.WriteTo(&w)
		must(b, err)
		must(b, os.WriteFile(filepath.Join(dir, strconv.Itoa(i)+".xlsx"), w.Bytes(), 0o644))
		books = append(books, w.Bytes())
	}
	var ours time.Duration
	for b.Loop() {
		start := time.Now()
		var g errgroup.Group
		g.SetLimit(2)
		for i := range kinds * times {
			g.Go(func() error {
				_, _, err := xlsform.Fill(n, bytes.NewReader(books[i%kinds]))
				return err
			})
		}
		must(b, g.Wait())
		ours += time.Since(start)
	}
	ours /= time.Duration(b.N)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(ours.Milliseconds())/float64(kinds*times), "ms/book")
	for _, workers := range []string{"1", "2"} {
		out, err := exec.Command("/usr/bin/python3", "-c", readScript, workers, dir, strconv.Itoa(times)).Output()
		if err != nil {
			b.Logf("no openpyxl here to compare with: %v", err)
			return
		}
		seconds, err := strconv.ParseFloat(string(bytes.TrimSpace(out)), 64)
		must(b, err)
		unit := "x/openpyxl"
		if workers == "2" {
			unit += "-2"
		}
		b.ReportMetric(ours.Seconds()/seconds, unit)
	}
}
