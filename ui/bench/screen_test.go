//go:build linux

// Package bench measures the real window against a Fyne hello-world, both in one run on a screen of its own. It has
// nothing but benchmarks: `make bench-window` builds the programs and runs them.
package bench

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// screen is an X server whose picture lies in a file: looking at it disturbs nobody.
type screen struct {
	display string
	picture *os.File
	offset  int64 // of the pixels
	size    int64 // of the pixels, in bytes
}

// newScreen starts Xvfb, and skips the benchmark where there is none.
func newScreen(b *testing.B) *screen {
	b.Helper()
	if _, err := exec.LookPath("Xvfb"); err != nil {
		b.Skip("no Xvfb: install xvfb")
	}
	dir := b.TempDir()
	r, w, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1440x900x24", "-nolisten", "tcp", "-fbdir", dir)
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	_ = w.Close() // the server has its own
	b.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it takes its lock and socket away
		_ = cmd.Wait()
	})
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		b.Fatalf("Xvfb names no display: %v", err)
	}
	s := &screen{display: ":" + strings.TrimSpace(number)}
	if s.picture, err = os.Open(filepath.Join(dir, "Xvfb_screen0")); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.picture.Close() })
	// XWD (X11/XWDFile.h): a header of its own length, colours of 12 bytes each, then the pixels.
	head := make([]byte, 100)
	if _, err := s.picture.ReadAt(head, 0); err != nil {
		b.Fatal(err)
	}
	word := func(i int) int64 { return int64(binary.BigEndian.Uint32(head[4*i:])) }
	s.offset, s.size = word(0)+12*word(19), word(12)*word(5)
	return s
}

// colours counts what is on the upper part of the screen, where the pointer is not: 0 for nothing, 1 for a window's
// ground, 2 when something stands on it.
func (s *screen) colours() int {
	pixels := make([]byte, s.size/8)
	if _, err := s.picture.ReadAt(pixels, s.offset); err != nil {
		return 0
	}
	const colour = 0x00ffffff
	ground := uint32(0)
	for ; len(pixels) >= 4; pixels = pixels[4:] {
		switch c := binary.NativeEndian.Uint32(pixels) & colour; {
		case c == 0 || c == ground:
		case ground == 0:
			ground = c
		default:
			return 2
		}
	}
	return min(1, int(ground))
}

// program is one that runs on a screen.
type program struct {
	cmd   *exec.Cmd
	ended chan error
	out   bytes.Buffer
	first time.Duration // from its start to its first paint
	taken time.Duration // of the processor, until then
}

// start runs a program until something is on its window.
func (s *screen) start(b *testing.B, home, path string, args ...string) *program {
	b.Helper()
	for s.colours() > 0 { // the window before it is going
		time.Sleep(time.Millisecond)
	}
	p := &program{cmd: exec.Command(path, args...), ended: make(chan error, 1)}
	p.cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "DISPLAY=" + s.display, "LANG=zh_CN.UTF-8", // and no Wayland
		"HOME=" + home, "XDG_CACHE_HOME=" + home, "BAOSONG_HOME=" + filepath.Join(home, "data"),
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	for s.colours() < 2 {
		select {
		case err := <-p.ended:
			b.Fatalf("%s ended before it painted on %s: %v\n%s", path, s.display, err, p.out.String())
		default:
		}
		if time.Since(began) > time.Minute {
			p.stop()
			b.Fatalf("%s has painted nothing in a minute\n%s", path, p.out.String())
		}
		time.Sleep(time.Millisecond)
	}
	p.first, p.taken = time.Since(began), p.cpu(b)
	return p
}

// do has xdotool use the mouse or the keyboard.
func (s *screen) do(b *testing.B, args ...string) {
	b.Helper()
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+s.display)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("xdotool: %v: %s", err, out)
	}
}

func (p *program) stop() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// memory returns a line of /proc/PID/status (proc(5)), in bytes: VmRSS what of the program is in memory, VmHWM what was
// at most.
func (p *program) memory(b *testing.B, line string) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), line)
	kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kib * 1024
}

// cpu returns the processor time the program has taken.
func (p *program) cpu(b *testing.B) time.Duration {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	var ticks int64
	for _, f := range fields[11:13] { // utime and stime, in hundredths of a second (proc(5))
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
