//go:build !cgo

package main

// openWindow reports that there is none: Fyne needs cgo.
func openWindow() error { return errNoWindow }
