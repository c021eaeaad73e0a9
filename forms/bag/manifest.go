package bag

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// newHash gives the algorithm of a manifest (RFC 8493 section 2.4), or nil.
func newHash(alg string) func() hash.Hash {
	switch alg {
	case "md5":
		return md5.New
	case "sha1":
		return sha1.New
	case "sha224":
		return sha256.New224
	case "sha256":
		return sha256.New
	case "sha384":
		return sha512.New384
	case "sha512":
		return sha512.New
	}
	return nil
}

// manifestName takes "manifest-ALG.txt" or "tagmanifest-ALG.txt" apart.
func manifestName(name string) (alg string, tag, ok bool) {
	rest, ok := strings.CutSuffix(name, ".txt")
	if !ok || strings.Contains(name, "/") {
		return "", false, false
	}
	if alg, ok = strings.CutPrefix(rest, "tagmanifest-"); ok {
		return alg, true, alg != ""
	}
	alg, ok = strings.CutPrefix(rest, "manifest-")
	return alg, false, ok && alg != ""
}

// entry is one line of a manifest.
type entry struct {
	path string // NFC, without ./
	raw  string // as written, decoded
	sum  string // bytes
	note string // how it departs from the strict form, if it does
}

// parseManifest reads the lines of a manifest (RFC 8493 section 2.1.3) and
// calls add for each good one, and bad for each other.
func parseManifest(text string, v version, size int, left *budget, add func(n int, e entry), bad func(*wrong)) {
	for n, line := range lines(text) {
		if w := left.line(n, line); w != nil {
			bad(w)
			return
		}
		if blank(line) {
			bad(wrongf(ReasonLegacy, "line %d is empty", n))
			continue
		}
		i := strings.IndexAny(line, " \t")
		if i < 0 {
			bad(wrongf(ReasonLine, "line %d: no file name", n))
			continue
		}
		sum, err := hex.DecodeString(line[:i])
		if err != nil || len(sum) != size {
			bad(wrongf(ReasonLine, "line %d: not a checksum of %d bytes", n, size))
			continue
		}
		e := entry{sum: string(sum), raw: strings.TrimLeft(line[i:], " \t")}
		if rest, ok := strings.CutPrefix(e.raw, "*"); ok { // md5sum's binary mode
			e.raw, e.note = rest, "an asterisk before the name"
		}
		if rest, ok := strings.CutPrefix(e.raw, "./"); ok {
			e.raw, e.note = rest, "./ before the name"
		}
		e.raw = decodePath(e.raw, v)
		if err := hostile(e.raw); err != nil {
			bad(wrongf(ReasonPath, "line %d: %v", n, err))
			continue
		}
		e.path = norm.NFC.String(e.raw)
		add(n, e)
	}
}

// decodePath undoes the encoding of CR, LF and % (RFC 8493 section 2.1.3),
// which came with 1.0. Any other percent sign stands for itself: there are
// writers that leave it bare.
func decodePath(s string, v version) string {
	if v.before(1, 0) || !strings.Contains(s, "%") {
		return s
	}
	return unpercent.Replace(s)
}

var unpercent = strings.NewReplacer("%0D", "\r", "%0d", "\r", "%0A", "\n", "%0a", "\n", "%25", "%")

// fetchEntry is one line of fetch.txt.
type fetchEntry struct {
	path string
	size int64 // -1 where not told
}

// parseFetch reads fetch.txt (RFC 8493 section 2.2.3). What it names is never
// fetched.
func parseFetch(text string, v version, left *budget, add func(n int, e fetchEntry), bad func(*wrong)) {
	for n, line := range lines(text) {
		if w := left.line(n, line); w != nil {
			bad(w)
			return
		}
		address, rest := field(line)
		length, raw := field(rest)
		if raw == "" {
			bad(wrongf(ReasonFetch, "line %d: not an address, a length and a file name", n))
			continue
		}
		if u, err := url.Parse(address); err != nil || !u.IsAbs() {
			bad(wrongf(ReasonFetch, "line %d: not an absolute address", n))
			continue
		}
		e := fetchEntry{size: -1}
		if length != "-" {
			size, err := strconv.ParseInt(length, 10, 64)
			if err != nil || size < 0 {
				bad(wrongf(ReasonFetch, "line %d: length %.20q", n, length))
				continue
			}
			e.size = size
		}
		raw = decodePath(strings.TrimPrefix(raw, "./"), v)
		if err := hostile(raw); err != nil {
			bad(wrongf(ReasonPath, "line %d: %v", n, err))
			continue
		}
		e.path = norm.NFC.String(raw)
		if !strings.HasPrefix(e.path, payload) {
			bad(wrongf(ReasonFetch, "line %d: %q is not payload", n, e.path))
			continue
		}
		add(n, e)
	}
}

// field cuts at the first run of space.
func field(s string) (first, rest string) {
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimLeft(s[i:], " \t")
}
