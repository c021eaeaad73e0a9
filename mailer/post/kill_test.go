package post

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"baosong/mailer"
	"baosong/mailer/loopback"
	"baosong/mailer/outbox"
	"baosong/mailer/smtp"
)

// child is what a process that sends and is killed has to know.
type child struct {
	Outbox    string
	Account   mailer.Account
	Code      string
	Authority []byte
	Crash     bool // while a message is on its way
}

const childEnv = "BAOSONG_TEST_CHILD"

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		if err := sendAsChild(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func sendAsChild(text string) error {
	var c child
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(c.Authority)
	box, err := outbox.Open(c.Outbox)
	if err != nil {
		return err
	}
	_, err = box.Pass(context.Background(), func(string) (mailer.Sender, error) {
		return smtp.New(c.Account, codes{c.Account.Name: c.Code}, smtp.Options{RootCAs: roots})
	}, func(e outbox.Event) {
		if c.Crash && e.Done > 0 {
			panic("示例 crash")
		}
	})
	return err
}

// A process that is killed within a part or between two leaves an outbox that
// sends what is missing: every part is with the collector, under one Message-ID.
func TestKilledWhileSending(t *testing.T) {
	origin := newDesk(t, startServers(t, loopback.Options{}))
	n, dr := filled(t, origin, 500)
	job, err := origin.Submit(t.Context(), n, dr, Options{Account: unitAddr, Limit: 150_000}, nil)
	if err != nil || len(job.Parts) < 3 {
		t.Fatalf("%d parts, %v", len(job.Parts), err)
	}
	for _, tt := range []struct {
		what  string
		fault loopback.Fault
		sent  int // parts known as sent when it is killed
	}{
		{"before the first part", loopback.Fault{Step: loopback.Connect}, 0},
		{"at the login", loopback.Fault{Step: loopback.Auth, Skip: 1}, 1},
		{"between two parts", loopback.Fault{Step: loopback.Connect, Skip: 1}, 1},
		{"within a part", loopback.Fault{Step: loopback.Body, Skip: 1, Byte: job.Parts[1].Size / 2}, 1},
		{"before the answer, which is lost", loopback.Fault{Step: loopback.Answer, Skip: 2}, 2},
		{"before the answer, taken all the same", loopback.Fault{Step: loopback.Answer, Skip: 2, Kept: true}, 2},
	} {
		t.Run(tt.what, func(t *testing.T) {
			s := startServers(t, loopback.Options{})
			tt.fault.Hang = true
			s.Script(tt.fault)
			d := newDesk(t, s)
			d.Now = origin.Now
			copyJob(t, origin, d, job)
			killChild(t, s, filepath.Join(d.Home.Dir, "outbox"))
			j, err := d.Home.Outbox.Get(job.ID)
			if err != nil {
				t.Fatal(err)
			}
			sent := 0
			for _, p := range j.Parts {
				if p.State == outbox.Sent {
					sent++
				}
			}
			if sent != tt.sent || j.State() == outbox.Failed {
				t.Errorf("killed with %d parts sent, want %d; job %s", sent, tt.sent, j.State())
			}
			pass(t, d)
			if j, err := d.Home.Outbox.Get(job.ID); err != nil || j.State() != outbox.Sent {
				t.Fatalf("job %s, %v", j.State(), err)
			}
			breakage{fault: tt.fault}.collected(t, d, len(job.Parts))
		})
	}
}

// killChild lets another process send until the server hangs, and kills it.
func killChild(t *testing.T, s *loopback.Server, box string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(child{box, s.Account(unitAddr), unitCode, s.Authority(), false})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), childEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for s.Pending() > 0 {
		select {
		case err := <-ended:
			t.Fatalf("the process ended by itself: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
}
