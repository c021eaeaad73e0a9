package look

import (
	"bytes"
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
	whole, err := faces.Regular.(*faceResource).load(drawn)
	if err != nil {
		t.Fatal(err)
	}
	small := bytes.Clone(whole)
	lean(small)
	before, err := font.ParseTTF(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
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
		if got, ok := after.NominalGlyph(r); !ok || got != glyph {
			t.Fatalf("%q is glyph %d, was %d", r, got, glyph)
		}
		if !reflect.DeepEqual(before.GlyphData(glyph), after.GlyphData(glyph)) {
			t.Fatalf("%q is drawn in another way", r)
		}
	}
	if was, is := outlineBytes(t, whole), outlineBytes(t, small); is >= was && was > 0 {
		t.Errorf("%d bytes of outlines, %d before", is, was)
	}
	for cut := len(whole); cut > 0; cut = cut*3/4 - 1 { // a face that is broken comes back, and nothing breaks
		lean(bytes.Clone(whole[:cut]))
	}
	faces1, _ := readFaces(bytes.NewReader(whole), int64(len(whole)))
	if cff, ok := faces1[0].find("CFF "); ok {
		table := whole[cff.offset:][:cff.length]
		for cut := len(table); cut > 0; cut = cut*3/4 - 1 {
			leanCFF(bytes.Clone(table[:cut]), func(int) bool { return true })
		}
		for i := 0; i < 2000; i += 37 {
			broken := bytes.Clone(table)
			broken[i] ^= 0xff
			leanCFF(broken, func(int) bool { return false })
		}
	}
}

// outlineBytes is the length of the CFF table of a font file, 0 without one.
func outlineBytes(t *testing.T, sfnt []byte) uint32 {
	t.Helper()
	faces, err := readFaces(bytes.NewReader(sfnt), int64(len(sfnt)))
	if err != nil {
		t.Fatal(err)
	}
	cff, _ := faces[0].find("CFF ")
	return cff.length
}
