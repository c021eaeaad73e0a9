package look

import (
	"os"

	"fyne.io/fyne/v2"
)

// Use makes t the theme of an app and loads its two faces.
//
// To each face Fyne adds the system's own for the user's language. On a Chinese system that is a second copy of what
// t has already: 20 MB and a tenth of a second for each face. So the environment names Amharic while the faces are
// loaded, which no face for text here knows. Windows and macOS name the language elsewhere: there the copies remain.
func Use(a fyne.App, t *Theme) {
	for _, variable := range []string{"LC_ALL", "LANGUAGE"} {
		if named, set := os.LookupEnv(variable); set {
			defer os.Setenv(variable, named)
		} else {
			defer os.Unsetenv(variable)
		}
		_ = os.Setenv(variable, "am") // fails for names that are none
	}
	a.Settings().SetTheme(t)
	for _, bold := range []bool{false, true} {
		fyne.MeasureText("报", textSize, fyne.TextStyle{Bold: bold})
	}
}
