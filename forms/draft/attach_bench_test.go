package draft

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"baosong/forms"
	"baosong/forms/media"
	"baosong/forms/media/sample"
)

// phonePhotos makes photos of a phone's size that all differ, and returns
// their paths and the bytes they have together.
func phonePhotos(b *testing.B, count int) (paths []string, size int64) {
	b.Helper()
	var one bytes.Buffer
	if err := sample.Photo(&one, sample.PhotoOptions{Width: 4000, Height: 3000}); err != nil {
		b.Fatal(err)
	}
	photo := one.Bytes()
	dir := b.TempDir()
	for i := range count {
		photo[len(photo)-100], photo[len(photo)-99] = byte(i/100), byte(i%100) // in the picture, and no marker
		path := filepath.Join(dir, fmt.Sprintf("IMG_%04d.jpg", i))
		if err := os.WriteFile(path, photo, 0o600); err != nil {
			b.Fatal(err)
		}
		paths = append(paths, path)
		size += int64(len(photo))
	}
	return paths, size
}

func probeMedia(ctx context.Context, path string) (forms.Material, error) {
	info, err := media.Probe(ctx, path)
	return forms.Material{MIME: info.MIME, Ext: info.Ext, Width: info.Width, Height: info.Height}, err
}

// BenchmarkAttach adds 200 photos of a phone to a draft and saves it: copied,
// digested and probed. The reference is cp of the same files to the same disk,
// once with every file and the folder synced on both sides, and once with
// nothing synced on either.
func BenchmarkAttach(b *testing.B) {
	cp, err := exec.LookPath("cp")
	if err != nil {
		b.Log("no cp here: nothing to compare with")
	}
	paths, size := phonePhotos(b, 200)
	for _, sync := range []bool{true, false} {
		name, d := "synced", disk(osDisk{})
		if !sync {
			name, d = "unsynced", lazy{}
		}
		b.Run(name, func(b *testing.B) {
			var ours, reference time.Duration
			for b.Loop() {
				ours += attachTo(b, d, paths)
				if cp != "" {
					reference += copyBy(b, cp, sync, paths)
				}
			}
			b.ReportMetric(float64(size)*float64(b.N)/ours.Seconds()/1e6, "MB/s")
			if cp != "" {
				b.ReportMetric(float64(size)*float64(b.N)/reference.Seconds()/1e6, "cp-MB/s")
				b.ReportMetric(reference.Seconds()/ours.Seconds(), "x-cp")
			}
		})
	}
}

func attachTo(b *testing.B, disk disk, paths []string) time.Duration {
	dir, err := os.MkdirTemp(b.TempDir(), "drafts")
	if err != nil {
		b.Fatal(err)
	}
	s, err := open(dir, probeMedia, disk)
	if err != nil {
		b.Fatal(err)
	}
	d, err := s.New(notice())
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	err = d.AttachAll(b.Context(), paths, nil, func(a Attached) {
		if a.Err != nil {
			b.Fatal(a.Err)
		}
		p, err := d.Answers.Insert("photo", 0, nil)
		if err != nil || d.Answers.Set(p.Child("file"), a.Material.ID) != nil {
			b.Fatal(err)
		}
	})
	if err == nil {
		err = d.Save()
	}
	took := time.Since(start)
	if err != nil || len(d.Materials()) != len(paths) {
		b.Fatalf("%d materials, %v", len(d.Materials()), err)
	}
	if err := d.Close(); err != nil {
		b.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		b.Fatal(err)
	}
	return took
}

func copyBy(b *testing.B, cp string, sync bool, paths []string) time.Duration {
	dir, err := os.MkdirTemp(b.TempDir(), "copy")
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, args ...string) {
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			b.Fatalf("%s: %v: %s", name, err, out)
		}
	}
	start := time.Now()
	run(cp, append(append([]string{}, paths...), dir)...)
	if sync {
		files := []string{dir}
		for _, p := range paths {
			files = append(files, filepath.Join(dir, filepath.Base(p)))
		}
		run("sync", files...) // each of them, by fsync
	}
	took := time.Since(start)
	if err := os.RemoveAll(dir); err != nil {
		b.Fatal(err)
	}
	return took
}
