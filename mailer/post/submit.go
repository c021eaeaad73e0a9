package post

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"baosong/forms"
	"baosong/forms/bag"
	"baosong/forms/draft"
	"baosong/forms/submit"
	"baosong/mailer"
	"baosong/mailer/eml"
	"baosong/mailer/outbox"
)

// Options say how a Submission is packed.
type Options struct {
	Limit     int64 // raw bytes of files in one message; 0 for what account and recipient take
	PhotoEdge int   // pixels of a photo's long edge; 0 for the default
	Account   string
	// Answers are planned for in place of the draft's, which may be worked on
	// meanwhile; nil for the draft's.
	Answers *forms.Answers
}

// Progress tells which step is being done and how far it is, in bytes.
type Progress func(step Step, done, total int64)

// Step is a step of Submit.
type Step string

const (
	Packing   Step = "packing"   // photos are scaled and packages built
	Composing Step = "composing" // messages are written
)

// Pack builds the packages of an open draft in a new folder below outDir, or in
// outDir itself when it does not exist yet. It returns an *InvalidError when
// the draft has errors, or the file of a material vanished or changed.
func (d *Desk) Pack(ctx context.Context, n *forms.Notice, dr *draft.Draft, outDir string, opt Options, tell Progress) (*submit.Result, error) {
	res, _, err := d.pack(ctx, n, dr, outDir, opt, tell)
	return res, err
}

// pack does what Pack does, and returns how it was done. A draft that was
// submitted before is packed as it was then.
func (d *Desk) pack(ctx context.Context, n *forms.Notice, dr *draft.Draft, outDir string, opt Options, tell Progress) (res *submit.Result, how draft.Packing, err error) {
	if tell == nil {
		tell = func(Step, int64, int64) {}
	}
	findings, err := d.Check(ctx, n, dr, n.Form.Default)
	if err != nil {
		return nil, how, err
	}
	if forms.HasErrors(findings) {
		return nil, how, &InvalidError{findings}
	}
	in, err := d.input(n, dr, nil)
	if err != nil {
		return nil, how, err
	}
	limit, _, err := d.limit(ctx, n, opt)
	if err != nil {
		return nil, how, err
	}
	how = draft.Packing{Created: in.Created, Limit: limit, PhotoEdge: opt.PhotoEdge}
	if before := dr.Packing(); !before.Created.IsZero() {
		if opt.Limit == 0 && before.Limit <= limit {
			how.Limit = before.Limit
		}
		if opt.PhotoEdge == 0 {
			how.PhotoEdge = before.PhotoEdge
		}
	}
	res, err = submit.Build(ctx, in, outDir, submit.Options{Limit: how.Limit, PhotoEdge: how.PhotoEdge, Tools: d.Tools}, func(done, total int64) {
		tell(Packing, done, total)
	})
	if ctx.Err() != nil {
		return nil, how, errors.Join(err, discard(res))
	}
	// An original that vanished or changed meanwhile is a finding, however far
	// the packing got.
	files, verr := d.verify(ctx, dr, forms.NewChecker(n, dr.Answers.Clone(), d.Env(dr, n.Form.Default)))
	if forms.HasErrors(files) {
		verr = &InvalidError{files}
	}
	if verr != nil {
		return nil, how, errors.Join(verr, discard(res))
	}
	return res, how, err
}

// discard removes packages that must not be sent; there may be none.
func discard(res *submit.Result) (err error) {
	if res == nil {
		return nil
	}
	for _, p := range res.Packages {
		err = errors.Join(err, os.Remove(p.Path))
	}
	return err
}

// input gathers what is packed: only answers to questions that are asked. They
// are the draft's where none are given.
func (d *Desk) input(n *forms.Notice, dr *draft.Draft, answers *forms.Answers) (submit.Input, error) {
	if answers == nil {
		answers = dr.Answers.Clone()
	}
	ref := dr.Submission()
	if ref.ID == "" {
		ref = submit.NewRef()
	}
	checker := forms.NewChecker(n, answers, d.Env(dr, n.Form.Default))
	created := dr.Packing().Created
	if created.IsZero() {
		created = d.Now()
	}
	return submit.Input{
		Notice:    n,
		Answers:   checker.Relevant(),
		Materials: dr.Materials(),
		Open:      dr.OpenMaterial,
		Ref:       ref,
		Created:   created,
		Late:      n.Late(created),
		Program:   d.Program,
	}, nil
}

// Submit packs an open draft, composes its messages, queues them and freezes
// the draft. Nothing is sent yet. Submitting again returns the job there is.
func (d *Desk) Submit(ctx context.Context, n *forms.Notice, dr *draft.Draft, opt Options, tell Progress) (job outbox.Job, err error) {
	if tell == nil {
		tell = func(Step, int64, int64) {}
	}
	if ref := dr.Submission(); dr.State() == draft.Submitted {
		if job, err := d.Home.Outbox.Get(ref.String()); err == nil {
			return job, nil
		}
	}
	a, _, _, err := d.account(opt.Account)
	if err != nil {
		return job, err
	}
	tmp, err := os.MkdirTemp(d.Home.Dir, ".packing-*")
	if err != nil {
		return job, fmt.Errorf("submit: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	res, how, err := d.pack(ctx, n, dr, filepath.Join(tmp, "packages"), opt, tell)
	if err != nil {
		return job, err
	}
	messages, err := d.messages(n, res, a)
	if err != nil {
		return job, err
	}
	var composed int64
	total := res.Size()
	compose := make([]outbox.Compose, len(messages))
	for i, m := range messages {
		compose[i] = func(w io.Writer) (string, error) {
			err := eml.Write(w, m)
			composed += res.Packages[i].Size
			tell(Composing, composed, total)
			return m.MessageID, err
		}
	}
	ref := res.Report.Submission
	job = outbox.Job{
		ID: ref.String(), Title: res.Report.Unit.Name, Account: opt.Account, Created: d.Now(),
		Envelope: mailer.Envelope{From: a.Address.Addr, To: []string{n.ReportTo.Email}},
		About:    map[string]string{"notice": n.ID, "draft": dr.ID, "kind": "submission"},
	}
	return d.Home.Outbox.Add(ctx, job, compose, func() error { return dr.Freeze(ref, how) })
}

// Export packs an open draft and writes its messages as .eml files into a new
// folder dir, for another mail program to send, and freezes the draft.
func (d *Desk) Export(ctx context.Context, n *forms.Notice, dr *draft.Draft, from mailer.Address, dir string, opt Options, tell Progress) (files []string, err error) {
	err = newFolder(dir, func(tmp string) error {
		made, ref, how, err := d.exportMessages(ctx, n, dr, from, tmp, opt, tell)
		if err != nil {
			return err
		}
		for _, f := range made {
			files = append(files, filepath.Join(dir, filepath.Base(f)))
		}
		return dr.Freeze(ref, how)
	})
	return files, err
}

// exportMessages packs an open draft and writes its messages into a folder.
func (d *Desk) exportMessages(ctx context.Context, n *forms.Notice, dr *draft.Draft, from mailer.Address, dir string, opt Options, tell Progress) (files []string, ref forms.SubmissionRef, how draft.Packing, err error) {
	tmp, err := os.MkdirTemp(d.Home.Dir, ".packing-*")
	if err != nil {
		return nil, ref, how, fmt.Errorf("export: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	res, how, err := d.pack(ctx, n, dr, filepath.Join(tmp, "packages"), opt, tell)
	if err != nil {
		return nil, ref, how, err
	}
	messages, err := d.messages(n, res, mailer.Account{Address: from})
	if err != nil {
		return nil, ref, how, err
	}
	for i, m := range messages {
		m.Headers = append(m.Headers, mailer.Header{Name: "X-Unsent", Value: "1"})
		path := filepath.Join(dir, fmt.Sprintf("%04d.eml", i+1))
		if err := writeMessage(path, m); err != nil {
			return nil, ref, how, err
		}
		files = append(files, path)
	}
	return files, res.Report.Submission, how, nil
}

// ErrNoDestination says that a notice names no address to report to. Its other
// contacts are never written to.
var ErrNoDestination = errors.New("the notice names no address to report to")

// messages composes the message of every package.
func (d *Desk) messages(n *forms.Notice, res *submit.Result, a mailer.Account) ([]mailer.Message, error) {
	if _, err := mail.ParseAddress(n.ReportTo.Email); err != nil {
		return nil, fmt.Errorf("compose: %w", ErrNoDestination)
	}
	r := res.Report
	document := documentOf(res)
	out := make([]mailer.Message, 0, len(res.Packages))
	for i, p := range res.Packages {
		data := partData{
			Notice: n, Report: r, Part: i + 1, Parts: len(res.Packages),
			PackageName: filepath.Base(p.Path), PackageSize: p.Size, PackageSHA256: p.SHA256, Items: items(r, i+1),
		}
		attachments := []mailer.Attachment{{
			Name: data.PackageName, MediaType: "application/zip", Size: p.Size,
			Open: func() (io.ReadCloser, error) { return os.Open(p.Path) },
		}}
		if i == 0 && document != nil {
			data.Document = document.Name
			attachments = append([]mailer.Attachment{*document}, attachments...)
		}
		m, err := d.templates.message("part", data)
		if err != nil {
			return nil, fmt.Errorf("compose: %w", err)
		}
		m.From, m.To, m.Attachments, m.Date = a.Address, []mailer.Address{{Name: n.ReportTo.Department, Addr: n.ReportTo.Email}}, attachments, r.Created
		if reply := r.Unit.Email; reply != "" && reply != a.Address.Addr {
			m.ReplyTo = []mailer.Address{{Name: r.Unit.Name, Addr: reply}}
		}
		m.MessageID = messageID(r.Submission, i+1, a.Address.Addr)
		m.Headers = partHeaders(r, i+1, len(res.Packages), p.SHA256)
		out = append(out, m)
	}
	return out, nil
}

func partHeaders(r *forms.Report, part, parts int, digest string) []mailer.Header {
	return []mailer.Header{
		{Name: "X-Baosong-Notice", Value: r.Notice.ID},
		{Name: "X-Baosong-Submission", Value: r.Submission.String()},
		{Name: "X-Baosong-Part", Value: fmt.Sprintf("%d/%d", part, parts)},
		{Name: "X-Baosong-SHA256", Value: digest},
	}
}

// messageID is fixed by what the message carries, so that composing a part
// again gives the id it had.
func messageID(ref forms.SubmissionRef, part int, from string) string {
	_, domain, ok := strings.Cut(from, "@")
	if !ok {
		domain = "baosong.invalid"
	}
	return fmt.Sprintf("%s.p%d@%s", ref, part, domain)
}

// documentOf returns the .docx of the first package as an attachment.
func documentOf(res *submit.Result) *mailer.Attachment {
	i := slices.IndexFunc(res.Documents, func(f submit.Document) bool { return filepath.Ext(f.Name) == ".docx" })
	if i < 0 {
		return nil
	}
	f := res.Documents[i]
	return &mailer.Attachment{
		Name:      filepath.Base(f.Name),
		MediaType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		Size:      f.Size,
		Open:      func() (io.ReadCloser, error) { return openIn(res.Packages[0].Path, f.Name) },
	}
}

// openIn opens one payload file of a package; closing it closes the package.
func openIn(path, name string) (io.ReadCloser, error) {
	b, err := bag.Open(path, bag.DefaultLimits())
	if err != nil {
		return nil, err
	}
	r, err := b.OpenFile(name)
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return inBag{r, b}, nil
}

type inBag struct {
	io.ReadCloser
	bag *bag.Bag
}

func (f inBag) Close() error { return errors.Join(f.ReadCloser.Close(), f.bag.Close()) }
