package forms

import (
	"encoding/json"
	"fmt"
	"time"
)

// ReportFormat is the format of report.json as this program writes it.
const ReportFormat = "baosong-report/1"

// SubmissionRef names one Submission: all revisions of one report share an id.
type SubmissionRef struct {
	ID       string `json:"id"`
	Revision int    `json:"revision"` // from 1
}

// String returns the id with the revision, as in Bag-Group-Identifier.
func (r SubmissionRef) String() string { return fmt.Sprintf("%s-r%d", r.ID, r.Revision) }

// Short returns the id as subjects and file names show it.
func (r SubmissionRef) Short() string { return r.ID[:min(len(r.ID), 8)] }

// Report is what report.json says: a Submission in full but for its files.
type Report struct {
	Format     string        `json:"format"`
	Submission SubmissionRef `json:"submission"`
	Created    time.Time     `json:"created"`
	Late       bool          `json:"late,omitempty"` // after the deadline, by the sender's clock
	Notice     NoticeRef     `json:"notice"`
	Unit       Unit          `json:"unit"`
	Answers    *Answers      `json:"answers"`
	Materials  []Packed      `json:"materials"`
	Program    string        `json:"program"` // name and version of the program that wrote it
	// Extra keeps members this version does not know, so that they survive.
	Extra map[string]json.RawMessage `json:"-"`
}

// NoticeRef names a Notice and the version of its form.
type NoticeRef struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	FormVersion string `json:"formVersion"`
}

// Unit is who reports, as the Roles of the Notice find it in the Answers.
type Unit struct {
	Name   string `json:"name"`
	Kind   string `json:"kind,omitempty"` // label of the choice
	Person string `json:"person,omitempty"`
	Phone  string `json:"phone,omitempty"`
	Email  string `json:"email,omitempty"`
}

// Packed is a Material as it lies in the packages of a Submission.
type Packed struct {
	ID       string  `json:"id"`
	Question Path    `json:"question"` // the answer it belongs to
	File     string  `json:"file"`     // path in the bag, such as data/图片/0101-说明.jpg
	Part     int     `json:"part"`     // package it lies in, from 1; the first one for pieces
	Pieces   []Piece `json:"pieces,omitempty"`
	Caption  string  `json:"caption,omitempty"`
	Name     string  `json:"name"` // original name
	MIME     string  `json:"mime"`
	Size     int64   `json:"size"`   // bytes as packed
	SHA256   string  `json:"sha256"` // as packed and whole, in hexadecimal
	Width    int     `json:"width,omitempty"`
	Height   int     `json:"height,omitempty"`
	Duration float64 `json:"duration,omitempty"` // seconds

	Taken time.Time `json:"taken,omitzero"`
	// Removed lists what metadata was taken out, such as location.
	Removed []string `json:"removed,omitempty"`
	// Original is the digest of the file before it was scaled and cleaned.
	Original string `json:"original,omitempty"`
}

// Piece is one of the consecutive pieces of a file too large for one message.
type Piece struct {
	File   string `json:"file"`
	Part   int    `json:"part"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}
