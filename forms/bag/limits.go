package bag

// Limits bound what a bag from a stranger may cost. A zero field takes the
// value of DefaultLimits.
type Limits struct {
	Entries    int   // files and folders in the container
	NameBytes  int   // one path, in UTF-8
	Depth      int   // components of one path
	TotalBytes int64 // all content, uncompressed
	Ratio      int64 // all content by the size of the zip, once it is over bombFloor
	TagBytes   int64 // all tag files that are parsed, together
	Lines      int   // of manifests, fetch.txt and bag-info.txt, together
}

// DefaultLimits is far above what any report needs, and far below what hurts:
// a bag at one of the limits is refused or verified with at most 256 MiB
// allocated in all, of which about 100 are held at a time.
func DefaultLimits() Limits {
	return Limits{
		Entries:    20_000,
		NameBytes:  1024,
		Depth:      32,
		TotalBytes: 64 << 30,
		Ratio:      200,
		TagBytes:   16 << 20,
		Lines:      80_000,
	}
}

// bombFloor is the content a zip may always hold, whatever its ratio: a
// short text that repeats itself is no attack.
const bombFloor = 16 << 20

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	if l.Entries > 0 {
		d.Entries = l.Entries
	}
	if l.NameBytes > 0 {
		d.NameBytes = l.NameBytes
	}
	if l.Depth > 0 {
		d.Depth = l.Depth
	}
	if l.TotalBytes > 0 {
		d.TotalBytes = l.TotalBytes
	}
	if l.Ratio > 0 {
		d.Ratio = l.Ratio
	}
	if l.TagBytes > 0 {
		d.TagBytes = l.TagBytes
	}
	if l.Lines > 0 {
		d.Lines = l.Lines
	}
	return d
}
