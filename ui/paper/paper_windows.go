package paper

import (
	"context"
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

//go:embed pdf.ps1
var pdfScript string

//go:embed pages.ps1
var pagesScript string

const createNoWindow = 0x08000000

func hide(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: createNoWindow}
}

// toPDF asks Word or WPS, which both answer the same calls, else LibreOffice.
func toPDF(ctx context.Context, path, pdf string) error {
	if script(ctx, pdfScript, filepath.Dir(pdf), path, pdf) == nil {
		if _, err := os.Stat(pdf); err == nil {
			return nil
		}
	}
	office, ok := find("soffice.exe",
		filepath.Join(os.Getenv("ProgramFiles"), "LibreOffice", "program", "soffice.exe"),
		filepath.Join(os.Getenv("ProgramFiles(x86)"), "LibreOffice", "program", "soffice.exe"))
	if !ok {
		return ErrNoOffice
	}
	return libreOffice(ctx, office, path, pdf)
}

// toPictures uses the PDF reader that Windows 10 and later bring along.
func toPictures(ctx context.Context, pdf, dir string) error {
	return script(ctx, pagesScript, dir, pdf, dir, strconv.Itoa(dotsPerIn), strconv.Itoa(maxPages))
}

// script runs one of our own scripts with PowerShell, which reads it from a
// file in dir: its arguments are then arguments, whatever characters are in them.
func script(ctx context.Context, text, dir string, args ...string) error {
	file := filepath.Join(dir, "step.ps1")
	if err := os.WriteFile(file, append([]byte("\xef\xbb\xbf"), text...), 0o600); err != nil {
		return err
	}
	shell := filepath.Join(os.Getenv("SystemRoot"), "System32", "WindowsPowerShell", "v1.0", "powershell.exe")
	return run(ctx, shell, append([]string{"-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", file}, args...)...)
}
