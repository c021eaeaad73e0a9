package assets

import (
	"embed"
	"io/fs"
)

//go:embed office
var officeFiles embed.FS

// Office returns the fixed parts of the documents the program writes: docx
// holds those of a .docx, under names without the leading underscores and
// brackets that they have there.
func Office() fs.FS { return sub(officeFiles, "office") }

// sub cannot fail: the folder is named by an embed directive beside it.
func sub(f embed.FS, dir string) fs.FS {
	s, err := fs.Sub(f, dir)
	if err != nil {
		return f
	}
	return s
}
