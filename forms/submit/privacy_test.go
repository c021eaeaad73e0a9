package submit

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"testing"
)

// TestPackagesTellNoPlace packs photos and videos that know where they were taken, in every format that can say so, as
// they are scaled and as 原图, and looks for the place, the serial number and the owner in every file of the packages.
func TestPackagesTellNoPlace(t *testing.T) {
	k := newKit(t)
	a := k.insert("activity")
	k.set(a.Child("title"), "采风")
	known := 0
	for _, name := range []string{"o1.jpg", "o8.jpg", "p3.jpg", "screenshot.png", "plain.heic", "grid-rot1.heic", "photo.webp", "photo.avif", "photo.tif"} {
		data := sampleFile(t, name)
		known += traces(data)
		for i := range 2 {
			p := k.insert(a.Child("photos"))
			k.material(p.Child("photo"), name, append(data, make([]byte, i)...)) // two files, since equal ones are packed once
			id := k.in.Answers.Get(p.Child("photo"))
			m := k.in.Materials[id]
			m.Original = i == 1
			k.in.Materials[id] = m
		}
	}
	for _, name := range []string{"phone.mp4", "first.mp4", "apple.mov", "phone.3gp"} {
		data := sampleFile(t, name)
		known += traces(data)
		k.material(k.insert(a.Child("videos")).Child("video"), name, data)
	}
	if known < 13 {
		t.Fatalf("only %d of the samples say where they were taken", known)
	}
	r := k.build(Options{})
	for _, pack := range r.Packages {
		z, err := zip.OpenReader(pack.Path)
		if err != nil {
			t.Fatal(err)
		}
		look(t, &z.Reader, 0)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range r.Report.Materials {
		if len(m.Removed) == 0 {
			t.Errorf("%s: nothing is said to have been removed", m.Name)
		}
	}
}

// look looks into each file of a zip, and into the zips that documents are.
func look(t *testing.T, z *zip.Reader, depth int) {
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if traces(data) > 0 {
			t.Errorf("%s tells the place or the person", f.Name)
		}
		if inner, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err == nil && depth < 2 {
			look(t, inner, depth+1)
		}
	}
}

// traces is 1 when data hold the place or the person in one of the ways that cameras write them, else 0.
func traces(data []byte) int {
	words := [][]byte{
		[]byte("43.83"), []byte("43,50."), []byte("126.54"), []byte("126,32."), []byte("SAMPLE-0001"), []byte("示例机主"),
		binary.BigEndian.AppendUint32(nil, 2872954), // 43.8378 in the 16.16 of loci
	}
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		var b []byte
		for _, v := range []uint32{43, 1, 50, 1} { // degrees and minutes
			b = order.AppendUint32(b, v)
		}
		words = append(words, b)
	}
	for _, w := range words {
		if bytes.Contains(data, w) {
			return 1
		}
	}
	return 0
}
