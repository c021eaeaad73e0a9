package bag

import (
	"encoding/binary"
	"time"
)

// Signatures and sizes of the ZIP format (PKWARE APPNOTE 6.3, section 4.3).
const (
	sigLocal   = 0x04034b50
	sigCentral = 0x02014b50
	sigEnd     = 0x06054b50
	sigEnd64   = 0x06064b50
	sigLoc64   = 0x07064b50
	sigDesc    = 0x08074b50

	lenLocal   = 30
	lenCentral = 46
	lenEnd     = 22
	lenEnd64   = 56
	lenLoc64   = 20

	methodStore   = 0
	methodDeflate = 8

	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3
	flagStrong     = 1 << 6
	flagUTF8       = 1 << 11
	flagMasked     = 1 << 13

	extraZip64 = 0x0001
	extraPath  = 0x7075 // Info-ZIP Unicode Path
	extraSeal  = 0x5342 // ours, see head.seal
)

// What every header of ours holds. Unix as the system of origin keeps
// Info-ZIP's unzip from reading names in a DOS code page in spite of the
// UTF-8 flag.
const (
	ourMadeBy = 3<<8 | 20
	ourNeed   = 20
	ourFlags  = flagUTF8
	ourMode   = 0o100644 << 16
)

// head is one entry as both of its headers tell it.
type head struct {
	name         string
	method       uint16
	time, date   uint16 // MS-DOS
	crc          uint32
	csize, usize uint32
	// seal is the CRC-32 of the compressed bytes. It is written, in a field of
	// our own, for deflated entries, where other bytes could inflate to the
	// same content, and for the first entry, where it marks the zip as ours.
	seal    uint32
	hasSeal bool
	off     uint32 // of the local header
}

func (h *head) extra(b []byte) []byte {
	if !h.hasSeal {
		return b
	}
	b = binary.LittleEndian.AppendUint16(b, extraSeal)
	b = binary.LittleEndian.AppendUint16(b, 4)
	return binary.LittleEndian.AppendUint32(b, h.seal)
}

func (h *head) extraLen() uint16 {
	if h.hasSeal {
		return 8
	}
	return 0
}

// common appends what the two headers share: version needed to name length,
// extra length.
func (h *head) common(b []byte) []byte {
	le := binary.LittleEndian
	b = le.AppendUint16(b, ourNeed)
	b = le.AppendUint16(b, ourFlags)
	b = le.AppendUint16(b, h.method)
	b = le.AppendUint16(b, h.time)
	b = le.AppendUint16(b, h.date)
	b = le.AppendUint32(b, h.crc)
	b = le.AppendUint32(b, h.csize)
	b = le.AppendUint32(b, h.usize)
	b = le.AppendUint16(b, uint16(len(h.name)))
	return le.AppendUint16(b, h.extraLen())
}

func (h *head) local(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, sigLocal)
	b = h.common(b)
	b = append(b, h.name...)
	return h.extra(b)
}

func (h *head) central(b []byte) []byte {
	le := binary.LittleEndian
	b = le.AppendUint32(b, sigCentral)
	b = le.AppendUint16(b, ourMadeBy)
	b = h.common(b)
	b = append(b, 0, 0, 0, 0, 0, 0) // comment length, volume, internal attributes
	b = le.AppendUint32(b, ourMode)
	b = le.AppendUint32(b, h.off)
	b = append(b, h.name...)
	return h.extra(b)
}

func endRecord(b []byte, entries int, size, off uint32) []byte {
	le := binary.LittleEndian
	b = le.AppendUint32(b, sigEnd)
	b = append(b, 0, 0, 0, 0)
	b = le.AppendUint16(b, uint16(entries))
	b = le.AppendUint16(b, uint16(entries))
	b = le.AppendUint32(b, size)
	b = le.AppendUint32(b, off)
	return append(b, 0, 0)
}

// dosTime gives the wall clock of t, to two seconds, held between 1980 and
// 2107; the zero time gives the first instant of 1980.
func dosTime(t time.Time) (clock, date uint16) {
	switch y := t.Year(); {
	case y < 1980:
		return 0, 1<<5 | 1
	case y > 2107:
		return 23<<11 | 59<<5 | 29, 127<<9 | 12<<5 | 31
	default:
		return uint16(t.Hour()<<11 | t.Minute()<<5 | t.Second()/2),
			uint16((y-1980)<<9 | int(t.Month())<<5 | t.Day())
	}
}
