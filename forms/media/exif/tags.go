package exif

// Tag is the number of a TIFF or Exif tag.
type Tag uint16

// Tags that have a meaning here; the others are only kept or dropped.
const (
	tagThumbOffset   Tag = 0x0201
	tagThumbLength   Tag = 0x0202
	tagPhotoIFD      Tag = 0x8769
	tagGPSIFD        Tag = 0x8825
	tagInteropIFD    Tag = 0xa005
	tagColours       Tag = 0xa001
	TagMake          Tag = 0x010f
	TagModel         Tag = 0x0110
	TagOrientation   Tag = 0x0112
	TagSoftware      Tag = 0x0131
	TagDateTime      Tag = 0x0132
	TagArtist        Tag = 0x013b
	TagTaken         Tag = 0x9003 // DateTimeOriginal
	TagDigitized     Tag = 0x9004
	TagOffset        Tag = 0x9010 // zone of TagDateTime
	TagOffsetTaken   Tag = 0x9011 // zone of TagTaken
	TagOffsetDigital Tag = 0x9012
	TagWidth         Tag = 0xa002 // PixelXDimension
	TagHeight        Tag = 0xa003
	TagOwner         Tag = 0xa430
	TagSerial        Tag = 0xa431
	TagLatitudeRef   Tag = 0x0001 // in the GPS directory
	TagLatitude      Tag = 0x0002
	TagLongitudeRef  Tag = 0x0003
	TagLongitude     Tag = 0x0004
)

// keepMain and keepPhoto are the tags which say nothing about who and where. What is on neither list is removed:
// a list of what to remove would let through every tag that a maker invents next year.
func keepMain(t Tag) bool {
	switch t {
	case TagMake, TagModel, TagOrientation, TagSoftware, TagDateTime,
		0x011a, 0x011b, 0x0128, // resolution
		0x0213: // YCbCrPositioning
		return true
	}
	return false
}

func keepPhoto(t Tag) bool {
	switch {
	case t == 0x829a, t == 0x829d, t == 0x8822, // exposure time, aperture, program
		t == 0x8827, t >= 0x8830 && t <= 0x8832, // sensitivity
		t == 0x9000, t == TagTaken, t == TagDigitized,
		t >= TagOffset && t <= TagOffsetDigital,
		t == 0x9101, t == 0x9102,
		t >= 0x9201 && t <= 0x920a, // shutter, aperture, brightness, bias, metering, light, flash, focal length
		t >= 0x9290 && t <= 0x9292, // parts of a second
		t >= 0xa000 && t <= 0xa003, // version, colour space, size
		t == 0xa217, t == 0xa300, t == 0xa301,
		t >= 0xa401 && t <= 0xa40c && t != 0xa40b, // rendering; a40b is a maker's own block
		t >= 0xa432 && t <= 0xa434:                // lens, without its serial number (a435)
		return true
	}
	return false
}

func keepInterop(t Tag) bool { return t == 1 || t == 2 }

// Kinds of personal metadata, as Clean reports them.
const (
	RemovedLocation  = "location"
	RemovedSerial    = "serial"
	RemovedOwner     = "owner"
	RemovedThumbnail = "thumbnail"
	RemovedMaker     = "maker-note"
	RemovedComment   = "comment"
	RemovedOther     = "other-metadata"
)

// removedAs names what a dropped tag held.
func removedAs(t Tag) string {
	switch t {
	case TagSerial, 0xa435, 0xa420, 0xc62f, 0xc65d:
		return RemovedSerial
	case TagArtist, TagOwner, 0x8298, 0x013c, 0x9c9d, 0xa437, 0xa438, 0xa439:
		return RemovedOwner
	case 0x927c:
		return RemovedMaker
	case 0x010e, 0x9286, 0x9c9b, 0x9c9c, 0x9c9e, 0x9c9f, 0xa436:
		return RemovedComment
	}
	return RemovedOther
}
