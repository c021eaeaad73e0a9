// Package sample makes photos and videos for rehearsals and tests: real files, drawn here, that show at a glance
// whether they stand upright and which one they are, and that carry the metadata a phone would write.
package sample

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"time"

	"baosong/forms/media/exif"
)

// Camera is the maker and model in every sample.
const (
	CameraMaker = "示例相机"
	CameraModel = "示例相机 X1"
)

// PhotoOptions say what photo to make. The zero value is a small upright one without a place.
type PhotoOptions struct {
	Index         int // drawn large; also varies the scene
	Width, Height int // upright; 0 is 1600 × 1200
	Orientation   int // 1 to 8: how the pixels are stored; 0 is 1
	Quality       int // of the JPEG; 0 is 88
	Taken         time.Time
	NoZone        bool // leave out the zone, as older cameras do
	Location      bool // write the coordinates below, with a serial number and an owner
	Latitude      float64
	Longitude     float64
	NoThumbnail   bool
}

// Photo writes a JPEG with EXIF to w. The same options give the same bytes.
func Photo(w io.Writer, opt PhotoOptions) error {
	if opt.Width <= 0 || opt.Height <= 0 {
		opt.Width, opt.Height = 1600, 1200
	}
	if opt.Orientation < 1 || opt.Orientation > 8 {
		opt.Orientation = 1
	}
	if opt.Quality <= 0 {
		opt.Quality = 88
	}
	img := stored(Scene(opt.Index, opt.Width, opt.Height), opt.Orientation)
	var data bytes.Buffer
	if err := jpeg.Encode(&data, img, &jpeg.Options{Quality: opt.Quality}); err != nil {
		return fmt.Errorf("sample photo: %w", err)
	}
	block, err := opt.exif(img.Bounds().Dx(), img.Bounds().Dy())
	if err != nil {
		return fmt.Errorf("sample photo: %w", err)
	}
	segment := append([]byte("Exif\x00\x00"), block.Bytes()...)
	n := len(segment) + 2
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1, byte(n >> 8), byte(n)}, segment...)
	if _, err := w.Write(append(out, data.Bytes()[2:]...)); err != nil {
		return fmt.Errorf("sample photo: %w", err)
	}
	return nil
}

func (opt PhotoOptions) exif(w, h int) (*exif.Block, error) {
	b := new(exif.Block)
	b.Main = exif.Dir{
		exif.NewText(exif.TagMake, CameraMaker),
		exif.NewText(exif.TagModel, CameraModel),
		exif.NewShort(exif.TagOrientation, uint16(opt.Orientation)),
	}
	if !opt.Taken.IsZero() {
		clock := opt.Taken.Format("2006:01:02 15:04:05")
		b.Main = append(b.Main, exif.NewText(exif.TagDateTime, clock))
		b.Photo = append(b.Photo, exif.NewText(exif.TagTaken, clock))
		if !opt.NoZone {
			b.Photo = append(b.Photo, exif.NewText(exif.TagOffsetTaken, opt.Taken.Format("-07:00")))
		}
	}
	b.Photo = append(b.Photo, exif.NewShort(exif.TagWidth, uint16(w)), exif.NewShort(exif.TagHeight, uint16(h)))
	if opt.Location {
		b.GPS = position(opt.Latitude, opt.Longitude)
		b.Photo = append(b.Photo,
			exif.NewText(exif.TagOwner, "示例机主"), exif.NewText(exif.TagSerial, "SAMPLE-0001"))
	}
	if opt.NoThumbnail {
		return b, nil
	}
	long := max(opt.Width, opt.Height)
	small := Scene(opt.Index, max(1, opt.Width*160/long), max(1, opt.Height*160/long))
	var thumb bytes.Buffer
	err := jpeg.Encode(&thumb, stored(small, opt.Orientation), &jpeg.Options{Quality: 70})
	b.Thumbnail = thumb.Bytes()
	return b, err
}

// position writes degrees, minutes and hundredths of seconds, as cameras do.
func position(lat, lon float64) exif.Dir {
	ref := func(v float64, plus, minus string) string {
		if v < 0 {
			return minus
		}
		return plus
	}
	parts := func(v float64) []uint32 {
		if v < 0 {
			v = -v
		}
		hundredths := uint32(v*360000 + 0.5)
		return []uint32{hundredths / 360000, 1, hundredths / 6000 % 60, 1, hundredths % 6000, 100}
	}
	return exif.Dir{
		exif.NewText(exif.TagLatitudeRef, ref(lat, "N", "S")),
		exif.NewRationals(exif.TagLatitude, parts(lat)...),
		exif.NewText(exif.TagLongitudeRef, ref(lon, "E", "W")),
		exif.NewRationals(exif.TagLongitude, parts(lon)...),
	}
}

// stored lays an upright picture down so that EXIF orientation o makes it upright again.
func stored(img *image.RGBA, o int) *image.RGBA {
	if o == 1 {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if o >= 5 {
		w, h = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			// Where the stored pixel (x, y) is seen: TIFF 6.0, page 36, and CIPA DC-008, 4.6.4.
			u, v := x, y
			switch o {
			case 2:
				u = w - 1 - x
			case 3:
				u, v = w-1-x, h-1-y
			case 4:
				v = h - 1 - y
			case 5:
				u, v = y, x
			case 6:
				u, v = h-1-y, x
			case 7:
				u, v = h-1-y, w-1-x
			case 8:
				u, v = y, w-1-x
			}
			out.SetRGBA(x, y, img.RGBAAt(u, v))
		}
	}
	return out
}
