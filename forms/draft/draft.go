package draft

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"baosong/forms"
)

// Draft is one open draft. Answers belong to the goroutine that works on them,
// and so do the methods that read or replace them: Save, Snapshot, Undo, Redo
// and Freeze. All other methods are safe for concurrent use.
type Draft struct {
	ID          string
	NoticeID    string
	NoticeTitle string
	FormVersion string
	// Answers are never nil.
	Answers *forms.Answers
	// Recovery says what opening the draft had to make good.
	Recovery Recovery

	store *Store
	dir   string
	lock  *lock

	writing sync.Mutex // held while writing to disk, and taken before mu
	good    bool       // draft.json is whole
	written int        // the value of changes that is on disk

	mu       sync.Mutex
	doc      doc // as on disk, but for its Answers and History
	hist     history
	changes  int  // counts what is to be written
	loose    bool // the names of some materials are not yet durable
	taken    int  // snapshots taken
	recorded int  // number of the snapshot that hist.now is from
	closed   bool
	goneBack []byte  // the JSON of the answers that Replace put in place last
	before   *before // what they replaced, nil once it is kept on disk
}

// Load opens the draft id and locks it until Close. The error is ErrNoDraft,
// a *LockedError, ErrBroken or ErrNewer, or one of the disk.
func (s *Store) Load(id string) (*Draft, error) {
	if _, err := s.find(id, Live); err != nil {
		return nil, err
	}
	l, err := s.lock(id)
	if err != nil {
		return nil, err
	}
	d, err := s.load(id, l)
	if _, gone := s.find(id, Live); gone != nil {
		err = gone // moved away before it was locked
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("load: %w", err), l.drop())
	}
	return d, nil
}

func (s *Store) load(id string, l *lock) (*Draft, error) {
	dir := s.dir(Live, id)
	c, rec, err := read(dir, id)
	if err != nil {
		return nil, err
	}
	now, err := encodeAnswers(c.Answers)
	if err != nil {
		return nil, err
	}
	// A full disk must not keep anybody from what is on it; others then do not
	// learn who holds the lock.
	if err := diskError(l.sign(s.disk)); err != nil && !errors.Is(err, ErrDiskFull) {
		return nil, fmt.Errorf("draft %s: %w", id, err)
	}
	rec.Interrupted = l.interrupted
	d := &Draft{
		ID: id, NoticeID: c.Notice.ID, NoticeTitle: c.Notice.Title, FormVersion: c.Notice.FormVersion,
		Answers: c.Answers, Recovery: rec,
		store: s, dir: dir, lock: l, good: rec.Broken == nil, doc: c, hist: c.History,
	}
	d.hist.now = now
	d.hist.sane()
	if !d.good {
		d.changes++ // what was recovered is to be written
	}
	d.removeLeftovers()
	return d, nil
}

// Close gives the draft up for others to open. It saves nothing.
func (d *Draft) Close() error {
	d.writing.Lock()
	defer d.writing.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	if err := d.lock.release(); err != nil {
		return fmt.Errorf("close draft %s: %w", d.ID, err)
	}
	return nil
}

// Snapshot is the answers of a draft at one moment. Nobody changes it.
type Snapshot struct {
	number  int
	answers *forms.Answers
}

// Snapshot copies the answers for Write. It touches no disk.
func (d *Draft) Snapshot() *Snapshot {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.taken++
	return &Snapshot{number: d.taken, answers: d.Answers.Clone()}
}

// Save writes the draft, if anything changed since it was last written. The
// error is ErrFrozen if the answers of a submitted draft changed, ErrDiskFull,
// or another one of the disk. Whatever the error, the version on disk is whole.
func (d *Draft) Save() error { return d.Write(d.Snapshot()) }

// Write does what Save does, with the answers of s, from any goroutine. A
// snapshot older than what was already recorded is left out.
func (d *Draft) Write(s *Snapshot) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	now, err := encodeAnswers(s.answers)
	if err == nil {
		err = d.keepReplaced()
	}
	var c doc
	var changes int
	if err == nil {
		c, changes, err = d.record(s, now)
	}
	if err == nil {
		err = d.put(c, changes)
	}
	if err != nil {
		return fmt.Errorf("save draft %s: %w", d.ID, diskError(err))
	}
	return nil
}

// put writes c as the next version, unless all changes it contains are on disk.
func (d *Draft) put(c doc, changes int) error {
	if changes == d.written {
		return nil
	}
	d.mu.Lock()
	d.doc.Serial++ // also if it fails: it may be on disk all the same
	c.Serial, c.Modified = d.doc.Serial, time.Now()
	d.mu.Unlock()
	b, err := c.encode()
	if err != nil {
		return err
	}
	if err := d.settle(); err != nil {
		return err
	}
	if err := putVersion(d.store.disk, d.dir, b, d.good); err != nil {
		return err
	}
	d.good, d.written = true, changes
	d.mu.Lock()
	d.doc.Modified = c.Modified
	d.mu.Unlock()
	return nil
}

// record takes the snapshot s into the history, and returns what there is to
// write, with the count of changes it contains.
func (d *Draft) record(s *Snapshot, now []byte) (doc, int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return doc{}, 0, ErrClosed
	}
	answers := s.answers
	if s.number < d.recorded { // undone, or overtaken, since it was taken
		answers = &forms.Answers{}
		if err := answers.UnmarshalJSON(d.hist.now); err != nil {
			return doc{}, 0, err
		}
	} else if err := d.note(s.number, now); err != nil {
		return doc{}, 0, err
	}
	return d.with(answers), d.changes, nil
}

// with returns the draft as it is to be written with answers.
func (d *Draft) with(answers *forms.Answers) doc {
	c := d.doc
	c.Answers = answers
	c.Materials = slices.Clone(c.Materials)
	c.History = history{Steps: slices.Clone(d.hist.Steps), Next: d.hist.Next}
	return c
}

// note records now, the JSON of the answers in snapshot number.
func (d *Draft) note(number int, now []byte) error {
	if d.doc.State == Submitted {
		if !bytes.Equal(now, d.hist.now) {
			return ErrFrozen
		}
		return nil
	}
	d.recorded = number
	if d.hist.record(now) {
		d.changes++
	}
	return nil
}

// Undo takes the last change of the answers back, also one made before the
// draft was closed and opened again, and reports whether there was one. What
// came between two calls of Snapshot, as the Autosaver makes them, is one
// change. Pointers into Answers are stale afterwards. Save writes the result.
func (d *Draft) Undo() (bool, error) { return d.step((*history).back) }

// Rebase takes the answers as they are, with what was calculated when the draft
// was opened, for what it began with, as long as nothing can be undone: Undo
// never goes back behind them, where calculating anew would be another change.
func (d *Draft) Rebase() error {
	now, err := encodeAnswers(d.Answers)
	if err != nil {
		return fmt.Errorf("draft %s: %w", d.ID, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.doc.State != Submitted && len(d.hist.Steps) == 0 {
		d.hist.now = now
	}
	return nil
}

// Redo makes the change again that Undo took back last, unless another change
// was made since.
func (d *Draft) Redo() (bool, error) { return d.step((*history).forth) }

func (d *Draft) step(move func(*history) bool) (bool, error) {
	now, err := encodeAnswers(d.Answers)
	if err != nil {
		return false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.doc.State == Submitted {
		return false, ErrFrozen
	}
	d.taken++
	if err := d.note(d.taken, now); err != nil {
		return false, err
	}
	tried := d.hist
	if !move(&tried) {
		return false, nil
	}
	var a forms.Answers
	if err := a.UnmarshalJSON(tried.now); err != nil {
		return false, fmt.Errorf("undo in draft %s: %w", d.ID, err)
	}
	d.hist = tried
	d.changes++
	*d.Answers = a
	return true, nil
}

// State returns whether the draft was submitted.
func (d *Draft) State() State {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.doc.State
}

// Submission returns what the draft was submitted as or, before that, what it
// corrects with its number already raised; zero for a first revision not sent.
func (d *Draft) Submission() forms.SubmissionRef {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.doc.Submission
}

// Modified returns when the draft was last written.
func (d *Draft) Modified() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.doc.Modified
}

// Packing is how a draft was packed when it was submitted: packed so again, it
// gives the same packages.
type Packing struct {
	Created   time.Time `json:"created,omitzero"`
	Limit     int64     `json:"limit,omitempty"`     // bytes of files in one message
	PhotoEdge int       `json:"photoEdge,omitempty"` // pixels, 0 for the default
}

// Packing returns how the draft was packed, zero if it was not submitted.
func (d *Draft) Packing() Packing {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.doc.State != Submitted {
		return Packing{}
	}
	return d.doc.Packing
}

// Freeze saves the draft as submitted under ref, packed as p says; nothing of
// it changes any more. A correction can only be frozen as the revision it was
// started for. Freezing again under the same ref does nothing.
func (d *Draft) Freeze(ref forms.SubmissionRef, p Packing) error {
	if ref.ID == "" || ref.Revision < 1 {
		return fmt.Errorf("freeze draft %s: submission %q revision %d", d.ID, ref.ID, ref.Revision)
	}
	if err := d.Save(); err != nil {
		return err
	}
	before := d.Submission()
	switch {
	case d.State() == Submitted && before == ref:
		return nil
	case d.State() == Submitted:
		return fmt.Errorf("draft %s as %s: %w", d.ID, ref, ErrFrozen)
	case before.ID != "" && before != ref:
		return fmt.Errorf("freeze draft %s, which is to be %s, as %s", d.ID, before, ref)
	}
	if err := d.store.vacant(ref, d.ID); err != nil {
		return fmt.Errorf("freeze draft %s: %w", d.ID, err)
	}
	d.setState(Submitted, ref, p)
	if err := d.Save(); err != nil {
		d.setState(Working, before, Packing{})
		return err
	}
	return nil
}

func (d *Draft) setState(s State, ref forms.SubmissionRef, p Packing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.doc.State, d.doc.Submission, d.doc.Packing = s, ref, p
	d.changes++
}

func encodeAnswers(a *forms.Answers) ([]byte, error) {
	b, err := a.MarshalJSON()
	return bytes.TrimSpace(b), err
}
