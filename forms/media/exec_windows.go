package media

import (
	"os/exec"
	"syscall"
)

const createNoWindow = 0x08000000

// hide keeps a program that writes to a console from opening one.
func hide(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: createNoWindow}
}
