package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"baosong/forms"
	"baosong/forms/atomicfile"
	"baosong/forms/draft"
	"baosong/forms/ledger"
	"baosong/forms/media/sample"
	"baosong/mailer/outbox"
	"baosong/mailer/post"
)

type demoCmd struct {
	Out   string `default:"baosong-demo" help:"${demo_out}" placeholder:"DIR"`
	Units int    `default:"3" help:"${demo_units}" placeholder:"N"`
}

const (
	demoSender = "unit%d@unit.example"
	maxUnits   = 500
)

// demo is one rehearsal of the whole trip on this machine. From three units on
// the first one corrects its report, the second one's mail is sent twice and
// the last one is late.
type demo struct {
	*session
	desk   *post.Desk
	notice *forms.Notice
	out    string
	units  int
	step   int

	photos, videos, errors, warnings, messages int
	bytes                                      int64
}

// Run rehearses the whole trip and leaves what was made in --out.
func (c *demoCmd) Run(s *session) (err error) {
	if c.Units < 1 || c.Units > maxUnits {
		return usageError{fmt.Sprintf("--units 1 … %d", maxUnits)}
	}
	if entries, err := os.ReadDir(c.Out); err == nil && len(entries) > 0 {
		if c.Out, err = os.MkdirTemp(filepath.Dir(c.Out), filepath.Base(c.Out)+"-"); err != nil {
			return err
		}
	}
	d := &demo{session: s, out: c.Out, units: c.Units}
	if d.desk, err = s.openAt(filepath.Join(c.Out, "home")); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.desk.Close()) }()
	for _, step := range []func() error{d.choose, d.fill, d.send, d.collect} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// told prints one step's line and, under --json, nothing: the ledger's figures
// are the document.
func (d *demo) told(key string, args ...any) {
	d.step++
	line := d.say("cli.demo.step", "n", d.step, "text", d.say("cli.demo."+key, args...))
	w := d.Stdout
	if d.grammar.JSON {
		w = d.Stderr
	}
	fmt.Fprintln(w, line)
}

// choose takes the first notice that brings example answers, and starts the servers.
func (d *demo) choose() error {
	all, err := d.desk.Home.Notices()
	if err != nil {
		return err
	}
	for _, n := range all {
		if n.Example != nil {
			d.notice = n
			break
		}
	}
	if d.notice == nil {
		return errors.New("no notice brings example answers")
	}
	d.told("notice", "title", d.notice.Title, "questions", len(questions(d.notice.Form.Questions, "")), "units", d.units)
	addresses := []string{d.notice.ReportTo.Email}
	for i := range d.units {
		addresses = append(addresses, fmt.Sprintf(demoSender, i+1))
	}
	if err := d.desk.Rehearse(addresses...); err != nil {
		return err
	}
	a, err := d.desk.Account(addresses[0])
	if err != nil {
		return err
	}
	d.told("servers", "smtp", serverText(a.SMTP), "imap", serverText(a.IMAP))
	return nil
}

// fill makes a draft for every unit, checks and submits it.
func (d *demo) fill() error {
	for i := range d.units {
		if err := d.fillUnit(i + 1); err != nil {
			return fmt.Errorf("unit %d: %w", i+1, err)
		}
	}
	if d.units >= 3 {
		if err := d.correct(); err != nil {
			return fmt.Errorf("correct: %w", err)
		}
	}
	d.told("filled", "units", d.units, "photos", d.photos, "videos", d.videos)
	d.told("checked", "errors", d.errors, "warnings", d.warnings)
	d.told("packed", "packages", d.messages, "size", d.words.Size(d.bytes))
	return nil
}

// clock sets the time a unit works at: before the deadline but for the last.
func (d *demo) clock(unit int) {
	at := d.notice.Deadline.Add(-time.Duration(d.units+2-unit) * time.Hour)
	if d.units >= 3 && unit == d.units {
		at = d.notice.Deadline.Add(26 * time.Hour)
	}
	d.desk.Now = func() time.Time { return at }
}

func (d *demo) fillUnit(unit int) (err error) {
	d.clock(unit)
	dr, err := d.desk.Home.Drafts.New(d.notice)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dr.Close()) }()
	answers, err := d.answers(dr, unit)
	if err != nil {
		return err
	}
	*dr.Answers = *answers
	c := forms.NewChecker(d.notice, dr.Answers, d.desk.Env(dr, d.words.Lang()))
	_ = c.Findings()
	if err := dr.Save(); err != nil {
		return err
	}
	return d.submit(dr, unit)
}

func (d *demo) submit(dr *draft.Draft, unit int) error {
	found, err := d.desk.Check(d.ctx, d.notice, dr, d.words.Lang())
	if err != nil {
		return err
	}
	for _, f := range found {
		if f.Severity == forms.SeverityError {
			d.errors++
			fmt.Fprintln(d.Stderr, d.say("cli.finding.error", "text", d.words.Where(f)+" "+d.words.Finding(f)))
		} else {
			d.warnings++
		}
	}
	job, err := d.desk.Submit(d.ctx, d.notice, dr, post.Options{Account: fmt.Sprintf(demoSender, unit)}, nil)
	if err != nil {
		return err
	}
	_, size := job.Bytes()
	d.messages += len(job.Parts)
	d.bytes += size
	return nil
}

// answers are the notice's example answers for one unit, with generated photos
// and videos attached where they name some.
func (d *demo) answers(dr *draft.Draft, unit int) (*forms.Answers, error) {
	a := d.notice.Example.Clone()
	var err error
	d.notice.Form.Walk(d.notice.Example, func(q *forms.Question, p forms.Path, v string) {
		if err != nil {
			return
		}
		v = strings.ReplaceAll(v, "{n}", fmt.Sprint(unit))
		if q.Type.Media() {
			v, err = d.attach(dr, unit, v)
		}
		if err == nil {
			err = a.Set(p, v)
		}
	})
	return a, err
}

// attach makes the sample file that a name such as photo:2 stands for.
func (d *demo) attach(dr *draft.Draft, unit int, name string) (string, error) {
	kind, _, _ := strings.Cut(name, ":")
	dir := filepath.Join(d.out, "samples")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	file := filepath.Join(dir, fmt.Sprintf("IMG_%03d_%02d.jpg", unit, d.photos%100))
	write := func(w io.Writer) error {
		return sample.Photo(w, sample.PhotoOptions{
			Index: d.photos + 1, Orientation: d.photos%8 + 1, Taken: d.desk.Now().AddDate(0, 0, -10),
			Location: true, Latitude: 43.8378, Longitude: 126.5494,
		})
	}
	if kind == "video" {
		file = filepath.Join(dir, fmt.Sprintf("VID_%03d_%02d.mp4", unit, d.videos%100))
		write = func(w io.Writer) error { return sample.Video(w, sample.VideoOptions{}) }
		d.videos++
	} else {
		d.photos++
	}
	if err := atomicfile.Write(file, write); err != nil {
		return "", err
	}
	m, err := dr.Attach(d.ctx, file, nil)
	return m.ID, err
}

// correct sends a second revision of the first unit's report.
func (d *demo) correct() (err error) {
	infos, err := d.desk.Home.Drafts.List()
	if err != nil {
		return err
	}
	first := infos[len(infos)-1]
	for _, i := range infos {
		if strings.Contains(i.Title, "1") && i.Modified.Before(first.Modified) {
			first = i
		}
	}
	id, err := d.desk.Home.Drafts.Correct(first.ID)
	if err != nil {
		return err
	}
	d.clock(1)
	dr, err := d.desk.Home.Drafts.Load(id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dr.Close()) }()
	return d.submit(dr, 1)
}

// send empties the outbox into the servers, and hands the second unit's
// messages in a second time, as people do.
func (d *demo) send() error {
	if _, err := d.desk.Send(d.ctx, nil); err != nil {
		return err
	}
	jobs, err := d.desk.Home.Outbox.List()
	if err != nil {
		return err
	}
	sent := 0
	for i, j := range jobs {
		if j.State() != outbox.Sent {
			return fmt.Errorf("job %s is %s: %w", j.ID, j.State(), j.Fault().Err())
		}
		sent += len(j.Parts)
		if i == 1 && d.units >= 3 {
			if err := d.again(j); err != nil {
				return err
			}
			sent += len(j.Parts)
		}
	}
	d.told("mailed", "messages", sent, "size", d.words.Size(d.bytes))
	return nil
}

func (d *demo) again(j outbox.Job) (err error) {
	sender, err := d.desk.Sender(j.Account)
	if err != nil {
		return err
	}
	for _, p := range j.Parts {
		f, err := d.desk.Home.Outbox.Message(j.ID, p.N)
		if err != nil {
			return err
		}
		err = sender.Send(d.ctx, j.Envelope, f, p.Size, nil)
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// collect reads the organizer's mailbox into the ledger and writes the rollup.
func (d *demo) collect() (err error) {
	l, err := d.desk.Home.Ledger()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	sum, err := d.desk.Collect(d.ctx, l, []string{d.notice.ReportTo.Email}, func(f post.Found) {
		if f.Err != nil {
			fmt.Fprintln(d.Stderr, d.foundText(f))
		}
	})
	if err != nil {
		return err
	}
	d.told("collected", "messages", sum.Messages, "fresh", sum.New, "again", sum.Again, "bad", sum.Bad)
	packages, whole := 0, 0
	err = d.desk.Verify(d.ctx, d.desk.Home.Received(), func(v post.Verified) {
		packages++
		if v.Err == nil {
			whole++
		}
	})
	if err != nil {
		return err
	}
	d.told("verified", "packages", packages, "whole", whole)
	return d.finishLedger(d.ctx, l, sum.Bad+packages-whole)
}

func (d *demo) finishLedger(ctx context.Context, l *ledger.Ledger, bad int) error {
	s, err := l.Summary(ctx, d.notice.ID)
	if err != nil {
		return err
	}
	d.told("ledger", "units", s.Units, "deliveries", s.Deliveries, "submissions", s.Submissions,
		"superseded", s.Superseded, "again", s.SentTwice, "late", s.Late)
	file := filepath.Join(d.out, d.say("cli.demo.file"))
	if err := d.desk.Rollup(ctx, l, d.notice, file, d.stateWord); err != nil {
		return err
	}
	d.told("rollup", "file", file)
	d.told("done", "out", d.out)
	if bad > 0 {
		return fmt.Errorf("%d packages are bad", bad)
	}
	if d.grammar.JSON {
		return d.encode(map[string]any{"out": d.out, "rollup": file, "summary": s})
	}
	return nil
}
