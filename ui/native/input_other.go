//go:build !windows

package native

import "fyne.io/fyne/v2"

// FollowCaret keeps the input method's windows at the caret. Only Windows needs it.
func FollowCaret(fyne.Window) error { return nil }
