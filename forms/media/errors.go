package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"baosong/forms/media/isobmff"
)

// Problem is why a file cannot be used. It is itself an error: test for one with errors.Is(err, media.Truncated), or
// take it out with errors.AsType[media.Problem](err).
type Problem string

// Error makes a Problem an error.
func (p Problem) Error() string { return string(p) }

// The problems a file can have.
const (
	Truncated   Problem = "file is cut short"
	Corrupt     Problem = "file is damaged"
	TooLarge    Problem = "picture is too large"
	Unsupported Problem = "kind of file is not supported"
	Changed     Problem = "file changed while it was read"
	Unreadable  Problem = "file cannot be read"
	NeedsTool   Problem = "another program is needed"
	Unfinished  Problem = "recording was never finished" // a video without its index
	NotCleaned  Problem = "metadata cannot be removed"
)

// classify gives an error of a decoder or a reader its Problem; one that has a Problem, and cancellation, stay as
// they are.
func classify(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, ok := errors.AsType[Problem](err); ok {
		return err
	}
	p := Corrupt
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, isobmff.ErrTruncated):
		p = Truncated
	case errors.Is(err, isobmff.ErrTooLarge):
		p = TooLarge
	case errors.Is(err, isobmff.ErrNoMovie):
		p = Unfinished
	case isPathError(err):
		p = Unreadable
	}
	return fmt.Errorf("%w: %w", p, err)
}

func isPathError(err error) bool {
	_, ok := errors.AsType[*fs.PathError](err)
	return ok
}
