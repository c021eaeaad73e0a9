package media_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"baosong/forms/media"
)

// answers asks everything about a file that may be bad and wants each answer to be a result or an error that carries a
// Problem. What a bad file may take, BenchmarkBadInput measures.
func answers(t testing.TB, tools media.Tools, path string) (problems []media.Problem) {
	t.Helper()
	note := func(what string, err error) {
		if err == nil {
			return
		}
		p, ok := errors.AsType[media.Problem](err)
		if !ok {
			t.Errorf("%s of %s: no Problem in %v", what, filepath.Base(path), err)
		}
		problems = append(problems, p)
	}
	_, err := media.Probe(t.Context(), path)
	note("probe", err)
	_, err = tools.Prepare(t.Context(), path, io.Discard, media.Options{Edge: 1280})
	note("prepare", err)
	_, err = tools.Prepare(t.Context(), path, io.Discard, media.Options{Original: true})
	note("original", err)
	_, err = tools.Thumbnail(t.Context(), path, 160)
	if !errors.Is(err, media.NeedsTool) && !errors.Is(err, media.Unsupported) { // what videos and documents answer
		note("thumbnail", err)
	}
	return problems
}

// badFiles are files that are wrong in the ways that were thought of, by name, and the problem to be told; "" where they
// may be read all the same.
func badFiles(t testing.TB) map[string]bad {
	files := map[string]bad{"empty.jpg": {nil, media.Truncated}}
	for _, name := range []string{"o1.jpg", "progressive.jpg", "screenshot.png", "photo.webp", "moving.gif", "photo.bmp", "photo.tif"} {
		data := testdata(t, name)
		for n := 32; n < len(data)*3/4; n += 1024 {
			files[fmt.Sprintf("cut-%d-%s", n, name)] = bad{data[:n], "any"}
		}
	}
	for _, name := range []string{"plain.heic", "photo.avif", "phone.mp4", "first.mp4", "apple.mov", "film.mkv", "film.wmv", "old.avi", "text.docx", "text.doc"} {
		data := testdata(t, name)
		for n := 512; n < len(data); n += 1024 {
			files[fmt.Sprintf("cut-%d-%s", n, name)] = bad{data[:n], ""}
		}
	}
	for _, name := range []string{"o1.jpg", "screenshot.png", "plain.heic", "photo.webp", "moving.gif", "photo.bmp", "photo.tif", "phone.mp4", "old.avi", "film.mkv", "film.wmv", "text.doc", "archive.zip"} {
		for n := 1; n < 32; n++ { // within the first header
			files[fmt.Sprintf("begin-%d-%s", n, name)] = bad{testdata(t, name)[:n], ""}
		}
	}
	phone := photo(t, phone(6))
	for n := 600; n < len(phone); n += 1024 {
		files[fmt.Sprintf("cut-%d-phone.jpg", n)] = bad{phone[:n], "any"}
	}
	for _, size := range []int{1, 65535} {
		want := media.Problem("any")
		for name, data := range resized(t, size) {
			files[fmt.Sprintf("%d-%s", size, name)] = bad{data, want}
		}
	}
	progressive := testdata(t, "progressive.jpg")
	last := bytes.LastIndex(progressive, []byte{0xff, 0xda})
	scan := progressive[last : len(progressive)-2]
	many := append(bytes.Clone(progressive[:len(progressive)-2]), bytes.Repeat(scan, 1000)...)
	many = append(many, 0xff, 0xd9)
	files["1000-scans.jpg"] = bad{many, "any"}
	files["1000-scans-12-megapixels.jpg"] = bad{sized(many, 4000, 3000), "any"}
	// A camera's block whose directories are their own next ones.
	loop := testdata(t, "o8.jpg")
	tiff := bytes.Index(loop, []byte("II*\x00"))
	if tiff < 0 {
		tiff = bytes.Index(loop, []byte("MM\x00*"))
	}
	files["exif-loop.jpg"] = bad{looped(loop, tiff), ""}
	files["exif-nowhere.jpg"] = bad{append(append(bytes.Clone(loop[:tiff+4]), 0x7f, 0xff, 0xff, 0x7f), loop[tiff+8:]...), ""}
	gif := testdata(t, "moving.gif")
	frames := gif[bytes.Index(gif, []byte("\x21\xf9")) : len(gif)-1]
	files["2000-frames.gif"] = bad{append(append(bytes.Clone(gif[:len(gif)-1]), bytes.Repeat(frames, 1000)...), 0x3b), ""}
	files["second-picture.jpg"] = bad{append(testdata(t, "o1.jpg"), testdata(t, "o2.jpg")...), ""}
	files["nothing-known.bin"] = bad{bytes.Repeat([]byte{0xa5, 0x5a, 0x00}, 5000), ""}

	box := func(size uint32, kind string, rest ...byte) []byte {
		return append(append(binary.BigEndian.AppendUint32(nil, size), kind...), rest...)
	}
	ftyp := box(16, "ftyp", 'i', 's', 'o', 'm', 0, 0, 0, 0)
	wide := binary.BigEndian.AppendUint64(nil, 1<<63)
	files["box-0.mp4"] = bad{append(bytes.Clone(ftyp), box(0, "moov", 1, 2, 3)...), ""}
	files["box-1.mp4"] = bad{append(bytes.Clone(ftyp), box(1, "moov")...), "any"}
	files["box-2-63.mp4"] = bad{append(bytes.Clone(ftyp), box(1, "moov", wide...)...), "any"}
	files["box-2-63.heic"] = bad{append(box(16, "ftyp", 'h', 'e', 'i', 'c', 0, 0, 0, 0), box(1, "meta", wide...)...), "any"}
	files["box-7.mp4"] = bad{append(bytes.Clone(ftyp), box(7, "moov", make([]byte, 64)...)...), "any"}
	files["no-moov.mp4"] = bad{append(bytes.Clone(ftyp), box(1024, "mdat", make([]byte, 1016)...)...), media.Unfinished}
	return files
}

type bad struct {
	data []byte
	want media.Problem
}

// looped is a file whose TIFF block at tiff has a directory that is followed by itself.
func looped(file []byte, tiff int) []byte {
	out := bytes.Clone(file)
	var order binary.ByteOrder = binary.LittleEndian
	if out[tiff] == 'M' {
		order = binary.BigEndian
	}
	first := order.Uint32(out[tiff+4:])
	at := tiff + int(first)
	order.PutUint32(out[at+2+12*int(order.Uint16(out[at:])):], first)
	return out
}

// sized is a JPEG whose header says another size.
func sized(jpeg []byte, w, h int) []byte {
	out := bytes.Clone(jpeg)
	for i := 2; i+9 < len(out) && out[i] == 0xff; i += 2 + int(binary.BigEndian.Uint16(out[i+2:])) {
		if m := out[i+1]; m >= 0xc0 && m <= 0xc2 {
			binary.BigEndian.PutUint16(out[i+5:], uint16(h))
			binary.BigEndian.PutUint16(out[i+7:], uint16(w))
			break
		}
	}
	return out
}

// resized are samples whose headers say size × size.
func resized(t testing.TB, size int) map[string][]byte {
	out := map[string][]byte{
		"photo.jpg": sized(testdata(t, "o8.jpg"), size, size), "progressive.jpg": sized(testdata(t, "progressive.jpg"), size, size),
	}
	png := testdata(t, "screenshot.png")
	binary.BigEndian.PutUint32(png[16:], uint32(size))
	binary.BigEndian.PutUint32(png[20:], uint32(size))
	out["screenshot.png"] = png // the checksum is wrong too, which is found first
	out["cmyk.jpg"] = sized(testdata(t, "cmyk.jpg"), size, size)
	tif := testdata(t, "photo.tif")
	for at := int(binary.LittleEndian.Uint32(tif[4:])) + 2; binary.LittleEndian.Uint16(tif[at:]) <= 0x101; at += 12 {
		if tag := binary.LittleEndian.Uint16(tif[at:]); tag == 0x100 || tag == 0x101 { // its width, its height
			binary.LittleEndian.PutUint16(tif[at+8:], uint16(size))
		}
	}
	out["photo.tif"] = tif
	gif := testdata(t, "moving.gif")
	binary.LittleEndian.PutUint16(gif[6:], uint16(size))
	binary.LittleEndian.PutUint16(gif[8:], uint16(size))
	out["moving.gif"] = gif
	bmp := testdata(t, "photo.bmp")
	binary.LittleEndian.PutUint32(bmp[18:], uint32(size))
	binary.LittleEndian.PutUint32(bmp[22:], uint32(size))
	out["photo.bmp"] = bmp
	for _, name := range []string{"plain.heic", "photo.avif"} {
		data := testdata(t, name)
		for at := 0; ; {
			i := bytes.Index(data[at:], []byte("ispe"))
			if i < 0 {
				break
			}
			at += i + 8
			binary.BigEndian.PutUint32(data[at:], uint32(size))
			binary.BigEndian.PutUint32(data[at+4:], uint32(size))
		}
		out[name] = data
	}
	webp := testdata(t, "photo.webp")
	if i := bytes.Index(webp, []byte("VP8X")); i > 0 {
		n := size - 1
		copy(webp[i+12:], []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n), byte(n >> 8), byte(n >> 16)})
	}
	out["photo.webp"] = webp
	return out
}

func TestBadInputIsAnswered(t *testing.T) {
	tools := media.Tools{Decoder: decoder(t)}
	dir := t.TempDir()
	for name, f := range badFiles(t) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, f.data, 0o600); err != nil {
			t.Fatal(err)
		}
		got := answers(t, tools, path)
		switch {
		case f.want == "any" && len(got) == 0 && !strings.HasPrefix(name, "1-") && !strings.HasPrefix(name, "1000-scans.jpg"):
			t.Errorf("%s: nothing was found wrong", name)
		case f.want != "any" && f.want != "" && !slices.Contains(got, f.want):
			t.Errorf("%s: %q, want %q", name, got, f.want)
		}
	}
}

func TestHostileNames(t *testing.T) {
	names := []string{
		strings.Repeat("照", 83) + "ab.jpg", // 255 bytes
		"cafe\u0301 e\u0301te\u0301.jpg",   // as macOS writes it
		"a%2e%2e..jpg", "-i.jpg", "图 片\u200b.jpg",
	}
	if runtime.GOOS == "linux" {
		names = append(names, "\xd5\xd5\xc6\xac.jpg", "a\nb.jpg") // GBK, and a line break
	}
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, testdata(t, "o6.jpg"), 0o600); err != nil {
			t.Logf("%q cannot be here: %v", name, err)
			continue
		}
		if got := answers(t, media.Tools{}, path); len(got) > 0 {
			t.Errorf("%q: %q", name, got)
		}
	}
	g, err := media.Gather(t.Context(), []string{dir})
	if err != nil || len(g.Files) < 4 {
		t.Errorf("gathered %q: %v", g.Files, err)
	}
}

func TestFilesThatChange(t *testing.T) {
	big := append(testdata(t, "phone.mp4"), make([]byte, 3<<20)...)
	path := write(t, "a.mp4", big)
	grow := func(int64, int64) {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString("more"); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := media.Prepare(t.Context(), path, io.Discard, media.Options{Progress: grow}); !errors.Is(err, media.Changed) {
		t.Errorf("a file that grows: %v", err)
	}
	shrink := func(int64, int64) {
		if err := os.Truncate(path, 100); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := media.Prepare(t.Context(), path, io.Discard, media.Options{Progress: shrink}); !errors.Is(err, media.Changed) {
		t.Errorf("a file that shrinks: %v", err)
	}
	path = write(t, "c.mp4", big)
	remove := func(done, _ int64) { // an open file cannot be removed on Windows, and goes on elsewhere
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) && runtime.GOOS != "windows" {
			t.Error(err)
		}
	}
	if p, err := media.Prepare(t.Context(), path, io.Discard, media.Options{Progress: remove}); err != nil || p.Size != int64(len(big)) {
		t.Errorf("a file that is taken away: %d bytes, %v", p.Size, err)
	}
	gone := filepath.Join(t.TempDir(), "gone.mp4")
	if _, err := media.Prepare(t.Context(), gone, io.Discard, media.Options{}); !errors.Is(err, media.Unreadable) {
		t.Errorf("a file that is gone: %v", err)
	}
	if _, err := media.Probe(t.Context(), t.TempDir()); !errors.Is(err, media.Unreadable) {
		t.Errorf("a folder: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	path = write(t, "b.mp4", big)
	_, err := media.Prepare(ctx, path, io.Discard, media.Options{Progress: func(int64, int64) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func FuzzProbe(f *testing.F) {
	for _, name := range []string{
		"o1.jpg", "screenshot.png", "grid-rot1.heic", "photo.webp", "photo.avif", "moving.gif", "photo.bmp", "photo.tif",
		"phone.mp4", "fragments.mp4", "apple.mov", "film.mkv", "film.wmv", "old.avi", "text.doc", "text.docx",
	} {
		data := testdata(f, name)
		f.Add(data[:min(len(data), 6000)])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := media.ProbeReader(t.Context(), bytes.NewReader(data), int64(len(data)), "x")
		if err != nil {
			if _, ok := errors.AsType[media.Problem](err); !ok {
				t.Errorf("no Problem in %v", err)
			}
		}
		if info.Duration < 0 || info.Width < 0 || info.Orientation < 1 || info.Orientation > 8 {
			t.Errorf("%+v", info)
		}
	})
}

// FuzzClean cleans whatever can be cleaned without decoding: the answer has to be of the same kind and say nothing.
func FuzzClean(f *testing.F) {
	for _, name := range []string{"o1.jpg", "screenshot.png", "grid-rot1.heic", "photo.webp", "moving.gif", "phone.mp4", "apple.mov"} {
		data := testdata(f, name)
		if len(data) < 12000 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := media.ProbeReader(t.Context(), bytes.NewReader(data), int64(len(data)), "x")
		if err != nil || info.Kind != media.Image && info.Kind != media.Video || info.Format == media.TIFF {
			return
		}
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, err := media.Prepare(t.Context(), path, &out, media.Options{Original: true}); err != nil {
			return
		}
		after, err := media.ProbeReader(t.Context(), bytes.NewReader(out.Bytes()), int64(out.Len()), "x")
		if err != nil {
			t.Fatalf("what was cleaned cannot be read: %v", err)
		}
		if after.Position != nil || slices.Contains(after.Personal, media.RemovedLocation) {
			t.Errorf("says where: %+v", after)
		}
	})
}
