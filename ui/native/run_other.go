//go:build !windows

package native

import (
	"bytes"
	"errors"
	"fmt"
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
