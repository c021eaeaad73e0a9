package exif_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"baosong/forms/media/exif"
)

// block is a TIFF block in one directory, whose next one is at next.
func block(next uint32, entries ...[3]uint32) []byte {
	b := append([]byte("II*\x00"), 8, 0, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries { // tag, count of LONG, value or offset
		b = binary.LittleEndian.AppendUint16(b, uint16(e[0]))
		b = binary.LittleEndian.AppendUint16(b, 4)
		b = binary.LittleEndian.AppendUint32(b, e[1])
		b = binary.LittleEndian.AppendUint32(b, e[2])
	}
	return binary.LittleEndian.AppendUint32(b, next)
}

func TestDirectoriesThatPointInCircles(t *testing.T) {
	for name, b := range map[string][]byte{
		"next is itself":               block(8),
		"Exif is the main one":         block(0, [3]uint32{0x8769, 1, 8}),
		"GPS and Exif are the main":    block(8, [3]uint32{0x8769, 1, 8}, [3]uint32{0x8825, 1, 8}),
		"outside":                      block(1<<31, [3]uint32{0x8769, 1, 1 << 30}),
		"value outside":                block(0, [3]uint32{0x010f, 1 << 20, 4}),
		"a count that overflows":       block(0, [3]uint32{0x010f, 1<<32 - 1, 4}),
		"more entries than there are":  append(block(0)[:8], 0xff, 0xff),
		"a header and nothing":         []byte("MM\x00*\x00\x00\x00\x08"),
		"a thumbnail over the block":   block(8, [3]uint32{0x0201, 1, 0}, [3]uint32{0x0202, 1, 1 << 31}),
		"the directory is the header":  append([]byte("II*\x00"), 0, 0, 0, 0),
		"the directory is in the mark": append([]byte("II*\x00"), 2, 0, 0, 0),
	} {
		for _, parse := range []func() (*exif.Block, error){
			func() (*exif.Block, error) { return exif.Parse(b) },
			func() (*exif.Block, error) { return exif.ParseTIFF(bytes.NewReader(b), int64(len(b))) },
		} {
			e, err := parse()
			if err != nil {
				continue
			}
			clean, _ := e.Clean()
			if _, err := exif.Parse(clean.Bytes()); err != nil {
				t.Errorf("%s: what was cleaned is no block: %v", name, err)
			}
			if e.Orientation() != 1 || e.Camera() != "" {
				t.Errorf("%s: %d, %q", name, e.Orientation(), e.Camera())
			}
		}
	}
}

func TestCleanKeepsWhatMayStay(t *testing.T) {
	b := &exif.Block{
		Order: binary.BigEndian,
		Main:  exif.Dir{{Tag: exif.TagModel, Type: exif.ASCII, Data: []byte("X1\x00")}, {Tag: exif.TagArtist, Type: exif.ASCII, Data: []byte("who\x00")}},
		Photo: exif.Dir{
			{Tag: exif.TagTaken, Type: exif.ASCII, Data: []byte("2024:05:30 09:15:00\x00")},
			{Tag: exif.TagOffsetTaken, Type: exif.ASCII, Data: []byte("+08:00\x00")},
			{Tag: 0x927c, Type: exif.Undefined, Data: []byte("maker's own, with a place")},
			{Tag: 0xfe00, Type: exif.ASCII, Data: []byte("what a maker invents next year\x00")},
		},
		GPS:       exif.Dir{{Tag: exif.TagLatitudeRef, Type: exif.ASCII, Data: []byte("N\x00")}},
		Thumbnail: []byte{0xff, 0xd8, 0xff, 0xd9},
	}
	whole, err := exif.Parse(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	clean, removed := whole.Clean()
	again, err := exif.Parse(clean.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if taken, zone := again.Taken(); !zone || taken.UTC().Hour() != 1 || again.Camera() != "X1" {
		t.Errorf("kept %v, zone %v, %q", taken, zone, again.Camera())
	}
	if again.HasLocation() || again.Thumbnail != nil || len(again.Main) != 1 || len(again.Photo) != 2 {
		t.Errorf("left: %+v", again)
	}
	want := []string{exif.RemovedLocation, exif.RemovedMaker, exif.RemovedOther, exif.RemovedOwner, exif.RemovedThumbnail}
	if !slices.Equal(removed, want) {
		t.Errorf("removed %q, want %q", removed, want)
	}
}
