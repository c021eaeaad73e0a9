// Package paper shows a document as it comes out of the printer: page by page,
// laid out by the office program that is installed on this computer (Word, WPS
// or LibreOffice). Nothing is laid out here, and nothing leaves the computer.
package paper

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/png" // also how pages are read back
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrNoOffice says that no program was found that can lay the document out.
var ErrNoOffice = errors.New("no office program to lay out pages")

// Bounds on what one document may take.
const (
	maxPages   = 200
	maxPage    = 32 << 20 // bytes of one picture
	dotsPerIn  = 80       // enough to read on a screen
	officeTime = 2 * time.Minute
)

// Pages lays the document at path out and returns the files of its pages, PNG,
// in dir, which must exist. The error is ErrNoOffice where no program can.
func Pages(ctx context.Context, path, dir string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, officeTime)
	defer cancel()
	pdf := filepath.Join(dir, "document.pdf")
	if err := toPDF(ctx, path, pdf); err != nil {
		return nil, fmt.Errorf("lay out %s: %w", filepath.Base(path), err)
	}
	if err := toPictures(ctx, pdf, dir); err != nil {
		return nil, fmt.Errorf("draw the pages of %s: %w", filepath.Base(path), err)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "page-*.png"))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(pages, func(a, b string) int { // page-2 before page-10
		return strings.Compare(fmt.Sprintf("%4d%s", len(a), a), fmt.Sprintf("%4d%s", len(b), b))
	})
	return pages[:min(len(pages), maxPages)], nil
}

// Read reads the picture of a page.
func Read(path string) (_ image.Image, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if fi, err := f.Stat(); err != nil || fi.Size() > maxPage {
		return nil, fmt.Errorf("read page %s: too large", filepath.Base(path))
	}
	img, err := png.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("read page %s: %w", filepath.Base(path), err)
	}
	return img, nil
}

// libreOffice converts with LibreOffice, whose profile is kept apart: it would
// refuse to start beside a running one.
func libreOffice(ctx context.Context, program, path, pdf string) error {
	dir := filepath.Dir(pdf)
	profile := "file://" + filepath.ToSlash(filepath.Join(dir, "profile"))
	if os.PathSeparator == '\\' {
		profile = "file:///" + filepath.ToSlash(filepath.Join(dir, "profile"))
	}
	if err := run(ctx, program, "-env:UserInstallation="+profile, "--headless", "--norestore", "--convert-to", "pdf", "--outdir", dir, path); err != nil {
		return err
	}
	made := filepath.Join(dir, strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))+".pdf")
	if made == pdf {
		return nil
	}
	return os.Rename(made, pdf)
}

func run(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	hide(cmd)
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %.300s", filepath.Base(program), err, out)
	}
	return nil
}

func find(names ...string) (string, bool) {
	for _, n := range names {
		if p, err := exec.LookPath(n); err == nil {
			return p, true
		}
	}
	return "", false
}
