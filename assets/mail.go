package assets

import (
	"embed"
	"io/fs"
)

//go:embed mail
var mail embed.FS

// Mail returns the templates of the messages the program writes.
func Mail() fs.FS {
	sub, err := fs.Sub(mail, "mail")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}
