package unit

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"baosong/forms"
	"baosong/forms/atomicfile"
	"baosong/forms/draft"
	"baosong/forms/xlsform"
	"baosong/mailer/outbox"
	"baosong/ui/kit"
)

// Start is the page the program opens with: what is asked, what is being
// worked on, what was sent.
type Start struct {
	*Shell
	page   *kit.Page
	banner *kit.Banner
	folded bool
	stock  stock
	reads  int // how often it was read anew
	begin  func(*forms.Notice)
}

// stock is what the page shows, as it is on disk.
type stock struct {
	notices  []*forms.Notice
	drafts   []draft.Info
	aside    []draft.Info
	jobs     map[string]outbox.Job // by draft
	receipts map[string]receipt    // by submission
	latest   map[string]int        // revision that was submitted, by the id of a submission
	err      error
}

// NewStart returns the page, which begin leaves for the draft of a notice.
func NewStart(s *Shell, begin func(*forms.Notice)) *Start {
	p := &Start{Shell: s, page: kit.NewPage(), banner: kit.NewBanner(), folded: true, begin: begin}
	p.page.SetObjects(kit.NewHeading(s.T("start.title")), kit.NewMuted(s.T("start.reading")))
	p.Reload()
	return p
}

// Content is what the window shows.
func (p *Start) Content() fyne.CanvasObject { return p.page }

// Reload reads what there is and shows it.
func (p *Start) Reload() {
	p.reads++
	mine := p.reads
	p.Go(func(context.Context) func() {
		got := p.read()
		return func() {
			if mine != p.reads {
				return // a later one knows better
			}
			p.stock = got
			p.draw()
		}
	})
}

func (p *Start) read() stock {
	s := stock{jobs: map[string]outbox.Job{}, receipts: map[string]receipt{}, latest: map[string]int{}}
	var errs [5]error
	var jobs []outbox.Job
	s.notices, errs[0] = p.Desk.Home.Notices()
	s.drafts, errs[1] = p.Desk.Home.Drafts.List(draft.Live)
	s.aside, errs[2] = p.Desk.Home.Drafts.List(draft.Archived, draft.Bin)
	jobs, errs[3] = p.Desk.Home.Outbox.List()
	for _, j := range jobs {
		s.jobs[j.About["draft"]] = j
	}
	for _, i := range slices.Concat(s.drafts, s.aside) {
		if i.State == draft.Submitted {
			s.latest[i.Submission.ID] = max(s.latest[i.Submission.ID], i.Submission.Revision)
		}
	}
	s.receipts, errs[4] = p.readReceipts()
	s.err = errors.Join(errs[:]...)
	return s
}

func (p *Start) draw() {
	at := p.page.Scroll().Offset
	objects := []fyne.CanvasObject{kit.NewHeading(p.T("start.title")), p.banner}
	if p.stock.err != nil {
		b := kit.NewBanner()
		b.Set(kit.Warning, p.Words.Error(p.stock.err).String())
		objects = append(objects, b)
	}
	for _, n := range p.stock.notices {
		objects = append(objects, p.noticeCard(n))
	}
	objects = append(objects, kit.NewActions(kit.Action{Label: p.T("start.import"), Icon: theme.FolderOpenIcon(), Do: p.pickNotice}))

	var working, sent []fyne.CanvasObject
	for _, i := range p.stock.drafts {
		if i.State == draft.Submitted {
			sent = append(sent, p.sentRow(i))
		} else {
			working = append(working, p.draftRow(i))
		}
	}
	if len(working) == 0 {
		working = append(working, kit.NewMuted(p.T("start.no-drafts")))
	}
	objects = append(append(objects, kit.NewSubheading(p.T("start.drafts"))), working...)
	if len(sent) > 0 {
		objects = append(append(objects, kit.NewSubheading(p.T("start.sent"))), sent...)
	}
	if len(p.stock.aside) > 0 {
		objects = append(objects, p.aside())
	}
	p.page.SetObjects(objects...)
	p.page.Scroll().ScrollToOffset(at)
}

// News shows a piece of news over the page.
func (p *Start) News(level kit.Level, text string, actions ...kit.Action) {
	p.banner.Set(level, text, actions...)
}

func (p *Start) noticeCard(n *forms.Notice) fyne.CanvasObject {
	to := n.ReportTo
	facts := []kit.Fact{
		{Label: p.T("start.issuers"), Value: strings.Join(n.Issuers, p.T("start.and"))},
		{Label: p.T("start.number"), Value: n.Number},
		{Label: p.T("start.theme"), Value: n.Theme},
		{Label: p.T("start.asks"), Value: strings.Join(n.Asks, p.T("start.and"))},
		{Label: p.T("start.deadline"), Value: day(n.Deadline)},
		{Label: p.T("start.report-to"), Value: words(to.Department, to.Person, to.Phone, to.Email)},
	}
	for _, c := range n.Contacts {
		facts = append(facts, kit.Fact{Label: p.T("start.contact"), Value: words(c.Department, c.Person, c.Phone)})
	}
	given := facts[:0]
	for _, f := range facts {
		if f.Value != "" {
			given = append(given, f)
		}
	}
	card := kit.NewNoticeCard(n.Title, given, []kit.Action{
		{Label: p.T("start.begin"), Icon: theme.DocumentCreateIcon(), Primary: true, Do: func() { p.begin(n) }},
		{Label: p.T("start.template"), Icon: theme.DownloadIcon(), Do: func() { p.saveTemplate(n) }},
	})
	level, text := p.due(n)
	card.SetBadge(level, text)
	return card
}

// due says how long there is left to report.
func (p *Start) due(n *forms.Notice) (kit.Level, string) {
	now := p.Desk.Now()
	days := int(n.Deadline.Sub(now).Abs() / (24 * time.Hour))
	switch {
	case n.Deadline.IsZero():
		return kit.None, ""
	case n.Late(now):
		return kit.Warning, p.T("start.overdue", "n", days+1)
	case days == 0:
		return kit.Warning, p.T("start.last-day")
	case days <= 3:
		return kit.Warning, p.T("start.days-left", "n", days)
	}
	return kit.Info, p.T("start.days-left", "n", days)
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(kit.ISODate)
}

func words(parts ...string) string {
	var out []string
	for _, s := range parts {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "　")
}

// pickNotice takes a notice in that came as a file.
func (p *Start) pickNotice() {
	p.pick(askNotice(p.Words), func(paths []string) { p.Take(paths) })
}

// saveTemplate writes the workbook for filling in offline where the person says.
func (p *Start) saveTemplate(n *forms.Notice) {
	p.pick(askSave(p.T("start.template"), p.T("start.template-name", "title", n.ShortTitle), "xlsx"), func(paths []string) {
		p.Go(func(context.Context) func() {
			err := atomicfile.Write(paths[0], func(w io.Writer) error { return xlsform.Template(w, n) })
			return func() {
				if err != nil {
					p.Fail(err)
					return
				}
				p.Toast.Tell(kit.Success, p.T("start.template-saved", "name", filepath.Base(paths[0])), p.reveal(paths[0]))
			}
		})
	})
}

// Take takes in files that were dropped or picked: receipts, and notices.
func (p *Start) Take(paths []string) {
	p.Go(func(context.Context) func() {
		worst := kit.None
		var lines []string
		for _, path := range paths {
			level, text := p.take(path)
			if !slices.Contains(lines, text) {
				lines = append(lines, text)
			}
			worst = max(worst, level)
		}
		return func() {
			p.News(worst, strings.Join(lines, "\n"))
			p.Reload()
		}
	})
}

// take takes one file in, off the UI goroutine, and says what came of it.
func (p *Start) take(path string) (kit.Level, string) {
	name := filepath.Base(path)
	if strings.EqualFold(filepath.Ext(path), ".eml") {
		r, err := p.importReceipt(path)
		if err != nil {
			return kit.Error, p.T("start.not-taken", "name", name, "why", p.Words.Error(err).String())
		}
		return r.level, r.text
	}
	if !mayBeNotice(path) {
		return kit.Warning, p.T("start.no-notice")
	}
	n, problems, err := p.Desk.Home.Import(path)
	switch {
	case err != nil:
		return kit.Error, p.T("start.not-taken", "name", name, "why", p.Words.Error(err).String())
	case len(problems) > 0:
		const shown = 8
		lines := []string{p.T("start.imported-warned", "title", n.Title, "n", len(problems))}
		for _, problem := range problems[:min(len(problems), shown)] {
			lines = append(lines, p.Words.Problem(problem))
		}
		return kit.Warning, strings.Join(lines, "\n")
	}
	return kit.Success, p.T("start.imported", "title", n.Title)
}

// mayBeNotice tells by its name what may hold a notice, right or wrong, from photos and documents, and by what is in it
// a folder of tables from one of photos. What is not there is not told apart.
func mayBeNotice(path string) bool {
	switch info, err := os.Stat(path); {
	case err != nil:
		return true
	case info.IsDir():
		tables, _ := fs.Glob(os.DirFS(path), "*.csv") // its only error is a bad pattern
		return len(tables) > 0
	}
	return slices.Contains([]string{".xlsx", ".xls", ".zip"}, strings.ToLower(filepath.Ext(path)))
}
