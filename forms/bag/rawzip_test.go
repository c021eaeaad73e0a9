package bag

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
	"testing"
)

// ent is one entry of a hand-made zip, good unless told otherwise.
type ent struct {
	name       string // bytes as they stand in the headers
	content    string
	deflate    bool
	noUTF8     bool   // leave the UTF-8 flag out
	descriptor bool   // sizes follow the content
	host       uint16 // 0 DOS, 3 Unix
	mode       uint32 // Unix
	extra      []byte // of both headers
}

// rawZip is a zip with the places of its headers, to be spoilt.
type rawZip struct {
	b      []byte
	lh, cd []int
	dir    int // start of the central directory
	end    int // the end record
}

var le = binary.LittleEndian

func makeZip(ents ...ent) *rawZip {
	z := &rawZip{}
	var dir []byte
	for _, e := range ents {
		data := []byte(e.content)
		if e.deflate {
			var buf bytes.Buffer
			w, _ := flate.NewWriter(&buf, 9)
			_, _ = w.Write(data)
			_ = w.Close()
			data = buf.Bytes()
		}
		off := len(z.b)
		z.lh = append(z.lh, off)
		z.b = le.AppendUint32(z.b, 0x04034b50)
		z.b = e.common(z.b, data, e.descriptor)
		z.b = append(z.b, e.name...)
		z.b = append(z.b, e.extra...)
		z.b = append(z.b, data...)
		if e.descriptor {
			z.b = le.AppendUint32(z.b, 0x08074b50)
			z.b = le.AppendUint32(z.b, crc32.ChecksumIEEE([]byte(e.content)))
			z.b = le.AppendUint32(z.b, uint32(len(data)))
			z.b = le.AppendUint32(z.b, uint32(len(e.content)))
		}
		z.cd = append(z.cd, len(dir))
		dir = le.AppendUint32(dir, 0x02014b50)
		dir = le.AppendUint16(dir, e.host<<8|20)
		dir = e.common(dir, data, false)
		dir = append(dir, 0, 0, 0, 0, 0, 0)
		dir = le.AppendUint32(dir, e.mode<<16)
		dir = le.AppendUint32(dir, uint32(off))
		dir = append(dir, e.name...)
		dir = append(dir, e.extra...)
	}
	z.dir = len(z.b)
	for i := range z.cd {
		z.cd[i] += z.dir
	}
	z.b = append(z.b, dir...)
	z.end = len(z.b)
	z.b = append(z.b, "PK\x05\x06\x00\x00\x00\x00"...)
	z.b = le.AppendUint16(z.b, uint16(len(ents)))
	z.b = le.AppendUint16(z.b, uint16(len(ents)))
	z.b = le.AppendUint32(z.b, uint32(len(dir)))
	z.b = le.AppendUint32(z.b, uint32(z.dir))
	z.b = append(z.b, 0, 0)
	return z
}

func (e ent) common(b, data []byte, later bool) []byte {
	var flags, method uint16
	crc, csize, usize := crc32.ChecksumIEEE([]byte(e.content)), uint32(len(data)), uint32(len(e.content))
	if !e.noUTF8 {
		flags = 0x800
	}
	if e.descriptor {
		flags |= 8
	}
	if later {
		crc, csize, usize = 0, 0, 0
	}
	if e.deflate {
		method = 8
	}
	b = le.AppendUint16(b, 20)
	b = le.AppendUint16(b, flags)
	b = le.AppendUint16(b, method)
	b = append(b, 0, 0, 0x21, 0)
	b = le.AppendUint32(b, crc)
	b = le.AppendUint32(b, csize)
	b = le.AppendUint32(b, usize)
	b = le.AppendUint16(b, uint16(len(e.name)))
	return le.AppendUint16(b, uint16(len(e.extra)))
}

// both sets 16 bits in both headers of entry i; at counts from "version
// needed", where they run alike.
func (z *rawZip) both(i, at int, v uint16) *rawZip {
	le.PutUint16(z.b[z.lh[i]+4+at:], v)
	le.PutUint16(z.b[z.cd[i]+6+at:], v)
	return z
}

// local and central set 32 bits in one header of entry i.
func (z *rawZip) local(i, at int, v uint32) *rawZip {
	le.PutUint32(z.b[z.lh[i]+4+at:], v)
	return z
}

func (z *rawZip) central(i, at int, v uint32) *rawZip {
	le.PutUint32(z.b[z.cd[i]+6+at:], v)
	return z
}

// Fields of both headers, counted from "version needed".
const (
	atFlags  = 2
	atMethod = 4
	atTime   = 6
	atCRC    = 10
	atCSize  = 14
	atUSize  = 18
	atOffset = 36 // central only
)

// insert puts bytes before the place at, and moves what the end record says.
func (z *rawZip) insert(at int, s string) *rawZip {
	z.b = append(z.b[:at:at], append([]byte(s), z.b[at:]...)...)
	z.end += len(s)
	if at <= z.dir {
		z.dir += len(s)
		le.PutUint32(z.b[z.end+16:], uint32(z.dir))
	}
	return z
}

func field16(id uint16, body string) []byte {
	b := le.AppendUint16(nil, id)
	b = le.AppendUint16(b, uint16(len(body)))
	return append(b, body...)
}

// aBag gives the entries of a small valid bag, with more entries behind.
func aBag(more ...ent) []ent {
	return append([]ent{
		{name: "b/bagit.txt", content: declaration},
		{name: "b/manifest-md5.txt", content: "49f68a5c8493ec2c0bf489821c21fc3b  data/hi.txt\n"},
		{name: "b/data/hi.txt", content: "hi"},
	}, more...)
}

func openBytes(b []byte, lim Limits) (*Bag, error) {
	return OpenReader(bytes.NewReader(b), int64(len(b)), lim)
}

// outcome opens and verifies, and gives the reason of the refusal, or of each
// finding that is no warning.
func outcome(t testing.TB, b []byte, lim Limits) []Reason {
	t.Helper()
	bag, err := openBytes(b, lim)
	if err != nil {
		return []Reason{reasonOf(t, err)}
	}
	return errorsOf(verify(t, bag))
}

func errorsOf(res Result) []Reason {
	var out []Reason
	for _, f := range res.Findings {
		if !f.Warning {
			out = append(out, f.Reason)
		}
	}
	return out
}

// failing is an archive that cannot be read at a place.
type failing struct {
	io.ReaderAt
	from int64
}

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.from {
		return 0, io.ErrClosedPipe
	}
	return f.ReaderAt.ReadAt(p, off)
}

// zip64 gives the archive the end record of large ones.
func (z *rawZip) zip64() *rawZip {
	size, n := z.end-z.dir, len(z.cd)
	r := le.AppendUint32(nil, 0x06064b50)
	r = le.AppendUint64(r, 44)
	r = append(r, 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	r = le.AppendUint64(r, uint64(n))
	r = le.AppendUint64(r, uint64(n))
	r = le.AppendUint64(r, uint64(size))
	r = le.AppendUint64(r, uint64(z.dir))
	r = le.AppendUint32(r, 0x07064b50)
	r = le.AppendUint32(r, 0)
	r = le.AppendUint64(r, uint64(z.end))
	r = le.AppendUint32(r, 1)
	end := z.b[z.end:]
	le.PutUint32(end[12:], 0xffffffff)
	le.PutUint32(end[16:], 0xffffffff)
	z.b = append(z.b[:z.end:z.end], append(r, end...)...)
	z.end += len(r)
	return z
}
