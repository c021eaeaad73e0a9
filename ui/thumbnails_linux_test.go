package ui

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"baosong/assets"
	"baosong/forms/draft"
	"baosong/forms/media/sample"
	"baosong/mailer/home"
	"baosong/ui/kit"
)

// phonePhotos makes photos of a phone's size, with the small picture a phone puts into them, taken a second apart.
func phonePhotos(t testing.TB, count int) (paths []string) {
	t.Helper()
	var one bytes.Buffer
	taken := time.Date(2024, 5, 30, 9, 0, 0, 0, china())
	if err := sample.Photo(&one, sample.PhotoOptions{Width: 4000, Height: 3000, Taken: taken}); err != nil {
		t.Fatal(err)
	}
	const stamp = "2006:01:02 15:04:05" // as Exif writes it
	dir := t.TempDir()
	for i := range count {
		photo := bytes.ReplaceAll(one.Bytes(), []byte(taken.Format(stamp)), []byte(taken.Add(time.Duration(i)*time.Second).Format(stamp)))
		path := filepath.Join(dir, fmt.Sprintf("IMG_%04d.jpg", i))
		if err := os.WriteFile(path, photo, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// readPlain reads files from first to last.
func readPlain(b *testing.B, paths []string) time.Duration {
	b.Helper()
	start := time.Now()
	for _, p := range paths {
		f, err := os.Open(p)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, f); err != nil {
			b.Fatal(err)
		}
		_ = f.Close()
	}
	return time.Since(start)
}

// readIn takes files into a draft, without a window: they are copied, digested and probed, as they have to be.
func readIn(b *testing.B, paths []string) time.Duration {
	b.Helper()
	h, err := home.Open(b.TempDir(), assets.Notices(), probe)
	if err != nil {
		b.Fatal(err)
	}
	all, err := h.Notices()
	if err != nil {
		b.Fatal(err)
	}
	d, err := h.Drafts.New(all[0])
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	start := time.Now()
	err = d.AttachAll(b.Context(), paths, nil, func(a draft.Attached) {
		if a.Err != nil {
			b.Fatal(a.Err)
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// BenchmarkThumbnailsOf200Photos drops 200 photos of a phone on the page of activities, and looks at them from the
// first to the last, each as soon as its picture is there. The references, in the same run, are to take the same files
// into a draft, which no picture can be there before, and to read them and nothing else. Bars: the first within 200 ms,
// all within the time that reading them takes.
func BenchmarkThumbnailsOf200Photos(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	paths := phonePhotos(b, 200)
	var uris []fyne.URI
	for _, p := range paths {
		uris = append(uris, storage.NewFileURI(p))
	}
	var first, read, all, in, plain, longest time.Duration
	for range b.N {
		plain += readPlain(b, paths)
		in += readIn(b, paths)
		f, r, a, l := seeAll(b, uris)
		first, read, all, longest = first+f, read+r, all+a, max(longest, l)
	}
	b.ReportMetric(ms(first)/float64(b.N), "first-ms")
	b.ReportMetric(ms(all)/float64(b.N), "all-ms")
	b.ReportMetric(all.Seconds()/read.Seconds(), "×reading-in-here")
	b.ReportMetric(all.Seconds()/in.Seconds(), "×reading-in")
	b.ReportMetric(all.Seconds()/plain.Seconds(), "×reading")
	b.ReportMetric(ms(longest), "longest-handler-cpu-ms")
	b.ReportMetric(0, "ns/op")
}

// seeAll returns after what time the first photo that was dropped could be seen, all were read into the draft, and each
// one had been seen, and the most processor time that one handler on the UI goroutine took.
func seeAll(b *testing.B, uris []fyne.URI) (first, read, all, longest time.Duration) {
	b.Helper()
	k := sit(b, b.TempDir(), local{})
	defer k.end()
	k.tap("开始填报")
	k.show(1)
	start := time.Now()
	k.dropped(fyne.Position{}, uris)
	for seen := 0; seen < len(uris); {
		before := seen
		if g, ok := find(k.win.Content(), func(*kit.Gallery) bool { return true }); ok {
			photos := g.Photos()
			if len(photos) == len(uris) && read == 0 {
				read = time.Since(start)
			}
			for seen < len(photos) && g.Shown(photos[seen].ID) {
				if seen++; seen == 1 {
					first = time.Since(start)
				}
			}
		}
		if seen > before {
			scroll := k.editor.Page().Scroll()
			scroll.ScrollToOffset(scroll.Offset.AddXY(0, 184*float32(seen-before))) // by the rows that were seen
			continue
		}
		select {
		case f := <-k.q:
			began := threadTime()
			f()
			longest = max(longest, threadTime()-began)
		case <-time.After(10 * time.Second):
			b.Fatalf("%d of %d photos were seen, and nothing goes on: %q", seen, len(uris), k.texts())
		}
	}
	return first, read, time.Since(start), longest
}
