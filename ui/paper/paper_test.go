//go:build !windows

package paper

import (
	"archive/zip"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// document writes a .docx of two pages.
func document(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "活动 总结.docx")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for name, text := range map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
		"_rels/.rels":         `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
		"word/document.xml":   `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>first</w:t></w:r></w:p><w:p><w:r><w:br w:type="page"/><w:t>second</w:t></w:r></w:p></w:body></w:document>`,
	} {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPagesAreLaidOutByTheOfficeProgram lays two pages out where there is an
// office program, and says so where there is none.
func TestPagesAreLaidOutByTheOfficeProgram(t *testing.T) {
	pages, err := Pages(t.Context(), document(t), t.TempDir())
	_, office := find("soffice", "libreoffice")
	if _, pdf := find("pdftoppm"); !office || !pdf {
		if !errors.Is(err, ErrNoOffice) {
			t.Errorf("no office program here, and the error is %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) != 2 {
		t.Fatalf("%d pages: %q", len(pages), pages)
	}
	for _, p := range pages {
		img, err := Read(p)
		if err != nil {
			t.Fatal(err)
		}
		dark := 0
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				if r, _, _, _ := img.At(x, y).RGBA(); r < 0x8000 {
					dark++
				}
			}
		}
		if b := img.Bounds(); b.Dy() <= b.Dx() || dark < 20 {
			t.Errorf("%s: %v with %d dark dots", filepath.Base(p), b, dark)
		}
	}
}

func TestNothingIsLaidOutWithoutAProgram(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := os.Stat("/Applications/LibreOffice.app"); err == nil {
		return // found without PATH
	}
	if _, err := Pages(t.Context(), document(t), t.TempDir()); !errors.Is(err, ErrNoOffice) {
		t.Errorf("error %v", err)
	}
}
