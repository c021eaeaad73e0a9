// Package cli is the commands: the same use cases as the window, for scripts,
// servers and tests.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"baosong/assets"
	"baosong/forms/draft"
	"baosong/forms/media"
	"baosong/mailer"
	"baosong/mailer/home"
	"baosong/mailer/post"
	"baosong/ui/say"
)

// Exit codes, the same for every command.
const (
	Done    = 0
	Failed  = 1
	Usage   = 2
	Invalid = 3 // the input is invalid, and the findings were printed
)

// Program is what the commands need from outside.
type Program struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Version        string
	Network        post.Network
	Secrets        mailer.SecretStore
	Probe          draft.Prober
	Tools          media.Tools // for photos and videos
	// Window opens the window over a data folder and returns when it is closed. Its lang is empty where the settings
	// say in what language.
	Window func(home, lang string) error
}

// grammar is the command line. Help texts are the texts cli.help.NAME.
type grammar struct {
	Home    string           `help:"${home}" env:"BAOSONG_HOME" placeholder:"DIR"`
	Lang    string           `help:"${lang}" enum:",zh,en" default:""`
	JSON    bool             `help:"${json}"`
	Version kong.VersionFlag `help:"${version_flag}"`

	Window   windowCmd   `cmd:"" default:"1" help:"${window}"`
	Demo     demoCmd     `cmd:"" help:"${demo}"`
	Notice   noticeCmd   `cmd:"" help:"${notice}"`
	Draft    draftCmd    `cmd:"" help:"${draft}"`
	Pack     packCmd     `cmd:"" help:"${pack}"`
	Account  accountCmd  `cmd:"" help:"${account}"`
	Provider providerCmd `cmd:"" help:"${provider}"`
	Send     sendCmd     `cmd:"" help:"${send}"`
	Outbox   outboxCmd   `cmd:"" help:"${outbox}"`
	Verify   verifyCmd   `cmd:"" help:"${verify}"`
	Collect  collectCmd  `cmd:"" help:"${collect}"`
	Ledger   ledgerCmd   `cmd:"" help:"${ledger}"`
	Rollup   rollupCmd   `cmd:"" help:"${rollup}"`
	Receipt  receiptCmd  `cmd:"" help:"${receipt}"`
	Licenses licensesCmd `cmd:"" help:"${licenses}"`
}

// Run carries out one command line and returns its exit code.
func Run(ctx context.Context, args []string, p Program) int {
	words, err := say.Load(assets.Screen(), langOf(args))
	if err != nil {
		fmt.Fprintln(p.Stderr, err)
		return Failed
	}
	words = words.ForCommands()
	if len(args) == 0 && p.Window != nil { // reading the grammar takes a good part of the time until the window shows
		s := &session{ctx: ctx, Program: p, words: words, grammar: &grammar{}}
		return s.finish((&windowCmd{}).Run(s))
	}
	var g grammar
	exited := -1
	parser, err := kong.New(&g, kong.Name("baosong"), kong.Description(words.T("cli.description")),
		helpTexts(words, p.Version), kong.Writers(p.Stdout, p.Stderr), kong.Exit(func(code int) { exited = code }))
	if err != nil {
		fmt.Fprintln(p.Stderr, err)
		return Failed
	}
	call, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintln(p.Stderr, words.T("cli.usage-error", "text", err))
		return Usage
	}
	s := &session{ctx: ctx, Program: p, words: words, grammar: &g}
	return s.finish(call.Run(s))
}

// langOf finds --lang before the command line is read, since the help texts
// depend on it.
func langOf(args []string) string {
	for i, a := range args {
		v, ok := strings.CutPrefix(a, "--lang=")
		if a == "--lang" && i+1 < len(args) {
			v, ok = args[i+1], true
		}
		if ok && v == "en" {
			return v
		}
	}
	return say.Languages[0]
}

// helpTexts gives kong the texts for the names in the grammar's tags.
func helpTexts(w *say.Words, version string) kong.Vars {
	vars := kong.Vars{"version": version}
	for name, text := range w.Under("cli.help.") {
		vars[name] = text
	}
	return vars
}

// session is one command being carried out.
type session struct {
	Program
	ctx     context.Context
	words   *say.Words
	grammar *grammar
	desk    *post.Desk
}

// errInvalid says that the input is invalid and that this was printed.
var errInvalid = errors.New("invalid input")

// errReported says that what failed was printed.
var errReported = errors.New("failed, as printed")

// usageError is a wrong use that the grammar cannot see.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// finish closes what was opened and turns the outcome into an exit code.
func (s *session) finish(err error) int {
	if s.desk != nil {
		err = errors.Join(err, s.desk.Close())
	}
	if err == nil {
		return Done
	}
	if errors.Is(err, errInvalid) {
		return Invalid
	}
	if errors.Is(err, errReported) {
		return Failed
	}
	if e, ok := errors.AsType[usageError](err); ok {
		fmt.Fprintln(s.Stderr, s.words.T("cli.usage-error", "text", e.text))
		return Usage
	}
	advice := s.words.Error(err)
	if s.grammar.JSON {
		_ = s.encode(map[string]any{"error": map[string]string{"what": advice.What, "next": advice.Next, "detail": err.Error()}})
	}
	fmt.Fprintln(s.Stderr, s.words.T("cli.error", "text", advice.String()))
	if s.words.InvalidInput(err) {
		return Invalid
	}
	return Failed
}

// open opens the data folder.
func (s *session) open() (*post.Desk, error) {
	if s.desk != nil {
		return s.desk, nil
	}
	dir := s.grammar.Home
	if dir == "" {
		var err error
		if dir, err = home.Default(); err != nil {
			return nil, err
		}
	}
	d, err := s.openAt(dir)
	s.desk = d
	return d, err
}

func (s *session) openAt(dir string) (*post.Desk, error) {
	h, err := home.Open(dir, assets.Notices(), s.Probe)
	if err != nil {
		return nil, err
	}
	d, err := post.New(h, s.Network, s.Secrets, "baosong "+s.Version)
	if err != nil {
		return nil, err
	}
	d.Tools = s.Tools
	return d, nil
}

// print writes a result: v as one JSON document, or the text.
func (s *session) print(v any, text func(w io.Writer)) error {
	if s.grammar.JSON {
		return s.encode(v)
	}
	text(s.Stdout)
	return nil
}

func (s *session) encode(v any) error {
	enc := json.NewEncoder(s.Stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// note writes a line about how things go on, to stderr.
func (s *session) note(key string, args ...any) {
	fmt.Fprintln(s.Stderr, s.words.T(key, args...))
}

// say returns the text for a key, for the printing functions.
func (s *session) say(key string, args ...any) string { return s.words.T(key, args...) }

type windowCmd struct{}

// Run opens the window.
func (*windowCmd) Run(s *session) error {
	if s.Window == nil {
		return usageError{s.say("cli.no-window")}
	}
	dir := s.grammar.Home
	if dir == "" {
		var err error
		if dir, err = home.Default(); err != nil {
			return err
		}
	}
	return s.Window(dir, s.grammar.Lang)
}
