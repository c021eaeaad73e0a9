package look

import (
	"os"

	"fyne.io/fyne/v2"
)

// language is the environment variable that names the languages of messages, before LANG (gettext manual, "The LANGUAGE
// variable"). What the C library does for input methods does not depend on it.
const language = "LANGUAGE"

// Use makes t the theme of an app and loads its two faces.
func Use(a fyne.App, t *Theme) { Begin(a, t)() }

// Begin makes t the theme of an app and begins to load its two faces, which takes as long as the system takes to make a
// window. It returns a wait until they are loaded; before that, nothing else may measure or draw text.
//
// To each face Fyne adds the system's own for the user's language. On a Chinese system that is a second copy of what
// t has already: 20 MB and a tenth of a second for each face. So the environment names Amharic while the faces are
// loaded, which no face for text here knows. Windows and macOS name the language elsewhere: there the copies remain.
func Begin(a fyne.App, t *Theme) (wait func()) {
	named, set := os.LookupEnv(language)
	_ = os.Setenv(language, "am") // fails for names that are none
	a.Settings().SetTheme(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		t.faces.load(func(bold bool) { fyne.MeasureText("报", textSize, fyne.TextStyle{Bold: bold}) })
	}()
	return func() {
		<-done
		if set {
			_ = os.Setenv(language, named)
		} else {
			_ = os.Unsetenv(language)
		}
	}
}
