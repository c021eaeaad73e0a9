package assets

import (
	"embed"
	"io/fs"
)

//go:embed screen
var screen embed.FS

// Screen returns the texts on screen: one folder a language, each with JSON
// files of keys and texts.
func Screen() fs.FS {
	sub, err := fs.Sub(screen, "screen")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}
