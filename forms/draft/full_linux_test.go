package draft

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"baosong/forms"
)

// TestDiskReallyFull writes to a file system that has no room left, where this
// user may mount one, until nothing more can be saved: the error says so, the
// draft opens on the full disk with all that was told to be saved, and goes on
// once there is room.
func TestDiskReallyFull(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=800k"); err != nil {
		t.Logf("cannot mount here (%v): a limit on the size of files stands in for a full disk", err)
		limited(t)
		return
	}
	t.Cleanup(func() { must(t, unix.Unmount(dir, 0)) })
	must(t, os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, 360<<10), 0o600))
	s, err := Open(filepath.Join(dir, "草稿"), sniff)
	must(t, err)
	d := newDraft(t, s)
	tmp := t.TempDir()
	saved := 0
	for err == nil {
		if err = grow(tmp, d); err == nil {
			saved++
		}
	}
	if !errors.Is(err, ErrDiskFull) || saved < 10 {
		t.Fatalf("after %d changes: %v", saved, err)
	}
	left := fill(t, filepath.Join(dir, "filler"))
	for range 5 {
		must(t, d.Answers.Set("more", strings.Repeat("字", 9000)))
		if err := d.Save(); !errors.Is(err, ErrDiskFull) {
			t.Fatalf("saving on a full disk: %v", err)
		}
		assertNothingHalf(t, d)
	}
	if _, err := s.Duplicate(d.ID); !errors.Is(err, ErrDiskFull) {
		t.Errorf("duplicating on a full disk: %v", err)
	}
	must(t, d.lock.drop()) // as the system does when the process dies
	left += fill(t, filepath.Join(dir, "filler 2"))
	got, materials := countedTo(t, s, d.ID)
	t.Logf("full after %d changes, the last %d bytes filled up; opened with %d changes and %d materials", saved, left, got, materials)
	if got < saved {
		t.Errorf("%d changes were told to be saved, %d are there", saved, got)
	}
	must(t, os.Remove(filepath.Join(dir, "ballast")))
	again := load(t, s, d.ID)
	must(t, again.Answers.Set("more", "有了空间"))
	must(t, again.Save())
}

// fill takes all the room that is left, and returns how much that was.
func fill(t *testing.T, name string) (n int) {
	t.Helper()
	f, err := os.Create(name)
	must(t, err)
	b := make([]byte, 1024)
	for err == nil {
		var k int
		k, err = f.Write(b)
		n += k
	}
	_ = f.Close()
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return n
}

// limited lets a program write that may not make a file larger than the draft
// has become by then.
func limited(t *testing.T) {
	t.Helper()
	root, id := aged(t)
	cmd, out := startChild(t, root, id, "limited")
	b := make([]byte, 4096)
	n, _ := out.Read(b)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, b[:n])
	}
	s, err := Open(root, sniff)
	must(t, err)
	if got, _ := countedTo(t, s, id); got < kept+1 {
		t.Errorf("%d changes are there, %d were saved", got, kept+1)
	}
}

// writeLimited saves until it cannot any more because of a limit to file sizes.
func writeLimited(root, id string) error {
	signal.Ignore(syscall.SIGXFSZ)
	s, err := Open(root, sniff)
	if err != nil {
		return err
	}
	d, err := s.Load(id)
	if err != nil {
		return err
	}
	info, err := os.Stat(version(d.dir, 0))
	if err != nil {
		return err
	}
	size := uint64(info.Size()) + 1000
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: size}); err != nil {
		return err
	}
	if err := d.Answers.Set("more", strings.Repeat("字", 1000)); err != nil {
		return err
	}
	if err := d.Save(); !errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("saving beyond the limit: %w", err)
	}
	return nil
}

// A worn disk fails while a file is read: that too is a finding, and the other
// materials are examined all the same.
func TestVerifyFindsWhatCannotBeRead(t *testing.T) {
	d := newDraft(t, newStore(t))
	for _, q := range []forms.Path{"bad", "good"} {
		m, err := d.Attach(t.Context(), write(t, string(q)+".txt", strings.TrimPrefix(string(q), "bad")), nil)
		must(t, err)
		must(t, d.Answers.Set(q, m.ID))
	}
	path, err := d.MaterialPath(d.Answers.Get("bad"))
	must(t, err)
	// An ordinary file of no bytes that answers reading with EIO.
	must(t, errors.Join(os.Remove(path), os.Symlink("/proc/self/mem", path)))
	found, err := d.Verify(t.Context(), d.Answers, nil)
	must(t, err)
	if len(found) != 1 || found[0].Path != "bad" || found[0].Code != forms.CodeUnreadable {
		t.Errorf("findings %+v", found)
	}
}
