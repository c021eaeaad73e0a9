package submit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// WriteDocument writes to w the document that the first package of the report
// would hold, just as Build makes it: for looking at it, and for printing. tmp
// is a folder for the photos on the way; nothing is left in it.
func WriteDocument(ctx context.Context, w io.Writer, in Input, tmp string, opt Options) (err error) {
	s, err := newSubmission(in, opt)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(tmp, ".preview-*")
	if err != nil {
		return fmt.Errorf("write the document: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := s.derive(ctx, dir, func(int64) {}); err != nil {
		return err
	}
	docs, err := s.documents(ctx)
	if err != nil {
		return err
	}
	r, err := docs[0].Open()
	if err != nil {
		return fmt.Errorf("write the document: %w", err)
	}
	if _, err := io.Copy(w, r); err != nil {
		return errors.Join(fmt.Errorf("write the document: %w", err), r.Close())
	}
	return r.Close()
}
