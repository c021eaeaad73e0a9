package submit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"regexp"
	"strings"
	"unicode/utf8"

	"baosong/forms"
)

// Bounds of a report from a stranger.
const (
	maxReport    = 16 << 20 // bytes of report.json
	maxMaterials = 20_000
	maxPieces    = 10_000
	maxParts     = 10_000
	maxName      = 1000 // bytes of a name or a path
	maxCaption   = 20_000
)

// MarshalReport writes r as report.json: indented, its members in a fixed
// order, those in Extra after them. Extra cannot replace what r says.
func MarshalReport(r *forms.Report) ([]byte, error) {
	out, err := encode(r)
	if err == nil && len(r.Extra) > 0 {
		var kept json.RawMessage
		if kept, err = encode(r.Extra); err == nil {
			out, err = restored(out, kept, reflect.TypeFor[forms.Report]())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, out, "", "  "); err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// UnmarshalReport reads report.json. It returns ErrNewer for a format this
// version does not know, ErrReport for one that cannot be right. Members it
// does not know, at any depth, are kept in Extra for MarshalReport.
func UnmarshalReport(b []byte) (*forms.Report, error) {
	if len(b) > maxReport {
		return nil, wrong("larger than %d bytes", maxReport)
	}
	if !utf8.Valid(b) {
		return nil, wrong("not UTF-8")
	}
	var of struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(b, &of); err != nil {
		return nil, wrong("%w", err)
	}
	format := of.Format
	if format != forms.ReportFormat {
		if strings.HasPrefix(format, "baosong-report/") {
			return nil, fmt.Errorf("report of format %.40q: %w", format, ErrNewer)
		}
		return nil, wrong("format is %.40q", format)
	}
	r := &forms.Report{}
	if err := json.Unmarshal(b, r); err != nil {
		return nil, wrong("%w", err)
	}
	kept, err := unknown(b, reflect.TypeFor[forms.Report]())
	if err != nil {
		return nil, wrong("%w", err)
	}
	if kept != nil {
		if err := json.Unmarshal(kept, &r.Extra); err != nil {
			return nil, wrong("%w", err)
		}
	}
	if err := checkReport(r); err != nil {
		return nil, err
	}
	return r, nil
}

func wrong(format string, args ...any) error {
	return fmt.Errorf("report.json: %w: %w", ErrReport, fmt.Errorf(format, args...))
}

var (
	idPattern     = regexp.MustCompile(`^[0-9A-Za-z]{4,64}$`)
	noticePattern = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$`)
	digestPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// checkReport refuses what would mislead whoever uses a report: ids that could
// be more than a name, paths that lead elsewhere, numbers out of range.
func checkReport(r *forms.Report) error {
	switch {
	case !idPattern.MatchString(r.Submission.ID):
		return wrong("submission id %.80q", r.Submission.ID)
	case r.Submission.Revision < 1 || r.Submission.Revision > 100_000:
		return wrong("revision %d", r.Submission.Revision)
	case !noticePattern.MatchString(r.Notice.ID):
		return wrong("notice id %.120q", r.Notice.ID)
	case r.Created.IsZero() || r.Created.Year() > 9999:
		return wrong("created is %s", r.Created)
	case r.Answers == nil:
		return wrong("no answers")
	case len(r.Materials) > maxMaterials:
		return wrong("%d materials", len(r.Materials))
	}
	for _, s := range []string{r.Unit.Name, r.Unit.Kind, r.Unit.Person, r.Unit.Phone, r.Unit.Email, r.Notice.Title, r.Program} {
		if len(s) > maxName {
			return wrong("a text of %d bytes", len(s))
		}
	}
	for i := range r.Materials {
		if err := checkPacked(&r.Materials[i]); err != nil {
			return wrong("material %d: %w", i+1, err)
		}
	}
	return nil
}

func checkPacked(m *forms.Packed) error {
	if _, err := forms.ParsePath(string(m.Question)); err != nil || len(m.Question) > maxName {
		return fmt.Errorf("question %.80q", m.Question)
	}
	if err := checkPlace(m.File, m.Part, m.Size, m.SHA256); err != nil {
		return err
	}
	if len(m.Name) > maxName || len(m.Caption) > maxCaption || len(m.ID) > maxName || len(m.MIME) > maxName {
		return fmt.Errorf("%s: a text is too long", m.File)
	}
	if m.Width < 0 || m.Height < 0 || m.Duration < 0 {
		return fmt.Errorf("%s: a negative measure", m.File)
	}
	if len(m.Pieces) == 0 {
		return nil
	}
	if len(m.Pieces) > maxPieces {
		return fmt.Errorf("%s: %d pieces", m.File, len(m.Pieces))
	}
	var sum int64
	for _, p := range m.Pieces {
		if err := checkPlace(p.File, p.Part, p.Size, p.SHA256); err != nil {
			return err
		}
		sum += p.Size
	}
	if sum != m.Size || m.Part != m.Pieces[0].Part {
		return fmt.Errorf("%s: pieces of %d bytes for a file of %d", m.File, sum, m.Size)
	}
	return nil
}

func checkPlace(file string, part int, size int64, digest string) error {
	name, ok := strings.CutPrefix(file, "data/")
	if !ok || len(file) > maxName || path.Clean(file) != file || strings.ContainsAny(name, "\\\x00") {
		return fmt.Errorf("file %.120q", file)
	}
	if part < 1 || part > maxParts || size < 0 || size > 1<<50 || !digestPattern.MatchString(digest) {
		return fmt.Errorf("%s: part %d, %d bytes, digest %.80q", file, part, size, digest)
	}
	return nil
}
