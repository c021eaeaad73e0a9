//go:build !linux

package draft

import "errors"

func writeLimited(string, string) error { return errors.ErrUnsupported }
