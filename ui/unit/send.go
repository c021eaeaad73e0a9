package unit

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"baosong/forms"
	"baosong/forms/bag"
	"baosong/forms/draft"
	"baosong/mailer"
	"baosong/mailer/home"
	"baosong/mailer/outbox"
	"baosong/mailer/post"
	"baosong/ui/kit"
	"baosong/ui/native"
)

const rehearsalSender = "rehearsal@unit.example"

// sendPage shows what goes out and where, and sends it; once the draft is
// submitted, how it fared.
type sendPage struct {
	e        *Editor
	accounts []mailer.Account
	chosen   string // name of the account
	adding   bool   // whether the form for a new account is shown
	form     *AccountForm
	plan     *post.Plan
	options  post.Options
	planned  *fyne.Container
	progress *kit.ProgressRow
	result   *kit.Banner
	stop     context.CancelFunc // of the packing that is under way
	after    afterwards

	rehearsing bool
}

func newSendPage(e *Editor) *sendPage {
	return &sendPage{e: e, planned: kit.NewColumn(), result: kit.NewBanner(), progress: kit.NewProgressRow(e.words.T("send.progress"))}
}

// objects draws the page.
func (p *sendPage) objects() []fyne.CanvasObject {
	e := p.e
	if e.draft.State() == draft.Submitted {
		return p.after.objects(p)
	}
	to := e.notice.ReportTo
	out := []fyne.CanvasObject{
		kit.NewHeading(e.words.T("unit.send")),
		kit.NewText(e.words.T("send.goes-to", "department", to.Department, "email", to.Email)),
	}
	if forms.HasErrors(e.checker.Findings()) {
		b := kit.NewBanner()
		b.Set(kit.Error, e.words.T("send.fix-first"), kit.Action{Label: e.words.T("send.to-check"), Primary: true, Do: func() { e.Show(e.CheckPage()) }})
		return append(out, b)
	}
	if e.notice.Late(e.desk.Now()) {
		line := kit.NewFinding()
		line.Set(kit.Warning, e.words.T("send.late"))
		out = append(out, line)
	}
	if p.progress.Visible() && p.stop != nil {
		return append(out, p.progress)
	}
	p.reload()
	return append(out, kit.NewSubheading(e.words.T("send.from")), p.sender(), kit.NewSubheading(e.words.T("send.plan")), p.planned, p.result, p.buttons())
}

// reload reads the accounts and works the plan out.
func (p *sendPage) reload() {
	e := p.e
	e.shell.Go(func(context.Context) func() {
		st, err := e.desk.Home.Settings()
		return func() {
			if err != nil {
				e.fail(err)
				return
			}
			p.settle(st)
		}
	})
}

// settle shows the accounts there are, and plans for the one chosen.
func (p *sendPage) settle(st home.Settings) {
	before, chosen := p.accounts, p.chosen
	p.accounts = st.Accounts
	if !slices.ContainsFunc(p.accounts, func(a mailer.Account) bool { return a.Name == p.chosen }) {
		p.chosen = "" // it was removed
		if len(p.accounts) > 0 {
			p.chosen = p.accounts[0].Name
		}
	}
	same := chosen == p.chosen && slices.EqualFunc(before, p.accounts, func(a, b mailer.Account) bool { return a.Name == b.Name && a.Address == b.Address })
	p.replan(p.options)
	if !same && p.e.current == p.e.SendPage() {
		p.e.draw()
	}
}

// sender is the account to send by, or the form that adds one.
func (p *sendPage) sender() fyne.CanvasObject {
	e := p.e
	if len(p.accounts) == 0 || p.adding {
		if p.form == nil {
			p.form = NewAccountForm(e.shell, e.page, func(a mailer.Account) {
				p.form, p.adding, p.chosen, p.accounts = nil, false, a.Name, append(p.accounts, a)
				e.draw()
			})
		}
		form := kit.NewColumn(kit.NewText(e.words.T("send.add-account")), p.form.Content())
		if len(p.accounts) > 0 {
			form.Add(kit.NewActions(kit.Action{Label: e.words.T("unit.cancel"), Icon: theme.CancelIcon(), Do: func() { p.form, p.adding = nil, false; e.draw() }}))
		}
		return kit.NewPanel(form)
	}
	var options []kit.Option
	for _, a := range p.accounts {
		options = append(options, kit.Option{Value: a.Name, Label: a.Address.Addr})
	}
	choice := kit.NewChoice(options, e.words.T("unit.choose"), func(name string) {
		p.chosen = name
		p.replan(post.Options{})
	})
	choice.SetValue(p.chosen)
	return container.NewBorder(nil, nil, nil, kit.NewActions(
		kit.Action{Label: e.words.T("send.another-account"), Icon: theme.ContentAddIcon(), Do: func() { p.adding = true; e.draw() }},
	), choice)
}

// replan works out how many messages it will be, and shows it.
func (p *sendPage) replan(opt post.Options) {
	e := p.e
	opt.Account, opt.Answers = p.chosen, e.checker.Answers().Clone()
	p.options = opt
	e.shell.Go(func(ctx context.Context) func() {
		plan, err := e.desk.Plan(ctx, e.notice, e.draft, opt)
		return func() {
			if p.options != opt {
				return // planned anew meanwhile
			}
			p.showPlan(plan, err)
		}
	})
}

func (p *sendPage) showPlan(plan post.Plan, err error) {
	e := p.e
	p.planned.Objects = nil
	if err != nil {
		line := kit.NewFinding()
		line.Set(kit.Warning, e.words.Error(err).String())
		p.planned.Add(line)
		e.page.Relayout()
		return
	}
	p.plan = &plan
	n := len(plan.Messages)
	p.planned.Add(kit.NewText(e.words.T("send.planned", "n", n, "size", e.words.Size(plan.Encoded()),
		"limit", e.words.Size(plan.Limit), "by", e.words.T("send.limit."+string(plan.By)))))
	for i, m := range plan.Messages {
		if n > 1 && n <= 12 {
			p.planned.Add(kit.NewMuted(e.words.T("send.message", "n", i+1, "of", n, "files", len(m.Files), "size", e.words.Size(m.Encoded))))
		}
	}
	if plan.Many {
		line := kit.NewFinding()
		line.Set(kit.Warning, e.words.T("send.many"))
		p.planned.Add(line)
	}
	if n > 1 {
		p.planned.Add(kit.NewActions(kit.Action{Label: e.words.T("send.fewer", "n", n-1), Icon: theme.ViewRestoreIcon(), Do: func() { p.fit(n - 1) }}))
	}
	e.page.Relayout()
}

// fit scales photos further until they fit in k messages.
func (p *sendPage) fit(k int) {
	e := p.e
	from := p.options
	e.shell.Go(func(ctx context.Context) func() {
		opt, plan, ok, err := e.desk.FitIn(ctx, e.notice, e.draft, from, k)
		return func() {
			switch {
			case p.options != from: // another account was chosen meanwhile
			case err != nil:
				e.fail(err)
			case !ok:
				e.tell(kit.Warning, e.words.T("send.cannot-fit", "n", k))
			default:
				p.options = opt
				p.showPlan(plan, nil)
				e.tell(kit.Success, e.words.T("send.fits", "n", len(plan.Messages), "edge", opt.PhotoEdge))
			}
		}
	})
}

func (p *sendPage) buttons() fyne.CanvasObject {
	e := p.e
	row := kit.NewActions(
		kit.Action{Label: e.words.T("send.now"), Icon: theme.MailSendIcon(), Primary: true, Do: p.sendNow},
		kit.Action{Label: e.words.T("send.eml"), Icon: theme.DocumentSaveIcon(), Do: func() { p.handOver(false) }},
		kit.Action{Label: e.words.T("send.folder"), Icon: theme.StorageIcon(), Do: func() { p.handOver(true) }},
	)
	rehearse := kit.NewActions(kit.Action{Label: e.words.T("send.rehearse"), Icon: theme.MediaPlayIcon(), Do: p.rehearse})
	return kit.NewColumn(row, widget.NewSeparator(), kit.NewMuted(e.words.T("send.rehearse-hint")), rehearse)
}

// sendNow submits the draft and leaves its messages to the outbox.
func (p *sendPage) sendNow() {
	if p.chosen == "" {
		p.result.Set(kit.Error, p.e.words.T("send.no-account"))
		p.e.page.Relayout()
		return
	}
	p.pack(func(ctx context.Context, tell post.Progress) (func(), error) {
		job, err := p.e.desk.Submit(ctx, p.e.notice, p.e.draft, p.options, tell)
		if err != nil {
			return nil, err
		}
		p.e.desk.Wake()
		return func() { p.after.job = &job }, nil
	})
}

// handOver writes the messages for another way of sending: as .eml files, or as
// a folder for webmail and USB sticks.
func (p *sendPage) handOver(folder bool) {
	e := p.e
	title := e.words.T("send.eml")
	if folder {
		title = e.words.T("send.folder")
	}
	e.shell.pick(native.Ask{Kind: native.Folder, Title: title}, func(paths []string) {
		from, name := p.from(), e.folderName()
		p.pack(func(ctx context.Context, tell post.Progress) (func(), error) {
			dir := freeName(filepath.Join(paths[0], name))
			var laid []post.HandOver
			var err error
			if folder {
				laid, err = e.desk.ExportFolder(ctx, e.notice, e.draft, from, dir, p.options, tell)
			} else {
				_, err = e.desk.Export(ctx, e.notice, e.draft, from, dir, p.options, tell)
			}
			return func() { p.after.folder, p.after.laid = dir, laid }, err
		})
	})
}

// folderName is what the folder with the messages is called.
func (e *Editor) folderName() string {
	return bag.SafeName(e.words.T("send.folder-name", "title", e.notice.ShortTitle, "unit", e.notice.Unit(e.checker.Answers(), "").Name), longName)
}

// from is the address messages are written for: the account's, or the unit's.
func (p *sendPage) from() mailer.Address {
	for _, a := range p.accounts {
		if a.Name == p.chosen {
			return a.Address
		}
	}
	u := p.e.notice.Unit(p.e.draft.Answers, p.e.words.Lang())
	return mailer.Address{Name: u.Name, Addr: u.Email}
}

// pack does the work that submits the draft; the draft is not touched here
// meanwhile.
func (p *sendPage) pack(work func(context.Context, post.Progress) (then func(), err error)) {
	e := p.e
	if e.album.adding != nil { // what comes in while it is packed would not be in it
		e.tell(kit.Warning, e.words.T("send.adding"))
		return
	}
	e.lock(true)
	ctx, stop := context.WithCancel(e.ctx)
	p.stop = stop
	p.progress = kit.NewProgressRow(e.words.T("send.packing"), kit.Action{Label: e.words.T("unit.cancel"), Icon: theme.CancelIcon(), Do: stop})
	e.draw()
	show := e.throttled(p.progress)
	e.busy.Go(func() {
		err := e.saver.Flush(ctx)
		var then func()
		if err == nil {
			then, err = work(ctx, func(step post.Step, done, total int64) { show(done, total, e.words.T("send.step."+string(step))) })
		}
		e.thread.Do(func() {
			stop()
			p.stop = nil
			p.packed(then, err)
		})
	})
}

func (p *sendPage) packed(then func(), err error) {
	e := p.e
	e.lock(e.draft.State() == draft.Submitted)
	p.progress = kit.NewProgressRow(e.words.T("send.progress"))
	invalid, isInvalid := errors.AsType[*post.InvalidError](err)
	switch {
	case errors.Is(err, context.Canceled):
		p.result.Set(kit.Info, e.words.T("send.stopped"))
	case isInvalid:
		known := e.checker.Findings()
		e.check.more = slices.DeleteFunc(invalid.Findings, func(f forms.Finding) bool {
			return slices.ContainsFunc(known, func(k forms.Finding) bool { return k.Path == f.Path && k.Code == f.Code })
		})
		e.Show(e.CheckPage())
		return
	case err != nil:
		p.result.Set(kit.Error, e.words.Error(err).String(), p.remedies(err)...)
	case then != nil:
		then()
	}
	e.redraw() // whatever page is open: it can be worked on again, or no longer
}

// throttled shows a step's progress when it moved by a hundredth.
func (e *Editor) throttled(row *kit.ProgressRow) func(done, total int64, text string) {
	last, step := -1, ""
	return func(done, total int64, text string) {
		fraction := 1.0
		if total > 0 {
			fraction = min(1, float64(done)/float64(total))
		}
		if at := int(fraction * 100); at != last || text != step {
			last, step = at, text
			e.thread.Do(func() { row.Set(fraction, text) })
		}
	}
}

// openAccounts shows the mail accounts, and comes back to this page.
func (p *sendPage) openAccounts() {
	p.e.shell.Accounts(func() {
		p.after.job, p.after.read, p.after.loaded = nil, false, false // an account that was saved sets it going again
		p.e.Show(p.e.SendPage())
	})
}

// remedies are the buttons for what a person can do about an error.
func (p *sendPage) remedies(err error) []kit.Action {
	e := p.e
	account := kit.Action{Label: e.words.T("send.to-account"), Icon: theme.AccountIcon(), Primary: true, Do: p.openAccounts}
	again := kit.Action{Label: e.words.T("send.again"), Icon: theme.ViewRefreshIcon(), Do: func() { p.after.again(p) }}
	save := kit.Action{Label: e.words.T("send.eml"), Icon: theme.DocumentSaveIcon(), Do: func() { p.after.save(p, false) }}
	if e.draft.State() != draft.Submitted {
		again.Do, save.Do = p.sendNow, func() { p.handOver(false) }
	}
	switch mailer.KindOf(err) {
	case mailer.NoSecret, mailer.Login, mailer.Insecure, mailer.Certificate, mailer.Protocol:
		return []kit.Action{account, again, save}
	case mailer.Lookup, mailer.Connect, mailer.Temporary, mailer.Uncertain, mailer.Cancelled:
		return []kit.Action{again, save}
	case mailer.TooLarge: // what was submitted stays; the messages of its next revision are smaller
		smaller := kit.Action{Label: e.words.T("send.smaller"), Icon: theme.ViewRestoreIcon(), Primary: true, Do: func() { e.shell.Correct(e.draft.ID, true) }}
		return []kit.Action{smaller, save}
	case mailer.Refused:
		return []kit.Action{account, save}
	}
	if errors.Is(err, outbox.ErrBusy) || err == nil {
		return nil
	}
	return []kit.Action{again}
}
