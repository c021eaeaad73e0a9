package submit

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"baosong/forms"
	"baosong/forms/bag"
	"baosong/forms/media"
)

func names(p *Package) []string {
	var out []string
	for _, f := range p.Files {
		out = append(out, f.Name)
	}
	slices.Sort(out)
	return out
}

func TestBuildOnePackage(t *testing.T) {
	k := newKit(t)
	a := k.activity("主题展览", 2)
	k.video(a, 20_000)
	k.material("files/scan", "盖章 扫描.pdf", []byte("%PDF-1.4\n示例\n%%EOF\n"))
	r := k.build(Options{})
	if len(r.Packages) != 1 || filepath.Base(r.Packages[0].Path) != "报送-示例大学科学技术协会-0EXAMPLE-1of1.zip" {
		t.Fatalf("built %+v", r.Packages)
	}
	p := readAll(t, r)[0]
	want := []string{
		"report.json", "图片/0101-第1张 张示例／讲解.jpg", "图片/0102-第2张 张示例／讲解.jpg", "影像/0101-开幕片段.mp4",
		"索引.html", "活动总结.docx", "活动情况汇总表.xlsx", "附件/盖章 扫描.pdf",
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, names(p)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(r.Report, p.Report); diff != "" {
		t.Error(diff)
	}
	m := p.Report.Materials[0]
	if m.Caption != "第1张 张示例/讲解" || m.Name != "IMG_0001.JPG" || m.Question != "activity[1]/photos[1]/photo" || m.Width != 320 || m.Original == "" || len(m.Removed) == 0 {
		t.Errorf("first photo is %+v", m)
	}
	if u := p.Report.Unit; u.Name != "示例大学科学技术协会" || u.Person != "张示例" {
		t.Errorf("unit is %+v", u)
	}
	if entries, err := os.ReadDir(filepath.Dir(r.Packages[0].Path)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestBuildIsDeterministic(t *testing.T) {
	k := newKit(t)
	k.video(k.activity("主题展览", 3), 300_000)
	opt := Options{Limit: 250_000}
	first := k.build(opt)
	for range 2 {
		again := k.build(opt)
		if len(again.Packages) != len(first.Packages) || len(first.Packages) < 2 {
			t.Fatalf("%d packages, then %d", len(first.Packages), len(again.Packages))
		}
		for i := range first.Packages {
			if first.Packages[i].SHA256 != again.Packages[i].SHA256 {
				t.Errorf("package %d differs", i+1)
			}
		}
	}
}

// TestPackagesFitTheLimit builds the same report for several limits.
func TestPackagesFitTheLimit(t *testing.T) {
	k := newKit(t)
	for i := range 4 {
		k.video(k.activity("活动"+string(rune('A'+i)), 3), 30_000+i*70_000)
	}
	for _, limit := range []int64{220_000, 250_000, 300_000, 500_000, 2_000_000} {
		r := k.build(Options{Limit: limit})
		ps := readAll(t, r)
		for i, p := range r.Packages {
			size := p.Size
			if i == 0 {
				size += r.Documents[0].Size
			}
			if size > limit {
				t.Errorf("limit %d: message %d carries %d", limit, i+1, size)
			}
			if p.Size > r.Plan.Packages[i].Size || r.Plan.Packages[i].Name != filepath.Base(p.Path) {
				t.Errorf("package %d was planned as %+v, is %d", i+1, r.Plan.Packages[i], p.Size)
			}
		}
		sets := Sort(ps)
		if len(sets) != 1 || len(sets[0].Missing)+len(sets[0].Incomplete) != 0 {
			t.Fatalf("limit %d: %d sets, %+v", limit, len(sets), sets[0])
		}
		if limit == 2_000_000 && len(ps) != 1 {
			t.Errorf("%d packages where one would do", len(ps))
		}
		checkTogether(t, ps)
	}
}

// checkTogether holds that the photos of each activity lie in one package.
func checkTogether(t *testing.T, ps []*Package) {
	t.Helper()
	parts := map[forms.Path]int{}
	for _, m := range ps[0].Report.Materials {
		a := m.Question.Entries()[0]
		if m.Question.Name() != "photo" {
			continue
		}
		if at, ok := parts[a]; ok && at != m.Part {
			t.Errorf("photos of %s lie in packages %d and %d", a, at, m.Part)
		}
		parts[a] = m.Part
	}
}

func TestLargeFileGoesInPieces(t *testing.T) {
	k := newKit(t)
	content := k.video(k.activity("主题展览", 1), 700_000)
	r := k.build(Options{Limit: 250_000})
	ps := readAll(t, r)
	i := slices.IndexFunc(r.Report.Materials, func(m forms.Packed) bool { return len(m.Pieces) > 0 })
	if i < 0 {
		t.Fatal("no material in pieces")
	}
	m := r.Report.Materials[i]
	if m.File != "data/影像/0101-开幕片段.mp4" || m.Pieces[0].File != m.File+".001" || len(m.Pieces) < 3 {
		t.Errorf("pieces are %+v", m)
	}
	slices.Reverse(ps)
	sets := Sort(append(ps, ps...))
	if len(sets) != 1 {
		t.Fatalf("%d sets", len(sets))
	}
	var b bytes.Buffer
	if err := sets[0].Copy(context.Background(), m, &b); err != nil || !bytes.Equal(b.Bytes(), content) {
		t.Errorf("joined %d bytes of %d: %v", b.Len(), len(content), err)
	}
	missing := Sort(ps[1:])[0]
	if err := missing.Copy(context.Background(), m, &b); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), m.File) {
		t.Errorf("joining without a piece: %v", err)
	}
	if !slices.Equal(missing.Missing, []int{ps[0].Part}) || len(missing.Incomplete) != 1 || missing.Incomplete[0].File != m.File {
		t.Errorf("missing are %v with %+v", missing.Missing, missing.Incomplete)
	}
}

// TestManyPiecesFitTheLimit has a report that grows while it is planned: each
// piece is named in it.
func TestManyPiecesFitTheLimit(t *testing.T) {
	k := newKit(t)
	k.video(k.activity("主题展览", 0), 12_000_000)
	const limit = 140_000
	r := k.build(Options{Limit: limit})
	for i, p := range r.Packages {
		if r.Plan.Packages[i].Size > limit {
			t.Fatalf("package %d of %d takes %d, at most %d", i+1, len(r.Packages), p.Size, r.Plan.Packages[i].Size)
		}
	}
	if len(r.Packages) < 100 {
		t.Errorf("%d packages", len(r.Packages))
	}
}

func TestSameFileIsPackedOnce(t *testing.T) {
	k := newKit(t)
	a := k.activity("主题展览", 1)
	id := k.in.Answers.Get(a.Child("photos").Entry(1).Child("photo"))
	p := k.insert(a.Child("photos"))
	k.set(p.Child("photo"), id)
	k.set(p.Child("caption"), "同一张")
	r := k.build(Options{})
	ms := readAll(t, r)[0].Report.Materials
	if len(ms) != 2 || ms[0].File != ms[1].File || ms[0].SHA256 != ms[1].SHA256 || ms[1].Caption != "同一张" {
		t.Errorf("materials are %+v", ms)
	}
}

func TestTurnedPhotoIsPackedTurned(t *testing.T) {
	k := newKit(t)
	a := k.activity("主题展览", 1)
	id := k.in.Answers.Get(a.Child("photos").Entry(1).Child("photo"))
	m := k.in.Materials[id]
	m.Turn = 1
	k.in.Materials[id] = m
	got := readAll(t, k.build(Options{}))[0].Report.Materials[0]
	if got.Width != 240 || got.Height != 320 {
		t.Errorf("turned photo is %d × %d", got.Width, got.Height)
	}
}

func TestMakePlan(t *testing.T) {
	k := newKit(t)
	k.video(k.activity("主题展览", 3), 700_000)
	opt := Options{Limit: 400_000}
	p, err := MakePlan(context.Background(), k.in, opt)
	if err != nil {
		t.Fatal(err)
	}
	r := k.build(opt)
	if !p.Estimated || r.Plan.Estimated || len(p.Packages) != len(r.Plan.Packages) {
		t.Errorf("planned %d packages, built %d", len(p.Packages), len(r.Packages))
	}
}

// TestPlanForAStick divides what is to be carried on a USB stick: no package
// reaches 4 GiB and no file 1 GiB, whatever the limit.
func TestPlanForAStick(t *testing.T) {
	k := newKit(t)
	k.video(k.activity("主题展览", 0), 1000)
	var id string
	const size = 9_876_543_210
	for id = range k.in.Materials {
		m := k.in.Materials[id]
		m.Size = size
		k.in.Materials[id] = m
	}
	p, err := MakePlan(context.Background(), k.in, Options{Limit: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for i, pkg := range p.Packages {
		if pkg.Size > bag.MaxPackage {
			t.Errorf("package %d takes %d", i+1, pkg.Size)
		}
		for _, f := range pkg.Files {
			if f.Size >= bag.MaxFile {
				t.Errorf("%s takes %d", f.Name, f.Size)
			}
			sum += f.Size
		}
	}
	if sum != size || len(p.Packages) != 3 {
		t.Errorf("%d packages carry %d of %d", len(p.Packages), sum, int64(size))
	}
}

func TestBuildFailsWhole(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cases := map[string]struct {
		change   func(*kit)
		opt      Options
		progress func(int64, int64)
		want     func(error) bool
	}{
		"limit": {
			opt: Options{Limit: 30_000}, want: func(err error) bool { return errors.Is(err, ErrLimit) },
		},
		"no original": {
			change: func(k *kit) {
				for id := range k.in.Materials {
					if err := os.Remove(filepath.Join(k.dir, id)); err != nil {
						k.t.Fatal(err)
					}
				}
			},
			want: func(err error) bool {
				m, ok := errors.AsType[*MaterialError](err)
				return ok && errors.Is(err, os.ErrNotExist) && m.Question != ""
			},
		},
		"no material": {
			change: func(k *kit) { clear(k.in.Materials) },
			want:   func(err error) bool { _, ok := errors.AsType[*MaterialError](err); return ok },
		},
		"broken photo": {
			change: func(k *kit) {
				for id := range k.in.Materials {
					if err := os.WriteFile(filepath.Join(k.dir, id), []byte("not a photo"), 0o644); err != nil {
						k.t.Fatal(err)
					}
				}
			},
			want: func(err error) bool { _, ok := errors.AsType[*MaterialError](err); return ok },
		},
		"changed video": {
			change: func(k *kit) {
				k.video("activity[1]", 50_000)
				for id, m := range k.in.Materials {
					m.SHA256 = strings.Repeat("ab", 32)
					k.in.Materials[id] = m
				}
			},
			want: func(err error) bool { _, ok := errors.AsType[*bag.Error](err); return ok },
		},
		"changed video in pieces": {
			opt: Options{Limit: 200_000},
			change: func(k *kit) {
				k.video("activity[1]", 500_000)
				for id, m := range k.in.Materials {
					m.SHA256 = strings.Repeat("ab", 32)
					k.in.Materials[id] = m
				}
			},
			want: func(err error) bool {
				_, ok := errors.AsType[*MaterialError](err)
				return ok && errors.Is(err, media.Changed)
			},
		},
		"bad id": {
			change: func(k *kit) { k.in.Ref.ID = "../../x" },
			want:   func(err error) bool { return errors.Is(err, ErrReport) },
		},
		"cancelled": {
			opt:      Options{Limit: 200_000},
			progress: func(done, total int64) { cancel() },
			want:     func(err error) bool { return errors.Is(err, context.Canceled) },
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.activity("主题展览", 2)
			if c.change != nil {
				c.change(k)
			}
			out, use := t.TempDir(), context.Background()
			if c.progress != nil {
				use = ctx
			}
			_, err := Build(use, k.in, out, c.opt, c.progress)
			if err == nil || !c.want(err) {
				t.Errorf("error is %v", err)
			}
			if left, _ := os.ReadDir(out); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestProgressOnlyGrowsAndEnds(t *testing.T) {
	k := newKit(t)
	k.video(k.activity("主题展览", 3), 300_000)
	var last, end int64
	_, err := Build(context.Background(), k.in, t.TempDir(), Options{Limit: 250_000}, func(done, total int64) {
		if done < last || done > total {
			t.Errorf("progress %d of %d after %d", done, total, last)
		}
		last, end = done, total
	})
	if err != nil || last != end || end == 0 {
		t.Errorf("ended at %d of %d: %v", last, end, err)
	}
}

// TestTagsAreOneLine: whatever separates lines in an answer, no reader finds
// more lines in bag-info.txt than there are tags. Python's splitlines, and so
// bagit-python, knows all of these.
func TestTagsAreOneLine(t *testing.T) {
	k := newKit(t)
	k.set("unit/name", "示例\v大学\f科学\x1c技术\x1d协会\x1e甲\u0085乙\u2028丙\u2029丁\r\n戊\xff")
	k.material("files/scan", "盖章.pdf", []byte("%PDF-1.4\n示例\n%%EOF\n"))
	b, err := bag.Open(k.build(Options{}).Packages[0].Path, bag.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if got, want := b.Tag("Source-Organization"), "示例 大学 科学 技术 协会 甲 乙 丙 丁 戊\uFFFD"; got != want {
		t.Errorf("the unit is %q, want %q", got, want)
	}
}
