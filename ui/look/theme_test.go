package look

import (
	"image/color"
	"math"
	"os"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// luminance and contrast are those of WCAG 2.2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}

func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

func TestTextIsReadable(t *testing.T) {
	grounds := []fyne.ThemeColorName{
		theme.ColorNameBackground, ColorSurface, theme.ColorNameInputBackground, theme.ColorNameOverlayBackground,
		theme.ColorNameMenuBackground, theme.ColorNameHeaderBackground,
	}
	pairs := map[fyne.ThemeColorName][]fyne.ThemeColorName{
		theme.ColorNameForeground:          append([]fyne.ThemeColorName{theme.ColorNameButton, ColorInfoTint, ColorWarningTint, ColorErrorTint, ColorSuccessTint}, grounds...),
		ColorMuted:                         append([]fyne.ThemeColorName{ColorInfoTint, ColorWarningTint, ColorErrorTint, ColorSuccessTint}, grounds...),
		theme.ColorNamePlaceHolder:         {theme.ColorNameInputBackground, ColorSurface},
		theme.ColorNameHyperlink:           grounds,
		theme.ColorNamePrimary:             grounds,
		theme.ColorNameError:               grounds,
		theme.ColorNameWarning:             grounds,
		theme.ColorNameSuccess:             grounds,
		ColorErrorText:                     append([]fyne.ThemeColorName{ColorErrorTint}, grounds...),
		ColorWarningText:                   append([]fyne.ThemeColorName{ColorWarningTint}, grounds...),
		ColorSuccessText:                   append([]fyne.ThemeColorName{ColorSuccessTint}, grounds...),
		ColorInfoText:                      append([]fyne.ThemeColorName{ColorInfoTint}, grounds...),
		theme.ColorNameForegroundOnPrimary: {theme.ColorNamePrimary},
		theme.ColorNameForegroundOnError:   {theme.ColorNameError},
		theme.ColorNameForegroundOnWarning: {theme.ColorNameWarning},
		theme.ColorNameForegroundOnSuccess: {theme.ColorNameSuccess},
	}
	th := New(Faces{}, ModeSystem, 100)
	for variant, v := range test.KnownThemeVariants() {
		for text, on := range pairs {
			for _, ground := range on {
				if c := contrast(th.Color(text, v), th.Color(ground, v)); c < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.2f", variant, text, ground, c)
				}
			}
		}
	}
}

func TestModeOverridesTheSystem(t *testing.T) {
	v := map[Mode][2]fyne.ThemeVariant{
		ModeSystem: {theme.VariantLight, theme.VariantDark},
		ModeLight:  {theme.VariantLight, theme.VariantLight},
		ModeDark:   {theme.VariantDark, theme.VariantDark},
	}
	plain := New(Faces{}, ModeSystem, 100)
	for mode, want := range v {
		th := New(Faces{}, mode, 100)
		for i, system := range []fyne.ThemeVariant{theme.VariantLight, theme.VariantDark} {
			if th.Color(theme.ColorNameBackground, system) != plain.Color(theme.ColorNameBackground, want[i]) {
				t.Errorf("mode %d under system variant %d shows the wrong ground", mode, system)
			}
		}
	}
}

func TestEveryColourIsDefined(t *testing.T) {
	test.AssertAllColorNamesDefined(t, New(Faces{}, ModeSystem, 100), "look")
}

func TestScaleEnlargesTextAndGapsButNotLines(t *testing.T) {
	normal := New(Faces{}, ModeLight, 100)
	for _, percent := range Scales() {
		th := New(Faces{}, ModeLight, percent)
		for _, name := range []fyne.ThemeSizeName{theme.SizeNameText, theme.SizeNamePadding, theme.SizeNameInlineIcon} {
			if got, want := th.Size(name), normal.Size(name)*float32(percent)/100; got != want {
				t.Errorf("%d %%: %s is %v, want %v", percent, name, got, want)
			}
		}
		if th.Size(theme.SizeNameSeparatorThickness) != normal.Size(theme.SizeNameSeparatorThickness) {
			t.Errorf("%d %%: separators grow", percent)
		}
	}
	if New(Faces{}, ModeLight, 37).Size(theme.SizeNameText) != normal.Size(theme.SizeNameText) {
		t.Error("an unknown scale must count as 100 %")
	}
}

func TestPxFollowsTheScale(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(New(Faces{}, ModeLight, 150))
	if got := Px(100); got != 150 {
		t.Errorf("100 px at 150 %% are %v", got)
	}
}

func TestUseLoadsBothFacesAndLeavesTheLanguageAlone(t *testing.T) {
	a := test.NewTempApp(t)
	t.Setenv(language, "zh_CN.UTF-8")
	th := New(Faces{}, ModeDark, 125)
	Use(a, th)
	if a.Settings().Theme() != fyne.Theme(th) {
		t.Error("the theme is not in use")
	}
	if got := os.Getenv(language); got != "zh_CN.UTF-8" {
		t.Errorf("the language is %q afterwards", got)
	}
	_ = os.Unsetenv(language)
	Use(a, th)
	if got, set := os.LookupEnv(language); set {
		t.Errorf("a language %q is named where none was", got)
	}
}
