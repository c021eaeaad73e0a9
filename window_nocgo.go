//go:build !cgo

package main

import "errors"

// errNoWindow says that this binary was built without cgo and has only the commands.
var errNoWindow = errors.New("built without a window (CGO_ENABLED=0)")

// openWindow reports that there is none: Fyne needs cgo.
func openWindow() error { return errNoWindow }
