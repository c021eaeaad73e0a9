package look

import (
	"bytes"
	"io"
	"os"
	"reflect"
	"testing"

	"github.com/go-text/typesetting/font"
)

// The face that is drawn is smaller than the system's, and draws every character as that does.
func TestLeanFaceDrawsTheSame(t *testing.T) {
	faces, err := SystemFaces()
	if err != nil {
		t.Fatal(err)
	}
	res := faces.Regular.(*faceResource)
	file, err := os.Open(res.path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := font.ParseTTC(file)
	if err != nil {
		t.Fatal(err)
	}
	before := all[res.index]
	small := res.Content()
	after, err := font.ParseTTF(bytes.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for it := before.Cmap.Iter(); it.Next(); {
		r, glyph := it.Char()
		if seen++; seen%7 != 0 { // some thousands of them
			continue
		}
		got, ok := after.NominalGlyph(r)
		if r >= 0xac00 && r <= 0xd7a3 {
			if ok {
				t.Fatalf("%q is not left to another face", r)
			}
			continue
		}
		if !ok || got != glyph {
			t.Fatalf("%q is glyph %d, was %d", r, got, glyph)
		}
		if !reflect.DeepEqual(before.GlyphData(glyph), after.GlyphData(glyph)) {
			t.Fatalf("%q is drawn in another way", r)
		}
	}
	whole := cffTable(t, file, res.index)
	if is := cffTable(t, bytes.NewReader(small), 0); len(is) >= len(whole) && len(whole) > 0 {
		t.Errorf("%d bytes of outlines, %d before", len(is), len(whole))
	}
	for cut := len(whole); cut > 0; cut = cut*3/4 - 1 { // a table that is broken comes back, and nothing breaks
		readBroken(t, whole[:cut])
	}
	for i := 0; i < 2000; i += 37 {
		broken := bytes.Clone(whole)
		broken[i] ^= 0xff
		readBroken(t, broken)
	}
}

// readBroken reads a table with no glyph kept: what comes out is never longer, and the same where it is as long.
func readBroken(t *testing.T, table []byte) {
	t.Helper()
	got := bytes.Repeat([]byte{0xa5}, len(table)) // as left from another face
	n, err := readCFF(bytes.NewReader(table), got, func(int) bool { return false })
	if err != nil || n > len(table) || n == len(table) && !bytes.Equal(got, table) {
		t.Errorf("a table of %d bytes was read as %d others, error %v", len(table), n, err)
	}
}

// A face is read into the memory of the one before it, and is the same as in memory of its own.
func TestFacesAreReadIntoOneMemory(t *testing.T) {
	faces, err := SystemFaces()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]byte{faces.Regular.Content(), faces.Bold.Content()}
	var seen [][]byte
	faces.ReadAhead()
	for range 2 {
		faces.load(func(bold bool) {
			face := faces.Regular
			if bold {
				face = faces.Bold
			}
			got := face.Content()
			seen = append(seen, bytes.Clone(got))
		})
	}
	for i, got := range seen {
		a, err := font.ParseTTF(bytes.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		b, err := font.ParseTTF(bytes.NewReader(want[i%2]))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range "报送材料活动汇总鑫淼焱，。Ag1" {
			g, _ := a.NominalGlyph(r)
			h, _ := b.NominalGlyph(r)
			if g != h || !reflect.DeepEqual(a.GlyphData(g), b.GlyphData(h)) {
				t.Errorf("reading %d draws %q in another way", i, r)
			}
		}
	}
	if faces.Regular.(*faceResource).ready != nil || faces.Bold.(*faceResource).ready != nil {
		t.Error("a face is kept in memory")
	}
}

// cffTable is the CFF table of a face in a font file, empty without one.
func cffTable(t *testing.T, r io.ReaderAt, face int) []byte {
	t.Helper()
	faces, err := readFaces(r, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return faces[face].read(r, "CFF ", 1<<30)
}
