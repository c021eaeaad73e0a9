package isobmff_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"slices"
	"testing"

	"baosong/forms/media/isobmff"
)

// heic is a picture file whose item 1 is the picture, and whose other items are of a kind each, all of them in the same
// place: behind the boxes, of so many bytes.
func heic(kinds []string, pieces int, data []byte, props []byte, uses []byte) []byte {
	infos := full("infe", 2, u16(1), u16(0), []byte("hvc1\x00"))
	for i, kind := range kinds {
		content := map[string]string{"mime": "\x00application/rdf+xml"}[kind]
		infos = join(infos, full("infe", 2, u16(2+i), u16(0), []byte(kind+content+"\x00")))
	}
	meta := func(at int) []byte {
		places := []byte(nil)
		for i := range 1 + len(kinds) {
			places = join(places, u16(1+i), u16(0), u16(pieces), bytes.Repeat(join(u32(at), u32(len(data))), pieces))
		}
		return full("meta", 0, full("hdlr", 0, u32(0), []byte("pict"), make([]byte, 13)), full("pitm", 0, u16(1)),
			full("iinf", 0, u16(1+len(kinds)), infos),
			box("iprp", box("ipco", props), full("ipma", 0, u32(1), u16(1), uses)),
			full("iloc", 0, []byte{0x44, 0}, u16(1+len(kinds)), places))
	}
	return join(ftyp, meta(len(ftyp)+len(meta(0))+8), box("mdat", data))
}

// allocated is how many bytes a call asks for.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestSmallPicturesAskForMuch has pictures of some megabytes whose tables ask for gigabytes.
func TestSmallPicturesAskForMuch(t *testing.T) {
	shape := full("ispe", 0, u32(640), u32(480))
	hvcC := box("hvcC", make([]byte, 16), []byte{1, 0, 0}, make([]byte, 4))
	for name, file := range map[string][]byte{
		"400 items in one place":  heic(slices.Repeat([]string{"mime"}, 400), 1, make([]byte, 3<<20), shape, []byte{1, 1}),
		"an item of 60 pieces":    heic([]string{"mime"}, 60, make([]byte, 3<<20), shape, []byte{1, 1}),
		"one large turn, often":   heic(nil, 1, []byte("picture"), join(shape, hvcC, box("irot", make([]byte, 4<<20))), join([]byte{202, 1, 2}, bytes.Repeat([]byte{3}, 200))),
		"one large tile, often":   heic(nil, 1, []byte("picture"), join(shape, box("hvcC", make([]byte, 16), []byte{1, 0, 0}, make([]byte, 4<<20))), join([]byte{201, 1}, bytes.Repeat([]byte{2}, 200))),
		"pieces without a length": heic([]string{"Exif"}, 60_000, nil, shape, []byte{1, 1}),
	} {
		got := allocated(func() {
			r, size := bytes.NewReader(file), int64(len(file))
			_, _, err := isobmff.CleanPicture(r, size)
			if err != nil && !errors.Is(err, isobmff.ErrTooLarge) {
				t.Errorf("%s: %v", name, err)
			}
			if tile, _, ok := isobmff.Grid(r, size); ok {
				_, _ = io.Copy(io.Discard, tile)
			}
		})
		if got > 64<<20 {
			t.Errorf("%s, in a file of %d MiB: asks for %d MiB", name, len(file)>>20, got>>20)
		}
	}
}

// TestNothingIsLeftUnseen has more boxes, items or pieces than are looked at: such a file is refused, since what was not
// seen would be sent as it is.
func TestNothingIsLeftUnseen(t *testing.T) {
	many := bytes.Repeat(box("free"), 1<<14)
	for name, file := range map[string][]byte{
		"a movie":       join(ftyp, box("moov", mvhd(1000), many, box("udta", box("\xa9xyz", text16(secret)))), box("mdat")),
		"its user data": join(ftyp, box("moov", mvhd(1000), box("udta", many, box("\xa9xyz", text16(secret)))), box("mdat")),
	} {
		if _, _, err := isobmff.CleanMovie(bytes.NewReader(file), int64(len(file))); !errors.Is(err, isobmff.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	shape := full("ispe", 0, u32(640), u32(480))
	for name, file := range map[string][]byte{
		"items":  heic(slices.Repeat([]string{"Exif"}, 5000), 1, []byte(secret), shape, []byte{1, 1}),
		"pieces": heic([]string{"Exif"}, 100, []byte(secret), shape, []byte{1, 1}),
		"boxes":  heic(nil, 1, []byte(secret), join(shape, many), []byte{1, 1}),
	} {
		if _, _, err := isobmff.CleanPicture(bytes.NewReader(file), int64(len(file))); !errors.Is(err, isobmff.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMetadataThatIsNotReadIsTold has an Exif item that is no Exif, and one too large to be read: both go, and that is said.
func TestMetadataThatIsNotReadIsTold(t *testing.T) {
	shape := full("ispe", 0, u32(640), u32(480))
	for name, data := range map[string][]byte{
		"no Exif":   []byte(secret),
		"too short": []byte("MM*"),
		"too large": bytes.Repeat([]byte(secret), 5<<20/len(secret)),
	} {
		file := heic([]string{"Exif"}, 1, data, shape, []byte{1, 1})
		patches, kinds, err := isobmff.CleanPicture(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		if out := patched(t, file, patches); bytes.Contains(out, data[:3]) || !slices.Equal(kinds, []string{isobmff.RemovedOther}) {
			t.Errorf("%s: removed %q", name, kinds)
		}
	}
}

// TestItemsThatReachBeyondTheFile cleans what there is of them, and says nothing of what there is not.
func TestItemsThatReachBeyondTheFile(t *testing.T) {
	data := bytes.Repeat([]byte{'x'}, 1001)
	file := heic([]string{"mime"}, 2, data, full("ispe", 0, u32(640), u32(480)), []byte{1, 1})
	file = bytes.ReplaceAll(file, u32(len(data)), u32(len(data)+500))
	patches, _, err := isobmff.CleanPicture(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	out := patched(t, file, patches)
	if got, _ := payload(t, out, "mdat"); !bytes.Equal(got, bytes.Repeat([]byte{' '}, len(data))) {
		t.Errorf("the item is %q", got)
	}
}

// TestTracksThatTellPositions has tracks of several kinds beside a video: those of measurements go with what they hold, and
// subtitles only where they tell positions.
func TestTracksThatTellPositions(t *testing.T) {
	for _, tt := range []struct {
		handler, entry, text string
		goes                 bool
	}{
		{"meta", "gpmd", "DEVC", true},
		{"camm", "camm", "any", true},
		{"data", "fdsc", "any", true},
		{"ctbx", "any ", "any", true},
		{"zzzz", "mett", "any", true},
		{"text", "text", "F/2.8, SS 206, ISO 150, EV 0, GPS (126.5495, 43.8378, 18)", true},
		{"sbtl", "tx3g", "[iso : 100] [latitude: 43.8378] [longtitude: 126.5495]", true},
		{"subt", "tx3g", "$GPRMC,092751.000,A,4350.27,N,12632.97,E", true},
		{"sbtl", "tx3g", "志愿者用GPS定位，latitude 是纬度", false},
		{"soun", "mp4a", "GPS (126.5495, 43.8378, 18)", false},
		{"vide", "avc1", "GPS (126.5495, 43.8378, 18)", false},
	} {
		data := []byte("VVVVV" + tt.text + "VVVVV")
		stbl := box("stbl", full("stsd", 0, u32(1), box(tt.entry, make([]byte, 8))), full("stsc", 0, u32(1), u32(1), u32(1), u32(1)),
			full("stsz", 0, u32(0), u32(1), u32(len(tt.text))), full("stco", 0, u32(1), u32(len(ftyp)+8+5)))
		file := join(ftyp, box("mdat", data), box("moov", mvhd(1000), box("trak", box("mdia", hdlr(tt.handler), box("minf", stbl)))))
		out, kinds := cleaned(t, file)
		want := bytes.Clone(data)
		if tt.goes {
			clear(want[5 : 5+len(tt.text)])
		}
		got, _ := payload(t, out, "mdat")
		if !bytes.Equal(got, want) || bytes.Contains(out, []byte("trak")) == tt.goes || slices.Contains(kinds, isobmff.RemovedTrack) != tt.goes {
			t.Errorf("%s of %s: the data are %q; removed %q", tt.entry, tt.handler, got, kinds)
		}
	}
}
