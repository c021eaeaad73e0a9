// Package secret keeps login codes: in the operating system's credential store
// where there is one, else in memory for as long as the program runs. They are
// never written to a file, a log or an error.
package secret

import (
	"sync"

	"github.com/zalando/go-keyring"

	"baosong/mailer"
)

const service = "Baosong" // under which the credential store files the codes

// Store is a [mailer.SecretStore]. It is safe for concurrent use.
type Store struct {
	ask func(account string) (string, error)

	mu     sync.Mutex
	memory map[string]string
}

// New returns a Store that asks a person for a code nobody has; ask may be
// nil, and returns "" when the person gives none.
func New(ask func(account string) (string, error)) *Store {
	return &Store{ask: ask, memory: map[string]string{}}
}

// Secret returns the code of an account, or an error of kind NoSecret.
func (s *Store) Secret(account string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if code := s.memory[account]; code != "" {
		return code, nil
	}
	code, err := keyring.Get(service, account)
	if err == nil && code != "" {
		return code, nil
	}
	if s.ask != nil {
		if code, err = s.ask(account); err == nil && code != "" {
			s.memory[account] = code
			return code, nil
		}
	}
	return "", &mailer.Error{Kind: mailer.NoSecret, Step: "login", Host: account}
}

// SetSecret keeps a code, "" to forget it. [mailer.ErrNotKept] is a warning: the
// code is known for now.
func (s *Store) SetSecret(account, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.memory[account] = code
	if code == "" {
		_ = keyring.Delete(service, account) // that there was none is as well
		return nil
	}
	if err := keyring.Set(service, account, code); err != nil {
		return mailer.ErrNotKept // the cause could quote the code
	}
	return nil
}
