package bag

import (
	"bytes"
	"strings"
)

// ours gives the entry as Write would have put it down at place i.
func (e *zipEntry) ours(i int) *head {
	return &head{
		name: string(e.rawName), method: e.method, time: e.time, date: e.date, crc: e.crc,
		csize: uint32(e.csize), usize: uint32(e.usize), off: uint32(e.off),
		seal: e.seal, hasSeal: i == 0 || e.method == methodDeflate,
	}
}

// checkSeal compares a zip that says it comes from Write with what Write
// makes of the same content: all headers to the byte, and the order. BagIt
// protects content only; this covers the rest of the file. It is the headers
// of both kinds that say so, so that no single changed byte can unsay it.
func (z *zipSource) checkSeal(d directory) {
	if !z.sealed || z.altered != "" {
		return
	}
	for i, e := range z.entries {
		if !bytes.Equal(e.raw, e.ours(i).central(nil)) {
			z.altered = "central header of " + e.name
			return
		}
	}
	if d.commented {
		z.altered = "archive comment"
		return
	}
	z.altered = z.misplaced()
}

// misplaced tells what is not in the order Write uses.
func (z *zipSource) misplaced() string {
	n := len(z.entries)
	top, _, _ := strings.Cut(z.entries[0].name, "/")
	want := map[int]string{0: baseBagit, 1: baseInfo, n - 2: baseManifest, n - 1: baseTags}
	last := ""
	for i, e := range z.entries {
		if name, ok := want[i]; ok {
			if e.name != top+"/"+name {
				return "order of entries"
			}
			continue
		}
		if e.name <= last || !strings.HasPrefix(e.name, top+"/"+payload) {
			return "order of entries"
		}
		last = e.name
	}
	return ""
}
