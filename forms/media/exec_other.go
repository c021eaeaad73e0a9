//go:build !windows

package media

import "os/exec"

// hide keeps a program that writes to a console from opening one, which happens on Windows only.
func hide(*exec.Cmd) {}
