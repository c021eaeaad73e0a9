package isobmff_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"baosong/forms/media/isobmff"
	"baosong/forms/media/sample"
)

var taken = time.Date(2024, 5, 30, 1, 15, 0, 0, time.UTC)

// TestMoviesOfPhonesAndTools reads what ffmpeg and exiftool wrote; the figures are ffprobe's.
func TestMoviesOfPhonesAndTools(t *testing.T) {
	for _, tt := range []struct {
		file string
		want isobmff.Movie // without Location
	}{
		{"phone.mp4", isobmff.Movie{Brand: "isom", Duration: time.Second, Created: taken, Width: 160, Height: 120, Codec: "avc1", Audio: "mp4a"}},
		{"first.mp4", isobmff.Movie{Brand: "isom", Duration: time.Second, Created: taken, Width: 160, Height: 120, Codec: "avc1", Audio: "mp4a", Faststart: true}},
		{"turned.mp4", isobmff.Movie{Brand: "isom", Duration: time.Second, Width: 120, Height: 160, Rotation: 270, Codec: "avc1", Audio: "mp4a"}},
		{"fragments.mp4", isobmff.Movie{Brand: "isom", Duration: 1200 * time.Millisecond, Width: 160, Height: 120, Codec: "avc1", Audio: "mp4a", Faststart: true}},
		{"apple.mov", isobmff.Movie{Brand: "qt", Duration: time.Second, Created: taken, Width: 160, Height: 120, Codec: "avc1", Audio: "mp4a", Camera: "示例相机 X1", Faststart: true}},
		{"phone.m4v", isobmff.Movie{Brand: "M4V", Duration: time.Second, Width: 160, Height: 120, Codec: "avc1", Audio: "mp4a"}},
		{"phone.3gp", isobmff.Movie{Brand: "3gp4", Duration: time.Second, Created: taken, Width: 192, Height: 144, Codec: "s263", Audio: "mp4a"}},
	} {
		got, err := readMovie(testdata(t, tt.file))
		if err != nil {
			t.Errorf("%s: %v", tt.file, err)
		}
		place := got.Location
		if got.Location = ""; got != tt.want {
			t.Errorf("%s is %+v\nwant %+v", tt.file, got, tt.want)
		}
		if says := !tt.want.Created.IsZero() || tt.file == "turned.mp4"; says != (place != "") {
			t.Errorf("%s was taken at %q", tt.file, place)
		}
	}
}

// TestMoviesAgreeWithFFprobe compares with what ffprobe says where it is on the path, and with what was asked for in any case.
func TestMoviesAgreeWithFFprobe(t *testing.T) {
	ffprobe, _ := exec.LookPath("ffprobe") // without it, half of this test remains
	for _, rotation := range []int{0, 90, 180, 270} {
		for _, late := range []bool{false, true} {
			opt := sample.VideoOptions{
				Width: 200, Height: 112, Length: 2300 * time.Millisecond, Taken: taken, Location: "+43.8378+126.5495/",
				Rotation: rotation, Late: late,
			}
			var b bytes.Buffer
			if err := sample.Video(&b, opt); err != nil {
				t.Fatal(err)
			}
			m, err := readMovie(b.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			want := isobmff.Movie{
				Brand: "isom", Duration: opt.Length, Created: taken, Width: 200, Height: 112, Rotation: rotation, Codec: "mp4v",
				Camera: sample.CameraMaker + " " + sample.CameraModel, Location: opt.Location, Faststart: !late,
			}
			if rotation%180 != 0 {
				want.Width, want.Height = want.Height, want.Width
			}
			if m.Camera == sample.CameraModel { // where the model begins with the maker
				want.Camera = m.Camera
			}
			if m != want {
				t.Errorf("got  %+v\nwant %+v", m, want)
			}
			if ffprobe != "" {
				agree(t, ffprobe, b.Bytes(), m)
			}
		}
	}
	if ffprobe == "" {
		return
	}
	for _, file := range []string{"phone.mp4", "first.mp4", "turned.mp4", "fragments.mp4", "apple.mov", "phone.m4v"} { // of 3GP, ffprobe tells no square pixels
		data := testdata(t, file)
		m, err := readMovie(data)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, ffprobe, data, m)
	}
}

func agree(t *testing.T, ffprobe string, data []byte, m isobmff.Movie) {
	t.Helper()
	path := write(t, data)
	out, err := exec.Command(ffprobe, "-v", "error", "-select_streams", "v:0", "-of", "json", "-show_entries",
		"format=duration:stream=codec_tag_string,width,height:stream_side_data=rotation", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		Streams []struct {
			Tag           string `json:"codec_tag_string"`
			Width, Height int
			Side          []struct{ Rotation int } `json:"side_data_list"`
		}
		Format struct{ Duration string }
	}
	if err := json.Unmarshal(out, &said); err != nil || len(said.Streams) != 1 {
		t.Fatalf("%s: %v", out, err)
	}
	s, turn := said.Streams[0], 0
	if len(s.Side) > 0 {
		turn = (360 - s.Side[0].Rotation) % 360 // ffprobe counts anticlockwise
	}
	if turn%180 != 0 {
		s.Width, s.Height = s.Height, s.Width
	}
	seconds, err := strconv.ParseFloat(said.Format.Duration, 64)
	if err != nil || math.Abs(seconds-m.Duration.Seconds()) > 0.03 || s.Tag != m.Codec || s.Width != m.Width || s.Height != m.Height || turn != m.Rotation {
		t.Errorf("%+v, where ffprobe says %+v: %v", m, said, err)
	}
}

// TestMovieHeaderStandsAnywhere moves the boxes of one movie about and writes their sizes in every way there is.
func TestMovieHeaderStandsAnywhere(t *testing.T) {
	data := box("mdat", bytes.Repeat([]byte{0xab}, 300))
	head := mvhd(4200)
	for name, tt := range map[string]struct {
		file  []byte
		first bool
	}{
		"before the data":              {join(ftyp, box("moov", head), data), true},
		"behind it":                    {join(ftyp, data, box("moov", head)), false},
		"between data":                 {join(ftyp, data, box("moov", head), data), false},
		"behind free space":            {join(ftyp, box("free", make([]byte, 5000)), box("moov", head), data), true},
		"without ftyp":                 {join(box("wide"), data, box("moov", head)), false},
		"behind data of 64 bits":       {join(ftyp, large("mdat", make([]byte, 100)), box("moov", head)), false},
		"in 64 bits":                   {join(ftyp, large("moov", head), data), true},
		"open to the end":              {join(ftyp, data, open("moov", head)), false},
		"before data open to the end":  {join(ftyp, box("moov", head), open("mdat", make([]byte, 77))), true},
		"with a header in 64 bits":     {join(ftyp, data, box("moov", large("mvhd", head[8:]))), false},
		"with a header to the end":     {join(ftyp, data, box("moov", open("mvhd", head[8:]))), false},
		"before stray bytes":           {join(ftyp, data, box("moov", head), []byte{1, 2, 3}), false},
		"before what is no box":        {join(ftyp, data, box("moov", head), bytes.Repeat([]byte{0xff}, 40)), false},
		"with zeros behind its boxes":  {join(ftyp, data, box("moov", head, make([]byte, 4))), false},
		"with a damaged box behind it": {join(ftyp, data, box("moov", head, u32(1<<30), []byte("trak"))), false},
	} {
		m, err := readMovie(tt.file)
		if err != nil || m.Duration != 4200*time.Millisecond || m.Faststart != tt.first {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

func TestTimesAreRead(t *testing.T) {
	since1904 := int(taken.Unix() + 2082844800)
	old := func(created, scale, length int) []byte {
		return full("mvhd", 0, u32(created), u32(0), u32(scale), u32(length), make([]byte, 80))
	}
	wide := func(created, scale, length int) []byte {
		return full("mvhd", 1, u64(created), u64(0), u32(scale), u64(length), make([]byte, 80))
	}
	for name, tt := range map[string]struct {
		mvhd    []byte
		created time.Time
		length  time.Duration
	}{
		"32 bits":                  {old(since1904, 600, 900), taken, 1500 * time.Millisecond},
		"64 bits":                  {wide(since1904, 90000, 90000*7200), taken, 2 * time.Hour},
		"not said":                 {old(0, 600, 0), time.Time{}, 0},
		"a clock that counts 1970": {old(int(taken.Unix()), 600, 600), time.Time{}, time.Second},
		"no scale":                 {old(since1904, 0, 600), taken, 0},
		"not known yet":            {old(since1904, 600, 1<<32-1), taken, 0},
		"longer than there is":     {wide(1<<62, 1, 1<<62), time.Time{}, 0},
		"cut short":                {box("mvhd", make([]byte, 11)), time.Time{}, 0},
	} {
		m, err := readMovie(join(ftyp, box("moov", tt.mvhd)))
		if err != nil || !m.Created.Equal(tt.created) || m.Duration != tt.length {
			t.Errorf("%s: %v, %v, %v", name, m.Created, m.Duration, err)
		}
	}
}

// TestFragmentsAreAddedUp makes movies in fragments whose samples have lengths in every way there is.
func TestFragmentsAreAddedUp(t *testing.T) {
	moov := func(each int) []byte {
		trak := box("trak", full("tkhd", 0, u32(0), u32(0), u32(7), make([]byte, 68)),
			box("mdia", full("mdhd", 0, u32(0), u32(0), u32(1000), u32(0), u32(0)), hdlr("vide")))
		return box("moov", mvhd(0), trak, box("mvex", full("trex", 0, u32(7), u32(1), u32(each), u32(0), u32(0))))
	}
	flagged := func(kind string, flags int, parts ...[]byte) []byte { return box(kind, u32(flags), join(parts...)) }
	fragment := func(tfhd, tfdt []byte, runs ...[]byte) []byte {
		return join(box("moof", full("mfhd", 0, u32(1)), box("traf", tfhd, tfdt, join(runs...))), box("mdat", make([]byte, 8)))
	}
	plain, at := flagged("tfhd", 0, u32(7)), full("tfdt", 0, u32(5000))
	three := flagged("trun", 0, u32(3))
	for name, tt := range map[string]struct {
		file []byte
		ms   int
	}{
		"by the track":           {join(moov(40), fragment(plain, at, three)), 5120},
		"by the fragment":        {join(moov(40), fragment(flagged("tfhd", 1|2|8, u32(7), u64(0), u32(1), u32(100)), at, three)), 5300},
		"by each sample":         {join(moov(40), fragment(plain, at, flagged("trun", 0x305|0x800, u32(2), u32(0), u32(0), u32(30), u32(9), u32(9), u32(50), u32(9), u32(9)))), 5080},
		"by two runs":            {join(moov(40), fragment(plain, at, three, three)), 5240},
		"by a time of 64 bits":   {join(moov(40), fragment(plain, full("tfdt", 1, u64(9000)), three)), 9120},
		"by the last fragment":   {join(moov(40), fragment(plain, at, three), fragment(plain, full("tfdt", 0, u32(6000)), three)), 6120},
		"of a track not there":   {join(moov(40), fragment(flagged("tfhd", 0, u32(8)), at, three)), 0},
		"more samples than said": {join(moov(40), fragment(plain, at, flagged("trun", 0x100, u32(1<<30), u32(60)))), 5060},
		"none at all":            {moov(40), 0},
	} {
		m, err := readMovie(join(ftyp, tt.file))
		if err != nil || m.Duration != time.Duration(tt.ms)*time.Millisecond {
			t.Errorf("%s: %v, want %d ms; %v", name, m.Duration, tt.ms, err)
		}
	}
}

func TestBadBoxesAreNamed(t *testing.T) {
	head := box("moov", mvhd(1000))
	tiny := box("trak")
	many := bytes.Repeat(box("free"), 1<<16)
	deep := []byte(nil)
	for range 3000 {
		deep = box("trak", deep)
	}
	for name, tt := range map[string]struct {
		file []byte
		want error // nil: it is read all the same
	}{
		"nothing":                  {nil, isobmff.ErrNoMovie},
		"seven bytes":              {ftyp[:7], isobmff.ErrNotBoxes},
		"no box":                   {bytes.Repeat([]byte{0xff, 0xd8}, 50), isobmff.ErrNotBoxes},
		"size 2":                   {join(u32(2), []byte("moov"), make([]byte, 40)), isobmff.ErrNotBoxes},
		"size 2 behind ftyp":       {join(ftyp, u32(2), []byte("moov"), make([]byte, 40)), isobmff.ErrNoMovie},
		"64 bits that say 15":      {join(ftyp, u32(1), []byte("moov"), u64(15), make([]byte, 40)), isobmff.ErrNoMovie},
		"64 bits that are missing": {join(ftyp, u32(1), []byte("moov")), isobmff.ErrTruncated},
		"2^63":                     {join(ftyp, u32(1), []byte("moov"), u64(math.MinInt64), head[8:]), isobmff.ErrTruncated},
		"2^63-1":                   {join(ftyp, u32(1), []byte("moov"), u64(math.MaxInt64), head[8:]), isobmff.ErrTruncated},
		"2^64-1":                   {join(ftyp, u32(1), []byte("moov"), u64(-1), head[8:]), isobmff.ErrTruncated},
		"data of 2^63":             {join(ftyp, head, u32(1), []byte("mdat"), u64(math.MinInt64), make([]byte, 99)), isobmff.ErrTruncated},
		"cut in the header":        {join(ftyp, head[:len(head)-1]), isobmff.ErrTruncated},
		"cut in the data":          {join(ftyp, head, box("mdat", make([]byte, 99))[:50]), isobmff.ErrTruncated},
		"no header":                {join(ftyp, box("mdat", make([]byte, 99))), isobmff.ErrNoMovie},
		"too many boxes":           {join(ftyp, many, head), isobmff.ErrTooLarge},
		"many within":              {join(ftyp, box("moov", mvhd(1000), bytes.Repeat(tiny, 1<<13))), nil},
		"deep within":              {join(ftyp, box("moov", mvhd(1000), deep)), nil},
		"a child of size 2^63":     {join(ftyp, box("moov", mvhd(1000), u32(1), []byte("trak"), u64(math.MinInt64))), nil},
		"a child of size 1":        {join(ftyp, box("moov", mvhd(1000), u32(1), []byte("trak"))), nil},
		"a child of size 0":        {join(ftyp, box("moov", mvhd(1000), open("trak", make([]byte, 30)))), nil},
	} {
		m, err := readMovie(tt.file)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if tt.want == nil && m.Duration != time.Second {
			t.Errorf("%s: lasts %v", name, m.Duration)
		}
		if _, _, err := isobmff.CleanMovie(bytes.NewReader(tt.file), int64(len(tt.file))); (err != nil) != (tt.want != nil) && name != "data of 2^63" && name != "cut in the data" {
			t.Errorf("%s: cleaning gives %v, reading %v", name, err, tt.want)
		}
	}
	// A header larger than any real one is not read into memory: the file has holes, and nothing is behind them.
	huge := join(ftyp, u32(1), []byte("moov"), u64(1<<40))
	if _, err := isobmff.ReadMovie(holes{huge}, 1<<40+int64(len(ftyp))); !errors.Is(err, isobmff.ErrTooLarge) {
		t.Errorf("a header of a terabyte: %v", err)
	}
}

// holes is a file that begins with some bytes and goes on with zeros.
type holes struct{ begin []byte }

func (h holes) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	if off < int64(len(h.begin)) {
		copy(p, h.begin[off:])
	}
	return len(p), nil
}

func write(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.mp4")
	writeTo(t, path, data)
	return path
}
