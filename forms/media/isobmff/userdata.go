package isobmff

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// field is one piece of descriptive metadata and the box that holds it.
type field struct {
	name string // "make", "model", "location", an mdta key, or the box type
	text string
	box  node
	keep bool // says only when, with what, and how it is called
}

func (f field) location() bool {
	return f.name == "location" || strings.Contains(f.name, "location") || strings.Contains(f.name, "gps")
}

// userData lists the fields in udta and meta, of the movie, of its tracks and of their media; all is false when there are
// more boxes than are looked at.
func userData(moov []byte, off int64) (fields []field, all bool) {
	budget := maxBoxes
	fields = collect(children(moov, off, &budget), &budget, 0)
	return fields, budget > 0
}

func collect(nodes []node, budget *int, depth int) []field {
	if depth > maxDepth {
		return nil
	}
	var out []field
	for _, n := range nodes {
		at := n.off + int64(n.head)
		switch n.kind {
		case "trak", "mdia":
			out = append(out, collect(children(n.data, at, budget), budget, depth+1)...)
		case "udta":
			for _, e := range children(n.data, at, budget) {
				if e.kind == "meta" {
					out = append(out, metaFields(e, budget)...)
				} else {
					out = append(out, udtaField(e))
				}
			}
		case "meta":
			out = append(out, metaFields(n, budget)...)
		}
	}
	return out
}

// udtaField reads an entry of user data (QuickTime File Format, "User Data Atoms"; 3GPP TS 26.244, 8).
func udtaField(n node) field {
	f := field{name: n.kind, box: n}
	b := n.data
	switch n.kind {
	case "\xa9xyz", "loci", "gps ", "GPS ", "\xa9gps":
		f.name = "location"
	case "\xa9mak", "manu":
		f.name, f.keep = "make", true
	case "\xa9mod", "modl":
		f.name, f.keep = "model", true
	case "\xa9day", "\xa9swr", "\xa9too", "\xa9nam", "titl", "name", "hnti", "hinf", "tsel", "ludt", "chpl", "kind", "free", "skip",
		"strk", "WLOC", "LOOP", "SelO", "AllF":
		f.keep = true
	}
	if n.kind == "WLOC" { // where the window stood
		f.name = "window"
	}
	if n.kind == "loci" {
		f.text = loci(b)
	}
	if strings.HasPrefix(n.kind, "\xa9") && len(b) >= 4 {
		f.text = clip(b[4:], int(binary.BigEndian.Uint16(b)))
	}
	return f
}

// loci is the position in a location box (3GPP TS 26.244, 8.10) in the form of ISO 6709: behind a language, a name that
// ends with a zero, in UTF-8 or, with a mark, in UTF-16, and a role come longitude and latitude in 16.16.
func loci(b []byte) string {
	if len(b) < 6 {
		return ""
	}
	b = b[6:]
	end, zero := 0, 1
	if len(b) >= 2 && (b[0] == 0xfe && b[1] == 0xff || b[0] == 0xff && b[1] == 0xfe) {
		zero = 2
	}
	for end+zero <= len(b) && (b[end] != 0 || b[end+zero-1] != 0) {
		end += zero
	}
	if end+zero+9 > len(b) {
		return ""
	}
	b = b[end+zero+1:]
	fixed := func(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }
	return fmt.Sprintf("%+08.4f%+09.4f/", fixed(b[4:]), fixed(b))
}

// metaFields reads a meta box with keys and values: Apple's mdta keys (QuickTime File Format, "Metadata") or iTunes' codes.
func metaFields(n node, budget *int) []field {
	body, at := n.data, n.off+int64(n.head)
	// In ISO files meta is a full box; in QuickTime files it is a plain one.
	if len(body) >= 8 && string(body[4:8]) != "hdlr" {
		body, at = body[4:], at+4
	}
	parts := children(body, at, budget)
	keys := keyNames(parts, budget)
	var out []field
	for _, p := range parts {
		switch p.kind {
		case "ilst":
			for _, e := range children(p.data, p.off+int64(p.head), budget) {
				out = append(out, listField(e, keys, budget))
			}
		case "hdlr", "keys", "mhdr", "ctry", "lang":
		case "free", "skip":
			out = append(out, field{name: p.kind, box: p, keep: true})
		default: // xml, ID32, items…
			out = append(out, field{name: p.kind, box: p})
		}
	}
	return out
}

func keyNames(parts []node, budget *int) []string {
	k, ok := find(parts, "keys")
	if !ok || len(k.data) < 8 {
		return nil
	}
	var out []string
	for _, e := range children(k.data[8:], 0, budget) {
		out = append(out, string(e.data))
	}
	return out
}

func listField(n node, keys []string, budget *int) field {
	f := field{name: n.kind, box: n}
	if i := binary.BigEndian.Uint32([]byte(n.kind)); i >= 1 && int(i) <= len(keys) {
		f.name = strings.TrimPrefix(keys[i-1], "com.apple.quicktime.")
	}
	for _, d := range children(n.data, 0, budget) {
		if d.kind == "data" && len(d.data) >= 8 {
			f.text = clip(d.data[8:], 256)
		}
	}
	switch f.name {
	case "make", "com.android.manufacturer":
		f.name, f.keep = "make", true
	case "model", "com.android.model":
		f.name, f.keep = "model", true
	case "creationdate", "software", "title", "\xa9nam", "\xa9too", "\xa9day", "com.android.version", "com.android.capture.fps",
		"encoder", "player.version", "live-photo.auto", "full-frame-rate-playback-intent", "free":
		f.keep = true
	}
	return f
}

func clip(b []byte, n int) string {
	s := string(b[:min(n, len(b))])
	s, _, _ = strings.Cut(s, "\x00")
	return strings.ToValidUTF8(strings.TrimSpace(s), "")
}
