package expr

import (
	"slices"
	"strconv"
)

// Kind says what a Node is.
type Kind int

const (
	Number Kind = iota // a number, such as 12.5
	Text               // a text in quotes
	Binary             // Op on two Args
	Negate             // of one Arg
	Call               // of the function Text
	Place              // a path to answers
)

// Node is one part of an expression.
type Node struct {
	Kind   Kind
	Number float64
	Text   string // a text, or the name of a function
	Op     string // or and = != < <= > >= + - * div mod
	Args   []*Node
	Path   *Path
	At     int // in characters, from 0
}

// Start says where a Path begins.
type Start int

const (
	FromHere    Start = iota // . .. name
	FromName                 // ${name}
	FromRoot                 // /data/name
	FromCurrent              // current()
)

// Path leads to one answer or to several.
type Path struct {
	Start Start
	Name  string // of ${name}
	Steps []Step
}

// Step goes up, or down to a child; predicates choose among its entries.
type Step struct {
	Up         bool
	Name       string
	Predicates []*Node
}

// maxDepth bounds the nesting of an expression.
const maxDepth = 100

// Parse reads an expression. An error is an *Error.
func Parse(s string) (*Node, error) {
	tokens, err := lex(s)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	n, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokEnd {
		return nil, mistake(t.at, "%s was not expected here", t.show())
	}
	return n, nil
}

func (t token) show() string {
	switch t.kind {
	case tokEnd:
		return "the end"
	case tokString:
		return "'" + t.text + "'"
	case tokRef:
		return "${" + t.text + "}"
	}
	return t.text
}

type parser struct {
	tokens []token
	next   int
	depth  int
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != tokEnd {
		p.next++
	}
	return t
}

func (p *parser) sign(s string) bool {
	t := p.peek()
	return t.kind == tokSign && t.text == s
}

func (p *parser) want(s string) error {
	if !p.sign(s) {
		return mistake(p.peek().at, "want %s instead of %s", s, p.peek().show())
	}
	p.next++
	return nil
}

// levels are the binary operators of XPath 1.0, the weakest first.
var levels = [...][]string{{"or"}, {"and"}, {"=", "!="}, {"<", "<=", ">", ">="}, {"+", "-"}, {"*", "div", "mod"}}

func (p *parser) binary(level int) (*Node, error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	if err != nil {
		return nil, err
	}
	for count := 0; ; count++ {
		op, at := p.operator(level)
		if op == "" {
			return left, nil
		}
		if count >= maxDepth*10 {
			return nil, mistake(at, "too many operators")
		}
		right, err := p.binary(level + 1)
		if err != nil {
			return nil, err
		}
		left = &Node{Kind: Binary, Op: op, Args: []*Node{left, right}, At: at}
	}
}

func (p *parser) operator(level int) (string, int) {
	t := p.peek()
	if t.kind != tokSign && t.kind != tokName {
		return "", 0
	}
	for _, op := range levels[level] {
		if t.text == op {
			p.next++
			return op, t.at
		}
	}
	return "", 0
}

func (p *parser) unary() (*Node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return nil, mistake(p.peek().at, "nested too deep")
	}
	if at := p.peek().at; p.sign("-") {
		p.next++
		n, err := p.unary()
		if err != nil {
			return nil, err
		}
		return &Node{Kind: Negate, Args: []*Node{n}, At: at}, nil
	}
	return p.primary()
}

func (p *parser) primary() (*Node, error) {
	switch t := p.peek(); {
	case t.kind == tokNumber:
		p.next++
		f, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return nil, mistake(t.at, "%s is not a number", t.text)
		}
		return &Node{Kind: Number, Number: f, At: t.at}, nil
	case t.kind == tokString:
		p.next++
		return &Node{Kind: Text, Text: t.text, At: t.at}, nil
	case p.sign("("):
		p.next++
		n, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		return n, p.want(")")
	case t.kind == tokName && p.callFollows():
		return p.call()
	}
	return p.place()
}

func (p *parser) callFollows() bool {
	after := p.tokens[p.next+1] // there is one: the end
	return after.kind == tokSign && after.text == "("
}

func (p *parser) call() (*Node, error) {
	t := p.take()
	p.next++ // (
	n := &Node{Kind: Call, Text: t.text, At: t.at}
	for !p.sign(")") {
		if len(n.Args) > 0 {
			if err := p.want(","); err != nil {
				return nil, err
			}
		}
		arg, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		n.Args = append(n.Args, arg)
	}
	p.next++ // )
	if n.Text == "current" && len(n.Args) == 0 {
		path := &Path{Start: FromCurrent}
		return &Node{Kind: Place, Path: path, At: t.at}, p.steps(path)
	}
	return n, nil
}

func (p *parser) place() (*Node, error) {
	t := p.take()
	path := &Path{}
	n := &Node{Kind: Place, Path: path, At: t.at}
	switch {
	case t.kind == tokRef:
		path.Start, path.Name = FromName, t.text
		predicates, err := p.predicates()
		if err != nil {
			return nil, err
		}
		if len(predicates) > 0 {
			path.Steps = []Step{{Predicates: predicates}}
		}
	case t.kind == tokName:
		p.next--
		if err := p.step(path); err != nil {
			return nil, err
		}
	case t.kind == tokSign && t.text == "/":
		path.Start = FromRoot
		if err := p.step(path); err != nil {
			return nil, err
		}
	case t.kind == tokSign && t.text == "..":
		path.Steps = []Step{{Up: true}}
	case t.kind == tokSign && t.text == ".":
	default:
		return nil, mistake(t.at, "want a value instead of %s", t.show())
	}
	return n, p.steps(path)
}

// steps reads /name/../name to the end.
func (p *parser) steps(path *Path) error {
	for p.sign("/") {
		p.next++
		if err := p.step(path); err != nil {
			return err
		}
	}
	if p.sign("|") || p.sign("//") || p.sign("::") {
		return mistake(p.peek().at, "%s is not supported", p.peek().text)
	}
	return nil
}

func (p *parser) step(path *Path) error {
	if len(path.Steps) >= maxDepth {
		return mistake(p.peek().at, "a path of too many steps")
	}
	t := p.take()
	switch {
	case t.kind == tokSign && t.text == ".":
	case t.kind == tokSign && t.text == "..":
		path.Steps = append(path.Steps, Step{Up: true})
	case t.kind == tokName:
		predicates, err := p.predicates()
		if err != nil {
			return err
		}
		path.Steps = append(path.Steps, Step{Name: t.text, Predicates: predicates})
	default:
		return mistake(t.at, "want a name instead of %s", t.show())
	}
	return nil
}

func (p *parser) predicates() ([]*Node, error) {
	var out []*Node
	for p.sign("[") {
		p.next++
		n, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		if err := p.want("]"); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// Dynamic reports whether n calls a function or names an answer, as a default
// has to in order to be an expression and not an answer.
func (n *Node) Dynamic() bool {
	if n.Kind == Call || (n.Kind == Place && n.Path.Start != FromHere) {
		return true
	}
	return slices.ContainsFunc(n.Args, (*Node).Dynamic)
}
