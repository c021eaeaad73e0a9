package isobmff_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"baosong/forms/media/isobmff"
	"baosong/forms/media/sample"
)

func writeTo(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// movies are videos of every make, by name.
func movies(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, name := range []string{"phone.mp4", "first.mp4", "turned.mp4", "fragments.mp4", "apple.mov", "phone.m4v", "phone.3gp"} {
		out[name] = testdata(t, name)
	}
	for name, opt := range map[string]sample.VideoOptions{
		"early.mp4": {Location: "+43.8378+126.5495/", Length: time.Second, Apple: true},
		"late.mp4":  {Location: "+43.8378+126.5495/", Length: time.Second, Late: true, Rotation: 90},
	} {
		var b bytes.Buffer
		if err := sample.Video(&b, opt); err != nil {
			t.Fatal(err)
		}
		out[name] = b.Bytes()
	}
	return out
}

// TestCleaningKeepsTheRecording compares the bytes of the samples and of the tables that lead to them, what is said about
// the video but for the place, and the frames and sounds that ffmpeg decodes where it is on the path.
func TestCleaningKeepsTheRecording(t *testing.T) {
	ffmpeg, _ := exec.LookPath("ffmpeg") // without it, the bytes tell
	for name, before := range movies(t) {
		after, kinds := cleaned(t, before)
		data, _ := payload(t, before, "mdat")
		if now, _ := payload(t, after, "mdat"); !bytes.Equal(now, data) {
			t.Errorf("%s: the samples changed", name)
		}
		for at := 0; ; {
			i := bytes.Index(before[at:], []byte("stbl"))
			if i < 0 {
				break
			}
			at += i + 4
			size := int(before[at-6])<<8 | int(before[at-5])
			if !bytes.Equal(after[at-8:at-8+size], before[at-8:at-8+size]) {
				t.Errorf("%s: the tables changed", name)
			}
		}
		was, err := readMovie(before)
		if err != nil {
			t.Fatal(err)
		}
		is, err := readMovie(after)
		if err != nil || is.Location != "" {
			t.Errorf("%s: taken at %q: %v", name, is.Location, err)
		}
		if told := slices.Contains(kinds, isobmff.RemovedLocation); told != (was.Location != "") {
			t.Errorf("%s: removed %q, of a video taken at %q", name, kinds, was.Location)
		}
		if was.Location = ""; is != was {
			t.Errorf("%s was %+v\nand is %+v", name, was, is)
		}
		if ffmpeg != "" && !bytes.Equal(frames(t, ffmpeg, before), frames(t, ffmpeg, after)) {
			t.Errorf("%s: ffmpeg decodes other frames", name)
		}
		again, kinds := cleaned(t, after)
		if !bytes.Equal(again, after) || len(kinds) > 0 {
			t.Errorf("%s: a second cleaning finds %q", name, kinds)
		}
	}
}

// frames are the digests of everything that ffmpeg decodes.
func frames(t *testing.T, ffmpeg string, data []byte) []byte {
	t.Helper()
	out, err := exec.Command(ffmpeg, "-nostdin", "-v", "error", "-i", write(t, data), "-map", "0:v", "-map", "0:a?", "-f", "framemd5", "-").Output()
	if err != nil || bytes.Count(out, []byte("\n")) < 15 {
		t.Fatalf("%s: %v", out, err)
	}
	return out
}

const secret = "GEHEIM+43.8378+126.5495/" // any text will do

// text16 is a text of QuickTime's user data, behind its length and language.
func text16(s string) []byte { return join(u16(len(s)), u16(0x15c7), []byte(s)) }

// keyed is Apple's meta box with one key and its value, as a box of QuickTime or, with version and flags, of ISO.
func keyed(iso bool, key string) []byte {
	parts := join(box("hdlr", u32(0), u32(0), []byte("mdta"), make([]byte, 13)), full("keys", 0, u32(1), box("mdta", []byte(key))),
		box("ilst", box(string(u32(1)), box("data", u32(1), u32(0), []byte(secret)))))
	if iso {
		return full("meta", 0, parts)
	}
	return box("meta", parts)
}

// TestEveryKindOfUserData puts a text into every place that cameras and programs use and looks whether it stays.
func TestEveryKindOfUserData(t *testing.T) {
	wide := []byte{0xfe, 0xff}
	for _, c := range utf16.Encode([]rune("示例广场")) {
		wide = append(wide, byte(c>>8), byte(c))
	}
	place := join([]byte{0}, u32(126<<16|0x8cac), u32(43<<16|0xd67a), u32(0), []byte("earth\x00"), []byte(secret+"\x00"))
	udta := func(boxes ...[]byte) []byte { return box("udta", boxes...) }
	none, location, xmp, other := "", isobmff.RemovedLocation, isobmff.RemovedXMP, isobmff.RemovedOther
	for name, tt := range map[string]struct {
		moov []byte
		want string // the kind that goes; "" stays
	}{
		"©xyz":                       {udta(box("\xa9xyz", text16(secret))), location},
		"©xyz before zeros":          {udta(box("\xa9xyz", text16(secret)), u32(0)), location},
		"©xyz in 64 bits":            {udta(large("\xa9xyz", text16(secret))), location},
		"©xyz to the end":            {udta(open("\xa9xyz", text16(secret))), location},
		"©xyz of a track":            {box("trak", udta(box("\xa9xyz", text16(secret)))), location},
		"©xyz of media":              {box("trak", box("mdia", hdlr("vide"), udta(box("\xa9xyz", text16(secret))))), location},
		"loci":                       {udta(full("loci", 0, u16(0x15c7), []byte("示例广场\x00"), place)), location},
		"loci in UTF-16":             {udta(full("loci", 0, u16(0x15c7), wide, u16(0), place)), location},
		"©gps":                       {udta(box("\xa9gps", text16(secret))), location},
		"gps":                        {box("gps ", []byte(secret)), location},
		"a key for the place":        {keyed(false, "com.apple.quicktime.location.ISO6709"), location},
		"the same in ISO":            {keyed(true, "com.apple.quicktime.location.ISO6709"), location},
		"the same in user data":      {udta(keyed(true, "com.apple.quicktime.location.ISO6709")), location},
		"the same of a track":        {box("trak", keyed(false, "com.apple.quicktime.location.name")), location},
		"a key for who":              {keyed(false, "com.apple.quicktime.author"), other},
		"a key nobody knows":         {keyed(false, "com.example.who.knows"), other},
		"a key for the model":        {keyed(false, "com.apple.quicktime.model"), none},
		"a key for the time":         {keyed(false, "com.apple.quicktime.creationdate"), none},
		"a key for Android's":        {keyed(true, "com.android.manufacturer"), none},
		"model":                      {udta(box("\xa9mod", text16(secret))), none},
		"maker":                      {udta(box("\xa9mak", text16(secret))), none},
		"day":                        {udta(box("\xa9day", text16(secret))), none},
		"title":                      {udta(box("\xa9nam", text16(secret))), none},
		"author":                     {udta(box("auth", u32(0), []byte(secret))), other},
		"©aut":                       {udta(box("\xa9aut", text16(secret))), other},
		"a serial number":            {udta(box("CAME", []byte(secret))), other},
		"XMP in user data":           {udta(box("XMP_", []byte(secret))), xmp},
		"XMP in uuid":                {box("uuid", make([]byte, 16), []byte(secret)), xmp},
		"XMP in the uuid of a track": {box("trak", box("uuid", make([]byte, 16), []byte(secret))), xmp},
		"XMP in the uuid of media":   {box("trak", box("mdia", hdlr("vide"), box("uuid", make([]byte, 16), []byte(secret)))), xmp},
		"XML in meta":                {box("meta", hdlr("mdta"), box("xml ", []byte(secret))), other},
		"iTunes' comment":            {udta(full("meta", 0, hdlr("mdir"), box("ilst", box("\xa9cmt", box("data", u32(1), u32(0), []byte(secret)))))), other},
		"what nobody knows":          {box("zzzz", []byte(secret)), other},
		"free space":                 {box("free", []byte(secret)), "free"},
		"free space in user data":    {udta(box("free", []byte(secret))), "free"},
		"free space in meta":         {box("meta", hdlr("mdta"), box("free", []byte(secret))), "free"},
		"free space in a track":      {box("trak", box("free", []byte(secret)), box("mdia", hdlr("vide"), box("skip", []byte(secret)))), "free"},
	} {
		for where, file := range map[string][]byte{
			"before the data": join(ftyp, box("moov", mvhd(1000), tt.moov), box("mdat", []byte("0123456789"))),
			"behind it":       join(ftyp, box("mdat", []byte("0123456789")), box("moov", tt.moov, mvhd(1000))),
		} {
			out, kinds := cleaned(t, file)
			want := []string{tt.want}
			if tt.want == none || tt.want == "free" {
				want = []string{}
			}
			stays := bytes.Contains(out, []byte(secret))
			part := bytes.Contains(out, []byte(secret[:4])) || bytes.Contains(out, []byte(secret[len(secret)-4:]))
			if stays != (tt.want == none) || part != stays || !slices.Equal(kinds, want) {
				t.Errorf("%s, %s: it stays: %v, in part: %v; removed %q", name, where, stays, part, kinds)
			}
			if m, err := readMovie(out); err != nil || m.Duration != time.Second || m.Location != "" {
				t.Errorf("%s, %s: afterwards it is %+v: %v", name, where, m, err)
			}
			if m, err := readMovie(file); err != nil || (m.Location != "") != (tt.want == location && name != "gps") ||
				strings.HasPrefix(name, "loci") && m.Location != "+43.8378+126.5495/" {
				t.Errorf("%s, %s: taken at %q: %v", name, where, m.Location, err)
			}
		}
	}
	for name, file := range map[string][]byte{
		"a box at the top":    join(ftyp, box("moov", mvhd(1000)), box("uuid", make([]byte, 16), []byte(secret)), box("mdat")),
		"free at the top":     join(ftyp, box("moov", mvhd(1000)), box("free", []byte(secret)), box("mdat")),
		"bytes behind it all": join(ftyp, box("mdat"), box("moov", mvhd(1000)), u32(3), []byte(secret)),
	} {
		if out, _ := cleaned(t, file); bytes.Contains(out, []byte(secret)) {
			t.Errorf("%s stays", name)
		}
	}
	if _, _, err := isobmff.CleanMovie(bytes.NewReader(ftyp), int64(len(ftyp))); !errors.Is(err, isobmff.ErrNoMovie) {
		t.Errorf("without a header: %v", err)
	}
	packed := join(ftyp, box("moov", box("cmov", []byte(secret))))
	if _, _, err := isobmff.CleanMovie(bytes.NewReader(packed), int64(len(packed))); !errors.Is(err, isobmff.ErrBad) {
		t.Errorf("a header that is compressed: %v", err)
	}
}

// TestMeasurementsAreBlanked interleaves the samples of a track of measurements with those of a video, in every form that
// their tables can have.
func TestMeasurementsAreBlanked(t *testing.T) {
	sizes := []int{5, 9, 12, 3}
	list := func(wide int) (out []byte) {
		for _, n := range sizes {
			out = append(out, u64(n)[8-wide:]...)
		}
		return out
	}
	for name, tt := range map[string]struct {
		table func(fixed int) []byte
		fixed int
	}{
		"sizes of 32 bits": {func(int) []byte { return full("stsz", 0, u32(0), u32(4), list(4)) }, 0},
		"sizes of 16 bits": {func(int) []byte { return full("stz2", 0, u32(16), u32(4), list(2)) }, 0},
		"sizes of 8 bits":  {func(int) []byte { return full("stz2", 0, u32(8), u32(4), list(1)) }, 0},
		"sizes of 4 bits":  {func(int) []byte { return full("stz2", 0, u32(4), u32(4), []byte{0x59, 0xc3}) }, 0},
		"one size":         {func(n int) []byte { return full("stsz", 0, u32(n), u32(4)) }, 7},
	} {
		for _, wide := range []bool{false, true} {
			var data []byte
			var offsets []int
			start := len(ftyp) + 8
			video := func(n int) []byte { return bytes.Repeat([]byte{'V'}, n) }
			k := 0
			for _, per := range []int{2, 1, 1} { // samples in each chunk
				data = append(data, video(10+k)...)
				offsets = append(offsets, start+len(data))
				for range per {
					n := sizes[k]
					if tt.fixed > 0 {
						n = tt.fixed
					}
					data = append(data, bytes.Repeat([]byte{'G'}, n)...)
					k++
				}
			}
			data = append(data, video(6)...)
			chunks := []byte(nil)
			for _, o := range offsets {
				if wide {
					chunks = append(chunks, u64(o)...)
				} else {
					chunks = append(chunks, u32(o)...)
				}
			}
			kind := map[bool]string{false: "stco", true: "co64"}[wide]
			stbl := box("stbl", full("stsc", 0, u32(2), u32(1), u32(2), u32(1), u32(2), u32(1), u32(1)), tt.table(tt.fixed), full(kind, 0, u32(3), chunks))
			file := join(ftyp, box("mdat", data), box("moov", mvhd(1000), box("trak", box("mdia", hdlr("meta"), box("minf", stbl)))))
			out, kinds := cleaned(t, file)
			got, _ := payload(t, out, "mdat")
			if want := bytes.ReplaceAll(data, []byte{'G'}, []byte{0}); !bytes.Equal(got, want) {
				t.Errorf("%s: the data are %q", name, got)
			}
			if !slices.Equal(kinds, []string{isobmff.RemovedTrack}) || bytes.Contains(out, []byte("trak")) {
				t.Errorf("%s: removed %q", name, kinds)
			}
		}
	}
}

// TestMeasurementsThatOverlap has chunks that lie over each other, and over the header itself.
func TestMeasurementsThatOverlap(t *testing.T) {
	data := []byte("VVVVVGGGGGGGGGGGGGGGVVVVV")
	start := len(ftyp) + 8
	for name, tt := range map[string]struct {
		offsets []int
		blank   string // what the data become
	}{
		"in part":         {[]int{start + 5, start + 10}, "VVVVV\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00VVVVV"},
		"backwards":       {[]int{start + 10, start + 5}, "VVVVV\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00VVVVV"},
		"wholly":          {[]int{start + 10, start + 10}, "VVVVVGGGGG\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00VVVVV"},
		"beyond the file": {[]int{1 << 30, start + 10}, "VVVVVGGGGG\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00VVVVV"},
		"over the header": {[]int{start + len(data) + 60, start + 10}, "VVVVVGGGGG\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00VVVVV"},
	} {
		stbl := box("stbl", full("stsc", 0, u32(1), u32(1), u32(1), u32(1)), full("stsz", 0, u32(10), u32(2)),
			full("stco", 0, u32(2), u32(tt.offsets[0]), u32(tt.offsets[1])))
		file := join(ftyp, box("mdat", data), box("moov", box("trak", box("mdia", hdlr("meta"), box("minf", stbl))), mvhd(1000)))
		out, kinds := cleaned(t, file) // looks at the order of what is patched
		if got, _ := payload(t, out, "mdat"); string(got) != tt.blank || !slices.Equal(kinds, []string{isobmff.RemovedTrack}) {
			t.Errorf("%s: the data are %q; removed %q", name, got, kinds)
		}
		if m, err := readMovie(out); err != nil || m.Duration != time.Second {
			t.Errorf("%s: %+v: %v", name, m, err)
		}
	}
}

// TestPicturesKeepTheirData cleans HEIC and AVIF and compares everything but the metadata.
func TestPicturesKeepTheirData(t *testing.T) {
	for _, tt := range []struct {
		file        string
		w, h        int
		orientation int
		codec       string
	}{
		{"plain.heic", 120, 96, 1, "hvc1"},
		{"p3.heic", 120, 96, 1, "hvc1"},
		{"grid-rot0.heic", 256, 192, 1, "hvc1"},
		{"grid-rot1.heic", 192, 256, 8, "hvc1"},
		{"grid-rot2.heic", 256, 192, 3, "hvc1"},
		{"grid-rot3.heic", 192, 256, 6, "hvc1"},
		{"grid-mir0.heic", 256, 192, 4, "hvc1"},
		{"grid-mir1.heic", 256, 192, 2, "hvc1"},
		{"photo.avif", 120, 96, 1, "av01"},
	} {
		data := testdata(t, tt.file)
		p, err := isobmff.ReadPicture(bytes.NewReader(data), int64(len(data)))
		if err != nil || p.Width != tt.w || p.Height != tt.h || p.Orientation != tt.orientation || p.Codec != tt.codec {
			t.Errorf("%s is %+v: %v", tt.file, p, err)
		}
		patches, _, err := isobmff.CleanPicture(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		out := patched(t, data, patches)
		masked := func(b []byte) []byte {
			b = bytes.Clone(b)
			for _, s := range slices.Concat(p.Exif, p.XMP) {
				clear(b[s.Off : s.Off+s.Len])
			}
			return b
		}
		if !bytes.Equal(masked(out), masked(data)) {
			t.Errorf("%s: more changed than its metadata", tt.file)
		}
		if len(p.Exif) > 0 && bytes.Equal(out, data) {
			t.Errorf("%s: nothing changed", tt.file)
		}
	}
}

// TestMetadataInFreeSpace has the metadata of a picture in what is blanked otherwise.
func TestMetadataInFreeSpace(t *testing.T) {
	data := bytes.Replace(testdata(t, "plain.heic"), []byte("mdat"), []byte("free"), 1)
	patches, _, err := isobmff.CleanPicture(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	out := patched(t, data, patches)
	if !bytes.Contains(out, []byte("示例相机 X1")) || bytes.Contains(out, []byte("示例机主")) {
		t.Error("what may stay did not, or what may not did")
	}
}
