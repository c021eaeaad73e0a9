package media_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"baosong/forms/media"
	"baosong/forms/media/sample"
)

// TestMain lets the test program be its own child: as a decoder, and as what prepares photos while its memory is
// measured.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == media.DecodeCommand {
		if err := media.ServeDecoder(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if dir := os.Getenv("BAOSONG_BENCH_BAD"); dir != "" {
		if err := askAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if dir := os.Getenv("BAOSONG_BENCH_PREPARE"); dir != "" {
		n, _ := strconv.Atoi(os.Getenv("BAOSONG_BENCH_COUNT"))
		edge, _ := strconv.Atoi(os.Getenv("BAOSONG_BENCH_EDGE"))
		if err := prepareFolder(dir, n, edge); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	shared = media.NewDecoder(self, media.DecodeCommand)
	code := m.Run()
	if err := shared.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// shared is a Decoder whose child is this test program.
var shared *media.Decoder

func decoder(t testing.TB) *media.Decoder {
	t.Helper()
	if shared == nil {
		t.Fatal("no decoder")
	}
	return shared
}

// prepareFolder prepares n photos, those in dir again and again, and prints the peak of memory.
func prepareFolder(dir string, n, edge int) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.*"))
	if err != nil || len(names) == 0 {
		return fmt.Errorf("no photos: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	tools := media.Tools{Room: media.NewRoom(256 << 20), Decoder: media.NewDecoder(self, media.DecodeCommand)}
	defer tools.Decoder.Close()
	out, err := os.MkdirTemp(dir, "out")
	if err != nil {
		return err
	}
	defer os.RemoveAll(out)
	err = media.Each(context.Background(), make([]int64, n), nil, func(ctx context.Context, i int) error {
		f, err := os.Create(filepath.Join(out, fmt.Sprint(i)))
		if err != nil {
			return err
		}
		_, err = tools.Prepare(ctx, names[i%len(names)], f, media.Options{Edge: edge})
		return errors.Join(err, f.Close())
	})
	if err != nil {
		return err
	}
	fmt.Println(peakMiB("self"))
	return nil
}

// phonePhotos writes n files of eight different photos with 12 megapixels, as phones make them.
func phonePhotos(tb testing.TB, n int) string {
	tb.Helper()
	dir := tb.TempDir()
	for i := range n {
		name := filepath.Join(dir, fmt.Sprintf("%04d.jpg", i))
		if i >= 8 {
			if err := os.Link(filepath.Join(dir, fmt.Sprintf("%04d.jpg", i%8)), name); err != nil {
				tb.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(name, grainy(tb, i), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// grainy is a photo with the noise of a sensor, which makes about 4 MB of a 12-megapixel JPEG.
func grainy(tb testing.TB, i int) []byte {
	tb.Helper()
	w, h := 4000, 3000
	scene := sample.Scene(i, w, h)
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	seed := uint32(i + 1)
	for y := range h {
		for x := range w {
			c := scene.RGBAAt(x, y)
			yy, cb, cr := color.RGBToYCbCr(c.R, c.G, c.B)
			seed = seed*1664525 + 1013904223
			noise := int(seed>>28) + int(seed>>24&15) - 15
			img.Y[img.YOffset(x, y)] = byte(min(max(int(yy)+noise/2, 0), 255))
			if x&1 == 0 && y&1 == 0 {
				img.Cb[img.COffset(x, y)], img.Cr[img.COffset(x, y)] = cb, cr
			}
		}
	}
	var b, thumb bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 92}); err != nil {
		tb.Fatal(err)
	}
	// The EXIF block of a phone, with its thumbnail.
	if err := sample.Photo(&thumb, sample.PhotoOptions{Index: i, Width: 640, Height: 480, Taken: taken, Location: true}); err != nil {
		tb.Fatal(err)
	}
	head := thumb.Bytes()
	n := 4 + (int(head[4])<<8 | int(head[5]))
	return append(bytes.Clone(head[:n]), b.Bytes()[2:]...)
}

// tool finds the program that is the measure, or says so and skips.
func tool(b *testing.B, name string) string {
	b.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		b.Skipf("%s is not installed: this side cannot be measured", name)
	}
	return path
}

// vips makes pictures of all files with two processes of vipsthumbnail and returns how long it took, and of processors.
func vips(b *testing.B, path string, files []string, size int, out string) (wall, cpu time.Duration) {
	b.Helper()
	start := time.Now()
	var wg sync.WaitGroup
	errs := make([]error, 2)
	used := make([]time.Duration, 2)
	for k := range 2 {
		args := []string{"--size", fmt.Sprintf("%dx%d", size, size), "-o", filepath.Join(out, "%s.v.jpg[Q=85,strip]")}
		for i, f := range files {
			if i%2 == k {
				args = append(args, f)
			}
		}
		wg.Go(func() {
			cmd := exec.Command(path, args...)
			cmd.Env = append(os.Environ(), "VIPS_CONCURRENCY=1")
			if text, err := cmd.CombinedOutput(); err != nil {
				errs[k] = fmt.Errorf("%w: %s", err, text)
			}
			used[k] = cpuOf(cmd)
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		b.Fatal(err)
	}
	return time.Since(start), used[0] + used[1]
}

// BenchmarkPrepare prepares 100 photos with 12 megapixels for sending at 1920 pixels. Bars: 0.8 of the time of two
// vipsthumbnail processes, a peak of 96 MiB at 100 and at 1,000 photos, 33 dB against ImageMagick.
func BenchmarkPrepare(b *testing.B) {
	dir := phonePhotos(b, 100)
	files, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("time", func(b *testing.B) {
		path := tool(b, "vipsthumbnail")
		out := b.TempDir()
		var ours, theirs, ourCPU, theirCPU time.Duration
		for b.Loop() {
			start := time.Now()
			_, cpu := child(b, dir, 100, 1920)
			ours, ourCPU = ours+time.Since(start), ourCPU+cpu
			wall, cpu := vips(b, path, files, 1920, out)
			theirs, theirCPU = theirs+wall, theirCPU+cpu
		}
		b.ReportMetric(ours.Seconds()/theirs.Seconds(), "×vipsthumbnail")
		b.ReportMetric(ourCPU.Seconds()/theirCPU.Seconds(), "×vipsthumbnail-cpu") // what a busy machine leaves alone
		b.ReportMetric(100*float64(b.N)/ours.Seconds(), "photos/s")
		b.ReportMetric(100*float64(b.N)/theirs.Seconds(), "vips-photos/s")
	})
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprint("memory/", n), func(b *testing.B) {
			peak := 0.0
			for b.Loop() {
				now, _ := child(b, dir, n, 1920)
				peak = max(peak, now)
			}
			b.ReportMetric(peak, "peak-MiB")
		})
	}
	b.Run("psnr", func(b *testing.B) {
		convert := tool(b, "convert")
		worst := math.Inf(1)
		for b.Loop() {
			for _, f := range files[:8] {
				worst = min(worst, agreement(b, convert, f))
			}
		}
		b.ReportMetric(worst, "dB-to-ImageMagick")
	})
}

// child prepares n photos in another process and returns the peak of its memory in MiB and the time of processors.
func child(b *testing.B, dir string, n, edge int) (float64, time.Duration) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "BAOSONG_BENCH_PREPARE="+dir, "BAOSONG_BENCH_COUNT="+strconv.Itoa(n), "BAOSONG_BENCH_EDGE="+strconv.Itoa(edge))
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	peak, err := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
	if err != nil {
		b.Fatal(err)
	}
	return peak, cpuOf(cmd)
}

func cpuOf(cmd *exec.Cmd) time.Duration {
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// agreement is the PSNR of a prepared photo against what ImageMagick makes of the same file at the same size.
func agreement(b *testing.B, convert, file string) float64 {
	b.Helper()
	var out bytes.Buffer
	if _, err := media.Prepare(b.Context(), file, &out, media.Options{Edge: 1920, Quality: 95}); err != nil {
		b.Fatal(err)
	}
	img, err := jpeg.Decode(&out)
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(convert, file, "-auto-orient", "-resize", "1920x1920", "-depth", "8", "rgb:-")
	raw, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	size := img.Bounds().Size()
	if len(raw) != 3*size.X*size.Y {
		b.Fatalf("ImageMagick gave %d bytes for %v", len(raw), size)
	}
	return psnr(img, raw)
}

// psnr compares a picture with raw RGB bytes, in dB.
func psnr(img image.Image, raw []byte) float64 {
	b := img.Bounds()
	sum := 0.0
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := color.NRGBAModel.Convert(img.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA)
			p := raw[3*(y*b.Dx()+x):]
			for i, v := range []uint8{c.R, c.G, c.B} {
				d := float64(v) - float64(p[i])
				sum += d * d
			}
		}
	}
	if sum == 0 {
		return math.Inf(1)
	}
	return 10 * math.Log10(255*255*float64(3*b.Dx()*b.Dy())/sum)
}

// BenchmarkThumbnail makes the first pictures of 100 photos that carry a thumbnail. Bar: 20 × the rate of two
// vipsthumbnail processes.
func BenchmarkThumbnail(b *testing.B) {
	path := tool(b, "vipsthumbnail")
	dir := phonePhotos(b, 100)
	files, err := filepath.Glob(filepath.Join(dir, "*.jpg"))
	if err != nil {
		b.Fatal(err)
	}
	out := b.TempDir()
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		err := media.Each(b.Context(), make([]int64, len(files)), nil, func(ctx context.Context, i int) error {
			_, err := media.Thumbnail(ctx, files[i], 160)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		ours += time.Since(start)
		wall, _ := vips(b, path, files, 160, out)
		theirs += wall
	}
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "×rate-of-vipsthumbnail")
}

// BenchmarkHEIC prepares photos as a phone's HEIC by way of the child process. Bars: 3.5 × the time of heif-convert, the
// child being warm as it is from the second photo on; and nothing added to the process with the window, which takes as much
// memory at its peak for sixteen of them as for sixteen JPEGs of the same pictures.
func BenchmarkHEIC(b *testing.B) {
	enc, convert := tool(b, "heif-enc"), tool(b, "heif-convert")
	dir := b.TempDir()
	jpg, file := filepath.Join(dir, "a.jpg"), filepath.Join(dir, "a.heic")
	if err := os.WriteFile(jpg, grainy(b, 1), 0o600); err != nil {
		b.Fatal(err)
	}
	if text, err := exec.Command(enc, "-q", "50", "-o", file, jpg).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, text)
	}
	tools := media.Tools{Decoder: decoder(b)}
	if _, err := tools.Prepare(b.Context(), file, io.Discard, media.Options{Edge: 2560}); err != nil {
		b.Fatal(err)
	}
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		if _, err := tools.Prepare(b.Context(), file, io.Discard, media.Options{Edge: 2560}); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(start)
		start = time.Now()
		if text, err := exec.Command(convert, "-q", "85", file, filepath.Join(dir, "out.jpg")).CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, text)
		}
		theirs += time.Since(start)
	}
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "×heif-convert")
	b.ReportMetric(childrenMiB(), "decoder-peak-MiB")
	peak := map[string]float64{}
	for _, name := range []string{jpg, file} {
		alone := filepath.Join(b.TempDir(), filepath.Ext(name)[1:])
		if err := errors.Join(os.Mkdir(alone, 0o700), os.Rename(name, filepath.Join(alone, filepath.Base(name)))); err != nil {
			b.Fatal(err)
		}
		peak[name], _ = child(b, alone, 16, 2560)
	}
	b.ReportMetric(peak[file], "window-peak-MiB")
	b.ReportMetric(peak[file]/peak[jpg], "×window-peak-of-JPEG")
}
