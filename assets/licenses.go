package assets

import (
	"embed"
	"io/fs"
)

//go:embed licenses
var licenses embed.FS

// Licenses returns the notice about the decoders that the program carries, 00-notice.txt, and the licences it speaks of.
func Licenses() fs.FS { return sub(licenses, "licenses") }
