package media

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

const (
	headSize     = 64 << 10 // bytes of the start of a file that are looked at before anything else
	maxDirectory = 1 << 20  // bytes of a zip's directory that is read to tell documents apart
)

// sniff tells the format from the first bytes; for containers of documents also from their directories.
func sniff(head []byte, r io.ReaderAt, size int64) (Format, string) {
	if f := sniffImage(head); f != "" {
		return f, ""
	}
	if f := sniffVideo(head); f != "" {
		return f, ""
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return sniffZip(r, size), ""
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return sniffOLE(head, r), ""
	case bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-")):
		return PDF, ""
	}
	m := mimetype.Detect(head[:min(len(head), 3072)])
	if strings.HasPrefix(m.String(), "text/plain") {
		return Text, m.String()
	}
	return Format(m.String()), m.Extension()
}

func sniffImage(h []byte) Format {
	switch {
	case bytes.HasPrefix(h, []byte("\xff\xd8\xff")):
		return JPEG
	case bytes.HasPrefix(h, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case bytes.HasPrefix(h, []byte("GIF87a")), bytes.HasPrefix(h, []byte("GIF89a")):
		return GIF
	case len(h) >= 12 && string(h[:4]) == "RIFF" && string(h[8:12]) == "WEBP":
		return WebP
	case len(h) >= 26 && string(h[:2]) == "BM" && binary.LittleEndian.Uint32(h[6:]) == 0 && binary.LittleEndian.Uint32(h[14:]) < 256:
		return BMP
	case bytes.HasPrefix(h, []byte("II*\x00")), bytes.HasPrefix(h, []byte("MM\x00*")):
		return TIFF
	}
	return ""
}

func sniffVideo(h []byte) Format {
	if len(h) < 12 {
		return ""
	}
	switch string(h[4:8]) {
	case "ftyp":
		return sniffBrands(h)
	case "moov", "mdat", "wide", "pnot", "free", "skip": // QuickTime from before ftyp
		if binary.BigEndian.Uint32(h) <= 1 || binary.BigEndian.Uint32(h) >= 8 {
			return MOV
		}
	}
	switch {
	case string(h[:4]) == "RIFF" && string(h[8:12]) == "AVI ":
		return AVI
	case bytes.HasPrefix(h, []byte("\x1a\x45\xdf\xa3")):
		if bytes.Contains(h[:min(len(h), 128)], []byte("webm")) {
			return WebM
		}
		return MKV
	case bytes.HasPrefix(h, []byte("\x30\x26\xb2\x75\x8e\x66\xcf\x11")):
		return WMV
	case bytes.HasPrefix(h, []byte("FLV\x01")):
		return FLV
	case bytes.HasPrefix(h, []byte("\x00\x00\x01\xba")), bytes.HasPrefix(h, []byte("\x00\x00\x01\xb3")):
		return MPEG
	case bytes.HasPrefix(h, []byte(".RMF")):
		return RMVB
	case transportStream(h):
		return TS
	}
	return ""
}

// transportStream reports whether sync bytes stand at the distance of MPEG-2 packets, with (M2TS) or without a time
// stamp before each.
func transportStream(h []byte) bool {
	for _, p := range []struct{ first, step int }{{0, 188}, {4, 192}} {
		n := 0
		for i := p.first; i < len(h) && n < 5 && h[i] == 0x47; i += p.step {
			n++
		}
		if n == 5 {
			return true
		}
	}
	return false
}

// sniffBrands tells ISO media files apart by the brands in ftyp (14496-12, 4.3).
func sniffBrands(h []byte) Format {
	end := min(int(binary.BigEndian.Uint32(h)), len(h), 256)
	if end < 12 {
		return MP4
	}
	brands := []string{string(h[8:12])}
	for at := 16; at+4 <= end; at += 4 {
		brands = append(brands, string(h[at:at+4]))
	}
	for _, b := range brands {
		switch b {
		case "heic", "heix", "heim", "heis", "hevc", "hevx":
			return HEIC
		case "avif", "avis":
			return AVIF
		case "qt  ":
			return MOV
		case "M4V ", "M4VH", "M4VP":
			return M4V
		case "M4A ", "M4B ":
			return M4A
		case "crx ":
			return "image/x-canon-cr3"
		}
		if strings.HasPrefix(b, "3gp") || strings.HasPrefix(b, "3g2") {
			// Phones name 3GP as one of several brands of what is a plain MP4.
			if b == brands[0] {
				return ThGP
			}
		}
	}
	if brands[0] == "mif1" || brands[0] == "msf1" {
		return HEIC
	}
	return MP4
}

// sniffZip tells Office documents and OFD from other archives by what is inside.
func sniffZip(r io.ReaderAt, size int64) Format {
	if !smallDirectory(r, size) {
		return ZIP
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return ZIP
	}
	for _, f := range z.File {
		switch strings.ToLower(f.Name) {
		case "word/document.xml":
			return DOCX
		case "xl/workbook.xml", "xl/workbook.bin":
			return XLSX
		case "ppt/presentation.xml":
			return PPTX
		case "ofd.xml":
			return OFD
		}
	}
	return ZIP
}

// smallDirectory looks at the end of a zip (APPNOTE 4.3.16) for how long its directory is, before anything is made
// for each entry of it.
func smallDirectory(r io.ReaderAt, size int64) bool {
	tail := make([]byte, min(size, 22+1<<16))
	if n, err := r.ReadAt(tail, size-int64(len(tail))); n < len(tail) && err != nil {
		return false
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	return i >= 0 && len(tail)-i >= 22 && binary.LittleEndian.Uint32(tail[i+12:]) <= maxDirectory
}

// sniffOLE tells the old Office formats apart by the names in the first sector of the directory (MS-CFB, 2.6).
func sniffOLE(head []byte, r io.ReaderAt) Format {
	if len(head) < 512 {
		return OLE
	}
	shift := binary.LittleEndian.Uint16(head[30:])
	if shift != 9 && shift != 12 {
		return OLE
	}
	dir := make([]byte, 4096)
	off := (int64(binary.LittleEndian.Uint32(head[48:])) + 1) << shift
	n, _ := r.ReadAt(dir, off) // a directory cut short is read as far as it goes
	dir = dir[:n]
	wide := func(s string) []byte {
		var out []byte
		for _, c := range []byte(s) {
			out = append(out, c, 0)
		}
		return append(out, 0, 0)
	}
	for _, known := range []struct {
		name   string
		format Format
	}{{"WordDocument", DOC}, {"Workbook", XLS}, {"Book", XLS}, {"PowerPoint Document", PPT}} {
		for at := 0; at+128 <= len(dir); at += 128 {
			if bytes.HasPrefix(dir[at:], wide(known.name)) {
				return known.format
			}
		}
	}
	return OLE
}
