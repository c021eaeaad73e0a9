package draft

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"baosong/forms"
	"baosong/forms/atomicfile"
)

// BenchmarkSaving is what the Autosaver does once a second while somebody
// types, in a draft with 300 questions answered, 200 materials, as
// many changes as can be undone, and all its versions: copying the answers,
// encoding, writing. The reference replaces a file of the same bytes by
// atomicfile. "unsynced" leaves out waiting for the disk: what is left is the
// processor's part, and ms/saving a thousandth of one processor.
func BenchmarkSaving(b *testing.B) {
	for _, sync := range []bool{true, false} {
		name, on := "synced", disk(osDisk{})
		if !sync {
			name, on = "unsynced", lazy{}
		}
		b.Run(name, func(b *testing.B) {
			d := largeDraft(b, on)
			var ours, reference time.Duration
			size := 0
			for n := 0; b.Loop(); n++ {
				enterText(b, d, fmt.Sprintf("示例 %d", n))
				start := time.Now()
				if err := d.Save(); err != nil {
					b.Fatal(err)
				}
				ours += time.Since(start)
				if sync {
					content, err := d.with(d.Answers).encode()
					if err != nil {
						b.Fatal(err)
					}
					size = len(content)
					start = time.Now()
					if err := atomicfile.WriteBytes(filepath.Join(d.dir, "reference"), content); err != nil {
						b.Fatal(err)
					}
					reference += time.Since(start)
				}
			}
			b.ReportMetric(ours.Seconds()*1000/float64(b.N), "ms/saving")
			if sync {
				b.ReportMetric(float64(size)/1000, "KB")
				b.ReportMetric(ours.Seconds()/reference.Seconds(), "x-atomicfile")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func enterText(b *testing.B, d *Draft, text string) {
	b.Helper()
	if err := d.Answers.Set("q0", text); err != nil {
		b.Fatal(err)
	}
}

// largeDraft returns a draft of 300 questions and 200 materials that was saved
// many times.
func largeDraft(b *testing.B, on disk) *Draft {
	b.Helper()
	s, err := open(b.TempDir(), nil, on)
	if err != nil {
		b.Fatal(err)
	}
	d, err := s.New(notice())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := d.Close(); err != nil {
			b.Error(err)
		}
	})
	for i := range 300 {
		if err := d.Answers.Set(forms.Path(fmt.Sprintf("q%d", i)), strings.Repeat("示例", 50)); err != nil {
			b.Fatal(err)
		}
	}
	for i := range 200 {
		sum := digest([]byte{byte(i)})
		m := forms.Material{
			ID: "m-" + sum[:32], Name: fmt.Sprintf("示例照片 %d.jpg", i), MIME: "image/jpeg", Ext: ".jpg",
			Size: 4 << 20, SHA256: sum, Width: 4000, Height: 3000,
		}
		p, err := d.Answers.Insert("photo", 0, nil)
		if err != nil || d.Answers.Set(p.Child("file"), m.ID) != nil || d.Answers.Set(p.Child("caption"), "示例说明") != nil {
			b.Fatal(err)
		}
		if _, err := d.add(m); err != nil {
			b.Fatal(err)
		}
	}
	d.loose = false // there are no files
	for n := range maxSteps + kept {
		enterText(b, d, strings.Repeat("示", n%80))
		if err := d.Save(); err != nil {
			b.Fatal(err)
		}
	}
	return d
}
