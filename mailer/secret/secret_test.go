package secret

import (
	"errors"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"baosong/mailer"
)

func TestKeptInTheCredentialStore(t *testing.T) {
	keyring.MockInit()
	if err := New(nil).SetSecret("a@example.org", "示例授权码"); err != nil {
		t.Fatal(err)
	}
	got, err := New(nil).Secret("a@example.org")
	if err != nil || got != "示例授权码" {
		t.Fatalf("after a restart: %q, %v", got, err)
	}
}

func TestWithoutCredentialStore(t *testing.T) {
	keyring.MockInitWithError(errors.New("no store; code was geheim"))
	asked := 0
	s := New(func(string) (string, error) { asked++; return "geheim", nil })
	for range 2 {
		if got, err := s.Secret("a@example.org"); err != nil || got != "geheim" {
			t.Fatalf("%q, %v", got, err)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times, want once a run", asked)
	}
	err := s.SetSecret("b@example.org", "geheim")
	if !errors.Is(err, mailer.ErrNotKept) || strings.Contains(err.Error(), "geheim") {
		t.Errorf("error = %v", err)
	}
	if got, err := s.Secret("b@example.org"); err != nil || got != "geheim" {
		t.Errorf("for now: %q, %v", got, err)
	}
	_, err = New(nil).Secret("c@example.org")
	if mailer.KindOf(err) != mailer.NoSecret {
		t.Errorf("error = %v, want kind %s", err, mailer.NoSecret)
	}
}

func TestForgotten(t *testing.T) {
	keyring.MockInit()
	s := New(nil)
	if err := s.SetSecret("a@example.org", "geheim"); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSecret("a@example.org", ""); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Store{s, New(nil)} {
		if got, err := s.Secret("a@example.org"); mailer.KindOf(err) != mailer.NoSecret {
			t.Errorf("after it was forgotten: %q, %v", got, err)
		}
	}
}
