//go:build !cgo

package main

import "baosong/forms/media"

// openWindow is nil: Fyne needs cgo.
var openWindow func(home, lang string, t media.Tools) error
