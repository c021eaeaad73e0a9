// Package scaledjpeg decodes baseline JPEGs at a half, a quarter or an eighth of their size, for the time of little more
// than reading their bits: of each 8 × 8 block only the lowest frequencies are transformed back, into 4 × 4, 2 × 2 or
// 1 × 1 pixels.
//
// It knows what cameras and phones write: one interleaved scan of Huffman-coded 8-bit samples, grey or YCbCr.
// For everything else there is the standard decoder.
package scaledjpeg

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
)

// Errors a caller decides on.
var (
	// ErrUnsupported means that this is a JPEG the standard decoder has to read.
	ErrUnsupported = errors.New("scaledjpeg: kind of JPEG is not supported")
	// ErrDamaged means that the data contradict themselves or end too early.
	ErrDamaged = errors.New("scaledjpeg: damaged")
)

// maxPixels bounds the full size; a caller that wants less checks the header first.
const maxPixels = 256 << 20

// Markers (ITU-T T.81, table B.1).
const (
	mSOF0 = 0xc0
	mSOF1 = 0xc1
	mDHT  = 0xc4
	mSOI  = 0xd8
	mEOI  = 0xd9
	mSOS  = 0xda
	mDQT  = 0xdb
	mDRI  = 0xdd
	mAPPe = 0xee
)

// Decode decodes a whole JPEG file in memory at 1/denom of its size, rounded up; denom is 2, 4 or 8. The result is an
// *image.YCbCr with the sampling of the file or an *image.Gray. EXIF is not looked at. The error is ErrUnsupported or
// ErrDamaged.
func Decode(data []byte, denom int) (image.Image, error) {
	if denom != 2 && denom != 4 && denom != 8 {
		return nil, fmt.Errorf("scale 1/%d: %w", denom, ErrUnsupported)
	}
	if len(data) < 4 || data[0] != 0xff || data[1] != mSOI {
		return nil, ErrDamaged
	}
	d := &decoder{data: data, at: 2, side: 8 / denom, last: last[8/denom], denom: denom}
	if err := d.head(); err != nil {
		return nil, err
	}
	if err := d.scan(); err != nil {
		return nil, err
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	return d.image(), nil
}

// component is one channel: its sampling factors, its tables and its samples as far as they are decoded.
type component struct {
	id, h, v, tq byte
	dc, ac       *huffman
	quant        *[64]int32 // in zigzag order
	pred         int32
	pix          []byte
	stride       int
}

type decoder struct {
	data          []byte
	at            int
	side, denom   int // pixels of a block's side that come out
	last          int // coefficient that counts for them, in zigzag order
	width, height int // of the file
	comps         []component
	hmax, vmax    int
	mcusX, mcusY  int
	quants        [4]*[64]int32
	huffs         [2][4]*huffman
	interval      int // MCUs between restart markers
	bits          bitReader
}

// marker moves to the next marker segment and returns its payload.
func (d *decoder) marker() (byte, []byte, error) {
	for d.at+4 <= len(d.data) {
		if d.data[d.at] != 0xff {
			return 0, nil, ErrUnsupported // stray bytes: the standard decoder knows what to do with them
		}
		m := d.data[d.at+1]
		if m == 0xff {
			d.at++
			continue
		}
		if m == 0 || m == 1 || m >= 0xd0 && m <= mEOI {
			return 0, nil, ErrUnsupported
		}
		n := int(binary.BigEndian.Uint16(d.data[d.at+2:]))
		if n < 2 || d.at+2+n > len(d.data) {
			return 0, nil, ErrDamaged
		}
		payload := d.data[d.at+4 : d.at+2+n]
		d.at += 2 + n
		return m, payload, nil
	}
	return 0, nil, ErrDamaged
}

// head reads everything up to the scan, whose data start at d.at then.
func (d *decoder) head() error {
	for {
		m, p, err := d.marker()
		if err != nil {
			return err
		}
		switch {
		case m == mDQT:
			err = d.dqt(p)
		case m == mDHT:
			err = d.dht(p)
		case m == mSOF0 || m == mSOF1:
			err = d.sof(p)
		case m > mSOF1 && m <= 0xcf: // progressive, lossless, arithmetic
			err = ErrUnsupported
		case m == mDRI && len(p) == 2:
			d.interval = int(binary.BigEndian.Uint16(p))
		case m == mAPPe && len(p) >= 12 && string(p[:5]) == "Adobe" && p[11] != 1:
			err = ErrUnsupported // RGB or inks
		case m == mSOS:
			return d.sos(p)
		}
		if err != nil {
			return err
		}
	}
}

func (d *decoder) dqt(p []byte) error {
	for len(p) > 0 {
		wide, t := p[0]>>4, p[0]&15
		n := 64 << min(wide, 1)
		if wide > 1 || t > 3 || len(p) < 1+n {
			return ErrDamaged
		}
		q := new([64]int32)
		for i := range q {
			if wide == 0 {
				q[i] = int32(p[1+i])
			} else {
				q[i] = int32(binary.BigEndian.Uint16(p[1+2*i:]))
			}
		}
		d.quants[t] = q
		p = p[1+n:]
	}
	return nil
}

func (d *decoder) dht(p []byte) error {
	for len(p) > 0 {
		if len(p) < 17 {
			return ErrDamaged
		}
		class, t := p[0]>>4, p[0]&15
		if class > 1 || t > 3 {
			return ErrDamaged
		}
		h, n, err := newHuffman(p[1:], class == 1)
		if err != nil {
			return err
		}
		d.huffs[class][t] = h
		p = p[1+n:]
	}
	return nil
}

func (d *decoder) sof(p []byte) error {
	if d.comps != nil || len(p) < 6 {
		return ErrDamaged
	}
	d.height, d.width = int(binary.BigEndian.Uint16(p[1:])), int(binary.BigEndian.Uint16(p[3:]))
	n := int(p[5])
	if p[0] != 8 || n != 1 && n != 3 || d.width == 0 || d.height == 0 {
		return ErrUnsupported
	}
	if len(p) != 6+3*n || d.width*d.height > maxPixels {
		return ErrDamaged
	}
	for i := range n {
		b := p[6+3*i:]
		c := component{id: b[0], h: b[1] >> 4, v: b[1] & 15, tq: b[2]}
		if n == 1 {
			c.h, c.v = 1, 1 // a single channel is not interleaved, whatever its factors say (A.2.2)
		}
		if c.h < 1 || c.h > 2 || c.v < 1 || c.v > 2 || c.tq > 3 || i > 0 && (c.h != 1 || c.v != 1) {
			return ErrUnsupported
		}
		d.comps = append(d.comps, c)
	}
	if n == 3 && d.comps[0].id == 'R' && d.comps[1].id == 'G' && d.comps[2].id == 'B' {
		return ErrUnsupported
	}
	d.hmax, d.vmax = int(d.comps[0].h), int(d.comps[0].v)
	d.mcusX = (d.width + 8*d.hmax - 1) / (8 * d.hmax)
	d.mcusY = (d.height + 8*d.vmax - 1) / (8 * d.vmax)
	return nil
}

// sos checks that the scan has all channels and makes room for them. Nothing is allocated for a picture that is longer
// than its data can be: a block takes two bits at least.
func (d *decoder) sos(p []byte) error {
	n := len(d.comps)
	if n == 0 || len(p) != 1+2*n+3 {
		return ErrDamaged
	}
	if int(p[0]) != n {
		return ErrUnsupported
	}
	blocks := 0
	for _, c := range d.comps {
		blocks += d.mcusX * d.mcusY * int(c.h) * int(c.v)
	}
	if (len(d.data)-d.at)*4 < blocks {
		return ErrDamaged
	}
	for i := range d.comps {
		c := &d.comps[i]
		id, t := p[1+2*i], p[2+2*i]
		if id != c.id || t>>4 > 3 || t&15 > 3 {
			return ErrUnsupported
		}
		c.dc, c.ac, c.quant = d.huffs[0][t>>4], d.huffs[1][t&15], d.quants[c.tq]
		if c.dc == nil || c.ac == nil || c.quant == nil {
			return ErrUnsupported
		}
		c.stride = d.mcusX * int(c.h) * d.side
		c.pix = make([]byte, c.stride*d.mcusY*int(c.v)*d.side)
	}
	return nil
}

// scan decodes the entropy-coded data, MCU by MCU (A.2.3).
func (d *decoder) scan() error {
	d.bits = bitReader{data: d.data, at: d.at}
	left, next := d.interval, byte(0)
	for my := range d.mcusY {
		for mx := range d.mcusX {
			if d.interval > 0 && left == 0 {
				if !d.bits.restart(next) {
					return ErrDamaged
				}
				for i := range d.comps {
					d.comps[i].pred = 0
				}
				left, next = d.interval, (next+1)&7
			}
			left--
			for i := range d.comps {
				c := &d.comps[i]
				for by := range int(c.v) {
					for bx := range int(c.h) {
						y, x := (my*int(c.v)+by)*d.side, (mx*int(c.h)+bx)*d.side
						if !d.block(c, c.pix[y*c.stride+x:]) {
							return ErrDamaged
						}
					}
				}
			}
		}
		if 8*d.bits.over > int(d.bits.n) { // what was made up behind the end of the data was used
			return ErrDamaged
		}
	}
	return nil
}

// end looks for the end of the picture behind the scan. Another scan, or anything else that would change the picture,
// is for the standard decoder.
func (d *decoder) end() error {
	data := d.data[d.bits.position():]
	for i := 0; i+1 < len(data); i++ {
		if data[i] != 0xff || data[i+1] == 0 || data[i+1] == 0xff {
			continue
		}
		if data[i+1] == mEOI {
			return nil
		}
		return ErrUnsupported
	}
	return ErrDamaged
}

func (d *decoder) image() image.Image {
	r := image.Rect(0, 0, (d.width+d.denom-1)/d.denom, (d.height+d.denom-1)/d.denom)
	y := d.comps[0]
	if len(d.comps) == 1 {
		return &image.Gray{Pix: y.pix, Stride: y.stride, Rect: r}
	}
	ratio := image.YCbCrSubsampleRatio444
	switch {
	case d.hmax == 2 && d.vmax == 2:
		ratio = image.YCbCrSubsampleRatio420
	case d.hmax == 2:
		ratio = image.YCbCrSubsampleRatio422
	case d.vmax == 2:
		ratio = image.YCbCrSubsampleRatio440
	}
	return &image.YCbCr{
		Y: y.pix, Cb: d.comps[1].pix, Cr: d.comps[2].pix, YStride: y.stride, CStride: d.comps[1].stride,
		SubsampleRatio: ratio, Rect: r,
	}
}
