package native

import "image"

// Styles of the forms below (imm.h).
const (
	stylePoint   = 0x2  // CFS_POINT: at the point
	styleExclude = 0x80 // CFS_EXCLUDE: near the point, outside the rectangle
)

// compositionForm is COMPOSITIONFORM: where the letters being composed are drawn.
type compositionForm struct {
	style uint32
	at    point
	_     rect // the area, for another style
}

// candidateForm is CANDIDATEFORM: where the list of candidates is drawn.
type candidateForm struct {
	_     uint32 // which of four lists: the first
	style uint32
	at    point
	area  rect
}

type point struct{ x, y int32 }

type rect struct{ left, top, right, bottom int32 }

func rectOf(r image.Rectangle) rect {
	return rect{int32(r.Min.X), int32(r.Min.Y), int32(r.Max.X), int32(r.Max.Y)}
}

// inputMethod is the four calls of imm32.dll that place an input method's windows.
type inputMethod interface {
	context(window uintptr) uintptr // 0: the window has none
	setComposition(context uintptr, form compositionForm)
	setCandidate(context uintptr, form candidateForm)
	release(window, context uintptr)
}

// place tells the input method of a window where the caret is: what is composed goes there, the candidates beneath
// the line. Without that they appear in a corner of the screen (fyne-io/fyne#618).
func place(im inputMethod, window uintptr, caret Caret) {
	context := im.context(window)
	if context == 0 {
		return
	}
	defer im.release(window, context)
	at := point{int32(caret.Line.Min.X), int32(caret.Line.Min.Y)}
	im.setComposition(context, compositionForm{style: stylePoint, at: at})
	im.setCandidate(context, candidateForm{
		style: styleExclude,
		at:    point{at.x, int32(caret.Line.Max.Y)},
		area:  rectOf(caret.Line),
	})
}
