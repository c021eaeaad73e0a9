package look

import (
	"os"

	"fyne.io/fyne/v2"
)

// Use makes t the theme of an app and loads its two faces.
//
// To each face Fyne adds the system's own for the user's language. On a Chinese system that is a second copy of what
// t has already: 20 MB and a tenth of a second for each face. So no language is named in the environment while the
// faces are loaded. Windows and macOS name it elsewhere: there the copies remain.
func Use(a fyne.App, t *Theme) {
	const language = "LC_ALL"
	if named, set := os.LookupEnv(language); set {
		defer os.Setenv(language, named)
	} else {
		defer os.Unsetenv(language)
	}
	_ = os.Setenv(language, "C") // fails for names that are none
	a.Settings().SetTheme(t)
	for _, bold := range []bool{false, true} {
		fyne.MeasureText("报", textSize, fyne.TextStyle{Bold: bold})
	}
}
