package bag

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"testing"
)

func packageBytes(t testing.TB, c Content) []byte {
	t.Helper()
	b, err := os.ReadFile(write(t, c))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// passes reports whether a package is accepted as whole.
func passes(t testing.TB, b []byte) bool {
	t.Helper()
	bag, err := openBytes(b, Limits{})
	if err != nil {
		reasonOf(t, err) // every refusal is typed
		return false
	}
	return verify(t, bag).Valid
}

// tiny keeps packages of which every byte is tried short.
func tiny() Content {
	return Content{
		Name: "包", Info: []Tag{{"Bag-Count", "1 of 1"}},
		Files: []File{
			Bytes("report.json", bytes.Repeat([]byte(`{"unit":"示例"}`+"\n"), 9), noon),
			Bytes("图.jpg", []byte{0xff, 0xd8, 7, 7, 7, 7}, noon),
		},
	}
}

// No byte of a package of ours can change unseen: not in headers, times or
// modes, which BagIt says nothing of, and not in the spare bits of deflated
// text.
func TestEveryChangedByteIsSeen(t *testing.T) {
	good := packageBytes(t, tiny())
	if !passes(t, good) {
		t.Fatal("the package itself does not pass")
	}
	b := slices.Clone(good)
	for i := range b {
		for _, bits := range []byte{0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff} {
			b[i] ^= bits
			if passes(t, b) {
				t.Errorf("byte %d of %d, changed by %#x: not seen", i, len(b), bits)
			}
			b[i] ^= bits
		}
	}
}

func TestEveryLostOrAddedByteIsSeen(t *testing.T) {
	good := packageBytes(t, tiny())
	for i := range good {
		if passes(t, slices.Delete(slices.Clone(good), i, i+1)) {
			t.Errorf("byte %d lost: not seen", i)
		}
		if i > 0 && passes(t, good[:i]) {
			t.Errorf("cut after %d: not seen", i)
		}
	}
	for i := range len(good) + 1 {
		for _, c := range []byte{0, 'P', 0xff} {
			if passes(t, slices.Insert(slices.Clone(good), i, c)) {
				t.Errorf("byte %#x added at %d: not seen", c, i)
			}
		}
	}
}

// part is one entry of a package, to build another from.
type part struct {
	h    head
	data []byte
}

func parts(t testing.TB, b []byte) []part {
	t.Helper()
	z, err := openZip(bytes.NewReader(b), int64(len(b)), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	var out []part
	for i, e := range z.entries {
		out = append(out, part{*e.ours(i), b[e.data : e.data+e.csize]})
	}
	return out
}

// rebuild writes a well-formed zip of parts; order is that of the directory.
func rebuild(parts []part, order func(i int) int) []byte {
	var b, dir []byte
	heads := make([]head, len(parts))
	for i, p := range parts {
		p.h.off = uint32(len(b))
		heads[i] = p.h
		b = append(p.h.local(b), p.data...)
	}
	for i := range heads {
		dir = heads[order(i)].central(dir)
	}
	return endRecord(append(b, dir...), len(parts), uint32(len(dir)), uint32(len(b)))
}

func straight(i int) int { return i }

// Whole entries lost, doubled, moved or put in place of another are seen, in
// an archive that is otherwise well-formed.
func TestEveryMovedEntryIsSeen(t *testing.T) {
	good := packageBytes(t, sample())
	all := parts(t, good)
	if !bytes.Equal(rebuild(all, straight), good) {
		t.Fatal("the package is not what its parts make")
	}
	see := func(what string, b []byte) {
		t.Helper()
		if passes(t, b) {
			t.Errorf("%s: not seen", what)
		}
	}
	for i, p := range all {
		see(fmt.Sprintf("%s lost", p.h.name), rebuild(slices.Delete(slices.Clone(all), i, i+1), straight))
		see(fmt.Sprintf("%s twice", p.h.name), rebuild(slices.Insert(slices.Clone(all), i, p), straight))
		for j := range i {
			swapped := slices.Clone(all)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			see(fmt.Sprintf("%d and %d swapped", i, j), rebuild(swapped, straight))
			see(fmt.Sprintf("%d and %d swapped in the directory", i, j), rebuild(all, func(n int) int {
				switch n {
				case i:
					return j
				case j:
					return i
				}
				return n
			}))
			moved := slices.Clone(all)
			moved[i].h.name, moved[j].h.name = moved[j].h.name, moved[i].h.name
			see(fmt.Sprintf("%d and %d renamed to each other", i, j), rebuild(moved, straight))
		}
	}
	extra := all[len(all)-1]
	extra.h.name = sample().Name + "/zz.txt"
	see("a tag file added", rebuild(append(slices.Clone(all), extra), straight))
}

// A package that a person unpacked and packed again with another program is
// no longer as it was written, but a valid bag all the same.
func TestRepackedPackageIsValid(t *testing.T) {
	var ents []ent
	for i, p := range parts(t, packageBytes(t, sample())) {
		b := open(t, write(t, sample()))
		r, err := b.src.open(b.list.files[i])
		if err != nil {
			t.Fatal(err)
		}
		var content bytes.Buffer
		if _, err := content.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		ents = append(ents, ent{name: p.h.name, content: content.String(), deflate: i%2 == 0, descriptor: i%3 == 0})
	}
	slices.Reverse(ents)
	ents = append(ents, ent{name: "__MACOSX/._x", content: "junk"})
	b, err := openBytes(makeZip(ents...).b, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if res := verify(t, b); !res.Valid || res.Files != 4 || len(res.Findings) != 0 {
		t.Errorf("%+v", res)
	}
}
