//go:build !windows

package paper

import (
	"context"
	"os/exec"
	"path/filepath"
	"strconv"
)

func hide(*exec.Cmd) {}

func toPDF(ctx context.Context, path, pdf string) error {
	office, ok := find("soffice", "libreoffice", "/Applications/LibreOffice.app/Contents/MacOS/soffice")
	if !ok {
		return ErrNoOffice
	}
	return libreOffice(ctx, office, path, pdf)
}

func toPictures(ctx context.Context, pdf, dir string) error {
	tool, ok := find("pdftoppm")
	if !ok {
		return ErrNoOffice
	}
	return run(ctx, tool, "-png", "-r", strconv.Itoa(dotsPerIn), "-l", strconv.Itoa(maxPages), pdf, filepath.Join(dir, "page"))
}
