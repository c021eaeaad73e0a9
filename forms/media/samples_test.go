package media_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"baosong/forms"
	"baosong/forms/media"
	"baosong/forms/media/sample"
)

// The samples are made by testdata/make.sh. The scene is 120 × 96: red, green, blue and yellow quarters from the top
// left, and a wedge of greys below.

const second = time.Second

func TestKindsAreKnownByContent(t *testing.T) {
	for _, tt := range []struct {
		file   string
		kind   media.Kind
		format media.Format
		ext    string
		w, h   int
		length time.Duration
	}{
		{"o1.jpg", media.Image, media.JPEG, ".jpg", 120, 96, 0},
		{"o6.jpg", media.Image, media.JPEG, ".jpg", 120, 96, 0},
		{"cmyk.jpg", media.Image, media.JPEG, ".jpg", 120, 96, 0},
		{"screenshot.png", media.Image, media.PNG, ".png", 220, 120, 0},
		{"plain.heic", media.Image, media.HEIC, ".heic", 120, 96, 0},
		{"grid-rot0.heic", media.Image, media.HEIC, ".heic", 256, 192, 0},
		{"grid-rot1.heic", media.Image, media.HEIC, ".heic", 192, 256, 0},
		{"photo.webp", media.Image, media.WebP, ".webp", 120, 96, 0},
		{"photo.avif", media.Image, media.AVIF, ".avif", 120, 96, 0},
		{"moving.gif", media.Image, media.GIF, ".gif", 120, 80, 0},
		{"moving.webp", media.Image, media.WebP, ".webp", 64, 48, 0},
		{"photo.bmp", media.Image, media.BMP, ".bmp", 120, 96, 0},
		{"photo.tif", media.Image, media.TIFF, ".tif", 120, 96, 0},
		{"phone.mp4", media.Video, media.MP4, ".mp4", 160, 120, second},
		{"first.mp4", media.Video, media.MP4, ".mp4", 160, 120, second},
		{"turned.mp4", media.Video, media.MP4, ".mp4", 120, 160, second},
		{"fragments.mp4", media.Video, media.MP4, ".mp4", 160, 120, second},
		{"apple.mov", media.Video, media.MOV, ".mov", 160, 120, second},
		{"phone.m4v", media.Video, media.M4V, ".m4v", 160, 120, second},
		{"phone.3gp", media.Video, media.ThGP, ".3gp", 192, 144, second},
		{"old.avi", media.Video, media.AVI, ".avi", 160, 120, second},
		{"film.mkv", media.Video, media.MKV, ".mkv", 160, 120, second},
		{"film.wmv", media.Video, media.WMV, ".wmv", 0, 0, second},
		{"text.pdf", media.Document, media.PDF, ".pdf", 0, 0, 0},
		{"text.doc", media.Document, media.DOC, ".doc", 0, 0, 0},
		{"text.docx", media.Document, media.DOCX, ".docx", 0, 0, 0},
		{"table.xls", media.Document, media.XLS, ".xls", 0, 0, 0},
		{"table.xlsx", media.Document, media.XLSX, ".xlsx", 0, 0, 0},
		{"archive.zip", media.Archive, media.ZIP, ".zip", 0, 0, 0},
	} {
		data := testdata(t, tt.file)
		for _, name := range []string{tt.file, "图.xyz", "没有后缀", strings.ToUpper(tt.file)} {
			info, err := media.ProbeReader(t.Context(), bytes.NewReader(data), int64(len(data)), name)
			if err != nil {
				t.Errorf("%s: %v", tt.file, err)
				continue
			}
			if info.Kind != tt.kind || info.Format != tt.format || info.Ext != tt.ext {
				t.Errorf("%s as %q is %v, %s, %q", tt.file, name, info.Kind, info.Format, info.Ext)
			}
			if info.Width != tt.w || info.Height != tt.h {
				t.Errorf("%s is %d × %d, want %d × %d", tt.file, info.Width, info.Height, tt.w, tt.h)
			}
			if d := info.Duration - tt.length; d < -second/20 || d > second/4 {
				t.Errorf("%s lasts %v", tt.file, info.Duration)
			}
			m := forms.Material{Name: name, Ext: info.Ext}
			if wrong := name == "图.xyz" || name == "没有后缀"; m.WrongEnding() != wrong {
				t.Errorf("%s as %q: wrong ending %v", tt.file, name, !wrong)
			}
		}
	}
	data := testdata(t, "text.doc")
	wide := func(s string) (out []byte) { // names in the directory (MS-CFB, 2.6.1)
		for _, c := range s + "\x00" {
			out = append(out, byte(c), 0)
		}
		return out
	}
	old := bytes.Clone(data)
	copy(old[bytes.Index(old, wide("WordDocument")):], wide("PowerPoint Document"))
	var deck bytes.Buffer
	z := zip.NewWriter(&deck)
	if _, err := z.Create("ppt/presentation.xml"); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	for format, file := range map[media.Format][]byte{media.PPT: old, media.PPTX: deck.Bytes()} {
		info, err := media.ProbeReader(t.Context(), bytes.NewReader(file), int64(len(file)), "演示.xyz")
		if err != nil || info.Format != format || info.Kind != media.Document || info.Ext != "."+string(format) {
			t.Errorf("slides are %+v, want %s: %v", info, format, err)
		}
	}
	if info, err := media.ProbeReader(t.Context(), bytes.NewReader(data), int64(len(data)), "总结.wps"); err != nil || info.Ext != ".wps" {
		t.Errorf("a WPS document is %q: %v", info.Ext, err)
	}
}

func TestMetadataIsRead(t *testing.T) {
	for _, file := range []string{"o1.jpg", "o8.jpg", "screenshot.png", "plain.heic", "grid-rot3.heic", "photo.webp", "photo.avif", "photo.tif"} {
		info, err := media.Probe(t.Context(), filepath.Join("testdata", file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if !info.Taken.Equal(taken) || !info.ZoneKnown {
			t.Errorf("%s was taken %v, zone known %v", file, info.Taken, info.ZoneKnown)
		}
		if info.Camera != "示例相机 X1" || info.Position == nil || !near(info.Position.Latitude, latitude) || !near(info.Position.Longitude, longitude) {
			t.Errorf("%s: camera %q at %v", file, info.Camera, info.Position)
		}
		for _, want := range []string{media.RemovedLocation, media.RemovedSerial, media.RemovedOwner} {
			if !slices.Contains(info.Personal, want) {
				t.Errorf("%s: %q is not among what would be removed: %q", file, want, info.Personal)
			}
		}
	}
	for _, file := range []string{"phone.mp4", "first.mp4", "apple.mov", "phone.3gp"} {
		info, err := media.Probe(t.Context(), filepath.Join("testdata", file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if !info.Taken.Equal(taken) || info.Position == nil || !near(info.Position.Latitude, latitude) {
			t.Errorf("%s was taken %v at %v", file, info.Taken, info.Position)
		}
	}
}

func near(a, b float64) bool { return a-b < 1e-3 && b-a < 1e-3 }

// TestPhotosComeOutRight prepares every kind of photo and looks at the colours of the quarters.
func TestPhotosComeOutRight(t *testing.T) {
	tools := media.Tools{Decoder: decoder(t)}
	scene := []color.RGBA{{0xd0, 0x20, 0x20, 255}, {0x20, 0xa0, 0x20, 255}, {0x20, 0x40, 0xd0, 255}, {0xe0, 0xd0, 0x20, 255}}
	// The same written by BT.601 and marked as BT.709, as heif-convert and ffmpeg read it.
	matrix := []color.RGBA{{224, 50, 30, 255}, {23, 141, 29, 255}, {28, 70, 216, 255}, {230, 200, 24, 255}}
	at := func(q ...int) (out []color.RGBA) {
		for _, i := range q {
			out = append(out, scene[i])
		}
		return out
	}
	for _, tt := range []struct {
		file string
		want []color.RGBA
		off  int // steps a channel may differ by
	}{
		{"o1.jpg", scene, 12},
		{"o2.jpg", scene, 12},
		{"o3.jpg", scene, 12},
		{"o4.jpg", scene, 12},
		{"o5.jpg", scene, 12},
		{"o6.jpg", scene, 12},
		{"o7.jpg", scene, 12},
		{"o8.jpg", scene, 12},
		{"progressive.jpg", scene, 12},
		{"p3.jpg", scene, 8},
		{"p3.heic", scene, 14},
		{"narrow.avif", matrix, 14}, // the range of video
		{"deep.png", scene, 6},
		{"plain.heic", scene, 14},
		{"grid-rot0.heic", scene, 16},
		{"grid-rot1.heic", at(1, 3, 0, 2), 16},
		{"grid-rot2.heic", at(3, 2, 1, 0), 16},
		{"grid-rot3.heic", at(2, 0, 3, 1), 16},
		{"grid-mir0.heic", at(2, 3, 0, 1), 16},
		{"grid-mir1.heic", at(1, 0, 3, 2), 16},
		{"photo.webp", scene, 12},
		{"photo.avif", scene, 14},
		{"photo.bmp", scene, 12},
		{"photo.tif", scene, 12},
		{"moving.gif", scene, 12},
		{"moving.webp", []color.RGBA{{254, 0, 0, 255}}, 12},
	} {
		for _, opt := range []media.Options{{Edge: 64}, {Edge: 2560}} {
			img := prepared(t, tools, tt.file, opt)
			for i, want := range tt.want {
				if got := quarter(img, i); !alike(got, want, tt.off) {
					t.Errorf("%s at %d: quarter %d is %v, want %v", tt.file, opt.Edge, i, got, want)
				}
			}
		}
	}
	// The decoder writes over the first pixels, which are mended.
	img := prepared(t, tools, "grid-rot0.heic", media.Options{Quality: 95})
	for x := range 30 {
		if c := color.RGBAModel.Convert(img.At(x, 0)).(color.RGBA); !alike(c, scene[0], 16) {
			t.Errorf("the pixel %d of the first row is %v", x, c)
		}
	}
	// The decoder mixes colours of elsewhere into the edges of a picture that is no grid, unless it is made one.
	for _, file := range []string{"plain.heic", "p3.heic"} {
		img := prepared(t, tools, file, media.Options{Quality: 95})
		for p, want := range map[image.Point]int{{100, 0}: 1, {119, 20}: 1, {0, 20}: 0, {0, 60}: 2, {119, 60}: 3} {
			if c := color.RGBAModel.Convert(img.At(p.X, p.Y)).(color.RGBA); !alike(c, scene[want], 16) {
				t.Errorf("%s has %v at %v, want %v", file, c, p, scene[want])
			}
		}
	}
	// Where transparent parts do not come along, they lie on white.
	if c := quarter(prepared(t, tools, "clear.png", media.Options{Edge: 64, MaxBytes: 1500}), 0); !alike(c, color.RGBA{232, 144, 144, 255}, 12) {
		t.Errorf("half of red on white is %v", c)
	}
	if c := quarter(prepared(t, tools, "clear.png", media.Options{}), 0); !alike(c, color.RGBA{104, 16, 16, 128}, 4) { // premultiplied
		t.Errorf("half of red is %v", c)
	}
	grey := prepared(t, tools, "grey.jpg", media.Options{Edge: 60})
	dark, light := quarter(grey, 2), quarter(grey, 3)
	if _, ok := grey.(*image.Gray); !ok || dark.R != dark.G || dark.R > 90 || light.R < 170 {
		t.Errorf("grey is a %T with %v and %v", grey, dark, light)
	}
	grey = prepared(t, tools, "grey.heic", media.Options{})
	want := prepared(t, tools, "grey.jpg", media.Options{})
	for i := range 4 {
		if got := quarter(grey, i); !alike(got, quarter(want, i), 12) || grey.Bounds().Size() != image.Pt(121, 97) {
			t.Errorf("quarter %d of a grey HEIC of %v is %v", i, grey.Bounds(), got)
		}
	}
	if _, err := tools.Thumbnail(t.Context(), "testdata/slim.heic", 64); !errors.Is(err, media.Unsupported) {
		t.Errorf("a HEIC that its decoder would garble: %v", err)
	}
	if c := quarter(prepared(t, tools, "cmyk.jpg", media.Options{Edge: 60}), 0); c.R < 150 || c.G > 90 || c.B > 90 {
		t.Errorf("red printed is %v", c)
	}
}

// prepared is a sample as it is sent.
func prepared(t *testing.T, tools media.Tools, file string, opt media.Options) image.Image {
	t.Helper()
	return preparedFrom(t, tools, filepath.Join("testdata", file), opt)
}

func preparedFrom(t *testing.T, tools media.Tools, file string, opt media.Options) image.Image {
	t.Helper()
	var b bytes.Buffer
	p, err := tools.Prepare(t.Context(), file, &b, opt)
	if err != nil {
		t.Fatal(err)
	}
	img, _, err := image.Decode(&b)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if s := img.Bounds().Size(); s != image.Pt(p.Width, p.Height) || opt.Edge > 0 && max(s.X, s.Y) > opt.Edge {
		t.Errorf("%s is %v, prepared as %d × %d", file, s, p.Width, p.Height)
	}
	return img
}

// quarter is the colour in the middle of quarter i, by rows, of the upper four fifths of a picture.
func quarter(img image.Image, i int) color.RGBA {
	b := img.Bounds()
	x, y := b.Min.X+b.Dx()*(1+2*(i%2))/4, b.Min.Y+b.Dy()*(1+2*(i/2))/4
	return color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
}

func alike(a, b color.RGBA, off int) bool {
	d := func(a, b uint8) bool { n := int(a) - int(b); return n <= off && -n <= off }
	return d(a.R, b.R) && d(a.G, b.G) && d(a.B, b.B)
}

// secrets are the traces of the place and the person as the tools write them.
func secrets() [][]byte {
	words := [][]byte{
		[]byte("43.83"), []byte("43,50."), []byte("126.54"), []byte("126,32."),
		[]byte("SAMPLE-0001"), []byte("示例机主"), []byte("示例市"), []byte("示例说明"),
		binary.BigEndian.AppendUint32(nil, 2872954), // 43.8378 in loci, 16.16
	}
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		var b []byte
		for _, v := range []uint32{43, 1, 50, 1} {
			b = order.AppendUint32(b, v)
		}
		words = append(words, b)
	}
	return words
}

func traceIn(b []byte) []byte {
	for _, w := range secrets() {
		if bytes.Contains(b, w) {
			return w
		}
	}
	return nil
}

// TestNothingPersonalIsSent looks for the place and the person in what is sent, for every format that can tell.
func TestNothingPersonalIsSent(t *testing.T) {
	tools := media.Tools{Decoder: decoder(t)}
	for _, file := range []string{
		"o1.jpg", "o8.jpg", "p3.jpg", "screenshot.png", "plain.heic", "grid-rot1.heic", "photo.webp", "photo.avif", "photo.tif",
		"moving.gif", "phone.mp4", "first.mp4", "turned.mp4", "apple.mov", "phone.3gp",
	} {
		src := testdata(t, file)
		if traceIn(src) == nil && file != "turned.mp4" {
			t.Fatalf("%s tells nothing, so this test proves nothing", file)
		}
		for _, opt := range []media.Options{{Edge: 64}, {Edge: 2560}, {Original: true}, {Original: true, Turn: 1}} {
			var b bytes.Buffer
			p, err := tools.Prepare(t.Context(), filepath.Join("testdata", file), &b, opt)
			if err != nil {
				t.Errorf("%s %+v: %v", file, opt, err)
				continue
			}
			if w := traceIn(b.Bytes()); w != nil {
				t.Errorf("%s %+v: %q is still there", file, opt, w)
			}
			if file != "moving.gif" && file != "turned.mp4" && !slices.Contains(p.Removed, media.RemovedLocation) {
				t.Errorf("%s %+v: removed %q", file, opt, p.Removed)
			}
			info, err := media.ProbeReader(t.Context(), bytes.NewReader(b.Bytes()), int64(b.Len()), "x"+p.Ext)
			if err != nil || info.Format != p.Format {
				t.Errorf("%s %+v: %s comes out as %s: %v", file, opt, p.Format, info.Format, err)
			}
			keeps := file != "moving.gif" && file != "photo.tif" && file != "turned.mp4"
			if keeps && !info.Taken.Equal(taken) {
				t.Errorf("%s %+v: the time %v should have stayed", file, opt, info.Taken)
			}
		}
	}
}

// TestOriginalKeepsThePixels decodes what 原图 sends and compares it with the file.
func TestOriginalKeepsThePixels(t *testing.T) {
	tools := media.Tools{Decoder: decoder(t)}
	for _, file := range []string{"o6.jpg", "p3.jpg", "progressive.jpg", "cmyk.jpg", "screenshot.png", "deep.png", "clear.png", "photo.webp", "moving.gif", "photo.bmp"} {
		var b bytes.Buffer
		p, err := tools.Prepare(t.Context(), filepath.Join("testdata", file), &b, media.Options{Original: true, Edge: 10, MaxBytes: 10})
		if err != nil {
			t.Fatal(err)
		}
		if p.Ext != filepath.Ext(file) {
			t.Errorf("%s became %s", file, p.Ext)
		}
		if is, was := imageData(t, b.Bytes()), imageData(t, testdata(t, file)); len(was) < 13 || !bytes.Equal(is, was) {
			t.Errorf("%s: %d bytes of the picture became %d others", file, len(was), len(is))
		}
		got, _, err := image.Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := image.Decode(bytes.NewReader(testdata(t, file)))
		if err != nil {
			t.Fatal(err)
		}
		if !same(got, want) {
			t.Errorf("%s: pixels changed", file)
		}
	}
	for _, file := range []string{"plain.heic", "grid-rot1.heic", "photo.avif"} {
		var b bytes.Buffer
		if _, err := tools.Prepare(t.Context(), filepath.Join("testdata", file), &b, media.Options{Original: true}); err != nil {
			t.Fatal(err)
		}
		path := write(t, "x"+filepath.Ext(file), b.Bytes())
		var before, after bytes.Buffer
		for path, to := range map[string]*bytes.Buffer{path: &after, filepath.Join("testdata", file): &before} {
			if _, err := tools.Prepare(t.Context(), path, to, media.Options{Edge: 96}); err != nil {
				t.Fatal(err)
			}
		}
		a, err := jpeg.Decode(&after)
		if err != nil {
			t.Fatal(err)
		}
		w, err := jpeg.Decode(&before)
		if err != nil {
			t.Fatal(err)
		}
		if !same(a, w) {
			t.Errorf("%s: pixels changed", file)
		}
	}
}

// imageData is what of a file makes the picture: of a JPEG its tables and scans, of others the parts with pixels.
func imageData(t *testing.T, b []byte) (out []byte) {
	t.Helper()
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xd8")):
		for at := 2; ; {
			n := 2 + int(binary.BigEndian.Uint16(b[at+2:]))
			if b[at+1] == 0xda {
				return append(out, b[at:]...)
			}
			if b[at+1] < 0xe0 {
				out = append(out, b[at:at+n]...)
			}
			at += n
		}
	case bytes.HasPrefix(b, []byte("\x89PNG")):
		for at := 8; at < len(b); {
			n := 12 + int(binary.BigEndian.Uint32(b[at:]))
			if b[at+4]&0x20 == 0 || string(b[at+4:at+8]) == "tRNS" {
				out = append(out, b[at:at+n]...)
			}
			at += n
		}
	case bytes.HasPrefix(b, []byte("RIFF")):
		for at := 12; at < len(b); {
			n := (9 + int(binary.LittleEndian.Uint32(b[at+4:]))) &^ 1
			if kind := string(b[at : at+4]); kind == "VP8 " || kind == "VP8L" || kind == "ALPH" {
				out = append(out, b[at:at+n]...)
			}
			at += n
		}
	case bytes.HasPrefix(b, []byte("GIF")):
		return b[:13] // comments stand between the frames, whose pixels tell
	default:
		return b
	}
	return out
}

func same(a, b image.Image) bool {
	if a.Bounds().Size() != b.Bounds().Size() {
		return false
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.At(a.Bounds().Min.X+x, a.Bounds().Min.Y+y) != b.At(b.Bounds().Min.X+x, b.Bounds().Min.Y+y) {
				return false
			}
		}
	}
	return true
}

func TestScreenshotStaysPNG(t *testing.T) {
	var b bytes.Buffer
	p, err := media.Prepare(t.Context(), "testdata/screenshot.png", &b, media.Options{Edge: 2560})
	if err != nil || p.Format != media.PNG {
		t.Fatalf("%s: %v", p.Format, err)
	}
	got, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	want, err := png.Decode(bytes.NewReader(testdata(t, "screenshot.png")))
	if err != nil || !same(toNRGBA(got), toNRGBA(want)) {
		t.Errorf("the text changed: %v", err)
	}
}

// TestPhotoAsPNGBecomesJPEG has a PNG of what a camera sees, which takes many times as many bytes.
func TestPhotoAsPNGBecomesJPEG(t *testing.T) {
	var b, out bytes.Buffer
	if err := png.Encode(&b, sample.Scene(3, 800, 600)); err != nil {
		t.Fatal(err)
	}
	p, err := media.Prepare(t.Context(), write(t, "a.png", b.Bytes()), &out, media.Options{Edge: 2560})
	if err != nil || p.Format != media.JPEG || p.Ext != ".jpg" || out.Len() > b.Len()/2 {
		t.Errorf("%d bytes of PNG became %d of %s: %v", b.Len(), out.Len(), p.Format, err)
	}
}

func toNRGBA(img image.Image) image.Image {
	out := image.NewNRGBA(img.Bounds())
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.Set(x, y, img.At(x, y))
		}
	}
	return out
}

func TestDecoderEndsWithItsContext(t *testing.T) {
	tools := media.Tools{Decoder: decoder(t)}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tools.Thumbnail(ctx, "testdata/plain.heic", 64); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	broken := media.Tools{Decoder: media.NewDecoder(filepath.Join(t.TempDir(), "none"))}
	if _, err := broken.Thumbnail(t.Context(), "testdata/plain.heic", 64); err == nil {
		t.Error("a decoder that is not there decoded")
	}
}

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
