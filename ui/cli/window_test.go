package cli

import (
	"testing"

	"baosong/mailer/home"
)

// Started by a click, without a command, the program opens its window over the user's own folder, as the command does.
func TestClickOpensTheWindow(t *testing.T) {
	t.Setenv("BAOSONG_HOME", t.TempDir())
	want, err := home.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{nil, {"window"}, {"--lang=en"}} {
		var dir, lang string
		p := Program{Window: func(d, l string) error { dir, lang = d, l; return nil }}
		if code := Run(t.Context(), args, p); code != 0 || dir != want || lang != map[bool]string{true: "en"}[len(args) == 1 && args[0] == "--lang=en"] {
			t.Errorf("%v: code %d, window over %q in %q", args, code, dir, lang)
		}
	}
}
