package isobmff

// turn is one of the eight ways to lay a rectangle: first mirrored left to right or not, then turned clockwise by
// quarters.
type turn struct {
	mirrored bool
	quarters int
}

// turnLeft adds a quarter turn anticlockwise (irot counts these).
func (t turn) turnLeft() turn {
	t.quarters = (t.quarters + 3) % 4
	return t
}

// mirror adds a mirroring: top to bottom when flip, else left to right. imir axis 0 is the vertical axis in the
// first edition's words and the horizontal one in practice: libheif and Apple flip top to bottom for mode 0.
func (t turn) mirror(flip bool) turn {
	t.mirrored, t.quarters = !t.mirrored, (4-t.quarters)%4
	if flip {
		t.quarters = (t.quarters + 2) % 4
	}
	return t
}

// exif is the EXIF orientation that asks for the same.
func (t turn) exif() int {
	plain, mirrored := [4]int{1, 6, 3, 8}, [4]int{2, 7, 4, 5}
	if t.mirrored {
		return mirrored[t.quarters]
	}
	return plain[t.quarters]
}
