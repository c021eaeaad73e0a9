package media

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
)

// Advice is why another photo would be better. It is advice only.
type Advice string

// What is said about photos.
const (
	Tiny    Advice = "tiny"    // its long side has less than 1280 pixels
	Blurred Advice = "blurred" // nothing in it is sharp
	Black   Advice = "black"   // there is nothing to be seen
)

const (
	tinyEdge = 1280
	lookEdge = 1024 // pixels of the picture that is looked at
	// alikeBits is by how many of 64 bits two pictures of the same may differ: after scaling and another compression it is
	// about four, between different pictures about thirty.
	alikeBits = 8
)

// Look is what a photo looks like.
type Look struct {
	Hash   uint64   `json:"hash,string"` // perceptual; 0 when there is nothing to be seen
	Advice []Advice `json:"advice,omitempty"`
}

// Look looks at a photo: whether it is worth sending, and what others it is like.
func (t Tools) Look(ctx context.Context, path string) (Look, error) {
	s, err := openSource(ctx, path)
	if err != nil {
		return Look{}, fmt.Errorf("look: %w", err)
	}
	defer s.file.Close()
	if s.info.Kind != Image {
		return Look{}, fmt.Errorf("look %s: %s: %w", filepath.Base(path), s.info.MIME, Unsupported)
	}
	img, err := s.small(ctx, t, view{edge: lookEdge})
	if err != nil {
		return Look{}, fmt.Errorf("look %s: %w", filepath.Base(path), err)
	}
	return examine(img, max(s.info.Width, s.info.Height)), nil
}

// Look is that of Tools, behind all thumbnails that are on the screen, and kept beside them.
func (t *Thumbs) Look(ctx context.Context, r ThumbRequest) (Look, error) {
	name := filepath.Join(t.dir, r.Digest+".look")
	keep := isDigest(r.Digest)
	var l Look
	if keep {
		if b, err := os.ReadFile(name); err == nil && json.Unmarshal(b, &l) == nil {
			return l, nil
		}
	}
	if err := t.begin(ctx, true); err != nil {
		return l, err
	}
	defer t.end()
	l, err := t.tools.Look(ctx, r.Path)
	if err != nil || !keep {
		return l, err
	}
	if b, err := json.Marshal(l); err == nil && os.MkdirAll(t.dir, 0o700) == nil {
		_ = os.WriteFile(name, b, 0o600) // only a cache
	}
	return l, nil
}

// examine looks at a picture that was scaled to lookEdge; edge is the long side it had.
func examine(img image.Image, edge int) Look {
	p := luma(img)
	var l Look
	if edge < tinyEdge {
		l.Advice = append(l.Advice, Tiny)
	}
	if black(p) {
		l.Advice = append(l.Advice, Black)
		return l
	}
	if !sharp(p) {
		l.Advice = append(l.Advice, Blurred)
	}
	l.Hash = perceptualHash(p)
	return l
}

// luma is the brightness of a picture that render made.
func luma(img image.Image) plane {
	switch img := img.(type) {
	case *image.YCbCr:
		y, _, _ := yccPlanes(img)
		return y
	case *image.Gray:
		return grayPlane(img)
	}
	b := img.Bounds()
	p := newPlane(b.Dx(), b.Dy())
	for y := range p.h {
		row := p.row(y)
		for x := range row {
			r, g, bl, _ := img.At(b.Min.X+x, b.Min.Y+y).RGBA()
			row[x] = byte((299*r + 587*g + 114*bl) / 1000 >> 8)
		}
	}
	return p
}

// black reports whether all but a hundredth of the picture is darker than a dark suit.
func black(p plane) bool {
	light := 0
	for y := range p.h {
		for _, v := range p.row(y) {
			if v > 32 {
				light++
			}
		}
	}
	return light*100 < p.w*p.h
}

// Sharpness is judged by tiles, since in a good photo the background may be out of focus.
const (
	tileSide  = 32
	sharpTile = 60 // variance of the Laplacian in a tile where something is in focus
)

// sharp reports whether one tile in fifty is in focus: its second derivatives vary (variance of the Laplacian,
// Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", 2000).
func sharp(p plane) bool {
	tiles, good := 0, 0
	for ty := 1; ty+tileSide < p.h; ty += tileSide {
		for tx := 1; tx+tileSide < p.w; tx += tileSide {
			tiles++
			if laplacian(p, tx, ty) > sharpTile {
				good++
			}
		}
	}
	return tiles == 0 || good*50 >= tiles
}

func laplacian(p plane, tx, ty int) float64 {
	sum, squares := 0, 0
	for y := ty; y < ty+tileSide; y++ {
		up, row, down := p.row(y-1), p.row(y), p.row(y+1)
		for x := tx; x < tx+tileSide; x++ {
			v := int(up[x]) + int(down[x]) + int(row[x-1]) + int(row[x+1]) - 4*int(row[x])
			sum += v
			squares += v * v
		}
	}
	const n = tileSide * tileSide
	mean := float64(sum) / n
	return float64(squares)/n - mean*mean
}

// perceptualHash is the DCT hash of Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010),
// 3.2.1: of the picture at 32 × 32, which of the 64 lowest frequencies but the very lowest are above their median.
func perceptualHash(p plane) uint64 {
	const side, low = 32, 8
	small := resize(p, side, side)
	var cosines [low][side]float64
	for u := range low {
		for x := range side {
			cosines[u][x] = math.Cos(float64(2*x+1) * float64(u+1) * math.Pi / (2 * side))
		}
	}
	var across [side][low]float64
	for y := range side {
		for u := range low {
			for x, v := range small.row(y) {
				across[y][u] += float64(v) * cosines[u][x]
			}
		}
	}
	var freq [low * low]float64
	for v := range low {
		for u := range low {
			for y := range side {
				freq[v*low+u] += across[y][u] * cosines[v][y]
			}
		}
	}
	ordered := freq
	slices.Sort(ordered[:])
	median := (ordered[31] + ordered[32]) / 2
	var hash uint64
	for i, f := range freq {
		if f > median {
			hash |= 1 << i
		}
	}
	return hash
}

// Likeness is what is known of one photo when looking for copies.
type Likeness struct {
	ID     string
	Digest string // SHA-256, "" when not known
	Hash   uint64 // of Look, 0 when not known
}

// Pair is two photos that may be the same, in the order they were given.
type Pair struct {
	A, B  string // IDs
	Exact bool   // the files are equal
}

// Alike finds photos that are copies of another or look like it. It compares each with each: a few thousand are fine.
func Alike(photos []Likeness) []Pair {
	var out []Pair
	for i, a := range photos {
		for _, b := range photos[i+1:] {
			switch {
			case a.Digest != "" && a.Digest == b.Digest:
				out = append(out, Pair{a.ID, b.ID, true})
			case a.Hash != 0 && b.Hash != 0 && bits.OnesCount64(a.Hash^b.Hash) <= alikeBits:
				out = append(out, Pair{a.ID, b.ID, false})
			}
		}
	}
	return out
}
