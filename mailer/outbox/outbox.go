// Package outbox is the persistent queue of messages on their way out. Every
// message is a file before it is sent, every change of state is on disk before
// the next step, and a message whose fate is unknown is sent again under the
// same Message-ID (RFC 5322, section 3.6.4), so that the other side counts it once.
package outbox

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"baosong/forms/atomicfile"
	"baosong/mailer"
)

var (
	// ErrExists says that a Job with this id is queued already.
	ErrExists = errors.New("already in the outbox")
	// ErrNotFound says that there is no Job with this id.
	ErrNotFound = errors.New("not in the outbox")
	// ErrBusy says that another process is sending from this outbox.
	ErrBusy = errors.New("the outbox is in use by another window or command")
	// ErrWaiting says that a Job is still to be sent and cannot be removed.
	ErrWaiting = errors.New("still waiting to be sent")
	// ErrSent says that a Job has gone out and cannot be cancelled.
	ErrSent = errors.New("already sent")
)

const (
	jobFile   = "submission.json"
	stateFile = "state.json"
	maxJSON   = 4 << 20 // bytes of either file
	newPrefix = ".new-"
)

var validID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,63}$`)

// Box is an outbox in a folder. It is safe for concurrent use; one process at
// a time sends from it.
type Box struct {
	// Now is the clock; time.Now when nil. It is set before the first use.
	Now func() time.Time

	root string
	lock *flock.Flock
	wake chan struct{}

	mu      sync.Mutex // guards state.json of every job, and running
	running map[string]context.CancelFunc
}

// Open makes the folder if there is none.
func Open(root string) (*Box, error) {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, fmt.Errorf("open outbox: %w", err)
	}
	return &Box{
		root: root, lock: flock.New(filepath.Join(root, ".lock")),
		wake: make(chan struct{}, 1), running: map[string]context.CancelFunc{},
	}, nil
}

// Compose writes one message, with CRLF line ends, and returns its Message-ID.
type Compose func(w io.Writer) (messageID string, err error)

// Add writes the messages and queues them as one Job, all or none. It returns
// ErrExists, and changes nothing, when the id is there. Commit, which may be
// nil, is called when everything is on disk and nothing can be seen of it yet;
// its error leaves the outbox as it was.
func (b *Box) Add(ctx context.Context, job Job, messages []Compose, commit func() error) (_ Job, err error) {
	if !validID.MatchString(job.ID) || len(messages) == 0 || len(job.Envelope.To) == 0 {
		return Job{}, fmt.Errorf("queue %q: needs an id of letters, digits and hyphens, a recipient and a message", job.ID)
	}
	if _, err := os.Stat(b.dir(job.ID)); err == nil {
		return Job{}, fmt.Errorf("queue %s: %w", job.ID, ErrExists)
	}
	tmp, err := os.MkdirTemp(b.root, newPrefix+"*")
	if err != nil {
		return Job{}, fmt.Errorf("queue %s: %w", job.ID, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("queue %s: %w", job.ID, err), os.RemoveAll(tmp))
		}
	}()
	if job.Parts, err = writeParts(ctx, tmp, messages); err != nil {
		return Job{}, err
	}
	if err := writeJSON(filepath.Join(tmp, jobFile), job); err != nil {
		return Job{}, err
	}
	if err := writeJSON(filepath.Join(tmp, stateFile), job.Parts); err != nil {
		return Job{}, err
	}
	if commit != nil {
		if err := commit(); err != nil {
			return Job{}, err
		}
	}
	if err := atomicfile.Rename(tmp, b.dir(job.ID)); err != nil {
		return Job{}, err
	}
	return job, atomicfile.SyncDir(b.root)
}

func writeParts(ctx context.Context, dir string, messages []Compose) ([]Part, error) {
	if err := os.Mkdir(filepath.Join(dir, "parts"), 0o755); err != nil {
		return nil, err
	}
	parts := make([]Part, 0, len(messages))
	for i, compose := range messages {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := Part{N: i + 1, State: Queued}
		err := atomicfile.Write(partPath(dir, p.N), func(w io.Writer) (err error) {
			c := &counter{w: w}
			buf := bufio.NewWriterSize(c, 64<<10)
			if p.MessageID, err = compose(buf); err != nil {
				return err
			}
			err = buf.Flush()
			p.Size = c.n
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("message %d: %w", p.N, err)
		}
		parts = append(parts, p)
	}
	return parts, nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// List returns the Jobs, oldest first. A Job that cannot be read is left out
// and named in the error, which then stands beside the others.
func (b *Box) List() ([]Job, error) {
	entries, err := os.ReadDir(b.root)
	if err != nil {
		return nil, fmt.Errorf("list outbox: %w", err)
	}
	var jobs []Job
	var errs []error
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		j, err := b.Get(e.Name())
		if err != nil {
			errs = append(errs, err)
			continue
		}
		jobs = append(jobs, j)
	}
	slices.SortStableFunc(jobs, func(x, y Job) int { return x.Created.Compare(y.Created) })
	return jobs, errors.Join(errs...)
}

// Get returns one Job.
func (b *Box) Get(id string) (Job, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.load(id)
}

func (b *Box) load(id string) (Job, error) {
	var j Job
	if !validID.MatchString(id) {
		return j, fmt.Errorf("outbox %q: %w", id, ErrNotFound)
	}
	err := readJSON(filepath.Join(b.dir(id), jobFile), &j)
	if errors.Is(err, fs.ErrNotExist) {
		return j, fmt.Errorf("outbox %s: %w", id, ErrNotFound)
	}
	if err == nil {
		err = readJSON(filepath.Join(b.dir(id), stateFile), &j.Parts)
	}
	if err == nil && (j.ID != id || len(j.Parts) == 0) {
		err = errors.New("names another job, or no part")
	}
	if err != nil {
		return Job{}, fmt.Errorf("outbox %s: %w", id, err)
	}
	return j, nil
}

// Message opens the nth message (from 1) of a Job.
func (b *Box) Message(id string, n int) (*os.File, error) {
	if !validID.MatchString(id) {
		return nil, fmt.Errorf("outbox %q: %w", id, ErrNotFound)
	}
	f, err := os.Open(partPath(b.dir(id), n))
	if err != nil {
		return nil, fmt.Errorf("outbox %s, message %d: %w", id, n, err)
	}
	return f, nil
}

// Retry queues what failed or was cancelled again, to be tried at once.
func (b *Box) Retry(id string) error {
	return b.update(id, func(j *Job) error {
		for i := range j.Parts {
			p := &j.Parts[i]
			if p.State == Failed || p.State == Cancelled || p.State == Queued || p.State == Uncertain {
				*p = Part{N: p.N, Size: p.Size, MessageID: p.MessageID, State: Queued}
			}
		}
		return nil
	})
}

// Cancel stops a Job, now if it is on its way. Parts that went out stay sent;
// Cancel returns ErrSent when all of them did.
func (b *Box) Cancel(id string) error {
	b.mu.Lock()
	stop := b.running[id]
	b.mu.Unlock()
	if stop != nil {
		stop()
	}
	return b.update(id, func(j *Job) error {
		if j.State() == Sent {
			return ErrSent
		}
		for i := range j.Parts {
			if p := &j.Parts[i]; p.State != Sent {
				p.State, p.Next = Cancelled, time.Time{}
			}
		}
		return nil
	})
}

// Unlock queues again what stopped because an account's login code was wrong or
// missing. It is for when the person has given another.
func (b *Box) Unlock(account string) error {
	jobs, err := b.List()
	for _, j := range jobs {
		f := j.Fault()
		if j.Account != account || j.State() != Failed || f == nil || f.Kind != mailer.Login && f.Kind != mailer.NoSecret {
			continue
		}
		err = errors.Join(err, b.Retry(j.ID))
	}
	return err
}

// Remove takes a Job away with its messages. It returns ErrWaiting for one that
// has not been sent, cancelled or stopped.
func (b *Box) Remove(id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	j, err := b.load(id)
	if err != nil {
		return err
	}
	if s := j.State(); s != Sent && s != Cancelled && s != Failed || b.running[id] != nil {
		return fmt.Errorf("outbox %s: %w", id, ErrWaiting)
	}
	gone := filepath.Join(b.root, newPrefix+"gone-"+id)
	if err := atomicfile.Rename(b.dir(id), gone); err != nil {
		return fmt.Errorf("outbox %s: %w", id, err)
	}
	if err := os.RemoveAll(gone); err != nil {
		return fmt.Errorf("outbox %s: %w", id, err)
	}
	return nil
}

func (b *Box) now() time.Time {
	if b.Now != nil {
		return b.Now()
	}
	return time.Now()
}

// update changes the state of one job on disk.
func (b *Box) update(id string, change func(*Job) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	j, err := b.load(id)
	if err != nil {
		return err
	}
	if err := change(&j); err != nil {
		return fmt.Errorf("outbox %s: %w", id, err)
	}
	if err := writeJSON(filepath.Join(b.dir(id), stateFile), j.Parts); err != nil {
		return fmt.Errorf("outbox %s: %w", id, err)
	}
	return nil
}

func (b *Box) dir(id string) string { return filepath.Join(b.root, id) }

func partPath(dir string, n int) string {
	return filepath.Join(dir, "parts", fmt.Sprintf("%04d.eml", n))
}

func writeJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(path, append(data, '\n'))
}

func readJSON(path string, v any) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	data, err := io.ReadAll(io.LimitReader(f, maxJSON))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return nil
}

// Senders gives the Sender of an account.
type Senders func(account string) (mailer.Sender, error)
