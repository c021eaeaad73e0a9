package media

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// FindFFmpeg returns where ffmpeg is, "" when it is not on the path.
func FindFFmpeg() string {
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		return ""
	}
	return path
}

// CanCompress reports whether videos can be made smaller here.
func (t Tools) CanCompress() bool { return t.FFmpeg != "" }

// Offer is a smaller copy of a video that could be made. Bytes and Time are estimates: rough ones, since what is in the
// video decides.
type Offer struct {
	Width, Height int
	Bytes         int64
	Time          time.Duration
}

// Rates by which offers are estimated: of H.264 as Compress makes it, for hands and faces indoors.
const (
	bitsPerPixel   = 0.075 // of each frame, at 30 frames a second
	audioBits      = 128_000
	pixelsPerSec   = 60e6 // that two processors of an office PC compress, with decoding
	worthWhile     = 0.8  // of the size: an offer that saves less is none
	assumedFrames  = 30
	smallestHeight = 720
)

// Offers lists the copies worth making of a video, the larger first: with 1080 and with 720 lines, of which upright videos
// have as many columns. None is larger than the video.
func Offers(info Info) []Offer {
	if info.Kind != Video || info.Duration <= 0 || info.Width <= 0 || info.Height <= 0 {
		return nil
	}
	var out []Offer
	for _, lines := range []int{1080, smallestHeight} {
		w, h := fitLines(info.Width, info.Height, lines)
		pixels := float64(w) * float64(h) * assumedFrames * info.Duration.Seconds()
		o := Offer{Width: w, Height: h, Bytes: int64((pixels*bitsPerPixel + audioBits*info.Duration.Seconds()) / 8)}
		source := float64(info.Width) * float64(info.Height) * assumedFrames * info.Duration.Seconds()
		o.Time = time.Duration((pixels + source/4) / pixelsPerSec * float64(time.Second)).Round(time.Second)
		if float64(o.Bytes) < worthWhile*float64(info.Size) && (len(out) == 0 || out[0].Height != h) {
			out = append(out, o)
		}
	}
	return out
}

// fitLines is the size with at most so many lines on the short side, both sides even. Videos are never enlarged.
func fitLines(w, h, lines int) (int, int) {
	short := min(w, h)
	if short > lines {
		w, h = (w*lines+short/2)/short, (h*lines+short/2)/short
	}
	return max(2, w&^1), max(2, h&^1)
}

// Compress writes to the file dst a copy of the video at path as the offer says: an MP4 with H.264 and AAC, without
// metadata but for the time it was taken. Progress may be nil; it is told how much of the video is done. Cancelling ctx ends
// ffmpeg. When it fails, dst is gone.
func (t Tools) Compress(ctx context.Context, path, dst string, o Offer, progress func(done, total time.Duration)) (err error) {
	name := filepath.Base(path)
	info, err := Probe(ctx, path)
	if err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	if !t.CanCompress() {
		return fmt.Errorf("compress %s: ffmpeg: %w", name, NeedsTool)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(dst)
		}
	}()
	args := []string{
		"-nostdin", "-hide_banner", "-loglevel", "error", "-y", "-i", fileURL(path),
		"-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "-1", "-map_chapters", "-1",
		"-vf", fmt.Sprintf("scale=%d:%d", o.Width&^1, o.Height&^1), "-c:v", "libx264", "-preset", "veryfast", "-crf", "24",
		"-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", "-progress", "pipe:1", "-f", "mp4",
	}
	if !info.Taken.IsZero() {
		args = append(args, "-metadata", "creation_time="+info.Taken.UTC().Format(time.RFC3339))
	}
	cmd := exec.CommandContext(ctx, t.FFmpeg, append(args, fileURL(dst))...)
	hide(cmd)
	var text tail
	cmd.Stderr = &text
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("compress %s: %w: %w", name, NeedsTool, err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		us, ok := strings.CutPrefix(lines.Text(), "out_time_us=")
		if n, err := strconv.ParseInt(us, 10, 64); ok && err == nil && progress != nil {
			progress(min(time.Duration(n)*time.Microsecond, info.Duration), info.Duration)
		}
	}
	err = cmd.Wait()
	if ctx.Err() != nil {
		return fmt.Errorf("compress %s: %w", name, ctx.Err())
	}
	if err = errors.Join(err, lines.Err()); err != nil {
		return fmt.Errorf("compress %s: %w: %w: %s", name, Corrupt, err, text.b)
	}
	return nil
}

// fileURL keeps ffmpeg from taking a name for an option or for an address of the network.
func fileURL(path string) string { return "file:" + path }

// tail keeps the last bytes that were written.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	t.b = t.b[max(0, len(t.b)-500):]
	return len(p), nil
}

// posterTime bounds how long ffmpeg may look for a frame.
const posterTime = 20 * time.Second

// Poster gives a frame of a video, upright and with its long side at most edge pixels: one from early on, but not the
// first, which is often black. Without ffmpeg the error is NeedsTool.
func (t Tools) Poster(ctx context.Context, path string, edge int) (image.Image, error) {
	name := filepath.Base(path)
	if t.FFmpeg == "" {
		return nil, fmt.Errorf("poster of %s: ffmpeg: %w", name, NeedsTool)
	}
	info, err := Probe(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("poster: %w", err)
	}
	timed, cancel := context.WithTimeout(ctx, posterTime)
	defer cancel()
	at := min(info.Duration/10, 3*time.Second)
	scale := fmt.Sprintf("scale=w='min(%d,iw)':h='min(%d,ih)':force_original_aspect_ratio=decrease:force_divisible_by=2", edge, edge)
	cmd := exec.CommandContext(timed, t.FFmpeg, "-nostdin", "-hide_banner", "-loglevel", "error",
		"-ss", strconv.FormatFloat(at.Seconds(), 'f', 3, 64), "-i", fileURL(path),
		"-frames:v", "1", "-vf", scale, "-f", "image2", "-c:v", "mjpeg", "-q:v", "3", "pipe:1")
	hide(cmd)
	var text tail
	cmd.Stderr = &text
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("poster of %s: %w", name, ctx.Err())
	case err != nil:
		return nil, fmt.Errorf("poster of %s: %w: %w: %s", name, Corrupt, err, text.b)
	}
	img, err := jpeg.Decode(bytes.NewReader(out))
	if err != nil {
		return nil, fmt.Errorf("poster of %s: %w", name, classify(err))
	}
	return img, nil
}
