package assets

import (
	"embed"
	"io/fs"
)

//go:embed profile
var profileFiles embed.FS

// Profile returns the BagIt profile of the packages, profile.json, and the
// JSON Schema of the report in them, report.schema.json.
func Profile() fs.FS { return sub(profileFiles, "profile") }
