// Package isobmff walks the boxes of ISO base media files (ISO/IEC 14496-12): MP4, MOV, M4V and 3GP videos, and
// HEIC and AVIF pictures. It reads what a user wants to know about them, and finds the bytes to blank so that
// nothing personal remains while every offset in the file stays as it was.
package isobmff

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Errors a caller decides on.
var (
	// ErrNotBoxes means that the file does not start with a box.
	ErrNotBoxes = errors.New("not an ISO media file")
	// ErrTruncated means that a box reaches beyond the end of the file.
	ErrTruncated = errors.New("the file ends inside a box")
	// ErrNoMovie means that there is no moov box: a recording that was never finished.
	ErrNoMovie = errors.New("no moov box")
	// ErrBad means that boxes contradict themselves.
	ErrBad = errors.New("damaged boxes")
	// ErrTooLarge means that a table is larger than any real file needs.
	ErrTooLarge = errors.New("box too large")
)

// Bounds on what is accepted.
const (
	maxTop   = 1 << 16  // top-level boxes; a fragmented hour has some thousands
	maxBoxes = 1 << 14  // boxes in moov or meta
	maxDepth = 12       // of nested boxes
	maxMoov  = 64 << 20 // bytes of a moov or meta box
)

// box is one box in a file: its type and where its payload lies.
type box struct {
	kind   string
	off    int64 // of the header
	body   int64 // of the payload
	end    int64 // of the box
	ranOut bool  // the size said more than the file has
}

// header reads the box header at off; limit is where the enclosing box, or the file, ends.
func header(r io.ReaderAt, off, limit int64) (box, error) {
	var h [16]byte
	if limit-off < 8 {
		return box{}, fmt.Errorf("box at %d: %w", off, ErrTruncated)
	}
	n := min(16, limit-off)
	if k, err := r.ReadAt(h[:n], off); int64(k) < n {
		return box{}, fmt.Errorf("box at %d: %w", off, noEOF(err))
	}
	b := box{kind: string(h[4:8]), off: off, body: off + 8}
	size := uint64(binary.BigEndian.Uint32(h[:]))
	switch size {
	case 0: // to the end
		size = uint64(limit - off)
	case 1:
		if n < 16 {
			return box{}, fmt.Errorf("box at %d: %w", off, ErrTruncated)
		}
		size = binary.BigEndian.Uint64(h[8:])
		b.body += 8
	}
	if size < uint64(b.body-off) {
		return box{}, fmt.Errorf("box %q at %d has size %d: %w", b.kind, off, size, ErrBad)
	}
	if size > uint64(limit-off) {
		b.ranOut = true
		size = uint64(limit - off)
	}
	b.end = off + int64(size)
	return b, nil
}

// noEOF turns the end of a file which was longer a moment ago into a truncation.
func noEOF(err error) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTruncated
	}
	return err
}

// top lists the boxes of a file. A last box that runs out is included, marked, and is no error here.
func top(r io.ReaderAt, size int64) ([]box, error) {
	var out []box
	for off := int64(0); off < size; {
		b, err := header(r, off, size)
		if err != nil {
			if len(out) == 0 {
				return nil, fmt.Errorf("%w: %w", ErrNotBoxes, err)
			}
			// Cameras and chat programs leave a few stray bytes after the last box.
			if size-off < 8 || errors.Is(err, ErrBad) {
				return out, nil
			}
			return out, err
		}
		if !plain(b.kind) {
			if len(out) == 0 {
				return nil, fmt.Errorf("box type %q: %w", b.kind, ErrNotBoxes)
			}
			return out, nil
		}
		if out = append(out, b); len(out) > maxTop {
			return nil, fmt.Errorf("more than %d boxes: %w", maxTop, ErrTooLarge)
		}
		off = b.end
	}
	return out, nil
}

// plain reports whether a box type is made of the characters that occur in types: printable ones and ©.
func plain(kind string) bool {
	for i := range len(kind) {
		if c := kind[i]; (c < ' ' || c > '~') && c != 0xa9 {
			return false
		}
	}
	return true
}

// load reads the payload of a box into memory.
func load(r io.ReaderAt, b box) ([]byte, error) {
	n := b.end - b.body
	if n > maxMoov {
		return nil, fmt.Errorf("box %q of %d bytes: %w", b.kind, n, ErrTooLarge)
	}
	if b.ranOut {
		return nil, fmt.Errorf("box %q: %w", b.kind, ErrTruncated)
	}
	data := make([]byte, n)
	if k, err := r.ReadAt(data, b.body); int64(k) < n {
		return nil, fmt.Errorf("box %q: %w", b.kind, noEOF(err))
	}
	return data, nil
}

// node is a box inside a loaded one. Data is its payload; off is where the box stands in the file.
type node struct {
	kind string
	off  int64
	head int // bytes of its header
	data []byte
}

func (n node) size() int64 { return int64(n.head + len(n.data)) }

// children splits a payload that starts at off in the file into boxes. It stops at the first thing that is no
// box, as QuickTime ends udta with four zero bytes.
func children(data []byte, off int64, budget *int) []node {
	var out []node
	for len(data) >= 8 && *budget > 0 {
		*budget--
		size, head := uint64(binary.BigEndian.Uint32(data)), 8
		switch {
		case size == 0:
			size = uint64(len(data))
		case size == 1 && len(data) >= 16:
			size, head = binary.BigEndian.Uint64(data[8:]), 16
		}
		if size < uint64(head) || size > uint64(len(data)) {
			return out
		}
		out = append(out, node{kind: string(data[4:8]), off: off, head: head, data: data[head:size:size]})
		data, off = data[size:], off+int64(size)
	}
	return out
}

// find returns the first child of a kind.
func find(nodes []node, kind string) (node, bool) {
	for _, n := range nodes {
		if n.kind == kind {
			return n, true
		}
	}
	return node{}, false
}
