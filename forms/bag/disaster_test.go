package bag

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func reasonOf(t testing.TB, err error) Reason {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("%v is no *Error", err)
	}
	return e.Reason
}

// disasters are archives that must be refused, with the reason given.
func disasters() map[string]struct {
	zip  *rawZip
	want Reason
} {
	type d = struct {
		zip  *rawZip
		want Reason
	}
	with := func(more ...ent) *rawZip { return makeZip(aBag(more...)...) }
	all := map[string]d{
		"empty file":     {&rawZip{}, ReasonNotZip},
		"text":           {&rawZip{b: []byte("this is no archive at all")}, ReasonNotZip},
		"empty archive":  {makeZip(), ReasonNotBag},
		"no bagit.txt":   {makeZip(ent{name: "b/data/x"}), ReasonNotBag},
		"two folders":    {with(ent{name: "c/x"}), ReasonLayout},
		"file beside it": {with(ent{name: "x"}), ReasonNotBag},

		"symbolic link":     {with(ent{name: "b/data/l", content: "/etc/passwd", host: 3, mode: 0o120777}), ReasonLink},
		"device":            {with(ent{name: "b/data/l", host: 3, mode: 0o020666}), ReasonDevice},
		"pipe":              {with(ent{name: "b/data/l", host: 3, mode: 0o010666}), ReasonDevice},
		"folder as file":    {with(ent{name: "b/data/l", host: 3, mode: 0o040755}), ReasonHeaders},
		"folder's content":  {with(ent{name: "b/data/l/", content: "x"}), ReasonSize},
		"not text":          {with(ent{name: "b/data/\xff\xfe"}), ReasonEncoding},
		"not GB18030":       {with(ent{name: "b/data/\xff\xff", noUTF8: true}), ReasonEncoding},
		"same name twice":   {with(ent{name: "b/data/hi.txt", content: "hi"}), ReasonTwin},
		"twin by case":      {with(ent{name: "b/data/HI.txt", content: "hi"}), ReasonTwin},
		"twin by form":      {with(ent{name: "b/data/é"}, ent{name: "b/data/e\u0301"}), ReasonTwin},
		"twin by dot":       {with(ent{name: "b/data/hi.txt."}), ReasonTwin},
		"twin folder":       {with(ent{name: "b/DATA/x"}), ReasonTwin},
		"file and folder":   {with(ent{name: "b/data/hi.txt/x"}), ReasonTwin},
		"encrypted":         {with().both(2, atFlags, 0x801), ReasonEncrypted},
		"strongly":          {with().both(2, atFlags, 0x841), ReasonEncrypted},
		"AES":               {with().both(2, atMethod, 99), ReasonEncrypted},
		"LZMA":              {with().both(2, atMethod, 14), ReasonMethod},
		"stored, two sizes": {with().central(2, atUSize, 3).local(2, atUSize, 3), ReasonSize},

		"local name":   {func() *rawZip { z := with(); z.b[z.lh[2]+30] = 'c'; return z }(), ReasonHeaders},
		"local CRC":    {with().local(2, atCRC, 1), ReasonHeaders},
		"local size":   {with().local(2, atUSize, 1), ReasonHeaders},
		"local packed": {with().local(2, atCSize, 1), ReasonHeaders},
		"local flags":  {func() *rawZip { z := with(); z.b[z.lh[2]+7] ^= 8; return z }(), ReasonHeaders},
		"local method": {func() *rawZip { z := with(); z.b[z.lh[2]+8] = 8; return z }(), ReasonHeaders},
		"no local":     {func() *rawZip { z := with(); z.b[z.lh[2]] = 'Q'; return z }(), ReasonHeaders},
		"local beyond": {func() *rawZip { z := with(); z.b[z.lh[2]+29] = 0xff; return z }(), ReasonHeaders},

		"descriptor differs": {func() *rawZip {
			z := with(ent{name: "b/x", content: "x", descriptor: true})
			z.b[z.dir-12]++
			return z
		}(), ReasonHeaders},
		"no descriptor": {with().both(2, atFlags, 0x808), ReasonLayout},

		"overlap":              {with(ent{name: "b/data/hj.txt", content: "hj"}).central(3, atOffset, 0), ReasonOverlap},
		"reaches into next":    {reaching(), ReasonOverlap},
		"bytes in front":       {with().insert(0, "MZ"), ReasonHeaders},
		"bytes in between":     {hidden(), ReasonLayout},
		"bytes before the end": {with().insert(with().dir, "hidden"), ReasonLayout},
		"bytes behind":         {func() *rawZip { z := with(); z.b = append(z.b, 0); return z }(), ReasonTrailing},
		"entry behind":         {func() *rawZip { z := with(); z.b = append(z.b, z.b[z.lh[2]:z.dir]...); return z }(), ReasonTrailing},
		"archive behind":       {func() *rawZip { z := with(); z.b = append(z.b, z.b...); return z }(), ReasonLayout},
		"two ends":             {twoEnds(), ReasonLayout},
		"cut short":            {func() *rawZip { z := with(); z.b = z.b[:len(z.b)-1]; return z }(), ReasonTrailing},
		"volumes":              {func() *rawZip { z := with(); z.b[z.end+4] = 1; return z }(), ReasonLayout},
		"entry count":          {func() *rawZip { z := with(); z.b[z.end+8]++; z.b[z.end+10]++; return z }(), ReasonLayout},
		"entry left out":       {func() *rawZip { z := with(); z.b[z.end+8]--; z.b[z.end+10]--; return z }(), ReasonLayout},
		"directory's place":    {func() *rawZip { z := with(); z.b[z.end+16]++; return z }(), ReasonLayout},

		"bomb by ratio": {with(ent{name: "b/data/0", content: strings.Repeat("0", 20<<20), deflate: true}), ReasonBomb},
		"bomb by lie":   {lying(), ReasonBomb},
	}
	for _, p := range []string{
		"b/data/../../x", "../x", "/b/x", "//server/share/x", "~/x", "~root/x", "C:/x", "c:x", "b/./x", "b//x",
		"b/data/a\x00b", `b\..\x`, `\\server\x`, `\\?\C:\x`, "b/data/..",
	} {
		all["path "+p] = d{with(ent{name: p, host: 3}), ReasonPath}
	}
	return all
}

// reaching has an entry whose content includes the header of the next.
func reaching() *rawZip {
	z := makeZip(aBag(ent{name: "b/data/a", content: "aaaa"}, ent{name: "b/data/b", content: "bbbb"})...)
	n := uint32(z.dir - (z.lh[3] + 30 + 8))
	return z.local(3, atCSize, n).central(3, atCSize, n).local(3, atUSize, n).central(3, atUSize, n)
}

// hidden has bytes between two entries that no header speaks of.
func hidden() *rawZip {
	z := makeZip(aBag()...)
	at := z.lh[2]
	z.insert(at, "hidden")
	z.cd[2] += 6
	return z.central(2, atOffset, uint32(at+6))
}

// lying says of a small entry that it holds 20 MiB, so as to be given room.
func lying() *rawZip {
	z := makeZip(aBag(ent{name: "b/data/0", content: "0", deflate: true})...)
	return z.local(3, atUSize, 20<<20).central(3, atUSize, 20<<20)
}

// twoEnds has an archive comment that is an end record itself.
func twoEnds() *rawZip {
	z := makeZip(aBag()...)
	end := slices.Clone(z.b[z.end:])
	le.PutUint16(z.b[z.end+20:], uint16(len(end)))
	z.b = append(z.b, end...)
	return z
}

func TestDisastersAreRefusedOnOpening(t *testing.T) {
	if got := outcome(t, makeZip(aBag()...).b, Limits{}); got != nil {
		t.Fatalf("the bag they are made from: %v", got)
	}
	for name, d := range disasters() {
		t.Run(name, func(t *testing.T) {
			b, err := openBytes(d.zip.b, Limits{})
			if err == nil {
				t.Fatalf("opened as %q", b.Name())
			}
			if got := reasonOf(t, err); got != d.want {
				t.Errorf("refused for %q, want %q: %v", got, d.want, err)
			}
		})
	}
}

func TestWrongContentIsFound(t *testing.T) {
	text := strings.Repeat("hi ", 100)
	bag := func(spoil func(z *rawZip)) []byte {
		z := makeZip(
			ent{name: "b/bagit.txt", content: declaration},
			ent{name: "b/manifest-sha1.txt", content: "52bf4184d9e72d05d7b74f4d6a7aa8a4b2a3ff50  data/hi.txt\n"},
			ent{name: "b/data/hi.txt", content: text, deflate: true},
		)
		spoil(z)
		return z.b
	}
	size := func(n uint32) func(*rawZip) {
		return func(z *rawZip) { z.local(2, atUSize, n).central(2, atUSize, n) }
	}
	for name, tc := range map[string]struct {
		spoil func(z *rawZip)
		want  []Reason
	}{
		"CRC":       {func(z *rawZip) { z.local(2, atCRC, 7).central(2, atCRC, 7) }, []Reason{ReasonCRC}},
		"longer":    {size(uint32(len(text) - 1)), []Reason{ReasonSize}},
		"shorter":   {size(uint32(len(text) + 1)), []Reason{ReasonSize}},
		"no stream": {func(z *rawZip) { z.b[z.lh[2]+30+len("b/data/hi.txt")] = 0xff }, []Reason{ReasonCorrupt}},
		"checksum":  {func(z *rawZip) {}, []Reason{ReasonChecksum}}, // the manifest above is of something else
	} {
		if got := outcome(t, bag(tc.spoil), Limits{}); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
	z := makeZip(aBag()...)
	b, err := OpenReader(failing{bytes.NewReader(z.b), int64(len(z.b))}, int64(len(z.b)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	b.src.(*zipSource).r = failing{bytes.NewReader(z.b), int64(z.lh[2])}
	if got := errorsOf(verify(t, b)); !slices.Equal(got, []Reason{ReasonRead}) {
		t.Errorf("a disk that fails: %v", got)
	}
}

func TestLimits(t *testing.T) {
	deep := "b/data" + strings.Repeat("/d", 40)
	long := "b/data/" + strings.Repeat("长", 500)
	var many, listed []ent
	var manifest strings.Builder
	for i := range 300 {
		many = append(many, ent{name: fmt.Sprintf("b/data/%d", i)})
	}
	for i := range 100_000 {
		manifest.WriteString(strings.Repeat("0", 40) + "  data/" + strconv.Itoa(i) + "\n")
	}
	listed = append(listed, ent{name: "b/manifest-sha1.txt", content: manifest.String()})
	for name, tc := range map[string]struct {
		more []ent
		lim  Limits
	}{
		"deep":             {[]ent{{name: deep}}, Limits{}},
		"long":             {[]ent{{name: long}}, Limits{}},
		"short names":      {[]ent{{name: "b/data/0123456789.txt"}}, Limits{NameBytes: 10}},
		"entries":          {many, Limits{Entries: 250}},
		"bytes":            {[]ent{{name: "b/data/x", content: "12345"}}, Limits{TotalBytes: 80}},
		"manifest lines":   {listed, Limits{}},
		"manifest size":    {listed, Limits{TagBytes: 1 << 20}},
		"manifest's line":  {[]ent{{name: "b/manifest-sha1.txt", content: strings.Repeat("0", 1<<20)}}, Limits{}},
		"lines of fetch":   {[]ent{{name: "b/fetch.txt", content: strings.Repeat("\n", 2000)}}, Limits{Lines: 1000}},
		"lines of bag-inf": {[]ent{{name: "b/bag-info.txt", content: strings.Repeat("A: b\n", 2000)}}, Limits{Lines: 1000}},
	} {
		got := outcome(t, makeZip(aBag(tc.more...)...).b, tc.lim)
		if !slices.Contains(got, ReasonLimit) {
			t.Errorf("%s: %.5v", name, got)
		}
	}
}

// A manifest may be wrong in every line: the result stays short, and says so.
func TestFindingsAreBounded(t *testing.T) {
	z := makeZip(aBag(ent{name: "b/manifest-sha1.txt", content: strings.Repeat("x\n", 70_000)})...)
	b, err := openBytes(z.b, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	res := verify(t, b)
	last := res.Findings[len(res.Findings)-1]
	if res.Valid || len(res.Findings) != maxFindings+1 || last.Reason != ReasonMore {
		t.Errorf("valid %v, %d findings, the last %v", res.Valid, len(res.Findings), last)
	}
	// Warnings must not crowd out an error.
	z = makeZip(aBag(ent{name: "b/manifest-sha1.txt", content: strings.Repeat("\n", 70_000) + "x\n"})...)
	if got := outcome(t, z.b, Limits{}); len(got) == 0 {
		t.Error("an error behind many warnings was lost")
	}
}

// allocated is all that do allocates, in MiB: more than it ever holds.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) >> 20
}

// TestHostileBagsStayInBounds judges bags that are as bad as the limits let
// them be, or worse, and counts all that is allocated from start to end: never
// more than DefaultLimits says, and for most much less.
func TestHostileBagsStayInBounds(t *testing.T) {
	if testing.CoverMode() != "" {
		t.Log("memory is not measured with coverage on")
		return
	}
	numbered := func(n int, line func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i))
		}
		return b.String()
	}
	sum := strings.Repeat("0", 40)
	long := strings.Repeat("x", 110)
	var many []ent
	for i := range DefaultLimits().Entries - 10 {
		many = append(many, ent{name: "b/data/" + strings.Repeat("长", 300) + strconv.Itoa(i)})
	}
	var deep []ent
	for i := range 2000 {
		deep = append(deep, ent{name: "b/data/" + strings.Repeat(strconv.Itoa(i)+"/", 28) + "x"})
	}
	for name, c := range map[string]struct {
		more []ent
		most uint64 // MiB
	}{
		"manifest of 100,000 lines": {[]ent{{name: "b/manifest-sha1.txt", content: numbered(100_000, func(i int) string {
			return sum + "  data/" + long + strconv.Itoa(i) + "\n"
		})}}, 200},
		"manifest of one file 100,000 times": {[]ent{{name: "b/manifest-sha1.txt", content: strings.Repeat(sum+"  data/"+long+"\n", 100_000)}}, 100},
		"manifest of one line":               {[]ent{{name: "b/manifest-sha1.txt", content: strings.Repeat("0", 15<<20)}}, 100},
		"manifest of empty lines":            {[]ent{{name: "b/manifest-sha1.txt", content: strings.Repeat("\r", 15<<20)}}, 100},
		"manifest larger than that":          {[]ent{{name: "b/manifest-sha1.txt", content: strings.Repeat("0", 17<<20)}}, 10},
		"fetch.txt of 100,000 lines": {[]ent{{name: "b/fetch.txt", content: numbered(100_000, func(i int) string {
			return "https://example.org/ - data/" + long + strconv.Itoa(i) + "\n"
		})}}, 200},
		"bag-info.txt of 100,000 tags":  {[]ent{{name: "b/bag-info.txt", content: numbered(100_000, func(i int) string { return "A" + strconv.Itoa(i) + ": b\n" })}}, 100},
		"bag-info.txt with one folded":  {[]ent{{name: "b/bag-info.txt", content: "A: b\n" + strings.Repeat(" c\n", 100_000)}}, 100},
		"as many files as may be":       {many, 256},
		"as many folders as may be":     {deep, 100},
		"one file in many algorithms":   {[]ent{{name: "b/manifest-sha512.txt", content: strings.Repeat(strings.Repeat("0", 128)+"  data/hi.txt\n", 80_000)}}, 100},
		"text that deflates to nothing": {[]ent{{name: "b/data/zeros.txt", content: strings.Repeat("0", 15<<20), deflate: true}}, 10},
	} {
		z := makeZip(aBag(c.more...)...)
		if n := allocated(func() { outcome(t, z.b, Limits{}) }); n > c.most {
			t.Errorf("%s: %d MiB allocated, want at most %d", name, n, c.most)
		}
	}
	for name, d := range disasters() {
		if n := allocated(func() { outcome(t, d.zip.b, Limits{}) }); n > 4 {
			t.Errorf("%s: %d MiB allocated, want at most 4", name, n)
		}
	}
}

func TestNamesOfForeignZips(t *testing.T) {
	const gbk = "\xcd\xbc\xc6\xac" // 图片
	const both = "\xc2\xa1"        // 隆, or ¡
	raw := "b/data/" + gbk
	path := func(crcOf string) []byte {
		return field16(extraPath, string(le.AppendUint32([]byte{1}, crc32.ChecksumIEEE([]byte(crcOf))))+"b/data/照片")
	}
	for name, tc := range map[string]struct {
		e    []ent
		want []string
	}{
		"flagged":             {[]ent{{name: "b/data/图片"}}, []string{"图片"}},
		"valid UTF-8":         {[]ent{{name: "b/data/图片", noUTF8: true}}, []string{"图片"}},
		"GB18030":             {[]ent{{name: raw, noUTF8: true}}, []string{"图片"}},
		"GB18030, not UTF-8":  {[]ent{{name: "b/data/\xd5\xd5\xc6\xac", noUTF8: true}}, []string{"照片"}},
		"two-byte letters":    {[]ent{{name: "b/data/" + both + "x.t", noUTF8: true}, {name: "b/data/图", noUTF8: true}}, []string{"¡x.t", "图"}},
		"GB18030 by company":  {[]ent{{name: raw, noUTF8: true}, {name: "b/data/" + both, noUTF8: true}}, []string{"图片", "隆"}},
		"four-byte GB18030":   {[]ent{{name: "b/data/\x81\x39\xee\x39", noUTF8: true}}, []string{"㐀"}},
		"Unicode Path":        {[]ent{{name: raw, noUTF8: true, extra: path(raw)}}, []string{"照片"}},
		"Unicode Path, stale": {[]ent{{name: raw, noUTF8: true, extra: path("other")}}, []string{"图片"}},
		"flag wins over path": {[]ent{{name: "b/data/图片", extra: path("b/data/图片")}}, []string{"图片"}},
		"decomposed":          {[]ent{{name: "b/data/e\u0301"}}, []string{"é"}},
		"DOS separators":      {[]ent{{name: `b\data\x\y`}}, []string{"x/y"}},
	} {
		b, err := openBytes(makeZip(aBag(tc.e...)...).b, Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, f := range b.Files()[1:] {
			got = append(got, f.Name)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
