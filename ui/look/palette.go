package look

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Colours beyond Fyne's. The text colours are readable (4.5:1 or more) on Background, Surface and their own tint.
const (
	ColorSurface     fyne.ThemeColorName = "baosong.surface"     // cards, fields' frames
	ColorMuted       fyne.ThemeColorName = "baosong.muted"       // secondary text
	ColorErrorText   fyne.ThemeColorName = "baosong.errorText"   // text and icons of an error
	ColorWarningText fyne.ThemeColorName = "baosong.warningText" // … of a warning
	ColorSuccessText fyne.ThemeColorName = "baosong.successText" // … of something done
	ColorInfoText    fyne.ThemeColorName = "baosong.infoText"    // … of a piece of news
	ColorErrorTint   fyne.ThemeColorName = "baosong.errorTint"   // behind ColorErrorText
	ColorWarningTint fyne.ThemeColorName = "baosong.warningTint"
	ColorSuccessTint fyne.ThemeColorName = "baosong.successTint"
	ColorInfoTint    fyne.ThemeColorName = "baosong.infoTint"
)

func rgb(hex uint32) color.Color {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

func rgba(hex uint32, a uint8) color.Color {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: a}
}

// palette returns the colours of a variant: a warm grey ground, white surfaces, one quiet blue.
func palette(v fyne.ThemeVariant) map[fyne.ThemeColorName]color.Color {
	if v == theme.VariantDark {
		return dark()
	}
	return light()
}

func light() map[fyne.ThemeColorName]color.Color {
	return map[fyne.ThemeColorName]color.Color{
		theme.ColorNameBackground:          rgb(0xf4f5f7),
		ColorSurface:                       rgb(0xffffff),
		theme.ColorNameButton:              rgb(0xe6e9ee),
		theme.ColorNameDisabledButton:      rgb(0xeceef1),
		theme.ColorNameDisabled:            rgb(0x8a919c),
		theme.ColorNameForeground:          rgb(0x1f2530),
		ColorMuted:                         rgb(0x566070),
		theme.ColorNamePlaceHolder:         rgb(0x626b7a),
		theme.ColorNamePrimary:             rgb(0x1f5fa8),
		theme.ColorNameHyperlink:           rgb(0x1f5fa8),
		theme.ColorNameForegroundOnPrimary: rgb(0xffffff),
		theme.ColorNameFocus:               rgba(0x1f5fa8, 0x40),
		theme.ColorNameSelection:           rgba(0x1f5fa8, 0x33),
		theme.ColorNameHover:               rgba(0x1f2530, 0x0d),
		theme.ColorNamePressed:             rgba(0x1f2530, 0x1f),
		theme.ColorNameInputBackground:     rgb(0xffffff),
		theme.ColorNameInputBorder:         rgb(0xaab2bf),
		theme.ColorNameMenuBackground:      rgb(0xffffff),
		theme.ColorNameOverlayBackground:   rgb(0xffffff),
		theme.ColorNameHeaderBackground:    rgb(0xeceef1),
		theme.ColorNameSeparator:           rgb(0xd9dde3),
		theme.ColorNameShadow:              rgba(0x1f2530, 0x33),
		theme.ColorNameScrollBar:           rgba(0x1f2530, 0x80),
		theme.ColorNameScrollBarBackground: rgba(0x1f2530, 0x0d),
		theme.ColorNameError:               rgb(0xb3261e),
		theme.ColorNameForegroundOnError:   rgb(0xffffff),
		theme.ColorNameWarning:             rgb(0x8a5300),
		theme.ColorNameForegroundOnWarning: rgb(0xffffff),
		theme.ColorNameSuccess:             rgb(0x1b6e3c),
		theme.ColorNameForegroundOnSuccess: rgb(0xffffff),
		ColorErrorText:                     rgb(0xa3211a),
		ColorWarningText:                   rgb(0x7a4a00),
		ColorSuccessText:                   rgb(0x18633a),
		ColorInfoText:                      rgb(0x1b558f),
		ColorErrorTint:                     rgb(0xfdecea),
		ColorWarningTint:                   rgb(0xfdf3dc),
		ColorSuccessTint:                   rgb(0xe4f4ea),
		ColorInfoTint:                      rgb(0xe5eff9),
	}
}

func dark() map[fyne.ThemeColorName]color.Color {
	return map[fyne.ThemeColorName]color.Color{
		theme.ColorNameBackground:          rgb(0x1a1d22),
		ColorSurface:                       rgb(0x24282f),
		theme.ColorNameButton:              rgb(0x353b45),
		theme.ColorNameDisabledButton:      rgb(0x2b3038),
		theme.ColorNameDisabled:            rgb(0x7d8694),
		theme.ColorNameForeground:          rgb(0xe8eaee),
		ColorMuted:                         rgb(0xabb3c0),
		theme.ColorNamePlaceHolder:         rgb(0x9ba4b2),
		theme.ColorNamePrimary:             rgb(0x8ab8ee),
		theme.ColorNameHyperlink:           rgb(0x8ab8ee),
		theme.ColorNameForegroundOnPrimary: rgb(0x10233a),
		theme.ColorNameFocus:               rgba(0x8ab8ee, 0x50),
		theme.ColorNameSelection:           rgba(0x8ab8ee, 0x40),
		theme.ColorNameHover:               rgba(0xffffff, 0x12),
		theme.ColorNamePressed:             rgba(0xffffff, 0x26),
		theme.ColorNameInputBackground:     rgb(0x1e2127),
		theme.ColorNameInputBorder:         rgb(0x5b6472),
		theme.ColorNameMenuBackground:      rgb(0x2b3038),
		theme.ColorNameOverlayBackground:   rgb(0x24282f),
		theme.ColorNameHeaderBackground:    rgb(0x2b3038),
		theme.ColorNameSeparator:           rgb(0x3a414c),
		theme.ColorNameShadow:              rgba(0x000000, 0x77),
		theme.ColorNameScrollBar:           rgba(0xffffff, 0x80),
		theme.ColorNameScrollBarBackground: rgba(0xffffff, 0x12),
		theme.ColorNameError:               rgb(0xf2a49c),
		theme.ColorNameForegroundOnError:   rgb(0x40110d),
		theme.ColorNameWarning:             rgb(0xf0c06a),
		theme.ColorNameForegroundOnWarning: rgb(0x3a2700),
		theme.ColorNameSuccess:             rgb(0x8fd3a8),
		theme.ColorNameForegroundOnSuccess: rgb(0x0c3019),
		ColorErrorText:                     rgb(0xf5b1aa),
		ColorWarningText:                   rgb(0xf2c778),
		ColorSuccessText:                   rgb(0x9bd9b2),
		ColorInfoText:                      rgb(0x9cc4f0),
		ColorErrorTint:                     rgb(0x44262a),
		ColorWarningTint:                   rgb(0x3f341f),
		ColorSuccessTint:                   rgb(0x21382c),
		ColorInfoTint:                      rgb(0x22354a),
	}
}
