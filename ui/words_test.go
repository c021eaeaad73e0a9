package ui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"baosong/assets"
	"baosong/ui/say"
)

// signs are the characters that widgets read or write as data: those of dates,
// numbers and lists.
const signs = "年月日号、。，！～−—　"

// TestNoTextInGoCode finds words for people in the window's code: Chinese in
// any literal, and literals where widgets are given their texts.
func TestNoTextInGoCode(t *testing.T) {
	fset := token.NewFileSet()
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "testdata" || d.Name() == "look" || d.Name() == "native" { // the names of fonts; no screen
			return fs.SkipDir
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		files++
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				// One character alone measures how high a line is.
				if text, ok := literal(n); ok && utf8.RuneCountInString(text) > 1 && strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) && !strings.ContainsRune(signs, r) }) {
					t.Errorf("%s: %q", fset.Position(n.Pos()), text)
				}
			case *ast.CallExpr:
				if s, ok := n.Fun.(*ast.SelectorExpr); ok && showing(s) {
					shown(t, fset, n.Args)
				}
			case *ast.KeyValueExpr:
				if name, ok := n.Key.(*ast.Ident); ok && (name.Name == "Label" || name.Name == "Title" || name.Name == "PlaceHolder") {
					shown(t, fset, []ast.Expr{n.Value})
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 60 {
		t.Errorf("only %d files were read", files)
	}
}

// showing reports whether a call puts its arguments on screen.
func showing(s *ast.SelectorExpr) bool {
	pkg, ok := s.X.(*ast.Ident)
	if ok && (pkg.Name == "kit" || pkg.Name == "widget" || pkg.Name == "dialog") {
		return strings.HasPrefix(s.Sel.Name, "New") || strings.HasPrefix(s.Sel.Name, "Show")
	}
	switch s.Sel.Name {
	case "SetText", "SetTitle", "SetPlaceHolder", "SetFinding", "Tell", "News":
		return true
	}
	return false
}

func shown(t *testing.T, fset *token.FileSet, args []ast.Expr) {
	t.Helper()
	for _, a := range args {
		if text, ok := literal(a); ok && strings.ContainsFunc(text, unicode.IsLetter) {
			t.Errorf("%s: %q is shown", fset.Position(a.Pos()), text)
		}
	}
}

func literal(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// TestNoPageShowsABareKey looks at every page in both languages for keys that
// have no text, and for placeholders that were not filled in.
func TestNoPageShowsABareKey(t *testing.T) {
	var groups []string
	files, err := fs.Glob(assets.Screen(), "zh/*.json")
	if err != nil {
		t.Fatal(err)
	}
	words, err := say.Load(assets.Screen(), "zh")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for key := range words.Under("") {
		group, _, _ := strings.Cut(key, ".")
		if !seen[group] {
			seen[group] = true
			groups = append(groups, regexp.QuoteMeta(group))
		}
	}
	if len(files) < 8 || len(groups) < 12 {
		t.Fatalf("%d files, %d groups of keys", len(files), len(groups))
	}
	bare := regexp.MustCompile(`\b(` + strings.Join(groups, "|") + `)\.[a-z-]+|\{[a-z]+\}`)
	for _, lang := range say.Languages {
		t.Run(lang, func(t *testing.T) {
			texts := 0
			everyPage(t, lang, func(page string, k *desk) {
				for _, text := range k.texts() {
					texts++
					if m := bare.FindString(text); m != "" && !strings.Contains(text, "@") {
						t.Errorf("%s: %q in %q", page, m, text)
					}
				}
			})
			if texts < 300 {
				t.Errorf("only %d texts were read", texts)
			}
		})
	}
}

// everyPage shows one page after the other.
func everyPage(t *testing.T, lang string, look func(page string, k *desk)) {
	k := sitIn(t, t.TempDir(), local{}, lang, unmeasured)
	for _, page := range []string{PageStart, PageCollect, PageAccounts, PageSettings, PageHelp} {
		k.ShowPage(page)
		k.settle()
		look(page, k)
	}
	k.begin(noticesOf(k)[0])
	k.settle()
	k.editor.Show(1)
	k.editor.AddEntry()
	for i := range k.editor.SendPage() + 1 {
		k.editor.Show(i)
		k.settle()
		look("page "+strconv.Itoa(i), k)
	}
	k.editor.ShowVersions()
	k.settle()
	look("versions", k)
	k.win.Canvas().Overlays().Top().Hide()
}
