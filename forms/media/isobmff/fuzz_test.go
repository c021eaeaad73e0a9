package isobmff_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"baosong/forms/media/isobmff"
)

// FuzzWalk walks whatever there is: each answer is a result or an error of this package, every patch lies in the file, what
// was cleaned says no place, and a video is not changed by a second cleaning.
func FuzzWalk(f *testing.F) {
	for _, data := range movies(f) {
		f.Add(data[:min(len(data), 20_000)])
	}
	for _, name := range []string{"plain.heic", "grid-rot1-mir1.heic", "photo.avif"} {
		f.Add(testdata(f, name))
	}
	f.Add(join(ftyp, box("moov", mvhd(9), keyed(true, "com.apple.quicktime.location.ISO6709"), box("udta", full("loci", 0, u16(0), []byte{0}, make([]byte, 13))))))
	f.Add(join(ftyp, u32(1), []byte("moov"), u64(-1)))
	f.Add(join(ftyp, open("moov", open("trak", open("mdia", hdlr("meta"))))))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, size := bytes.NewReader(data), int64(len(data))
		known := func(err error) {
			for _, e := range []error{isobmff.ErrNotBoxes, isobmff.ErrTruncated, isobmff.ErrNoMovie, isobmff.ErrBad, isobmff.ErrTooLarge} {
				if err == nil || errors.Is(err, e) {
					return
				}
			}
			t.Errorf("an error of its own: %v", err)
		}
		m, err := isobmff.ReadMovie(r, size)
		if known(err); m.Duration < 0 || m.Width < 0 || m.Height < 0 {
			t.Errorf("%+v", m)
		}
		p, err := isobmff.ReadPicture(r, size)
		if known(err); p.Orientation < 0 || p.Orientation > 8 || p.Width < 0 || p.Height < 0 {
			t.Errorf("%+v", p)
		}
		for i, clean := range []func([]byte) ([]isobmff.Patch, []string, error){
			func(b []byte) ([]isobmff.Patch, []string, error) {
				return isobmff.CleanMovie(bytes.NewReader(b), int64(len(b)))
			},
			func(b []byte) ([]isobmff.Patch, []string, error) {
				return isobmff.CleanPicture(bytes.NewReader(b), int64(len(b)))
			},
		} {
			patches, _, err := clean(data)
			if known(err); err != nil {
				continue
			}
			once := patched(t, data, patches)
			patches, kinds, err := clean(once)
			if err != nil || slices.Contains(kinds, isobmff.RemovedLocation) {
				t.Fatalf("a second cleaning finds %q: %v", kinds, err)
			}
			if twice := patched(t, once, patches); i == 0 && !bytes.Equal(once, twice) {
				t.Error("a second cleaning changes more")
			}
		}
	})
}
