package look

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"github.com/go-text/typesetting/font"
)

// ErrNoFace says that no usable face with simplified Chinese was found on the system.
var ErrNoFace = errors.New("no usable face with simplified Chinese on this system")

// Faces are the two faces text is drawn in.
type Faces struct {
	Family  string        // as the font names it
	Regular fyne.Resource // nil: Fyne's own
	Bold    fyne.Resource // the regular one where the system has no bold
}

// candidate is one family: the files it comes in, and the names its faces carry.
type candidate struct {
	families []string
	regular  []string // file names, lower case
	bold     []string
}

// candidates lists the families by preference: those made for screens first, simplified Chinese only
// (a collection holds Japanese faces beside it, whose shapes differ).
func candidates() []candidate {
	return []candidate{
		{ // 微软雅黑: the UI face has the tighter lines
			[]string{"Microsoft YaHei UI", "Microsoft YaHei"},
			[]string{"msyh.ttc", "msyh.ttf"},
			[]string{"msyhbd.ttc", "msyhbd.ttf"},
		},
		{[]string{"PingFang SC"}, []string{"pingfang.ttc"}, []string{"pingfang.ttc"}},
		{
			[]string{"Hiragino Sans GB"},
			[]string{"hiragino sans gb.ttc"},
			[]string{"hiragino sans gb.ttc"},
		},
		{
			[]string{"Heiti SC"},
			[]string{"stheiti light.ttc", "stheiti medium.ttc"},
			[]string{"stheiti medium.ttc"},
		},
		{
			[]string{"Noto Sans CJK SC", "Noto Sans SC"},
			[]string{
				"notosanscjk-regular.ttc", "notosanscjksc-regular.otf", "notosanssc-regular.otf",
				"notosanssc-regular.ttf", "notosanscjk.ttc", "notosanscjk-vf.ttc", "notosanssc-vf.ttf",
			},
			[]string{
				"notosanscjk-bold.ttc", "notosanscjksc-bold.otf", "notosanssc-bold.otf",
				"notosanssc-bold.ttf", "notosanscjk.ttc",
			},
		},
		{
			[]string{"Source Han Sans SC", "Source Han Sans CN"},
			[]string{
				"sourcehansans-regular.ttc", "sourcehansanssc-regular.otf", "sourcehansanscn-regular.otf", "sourcehansans.ttc",
			},
			[]string{"sourcehansans-bold.ttc", "sourcehansanssc-bold.otf", "sourcehansanscn-bold.otf", "sourcehansans.ttc"},
		},
		{[]string{"DengXian"}, []string{"deng.ttf"}, []string{"dengb.ttf"}},
		{[]string{"WenQuanYi Micro Hei"}, []string{"wqy-microhei.ttc"}, nil},
		{[]string{"WenQuanYi Zen Hei"}, []string{"wqy-zenhei.ttc"}, nil},
		{[]string{"Droid Sans Fallback"}, []string{"droidsansfallbackfull.ttf", "droidsansfallback.ttf"}, nil},
		{[]string{"SimHei"}, []string{"simhei.ttf"}, nil},
		{[]string{"SimSun"}, []string{"simsun.ttc"}, nil},
	}
}

// ReadAhead begins to read the regular face, which Use asks for first, while the program does something else.
func (f Faces) ReadAhead() {
	if r, ok := f.Regular.(*faceResource); ok {
		go r.prepare(nil)
	}
}

// load has use load the regular face and then the bold one. Both are read into the same memory, since fresh memory is
// what takes time when a program starts: use must be done with a face's content when it returns.
func (f Faces) load(use func(bold bool)) {
	var room []byte
	for i, r := range []fyne.Resource{f.Regular, f.Bold} {
		r, ours := r.(*faceResource)
		if ours {
			room = r.prepare(room)
		}
		use(i == 1)
		if ours {
			r.forget()
		}
	}
}

// SystemFaces finds the system's Chinese face, regular and bold. Where there is none it returns no faces and
// ErrNoFace, with what was wrong with those that were tried; a Theme made of it falls back to Fyne's own.
func SystemFaces() (Faces, error) {
	files := fontFiles(fontFolders(runtime.GOOS, systemEnv))
	faces, err := pickFaces(files, candidates())
	if err == nil || runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return faces, err
	}
	path, asked := askFontconfig()
	if asked != nil {
		return Faces{}, errors.Join(err, asked)
	}
	res, _, asked := openFace([]string{path}, nil, 400)
	if asked != nil {
		return Faces{}, errors.Join(err, asked)
	}
	return Faces{Family: res.Name(), Regular: res, Bold: res}, nil
}

// pickFaces takes the first candidate that can be drawn.
func pickFaces(files map[string]string, wanted []candidate) (Faces, error) {
	tried := []error{ErrNoFace}
	for _, c := range wanted {
		paths := found(files, c.regular)
		if len(paths) == 0 {
			continue
		}
		regular, family, err := openFace(paths, c.families, 400)
		if err != nil {
			tried = append(tried, err)
			continue
		}
		faces := Faces{Family: family, Regular: regular, Bold: regular}
		if paths := found(files, c.bold); len(paths) > 0 {
			if bold, _, err := openFace(paths, c.families, 700); err == nil {
				faces.Bold = bold
			}
		}
		return faces, nil
	}
	return Faces{}, errors.Join(tried...)
}

func found(files map[string]string, names []string) []string {
	var paths []string
	for _, n := range names {
		if p, ok := files[n]; ok {
			paths = append(paths, p)
		}
	}
	return paths
}

// weightsFor returns the weights that may stand for the wanted one: a thin default instance of a variable font
// must not become the text face, nor a medium one the bold.
func weightsFor(wanted int) (low, high int) {
	if wanted >= 600 {
		return 550, 800
	}
	return 290, 560
}

// openFace returns the face of the given families (any, if none are given) whose weight is nearest to the wanted,
// out of the files, and the family's name. Families and files are in order of preference.
func openFace(paths, families []string, wanted int) (fyne.Resource, string, error) {
	var best *faceResource
	rank, family := -1, ""
	var tried []error
	low, high := weightsFor(wanted)
	for _, path := range paths {
		err := eachFace(path, func(index int, names []string, weight int, usable bool) {
			at := slices.IndexFunc(families, func(n string) bool { return slices.Contains(names, n) })
			if !usable || weight < low || weight > high || at < 0 && len(families) > 0 {
				return
			}
			distance := 1000*max(at, 0) + abs(weight-wanted)
			if rank >= 0 && rank <= distance {
				return
			}
			rank, best = distance, &faceResource{path: path, index: index}
			family = strings.Join(names[:min(1, len(names))], "")
			if at >= 0 {
				family = families[at]
			}
		})
		if err != nil {
			tried = append(tried, err)
		}
	}
	if rank < 0 {
		return nil, "", fmt.Errorf("no face of weight %d in %s: %w", wanted, strings.Join(paths, ", "), errors.Join(tried...))
	}
	best.family = family
	// The outlines, nearly all of the file, are left out here: the renderer reads them in a moment anyway.
	data, err := best.load(essential, nil)
	if err != nil {
		return nil, "", err
	}
	if best.glyphs, err = drawable(data); err != nil {
		return nil, "", fmt.Errorf("font %s: %w", best.path, err)
	}
	return best, family, nil
}

func abs(n int) int { return max(n, -n) }

// eachFace shows every face of a font file to see.
func eachFace(path string, see func(index int, names []string, weight int, usable bool)) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open font: %w", err)
	}
	defer f.Close() // read only: nothing to lose
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("font %s: %w", path, err)
	}
	faces, err := readFaces(f, info.Size())
	if err != nil {
		return fmt.Errorf("font %s: %w", path, err)
	}
	for i, fc := range faces {
		see(i, fc.families(f), fc.weight(f), fc.outlines())
	}
	return nil
}

// drawable checks a face as the renderer will read it, and that it has the characters of the screen. It returns which
// glyphs some character leads to, or stand for those it has not: two thirds of a face for several countries.
func drawable(data []byte) ([]bool, error) {
	parsed, err := font.ParseTTF(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	for _, r := range "填报送材料活动汇总，。0aA" {
		if _, ok := parsed.NominalGlyph(r); !ok {
			return nil, fmt.Errorf("no glyph for %q", r)
		}
	}
	glyphs := make([]bool, 1<<16) // as many as a font can have
	glyphs[0] = true
	for it := parsed.Cmap.Iter(); it.Next(); {
		if _, glyph := it.Char(); int(glyph) < len(glyphs) {
			glyphs[glyph] = true
		}
	}
	return glyphs, nil
}

// faceResource reads its face anew whenever it is asked: the renderer keeps a parsed copy of its own for each
// text style, and a second one in memory would be 16 MB for nothing.
type faceResource struct {
	path   string
	index  int
	family string
	glyphs []bool // those that are drawn
	mu     sync.Mutex
	ready  []byte // what the next to ask gets, and no one after
}

// Name tells one face from another, as Fyne's caches need it.
func (f *faceResource) Name() string { return fmt.Sprintf("%s#%d", f.path, f.index) }

// prepare reads the face for the next who asks, into room if that is large enough, and returns the memory it took.
func (f *faceResource) prepare(room []byte) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ready == nil {
		data, err := f.load(drawn, room)
		if err != nil {
			return room // whoever asks is told
		}
		f.ready = data
	}
	return f.ready
}

// forget drops what was prepared, should nobody have asked.
func (f *faceResource) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ready = nil
}

// Content is the face as a font file of its own. Should the file have gone since the start, it is Fyne's face.
func (f *faceResource) Content() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if data := f.ready; data != nil {
		f.ready = nil
		return data
	}
	data, err := f.load(drawn, nil)
	if err != nil {
		fyne.LogError("read font", err)
		return theme.DefaultTextFont().Content()
	}
	return data
}

// load reads the tables that keep takes, into room if that is large enough.
func (f *faceResource) load(keep func(tag string) bool, room []byte) ([]byte, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return nil, fmt.Errorf("open font: %w", err)
	}
	defer file.Close() // read only: nothing to lose
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", f.path, err)
	}
	faces, err := readFaces(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", f.path, err)
	}
	if f.index >= len(faces) {
		return nil, fmt.Errorf("font %s has no face %d: %w", f.path, f.index, errNotFont)
	}
	data, err := faces[f.index].repack(file, keep, func(glyph int) bool { return f.glyphs == nil || f.glyphs[glyph] }, room)
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", f.path, err)
	}
	return data, nil
}

// askFontconfig asks the system which file it would draw Chinese with.
func askFontconfig() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "fc-match", "-f", "%{file}", "sans-serif:lang=zh-cn").Output()
	if err != nil {
		return "", fmt.Errorf("ask fontconfig: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}
