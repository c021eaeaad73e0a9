package media

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"path/filepath"
)

// Copied is what CopyDigest found while it copied.
type Copied struct {
	Info   Info
	Size   int64
	SHA256 [32]byte
}

// CopyDigest copies the file at path to dst, and in the same pass takes its digest and probes it: this is how a file
// is attached. Progress may be nil. A file whose content is damaged is still copied and digested; ProbeErr says what
// is wrong with it. The returned error is about reading, writing or cancelling; dst is useless then.
func CopyDigest(ctx context.Context, path string, dst io.Writer, progress func(done, total int64)) (c Copied, probeErr, err error) {
	f, before, err := openRegular(path)
	if err != nil {
		return c, nil, fmt.Errorf("attach: %w", err)
	}
	defer f.Close()
	name := filepath.Base(path)
	out := &digester{w: dst, sum: sha256.New()}
	s := source{r: f, size: before.Size()}
	if err := copyPatched(ctx, out, s, nil, progress); err != nil {
		return c, nil, fmt.Errorf("attach %s: %w", name, err)
	}
	// What was read a moment ago comes from memory now.
	c.Info, probeErr = ProbeReader(ctx, f, before.Size(), name)
	if err := unchanged(f, before); err != nil {
		return c, nil, fmt.Errorf("attach %s: %w", name, err)
	}
	c.Size = out.n
	out.sum.Sum(c.SHA256[:0])
	return c, probeErr, nil
}
