package unit

import (
	"context"
	"errors"
	"image"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"baosong/forms"
	"baosong/forms/bag"
	"baosong/mailer/post"
	"baosong/ui/kit"
	"baosong/ui/paper"
)

const (
	pageWidth = 620 // of a page of the document at most, in pixels at 100 %
	longName  = 60  // characters of the names of files that the person gets, at most
)

// checkPage lists everything that is wrong, and shows the document as it will
// arrive.
type checkPage struct {
	e       *Editor
	more    []forms.Finding // about files, which are read off the UI goroutine
	plan    *kit.Text
	preview *fyne.Container
	drawing bool
}

func newCheckPage(e *Editor) *checkPage {
	return &checkPage{e: e, preview: kit.NewColumn(), plan: kit.NewMuted("")}
}

// objects draws the page.
func (p *checkPage) objects() []fyne.CanvasObject {
	e := p.e
	out := []fyne.CanvasObject{kit.NewHeading(e.words.T("unit.check"))}
	found := append(e.checker.Findings(), p.more...)
	errs := 0
	for _, f := range found {
		if f.Severity == forms.SeverityError {
			errs++
		}
	}
	summary := kit.NewBanner()
	switch {
	case errs > 0:
		summary.Set(kit.Error, e.words.T("check.errors", "n", errs, "warnings", len(found)-errs))
	case len(found) > 0:
		summary.Set(kit.Warning, e.words.T("check.warnings", "n", len(found)), e.sendAction())
	default:
		summary.Set(kit.Success, e.words.T("check.all-good"), e.sendAction())
	}
	out = append(out, summary)
	for _, f := range found {
		out = append(out, p.row(f))
	}
	p.verify()
	p.measure()
	return append(out, kit.NewSubheading(e.words.T("check.document")), kit.NewMuted(e.words.T("check.document-hint")), p.plan,
		kit.NewActions(
			kit.Action{Label: e.words.T("check.show"), Icon: theme.VisibilityIcon(), Do: p.draw},
			kit.Action{Label: e.words.T("check.open"), Icon: theme.DocumentIcon(), Do: e.OpenDocument},
		), p.preview)
}

func (e *Editor) sendAction() kit.Action {
	return kit.Action{Label: e.words.T("check.go-on"), Icon: theme.MailSendIcon(), Primary: true, Do: func() { e.Show(e.SendPage()) }}
}

// row is one finding: a click on it, or Enter, leads to its question.
func (p *checkPage) row(f forms.Finding) fyne.CanvasObject {
	e := p.e
	var actions []kit.Action
	if f.Path != "" {
		actions = []kit.Action{{Label: e.words.T("check.go-there"), Do: func() { e.Jump(f.Path) }}}
	}
	line := kit.NewFinding()
	line.Set(level(f), e.words.Finding(f))
	text := container.New(layout.NewCustomPaddedVBoxLayout(-8), kit.NewText(e.words.Where(f)), line)
	row := kit.NewPanel(container.NewBorder(nil, nil, nil, container.NewCenter(kit.NewActions(actions...)), text))
	if f.Path != "" {
		return kit.NewTapped(row, func() { e.Jump(f.Path) })
	}
	return row
}

// verify reads the files of the materials, and lists what is wrong with them.
func (p *checkPage) verify() {
	e := p.e
	answers := e.checker.Relevant()
	before := p.more
	e.busy.Go(func() {
		more, err := e.draft.Verify(e.ctx, answers, nil)
		e.thread.Do(func() {
			if e.ctx.Err() != nil {
				return
			}
			if err != nil {
				e.fail(err)
				return
			}
			for i := range more {
				more[i].Trail = e.checker.Trail(more[i].Path)
			}
			p.more = more
			if !reflect.DeepEqual(more, before) && e.current == e.CheckPage() {
				e.redraw()
			}
		})
	})
}

// measure says how many messages it will be, and how large.
func (p *checkPage) measure() {
	e := p.e
	opt := post.Options{Account: e.send.chosen, Answers: e.checker.Answers().Clone()}
	e.shell.Go(func(ctx context.Context) func() {
		plan, err := e.desk.Plan(ctx, e.notice, e.draft, opt)
		return func() {
			if err != nil {
				p.plan.SetText(e.words.Error(err).String())
				return
			}
			p.plan.SetText(e.words.T("check.plan", "n", len(plan.Messages), "size", e.words.Size(plan.Encoded())))
		}
	})
}

// draw shows the pages of the document as the office program of this computer
// lays them out.
func (p *checkPage) draw() {
	e := p.e
	if p.drawing {
		return
	}
	p.drawing = true
	p.preview.Objects = []fyne.CanvasObject{kit.NewMuted(e.words.T("check.drawing"))}
	e.page.Relayout()
	opt := post.Options{Account: e.send.chosen, Answers: e.checker.Answers().Clone()}
	e.busy.Go(func() {
		pages, err := p.pages(opt)
		e.thread.Do(func() {
			p.drawing = false
			if e.ctx.Err() == nil {
				p.show(pages, err)
			}
		})
	})
}

func (p *checkPage) pages(opt post.Options) (pages []image.Image, err error) {
	e := p.e
	dir, err := os.MkdirTemp("", "baosong-pages-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, e.documentName())
	if err := e.desk.Document(e.ctx, e.notice, e.draft, path, opt); err != nil {
		return nil, err
	}
	files, err := paper.Pages(e.ctx, path, dir)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		img, err := paper.Read(f)
		if err != nil {
			return nil, err
		}
		pages = append(pages, img)
	}
	return pages, nil
}

func (p *checkPage) show(pages []image.Image, err error) {
	e := p.e
	p.preview.Objects = nil
	switch {
	case errors.Is(err, paper.ErrNoOffice):
		p.preview.Add(kit.NewText(e.words.T("check.no-office")))
	case err != nil:
		line := kit.NewFinding()
		line.Set(kit.Error, e.words.Error(err).String())
		p.preview.Add(line)
	default:
		p.preview.Add(kit.NewMuted(e.words.T("check.pages", "n", len(pages))))
		for _, img := range pages {
			p.preview.Add(kit.NewPicture(img, pageWidth))
		}
	}
	e.page.Relayout()
}

// documentName is what the document is called on this computer.
func (e *Editor) documentName() string {
	return bag.SafeName(e.words.T("check.document-name", "title", e.notice.ShortTitle, "unit", e.notice.Unit(e.checker.Answers(), "").Name), longName) + ".docx"
}

// previewFolder makes a new folder below root and removes those of the day before. What was opened from an earlier one may be
// open still, and Word on Windows lets nobody replace it.
func previewFolder(root string) (string, error) {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return "", err
	}
	for _, f := range entries {
		if info, err := f.Info(); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(filepath.Join(root, f.Name())) // what is open still goes another day
		}
	}
	return os.MkdirTemp(root, "*")
}

// OpenDocument opens the document with the person's own program, to look at it
// or to print it.
func (e *Editor) OpenDocument() {
	opt := post.Options{Account: e.send.chosen, Answers: e.checker.Answers().Clone()}
	name := e.documentName()
	opening := e.words.T("check.opening")
	e.tell(kit.Info, opening)
	e.busy.Go(func() {
		dir, err := previewFolder(filepath.Join(e.desk.Home.Dir, "preview"))
		path := filepath.Join(dir, name)
		if err == nil {
			err = e.desk.Document(e.ctx, e.notice, e.draft, path, opt)
		}
		e.thread.Do(func() {
			e.shell.Toast.Over(opening)
			if e.ctx.Err() != nil {
				return
			}
			if err != nil {
				e.fail(err)
				return
			}
			e.shell.openFile(path)
		})
	})
}
