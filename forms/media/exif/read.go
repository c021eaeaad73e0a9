package exif

import (
	"encoding/binary"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// Orientation is how the pixels have to be turned to stand upright, 1 to 8; 1 (as they are) when nothing or
// nonsense is said.
func (b *Block) Orientation() int {
	e := b.Main.get(TagOrientation)
	if e == nil {
		return 1
	}
	v := 0
	switch {
	case e.Type == Short && len(e.Data) >= 2:
		v = int(b.Order.Uint16(e.Data))
	case e.Type == Long && len(e.Data) >= 4:
		v = int(b.Order.Uint32(e.Data))
	}
	if v < 1 || v > 8 {
		return 1
	}
	return v
}

// text returns a string value up to its first NUL, trimmed, "" when it is absent or not text.
func (d Dir) text(t Tag) string {
	e := d.get(t)
	if e == nil || e.Type != ASCII {
		return ""
	}
	s, _, _ := strings.Cut(string(e.Data), "\x00")
	s = strings.TrimSpace(s)
	if !utf8.ValidString(s) {
		return strings.ToValidUTF8(s, "")
	}
	return s
}

// Camera is maker and model, the maker not said twice; "" when neither is there.
func (b *Block) Camera() string {
	maker, model := b.Main.text(TagMake), b.Main.text(TagModel)
	if maker == "" || strings.HasPrefix(strings.ToLower(model), strings.ToLower(maker)) {
		return model
	}
	return strings.TrimSpace(maker + " " + model)
}

// Taken is when the shutter was released. Where the camera does not say its zone, zone is false and t holds the
// clock's figures as UTC. A zero t means that nothing usable is said.
func (b *Block) Taken() (t time.Time, zone bool) {
	for _, at := range []struct {
		dir        Dir
		tag, shift Tag
	}{
		{b.Photo, TagTaken, TagOffsetTaken},
		{b.Photo, TagDigitized, TagOffsetDigital},
		{b.Main, TagDateTime, TagOffset},
	} {
		s := at.dir.text(at.tag)
		wall, err := time.Parse("2006:01:02 15:04:05", s)
		if err != nil || wall.Year() < 1900 {
			continue
		}
		if off, err := time.Parse("-07:00", b.Photo.text(at.shift)); err == nil {
			_, sec := off.Zone()
			return time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0,
				time.FixedZone("", sec)), true
		}
		return wall, false
	}
	return time.Time{}, false
}

// Position is where the photo was taken, in degrees, north and east positive.
func (b *Block) Position() (lat, lon float64, ok bool) {
	lat, okLat := b.degrees(TagLatitude, TagLatitudeRef, "S", 90)
	lon, okLon := b.degrees(TagLongitude, TagLongitudeRef, "W", 180)
	return lat, lon, okLat && okLon
}

func (b *Block) degrees(tag, ref Tag, negative string, limit float64) (float64, bool) {
	e := b.GPS.get(tag)
	if e == nil || e.Type != Rational {
		return 0, false
	}
	v, unit, said := 0.0, 1.0, false
	for d := e.Data; len(d) >= 8 && unit < 1e4; d = d[8:] {
		den := b.Order.Uint32(d[4:])
		if den != 0 {
			v += float64(b.Order.Uint32(d)) / float64(den) / unit
			said = true
		}
		unit *= 60
	}
	if !said || v > limit || math.IsNaN(v) {
		return 0, false
	}
	if strings.EqualFold(b.GPS.text(ref), negative) {
		v = -v
	}
	return v, true
}

// HasLocation reports whether the block says where: coordinates, or any other tag in the GPS directory but its version.
func (b *Block) HasLocation() bool {
	for _, e := range b.GPS {
		if e.Tag != 0 {
			return true
		}
	}
	return false
}

// AdobeRGB reports whether the colours are those of Adobe RGB without a profile that says so (DCF 2.0, "optional colour
// space").
func (b *Block) AdobeRGB() bool { return b.Interop.text(1) == "R03" }

// HasXMP reports whether the first directory of a TIFF picture carries XMP.
func (b *Block) HasXMP() bool { return b.Main.get(700) != nil }

// NewShort, NewText and NewRationals make entries in little-endian order, for blocks made here.
func NewShort(t Tag, v uint16) Entry {
	return Entry{Tag: t, Type: Short, Data: binary.LittleEndian.AppendUint16(nil, v)}
}

// NewText makes an ASCII entry. UTF-8 is written as it is, which is what cameras and phones do.
func NewText(t Tag, s string) Entry {
	return Entry{Tag: t, Type: ASCII, Data: append([]byte(s), 0)}
}

// NewRationals makes a RATIONAL entry from numerators and denominators in turn.
func NewRationals(t Tag, v ...uint32) Entry {
	e := Entry{Tag: t, Type: Rational}
	for _, n := range v {
		e.Data = binary.LittleEndian.AppendUint32(e.Data, n)
	}
	return e
}
