package bag

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/unicode/norm"
)

// zipEntry is one entry as the central directory has it; the local header was
// compared.
type zipEntry struct {
	madeBy, flags uint16
	method        uint16
	time, date    uint16
	crc           uint32
	csize, usize  int64
	attrs         uint32
	off           int64 // of the local header
	data          int64 // of the content
	rawName       []byte
	extra         []byte
	raw           []byte // the central header, all of it
	decoded       string // name, with the top folder
	name          string // decoded, in NFC
	dir           bool
	sealed        bool
	seal          uint32
}

func (e *zipEntry) utf8() bool { return e.flags&flagUTF8 != 0 }

// parseCentral reads one header of the central directory (APPNOTE 4.3.12) and
// gives what follows it.
func parseCentral(b []byte) (*zipEntry, []byte, error) {
	le := binary.LittleEndian
	if len(b) < lenCentral || le.Uint32(b) != sigCentral {
		return nil, nil, refuse("", ReasonLayout, "malformed central directory")
	}
	nameLen, extraLen, commentLen := int(le.Uint16(b[28:])), int(le.Uint16(b[30:])), int(le.Uint16(b[32:]))
	end := lenCentral + nameLen + extraLen + commentLen
	if len(b) < end {
		return nil, nil, refuse("", ReasonLayout, "central directory is cut short")
	}
	e := &zipEntry{
		madeBy: le.Uint16(b[4:]), flags: le.Uint16(b[8:]), method: le.Uint16(b[10:]),
		time: le.Uint16(b[12:]), date: le.Uint16(b[14:]), crc: le.Uint32(b[16:]),
		csize: int64(le.Uint32(b[20:])), usize: int64(le.Uint32(b[24:])),
		attrs: le.Uint32(b[38:]), off: int64(le.Uint32(b[42:])),
		rawName: b[lenCentral : lenCentral+nameLen],
		extra:   b[lenCentral+nameLen : lenCentral+nameLen+extraLen],
		raw:     b[:end],
	}
	if volume := le.Uint16(b[34:]); volume != 0 && volume != 0xffff {
		return nil, nil, refuse(e.label(), ReasonLayout, "on another volume")
	}
	if err := e.zip64(); err != nil {
		return nil, nil, err
	}
	if s := extraField(e.extra, extraSeal); len(s) == 4 {
		e.sealed, e.seal = true, le.Uint32(s)
	}
	return e, b[end:], nil
}

// label names an entry whose name is not decoded yet.
func (e *zipEntry) label() string { return strings.ToValidUTF8(string(e.rawName), "\uFFFD") }

// zip64 takes the values that do not fit 32 bits (APPNOTE 4.5.3).
func (e *zipEntry) zip64() error {
	x := extraField(e.extra, extraZip64)
	for _, v := range []*int64{&e.usize, &e.csize, &e.off} {
		if *v != 0xffffffff {
			continue
		}
		if len(x) < 8 {
			return refuse(e.label(), ReasonLayout, "ZIP64 field is missing or short")
		}
		u := binary.LittleEndian.Uint64(x)
		if u > 1<<62 {
			return refuse(e.label(), ReasonLimit, "size out of range")
		}
		*v, x = int64(u), x[8:]
	}
	return nil
}

// extraField gives the first extra field with an id, or nil. Fields that do
// not parse end the list: some writers pad with single bytes.
func extraField(b []byte, id uint16) []byte {
	for len(b) >= 4 {
		n := int(binary.LittleEndian.Uint16(b[2:]))
		if 4+n > len(b) {
			return nil
		}
		if binary.LittleEndian.Uint16(b) == id {
			return b[4 : 4+n : 4+n]
		}
		b = b[4+n:]
	}
	return nil
}

// unicodePath gives the name of an Info-ZIP Unicode Path field, which counts
// only while its CRC fits the name in the header (APPNOTE 4.6.9).
func unicodePath(extra, rawName []byte) (string, bool) {
	x := extraField(extra, extraPath)
	if len(x) < 5 || x[0] != 1 || binary.LittleEndian.Uint32(x[1:]) != crc32.ChecksumIEEE(rawName) || !utf8.Valid(x[5:]) {
		return "", false
	}
	return string(x[5:]), true
}

// decodeNames settles every name: UTF-8 where flagged, the Unicode Path field
// where there is one, else UTF-8 or GB18030, which Chinese Windows writes.
func decodeNames(entries []*zipEntry) error {
	gb := chinese(entries)
	for _, e := range entries {
		name, ok := string(e.rawName), utf8.Valid(e.rawName)
		if !e.utf8() {
			if p, found := unicodePath(e.extra, e.rawName); found {
				name, ok = p, true
			} else if gb {
				name, ok = decodeGB(e.rawName)
			}
		}
		if !ok {
			return refuse(e.label(), ReasonEncoding, "the name is neither UTF-8 nor GB18030")
		}
		if host := e.madeBy >> 8; host == 0 || host == 10 || host == 11 || host == 14 {
			name = strings.ReplaceAll(name, `\`, "/") // written by a DOS or Windows tool
		}
		e.dir = strings.HasSuffix(name, "/")
		e.decoded = name
		e.name = norm.NFC.String(name)
	}
	return nil
}

// chinese reports whether the names that do not say so are in GB18030. They
// are when one is no valid UTF-8. But 图片, in GB18030, is valid UTF-8 as well,
// as many pairs of bytes are, for letters of two bytes; so it takes a longer
// one somewhere in the archive to tell that all of it is UTF-8.
func chinese(entries []*zipEntry) bool {
	pairs := false
	longer := false
	for _, e := range entries {
		if _, ok := unicodePath(e.extra, e.rawName); ok || e.utf8() {
			continue
		}
		if !utf8.Valid(e.rawName) {
			return true
		}
		for _, r := range string(e.rawName) {
			pairs = pairs || r >= utf8.RuneSelf
			longer = longer || r >= 0x800
		}
		if name, ok := decodeGB(e.rawName); !ok || !han(name) {
			longer = true
		}
	}
	return pairs && !longer
}

func decodeGB(raw []byte) (string, bool) {
	b, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
	return string(b), err == nil && !bytes.ContainsRune(b, utf8.RuneError)
}

// han reports whether what is not ASCII is Chinese, in letters or in marks.
func han(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r >= utf8.RuneSelf && !unicode.Is(unicode.Han, r) && !(r >= 0x3000 && r < 0x3020) && !(r >= 0xff00 && r < 0xff60)
	})
}

// check refuses an entry that is not a plain file or folder of a plain name.
func (e *zipEntry) check(lim Limits) error {
	name := strings.TrimSuffix(e.name, "/")
	if err := hostile(name); err != nil {
		return refuse(e.name, ReasonPath, "%v", err)
	}
	if len(name) > lim.NameBytes {
		return refuse(cut(name, 40, 120)+"…", ReasonLimit, "name of %d bytes", len(name))
	}
	if n := strings.Count(name, "/") + 1; n > lim.Depth {
		return refuse(e.name, ReasonLimit, "%d folders deep", n)
	}
	if e.flags&(flagEncrypted|flagStrong|flagMasked) != 0 || e.method == 99 {
		return refuse(e.name, ReasonEncrypted, "")
	}
	if e.method != methodStore && e.method != methodDeflate {
		return refuse(e.name, ReasonMethod, "method %d", e.method)
	}
	if e.method == methodStore && e.csize != e.usize {
		return refuse(e.name, ReasonSize, "stored, but %d bytes for %d", e.csize, e.usize)
	}
	return e.checkMode()
}

// checkMode looks at the Unix mode, where a Unix system wrote the entry.
func (e *zipEntry) checkMode() error {
	if host := e.madeBy >> 8; host == 3 || host == 19 {
		switch e.attrs >> 16 & 0o170000 {
		case 0, 0o100000:
		case 0o040000:
			if !e.dir {
				return refuse(e.name, ReasonHeaders, "a folder by its mode, a file by its name")
			}
		case 0o120000:
			return refuse(e.name, ReasonLink, "symbolic link")
		default:
			return refuse(e.name, ReasonDevice, "mode %o", e.attrs>>16)
		}
	}
	if e.dir && e.usize != 0 {
		return refuse(e.name, ReasonSize, "a folder with content")
	}
	return nil
}
