package submit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"baosong/forms"
	"baosong/forms/media"
	"baosong/forms/media/sample"
)

func question(name string, t forms.Type, label string, children ...*forms.Question) *forms.Question {
	return &forms.Question{Name: name, Type: t, Label: forms.Plain(label), Children: children}
}

func sampleNotice(t testing.TB) *forms.Notice {
	t.Helper()
	caption := func() *forms.Question {
		c := question("caption", forms.TypeText, "说明")
		c.Appearance = "caption"
		return c
	}
	form := &forms.Form{Version: "7", Questions: []*forms.Question{
		question("unit", forms.TypeGroup, "单位信息", question("name", forms.TypeText, "单位名称"), question("person", forms.TypeText, "联系人")),
		question(
			"activity", forms.TypeRepeat, "开展的活动", question("title", forms.TypeText, "活动名称"),
			question("photos", forms.TypeRepeat, "图片", question("photo", forms.TypeImage, "图片"), caption()),
			question("videos", forms.TypeRepeat, "影像", question("video", forms.TypeVideo, "视频"), caption()),
		),
		question("files", forms.TypeGroup, "附件", question("scan", forms.TypeFile, "盖章扫描件")),
	}}
	if err := form.Compile(); err != nil {
		t.Fatal(err)
	}
	return &forms.Notice{
		ID: "sample-2024", Title: "示例市活动方案", Form: form, Roles: forms.Roles{Unit: "name", Person: "person"},
		Deadline: time.Date(2024, 6, 10, 23, 59, 59, 0, time.FixedZone("CST", 8*3600)),
	}
}

// kit is an input being put together, its originals in a folder.
type kit struct {
	t   testing.TB
	dir string
	in  Input
}

func newKit(t testing.TB) *kit {
	t.Helper()
	k := &kit{t: t, dir: t.TempDir()}
	k.in = Input{
		Notice: sampleNotice(t), Answers: &forms.Answers{}, Materials: map[string]forms.Material{},
		Open: func(id string) (*os.File, error) { return os.Open(filepath.Join(k.dir, id)) },
		Ref:  forms.SubmissionRef{ID: "0EXAMPLE0EXAMPLE", Revision: 1}, Created: time.Date(2024, 6, 8, 10, 0, 0, 0, time.FixedZone("CST", 8*3600)),
		Program: "baosong test",
	}
	k.set("unit/name", "示例大学科学技术协会")
	k.set("unit/person", "张示例")
	return k
}

func (k *kit) set(p forms.Path, v string) {
	k.t.Helper()
	if err := k.in.Answers.Set(p, v); err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) insert(p forms.Path) forms.Path {
	k.t.Helper()
	e, err := k.in.Answers.Insert(p, 0, nil)
	if err != nil {
		k.t.Fatal(err)
	}
	return e
}

// material keeps content as an original and answers p with it.
func (k *kit) material(p forms.Path, name string, content []byte) {
	k.t.Helper()
	sum := sha256.Sum256(content)
	id := hex.EncodeToString(sum[:8])
	path := filepath.Join(k.dir, id)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		k.t.Fatal(err)
	}
	info, err := media.Probe(context.Background(), path)
	if _, damaged := errors.AsType[media.Problem](err); err != nil && !damaged {
		k.t.Fatal(err)
	}
	k.in.Materials[id] = forms.Material{
		ID: id, Name: name, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), MIME: info.MIME, Ext: info.Ext,
		Width: info.Width, Height: info.Height, Orientation: info.Orientation, Duration: info.Duration.Seconds(), Taken: info.Taken,
	}
	k.set(p, id)
}

// activity adds one with photos of 320 × 240.
func (k *kit) activity(title string, photos int) forms.Path {
	k.t.Helper()
	a := k.insert("activity")
	k.set(a.Child("title"), title)
	for i := range photos {
		p := k.insert(a.Child("photos"))
		k.material(p.Child("photo"), fmt.Sprintf("IMG_%04d.JPG", i+1), photo(k.t, a.Index()*100+i, 1+i%8))
		k.set(p.Child("caption"), fmt.Sprintf("第%d张 张示例/讲解", i+1))
	}
	return a
}

func photo(t testing.TB, index, orientation int) []byte {
	t.Helper()
	var b bytes.Buffer
	err := sample.Photo(&b, sample.PhotoOptions{
		Index: index, Width: 320, Height: 240, Orientation: orientation, Location: true,
		Taken: time.Date(2024, 5, 30, 9, index%60, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// video adds a file that cannot be made smaller, of n bytes.
func (k *kit) video(a forms.Path, n int) []byte {
	k.t.Helper()
	var b bytes.Buffer
	if err := sample.Video(&b, sample.VideoOptions{Index: n % 7}); err != nil {
		k.t.Fatal(err)
	}
	content := b.Bytes()
	if pad := n - len(content) - 8; pad > 0 {
		// A free box of noise (ISO/IEC 14496-12, 8.1.2).
		box := make([]byte, 8+pad)
		box[0], box[1], box[2], box[3] = byte(len(box)>>24), byte(len(box)>>16), byte(len(box)>>8), byte(len(box))
		copy(box[4:], "free")
		src := rand.NewChaCha8([32]byte{byte(n)})
		_, _ = src.Read(box[8:]) // never fails
		content = append(content, box...)
	}
	p := k.insert(a.Child("videos"))
	k.material(p.Child("video"), "VID_0001.MP4", content)
	k.set(p.Child("caption"), "开幕片段")
	return content
}

func (k *kit) build(opt Options) *Result {
	k.t.Helper()
	r, err := Build(context.Background(), k.in, k.t.TempDir(), opt, nil)
	if err != nil {
		k.t.Fatal(err)
	}
	return r
}

func readAll(t testing.TB, r *Result) []*Package {
	t.Helper()
	var out []*Package
	for _, b := range r.Packages {
		p, err := Read(context.Background(), b.Path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}
