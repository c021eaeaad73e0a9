// Package home is the folder in which the program keeps what it knows:
// settings, notices, drafts, the outbox, what was received, and the ledger.
package home

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"baosong/forms/atomicfile"
	"baosong/forms/draft"
	"baosong/forms/ledger"
	"baosong/mailer"
	"baosong/mailer/outbox"
)

// Home is an opened data folder.
type Home struct {
	Dir     string
	Drafts  *draft.Store
	Outbox  *outbox.Box
	notices fs.FS // built-in ones

	settings sync.Mutex // held while settings.json is changed
}

// Default returns the folder for this user: BAOSONG_HOME if it is set, else
// the place the operating system has for such data.
func Default() (string, error) {
	if dir := os.Getenv("BAOSONG_HOME"); dir != "" {
		return dir, nil
	}
	dir, err := dataDir(runtime.GOOS, os.Getenv)
	if err != nil {
		return "", fmt.Errorf("find the data folder: %w", err)
	}
	return dir, nil
}

func dataDir(goos string, env func(string) string) (string, error) {
	base, name := "", ""
	switch goos {
	case "windows":
		base, name = env("LocalAppData"), "Baosong"
	case "darwin":
		if h := env("HOME"); h != "" {
			base, name = filepath.Join(h, "Library", "Application Support"), "Baosong"
		}
	default:
		base, name = env("XDG_DATA_HOME"), "baosong"
		if h := env("HOME"); base == "" && h != "" {
			base = filepath.Join(h, ".local", "share")
		}
	}
	if base == "" {
		return "", errors.New("this user has none; set BAOSONG_HOME")
	}
	return filepath.Join(base, name), nil
}

// Open opens the folder dir and makes it if there is none. Notices are the
// built-in ones, a folder each; probe reads the metadata of attached files.
func Open(dir string, notices fs.FS, probe draft.Prober) (*Home, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	drafts, err := draft.Open(filepath.Join(dir, "drafts"), probe)
	if err != nil {
		return nil, err
	}
	box, err := outbox.Open(filepath.Join(dir, "outbox"))
	if err != nil {
		return nil, err
	}
	return &Home{Dir: dir, Drafts: drafts, Outbox: box, notices: notices}, nil
}

// Ledger opens the organizer's record; the caller closes it.
func (h *Home) Ledger() (*ledger.Ledger, error) {
	return ledger.Open(filepath.Join(h.Dir, "ledger.db"))
}

// Received is the folder for packages as they came, and what was in them.
func (h *Home) Received() string { return filepath.Join(h.Dir, "received") }

// Settings is what the user chose. The zero Settings is the default.
type Settings struct {
	Language string           `json:"language,omitempty"` // "zh" when empty
	Theme    string           `json:"theme,omitempty"`    // "light", "dark", or "" for the system's
	Scale    int              `json:"scale,omitempty"`    // per cent; 100 when 0
	Accounts []mailer.Account `json:"accounts,omitempty"`
	// Providers are rows of the provider table the user changed or added.
	Providers mailer.Providers `json:"providers,omitempty"`
}

const maxSettings = 1 << 20 // bytes

// Settings reads settings.json; there being none is no error.
func (h *Home) Settings() (Settings, error) {
	var s Settings
	path := h.settingsFile()
	fi, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil && fi.Size() > maxSettings {
		err = fmt.Errorf("%w: %d bytes, at most %d are read", ErrSettings, fi.Size(), maxSettings)
	}
	if err != nil {
		return s, fmt.Errorf("read settings: %w", err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return s, fmt.Errorf("read settings: %w", err)
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return Settings{}, fmt.Errorf("read settings: %w: %w", ErrSettings, err)
	}
	return s, nil
}

func (h *Home) settingsFile() string { return filepath.Join(h.Dir, "settings.json") }

// ErrSettings says that settings.json is damaged: what is in it cannot be understood.
var ErrSettings = errors.New("the settings are damaged")

// DropSettings begins with default settings again. The file with the old ones stays, as settings.json.bad.
func (h *Home) DropSettings() error {
	h.settings.Lock()
	defer h.settings.Unlock()
	if err := os.Rename(h.settingsFile(), h.settingsFile()+".bad"); err != nil {
		return fmt.Errorf("drop settings: %w", err)
	}
	return nil
}

// saveSettings replaces settings.json.
func (h *Home) saveSettings(s Settings) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = atomicfile.WriteBytes(h.settingsFile(), append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	return nil
}

// ErrNoAccount says that there is no account of that name.
var ErrNoAccount = errors.New("no such account")

// Account returns an account by its name.
func (h *Home) Account(name string) (mailer.Account, error) {
	s, err := h.Settings()
	if err != nil {
		return mailer.Account{}, err
	}
	for _, a := range s.Accounts {
		if a.Name == name {
			return a, nil
		}
	}
	return mailer.Account{}, fmt.Errorf("account %q: %w", name, ErrNoAccount)
}

// SaveAccount adds an account, or replaces the one of the same name.
func (h *Home) SaveAccount(a mailer.Account) error {
	return h.Change(func(s *Settings) error {
		if i := slices.IndexFunc(s.Accounts, func(b mailer.Account) bool { return b.Name == a.Name }); i >= 0 {
			s.Accounts[i] = a
		} else {
			s.Accounts = append(s.Accounts, a)
		}
		return nil
	})
}

// RemoveAccount forgets an account.
func (h *Home) RemoveAccount(name string) error {
	return h.Change(func(s *Settings) error {
		n := len(s.Accounts)
		s.Accounts = slices.DeleteFunc(s.Accounts, func(a mailer.Account) bool { return a.Name == name })
		if len(s.Accounts) == n {
			return fmt.Errorf("account %q: %w", name, ErrNoAccount)
		}
		return nil
	})
}

// SaveProvider adds a row to the user's part of the provider table, or
// replaces the one of the same id.
func (h *Home) SaveProvider(p mailer.Provider) error {
	if err := p.Validate(); err != nil {
		return err
	}
	return h.Change(func(s *Settings) error {
		s.Providers = slices.DeleteFunc(s.Providers, func(o mailer.Provider) bool { return o.ID == p.ID })
		s.Providers = append(s.Providers, p)
		return nil
	})
}

// RemoveProvider takes a row of the user's own away; a built-in one of that id
// counts again.
func (h *Home) RemoveProvider(id string) error {
	return h.Change(func(s *Settings) error {
		n := len(s.Providers)
		s.Providers = slices.DeleteFunc(s.Providers, func(o mailer.Provider) bool { return o.ID == id })
		if len(s.Providers) == n {
			return fmt.Errorf("provider %q: %w", id, mailer.ErrNoProvider)
		}
		return nil
	})
}

// Change reads settings.json and replaces it with what do makes of it, unless
// do returns an error. Two changes do not overtake each other.
func (h *Home) Change(do func(*Settings) error) error {
	h.settings.Lock()
	defer h.settings.Unlock()
	s, err := h.Settings()
	if err == nil {
		err = do(&s)
	}
	if err != nil {
		return err
	}
	return h.saveSettings(s)
}
