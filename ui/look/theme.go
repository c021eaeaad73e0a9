// Package look is how Baosong looks: a theme for Fyne, light and dark, with the system's own Chinese face.
package look

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Mode says which variant of the theme is shown.
type Mode int

// The modes a person can choose.
const (
	ModeSystem Mode = iota // as the operating system says
	ModeLight
	ModeDark
)

// Scales are the sizes a person can choose, in percent of the normal one.
func Scales() []int { return []int{100, 125, 150, 200} }

// textSize is the size of running text at 100 %, in Fyne's device-independent pixels.
const textSize = 15

// Theme is a fyne.Theme. It never changes: to change a setting, make another and hand it to Fyne's settings.
type Theme struct {
	faces       Faces
	mode        Mode
	scale       float32
	light, dark map[fyne.ThemeColorName]color.Color
	base        fyne.Theme
}

// New returns a theme that draws in the given faces (the zero Faces: in Fyne's own), at a percentage of Scales;
// any other percentage counts as 100.
func New(faces Faces, mode Mode, percent int) *Theme {
	if !slices.Contains(Scales(), percent) {
		percent = 100
	}
	return &Theme{
		faces: faces,
		mode:  mode,
		scale: float32(percent) / 100,
		light: palette(theme.VariantLight),
		dark:  palette(theme.VariantDark),
		base:  theme.DefaultTheme(),
	}
}

// Color returns the colour of the variant that the mode asks for.
func (t *Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch t.mode {
	case ModeLight:
		variant = theme.VariantLight
	case ModeDark:
		variant = theme.VariantDark
	}
	colors := t.light
	if variant == theme.VariantDark {
		colors = t.dark
	}
	if c, ok := colors[name]; ok {
		return c
	}
	return t.base.Color(name, variant)
}

// Font returns the system's Chinese face. Italic is drawn upright: Chinese has no italic.
func (t *Theme) Font(style fyne.TextStyle) fyne.Resource {
	if style.Monospace || style.Symbol || t.faces.Regular == nil {
		return t.base.Font(style)
	}
	if style.Bold {
		return t.faces.Bold
	}
	return t.faces.Regular
}

// Icon returns Fyne's icon.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return t.base.Icon(name) }

// Size returns a size at the theme's scale. Lines and borders stay as thin as they are.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameSeparatorThickness, theme.SizeNameInputBorder:
		return t.base.Size(name)
	}
	return baseSize(t.base, name) * t.scale
}

func baseSize(base fyne.Theme, name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return textSize
	case theme.SizeNameCaptionText:
		return 13
	case theme.SizeNameSubHeadingText:
		return 18
	case theme.SizeNameHeadingText:
		return 23
	case theme.SizeNameInputRadius, theme.SizeNameButtonRadius:
		return 6
	case theme.SizeNameCardRadius, theme.SizeNameDialogRadius:
		return 8
	}
	return base.Size(name)
}

// Px returns a length, given for 100 %, at the scale of the theme in use.
func Px(length float32) float32 { return length * theme.TextSize() / textSize }

// Color returns a colour of the theme in use.
func Color(name fyne.ThemeColorName) color.Color { return theme.Color(name) }
