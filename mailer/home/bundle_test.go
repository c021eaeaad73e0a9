package home

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding/simplifiedchinese"

	"baosong/forms"
	"baosong/forms/xlsform"
)

// bundle writes a zip of names and contents by turns.
func bundle(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: files[i], NonUTF8: true, Method: zip.Deflate})
		if err == nil {
			_, err = w.Write([]byte(files[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(t.TempDir(), "通知.zip")
	if err := errors.Join(z.Close(), os.WriteFile(name, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	return name
}

func form(t *testing.T) string {
	t.Helper()
	n, _, err := xlsform.Read(fstest.MapFS{
		"survey.csv": {Data: []byte("type,name,label\ntext,a,A\n")}, "notice.csv": {Data: []byte("key,value\nid,sample\ntitle,示例通知\n")},
	}, ".")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := xlsform.Write(&b, n); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func openHome(t *testing.T) *Home {
	t.Helper()
	h, err := Open(t.TempDir(), fstest.MapFS{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func names(t *testing.T, h *Home) []string {
	t.Helper()
	files, err := h.Attachments("sample")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range files {
		out = append(out, filepath.Base(f))
	}
	return out
}

func TestBundleKeepsItsAttachmentsBySafeNames(t *testing.T) {
	h := openHome(t)
	chinese, err := simplifiedchinese.GB18030.NewEncoder().String("附件/关于报送的通知.doc")
	if err != nil {
		t.Fatal(err)
	}
	n, problems, err := h.Import(bundle(t, "通知/填报表.xlsx", form(t), chinese, "letter", "通知/../../../../evil.txt", "x", `C:\temp\CON.txt`, "y",
		"/etc/evil.TXT", "z", "__MACOSX/._a", "m", "通知/~$填报表.xlsx", "lock", "通知/.hidden", "h", "其他表.xlsx", "not one", "附件一.", "dot"))
	if err != nil || len(problems) > 0 || n.Title != "示例通知" {
		t.Fatal(n, problems, err)
	}
	want := []string{"CON_.txt", "evil (2).TXT", "evil.txt", "其他表.xlsx", "关于报送的通知.doc", "填报表.xlsx", "附件一"}
	got := names(t, h)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("kept %q, want %q", got, want)
	}
	if outside, _ := filepath.Glob(filepath.Join(h.Dir, "..", "*evil*")); len(outside) > 0 {
		t.Errorf("written outside: %v", outside)
	}
	if _, _, err := h.Import(bundle(t, "填报表.xlsx", form(t))); err != nil {
		t.Fatal(err)
	}
	if got := names(t, h); !slices.Equal(got, []string{"填报表.xlsx"}) {
		t.Errorf("after another import: %q", got)
	}
	if _, err := h.Attachments("../x"); !errors.Is(err, ErrNoNotice) {
		t.Errorf("of a path: %v", err)
	}
}

func TestHostileBundleLeavesNothing(t *testing.T) {
	many := []string{"填报表.xlsx", form(t)}
	for range maxAttachments {
		many = append(many, "a.txt", "x")
	}
	h := openHome(t)
	for name, c := range map[string]struct {
		files []string
		want  error
	}{
		"too many":    {many, xlsform.ErrTooLarge},
		"no form":     {[]string{"通知.doc", "x"}, xlsform.ErrNoForm},
		"broken form": {[]string{"survey.csv", "type,name,label\ntext,a,A\nend group,,\n", "notice.csv", "key,value\nid,sample\n"}, nil},
	} {
		_, _, err := h.Import(bundle(t, c.files...))
		if err == nil || (c.want != nil && !errors.Is(err, c.want)) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if _, isProblem := errors.AsType[forms.Problem](err); c.want == nil && !isProblem {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := filepath.WalkDir(h.Dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && strings.Contains(path, "notices") {
			t.Errorf("left behind: %s", e.Name())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
