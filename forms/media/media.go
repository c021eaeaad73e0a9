// Package media knows photos, videos and documents: what they are by their content, how they look upright, and how
// to hand them on small and without what they say about places and people.
//
// Everything read here comes from outside and may be hostile; each file is answered with a result or one error that
// carries a Problem, within bounds of pixels and bytes.
package media

import "time"

// Kind is the broad kind of a file.
type Kind int

// The kinds of files.
const (
	Unknown Kind = iota
	Image
	Video
	Audio
	Document
	Archive
)

// String names the kind in English, for logs and JSON.
func (k Kind) String() string {
	return [...]string{"unknown", "image", "video", "audio", "document", "archive"}[max(0, min(k, Archive))]
}

// Position is a place on earth in degrees; north and east are positive.
type Position struct{ Latitude, Longitude float64 }

// Info is what a file says about itself. Sizes are in pixels.
type Info struct {
	Kind   Kind
	Format Format
	MIME   string
	Ext    string // the ending that fits the content, with its dot
	Size   int64  // bytes

	Width, Height int // as shown, after orientation or rotation; 0 when not known
	Orientation   int // what EXIF, or irot and imir, ask for, 1 to 8
	Rotation      int // of a video, clockwise degrees
	Animated      bool

	Taken     time.Time // zero when not said
	ZoneKnown bool      // else Taken holds the camera clock's figures as UTC
	Camera    string    // maker and model
	Position  *Position // nil when the file does not say
	Personal  []string  // kinds of metadata that Prepare would remove, sorted: see the Removed constants

	Duration time.Duration
	Codec    string // of a video: h264, hevc, mjpeg…, or the container's own code
}

// Kinds of metadata that Prepare removes.
const (
	RemovedLocation  = "location"
	RemovedSerial    = "serial"
	RemovedOwner     = "owner"
	RemovedThumbnail = "thumbnail"
	RemovedMaker     = "maker-note"
	RemovedComment   = "comment"
	RemovedXMP       = "xmp"
	RemovedTelemetry = "telemetry"
	RemovedTrailer   = "trailer" // bytes behind the picture: a motion photo's clip, a second view
	RemovedOther     = "other-metadata"
)
