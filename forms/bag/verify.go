package bag

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"sync"
	"sync/atomic"
)

// workers is two: one reads while the other digests, and the machines this
// runs on have few cores.
const workers = 2

// maxFindings bounds a Result; the last one then says how many more there are.
const maxFindings = 1000

// Finding is one thing wrong with a bag.
type Finding struct {
	File    string // relative to the bag, "" for the bag as a whole
	Reason  Reason
	Detail  string // English, for a log
	Warning bool   // the bag is valid all the same
}

func (f Finding) String() string {
	s := string(f.Reason)
	if f.File != "" {
		s = f.File + ": " + s
	}
	if f.Detail != "" {
		s += ": " + f.Detail
	}
	return s
}

// Result is what Verify found, all of it.
type Result struct {
	// Complete and Valid are those of RFC 8493 section 3. Valid is also false
	// for a zip of ours that was changed in any byte (ReasonAltered).
	Complete, Valid bool
	Findings        []Finding
	Files           int   // payload
	Bytes           int64 // payload
}

// aboutContent reasons leave a bag complete, but not valid.
func aboutContent(r Reason) bool {
	switch r {
	case ReasonChecksum, ReasonCRC, ReasonSize, ReasonCorrupt, ReasonRead, ReasonAltered:
		return true
	}
	return false
}

// Verify checks everything: structure, every checksum of every manifest, the
// CRCs of a zip, Payload-Oxum. Nothing is extracted and nothing is fetched.
// All findings come together; the error is only ever that of ctx. progress,
// which may be nil, gets the bytes read and to read, one call at a time.
func (b *Bag) Verify(ctx context.Context, progress func(done, total int64)) (Result, error) {
	content, err := b.scan(ctx, progress, nil)
	if err != nil {
		return Result{}, fmt.Errorf("bag: verify %q: %w", b.name, err)
	}
	return b.result(append(b.structure(), content...)), nil
}

func (b *Bag) result(all []Finding) Result {
	res := Result{Complete: true, Valid: true}
	for _, f := range b.Files() {
		res.Files++
		res.Bytes += f.Size
	}
	seen := map[Finding]bool{}
	for _, f := range all {
		if seen[f] { // a tag file that cannot be read shows twice
			continue
		}
		seen[f] = true
		if !f.Warning {
			res.Valid = false
			res.Complete = res.Complete && aboutContent(f.Reason)
		}
		res.Findings = append(res.Findings, f)
	}
	// Errors come before warnings, and else the container and the tag files
	// before single files.
	slices.SortStableFunc(res.Findings, func(a, b Finding) int { return cmp.Compare(btoi(a.Warning), btoi(b.Warning)) })
	if more := len(res.Findings) - maxFindings; more > 0 {
		res.Findings = append(res.Findings[:maxFindings], Finding{
			Reason: ReasonMore, Detail: fmt.Sprintf("%d findings left out", more), Warning: res.Valid,
		})
	}
	return res
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// asFinding turns the error of reading one file into a finding.
func asFinding(name string, err error) Finding {
	if e, ok := errors.AsType[*Error](err); ok {
		detail := e.Detail
		if e.Err != nil {
			detail = e.Err.Error()
		}
		return Finding{File: name, Reason: e.Reason, Detail: detail}
	}
	return Finding{File: name, Reason: ReasonRead, Detail: err.Error()}
}

// sink takes the content of a file while it is verified.
type sink func(f *file) (io.WriteCloser, error)

// scanner reads all files of a bag once.
type scanner struct {
	*Bag
	ctx      context.Context
	sink     sink
	mu       sync.Mutex // guards what follows, and calls of progress
	findings []Finding
	done     int64
	total    int64
	progress func(done, total int64)
	err      error // of the sink
}

// scan reads everything once, on two goroutines, and gives what is wrong with
// the content. An error is that of ctx or of the sink.
func (b *Bag) scan(ctx context.Context, progress func(done, total int64), to sink) ([]Finding, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := &scanner{Bag: b, ctx: ctx, progress: progress, sink: to}
	size := int64(512)
	for _, f := range b.list.files {
		s.total += f.size
		size = max(size, f.size)
	}
	size = min(size, 256<<10)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			buf := make([]byte, size)
			for {
				i := int(next.Add(1)) - 1
				if i >= len(b.list.files) || ctx.Err() != nil {
					return
				}
				if err := s.file(b.list.files[i], buf); err != nil {
					s.fail(err)
					stop()
				}
			}
		})
	}
	wg.Wait()
	if s.err != nil {
		return nil, s.err
	}
	slices.SortStableFunc(s.findings, func(a, b Finding) int { return cmp.Compare(a.File, b.File) })
	return s.findings, ctx.Err()
}

func (s *scanner) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

func (s *scanner) found(f Finding) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.findings = append(s.findings, f)
}

func (s *scanner) advance(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done += int64(n)
	if s.progress != nil {
		s.progress(s.done, s.total)
	}
}

// file digests one file and compares. Its error is fatal; what is wrong with
// the file itself becomes a finding.
func (s *scanner) file(f *file, buf []byte) error {
	want := s.rules.listed[f.name]
	hashes := make(map[string]hash.Hash, len(want))
	for _, w := range want {
		if hashes[w.of.alg] == nil {
			hashes[w.of.alg] = w.of.new()
		}
	}
	var out io.WriteCloser
	if s.sink != nil {
		var err error
		if out, err = s.sink(f); err != nil {
			return err
		}
	}
	bad, err := s.copy(f, buf, hashes, out)
	if out != nil {
		err = also(err, out.Close())
	}
	if err != nil {
		return err
	}
	if bad != nil {
		s.found(asFinding(f.name, bad))
		return nil
	}
	for _, w := range want {
		if got := hashes[w.of.alg].Sum(nil); string(got) != w.want {
			s.found(Finding{File: f.name, Reason: ReasonChecksum, Detail: fmt.Sprintf("%s is %x, %s says %x", w.of.alg, got, w.of.name, w.want)})
		}
	}
	return nil
}

// copy reads f to its end into the hashes and out, which may be nil. bad is
// what is wrong with the file, err what is wrong with the copying.
func (s *scanner) copy(f *file, buf []byte, hashes map[string]hash.Hash, out io.Writer) (bad, err error) {
	r, bad := s.src.open(f)
	if bad != nil {
		return bad, nil
	}
	defer func() { bad = also(bad, r.Close()) }()
	for {
		if err := s.ctx.Err(); err != nil {
			return nil, err
		}
		n, rerr := r.Read(buf)
		for _, h := range hashes {
			h.Write(buf[:n])
		}
		if out != nil {
			if _, err := out.Write(buf[:n]); err != nil {
				return nil, err
			}
		}
		s.advance(n)
		if errors.Is(rerr, io.EOF) {
			return nil, nil
		}
		if rerr != nil {
			return rerr, nil
		}
	}
}
