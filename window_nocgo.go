//go:build !cgo

package main

// openWindow is nil: Fyne needs cgo.
var openWindow func(home, lang string) error
