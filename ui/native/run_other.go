//go:build !windows

package native

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// patience is how long a program that only hands a path on may take to fail. One that goes on longer is the viewer
// itself, and is left to the person.
const patience = 3 * time.Second

func run(program string, args ...string) error {
	cmd := exec.Command(program, args...)
	var failed bytes.Buffer
	cmd.Stderr = &failed
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if _, ok := errors.AsType[*exec.ExitError](err); ok {
			return fmt.Errorf("%w: %s: %s: %w", ErrUnavailable, program, strings.TrimSpace(failed.String()), err)
		}
		return err
	case <-time.After(patience):
		return nil
	}
}

// output runs a program and returns what it prints, at most limit bytes, within patience.
func output(limit int64, program string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	var failed bytes.Buffer
	cmd.Stderr = &failed
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	data, err := io.ReadAll(io.LimitReader(pipe, limit+1))
	if int64(len(data)) > limit {
		cancel()
		err = fmt.Errorf("more than %d bytes: %w", limit, errNoPicture)
	}
	if ended := cmd.Wait(); err == nil && ended != nil {
		err = fmt.Errorf("%w: %s: %s: %w", ErrUnavailable, program, strings.TrimSpace(failed.String()), ended)
	}
	return data, err
}
