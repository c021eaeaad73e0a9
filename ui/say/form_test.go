package say

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"baosong/forms"
	"baosong/forms/xlsform"
)

func TestProblemsAreToldInChinese(t *testing.T) {
	w := load(t, "zh")
	_, _, err := xlsform.Read(fstest.MapFS{
		"survey.csv":   {Data: []byte("type,name,label,relevant\ntext,a,A,${gone} = 1 and regex('(')\ntext,b,B,\"regex(., '(')\"\ntext,a b,C,1 +\n")},
		"settings.csv": {Data: []byte("form_id\nx\n")},
		"notice.csv":   {Data: []byte("key,value\nid,x\ndeadline,某天\n")},
	}, ".")
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatal(err)
	}
	var got []string
	for _, e := range joined.Unwrap() {
		got = append(got, w.Problem(e.(forms.Problem)))
	}
	want := []string{
		"survey 工作表第 2 行 relevant 列：第 1 个字符：没有题项 ${gone}", "survey 工作表第 2 行 relevant 列：第 17 个字符：函数 regex 不能有 1 个参数",
		"survey 工作表第 3 行 relevant 列：第 10 个字符：不是正确的正则表达式：", "survey 工作表第 4 行 name 列：“a b”不能用作名称",
		"survey 工作表第 4 行 relevant 列：第 4 个字符：应是一个值，却是 结尾", "notice 工作表第 3 行 value 列：deadline：“某天”：应写成 2024-06-10 或 2024-06-10T18:00",
	}
	if len(got) != len(want) {
		t.Fatalf("%d problems: %q", len(got), got)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("told %q, want %q", got[i], want[i])
		}
	}
	if a := w.Error(err); a.What != "通知的表单有误。" || !strings.HasPrefix(a.Raw, want[0]) {
		t.Errorf("all of it: %+v", a)
	}
}

// TestEveryFaultHasWords looks for the formats of faults in the source.
func TestEveryFaultHasWords(t *testing.T) {
	w := load(t, "zh")
	makers := map[string]int{"mistake": 1, "Faultf": 0, "surveyProblem": 2, "problem": 2} // place of the format
	found := 0
	for _, dir := range []string{"forms", "forms/expr", "forms/xlsform"} {
		files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(dir), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				maker := ""
				switch fn := call.Fun.(type) {
				case *ast.Ident:
					maker = fn.Name
				case *ast.SelectorExpr:
					maker = fn.Sel.Name
				}
				place, ok := makers[maker]
				if !ok || len(call.Args) <= place {
					return true
				}
				if lit, ok := call.Args[place].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					format, err := strconv.Unquote(lit.Value)
					found++
					if key := "form.fault." + format; err != nil || !w.Has(key) || strings.Count(w.T(key), "%") != strings.Count(format, "%") {
						t.Errorf("%s: no words for %q", filepath.Base(name), format)
					}
				}
				return true
			})
		}
	}
	if found < 60 {
		t.Errorf("only %d faults found", found)
	}
}
