package post

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"baosong/mailer"
	"baosong/mailer/loopback"
	"baosong/mailer/outbox"
	"baosong/mailer/secret"
)

const wrongCode = "wr0ng-geheim-code"

// leaks are the ways the codes of this test could be written down.
func leaks() (out []string) {
	for _, code := range []string{unitCode, wrongCode} {
		out = append(out, code)
		for _, s := range []string{"\x00" + unitAddr + "\x00" + code, code} {
			out = append(out, strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(s)), "="))
		}
	}
	return out
}

func grep(t *testing.T, what, text string) {
	t.Helper()
	for _, s := range leaks() {
		if strings.Contains(text, s) {
			t.Errorf("%s holds a login code:\n%.500s", what, text)
			return
		}
	}
}

// Login codes are in no file, no error and no crash report, whatever happens
// and even if the server repeats them.
func TestCodesAreNowhere(t *testing.T) {
	keyring.MockInitWithError(errors.New("no store here"))
	s := startServers(t, loopback.Options{})
	d := newDesk(t, s)
	d.Secrets = secret.New(nil)
	err := d.SaveAccount(s.Account(unitAddr), wrongCode)
	if !errors.Is(err, mailer.ErrNotKept) {
		t.Errorf("without a credential store: %v", err)
	}
	said := []any{err}
	all := leaks()
	echo := "535 no such code: " + strings.Join(all[len(all)/2:], " ") // the one it was given
	s.Script(
		loopback.Fault{Step: loopback.Auth, Reply: echo, Times: 2},
		loopback.Fault{Step: loopback.IMAPLogin, Reply: "NO " + echo, Times: 2},
	)
	_, results := d.Try(t.Context(), Proposal{Account: s.Account(unitAddr)}, wrongCode)
	for _, r := range results {
		if !strings.Contains(fmt.Sprint(r.Err()), "no such code") {
			t.Errorf("%s: %v", r.Protocol, r.Err())
		}
		said = append(said, r.Err(), r)
	}
	n, dr := filled(t, d, 400)
	job, err := d.Submit(t.Context(), n, dr, Options{Account: unitAddr}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pass(t, d)
	if job, err = d.Home.Outbox.Get(job.ID); err != nil || job.State() != outbox.Failed {
		t.Fatalf("job %s, %v", job.State(), err)
	}
	_, fetchErr := d.FetchReceipts(t.Context(), unitAddr, nil)
	said = append(said, job, job.Fault().Err(), fetchErr)
	if err := d.SetCode(unitAddr, unitCode); !errors.Is(err, mailer.ErrNotKept) {
		t.Errorf("set code: %v", err)
	}
	pass(t, d)
	if job, err = d.Home.Outbox.Get(job.ID); err != nil || job.State() != outbox.Sent {
		t.Fatalf("job %s: %v, %v", job.State(), job.Fault(), err)
	}
	for _, v := range said {
		b, _ := json.Marshal(v)
		grep(t, "what was said", fmt.Sprintf("%v %+v %#v %s", v, v, v, b))
	}
	grep(t, "the crash report", crash(t, s, d, job))
	grepFolder(t, d.Home.Dir)
}

func grepFolder(t *testing.T, dir string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		grep(t, filepath.Base(path), string(b))
		return err
	})
	if err != nil || files < 5 {
		t.Errorf("%d files looked at, %v", files, err)
	}
}

// crash lets another process panic while it sends, and returns all it printed.
func crash(t *testing.T, s *loopback.Server, d *Desk, job outbox.Job) string {
	t.Helper()
	other := newDesk(t, s)
	copyJob(t, d, other, job)
	state := filepath.Join(other.Home.Dir, "outbox", job.ID, "state.json")
	b, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(state, bytes.ReplaceAll(b, []byte(`"sent"`), []byte(`"queued"`)), 0o600); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(child{filepath.Join(other.Home.Dir, "outbox"), s.Account(unitAddr), unitCode, s.Authority(), true})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), childEnv+"="+string(text), "GOTRACEBACK=all")
	out, err := cmd.CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("示例 crash")) || !bytes.Contains(out, []byte("goroutine")) {
		t.Fatalf("did not crash: %v\n%s", err, out)
	}
	grepFolder(t, other.Home.Dir)
	return string(out)
}
