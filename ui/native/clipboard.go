package native

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net/url"
	"strings"
)

// maxClip bounds a picture taken from the clipboard, in bytes, and maxClipPixels its size.
const (
	maxClip       = 128 << 20
	maxClipPixels = 100 << 20
)

// Clip is what the clipboard holds beside text: files copied in the file manager, or a picture copied from a chat
// or a screenshot. Both may be empty.
type Clip struct {
	Files   []string // absolute paths
	Picture []byte   // a PNG file
}

// Clipboard reads files or a picture from the system's clipboard. It may take a moment: call it off the UI
// goroutine. Where the system has no means the error is ErrUnavailable.
func Clipboard(over Window) (Clip, error) {
	clip, err := clipboard(over)
	if err != nil {
		return Clip{}, fmt.Errorf("read the clipboard: %w", err)
	}
	return clip, nil
}

// uriList reads the files of a text/uri-list (RFC 2483, section 5).
func uriList(text string) []string {
	var paths []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		u, err := url.Parse(line)
		if err != nil || u.Scheme != "file" || u.Path == "" || strings.HasPrefix(line, "#") {
			continue
		}
		paths = append(paths, u.Path)
	}
	return paths
}

var errNoPicture = errors.New("not a picture that can be read")

// pngOfDIB makes a PNG of a device-independent bitmap (BITMAPINFOHEADER, wingdi.h) of 24 or 32 bits a pixel, as
// screenshots and chats leave it on the clipboard. The fourth byte of a pixel is no alpha, whatever it holds.
func pngOfDIB(dib []byte) ([]byte, error) {
	const header, rgb, bitfields = 40, 0, 3
	if len(dib) < header {
		return nil, fmt.Errorf("bitmap of %d bytes: %w", len(dib), errNoPicture)
	}
	le := binary.LittleEndian
	size, width, height := int64(le.Uint32(dib)), int64(int32(le.Uint32(dib[4:]))), int64(int32(le.Uint32(dib[8:])))
	depth, compression := int64(le.Uint16(dib[14:])), le.Uint32(dib[16:])
	upwards := height > 0
	height = max(height, -height)
	if size < header || depth != 24 && depth != 32 || compression != rgb && compression != bitfields ||
		width <= 0 || height <= 0 || width*height > maxClipPixels {
		return nil, fmt.Errorf("bitmap of %d × %d, %d bits, kind %d: %w", width, height, depth, compression, errNoPicture)
	}
	start := size + 4*int64(le.Uint32(dib[32:]))
	if compression == bitfields && size == header {
		start += 12 // the masks follow; those of screens are all the same
	}
	stride := (width*depth/8 + 3) &^ 3
	if start < 0 || start+stride*height > int64(len(dib)) {
		return nil, fmt.Errorf("bitmap is cut short: %w", errNoPicture)
	}
	img := image.NewNRGBA(image.Rect(0, 0, int(width), int(height)))
	for y := range height {
		from := y
		if upwards {
			from = height - 1 - y
		}
		row, out := dib[start+from*stride:], img.Pix[y*int64(img.Stride):]
		for x := range width {
			p := row[x*depth/8:]
			out[4*x], out[4*x+1], out[4*x+2], out[4*x+3] = p[2], p[1], p[0], 0xff
		}
	}
	var file bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&file, img); err != nil {
		return nil, fmt.Errorf("write the picture: %w", err)
	}
	return file.Bytes(), nil
}
