package media

import (
	"bufio"
	"context"
	"fmt"
	"io"
)

// cleanGIF copies a GIF without comments and the extensions of programs, but for the one that says how often it repeats
// (GIF89a, 23 to 26).
func cleanGIF(ctx context.Context, w io.Writer, r io.ReaderAt, size int64) ([]string, error) {
	g := &gifCopier{in: bufio.NewReader(&stream{ctx, io.NewSectionReader(r, 0, size)}), out: bufio.NewWriter(w)}
	err := g.run()
	if err == nil {
		err = g.out.Flush()
	}
	if err != nil {
		return nil, fmt.Errorf("gif: %w", err)
	}
	return sorted(g.removed), nil
}

type gifCopier struct {
	in      *bufio.Reader
	out     *bufio.Writer
	removed []string
}

// bytes reads n bytes, and writes them when keep is set.
func (g *gifCopier) bytes(n int, keep bool) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(g.in, b); err != nil {
		return nil, classify(err)
	}
	if keep {
		if _, err := g.out.Write(b); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (g *gifCopier) table(flags byte) error {
	if flags&0x80 == 0 {
		return nil
	}
	_, err := g.bytes(3<<(flags&7+1), true)
	return err
}

// blocks copies or drops data blocks up to the empty one.
func (g *gifCopier) blocks(keep bool) error {
	for {
		n, err := g.bytes(1, keep)
		if err != nil || n[0] == 0 {
			return err
		}
		if _, err := g.bytes(int(n[0]), keep); err != nil {
			return err
		}
	}
}

func (g *gifCopier) run() error {
	head, err := g.bytes(13, true)
	if err != nil {
		return err
	}
	if err := g.table(head[10]); err != nil {
		return err
	}
	for {
		kind, err := g.bytes(1, false)
		if err != nil {
			return err
		}
		switch kind[0] {
		case 0x21:
			err = g.extension()
		case 0x2c:
			if err = g.out.WriteByte(0x2c); err != nil {
				return err
			}
			var image []byte
			if image, err = g.bytes(9, true); err != nil {
				return err
			}
			if err = g.table(image[8]); err != nil {
				return err
			}
			if _, err = g.bytes(1, true); err != nil { // the size of codes
				return err
			}
			err = g.blocks(true)
		case 0x3b:
			if _, err := g.in.Peek(1); err == nil {
				g.removed = append(g.removed, RemovedTrailer)
			}
			return g.out.WriteByte(0x3b)
		default:
			return fmt.Errorf("block %#x: %w", kind[0], Corrupt)
		}
		if err != nil {
			return err
		}
	}
}

func (g *gifCopier) extension() error {
	label, err := g.bytes(2, false)
	if err != nil {
		return err
	}
	first, err := g.bytes(int(label[1]), false)
	if err != nil {
		return err
	}
	keep := label[0] == 0xf9 || label[0] == 0xff && (string(first) == "NETSCAPE2.0" || string(first) == "ANIMEXTS1.0")
	if keep {
		if _, err := g.out.Write(append([]byte{0x21, label[0], label[1]}, first...)); err != nil {
			return err
		}
	} else if label[0] == 0xff && string(first) == "XMP DataXMP" {
		g.removed = append(g.removed, RemovedXMP)
	} else {
		g.removed = append(g.removed, RemovedComment)
	}
	if label[1] == 0 {
		return nil
	}
	return g.blocks(keep)
}
