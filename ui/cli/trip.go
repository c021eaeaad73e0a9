package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"baosong/forms"
	"baosong/forms/draft"
	"baosong/forms/submit"
	"baosong/mailer/post"
)

type packCmd struct {
	Draft     string `arg:"" help:"${arg_draft}"`
	Out       string `required:"" help:"${pack_out}" placeholder:"DIR"`
	Limit     string `help:"${limit}" placeholder:"35MB"`
	PhotoEdge int    `help:"${photo_edge}" placeholder:"2560"`
}

// Run builds the packages of a draft.
func (c *packCmd) Run(s *session) error {
	limit, err := s.size(c.Limit)
	if err != nil {
		return err
	}
	var res *submit.Result
	err = s.withDraft(c.Draft, func(d *post.Desk, n *forms.Notice, dr *draft.Draft) (err error) {
		res, err = d.Pack(s.ctx, n, dr, c.Out, post.Options{Limit: limit, PhotoEdge: c.PhotoEdge}, s.progress())
		return err
	})
	if err != nil {
		return s.invalid(err)
	}
	return s.printPackages(res)
}

func (s *session) printPackages(res *submit.Result) error {
	type row struct {
		File   string `json:"file"`
		Part   int    `json:"part"`
		Size   int64  `json:"size"`
		SHA256 string `json:"sha256"`
	}
	type sent struct {
		Name    string   `json:"name"` // as it was called
		File    string   `json:"file"`
		Removed []string `json:"removed,omitempty"`
	}
	materials := make([]sent, 0, len(res.Report.Materials))
	cleaned, kinds := 0, map[string]bool{}
	for _, m := range res.Report.Materials {
		materials = append(materials, sent{m.Name, m.File, m.Removed})
		if len(m.Removed) > 0 {
			cleaned++
		}
		for _, k := range m.Removed {
			kinds[k] = true
		}
	}
	rows := make([]row, 0, len(res.Packages))
	for i, p := range res.Packages {
		rows = append(rows, row{p.Path, i + 1, p.Size, p.SHA256})
	}
	return s.print(map[string]any{"submission": res.Report.Submission, "packages": rows, "materials": materials}, func(w io.Writer) {
		for _, r := range rows {
			fmt.Fprintln(w, s.say("cli.package.row", "part", r.Part, "parts", len(rows), "size", s.words.Size(r.Size), "file", r.File))
		}
		if cleaned > 0 {
			fmt.Fprintln(w, s.say("cli.package.removed", "n", cleaned, "what", s.words.Metadata(slices.Sorted(maps.Keys(kinds)))))
		}
	})
}

// withDraft opens a draft for work that saves by itself.
func (s *session) withDraft(id string, work func(d *post.Desk, n *forms.Notice, dr *draft.Draft) error) (err error) {
	d, err := s.open()
	if err != nil {
		return err
	}
	dr, err := s.load(d, id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dr.Close()) }()
	n, err := d.Home.Notice(dr.NoticeID)
	if err != nil {
		return err
	}
	return work(d, n, dr)
}

// invalid prints the findings when that is what err is.
func (s *session) invalid(err error) error {
	if e, ok := errors.AsType[*post.InvalidError](err); ok {
		return s.findings(e.Findings)
	}
	return err
}

// progress prints a line for each tenth of a step, to stderr.
func (s *session) progress() post.Progress {
	shown := ""
	return func(step post.Step, done, total int64) {
		percent := int64(100)
		if total > 0 {
			percent = done * 10 / total * 10
		}
		line := s.say("cli.packing", "step", s.say("cli.step."+string(step)), "percent", percent)
		if line != shown {
			fmt.Fprintln(s.Stderr, line)
			shown = line
		}
	}
}

var sizeForm = regexp.MustCompile(`(?i)^([0-9]+(?:\.[0-9]+)?) ?(k|m|g)?b?$`)

// size reads a number of bytes such as 35MB, in decimal units; 0 for "".
func (s *session) size(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	m := sizeForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return 0, usageError{s.say("cli.bad-size", "text", text)}
	}
	n, err := strconv.ParseFloat(m[1], 64)
	unit := map[string]float64{"": 1, "k": 1e3, "m": 1e6, "g": 1e9}[strings.ToLower(m[2])]
	if n *= unit; err != nil || n < 1 || n > 1e12 {
		return 0, usageError{s.say("cli.bad-size", "text", text)}
	}
	return int64(n), nil
}

type verifyCmd struct {
	Paths []string `arg:"" help:"${arg_paths}"`
}

// Run looks into packages, messages and folders, and says what is inside and
// whether it is whole.
func (c *verifyCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	var rows []post.Verified
	for _, p := range c.Paths {
		if err := d.Verify(s.ctx, p, func(v post.Verified) { rows = append(rows, v) }); err != nil {
			return err
		}
	}
	type row struct {
		Source  string `json:"source"`
		Whole   bool   `json:"whole"`
		Unit    string `json:"unit,omitempty"`
		ID      string `json:"id,omitempty"`
		Part    int    `json:"part,omitempty"`
		Parts   int    `json:"parts,omitempty"`
		Files   int    `json:"files,omitempty"`
		Problem string `json:"problem,omitempty"`
		report  *forms.Report
	}
	out := make([]row, 0, len(rows))
	bad := len(rows) == 0
	for _, v := range rows {
		r := row{Source: filepath.ToSlash(v.Source), Whole: v.Err == nil, Part: v.Part, Parts: v.Parts, Files: v.Files, report: v.Report}
		if v.Report != nil {
			r.Unit, r.ID = v.Report.Unit.Name, v.Report.Submission.String()
		}
		if v.Err != nil {
			r.Problem, bad = s.words.Error(v.Err).String(), true
		}
		out = append(out, r)
	}
	err = s.print(out, func(w io.Writer) {
		for _, r := range out {
			if r.Whole {
				fmt.Fprintln(w, s.say("cli.verify.ok", "file", r.Source, "unit", r.Unit, "revision", r.report.Submission.Revision, "part", r.Part, "parts", r.Parts, "files", r.Files))
			} else {
				fmt.Fprintln(w, s.say("cli.verify.bad", "file", r.Source, "text", r.Problem))
			}
		}
		if len(out) == 0 {
			fmt.Fprintln(w, s.say("cli.verify.none"))
		}
	})
	if bad && err == nil {
		return errInvalid
	}
	return err
}

type rollupCmd struct {
	Notice string `arg:"" help:"${arg_notice}"`
	Out    string `required:"" help:"${out_xlsx}" placeholder:"F.xlsx"`
}

// Run writes the workbook over all submissions of a notice.
func (c *rollupCmd) Run(s *session) (err error) {
	d, err := s.open()
	if err != nil {
		return err
	}
	n, err := d.Home.Notice(c.Notice)
	if err != nil {
		return err
	}
	l, err := d.Home.Ledger()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := d.Rollup(s.ctx, l, n, c.Out, s.stateWord); err != nil {
		return err
	}
	return s.wrote(c.Out)
}

func (s *session) stateWord(state string) string { return s.say("state.review." + state) }

type receiptCmd struct {
	Import receiptImportCmd `cmd:"" help:"${receipt_import}"`
	Fetch  receiptFetchCmd  `cmd:"" help:"${receipt_fetch}"`
	List   receiptListCmd   `cmd:"" help:"${receipt_list}"`
}

type receiptFetchCmd struct {
	Account string `arg:"" help:"${arg_account}"`
}

// Run looks for receipts in a mailbox and keeps them.
func (c *receiptFetchCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	found := []post.Receipt{}
	_, err = d.FetchReceipts(s.ctx, c.Account, func(r post.Receipt) { found = append(found, r) })
	if err != nil {
		return err
	}
	return s.print(found, func(w io.Writer) { s.writeReceipts(w, found) })
}

type receiptListCmd struct{}

// Run lists the receipts that are kept.
func (*receiptListCmd) Run(s *session) error {
	d, err := s.open()
	if err != nil {
		return err
	}
	all, err := d.Receipts()
	if all == nil {
		all = []post.Receipt{}
	}
	return errors.Join(err, s.print(all, func(w io.Writer) { s.writeReceipts(w, all) }))
}

func (s *session) writeReceipts(w io.Writer, list []post.Receipt) {
	for _, r := range list {
		fmt.Fprintln(w, s.say("cli.receipt.row", "unit", r.Unit, "revision", r.Submission.Revision, "state", s.stateWord(r.State), "by", r.By))
		if !r.Trusted {
			fmt.Fprintln(w, s.say("receipt.untrusted", "from", r.From))
		}
		for _, x := range r.Reasons {
			fmt.Fprintln(w, s.say("cli.receipt.reason", "where", x.Where, "text", x.Text))
		}
	}
	if len(list) == 0 {
		fmt.Fprintln(w, s.say("cli.receipt.none"))
	}
}

type receiptImportCmd struct {
	File string `arg:"" help:"${arg_eml}"`
}

// Run reads a receipt and keeps it with the draft it answers.
func (c *receiptImportCmd) Run(s *session) (err error) {
	d, err := s.open()
	if err != nil {
		return err
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r, err := d.ImportReceipt(f)
	if err != nil {
		return err
	}
	return s.print(r, func(w io.Writer) { s.writeReceipts(w, []post.Receipt{r}) })
}

func timeOf(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04")
}
