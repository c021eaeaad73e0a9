package isobmff

import (
	"bytes"
	"cmp"
	"io"
	"slices"
)

// Patch replaces bytes of a file with as many others: Data, then zeros up to Len bytes.
type Patch struct {
	Off  int64
	Len  int64
	Data []byte
}

// Patched reads r as it is with patches, which are sorted and do not overlap.
func Patched(r io.ReaderAt, patches []Patch) io.ReaderAt { return patched{r, patches} }

type patched struct {
	r       io.ReaderAt
	patches []Patch
}

// ReadAt implements io.ReaderAt.
func (f patched) ReadAt(b []byte, off int64) (int, error) {
	n, err := f.r.ReadAt(b, off)
	b = b[:n]
	first, _ := slices.BinarySearchFunc(f.patches, off, func(p Patch, off int64) int {
		if p.Off+p.Len <= off {
			return -1
		}
		return 1
	})
	for _, p := range f.patches[first:] {
		if p.Off >= off+int64(n) {
			break
		}
		from, to := max(p.Off, off), min(p.Off+p.Len, off+int64(n))
		clear(b[from-off : to-off])
		if at := from - p.Off; at < int64(len(p.Data)) {
			copy(b[from-off:to-off], p.Data[at:])
		}
	}
	return n, err
}

// merge sorts patches and makes those that overlap or touch into one, so that a copy can apply them in passing. Where
// two overlap, zeros lose against data.
func merge(patches []Patch) []Patch {
	slices.SortStableFunc(patches, func(a, b Patch) int {
		return cmp.Or(cmp.Compare(a.Off, b.Off), bytes.Compare(b.Data, a.Data))
	})
	var out []Patch
	for _, p := range patches {
		if len(out) == 0 {
			out = append(out, p)
			continue
		}
		last := &out[len(out)-1]
		if end := last.Off + last.Len; p.Off < end {
			over := end - p.Off
			if over >= p.Len {
				if len(p.Data) > 0 && int64(len(last.Data)) <= p.Off-last.Off {
					out = splice(out, p)
				}
				continue
			}
			if len(p.Data) > 0 {
				if last.cut(last.Len - over); last.Len == 0 {
					out = out[:len(out)-1]
				}
			} else {
				p.Off, p.Len = end, p.Len-over
			}
		}
		out = append(out, p)
	}
	return out
}

// cut makes a patch shorter.
func (p *Patch) cut(n int64) { p.Len, p.Data = n, p.Data[:min(int64(len(p.Data)), n)] }

// splice puts p, which lies inside the zeros of the last patch, into the list.
func splice(out []Patch, p Patch) []Patch {
	last := out[len(out)-1]
	if out[len(out)-1].Len = p.Off - last.Off; p.Off == last.Off {
		out = out[:len(out)-1]
	}
	out = append(out, p)
	if rest := last.Off + last.Len - p.Off - p.Len; rest > 0 {
		out = append(out, Patch{Off: p.Off + p.Len, Len: rest})
	}
	return out
}
