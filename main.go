// Command baosong (报送) fills in, packs and mails an activity report, and collects
// such reports on the organizer's side. Without a command it opens the window.
package main

import (
	"fmt"
	"io"
	"os"
)

const usage = `用法: baosong            打开窗口
      baosong 命令 …      见 README.md
`

// Exit codes, the same for every command.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	switch {
	case len(args) == 0:
		if err := openWindow(); err != nil {
			fmt.Fprintf(stderr, "baosong: %v\n%s", err, usage)
			return exitFailed
		}
		return exitDone
	case args[0] == "-h" || args[0] == "--help":
		fmt.Fprint(stdout, usage)
		return exitDone
	}
	fmt.Fprintf(stderr, "baosong: unknown command %q\n%s", args[0], usage)
	return exitUsage
}
