package bag

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

const (
	// MaxFile is the size no file in a package reaches: larger ones are cut
	// into pieces before, for mail as well as for USB sticks.
	MaxFile = 1 << 30
	// MaxPackage is the most bytes of a package. It keeps clear of ZIP64, which
	// makes 7-Zip warn, as maxEntries does, and of the bound of FAT32 sticks.
	MaxPackage = 1<<32 - 1
	maxEntries = 1<<16 - 1
	// maxText is what is deflated at most, since it is held in memory.
	maxText = 4 << 20

	baseBagit    = "bagit.txt"
	baseInfo     = "bag-info.txt"
	baseOldInfo  = "package-info.txt" // versions 0.93 to 0.95
	baseManifest = "manifest-sha256.txt"
	baseTags     = "tagmanifest-sha256.txt"
	baseFetch    = "fetch.txt"
	payload      = "data/"

	labelOxum = "Payload-Oxum"
	labelSize = "Bag-Size"

	declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
)

// Tag is one element of bag-info.txt (RFC 8493 section 2.2.2).
type Tag struct{ Label, Value string }

// File is one payload file to be written.
type File struct {
	// Name is the path under data/, slash-separated and in Unicode form NFC.
	// It must be a name for every system: see SafeName.
	Name string
	// Size in bytes, below MaxFile.
	Size int64
	// SHA256 of the content, where it is known already; Write then refuses
	// content that has another. The zero value means not known.
	SHA256 [32]byte
	// CRC32 of the content (IEEE), where it is known as well. Write then holds
	// the content against it alone, which finds any accident, and takes SHA256
	// as it is told. Zero means not known.
	CRC32 uint32
	// Modified is recorded by its wall clock, to two seconds (ZIP knows no
	// zone). The zero value is recorded as 1980.
	Modified time.Time
	// Open gives the content from its start. Write calls it once.
	Open func() (io.ReadCloser, error)
}

// Bytes is a File of small content held in memory.
func Bytes(name string, content []byte, modified time.Time) File {
	return File{
		Name: name, Size: int64(len(content)), Modified: modified,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	}
}

// Content is what goes into one package.
type Content struct {
	// Name of the one top folder.
	Name string
	// Info becomes bag-info.txt, in this order; Payload-Oxum and Bag-Size are
	// worked out and added.
	Info []Tag
	// Files, in any order: they are written sorted by name.
	Files []File
}

// MaxSize is the size the package has at most, in bytes: exact but for what
// deflating its text files saves.
func (c Content) MaxSize() int64 {
	total := int64(lenEnd)
	add := func(name string, size int64) {
		full := int64(len(c.Name) + 1 + len(name))
		total += lenLocal + lenCentral + 2*full + size
		if deflatable(name) {
			total += 16
		}
	}
	var manifest int64
	for _, f := range c.Files {
		add(payload+f.Name, f.Size)
		manifest += int64(64 + 2 + len(payload) + len(f.Name) + 1)
	}
	add(baseBagit, int64(len(declaration)))
	add(baseInfo, int64(len(c.info())))
	add(baseManifest, manifest)
	add(baseTags, int64(3*(64+2+1)+len(baseBagit)+len(baseInfo)+len(baseManifest)))
	return total
}

// info is the text of bag-info.txt.
func (c Content) info() string {
	var octets int64
	for _, f := range c.Files {
		octets += f.Size
	}
	var b strings.Builder
	for _, t := range c.Info {
		fmt.Fprintf(&b, "%s: %s\n", t.Label, t.Value)
	}
	fmt.Fprintf(&b, "%s: %s\n", labelSize, humanSize(octets))
	fmt.Fprintf(&b, "%s: %d.%d\n", labelOxum, octets, len(c.Files))
	return b.String()
}

func humanSize(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	default:
		return fmt.Sprintf("%.1f KB", float64(n)/1e3)
	}
}

// check refuses what would make a package some reader cannot read, and gives
// the files sorted.
func (c Content) check() ([]File, error) {
	bad := func(file string, r Reason, format string, args ...any) error {
		return &Error{Op: "write", File: file, Reason: r, Detail: fmt.Sprintf(format, args...)}
	}
	if err := checkWritten(c.Name); err != nil || strings.Contains(c.Name, "/") {
		return nil, bad(c.Name, ReasonName, "top folder: %v", err)
	}
	for _, t := range c.Info {
		if err := checkTag(t); err != nil {
			return nil, bad(baseInfo, ReasonTag, "%v", err)
		}
	}
	if len(c.Files) == 0 {
		return nil, bad("", ReasonNoData, "no files")
	}
	if len(c.Files) > maxEntries-4 {
		return nil, bad("", ReasonLimit, "%d files", len(c.Files))
	}
	files := slices.SortedFunc(slices.Values(c.Files), func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	var names tree
	for _, f := range files {
		full := c.Name + "/" + payload + f.Name
		if err := checkWritten(f.Name); err != nil {
			return nil, bad(f.Name, ReasonName, "%v", err)
		}
		if n := pathUnits(full); n > maxPath {
			return nil, bad(f.Name, ReasonName, "path of %d characters, at most %d", n, maxPath)
		}
		if err := names.add(f.Name, false); err != nil {
			return nil, bad(f.Name, ReasonTwin, "%v", err)
		}
		if f.Size < 0 || f.Size >= MaxFile {
			return nil, bad(f.Name, ReasonLimit, "%d bytes, must be below %d", f.Size, MaxFile)
		}
		if f.Open == nil {
			return nil, bad(f.Name, ReasonRead, "no content")
		}
	}
	if n := c.MaxSize(); n > MaxPackage {
		return nil, bad("", ReasonLimit, "package of %d bytes", n)
	}
	return files, nil
}

// deflatable reports whether a file is text by its name. Office documents,
// photos and videos are compressed already.
func deflatable(name string) bool {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return false
	}
	switch strings.ToLower(name[i:]) {
	case ".txt", ".json", ".csv", ".html", ".htm", ".xml", ".md", ".svg", ".srt", ".vtt":
		return true
	}
	return false
}
