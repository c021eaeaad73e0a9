package exif_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"baosong/forms/media/exif"
)

// FuzzParse reads whatever there is. What can be read can be cleaned, and says then neither where nor by whom, however it is
// read again.
func FuzzParse(f *testing.F) {
	f.Add(block(8, [3]uint32{0x8769, 1, 8}, [3]uint32{0x8825, 1, 8}))
	f.Add(block(0, [3]uint32{0x010f, 1<<32 - 1, 4}, [3]uint32{0x0201, 1, 0}, [3]uint32{0x0202, 1, 60}))
	for _, name := range []string{"o1.jpg", "o8.jpg", "photo.webp", "photo.tif"} {
		data, err := os.ReadFile(filepath.Join("..", "testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		at := max(bytes.Index(data, []byte("II*\x00")), bytes.Index(data, []byte("MM\x00*")))
		f.Add(data[at:min(len(data), at+3000)])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, parse := range []func([]byte) (*exif.Block, error){
			exif.Parse,
			func(b []byte) (*exif.Block, error) { return exif.ParseTIFF(bytes.NewReader(b), int64(len(b))) },
		} {
			b, err := parse(data)
			if err != nil {
				continue
			}
			if o := b.Orientation(); o < 1 || o > 8 {
				t.Errorf("orientation %d", o)
			}
			b.Camera()
			b.Taken()
			b.Position()
			clean, _ := b.Clean()
			again, err := exif.Parse(clean.Bytes())
			if err != nil {
				t.Fatalf("what was cleaned cannot be read: %v", err)
			}
			_, left := again.Clean()
			for _, kind := range []string{exif.RemovedLocation, exif.RemovedSerial, exif.RemovedOwner, exif.RemovedThumbnail} {
				if slices.Contains(left, kind) {
					t.Errorf("what was cleaned says %q", kind)
				}
			}
			if again.HasLocation() || again.Orientation() != clean.Orientation() || again.Camera() != clean.Camera() {
				t.Errorf("read again it is %+v, it was %+v", again, clean)
			}
		}
	})
}
