package bag

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// directory says where the central directory is.
type directory struct {
	entries   int64
	off, size int64
	commented bool
}

// readAt fills b or tells why not; io.EOF together with all bytes is fine.
func readAt(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &Error{Op: "open", Reason: ReasonRead, Err: err}
}

// findEnd reads the end record (APPNOTE 4.3.16). Its comment must end where
// the file ends, so that nothing can hide behind it, and no second reading
// may be possible: readers would disagree on which archive this is.
func findEnd(r io.ReaderAt, size int64) (directory, error) {
	tail := make([]byte, min(size, lenEnd+1<<16-1))
	base := size - int64(len(tail))
	if err := readAt(r, tail, base); err != nil {
		return directory{}, err
	}
	sig := binary.LittleEndian.AppendUint32(nil, sigEnd)
	at, found, seen := -1, 0, false
	for i := 0; ; i++ {
		j := bytes.Index(tail[i:], sig)
		if j < 0 {
			break
		}
		i += j
		seen = true
		if i+lenEnd <= len(tail) && i+lenEnd+int(binary.LittleEndian.Uint16(tail[i+20:])) == len(tail) {
			at = i
			found++
		}
	}
	switch {
	case found == 0 && seen:
		return directory{}, refuse("", ReasonTrailing, "the end record is not at the end of the file")
	case found == 0:
		return directory{}, refuse("", ReasonNotZip, "no end record")
	case found > 1:
		return directory{}, refuse("", ReasonLayout, "several end records")
	}
	return parseEnd(r, tail[at:], base+int64(at))
}

func parseEnd(r io.ReaderAt, b []byte, pos int64) (directory, error) {
	le := binary.LittleEndian
	if le.Uint16(b[4:]) != 0 || le.Uint16(b[6:]) != 0 || le.Uint16(b[8:]) != le.Uint16(b[10:]) {
		return directory{}, refuse("", ReasonLayout, "archive of several volumes")
	}
	d := directory{
		entries: int64(le.Uint16(b[10:])), size: int64(le.Uint32(b[12:])), off: int64(le.Uint32(b[16:])),
		commented: le.Uint16(b[20:]) != 0,
	}
	end := pos
	if pos >= lenLoc64 {
		var loc [lenLoc64]byte
		if err := readAt(r, loc[:], pos-lenLoc64); err != nil {
			return d, err
		}
		if le.Uint32(loc[:]) == sigLoc64 {
			var err error
			if d, end, err = parseEnd64(r, loc[:], pos-lenLoc64, d); err != nil {
				return d, err
			}
		}
	}
	if d.off < 0 || d.size < 0 || d.off > end || d.size != end-d.off {
		return d, refuse("", ReasonLayout, "the central directory is not right before its end record")
	}
	return d, nil
}

// parseEnd64 reads the ZIP64 end record (APPNOTE 4.3.14), which must agree
// with the fields of the short one that did not overflow.
func parseEnd64(r io.ReaderAt, loc []byte, locPos int64, short directory) (directory, int64, error) {
	le := binary.LittleEndian
	bad := func(detail string) (directory, int64, error) {
		return short, 0, refuse("", ReasonLayout, "ZIP64 end record: %s", detail)
	}
	at := le.Uint64(loc[8:])
	if le.Uint32(loc[4:]) != 0 || le.Uint32(loc[16:]) > 1 {
		return bad("several volumes")
	}
	if locPos < lenEnd64 || at > uint64(locPos-lenEnd64) {
		return bad("out of place")
	}
	var b [lenEnd64]byte
	if err := readAt(r, b[:], int64(at)); err != nil {
		return short, 0, err
	}
	rest := le.Uint64(b[4:])
	if le.Uint32(b[:]) != sigEnd64 || rest > 1<<32 || int64(at)+12+int64(rest) != locPos {
		return bad("malformed")
	}
	if le.Uint32(b[16:]) != 0 || le.Uint32(b[20:]) != 0 || le.Uint64(b[24:]) != le.Uint64(b[32:]) {
		return bad("several volumes")
	}
	n, size, off := le.Uint64(b[32:]), le.Uint64(b[40:]), le.Uint64(b[48:])
	if n > 1<<40 || size > 1<<62 || off > 1<<62 {
		return bad("out of range")
	}
	d := directory{entries: int64(n), size: int64(size), off: int64(off), commented: short.commented}
	if short.entries != 0xffff && short.entries != d.entries ||
		short.size != 0xffffffff && short.size != d.size ||
		short.off != 0xffffffff && short.off != d.off {
		return bad("disagrees with the short one")
	}
	return d, int64(at), nil
}
