package bag

import (
	"errors"
	"fmt"
)

// Reason says why something was refused or found wanting. The values are
// stable words, made to be decided on and to be shown in reports.
type Reason string

// The container (zip or folder) is refused for one of these.
const (
	ReasonNotZip    Reason = "not-a-zip"
	ReasonNotBag    Reason = "not-a-bag"         // no bagit.txt
	ReasonLayout    Reason = "layout"            // hidden bytes, several volumes, several top folders
	ReasonTrailing  Reason = "trailing-data"     // bytes or entries after the end of the archive
	ReasonOverlap   Reason = "overlap"           // two entries share bytes
	ReasonHeaders   Reason = "headers-disagree"  // the two headers of an entry tell different things
	ReasonEncrypted Reason = "encrypted"         //
	ReasonMethod    Reason = "compression"       // neither stored nor deflated
	ReasonLink      Reason = "link"              // symbolic link
	ReasonDevice    Reason = "device"            // device, pipe, socket
	ReasonPath      Reason = "unsafe-path"       // .., absolute, drive, UNC, ~, control characters
	ReasonEncoding  Reason = "encoding"          // text that is not in the encoding it claims
	ReasonTwin      Reason = "twin"              // two names for one file: same, or by case or Unicode form alone
	ReasonBomb      Reason = "bomb"              // far more content than bytes
	ReasonLimit     Reason = "limit"             // over one of the Limits
	ReasonSize      Reason = "size"              // longer or shorter than announced
	ReasonCRC       Reason = "crc"               // content differs from its CRC
	ReasonCorrupt   Reason = "corrupt"           // compressed data cannot be read
	ReasonAltered   Reason = "container-altered" // one of our own zips is no longer as it was written
	ReasonRead      Reason = "read"              // the operating system could not read it
)

// The bag breaks a rule of RFC 8493.
const (
	ReasonDeclaration Reason = "declaration"  // bagit.txt is not the two lines of section 2.1.1
	ReasonBOM         Reason = "bom"          // byte-order mark where none may be, or none where one must
	ReasonVersion     Reason = "version"      // not 0.93 to 1.0
	ReasonAlgorithm   Reason = "algorithm"    // a manifest of an algorithm not known here
	ReasonManifest    Reason = "no-manifest"  // no payload manifest
	ReasonNoData      Reason = "no-data"      // no payload folder
	ReasonLine        Reason = "line"         // a line of a tag file is malformed
	ReasonDuplicate   Reason = "duplicate"    // listed twice in one manifest
	ReasonMissing     Reason = "missing"      // listed, not there
	ReasonNotFetched  Reason = "not-fetched"  // in fetch.txt and not there; nothing is ever fetched
	ReasonUnlisted    Reason = "unlisted"     // there, not listed
	ReasonChecksum    Reason = "checksum"     // content differs from the manifest
	ReasonOxum        Reason = "payload-oxum" // Payload-Oxum is wrong, malformed or repeated
	ReasonFetch       Reason = "fetch"        // fetch.txt breaks section 2.2.3
	ReasonTag         Reason = "bag-info"     // bag-info.txt breaks section 2.2.2
	ReasonTagManifest Reason = "tagmanifest"  // a tag manifest lists what it must not, or omits what it must list
)

// These alone are only ever warnings, or errors of a caller.
const (
	ReasonName    Reason = "name"    // a name not every system can hold
	ReasonLegacy  Reason = "legacy"  // md5sum's asterisk, ./ or blank lines: read, but not strictly valid
	ReasonForm    Reason = "form"    // a manifest and the files differ in Unicode normalization
	ReasonSystem  Reason = "system"  // .DS_Store, Thumbs.db and the like among the payload
	ReasonMore    Reason = "more"    // further findings were left out
	ReasonChanged Reason = "changed" // material differs from the digest or size given for it
)

// Error is what every refusal of this package is, or wraps.
type Error struct {
	Op     string // write, open, read, extract
	File   string // path of the archive or name of the entry, if one is to blame
	Reason Reason
	Detail string
	Err    error // cause, or nil
}

func (e *Error) Error() string {
	s := "bag: " + e.Op
	if e.File != "" {
		s += fmt.Sprintf(" %q", e.File)
	}
	s += ": " + string(e.Reason)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// also joins the error of a Close to the one that led to it.
func also(err, closing error) error {
	if closing == nil {
		return err
	}
	return errors.Join(err, closing)
}

func refuse(file string, r Reason, format string, args ...any) *Error {
	return &Error{Op: "open", File: file, Reason: r, Detail: fmt.Sprintf(format, args...)}
}
