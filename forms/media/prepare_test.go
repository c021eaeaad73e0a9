package media_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"baosong/forms/media"
	"baosong/forms/media/sample"
)

const (
	latitude  = 43.8378
	longitude = 126.5495
)

var taken = time.Date(2024, 5, 30, 9, 15, 0, 0, time.FixedZone("", 8*3600))

// write puts a file into a folder of the test and returns its path.
func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func photo(t testing.TB, opt sample.PhotoOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := sample.Photo(&b, opt); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// phone is a photo as a phone makes it, in a given orientation.
func phone(orientation int) sample.PhotoOptions {
	return sample.PhotoOptions{
		Index: orientation, Width: 800, Height: 600, Orientation: orientation, Taken: taken,
		Location: true, Latitude: latitude, Longitude: longitude,
	}
}

func prepare(t testing.TB, path string, opt media.Options) (media.Prepared, []byte) {
	t.Helper()
	var b bytes.Buffer
	p, err := media.Prepare(t.Context(), path, &b, opt)
	if err != nil {
		t.Fatal(err)
	}
	if p.Size != int64(b.Len()) || p.SHA256 != sha256.Sum256(b.Bytes()) || p.CRC32 != crc32.ChecksumIEEE(b.Bytes()) {
		t.Errorf("size or sums of %s do not fit what was written", filepath.Base(path))
	}
	return p, b.Bytes()
}

// traces are the bytes that give a sample photo away: its coordinates as they stand in EXIF, its serial number, its
// owner and the start of a second JPEG, which would be the thumbnail.
func traces() map[string][]byte {
	rationals := func(v ...uint32) []byte {
		var b []byte
		for _, n := range v {
			b = binary.LittleEndian.AppendUint32(b, n)
		}
		return b
	}
	return map[string][]byte{
		"latitude":  rationals(43, 1, 50, 1, 1608, 100),
		"longitude": rationals(126, 1, 32, 1, 5820, 100),
		"serial":    []byte("SAMPLE-0001"),
		"owner":     []byte("示例机主"),
	}
}

// upright checks that a sample scene stands as it should: sky above, ground below, sun at the right, and the red
// arrow above the number.
func upright(t *testing.T, img image.Image) {
	t.Helper()
	b := img.Bounds()
	at := func(x, y float64) color.RGBA {
		return color.RGBAModel.Convert(img.At(b.Min.X+int(x*float64(b.Dx())), b.Min.Y+int(y*float64(b.Dy())))).(color.RGBA)
	}
	if c := at(0.05, 0.1); c.B < 150 || c.B < c.R {
		t.Errorf("no sky at the top left: %v", c)
	}
	if c := at(0.05, 0.95); c.B > 120 {
		t.Errorf("no ground at the bottom left: %v", c)
	}
	if c := at(0.8, 1.0/6); c.R < 220 || c.B > 190 {
		t.Errorf("no sun at the top right: %v", c)
	}
	if c := at(0.5, 0.38); c.R < 150 || c.G > 100 {
		t.Errorf("no arrow above the number: %v", c)
	}
}

func TestPrepareTurnsEveryOrientationUpright(t *testing.T) {
	for o := 1; o <= 8; o++ {
		t.Run(fmt.Sprint(o), func(t *testing.T) {
			src := photo(t, phone(o))
			for what, trace := range traces() {
				if !bytes.Contains(src, trace) {
					t.Fatalf("the sample lacks its %s, so this test proves nothing", what)
				}
			}
			path := write(t, "照片.JPG", src)
			p, out := prepare(t, path, media.Options{Edge: 400})
			if p.Width != 400 || p.Height != 300 || p.Format != media.JPEG || p.Ext != ".jpg" {
				t.Errorf("prepared %+v", p)
			}
			img, err := jpeg.Decode(bytes.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			if got := img.Bounds().Size(); got != image.Pt(400, 300) {
				t.Errorf("picture is %v", got)
			}
			upright(t, img)
			for what, trace := range traces() {
				if bytes.Contains(out, trace) {
					t.Errorf("%s is still there", what)
				}
			}
			want := []string{media.RemovedLocation, media.RemovedOwner, media.RemovedSerial, media.RemovedThumbnail}
			if !slices.Equal(p.Removed, want) {
				t.Errorf("removed %q, want %q", p.Removed, want)
			}
			info, err := media.ProbeReader(t.Context(), bytes.NewReader(out), int64(len(out)), "x.jpg")
			if err != nil {
				t.Fatal(err)
			}
			if !info.Taken.Equal(taken) || !info.ZoneKnown || info.Camera != sample.CameraModel {
				t.Errorf("time and camera should stay: %v %v %q", info.Taken, info.ZoneKnown, info.Camera)
			}
			if info.Orientation != 1 || info.Position != nil || len(info.Personal) != 0 {
				t.Errorf("left over: orientation %d, position %v, %q", info.Orientation, info.Position, info.Personal)
			}
		})
	}
}

func TestPrepareOriginalKeepsImageData(t *testing.T) {
	src := photo(t, phone(6))
	path := write(t, "a.jpg", src)
	p, out := prepare(t, path, media.Options{Original: true, Edge: 400, MaxBytes: 1000})
	scan := func(b []byte) []byte { return b[bytes.Index(b, []byte("\xff\xda")):] }
	// The first scan in the source is that of the thumbnail; the last DQT begins the picture.
	tables := []byte("\xff\xdb\x00\x84")
	if !bytes.Equal(src[bytes.LastIndex(src, tables):], out[bytes.LastIndex(out, tables):]) || len(scan(out)) < 1000 {
		t.Error("the image data changed")
	}
	for what, trace := range traces() {
		if bytes.Contains(out, trace) {
			t.Errorf("%s is still there", what)
		}
	}
	if p.Width != 800 || p.Height != 600 {
		t.Errorf("shown as %d × %d", p.Width, p.Height)
	}
	if again, out2 := prepare(t, path, media.Options{Original: true}); again.SHA256 != p.SHA256 || !bytes.Equal(out, out2) {
		t.Error("the same file gave other bytes")
	}
}

func TestPrepareReachesBytes(t *testing.T) {
	path := write(t, "a.jpg", photo(t, sample.PhotoOptions{Index: 3, Width: 1600, Height: 1200}))
	for _, limit := range []int64{200_000, 60_000, 15_000} {
		p, out := prepare(t, path, media.Options{Edge: 1600, MaxBytes: limit})
		if p.Size > limit || p.Size < limit/3 {
			t.Errorf("asked for %d bytes, got %d at %d × %d", limit, p.Size, p.Width, p.Height)
		}
		if _, err := jpeg.Decode(bytes.NewReader(out)); err != nil {
			t.Error(err)
		}
	}
}

func TestPrepareVideoBlanksThePlaceOnly(t *testing.T) {
	const where = "+43.8378+126.5495+200/"
	for _, tt := range []struct {
		name string
		opt  sample.VideoOptions
	}{
		{"moov first", sample.VideoOptions{Location: where, Taken: taken}},
		{"moov last, keys, turned", sample.VideoOptions{Location: where, Taken: taken, Apple: true, Late: true, Rotation: 90}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := sample.Video(&b, tt.opt); err != nil {
				t.Fatal(err)
			}
			path := write(t, "影像.mp4", b.Bytes())
			before, err := media.Probe(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if before.Position == nil || before.Position.Latitude != latitude || before.Duration != 2*time.Second {
				t.Errorf("probe: %+v", before)
			}
			p, out := prepare(t, path, media.Options{})
			if bytes.Contains(out, []byte("43.83")) || bytes.Contains(out, []byte("126.5")) {
				t.Error("the place is still there")
			}
			if len(out) != b.Len() || !slices.Equal(p.Removed, []string{media.RemovedLocation}) {
				t.Errorf("%d bytes of %d, removed %q", len(out), b.Len(), p.Removed)
			}
			data := bytes.Index(b.Bytes(), []byte("mdat"))
			if end := bytes.LastIndex(b.Bytes(), []byte{0xff, 0xd9}); !bytes.Equal(out[data:end], b.Bytes()[data:end]) {
				t.Error("the pictures of the video changed")
			}
			after, err := media.ProbeReader(t.Context(), bytes.NewReader(out), int64(len(out)), "x.mp4")
			if err != nil {
				t.Fatal(err)
			}
			if after.Position != nil || !after.Taken.Equal(taken) || after.Camera != sample.CameraModel {
				t.Errorf("after: %+v", after)
			}
			if after.Width != before.Width || after.Rotation != tt.opt.Rotation {
				t.Errorf("%d × %d turned by %d", after.Width, after.Height, after.Rotation)
			}
		})
	}
}
