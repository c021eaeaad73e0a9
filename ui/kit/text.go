package kit

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	"github.com/go-text/typesetting/segmenter"

	"baosong/ui/look"
)

// Text is a run of text in one style, which goes on beneath at the width it is given. Lines break where the Unicode
// line breaking algorithm (UAX #14) lets them: Fyne breaks at spaces alone, or else anywhere, so that lines of
// Chinese would begin with a comma.
type Text struct {
	widget.RichText
	segment *widget.TextSegment
	text    string
	broken  flow // what segment shows
}

// flow is a text in lines, and what they were made for.
type flow struct {
	text        string
	width, size float32
}

// NewText returns running text.
func NewText(text string) *Text {
	return newText(text, theme.ColorNameForeground, theme.SizeNameText, false)
}

// NewMuted returns text that steps back: hints, details.
func NewMuted(text string) *Text {
	return newText(text, look.ColorMuted, theme.SizeNameCaptionText, false)
}

// NewHeading returns the heading of a page.
func NewHeading(text string) *Text {
	return newText(text, theme.ColorNameForeground, theme.SizeNameHeadingText, true)
}

// NewSubheading returns the heading of a part of a page.
func NewSubheading(text string) *Text {
	return newText(text, theme.ColorNameForeground, theme.SizeNameSubHeadingText, true)
}

func newText(text string, name fyne.ThemeColorName, size fyne.ThemeSizeName, bold bool) *Text {
	t := &Text{text: text, segment: &widget.TextSegment{Text: text, Style: widget.RichTextStyle{
		ColorName: name, SizeName: size, TextStyle: fyne.TextStyle{Bold: bold},
	}}}
	t.Segments = []widget.RichTextSegment{t.segment}
	t.Scroll = fyne.ScrollNone
	t.Wrapping = fyne.TextWrapBreak
	t.ExtendBaseWidget(t)
	return t
}

// oneLine keeps the text on a line, cut with an ellipsis.
func (t *Text) oneLine() *Text {
	t.Wrapping = fyne.TextWrapOff
	t.Truncation = fyne.TextTruncateEllipsis
	return t
}

// cut ends a text on a line with an ellipsis, or leaves it whole.
func (t *Text) cut(on bool) {
	truncation := fyne.TextTruncateOff
	if on {
		truncation = fyne.TextTruncateEllipsis
	}
	if t.Truncation != truncation {
		t.Truncation = truncation
		t.Refresh()
	}
}

// whole keeps the text on a line that is as wide as it needs.
func (t *Text) whole() *Text {
	t.Wrapping = fyne.TextWrapOff
	return t
}

// SetText shows another text.
func (t *Text) SetText(text string) {
	if t.text == text {
		return
	}
	t.text = text
	t.Refresh()
}

// Text returns what is shown.
func (t *Text) Text() string { return t.text }

func (t *Text) setColor(name fyne.ThemeColorName) {
	if t.segment.Style.ColorName == name {
		return
	}
	t.segment.Style.ColorName = name
	t.Refresh()
}

// heads tells whether the text is the heading of what stands beneath it.
func (t *Text) heads(below fyne.CanvasObject) bool {
	text, ok := below.(*Text)
	return ok && t.heading() && !text.heading()
}

func (t *Text) heading() bool {
	size := t.segment.Style.SizeName
	return size == theme.SizeNameHeadingText || size == theme.SizeNameSubHeadingText
}

// lineWidth is how wide the text is on one line.
func (t *Text) lineWidth() float32 {
	size := theme.Size(t.segment.Style.SizeName)
	return fyne.MeasureText(t.text, size, t.segment.Style.TextStyle).Width + 2*theme.InnerPadding() + 1
}

// Resize implements fyne.CanvasObject.
func (t *Text) Resize(size fyne.Size) {
	t.breakLines(size.Width)
	t.RichText.Resize(size)
}

// Refresh implements fyne.CanvasObject.
func (t *Text) Refresh() {
	t.breakLines(t.Size().Width)
	t.RichText.Refresh()
}

// breakLines breaks the text for a width of the widget.
func (t *Text) breakLines(width float32) {
	width -= 2 * theme.InnerPadding()
	if t.Wrapping == fyne.TextWrapOff || width <= 0 {
		t.segment.Text, t.broken = t.text, flow{}
		return
	}
	size := theme.Size(t.segment.Style.SizeName)
	now := flow{t.text, width, size}
	if now == t.broken {
		return
	}
	t.broken = now
	t.segment.Text = strings.Join(lines(t.text, func(s string) bool {
		return fyne.MeasureText(s, size, t.segment.Style.TextStyle).Width <= width
	}), "\n")
}

// lines breaks a text into lines that fit. What has no break and does not fit is a line by itself.
func lines(text string, fits func(string) bool) []string {
	var out []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		runes := []rune(paragraph)
		ends := breaks(runes)
		for from := 0; ; {
			n := 1 // how many of the pieces stand on this line
			for high := len(ends) + 1; high-n > 1; {
				mid := (n + high) / 2
				if fits(line(runes[from:ends[mid-1]])) {
					n = mid
				} else {
					high = mid
				}
			}
			if n >= len(ends) {
				out = append(out, string(runes[from:]))
				break
			}
			out = append(out, line(runes[from:ends[n-1]]))
			from, ends = ends[n-1], ends[n:]
		}
	}
	return out
}

// line leaves out the spaces at which a line was broken.
func line(runes []rune) string { return strings.TrimRight(string(runes), " ") }

// breaks returns where each of the pieces ends that UAX #14 keeps together.
func breaks(runes []rune) []int {
	var s segmenter.Segmenter
	s.Init(runes)
	var ends []int
	for it := s.LineIterator(); it.Next(); {
		l := it.Line()
		ends = append(ends, l.Offset+len(l.Text))
	}
	return ends
}
