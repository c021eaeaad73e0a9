package sample

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"time"
)

// VideoOptions say what video to make. The zero value is two seconds of 320 × 240 without a place.
type VideoOptions struct {
	Index         int
	Width, Height int           // 0 is 320 × 240
	Length        time.Duration // 0 is two seconds; at most a minute
	Rotation      int           // clockwise degrees that players have to turn it: 0, 90, 180, 270
	Taken         time.Time
	Location      string // ISO 6709, such as +43.8400+126.5500/; "" writes none
	Apple         bool   // write the place the way Apple's phones do as well, in keys
	Late          bool   // moov behind the data, as cameras write it
}

const framesPerSecond = 10

// Video writes an MP4 whose frames are JPEG pictures (object type 0x6C of ISO/IEC 14496-1), which players decode
// without a licence for anything. The same options give the same bytes.
func Video(w io.Writer, opt VideoOptions) error {
	if opt.Width <= 0 || opt.Height <= 0 {
		opt.Width, opt.Height = 320, 240
	}
	if opt.Length <= 0 {
		opt.Length = 2 * time.Second
	}
	frames := max(1, int(min(opt.Length, time.Minute).Seconds()*framesPerSecond))
	var data bytes.Buffer
	sizes := make([]int, frames)
	still := Scene(opt.Index, opt.Width, opt.Height)
	for i := range sizes {
		img := image.NewRGBA(still.Rect)
		copy(img.Pix, still.Pix)
		disc(img, opt.Width*(2*i+1)/(2*frames), opt.Height*9/10, opt.Height/20, color.RGBA{240, 120, 20, 255})
		before := data.Len()
		if err := jpeg.Encode(&data, img, &jpeg.Options{Quality: 70}); err != nil {
			return fmt.Errorf("sample video: %w", err)
		}
		sizes[i] = data.Len() - before
	}
	ftyp := box("ftyp", []byte("isom\x00\x00\x02\x00isommp41"))
	mdat := box("mdat", data.Bytes())
	start := len(ftyp) + 8
	if !opt.Late {
		start += len(opt.movie(sizes, 0)) // the offsets do not change its length
	}
	moov := opt.movie(sizes, start)
	parts := [][]byte{ftyp, moov, mdat}
	if opt.Late {
		parts = [][]byte{ftyp, mdat, moov}
	}
	if _, err := w.Write(bytes.Join(parts, nil)); err != nil {
		return fmt.Errorf("sample video: %w", err)
	}
	return nil
}

// movie is the moov box (ISO/IEC 14496-12, 8.2): one track, one chunk, which starts at offset start of the file.
func (opt VideoOptions) movie(sizes []int, start int) []byte {
	length := u32(len(sizes) * 1000 / framesPerSecond)
	at := u32(0)
	if !opt.Taken.IsZero() {
		at = u32(int(opt.Taken.Unix() + 2082844800)) // seconds from 1904 to 1970
	}
	identity := join(u32(1<<16), zero(12), u32(1<<16), zero(12), u32(1<<30))
	mvhd := full("mvhd", 0, at, at, u32(1000), length, u32(1<<16), u16(0x100), zero(10), identity, zero(24), u32(2))
	tkhd := full("tkhd", 3, at, at, u32(1), zero(4), length, zero(8), zero(8), opt.matrix(),
		u32(opt.Width<<16), u32(opt.Height<<16))
	mdhd := full("mdhd", 0, at, at, u32(1000), length, u16(0x55c4), zero(2))
	hdlr := full("hdlr", 0, zero(4), []byte("vide"), zero(12), []byte("示例\x00"))
	minf := box("minf", full("vmhd", 1, zero(8)), box("dinf", full("dref", 0, u32(1), full("url ", 1))),
		opt.table(sizes, start))
	trak := box("trak", tkhd, box("mdia", mdhd, hdlr, minf))
	var extra [][]byte
	if opt.Location != "" {
		text := join(u16(len(opt.Location)), u16(0x15c7), []byte(opt.Location))
		extra = append(extra, box("udta",
			box("\xa9mak", text16(CameraMaker)), box("\xa9mod", text16(CameraModel)), box("\xa9xyz", text)))
		if opt.Apple {
			extra = append(extra, opt.keys())
		}
	}
	return box("moov", mvhd, trak, join(extra...))
}

// table is stbl: the same duration for each frame, all frames key frames, all in one chunk.
func (opt VideoOptions) table(sizes []int, start int) []byte {
	// ES_Descriptor with a DecoderConfigDescriptor and an SLConfigDescriptor (14496-1, 7.2.6; 14496-14, 3.1.2).
	config := []byte{0x6c, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	es := join([]byte{3, byte(3 + 2 + len(config) + 3), 0, 1, 0, 4, byte(len(config))}, config, []byte{6, 1, 2})
	entry := box("mp4v", zero(6), u16(1), zero(16), u16(opt.Width), u16(opt.Height), u32(72<<16), u32(72<<16), zero(4),
		u16(1), zero(32), u16(24), u16(0xffff), full("esds", 0, es))
	list := make([][]byte, len(sizes))
	for i, n := range sizes {
		list[i] = u32(n)
	}
	n := u32(len(sizes))
	return box("stbl", full("stsd", 0, u32(1), entry), full("stts", 0, u32(1), n, u32(1000/framesPerSecond)),
		full("stsc", 0, u32(1), u32(1), n, u32(1)), full("stsz", 0, zero(4), n, join(list...)),
		full("stco", 0, u32(1), u32(start)))
}

// matrix is the display matrix: 16.16 fixed point, the last column 2.30.
func (opt VideoOptions) matrix() []byte {
	one, minus := u32(1<<16), u32(-1<<16)
	nought := zero(4)
	end := u32(1 << 30)
	switch opt.Rotation {
	case 90:
		return join(nought, one, nought, minus, nought, nought, u32(opt.Height<<16), nought, end)
	case 180:
		return join(minus, nought, nought, nought, minus, nought, u32(opt.Width<<16), u32(opt.Height<<16), end)
	case 270:
		return join(nought, minus, nought, one, nought, nought, nought, u32(opt.Width<<16), end)
	}
	return join(one, nought, nought, nought, one, nought, nought, nought, end)
}

// keys is Apple's meta box with named values (QuickTime File Format, "Metadata").
func (opt VideoOptions) keys() []byte {
	names := []string{"com.apple.quicktime.location.ISO6709", "com.apple.quicktime.make"}
	values := []string{opt.Location, CameraMaker}
	var keys, list [][]byte
	for i, name := range names {
		keys = append(keys, box("mdta", []byte(name)))
		list = append(list, box(string(u32(i+1)), box("data", u32(1), zero(4), []byte(values[i]))))
	}
	return box("meta", full("hdlr", 0, zero(4), []byte("mdta"), zero(13)),
		full("keys", 0, u32(len(names)), join(keys...)), box("ilst", list...))
}

func box(kind string, parts ...[]byte) []byte {
	body := join(parts...)
	return append(append(u32(8+len(body)), kind...), body...)
}

// full is a box with version 0 and flags.
func full(kind string, flags int, parts ...[]byte) []byte {
	return box(kind, u32(flags), join(parts...))
}

func text16(s string) []byte { return join(u16(len(s)), u16(0x15c7), []byte(s)) }

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
func zero(n int) []byte           { return make([]byte, n) }
func u16(v int) []byte            { return binary.BigEndian.AppendUint16(nil, uint16(v)) }
func u32(v int) []byte            { return binary.BigEndian.AppendUint32(nil, uint32(v)) }
