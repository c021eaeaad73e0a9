package office

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"baosong/forms"
)

// openpyxlScript writes a workbook of argv[1] rows of 40 columns with argv[2]
// pictures, from the JPEG argv[3], to argv[4].
const openpyxlScript = `
import sys, time
from openpyxl import Workbook
from openpyxl.drawing.image import Image
from openpyxl.styles import Border, Side, Alignment, Font
rows, pics, jpeg, out = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
start = time.perf_counter()
wb = Workbook(); ws = wb.active
side = Side(style="thin"); border = Border(side, side, side, side); wrap = Alignment(wrap_text=True)
for r in range(1, rows + 1):
    for c in range(1, 41):
        cell = ws.cell(r, c, r * c if c % 4 == 0 else "示例内容%d-%d" % (r, c))
        cell.border = border; cell.alignment = wrap
for i in range(pics):
    ws.add_image(Image(jpeg + str(i) + ".jpg"), "AO%d" % (i + 1))
wb.save(out)
print(time.perf_counter() - start)
`

// python returns a Python that has openpyxl and its pictures, "" if none has.
func python() string {
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(name, "-c", "import openpyxl, PIL").Run() == nil {
			return name
		}
	}
	return ""
}

// wideForm asks for 40 short answers and a photo.
func wideForm(b *testing.B) *forms.Notice {
	var qs []*forms.Question
	for i := range 40 {
		t := forms.TypeText
		if i%4 == 0 {
			t = forms.TypeInteger
		}
		qs = append(qs, q("q"+strconv.Itoa(i), t, "题项"+strconv.Itoa(i)))
	}
	photos := q("photos", forms.TypeRepeat, "图片", q("photo", forms.TypeImage, "图片"))
	form := &forms.Form{Questions: []*forms.Question{q("all", forms.TypeRepeat, "填报", append(qs, photos)...)}}
	if err := form.Compile(); err != nil {
		b.Fatal(err)
	}
	return &forms.Notice{ID: "wide", Title: "示例", Form: form}
}

// wideReport has n entries, each with a photo.
func wideReport(n int) *forms.Report {
	r := &forms.Report{Answers: &forms.Answers{Repeats: map[string][]*forms.Answers{}}, Created: time.Unix(0, 0)}
	for i := range n {
		e := &forms.Answers{Values: map[string]string{}, Repeats: map[string][]*forms.Answers{}}
		for c := range 40 {
			e.Values["q"+strconv.Itoa(c)] = fmt.Sprintf("示例内容%d-%d", i, c)
			if c%4 == 0 {
				e.Values["q"+strconv.Itoa(c)] = strconv.Itoa(i * c)
			}
		}
		id := "p" + strconv.Itoa(i)
		e.Repeats["photos"] = []*forms.Answers{{Values: map[string]string{"photo": id}}}
		r.Answers.Repeats["all"] = append(r.Answers.Repeats["all"], e)
		r.Materials = append(r.Materials, forms.Packed{
			ID: id, Question: forms.Path(fmt.Sprintf("all[%d]/photos[1]/photo", i+1)), File: "data/图片/" + id + ".jpg", MIME: "image/jpeg",
		})
	}
	return r
}

// BenchmarkWorkbookWithPictures measures 2,000 rows × 40 columns with 2,000
// pictures against openpyxl, and 10,000 against five times 2,000.
func BenchmarkWorkbookWithPictures(b *testing.B) {
	n := wideForm(b)
	jpegs := make([][]byte, 10_000)
	for i := range jpegs {
		p, err := samplePicture(forms.Packed{ID: strconv.Itoa(i)})
		if err != nil {
			b.Fatal(err)
		}
		jpegs[i] = append(p, byte(i), byte(i>>8)) // no two are equal, all are one size or two
	}
	times := map[int]time.Duration{}
	write := func(rows int) time.Duration {
		r := wideReport(rows)
		in := Input{Notice: n, Report: r, MaxPictures: rows, Picture: func(m forms.Packed) ([]byte, error) {
			i, err := strconv.Atoi(m.ID[1:])
			return jpegs[i], err
		}}
		start := time.Now()
		if err := Workbook(io.Discard, in); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	for b.Loop() {
		times[2000] += write(2000)
	}
	times[2000] /= time.Duration(b.N)
	b.ReportMetric(float64(write(10_000))/float64(times[2000]), "10000/2000-pictures")
	reference(b, 2000, 2000, jpegs, times[2000])
}

// BenchmarkRollup measures 5,000 submissions, and 2,000 rows × 40 columns
// without pictures against openpyxl.
func BenchmarkRollup(b *testing.B) {
	n := wideForm(b)
	one := wideReport(1)
	entries := func(units int) iter.Seq2[Entry, error] {
		return func(yield func(Entry, error) bool) {
			for i := range units {
				if !yield(Entry{Unit: "示例单位" + strconv.Itoa(i), Report: one}, nil) {
					return
				}
			}
		}
	}
	write := func(units int) time.Duration {
		start := time.Now()
		if err := Rollup(io.Discard, n, entries(units)); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	var total time.Duration
	for b.Loop() {
		total += write(2000)
	}
	b.ReportMetric(float64(write(10_000))/float64(total/time.Duration(b.N)), "10000/2000-units")
	reference(b, 2000, 0, nil, total/time.Duration(b.N))
}

// reference runs openpyxl where the machine has it and reports the ratio.
func reference(b *testing.B, rows, pictures int, jpegs [][]byte, ours time.Duration) {
	py := python()
	if py == "" {
		b.Log("no openpyxl here to compare with")
		return
	}
	dir := b.TempDir()
	for i := range pictures {
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)+".jpg"), jpegs[i], 0o644); err != nil {
			b.Fatal(err)
		}
	}
	cmd := exec.Command(py, "-c", openpyxlScript, strconv.Itoa(rows), strconv.Itoa(pictures), dir+string(filepath.Separator), filepath.Join(dir, "out.xlsx"))
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	seconds, err := strconv.ParseFloat(string(bytes.TrimSpace(out)), 64)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(ours.Seconds()/seconds, "ours/openpyxl")
}
