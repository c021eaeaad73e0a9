package forms

import (
	"image"
	"math"
	"path/filepath"
	"strings"
	"time"
)

// Material is a photo, video or document attached to an answer. The answer
// holds its ID.
type Material struct {
	ID          string    `json:"id"`              // names the content: equal files have equal ids
	Name        string    `json:"name"`            // as the file was called where it came from
	Size        int64     `json:"size"`            // bytes of the original
	SHA256      string    `json:"sha256"`          // of the original, in hexadecimal
	CRC32       uint32    `json:"crc32,omitempty"` // of the original (IEEE), 0 not known
	MIME        string    `json:"mime"`            // by content
	Ext         string    `json:"ext"`             // by content, with its dot
	Width       int       `json:"width,omitempty"`
	Height      int       `json:"height,omitempty"`      // as shown, upright, in pixels
	Orientation int       `json:"orientation,omitempty"` // Exif 1–8, 0 unknown
	Duration    float64   `json:"duration,omitempty"`    // seconds
	Taken       time.Time `json:"taken,omitzero"`
	Turn        int       `json:"turn,omitempty"`     // quarter turns clockwise the person added, 0–3
	Frame       Frame     `json:"frame,omitzero"`     // what the person kept of the picture
	Original    bool      `json:"original,omitempty"` // the person wants all pixels to be sent
}

// Sent returns the width and height in pixels of what the person kept of a picture, turned as the person turned it,
// before it is scaled down; 0 where the size is not known.
func (m Material) Sent() (w, h int) {
	if m.Width < 1 || m.Height < 1 {
		return 0, 0
	}
	kept := m.Frame.In(m.Width, m.Height)
	if m.Turn%2 != 0 {
		return kept.Dy(), kept.Dx()
	}
	return kept.Dx(), kept.Dy()
}

// WrongEnding reports whether the name ends as another kind of file would, or as none.
func (m Material) WrongEnding() bool {
	return m.Ext != "" && !strings.EqualFold(filepath.Ext(m.Name), m.Ext)
}

// Frame is the part of a picture that is kept, in parts of its width and
// height, from 0 to 1, as the picture is shown upright before Turn. The zero
// Frame is the whole picture.
type Frame struct {
	Left   float64 `json:"left"`
	Top    float64 `json:"top"`
	Right  float64 `json:"right"`
	Bottom float64 `json:"bottom"`
}

// Valid reports whether f is the zero Frame or lies within a picture.
func (f Frame) Valid() bool {
	return f == Frame{} || 0 <= f.Left && f.Left < f.Right && f.Right <= 1 && 0 <= f.Top && f.Top < f.Bottom && f.Bottom <= 1
}

// In returns the pixels of a picture of w × h that f keeps, at least one.
func (f Frame) In(w, h int) image.Rectangle {
	if f == (Frame{}) || !f.Valid() {
		return image.Rect(0, 0, w, h)
	}
	at := func(part float64, of int) int { return int(math.Round(part * float64(of))) }
	r := image.Rect(at(f.Left, w), at(f.Top, h), at(f.Right, w), at(f.Bottom, h))
	r.Min.X, r.Min.Y = min(r.Min.X, w-1), min(r.Min.Y, h-1)
	r.Max.X, r.Max.Y = max(r.Max.X, r.Min.X+1), max(r.Max.Y, r.Min.Y+1)
	return r
}
