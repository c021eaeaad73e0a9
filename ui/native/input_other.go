//go:build !windows && !darwin

package native

import "fyne.io/fyne/v2"

// FollowCaret sees to it that input methods work in a window. Here nothing needs to be done.
func FollowCaret(fyne.Window) error { return nil }
