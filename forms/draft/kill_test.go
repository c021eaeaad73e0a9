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
	"sync"
	"testing"
	"time"
)

// go test ./forms/draft -run Kill -v -kills 5000
var kills = flag.Int("kills", 0, "how often the kill test kills; 0 for 500, fewer where starting a process takes long")

const (
	childRoot  = "BAOSONG_TEST_DRAFTS" // makes the test program the child of the kill tests
	childDraft = "BAOSONG_TEST_DRAFT"
	childStep  = "BAOSONG_TEST_STEP" // kill itself at this step; without one, write until killed
	generation = 25                  // kills of one draft, before the next begins with nothing
)

func TestMain(m *testing.M) {
	root, id := os.Getenv(childRoot), os.Getenv(childDraft)
	if root == "" {
		flag.Parse()
		os.Exit(m.Run())
	}
	var err error
	switch step := os.Getenv(childStep); step {
	case "":
		err = writeUntilKilled(root, id)
	case "limited":
		err = writeLimited(root, id)
	default:
		err = writeToStep(root, id, step)
	}
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

// TestKill kills a program that writes a draft, at moments that fall anywhere,
// and opens what it leaves: at least the last state it was told to be saved,
// with all materials.
func TestKill(t *testing.T) {
	t.Parallel()
	total := *kills
	switch {
	case total > 0:
	case runtime.GOOS == "windows": // Wine needs a second for each
		total = 20
	case raceDetector: // starts and runs several times slower, and finds races in few
		total = 60
	default:
		total = 500
	}
	const workers = 4
	var sum tally
	t.Run("workers", func(t *testing.T) {
		for w := range workers {
			t.Run(strconv.Itoa(w), func(t *testing.T) {
				t.Parallel()
				s, err := open(filepath.Join(memory(t), "草稿"), sniff, lazy{})
				must(t, err)
				var id string
				var before int
				for k := w; k < total; k += workers {
					if k/workers%generation == 0 {
						d := newDraft(t, s)
						must(t, d.Close())
						id, before = d.ID, 0
					}
					before = killOnce(t, s, id, before, &sum)
				}
			})
		}
	})
	t.Logf("killed %d times, %d of them while it started; opened %d times with %d materials verified; "+
		"of %d changes told to be saved, 0 lost; of those not yet told, %d at most (%v of typing)",
		sum.kills, sum.early, sum.opens, sum.materials, sum.saved, sum.lost, sum.within.Round(time.Millisecond))
	if sum.kills != total || sum.opens != total || sum.saved == 0 {
		t.Errorf("counted %+v, want %d kills", &sum, total)
	}
}

// tally is the figures of TestKill.
type tally struct {
	mu                                          sync.Mutex
	kills, early, opens, materials, saved, lost int
	within                                      time.Duration // from the first change lost to the kill, at most
}

// killOnce returns how many changes the draft then has, before being how many
// it had.
func killOnce(t *testing.T, s *Store, id string, before int, sum *tally) int {
	t.Helper()
	told, early := runAndKill(t, s.root, id)
	got, materials := countedTo(t, s, id)
	if got < max(told.saved, before) {
		t.Fatalf("%d changes are on disk, and %d were told to be", got, max(told.saved, before))
	}
	sum.mu.Lock()
	defer sum.mu.Unlock()
	sum.kills++
	sum.opens++
	sum.materials += materials
	sum.saved += max(0, told.saved-before)
	if early {
		sum.early++
	}
	if at, lost := told.typed[got+1]; lost {
		sum.lost = max(sum.lost, told.last-got)
		sum.within = max(sum.within, told.typed[told.last]-at)
	}
	return got
}

// countedTo opens the draft as after a crash, checks it, and returns its count
// of entries and how many materials were read and found to be whole.
func countedTo(t *testing.T, s *Store, id string) (entries, materials int) {
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
	return n, len(references(d.Answers).ids)
}

// told is what the writing program told.
type told struct {
	saved, last int // the last change told to be saved, and the last one made
	typed       map[int]time.Duration
}

// runAndKill starts the writing program and kills it a moment later. early
// says that it had not yet opened the draft.
func runAndKill(t *testing.T, root, id string) (_ told, early bool) {
	t.Helper()
	cmd, out := startChild(t, root, id, "")
	r := bufio.NewReader(out)
	var said strings.Builder
	if rand.N(5) > 0 { // and otherwise while it starts
		readUntil(t, r, &said, "ready")
		for range rand.N(2) {
			readUntil(t, r, &said, "saved")
		}
	}
	time.Sleep(rand.N(15 * time.Millisecond))
	must(t, cmd.Process.Kill())
	_, err := io.Copy(&said, r)
	must(t, err)
	if err := cmd.Wait(); err == nil {
		t.Fatalf("the writing program ended by itself: %s", said.String())
	}
	last := told{typed: map[int]time.Duration{}}
	for line := range strings.Lines(said.String()) {
		var n int
		var at time.Duration
		switch {
		case !strings.HasSuffix(line, "\n"): // cut off
		case strings.HasPrefix(line, "error:"):
			t.Fatalf("the writing program failed: %s", line)
		case scan(line, "saved %d", &n):
			last.saved = n
		case scan(line, "typed %d %d", &n, &at):
			last.typed[n], last.last = at, n
		}
	}
	return last, said.Len() == 0
}

// readUntil reads lines into said, up to one that begins with word.
func readUntil(t *testing.T, r *bufio.Reader, said *strings.Builder, word string) {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		said.WriteString(line)
		if err != nil {
			t.Fatalf("%v after %s", err, said)
		}
		if strings.HasPrefix(line, word) {
			return
		}
	}
}

func scan(line, format string, into ...any) bool {
	_, err := fmt.Sscanf(line, format, into...)
	return err == nil
}

func startChild(t *testing.T, root, id, step string) (*exec.Cmd, io.Reader) {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childRoot+"="+root, childDraft+"="+id, childStep+"="+step)
	out, err := cmd.StdoutPipe()
	must(t, err)
	_, err = cmd.StdinPipe() // which ends when this program does
	must(t, err)
	must(t, cmd.Start())
	return cmd, out
}

// writeUntilKilled is the writing program. It works as the window does, only
// faster: each change attaches a file and adds an entry, and the Autosaver
// saves at the times it finds, a hundred times sooner than for a person.
func writeUntilKilled(root, id string) error {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // until the test is gone
		os.Exit(2)
	}()
	s, err := open(root, sniff, lazy{})
	if err != nil {
		return err
	}
	d, err := s.Load(id)
	if err != nil {
		return err
	}
	start, tmp := time.Now(), filepath.Join(root, fmt.Sprintf("source-%d", os.Getpid()))
	if err := os.Mkdir(tmp, 0o700); err != nil {
		return err
	}
	fmt.Println("ready")
	var mu sync.Mutex // the answers' owner
	var taken int
	saver := newAutosaver(d, func(f func()) {
		mu.Lock()
		defer mu.Unlock()
		f()
		taken = d.Answers.Len("entry")
	}, func(err error) {
		if err != nil {
			fmt.Println("error:", err)
		}
		fmt.Println("saved", taken)
	}, quiet/100, longest/100)
	for n := d.Answers.Len("entry") + 1; ; n++ {
		m, err := attachNth(tmp, d, n)
		if err != nil {
			return err
		}
		mu.Lock()
		err = enter(d, n, m)
		mu.Unlock()
		if err != nil {
			return err
		}
		fmt.Println("typed", n, time.Since(start).Nanoseconds())
		saver.Changed()
		if n%7 == 0 {
			time.Sleep(rand.N(2 * quiet / 100))
		}
	}
}

// A draft that another process has open is refused with who that is, and can
// be opened once that process is gone.
func TestDraftOpenInAnotherProcess(t *testing.T) {
	s, err := open(filepath.Join(memory(t), "草稿"), sniff, lazy{})
	must(t, err)
	d := newDraft(t, s)
	must(t, d.Close())
	cmd, out := startChild(t, s.root, d.ID, "")
	r := bufio.NewReader(out)
	var said strings.Builder
	readUntil(t, r, &said, "saved")
	for verb, do := range map[string]func() error{
		"open":    func() error { _, err := s.Load(d.ID); return err },
		"delete":  func() error { return s.Delete(d.ID) },
		"archive": func() error { return s.Archive(d.ID) },
	} {
		le, ok := errors.AsType[*LockedError](do())
		if !ok || runtime.GOOS != "windows" && le.Holder.PID != cmd.Process.Pid || le.Holder.Here() || !le.Holder.Nearby() {
			t.Errorf("%s what another process has open: %v", verb, le)
		}
	}
	list, err := s.List()
	must(t, err)
	if len(list) != 1 || list[0].Held == nil || list[0].Recovery != nil {
		t.Errorf("listed as %+v", list)
	}
	must(t, cmd.Process.Kill())
	_, err = io.Copy(&said, r)
	must(t, err)
	_ = cmd.Wait() // it was killed
	if again := load(t, s, d.ID); !again.Recovery.Interrupted || again.Answers.Len("entry") == 0 {
		t.Errorf("after its end: %+v with %d entries", again.Recovery, again.Answers.Len("entry"))
	}
}

// TestKillAtEachStep lets the writing program kill itself once at each write,
// fsync and rename: half of a write is done. TestPowerCut stops at every other
// step too, within one process.
func TestKillAtEachStep(t *testing.T) {
	t.Parallel()
	root, id := aged(t)
	every := 1
	if runtime.GOOS == "windows" || raceDetector { // as in TestKill
		every = 16
	}
	for at := 1; ; at += every {
		to := copied(t, root, id)
		cmd, out := startChild(t, to, id, strconv.Itoa(at))
		b, err := io.ReadAll(out)
		must(t, err)
		ended := cmd.Wait()
		if strings.Contains(string(b), "error:") {
			t.Fatalf("step %d: %s", at, b)
		}
		saved := kept + 1 + strings.Count(string(b), "saved\n")
		assertLeft(t, to, id, saved, at)
		if ended == nil {
			t.Logf("killed at %d of %d steps, %s; opened each time",
				(at-1)/every, at-1, strings.TrimSpace(string(b[strings.LastIndex(string(b), "map"):])))
			if at < 40 {
				t.Errorf("only %d steps: the disk is passed by", at)
			}
			return
		}
	}
}

// writeToStep does everything once, and kills itself at a step.
func writeToStep(root, id, step string) error {
	at, err := strconv.Atoi(step)
	if err != nil {
		return err
	}
	f := &fault{at: at, kinds: map[string]int{}, unsynced: map[string]bool{}}
	s, err := open(root, sniff, f)
	if err != nil {
		return err
	}
	d, err := s.Load(id)
	if err != nil {
		return err
	}
	if err := everyStep(root, d, func() { fmt.Println("saved") }); err != nil {
		return err
	}
	fmt.Println(f.kinds)
	return nil
}

// die ends the process as a kill from outside does.
func die() {
	p, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		fmt.Println("error:", err)
	}
	select {} // until the system gets to it
}

// attachNth attaches the file of the nth entry, which lies in the folder tmp.
// Some entries share one.
func attachNth(tmp string, d *Draft, n int) (id string, err error) {
	src := filepath.Join(tmp, fmt.Sprintf("%d.txt", n%3))
	text := strings.Repeat(fmt.Sprintf("示例 %s %d\n", d.ID, n%40), 300)
	if err := os.WriteFile(src, []byte(text), 0o600); err != nil {
		return "", err
	}
	m, err := d.Attach(context.Background(), src, nil)
	return m.ID, err
}

// enter adds the nth entry to the answers.
func enter(d *Draft, n int, material string) error {
	p, err := d.Answers.Insert("entry", 0, nil)
	return errors.Join(err, d.Answers.Set(p.Child("file"), material), d.Answers.Set("n", strconv.Itoa(n)))
}
