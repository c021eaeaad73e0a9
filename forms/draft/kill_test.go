package draft

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// go test ./forms/draft -run Kill -kills 5000
var kills = flag.Int("kills", 0, "how often the kill test kills; 0 for 500, fewer where starting a process takes long")

const (
	childRoot  = "BAOSONG_TEST_DRAFTS" // makes the test program the child of the kill test
	childDraft = "BAOSONG_TEST_DRAFT"
	generation = 25 // kills of one draft, before the next begins with nothing
)

func TestMain(m *testing.M) {
	if root := os.Getenv(childRoot); root != "" {
		if err := writeUntilKilled(root, os.Getenv(childDraft)); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	os.Exit(m.Run())
}

// TestKill kills a program that writes a draft, at moments that fall anywhere,
// and opens what it leaves: the last state it had told to be saved, or the one
// it was just writing, with all materials.
func TestKill(t *testing.T) {
	t.Parallel()
	total := *kills
	switch {
	case total > 0:
	case runtime.GOOS == "windows":
		total = 20
	case raceDetector:
		total = 60
	default:
		total = 500
	}
	const workers = 2
	for w := range workers {
		t.Run(strconv.Itoa(w), func(t *testing.T) {
			t.Parallel()
			s, err := open(filepath.Join(t.TempDir(), "草稿"), sniff, quick())
			must(t, err)
			var id string
			var count int
			for k := w; k < total; k += workers {
				if k/workers%generation == 0 {
					d := newDraft(t, s)
					must(t, d.Close())
					id, count = d.ID, 0
				}
				count = killOnce(t, s, id, count)
			}
		})
	}
}

// killOnce returns how many changes the draft then has, before being how many
// it had.
func killOnce(t *testing.T, s *Store, id string, before int) int {
	t.Helper()
	told, output := runAndKill(t, s.root, id)
	for line := range strings.Lines(output) {
		if strings.HasPrefix(line, "error:") {
			t.Fatalf("the writing program failed: %s", line)
		}
	}
	told = max(told, before)
	got := countedTo(t, s, id)
	if got < told || got > told+1 {
		t.Fatalf("%d changes are on disk, and %d were told to be", got, told)
	}
	return got
}

// countedTo opens the draft as after a crash, checks it and returns its count.
func countedTo(t *testing.T, s *Store, id string) int {
	t.Helper()
	list, err := s.List()
	must(t, err)
	for _, i := range list {
		if i.Problem != nil || i.Held != nil {
			t.Fatalf("in the list: %+v", i)
		}
	}
	d, err := s.Load(id)
	must(t, err)
	found, err := d.Verify(t.Context(), d.Answers, nil)
	must(t, err)
	if len(found) > 0 || d.Recovery.Broken != nil {
		t.Fatalf("opened with %v, recovery %+v", found, d.Recovery)
	}
	n := d.Answers.Len("entry")
	if got := d.Answers.Get("n"); n > 0 && got != strconv.Itoa(n) {
		t.Fatalf("%d entries, but n = %q", n, got)
	}
	must(t, d.Close())
	return n
}

// runAndKill starts the writing program, kills it a moment later, and returns
// the last change it had told to be saved, and all that it told.
func runAndKill(t *testing.T, root, id string) (told int, output string) {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childRoot+"="+root, childDraft+"="+id)
	out, err := cmd.StdoutPipe()
	must(t, err)
	_, err = cmd.StdinPipe() // which ends when this program does
	must(t, err)
	must(t, cmd.Start())

	r := bufio.NewReader(out)
	first := ""
	if rand.N(5) > 0 { // and otherwise while it starts
		first, err = r.ReadString('\n')
		must(t, err)
	}
	time.Sleep(rand.N(15 * time.Millisecond))
	must(t, cmd.Process.Kill())
	rest, err := io.ReadAll(r)
	must(t, err)
	if err := cmd.Wait(); err == nil {
		t.Fatalf("the writing program ended by itself: %s%s", first, rest)
	}
	output = first + string(rest)
	for line := range strings.Lines(output) {
		if n, err := strconv.Atoi(strings.TrimSuffix(line, "\n")); err == nil && strings.HasSuffix(line, "\n") {
			told = n
		}
	}
	return told, output
}

// writeUntilKilled is the writing program. Each change adds an entry with a
// material, most of them new, and is told when it is saved.
func writeUntilKilled(root, id string) error {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until the test is gone
		os.Exit(2)
	}()
	s, err := Open(root, sniff)
	if err != nil {
		return err
	}
	d, err := s.Load(id)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for {
		n := d.Answers.Len("entry") + 1
		src := filepath.Join(root, fmt.Sprintf("source-%d-%d.txt", os.Getpid(), n%3))
		text := strings.Repeat(fmt.Sprintf("示例 %s %d\n", id, n%40), 2000)
		if err := os.WriteFile(src, []byte(text), 0o600); err != nil {
			return err
		}
		m, err := d.Attach(context.Background(), src, nil)
		if err != nil {
			return err
		}
		p, err := d.Answers.Insert("entry", 0, nil)
		if err != nil {
			return err
		}
		err = errors.Join(d.Answers.Set(p.Child("file"), m.ID), d.Answers.Set("n", strconv.Itoa(n)), d.Save(), os.Remove(src))
		if err != nil {
			return err
		}
		fmt.Println(n)
	}
}
