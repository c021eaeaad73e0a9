// Package assets holds what the program carries inside itself: the built-in
// notices, the fixed parts of documents, the texts on screen, the providers
// and the icon.
package assets

import (
	"embed"
	"io/fs"
)

//go:embed notices
var notices embed.FS

// Notices returns the notices the program ships with, each a folder of CSV
// files in terms of XLSForm.
func Notices() fs.FS { return sub(notices, "notices") }
