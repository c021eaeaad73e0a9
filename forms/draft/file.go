package draft

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"baosong/forms"
)

// format is the format of draft.json as this program writes it.
const (
	format       = "baosong-draft/1"
	formatFamily = "baosong-draft/"
	maxFile      = 64 << 20 // bytes of a draft.json; those in use have well under one million
)

// State says whether a draft can still be changed.
type State string

const (
	Working   State = "draft"     // can be changed
	Submitted State = "submitted" // cannot
)

// doc is a draft as it lies in draft.json.
type doc struct {
	ID         string              `json:"id"`
	Notice     forms.NoticeRef     `json:"notice"`
	Unit       string              `json:"unit,omitempty"` // the question that the name of the unit answers
	Created    time.Time           `json:"created"`
	Modified   time.Time           `json:"modified"`
	Serial     int                 `json:"serial"` // counts the versions written
	State      State               `json:"state"`
	Submission forms.SubmissionRef `json:"submission,omitzero"`
	Packing    Packing             `json:"packing,omitzero"` // of a submitted one
	Answers    *forms.Answers      `json:"answers"`
	Materials  []forms.Material    `json:"materials"`
	History    history             `json:"history"`
	// Emptied says that the draft was purged, and only stands for its Submission.
	Emptied bool `json:"emptied,omitempty"`
}

// envelope guards a doc against what a power cut or a worn disk leaves of it.
type envelope struct {
	Format string          `json:"format"`
	SHA256 string          `json:"sha256"` // of the bytes of Draft
	Draft  json.RawMessage `json:"draft"`
}

func (d doc) encode() ([]byte, error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		return nil, fmt.Errorf("encode draft %s: %w", d.ID, err)
	}
	raw := bytes.TrimSpace(body.Bytes())
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"format":%q,"sha256":%q,"draft":`, format, digest(raw))
	b.Write(raw)
	b.WriteString("}\n")
	if b.Len() > maxFile {
		return nil, fmt.Errorf("encode draft %s: %d bytes are more than a draft can have", d.ID, b.Len())
	}
	return b.Bytes(), nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// decode reads what encode wrote for the draft id. An error that is ErrNewer
// comes from a whole file.
func decode(b []byte, id string) (doc, error) {
	var e envelope
	if err := json.Unmarshal(b, &e); err != nil {
		return doc{}, err
	}
	if e.Format != format {
		if strings.HasPrefix(e.Format, formatFamily) {
			return doc{}, fmt.Errorf("format %s: %w", e.Format, ErrNewer)
		}
		return doc{}, fmt.Errorf("format %q is not a draft's", e.Format)
	}
	if digest(e.Draft) != e.SHA256 {
		return doc{}, errors.New("the content does not match its digest")
	}
	var d doc
	if err := json.Unmarshal(e.Draft, &d); err != nil {
		return doc{}, err
	}
	return d, d.check(id)
}

var (
	materialID  = regexp.MustCompile(`^m-[0-9a-f]{32}$`)
	materialExt = regexp.MustCompile(`^(\.[a-z0-9]{1,10})?$`)
)

// check refuses what this package would not have written, so that nothing in
// the file decides on a path outside the draft.
func (d doc) check(id string) error {
	if d.ID != id {
		return fmt.Errorf("the file is of draft %q", d.ID)
	}
	if d.Answers == nil {
		return errors.New("no answers")
	}
	if d.State != Working && d.State != Submitted {
		return fmt.Errorf("state %q", d.State)
	}
	for _, m := range d.Materials {
		if !materialID.MatchString(m.ID) || !materialExt.MatchString(m.Ext) {
			return fmt.Errorf("material %q%q", m.ID, m.Ext)
		}
	}
	return nil
}

// Recovery says what opening a draft had to make good, for a person to decide
// whether the content is what they expect.
type Recovery struct {
	// Interrupted says that the program ended without closing the draft.
	Interrupted bool
	// From is the file read in place of draft.json, "" if that one was whole.
	From string
	// Saved is when the version that was read had been written.
	Saved time.Time
	// Broken is what is wrong with draft.json, nil if nothing.
	Broken error
}

// read returns the newest whole version of the draft id in dir, and what is
// wrong with draft.json if that is not the one.
func read(dir, id string) (doc, Recovery, error) {
	d, err := readVersion(dir, id, 0)
	if err == nil || errors.Is(err, ErrNewer) {
		return d, Recovery{Saved: d.Modified}, err
	}
	broken := err
	var best doc
	var from string
	for n := 1; n <= replaced; n++ {
		d, err := readVersion(dir, id, n)
		if err == nil && d.Serial > best.Serial {
			best, from = d, filepath.Base(version(dir, n))
		}
	}
	if from == "" {
		return doc{}, Recovery{}, fmt.Errorf("draft %s: %w: %w", id, ErrBroken, broken)
	}
	return best, Recovery{From: from, Saved: best.Modified, Broken: broken}, nil
}

func readVersion(dir, id string, n int) (d doc, err error) {
	f, err := os.Open(version(dir, n))
	if err != nil {
		return doc{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return doc{}, err
	}
	if len(b) > maxFile {
		return doc{}, errors.New("too large")
	}
	return decode(b, id)
}

// missing reports whether the folder of a draft is gone.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// unitName returns the answer to the question of that name or path.
func unitName(a *forms.Answers, question string) string {
	if question == "" || a == nil {
		return ""
	}
	if v := a.Get(forms.Path(question)); v != "" {
		return v
	}
	for _, g := range a.Groups {
		if v := unitName(g, question); v != "" {
			return v
		}
	}
	return ""
}
