package unit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"baosong/forms/draft"
	"baosong/mailer"
	"baosong/mailer/home"
	"baosong/mailer/outbox"
	"baosong/mailer/post"
	"baosong/ui/kit"
	"baosong/ui/native"
)

// afterwards is the page of a draft that was submitted: how far its messages
// are, its receipt, and what can be done now.
type afterwards struct {
	job     *outbox.Job
	folder  string          // where the messages were handed over to
	laid    []post.HandOver // them, if they are for webmail
	receipt *receipt
	read    bool
	loaded  bool // read has come
	paused  bool
}

func (a *afterwards) objects(p *sendPage) []fyne.CanvasObject {
	e := p.e
	ref := e.draft.Submission()
	out := []fyne.CanvasObject{
		kit.NewHeading(e.words.T("unit.after")),
		kit.NewText(e.words.T("after.submitted", "id", ref.Short(), "n", ref.Revision)),
	}
	if !a.read {
		a.read = true
		a.load(p)
	}
	e.outgoing.Watch(func(m Moved) { a.moved(p, m) })
	last, going := e.outgoing.Moved(ref.String())
	if a.job == nil && going {
		a.job = &last.Job
	}
	if a.folder != "" {
		out = append(out, a.handed(p)...)
	}
	switch {
	case p.stop != nil: // messages are being made again, see save
		out = append(out, p.progress)
	case a.job != nil:
		out = append(out, kit.NewSubheading(e.words.T("after.sending")), p.progress, p.result)
		if !going || last.Job.State() != a.job.State() {
			last = Moved{Event: outbox.Event{Job: *a.job}}
		}
		a.show(p, last)
	default:
		out = append(out, p.result)
		if a.loaded { // handed over, and what became of that is not known here
			out = append(out, a.notSent(p))
		}
	}
	out = append(out, kit.NewSubheading(e.words.T("after.receipt")))
	receipt := kit.NewFinding()
	if a.receipt != nil {
		receipt.Set(a.receipt.level, a.receipt.text)
	} else {
		receipt.Set(kit.Info, e.words.T("after.no-receipt"))
	}
	out = append(out, receipt, kit.NewActions(
		kit.Action{Label: e.words.T("after.fetch"), Icon: theme.DownloadIcon(), Do: func() { a.fetch(p) }},
		kit.Action{Label: e.words.T("after.take"), Icon: theme.FolderOpenIcon(), Do: func() { a.pick(p) }},
	))
	return append(out, kit.NewSubheading(e.words.T("after.next")), kit.NewActions(
		kit.Action{Label: e.words.T("after.correct"), Icon: theme.DocumentCreateIcon(), Do: func() { e.shell.Correct(e.draft.ID, false) }},
		kit.Action{Label: e.words.T("after.print"), Icon: theme.DocumentPrintIcon(), Do: e.OpenDocument},
		kit.Action{Label: e.words.T("after.folder"), Icon: theme.FolderOpenIcon(), Do: func() { a.open(p) }},
		kit.Action{Label: e.words.T("send.eml"), Icon: theme.DocumentSaveIcon(), Do: func() { a.save(p, false) }},
		kit.Action{Label: e.words.T("send.folder"), Icon: theme.StorageIcon(), Do: func() { a.save(p, true) }},
	))
}

// notSent says that this program has sent nothing, and offers to.
func (a *afterwards) notSent(p *sendPage) fyne.CanvasObject {
	e := p.e
	b := kit.NewBanner()
	b.Set(kit.Warning, e.words.T("after.not-sent", "email", e.notice.ReportTo.Email),
		kit.Action{Label: e.words.T("after.send-now"), Icon: theme.MailSendIcon(), Do: func() { a.send(p) }})
	return b
}

// send sends by an account what was handed over before. It is packed the same way, and counts once.
func (a *afterwards) send(p *sendPage) {
	e := p.e
	e.shell.Go(func(context.Context) func() {
		st, err := e.desk.Home.Settings()
		return func() {
			switch {
			case err != nil:
				e.fail(err)
			case len(st.Accounts) == 0:
				p.openAccounts()
			default:
				p.settle(st)
				p.sendNow()
			}
		}
	})
}

// load reads what the outbox and the receipts know of this submission.
func (a *afterwards) load(p *sendPage) {
	e := p.e
	ref := e.draft.Submission().String()
	e.shell.Go(func(ctx context.Context) func() {
		job, err := e.desk.Home.Outbox.Get(ref)
		receipts, rerr := e.shell.readReceipts()
		return func() {
			a.loaded = true
			switch {
			case err == nil && a.job == nil: // what was told since is newer
				a.job = &job
			case err == nil:
			case !errors.Is(err, outbox.ErrNotFound):
				e.fail(err)
			}
			if rerr != nil {
				e.fail(rerr)
			}
			if r, ok := receipts[ref]; ok {
				a.receipt = &r
			}
			if e.current == e.SendPage() {
				e.redraw()
			}
		}
	})
}

// moved shows a step of the outbox, if it is about this submission.
func (a *afterwards) moved(p *sendPage, m Moved) {
	if m.Job.ID != p.e.draft.Submission().String() {
		return
	}
	if a.paused && m.Job.State() == outbox.Sending {
		return // told before it was paused
	}
	was := a.job
	a.job = &m.Job
	switch {
	case p.e.current != p.e.SendPage():
	case was == nil || was.State() != m.Job.State():
		p.e.redraw() // lines come and go
	default:
		a.show(p, m)
	}
}

// show says how far the messages are, with what can be done about it.
func (a *afterwards) show(p *sendPage, m Moved) {
	e := p.e
	state := m.Job.State()
	level, text := e.shell.jobState(m.Job)
	done, total := m.Progress.Done, m.Progress.Total
	if total == 0 {
		done, total = m.Job.Bytes()
	}
	switch state {
	case outbox.Queued, outbox.Sending, outbox.Uncertain:
		p.progress.Show()
		if m.Progress.Left > 0 {
			text = e.words.T("after.left", "state", text, "left", e.span(m.Progress.Left))
		}
		if next := m.Job.Next(); state != outbox.Sending && next.After(e.desk.Now()) && m.Job.Fault() != nil {
			p.result.Set(kit.Warning, e.words.T("after.waiting", "time", next.Local().Format("15:04"), "why", e.words.Error(m.Job.Fault().Err()).String()),
				p.remedies(m.Job.Fault().Err())...)
		} else {
			p.result.Set(kit.None, "")
		}
		p.progress.Set(share(done, total), e.words.T("after.bytes", "state", text, "done", e.words.Size(done), "total", e.words.Size(total)))
		p.progress.SetActions(kit.Action{Label: e.words.T("after.pause"), Icon: theme.MediaPauseIcon(), Do: func() { a.pause(p) }})
	case outbox.Failed:
		p.progress.Hide()
		err := m.Job.Fault().Err()
		p.result.Set(level, e.words.Error(err).String(), p.remedies(err)...)
	case outbox.Cancelled:
		p.progress.Hide()
		p.result.Set(level, text, kit.Action{Label: e.words.T("after.resume"), Icon: theme.MediaPlayIcon(), Primary: true, Do: func() { a.again(p) }})
	default:
		p.progress.Hide()
		p.result.Set(level, text)
	}
}

func share(done, total int64) float64 {
	if total <= 0 {
		return 0
	}
	return min(1, float64(done)/float64(total))
}

// span is a duration as people say it.
func (e *Editor) span(d time.Duration) string {
	if d < time.Minute {
		return e.words.T("after.seconds", "n", int(d.Seconds()))
	}
	return e.words.T("after.minutes", "n", int((d + time.Minute/2).Minutes()))
}

// pause stops sending after what has gone out; again goes on from there.
func (a *afterwards) pause(p *sendPage) {
	a.paused = true
	a.order(p, p.e.desk.Home.Outbox.Cancel, func() {})
}

func (a *afterwards) again(p *sendPage) {
	a.paused = false
	a.order(p, p.e.desk.Home.Outbox.Retry, p.e.desk.Wake) // woken last, so that its news is the last
}

func (a *afterwards) order(p *sendPage, do func(id string) error, then func()) {
	e := p.e
	id := e.draft.Submission().String()
	e.shell.Go(func(context.Context) func() {
		err := do(id)
		job, gerr := e.desk.Home.Outbox.Get(id)
		return func() {
			if err != nil && !errors.Is(err, outbox.ErrSent) {
				e.fail(err)
			}
			if gerr == nil {
				a.moved(p, Moved{Event: outbox.Event{Job: job}})
			}
			then()
		}
	})
}

// save writes the messages of the outbox for another way of sending, as
// handOver does for a draft, and for what never was in the outbox.
func (a *afterwards) save(p *sendPage, folder bool) {
	e := p.e
	if a.job == nil {
		p.handOver(folder)
		return
	}
	id := e.draft.Submission().String()
	title := e.words.T("send.eml")
	if folder {
		title = e.words.T("send.folder")
	}
	e.shell.pick(native.Ask{Kind: native.Folder, Title: title}, func(paths []string) {
		name := e.folderName()
		e.shell.Go(func(ctx context.Context) func() {
			dir := freeName(filepath.Join(paths[0], name))
			var laid []post.HandOver
			var err error
			if folder {
				laid, err = e.desk.SaveFolder(ctx, id, dir)
			} else {
				_, err = e.desk.SaveMessages(ctx, id, dir)
			}
			return func() {
				if err != nil {
					e.fail(err)
					return
				}
				a.folder, a.laid = dir, laid
				e.redraw()
			}
		})
	})
}

// handed shows where the messages were laid out, with their words to copy.
func (a *afterwards) handed(p *sendPage) []fyne.CanvasObject {
	e := p.e
	b := kit.NewBanner()
	b.Set(kit.Success, e.words.T("after.handed-over", "folder", filepath.Base(a.folder), "email", e.notice.ReportTo.Email), e.shell.reveal(a.folder))
	out := []fyne.CanvasObject{b}
	copied := func(text string) func() {
		return func() {
			fyne.CurrentApp().Clipboard().SetContent(text)
			e.tell(kit.Success, e.words.T("after.copied"))
		}
	}
	for _, m := range a.laid {
		out = append(out, kit.NewFileRow(theme.MailComposeIcon(), m.Folder, e.words.T("after.attachments", "n", len(m.Files)), []kit.Action{
			{Label: e.words.T("after.copy-subject"), Icon: theme.ContentCopyIcon(), Do: copied(m.Subject)},
			{Label: e.words.T("after.copy-text"), Icon: theme.ContentCopyIcon(), Do: copied(m.Text)},
		}))
	}
	return out
}

// fetch looks for receipts in the mailbox of the account.
func (a *afterwards) fetch(p *sendPage) {
	e := p.e
	account := p.chosen
	if a.job != nil {
		account = a.job.Account
	}
	fetching := e.words.T("after.fetching")
	e.tell(kit.Info, fetching)
	e.shell.Go(func(ctx context.Context) func() {
		if account == "" {
			if st, err := e.desk.Home.Settings(); err == nil && len(st.Accounts) > 0 {
				account = st.Accounts[0].Name
			}
		}
		n, err := e.desk.FetchReceipts(ctx, account, func(post.Receipt) {})
		return func() {
			e.shell.Toast.Over(fetching)
			if err != nil {
				e.shell.Fail(err, a.fetchRemedies(p, err)...)
				return
			}
			e.tell(kit.Info, e.words.T("after.fetched", "n", n))
			a.load(p)
		}
	})
}

// fetchRemedies are the buttons for what can be done when a mailbox cannot be looked into.
func (a *afterwards) fetchRemedies(p *sendPage, err error) []kit.Action {
	e := p.e
	account := kit.Action{Label: e.words.T("send.to-account"), Icon: theme.AccountIcon(), Do: p.openAccounts}
	again := kit.Action{Label: e.words.T("send.again"), Icon: theme.ViewRefreshIcon(), Do: func() { a.fetch(p) }}
	switch mailer.KindOf(err) {
	case mailer.NoSecret, mailer.Login, mailer.Insecure, mailer.Certificate, mailer.Protocol:
		return []kit.Action{account, again}
	}
	if errors.Is(err, home.ErrNoAccount) {
		return []kit.Action{account}
	}
	return []kit.Action{again}
}

func (a *afterwards) pick(p *sendPage) {
	e := p.e
	e.shell.pick(native.Ask{Kind: native.File, Title: e.words.T("after.take"), Filters: []native.Filter{
		{Name: e.words.T("pick.mail"), Extensions: []string{"eml"}},
	}}, func(paths []string) { a.take(p, paths[0]) })
}

// take reads a receipt from the message it came in.
func (a *afterwards) take(p *sendPage, path string) {
	e := p.e
	e.shell.Go(func(context.Context) func() {
		r, err := e.shell.importReceipt(path)
		return func() {
			if err != nil {
				e.fail(err)
				return
			}
			if r.Submission != e.draft.Submission() {
				e.tell(kit.Info, e.words.T("after.other-receipt", "unit", r.Unit))
			}
			a.load(p)
		}
	})
}

// Take takes in messages that were dropped, and reports whether any was one.
func (e *Editor) Take(paths []string) bool {
	taken := false
	for _, path := range paths {
		if strings.EqualFold(filepath.Ext(path), ".eml") && e.draft.State() == draft.Submitted {
			e.send.after.take(e.send, path)
			taken = true
		}
	}
	return taken
}

// open shows the folder with what was sent.
func (a *afterwards) open(p *sendPage) {
	e := p.e
	folder := a.folder
	if folder == "" {
		folder = filepath.Join(e.desk.Home.Dir, "outbox", e.draft.Submission().String())
	}
	if _, err := os.Stat(folder); err != nil {
		folder = filepath.Join(e.desk.Home.Dir, "drafts", e.draft.ID)
	}
	e.shell.look(native.Reveal, folder)
}
