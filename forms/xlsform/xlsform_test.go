package xlsform_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"baosong/assets"
	"baosong/forms"
	"baosong/forms/xlsform"
)

// sameNotice compares what was read, not what Compile made of it, nor where in
// a sheet it stood.
var sameNotice = cmp.Options{
	cmpopts.IgnoreUnexported(forms.Form{}, forms.Question{}),
	cmpopts.IgnoreFields(forms.Question{}, "Row"),
	cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) && a.Format("-07:00") == b.Format("-07:00") }),
}

func builtIn(t testing.TB) *forms.Notice {
	t.Helper()
	n, problems, err := xlsform.Read(assets.Notices(), "jilin-2024")
	if err != nil || len(problems) > 0 {
		t.Fatalf("the built-in notice: %v %v", err, problems)
	}
	return n
}

func TestEveryBuiltInNoticeReadsWithoutAWord(t *testing.T) {
	dirs, err := fs.ReadDir(assets.Notices(), ".")
	if err != nil || len(dirs) == 0 {
		t.Fatal(dirs, err)
	}
	for _, d := range dirs {
		if _, problems, err := xlsform.Read(assets.Notices(), d.Name()); err != nil || len(problems) > 0 {
			t.Errorf("%s: %v %v", d.Name(), err, problems)
		}
	}
}

func TestBuiltInNotice(t *testing.T) {
	n := builtIn(t)
	last := time.Date(2024, 6, 10, 23, 59, 59, 0, time.FixedZone("", 8*3600))
	if n.Late(last) || !n.Late(last.Add(time.Second)) {
		t.Errorf("deadline %v: want the end of 10 June 2024 in China", n.Deadline)
	}
	if n.ReportTo.Email != "skx303@126.com" || len(n.Contacts) != 1 || n.Contacts[0].Email == n.ReportTo.Email {
		t.Errorf("reports go to %+v, also listed %+v", n.ReportTo, n.Contacts)
	}
	var pages []string
	for _, p := range n.Form.Pages() {
		pages = append(pages, p.Name)
	}
	if d := cmp.Diff([]string{"unit", "activity", "summary", "files", "declaration"}, pages); d != "" {
		t.Error(d)
	}
	if got := n.Form.Named("activity_kind").Label.In("en"); got != "Kind of activity" {
		t.Errorf("label in English: %q", got)
	}
}

func TestNoticeThroughAWorkbook(t *testing.T) {
	want := builtIn(t)
	var b bytes.Buffer
	must(t, xlsform.Write(&b, want))
	got, problems, err := readBytes(t, "notice.xlsx", b.Bytes())
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	if d := cmp.Diff(want, got, sameNotice); d != "" {
		t.Errorf("through a workbook (-want +got):\n%s", d)
	}
}

// readBytes reads a file of that content.
func readBytes(t testing.TB, name string, content []byte) (*forms.Notice, []xlsform.Problem, error) {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(name, content, 0o600))
	return xlsform.ReadFile(name)
}
