package look

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"github.com/go-text/typesetting/font"
)

// collection writes whole font files into one .ttc, as a system does.
func collection(t *testing.T, fonts ...[]byte) string {
	t.Helper()
	var out bytes.Buffer
	out.WriteString("ttcf")
	at := uint32(12 + 4*len(fonts))
	for _, v := range []uint32{0x00010000, uint32(len(fonts))} {
		_ = binary.Write(&out, binary.BigEndian, v)
	}
	for _, f := range fonts {
		_ = binary.Write(&out, binary.BigEndian, at)
		at += uint32(len(f)+3) &^ 3
	}
	for _, f := range fonts {
		shifted := bytes.Clone(f)
		base := uint32(out.Len())
		for i := range int(binary.BigEndian.Uint16(f[4:])) {
			row := shifted[12+16*i+8:]
			binary.BigEndian.PutUint32(row, binary.BigEndian.Uint32(row)+base)
		}
		out.Write(shifted)
		for out.Len()%4 != 0 {
			out.WriteByte(0)
		}
	}
	path := filepath.Join(t.TempDir(), "sample.ttc")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFaceOfCollectionIsAFontOfItsOwn(t *testing.T) {
	regular, bold := theme.DefaultTextFont().Content(), theme.DefaultTextBoldFont().Content()
	path := collection(t, regular, bold)
	for i, original := range [][]byte{regular, bold} {
		want, err := font.ParseTTF(bytes.NewReader(original))
		if err != nil {
			t.Fatal(err)
		}
		res := &faceResource{path: path, index: i}
		got, err := font.ParseTTF(bytes.NewReader(res.Content()))
		if err != nil {
			t.Fatalf("face %d: %v", i, err)
		}
		if got.Describe() != want.Describe() {
			t.Errorf("face %d is %v, want %v", i, got.Describe(), want.Describe())
		}
		g, _ := want.NominalGlyph('R')
		if got.HorizontalAdvance(g) != want.HorizontalAdvance(g) {
			t.Errorf("face %d draws another R", i)
		}
	}
}

func TestFacesTellFamilyAndWeight(t *testing.T) {
	path := collection(t, theme.DefaultTextFont().Content(), theme.DefaultTextBoldFont().Content())
	var weights []int
	err := eachFace(path, func(_ int, names []string, weight int, usable bool) {
		if !usable || !strings.HasPrefix(strings.Join(names, ","), "Noto Sans") {
			t.Errorf("face named %q, usable %v", names, usable)
		}
		weights = append(weights, weight)
	})
	if err != nil || len(weights) != 2 || weights[0] != 400 || weights[1] != 700 {
		t.Errorf("weights %v, error %v", weights, err)
	}
}

func TestFaceWithoutChineseIsRefusedByName(t *testing.T) {
	path := collection(t, theme.DefaultTextFont().Content())
	_, err := pickFaces(map[string]string{"sample.ttc": path}, []candidate{{regular: []string{"sample.ttc"}}})
	if !errors.Is(err, ErrNoFace) || !strings.Contains(err.Error(), "填") || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want ErrNoFace naming the file and the glyph", err)
	}
}

func TestBrokenFontFilesAreErrors(t *testing.T) {
	whole, err := os.ReadFile(collection(t, theme.DefaultTextFont().Content()))
	if err != nil {
		t.Fatal(err)
	}
	outside := bytes.Clone(whole)
	binary.BigEndian.PutUint32(outside[16+12+12:], 0xffffff00)
	many := bytes.Clone(whole)
	binary.BigEndian.PutUint32(many[8:], 0xffffffff)
	for name, data := range map[string][]byte{
		"empty": {}, "text": []byte("this is no font at all"), "cut": whole[:40], "outside": outside, "many": many,
	} {
		path := filepath.Join(t.TempDir(), name+".ttc")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := openFace([]string{path}, nil, 400); err == nil {
			t.Errorf("%s: opened", name)
		}
		if got := (&faceResource{path: path}).Content(); !bytes.Equal(got, theme.DefaultTextFont().Content()) {
			t.Errorf("%s: a face that cannot be read must be drawn in Fyne's own", name)
		}
	}
}

// Where the system has a Chinese face, both weights come from it and differ; where not, the theme still has fonts.
func TestSystemFaces(t *testing.T) {
	test.NewTempApp(t)
	faces, err := SystemFaces()
	th := New(faces, ModeLight, 100)
	if err != nil {
		if !errors.Is(err, ErrNoFace) {
			t.Errorf("error %v, want ErrNoFace", err)
		}
		if th.Font(fyne.TextStyle{}) == nil || th.Font(fyne.TextStyle{Bold: true}) == nil {
			t.Error("no font without a system face")
		}
		return
	}
	t.Logf("family %s: %s, bold %s", faces.Family, faces.Regular.Name(), faces.Bold.Name())
	for _, style := range []fyne.TextStyle{{}, {Bold: true}, {Italic: true}} {
		if _, err := drawable(th.Font(style).Content()); err != nil {
			t.Errorf("%+v: %v", style, err)
		}
	}
	if strings.Contains(faces.Family, "JP") || strings.Contains(faces.Family, "KR") {
		t.Errorf("family %s is not simplified Chinese", faces.Family)
	}
}

func TestFontFoldersWalk(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"a/One.TTC", "a/b/two.otf", "a/readme.txt", "com_apple_MobileAsset_Voice/three.ttf"} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files := fontFiles([]string{root, filepath.Join(root, "missing")})
	if len(files) != 2 || files["one.ttc"] == "" || files["two.otf"] == "" {
		t.Errorf("found %v", files)
	}
}

func TestFontFoldersOfEachSystem(t *testing.T) {
	env := map[string]string{"HOME": "/home/u", "WINDIR": `C:\Windows`, "LOCALAPPDATA": `C:\U\Local`}
	for goos, want := range map[string]string{
		"windows": filepath.Join(`C:\Windows`, "Fonts"),
		"darwin":  "/System/Library/Fonts",
		"linux":   "/usr/share/fonts",
	} {
		got := fontFolders(goos, func(k string) string { return env[k] })
		if !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("%s: %v lacks %s", goos, got, want)
		}
	}
}

func BenchmarkSystemFaces(b *testing.B) {
	for b.Loop() {
		if _, err := SystemFaces(); err != nil {
			b.Fatal(err)
		}
	}
}

// What is read ahead goes to the first who asks; later ones get the same, read anew.
func TestFacesAreReadAhead(t *testing.T) {
	faces, err := SystemFaces()
	if err != nil {
		t.Fatal(err)
	}
	want := faces.Regular.Content()
	faces.ReadAhead()
	faces.ReadAhead()
	for range 2 {
		if !bytes.Equal(faces.Regular.Content(), want) {
			t.Fatal("another face than without reading ahead")
		}
	}
}

func TestBrokenTablesOfCharactersDoNotEndTheProgram(t *testing.T) {
	faces, err := SystemFaces()
	if err != nil {
		t.Fatal(err)
	}
	whole := faces.Regular.Content()
	directory, err := readFaces(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	table := directory[0].read(bytes.NewReader(whole), "cmap", 1<<20)
	for cut := len(table); cut > 0; cut = cut*3/4 - 1 {
		withoutHangul(bytes.Clone(table[:cut]))
	}
	for i := range 200 {
		for _, b := range []byte{0, 0x7f, 0xff} {
			broken := bytes.Clone(table)
			broken[i] = b
			withoutHangul(broken)
		}
	}
}
