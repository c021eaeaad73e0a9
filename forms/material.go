package forms

import "time"

// Material is a photo, video or document attached to an answer. The answer
// holds its ID.
type Material struct {
	ID          string    `json:"id"`     // names the content: equal files have equal ids
	Name        string    `json:"name"`   // as the file was called where it came from
	Size        int64     `json:"size"`   // bytes of the original
	SHA256      string    `json:"sha256"` // of the original, in hexadecimal
	MIME        string    `json:"mime"`   // by content
	Ext         string    `json:"ext"`    // by content, with its dot
	Width       int       `json:"width,omitempty"`
	Height      int       `json:"height,omitempty"`      // as shown, upright, in pixels
	Orientation int       `json:"orientation,omitempty"` // Exif 1–8, 0 unknown
	Duration    float64   `json:"duration,omitempty"`    // seconds
	Taken       time.Time `json:"taken,omitzero"`
	Turn        int       `json:"turn,omitempty"` // quarter turns clockwise the person added, 0–3
}
