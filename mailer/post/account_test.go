package post

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"baosong/mailer"
	"baosong/mailer/home"
	"baosong/mailer/imap"
	"baosong/mailer/loopback"
	"baosong/mailer/outbox"
	"baosong/mailer/smtp"
)

const (
	unitAddr      = "unit01@unit.example"
	organizerAddr = "skx303@126.com" // of the built-in notice; on loopback only
	unitCode      = "s3cret-unit-code"
)

// local is a network that reaches only the servers of the test.
type local struct{ *loopback.Server }

func (l local) Sender(a mailer.Account, s mailer.Secrets) (mailer.Sender, error) {
	return smtp.New(a, s, smtp.Options{RootCAs: l.RootCAs()})
}

func (l local) Mailbox(ctx context.Context, a mailer.Account, s mailer.Secrets) (mailer.Mailbox, error) {
	return imap.Open(ctx, a, s, imap.Options{RootCAs: l.RootCAs()})
}

func (local) Rehearse(...string) (Rehearsal, error) { return nil, errors.New("not in a test") }

// codes is a SecretStore in memory.
type codes map[string]string

func (c codes) Secret(a string) (string, error) {
	if c[a] == "" {
		return "", &mailer.Error{Kind: mailer.NoSecret, Step: "login", Host: a}
	}
	return c[a], nil
}

func (c codes) SetSecret(a, code string) error {
	c[a] = code
	return nil
}

func startServers(t testing.TB, opts loopback.Options) *loopback.Server {
	t.Helper()
	opts.Accounts = []loopback.Login{
		{Address: mailer.Address{Name: "示例县科协", Addr: unitAddr}, Code: unitCode},
		{Address: mailer.Address{Name: "示例组织处", Addr: organizerAddr}, Code: "c0llect"},
	}
	s, err := loopback.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// newDesk returns a desk over a fresh folder that knows both accounts.
func newDesk(t testing.TB, s *loopback.Server) *Desk {
	t.Helper()
	d, err := New(openHome(t), local{s}, codes{}, "baosong test")
	if err != nil {
		t.Fatal(err)
	}
	for addr, code := range map[string]string{unitAddr: unitCode, organizerAddr: "c0llect"} {
		if err := d.SaveAccount(s.Account(addr), code); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func closedPort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}

func steps(t Tested) string {
	var out []string
	for _, s := range t.Steps {
		out = append(out, s.Name+" "+string(s.State))
	}
	return strings.Join(out, ", ")
}

// Trying an account names the step that failed, and never logs in again after
// a login was refused.
func TestTryAccount(t *testing.T) {
	const all = "lookup ok, connect ok, tls ok, login ok, mail ok"
	type change = func(p *Proposal, s *loopback.Server)
	fail := func(step loopback.Step, reply string) change {
		return func(_ *Proposal, s *loopback.Server) { s.Script(loopback.Fault{Step: step, Reply: reply}) }
	}
	for _, tt := range []struct {
		what   string
		change change
		code   string
		kind   mailer.Kind
		steps  string
	}{
		{"all is well", func(*Proposal, *loopback.Server) {}, "", "", all},
		{"name", func(p *Proposal, _ *loopback.Server) { p.Account.SMTP.Host = "no-such-host.invalid" }, "", mailer.Lookup, "lookup failed, connect skipped, tls skipped, login skipped, mail skipped"},
		{"port", func(p *Proposal, _ *loopback.Server) { p.Account.SMTP.Port = closedPort(t) }, "", mailer.Connect, "lookup ok, connect failed, tls skipped, login skipped, mail skipped"},
		{"busy", fail(loopback.Connect, "421 busy"), "", mailer.Temporary, "lookup ok, connect failed, tls skipped, login skipped, mail skipped"},
		{"code", func(*Proposal, *loopback.Server) {}, "wr0ng", mailer.Login, "lookup ok, connect ok, tls ok, login failed, mail skipped"},
		{"sender", fail(loopback.Mail, "553 Mail from must equal authorized user"), "", mailer.Refused, "lookup ok, connect ok, tls ok, login ok, mail failed"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			s := startServers(t, loopback.Options{})
			d := newDesk(t, s)
			p := Proposal{Account: s.Account(unitAddr)}
			tt.change(&p, s)
			a, results := d.Try(t.Context(), p, tt.code)
			if got := steps(results[0]); got != tt.steps || mailer.KindOf(results[0].Err()) != tt.kind {
				t.Errorf("SMTP: %s (%v)", got, results[0].Err())
			}
			if tt.kind == "" && a.Size != loopback.DefaultSize {
				t.Errorf("announced size %d", a.Size)
			}
			if tt.code != "" && strings.Contains(fmt.Sprintf("%+v", results), tt.code) {
				t.Errorf("the code is in the result: %+v", results)
			}
			if want := "lookup ok, connect ok, tls ok, login ok"; tt.code == "" && steps(results[1]) != want {
				t.Errorf("IMAP: %s (%v)", steps(results[1]), results[1].Err())
			}
		})
	}
}

// strangers trusts no authority.
type strangers struct{ local }

func (strangers) Sender(a mailer.Account, s mailer.Secrets) (mailer.Sender, error) {
	return smtp.New(a, s, smtp.Options{})
}

func TestTryCertificate(t *testing.T) {
	s := startServers(t, loopback.Options{})
	d := newDesk(t, s)
	d.Network = strangers{local{s}}
	_, results := d.Try(t.Context(), Proposal{Account: s.Account(unitAddr)}, "")
	if got := steps(results[0]); got != "lookup ok, connect ok, tls failed, login skipped, mail skipped" ||
		mailer.KindOf(results[0].Err()) != mailer.Certificate {
		t.Errorf("%s (%v)", got, results[0].Err())
	}
}

// counting counts the logins that are tried.
type counting struct {
	codes
	asked int
}

func (c *counting) Secret(a string) (string, error) {
	c.asked++
	return c.codes.Secret(a)
}

// The servers of a row are tried in order while one cannot be reached, and no
// further once one has refused the login.
func TestTryServersInOrder(t *testing.T) {
	s := startServers(t, loopback.Options{Security: mailer.STARTTLS})
	d := newDesk(t, s)
	good := s.Account(unitAddr)
	closed := good.SMTP
	closed.Port, closed.Security = closedPort(t), mailer.TLS
	p := Proposal{Account: good, Servers: []mailer.Server{closed, good.SMTP}}
	p.Account.SMTP = closed
	a, results := d.Try(t.Context(), p, "")
	if a.SMTP != good.SMTP || results[0].Err() != nil || results[0].Server != good.SMTP {
		t.Errorf("took %+v, %v", a.SMTP, results[0].Err())
	}
	p = Proposal{Account: good, Servers: []mailer.Server{good.SMTP, good.SMTP, good.SMTP}}
	c := &counting{codes: codes{unitAddr: "wr0ng"}}
	d.Secrets = c
	if _, results = d.Try(t.Context(), p, ""); mailer.KindOf(results[0].Err()) != mailer.Login || c.asked != 2 {
		t.Errorf("asked for the code %d times, want once for each protocol; %v", c.asked, results[0].Err())
	}
}

// A saved account is tested with what the table knows, and what worked is kept.
func TestTestAccountKeepsWhatWorked(t *testing.T) {
	s := startServers(t, loopback.Options{Size: 12345678})
	d := newDesk(t, s)
	results, err := d.TestAccount(t.Context(), unitAddr)
	if err != nil || results[0].Err() != nil || results[1].Err() != nil {
		t.Fatal(err, results)
	}
	if a, err := d.Home.Account(unitAddr); err != nil || a.Size != 12345678 {
		t.Errorf("kept size %d, %v", a.Size, err)
	}
	if _, err := d.TestAccount(t.Context(), "nobody"); !errors.Is(err, home.ErrNoAccount) {
		t.Errorf("no account: %v", err)
	}
}

func TestPropose(t *testing.T) {
	d := newDesk(t, startServers(t, loopback.Options{}))
	p, err := d.Propose(mailer.Address{Addr: "a@qq.com"}, "")
	if err != nil || !p.Known || len(p.Servers) != 2 || p.Account.Size != 73400320 || p.Account.Name != "a@qq.com" {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err = d.Propose(mailer.Address{Addr: "a@kx.example"}, "exmail"); err != nil || !p.Known || p.Account.SMTP.Host != "smtp.exmail.qq.com" {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err = d.Propose(mailer.Address{Addr: "a@kx.example"}, "none"); !errors.Is(err, mailer.ErrNoProvider) {
		t.Errorf("%v", err)
	}
	row := p.Provider
	row.ID, row.Own, row.Domains, row.Limit = "kx", false, []string{"kx.example"}, 5_000_000
	if err := d.SaveProvider(row); err != nil {
		t.Fatal(err)
	}
	if p, err = d.Propose(mailer.Address{Addr: "a@kx.example"}, ""); err != nil || !p.Known || p.Account.Limit != 5_000_000 {
		t.Errorf("a row of one's own: %+v, %v", p, err)
	}
	if err := d.RemoveProvider("kx"); err != nil {
		t.Fatal(err)
	}
	if p, err = d.Propose(mailer.Address{Addr: "a@kx.example"}, ""); err != nil || p.Known {
		t.Errorf("after it was removed: %+v, %v", p, err)
	}
	if err := d.RemoveProvider("kx"); !errors.Is(err, mailer.ErrNoProvider) {
		t.Errorf("removed twice: %v", err)
	}
}

// A new code lets go again what stopped for a wrong one, and nothing else.
func TestSetCodeLetsGo(t *testing.T) {
	s := startServers(t, loopback.Options{})
	d := newDesk(t, s)
	d.Secrets = codes{unitAddr: "wr0ng"}
	queueText(t, d, "j1")
	queueText(t, d, "j2")
	pass(t, d)
	for _, id := range []string{"j1", "j2"} {
		if j, err := d.Home.Outbox.Get(id); err != nil || j.State() != outbox.Failed || j.Fault().Kind != mailer.Login {
			t.Fatalf("%s: %s, %v, %v", id, j.State(), j.Fault(), err)
		}
	}
	pass(t, d) // nothing by itself
	if err := d.SetCode(unitAddr, unitCode); err != nil {
		t.Fatal(err)
	}
	pass(t, d)
	for _, id := range []string{"j1", "j2"} {
		if j, err := d.Home.Outbox.Get(id); err != nil || j.State() != outbox.Sent {
			t.Errorf("%s: %s, %v, %v", id, j.State(), j.Fault(), err)
		}
	}
}
