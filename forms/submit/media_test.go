package submit

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"baosong/forms/media"
)

func sampleFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "media", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestEndingsFollowTheContent packs files whose names end as other kinds do, and looks at what they are called then.
func TestEndingsFollowTheContent(t *testing.T) {
	k := newKit(t)
	a := k.activity("主题展览", 0)
	want := map[string]string{}
	add := func(list, q, file, name, ext string) {
		k.material(k.insert(a.Child(list)).Child(q), name, sampleFile(t, file))
		want[name] = ext
	}
	add("photos", "photo", "screenshot.png", "截图.jpg", ".png")
	add("photos", "photo", "o1.jpg", "照片.png", ".jpg")
	add("photos", "photo", "photo.webp", "微信.jpg", ".jpg") // made into one
	add("photos", "photo", "plain.heic", "手机.JPG", ".jpg")
	add("videos", "video", "phone.mp4", "录像.mov", ".mp4")
	add("videos", "video", "apple.mov", "录像", ".mov")
	add("videos", "video", "film.mkv", "录像.mp4", ".mkv")
	k.material("files/scan", "扫描.doc", sampleFile(t, "text.pdf"))
	want["扫描.doc"] = ".pdf"
	// As 原图 the content stays, and its ending is put right.
	p := k.insert(a.Child("photos")).Child("photo")
	k.material(p, "原图.jpg", sampleFile(t, "grid-rot1.heic"))
	m := k.in.Materials[k.in.Answers.Get(p)]
	m.Original = true
	k.in.Materials[m.ID] = m
	want["原图.jpg"] = ".heic"

	for _, m := range readAll(t, k.build(Options{}))[0].Report.Materials {
		if filepath.Ext(m.File) != want[m.Name] {
			t.Errorf("%s is packed as %s, want %s", m.Name, m.File, want[m.Name])
		}
		delete(want, m.Name)
	}
	if len(want) > 0 {
		t.Errorf("not packed: %v", want)
	}
}

// TestPhotosAreNeverInPieces packs a photo of noise, of which more pixels take more bytes than a package may have.
func TestPhotosAreNeverInPieces(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 1600, 1200))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
	}
	img.Set(0, 0, color.Black)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	const limit = 300_000
	k := newKit(t)
	k.material(k.insert(k.activity("主题展览", 1).Child("photos")).Child("photo"), "噪点.jpg", b.Bytes())
	res := k.build(Options{Limit: limit})
	for _, m := range res.Report.Materials {
		if len(m.Pieces) > 0 || m.Size > limit/2 {
			t.Errorf("%s takes %d bytes in %d pieces", m.Name, m.Size, len(m.Pieces))
		}
		if m.Name == "噪点.jpg" && (m.Size < limit/8 || m.Width < 300) {
			t.Errorf("%s has %d bytes at %d × %d", m.Name, m.Size, m.Width, m.Height)
		}
	}
	if int64(b.Len()) < 2*limit {
		t.Fatal("the photo is too small for this test")
	}
}

// TestCutVideoIsCleanedToo packs the first part of a video, whose header says where it was taken.
func TestCutVideoIsCleanedToo(t *testing.T) {
	whole := sampleFile(t, "first.mp4")
	cut := whole[:len(whole)*4/5]
	if _, err := media.ProbeReader(t.Context(), bytes.NewReader(cut), int64(len(cut)), "x"); err == nil || traces(cut) == 0 {
		t.Fatalf("the video says no place, or is whole: %v", err)
	}
	k := newKit(t)
	k.material(k.insert(k.activity("主题展览", 0).Child("videos")).Child("video"), "半截.mp4", cut)
	res := k.build(Options{})
	m := res.Report.Materials[0]
	if len(m.Removed) == 0 || m.Size != int64(len(cut)) {
		t.Errorf("packed as %+v", m)
	}
	data, err := os.ReadFile(res.Packages[0].Path) // videos are stored as they are
	if err != nil {
		t.Fatal(err)
	}
	if traces(data) > 0 {
		t.Error("the package tells the place")
	}
}
