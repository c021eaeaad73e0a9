package isobmff_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"baosong/forms/media/isobmff"
)

func u16(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }
func u32(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }
func u64(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

func box(kind string, parts ...[]byte) []byte {
	body := join(parts...)
	return join(u32(8+len(body)), []byte(kind), body)
}

// large is a box whose size stands in 64 bits (14496-12, 4.2).
func large(kind string, parts ...[]byte) []byte {
	body := join(parts...)
	return join(u32(1), []byte(kind), u64(16+len(body)), body)
}

// open is a box that goes on to the end of what it stands in.
func open(kind string, parts ...[]byte) []byte { return join(u32(0), []byte(kind), join(parts...)) }

func full(kind string, version int, parts ...[]byte) []byte {
	return box(kind, u32(version<<24), join(parts...))
}

var ftyp = box("ftyp", []byte("isom"), u32(512), []byte("isom"))

// mvhd says that a movie lasts so many milliseconds.
func mvhd(ms int) []byte {
	return full("mvhd", 0, u32(0), u32(0), u32(1000), u32(ms), make([]byte, 80))
}

// hdlr names the kind of media in a track.
func hdlr(kind string) []byte { return full("hdlr", 0, u32(0), []byte(kind), make([]byte, 13)) }

func readMovie(data []byte) (isobmff.Movie, error) {
	return isobmff.ReadMovie(bytes.NewReader(data), int64(len(data)))
}

// cleaned is what CleanMovie makes of a video, and the kinds of what went.
func cleaned(t testing.TB, data []byte) ([]byte, []string) {
	t.Helper()
	patches, kinds, err := isobmff.CleanMovie(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return patched(t, data, patches), kinds
}

// patched applies patches, which have to be sorted, apart from each other and within the file.
func patched(t testing.TB, data []byte, patches []isobmff.Patch) []byte {
	t.Helper()
	out := bytes.Clone(data)
	end := int64(0)
	for _, p := range patches {
		if p.Off < end || p.Len < 1 || p.Off+p.Len > int64(len(data)) || int64(len(p.Data)) > p.Len {
			t.Fatalf("the patch of %d bytes at %d, with %d of data, follows one that ends at %d, in a file of %d", p.Len, p.Off, len(p.Data), end, len(data))
		}
		end = p.Off + p.Len
		clear(out[p.Off:end])
		copy(out[p.Off:], p.Data)
	}
	return out
}

// payload is that of the first box of a kind at the top of a file, and where it starts.
func payload(t testing.TB, data []byte, kind string) ([]byte, int) {
	t.Helper()
	for at := 0; at+8 <= len(data); {
		size, head := int(binary.BigEndian.Uint32(data[at:])), 8
		if size == 1 {
			size, head = int(binary.BigEndian.Uint64(data[at+8:])), 16
		}
		if size == 0 {
			size = len(data) - at
		}
		if string(data[at+4:at+8]) == kind {
			return data[at+head : at+size], at + head
		}
		at += size
	}
	t.Fatalf("no %s", kind)
	return nil, 0
}

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
