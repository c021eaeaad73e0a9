package media

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// DecodeCommand is the hidden command by which a program runs ServeDecoder as its own child.
const DecodeCommand = "decode-pictures"

// Bounds on child processes.
const (
	maxChildren = 2                // each takes some hundred MB for a photo
	childRest   = 20 * time.Second // idle ones give their memory back after that
	childBase   = 20 * time.Second // longest time for one picture, to which childPerMB is added
	childPerMB  = 2 * time.Second
	childStart  = time.Minute // more for the first one of a format, before which its decoder is compiled
)

// Decoder decodes HEIC and AVIF in child processes, which it starts when they are needed and ends when they rest. The
// decoders are WebAssembly, which cannot be pre-empted: inside a process with a window they would stall it.
type Decoder struct {
	command []string
	slots   *semaphore.Weighted

	mu     sync.Mutex
	idle   []*child
	closed bool
}

// NewDecoder makes a Decoder whose children run command, a program that calls ServeDecoder with its standard input
// and output.
func NewDecoder(command ...string) *Decoder {
	return &Decoder{command: command, slots: semaphore.NewWeighted(int64(min(maxChildren, runtime.GOMAXPROCS(0))))}
}

// Close ends the children that rest; those at work end with their picture. Nothing can be decoded afterwards.
func (d *Decoder) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for _, c := range d.idle {
		c.end()
	}
	d.idle = nil
	return nil
}

// child is a running process.
type child struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	rest *time.Timer
	warm map[Format]bool
}

func (c *child) end() {
	if c.rest != nil {
		c.rest.Stop()
	}
	_ = c.in.Close()
	_ = c.cmd.Process.Kill() // it has nothing to lose
	_ = c.cmd.Wait()         // was killed
}

func (d *Decoder) decode(ctx context.Context, f Format, r io.Reader, size int64) (image.Image, error) {
	if err := d.slots.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer d.slots.Release(1)
	c, err := d.get()
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	limit := childBase + time.Duration(size>>20)*childPerMB
	if !c.warm[f] {
		limit += childStart
		c.warm[f] = true
	}
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	stop := context.AfterFunc(timed, func() { _ = c.cmd.Process.Kill() })
	img, err := c.ask(f, r, size)
	if !stop() || err != nil && !errors.As(err, new(refusal)) {
		c.end()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case timed.Err() != nil:
			return nil, fmt.Errorf("decoder: longer than %v: %w", limit, Corrupt)
		}
		return nil, fmt.Errorf("decoder: %w: %w", Corrupt, err)
	}
	d.put(c)
	return img, err
}

// get takes a child that rests, or starts one.
func (d *Decoder) get() (*child, error) {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return nil, os.ErrClosed
	}
	if n := len(d.idle); n > 0 {
		c := d.idle[n-1]
		d.idle = d.idle[:n-1]
		d.mu.Unlock()
		c.rest.Stop()
		return c, nil
	}
	d.mu.Unlock()
	cmd := exec.Command(d.command[0], d.command[1:]...)
	hide(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &child{cmd: cmd, in: in, out: bufio.NewReaderSize(out, 64<<10), warm: map[Format]bool{}}, nil
}

// put lets a child rest.
func (d *Decoder) put(c *child) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		c.end()
		return
	}
	d.idle = append(d.idle, c)
	c.rest = time.AfterFunc(childRest, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		for i, o := range d.idle {
			if o == c {
				d.idle = append(d.idle[:i:i], d.idle[i+1:]...)
				c.end()
				return
			}
		}
	})
}

// refusal is the answer of a child that could not decode a picture and is well itself.
type refusal string

func (r refusal) Error() string { return string(r) }

func (refusal) Unwrap() error { return Corrupt }

// The two sides talk in big-endian numbers. A request is a byte for the format, eight for the size, and the file. An
// answer is a header of twelve bytes, what kind of picture, its sampling, two unused, width and height; then its rows
// without padding, plane after plane; or the kind 'E', in place of the width the length of a text, and the text.
const answerSize = 12

func (c *child) ask(f Format, r io.Reader, size int64) (image.Image, error) {
	head := []byte{'h', 0, 0, 0, 0, 0, 0, 0, 0}
	if f == AVIF {
		head[0] = 'a'
	}
	binary.BigEndian.PutUint64(head[1:], uint64(size))
	if _, err := c.in.Write(head); err != nil {
		return nil, err
	}
	if n, err := io.Copy(c.in, io.LimitReader(r, size)); err != nil {
		return nil, err
	} else if n < size {
		return nil, Changed
	}
	var h [answerSize]byte
	if _, err := io.ReadFull(c.out, h[:]); err != nil {
		return nil, err
	}
	w, ht := int(binary.BigEndian.Uint32(h[4:])), int(binary.BigEndian.Uint32(h[8:]))
	if h[0] == 'E' {
		text := make([]byte, min(w, 1000))
		if _, err := io.ReadFull(c.out, text); err != nil {
			return nil, err
		}
		return nil, refusal(text)
	}
	if w < 1 || ht < 1 || w >= maxSide || ht >= maxSide || w*ht > maxPixels {
		return nil, fmt.Errorf("%d × %d pixels: %w", w, ht, TooLarge)
	}
	img, planes := blank(h[0], image.YCbCrSubsampleRatio(h[1]), w, ht)
	for _, p := range planes {
		if _, err := io.ReadFull(c.out, p.pix); err != nil {
			return nil, err
		}
	}
	return img, nil
}

// blank makes a picture without padding, and the planes to fill. A kind that is not known is taken for RGB.
func blank(kind byte, ratio image.YCbCrSubsampleRatio, w, h int) (image.Image, []plane) {
	r := image.Rect(0, 0, w, h)
	switch kind {
	case 'Y':
		img := image.NewYCbCr(r, ratio)
		y, cb, cr := yccPlanes(img)
		return img, []plane{y, cb, cr}
	case 'G':
		img := image.NewGray(r)
		return img, []plane{grayPlane(img)}
	case 'P':
		img := image.NewRGBA(r)
		return img, []plane{{img.Pix, img.Stride, 4 * w, h}}
	}
	img := image.NewNRGBA(r)
	return img, []plane{{img.Pix, img.Stride, 4 * w, h}}
}

// ServeDecoder decodes what comes on in and answers on out until in ends. It is the whole life of a child.
func ServeDecoder(in io.Reader, out io.Writer) error {
	os.Stdout = os.Stderr // the decoders' own messages must not get between the answers
	w := bufio.NewWriterSize(out, 256<<10)
	for {
		var head [9]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("decoder: request: %w", err)
		}
		size := int64(binary.BigEndian.Uint64(head[1:]))
		file := &io.LimitedReader{R: in, N: size}
		f := HEIC
		if head[0] == 'a' {
			f = AVIF
		}
		img, err := decodeISO(f, file)
		if _, err := io.Copy(io.Discard, file); err != nil { // what a decoder left
			return fmt.Errorf("decoder: request: %w", err)
		}
		if err := answer(w, img, err); err != nil {
			return fmt.Errorf("decoder: answer: %w", err)
		}
	}
}

func answer(w *bufio.Writer, img image.Image, failed error) error {
	var h [answerSize]byte
	if failed != nil {
		text := failed.Error()
		text = text[:min(len(text), 1000)]
		h[0] = 'E'
		binary.BigEndian.PutUint32(h[4:], uint32(len(text)))
		_, _ = w.Write(h[:]) // Flush tells
		_, _ = w.WriteString(text)
		return w.Flush()
	}
	b := img.Bounds()
	var planes []plane
	switch img := img.(type) {
	case *image.YCbCr:
		y, cb, cr := yccPlanes(img)
		h[0], h[1], planes = 'Y', byte(img.SubsampleRatio), []plane{y, cb, cr}
	case *image.Gray:
		h[0], planes = 'G', []plane{grayPlane(img)}
	case *image.RGBA:
		h[0], planes = 'P', []plane{{img.Pix[img.PixOffset(b.Min.X, b.Min.Y):], img.Stride, 4 * b.Dx(), b.Dy()}}
	case *image.NRGBA:
		h[0], planes = 'N', []plane{{img.Pix[img.PixOffset(b.Min.X, b.Min.Y):], img.Stride, 4 * b.Dx(), b.Dy()}}
	default:
		return answer(w, nil, fmt.Errorf("%T: %w", img, Unsupported))
	}
	binary.BigEndian.PutUint32(h[4:], uint32(b.Dx()))
	binary.BigEndian.PutUint32(h[8:], uint32(b.Dy()))
	_, _ = w.Write(h[:])
	for _, p := range planes {
		for y := range p.h {
			_, _ = w.Write(p.row(y))
		}
	}
	return w.Flush()
}
