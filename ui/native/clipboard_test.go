package native

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image/color"
	"image/png"
	"testing"
)

// dib is a bitmap of 2 × 2 pixels: red, green over blue, white.
func dib(depth, compression uint32, upwards bool) []byte {
	height := int32(2)
	rows := [][]byte{{0, 0, 255, 0, 255, 0}, {255, 0, 0, 255, 255, 255}}
	if upwards {
		rows[0], rows[1] = rows[1], rows[0]
	} else {
		height = -2
	}
	head := make([]byte, 40)
	le := binary.LittleEndian
	le.PutUint32(head, 40)
	le.PutUint32(head[4:], 2)
	le.PutUint32(head[8:], uint32(height))
	le.PutUint16(head[12:], 1)
	le.PutUint16(head[14:], uint16(depth))
	le.PutUint32(head[16:], compression)
	if compression == 3 {
		head = append(head, make([]byte, 12)...)
	}
	for _, row := range rows {
		for i := 0; i < 6; i += 3 {
			head = append(head, row[i:i+3]...)
			if depth == 32 {
				head = append(head, 0)
			}
		}
		if depth == 24 {
			head = append(head, 0, 0)
		}
	}
	return head
}

func TestBitmapBecomesAPicture(t *testing.T) {
	want := []color.NRGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}}
	for name, data := range map[string][]byte{
		"24": dib(24, 0, true), "32": dib(32, 0, true), "masks": dib(32, 3, true), "downwards": dib(24, 0, false),
	} {
		file, err := pngOfDIB(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		img, err := png.Decode(bytes.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, w := range want {
			if got := color.NRGBAModel.Convert(img.At(i%2, i/2)); got != w {
				t.Errorf("%s: pixel %d is %v, want %v", name, i, got, w)
			}
		}
	}
}

func brokenBitmaps() map[string][]byte {
	huge := dib(24, 0, true)
	binary.LittleEndian.PutUint32(huge[4:], 1<<30)
	least := dib(24, 0, true)
	binary.LittleEndian.PutUint32(least[8:], 1<<31)
	colours := dib(24, 0, true)
	binary.LittleEndian.PutUint32(colours[32:], 1<<31)
	whole := dib(32, 0, true)
	return map[string][]byte{
		"empty": nil, "short": whole[:30], "cut": whole[:len(whole)-1], "huge": huge, "least": least, "colours": colours,
		"palette": dib(8, 0, true), "packed": dib(24, 1, true),
	}
}

func TestBrokenBitmapsAreErrors(t *testing.T) {
	for name, data := range brokenBitmaps() {
		if _, err := pngOfDIB(data); !errors.Is(err, errNoPicture) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzBitmap(f *testing.F) {
	for _, data := range brokenBitmaps() {
		f.Add(data)
	}
	f.Add(dib(24, 0, true))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := pngOfDIB(data)
		if err == nil && len(file) == 0 {
			t.Error("no picture and no error")
		}
	})
}

func TestFilesOfAURIList(t *testing.T) {
	got := uriList("# copied\r\nfile:///home/u/a+b%20%E5%9B%BE.jpg\r\nhttps://example.org/x\r\nfile:///tmp/2.png\n")
	if fmt.Sprint(got) != "[/home/u/a+b 图.jpg /tmp/2.png]" {
		t.Errorf("%q", got)
	}
}
