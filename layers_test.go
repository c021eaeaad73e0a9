package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "baosong"

// row says which of our packages a package may import. In all tables here a pattern is a
// package's path in the module ("." for the program), or "x/..." for everything below x.
type row struct {
	pkg string
	may []string
}

// rows is the layout table of the design. The first row that matches a package rules it.
var rows = []row{
	{".", []string{"..."}},
	{"assets", nil},

	{"forms", []string{"forms/expr"}},
	{"forms/expr", nil},
	{"forms/atomicfile", nil},
	{"forms/xlsform", []string{"forms"}},
	{"forms/draft", []string{"forms", "forms/atomicfile"}},
	{"forms/media", []string{"forms", "forms/media/...", "forms/atomicfile"}},
	{"forms/media/...", []string{"forms", "forms/media/..."}},
	{"forms/office", []string{"forms", "forms/atomicfile", "assets"}},
	{"forms/bag", []string{"forms/atomicfile"}},
	{"forms/submit", []string{"forms", "forms/bag", "forms/media", "forms/office", "forms/draft", "forms/atomicfile", "assets"}},
	{"forms/ledger", []string{"forms"}},

	{"mailer", nil},
	{"mailer/eml", []string{"mailer"}},
	{"mailer/internal/wire", []string{"mailer"}}, // what the connections of smtp and imap share
	{"mailer/smtp", []string{"mailer", "mailer/internal/wire"}},
	{"mailer/imap", []string{"mailer", "mailer/eml", "mailer/internal/wire"}},
	{"mailer/outbox", []string{"mailer", "forms/atomicfile"}},
	{"mailer/loopback", []string{"mailer"}},
	// For tests only: no row but the program's lets it in, so nothing else that ships can import it.
	{"mailer/internal/conformance", []string{"mailer", "mailer/eml"}},
	{"mailer/secret", []string{"mailer"}},
	{"mailer/home", []string{"mailer", "mailer/outbox", "forms", "forms/..."}},
	{"mailer/post", []string{"mailer", "mailer/eml", "mailer/outbox", "mailer/home", "forms", "forms/...", "assets"}},

	{"ui", []string{"ui/...", "mailer", "mailer/home", "mailer/post", "forms", "forms/..."}},
	{"ui/unit", []string{"mailer", "mailer/home", "mailer/outbox", "mailer/post", "forms", "forms/...", "ui/kit", "ui/say", "ui/native", "ui/paper"}},
	{"ui/organizer", []string{"mailer", "mailer/home", "mailer/outbox", "mailer/post", "forms", "forms/...", "ui/kit", "ui/say", "ui/native"}},
	{"ui/kit", []string{"ui/look"}},
	{"ui/look", []string{"assets"}},
	{"ui/bench", nil}, // benchmarks only
	{"ui/native", nil},
	{"ui/paper", nil},
	{"ui/say", []string{"forms", "forms/...", "mailer", "mailer/eml", "mailer/outbox", "mailer/home", "mailer/post"}},
	{"ui/cli", []string{"mailer", "mailer/outbox", "mailer/home", "mailer/secret", "mailer/post", "forms", "forms/...", "ui/say", "assets"}},
}

// owners names the only packages that may import a library themselves.
var owners = []struct {
	lib string
	may []string
}{
	{"github.com/xuri/excelize/v2", []string{"forms/office", "forms/xlsform"}},
	{"github.com/wneessen/go-mail", []string{"mailer/smtp"}},
	{"github.com/emersion/go-message", []string{"mailer/eml", "mailer/imap"}},
}

// onlyLibs lists all that a package may import from outside our tree and the standard library.
var onlyLibs = map[string][]string{
	"forms":      nil, // the expression engine comes through forms/expr
	"forms/expr": {"github.com/expr-lang/expr"},
}

// walls holds what must not be reached, by whatever way.
var walls = []struct {
	from  []string
	never string // an import path, with everything below it
	noCgo bool   // only in the build without cgo
}{
	{from: []string{"forms", "forms/...", "mailer", "mailer/...", "ui/cli", "ui/say"}, never: "fyne.io"},
	{from: []string{"."}, never: "fyne.io", noCgo: true},
	{from: []string{"forms", "forms/..."}, never: module + "/mailer"},
}

// TestLayers holds the arrows of the design in every build that ships.
func TestLayers(t *testing.T) {
	for _, goos := range []string{"linux", "windows", "darwin"} {
		for _, cgo := range []string{"1", "0"} {
			t.Run(goos+" cgo="+cgo, func(t *testing.T) {
				t.Parallel()
				g := list(t, goos, cgo)
				for _, complaint := range slices.Concat(g.arrows(), g.libraries(), g.reach(cgo == "0")) {
					t.Error(complaint)
				}
			})
		}
	}
}

// graph is the import graph of one build: our packages and all they reach.
type graph struct {
	imports  map[string][]string
	standard map[string]bool
}

// list asks the go command for the graph, without compiling anything.
func list(t *testing.T, goos, cgo string) graph {
	t.Helper()
	tags := "nodynamic"
	if cgo == "0" {
		tags += ",ci" // the OpenGL driver lists no files without cgo
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Imports,Standard", "-tags", tags, "./...")
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH=amd64", "CGO_ENABLED="+cgo)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	g := graph{imports: map[string][]string{}, standard: map[string]bool{}}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
			Standard   bool
		}
		if err := dec.Decode(&p); err == io.EOF {
			return g
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		g.imports[p.ImportPath], g.standard[p.ImportPath] = p.Imports, p.Standard
	}
}

// ours yields the packages of this module, sorted.
func (g graph) ours() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(g.imports)), func(p string) bool { return !below(p, module) })
}

// arrows checks each import between our packages against the table.
func (g graph) arrows() (complaints []string) {
	for _, pkg := range g.ours() {
		i := slices.IndexFunc(rows, func(r row) bool { return matches(r.pkg, pkg) })
		if i < 0 {
			complaints = append(complaints, fmt.Sprintf("%s: has no row in the layout table", pkg))
			continue
		}
		for _, imp := range g.imports[pkg] {
			if below(imp, module) && !matchesAny(rows[i].may, imp) {
				complaints = append(complaints, fmt.Sprintf("%s → %s: the row %q allows only %q", pkg, imp, rows[i].pkg, rows[i].may))
			}
		}
	}
	return complaints
}

// libraries checks who imports what from outside.
func (g graph) libraries() (complaints []string) {
	for _, pkg := range g.ours() {
		only, limited := onlyLibs[short(pkg)]
		for _, imp := range g.imports[pkg] {
			for _, o := range owners {
				if below(imp, o.lib) && !matchesAny(o.may, pkg) {
					complaints = append(complaints, fmt.Sprintf("%s → %s: only for %q", pkg, imp, o.may))
				}
			}
			foreign := !g.standard[imp] && !below(imp, module)
			if limited && foreign && !slices.ContainsFunc(only, func(lib string) bool { return below(imp, lib) }) {
				complaints = append(complaints, fmt.Sprintf("%s → %s: beside the standard library only %q", pkg, imp, only))
			}
		}
	}
	return complaints
}

// reach checks the walls over the whole graph and names the way through.
func (g graph) reach(noCgo bool) (complaints []string) {
	for _, w := range walls {
		if w.noCgo && !noCgo {
			continue
		}
		for _, pkg := range g.ours() {
			if !matchesAny(w.from, pkg) {
				continue
			}
			if way := g.way(pkg, w.never); way != nil {
				complaints = append(complaints, fmt.Sprintf("%s: must not reach %s", strings.Join(way, " → "), w.never))
			}
		}
	}
	return complaints
}

// way returns the shortest chain of imports from pkg to something at or below target, or nil.
func (g graph) way(pkg, target string) []string {
	from := map[string]string{pkg: ""}
	for queue := []string{pkg}; len(queue) > 0; queue = queue[1:] {
		for _, imp := range g.imports[queue[0]] {
			if _, seen := from[imp]; seen {
				continue
			}
			from[imp] = queue[0]
			if below(imp, target) {
				var chain []string
				for p := imp; p != ""; p = from[p] {
					chain = append(chain, p)
				}
				slices.Reverse(chain)
				return chain
			}
			queue = append(queue, imp)
		}
	}
	return nil
}

// short is a package's name in the tables: its path in the module, "." for the program.
func short(pkg string) string {
	if pkg == module {
		return "."
	}
	return strings.TrimPrefix(pkg, module+"/")
}

func below(pkg, root string) bool { return pkg == root || strings.HasPrefix(pkg, root+"/") }

func matchesAny(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, pkg) })
}

func matches(pattern, pkg string) bool {
	if root, ok := strings.CutSuffix(pattern, "..."); ok {
		return strings.HasPrefix(short(pkg), root)
	}
	return short(pkg) == pattern
}
