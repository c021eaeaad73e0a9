// Package submit turns a Draft that is ready into a Submission: the packages
// that fit into messages, and back from packages that arrived to the report
// and its files.
package submit

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"baosong/forms"
	"baosong/forms/media"
)

var (
	// ErrLimit says that not even an empty package fits the limit.
	ErrLimit = errors.New("the size limit is too small for a package")
	// ErrNotOurs says that a bag is whole, but not a package of a report.
	ErrNotOurs = errors.New("not a package of a report")
	// ErrNewer says that a newer version of the program wrote the package.
	ErrNewer = errors.New("the package was written by a newer version of the program")
	// ErrReport says that what report.json says cannot be right.
	ErrReport = errors.New("the report in the package is wrong")
	// ErrMissing says that packages which hold parts of a file are not there.
	ErrMissing = errors.New("packages are missing")
)

// MaterialError says which material could not be packed.
type MaterialError struct {
	Question forms.Path // the answer it belongs to
	Name     string     // its original name
	Err      error
}

func (e *MaterialError) Error() string { return fmt.Sprintf("pack %q: %v", e.Name, e.Err) }

func (e *MaterialError) Unwrap() error { return e.Err }

// Input is what a Submission is made from.
type Input struct {
	Notice *forms.Notice // its Form compiled
	// Answers are what is sent: only those to questions that are asked.
	Answers   *forms.Answers
	Materials map[string]forms.Material // by id; may hold more than the answers do
	// Open opens the original of a material. The file is read by its name too.
	Open    func(id string) (*os.File, error)
	Ref     forms.SubmissionRef
	Created time.Time
	Late    bool
	Program string // name and version
}

// Options say how a Submission is packed.
type Options struct {
	// Limit is how much one message may carry, in bytes of its files; 0 is
	// DefaultLimit, and what no package may be larger than, bag.MaxPackage,
	// bounds it: for a USB stick, say. The first message carries the document
	// twice: in the package and beside it.
	Limit int64
	// PhotoEdge is the longest side of a photo in pixels; 0 is DefaultEdge.
	PhotoEdge int
	// Tools help with kinds of photos that need it.
	Tools media.Tools
}

// DefaultLimit fits, in base64 with its line breaks, a message of 35 MB.
const DefaultLimit int64 = 25_400_000

// DefaultEdge prints at A4 with 220 dots to the inch.
const DefaultEdge = 2560

// NewRef makes the first revision of a new Submission: an id of 80 random bits
// in Crockford's base 32, which has no letters to confuse.
func NewRef() forms.SubmissionRef {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	for i := range b {
		b[i] = letters[b[i]%32]
	}
	return forms.SubmissionRef{ID: string(b), Revision: 1}
}
