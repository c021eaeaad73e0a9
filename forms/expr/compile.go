package expr

import (
	"errors"
	"fmt"
	"regexp"

	engine "github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"
)

// Program is a compiled expression. It is safe for concurrent use.
type Program struct {
	program *vm.Program
	result  typ
	value   any // the result, where it is always the same
}

// Machine runs programs, one at a time.
type Machine struct{ vm vm.VM }

// typ is what an operator or function takes and gives.
type typ int

const (
	typAny    typ = iota // of parameters: what the argument is
	typNumber            // float64
	typText              // string
	typBool
	typMany // []string, the answers of several places
)

// Compile turns a tree into a program, with the names resolved. An error is an
// *Error, wraps one of names, or joins several of either.
func Compile(n *Node, names Names) (*Program, error) {
	c := &compiler{names: names, constant: true}
	tree, result, err := c.node(n)
	if err = errors.Join(append(c.errs, err)...); err != nil {
		return nil, err
	}
	if result == typMany {
		return nil, mistake(n.At, "several answers where one is wanted; use sum, count, join or indexed-repeat")
	}
	options := append(engineFunctions(), engine.Patch(&root{tree: tree}), engine.DisableAllBuiltins())
	p, err := engine.Compile("nil", options...)
	if err != nil {
		return nil, fmt.Errorf("compile the expression: %w", err)
	}
	out := &Program{program: p, result: result}
	if c.constant {
		if out.value, err = new(Machine).run(out, nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// root puts our tree in the place of the one that the engine parsed.
type root struct {
	tree ast.Node
	done bool
}

func (r *root) Visit(n *ast.Node) {
	if !r.done {
		r.done = true
		ast.Patch(n, r.tree)
	}
}

// compiler translates a tree of ours into one of the engine's, in which each
// operator and call has operands of one known type.
type compiler struct {
	names    Names
	constant bool    // nothing so far depends on answers, the clock or chance
	errs     []error // unknown names, each of which is worth telling
}

func (c *compiler) node(n *Node) (ast.Node, typ, error) {
	switch n.Kind {
	case Number:
		return &ast.FloatNode{Value: n.Number}, typNumber, nil
	case Text:
		return &ast.StringNode{Value: n.Text}, typText, nil
	case Negate:
		x, err := c.as(n.Args[0], typNumber)
		return &ast.UnaryNode{Operator: "-", Node: x}, typNumber, err
	case Binary:
		return c.binary(n)
	case Call:
		return c.call(n)
	}
	ref, err := c.names.Resolve(n.Path)
	if err != nil {
		c.errs = append(c.errs, at(n, err))
		return &ast.StringNode{}, typText, nil
	}
	if ref.Many {
		return c.ask("values", ref.ID), typMany, nil
	}
	return c.ask("value", ref.ID), typText, nil
}

// at gives an error of names the place of n.
func at(n *Node, err error) error {
	return &Error{At: n.At + 1, Err: err}
}

// ask calls one of the functions that read the Scope, which is the engine's
// environment.
func (c *compiler) ask(name string, id int, args ...ast.Node) ast.Node {
	c.constant = false
	return invoke(name, append([]ast.Node{&ast.IdentifierNode{Value: "$env"}, &ast.IntegerNode{Value: id}}, args...)...)
}

func invoke(name string, args ...ast.Node) ast.Node {
	return &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: args}
}

// as compiles n and converts the result, by the rules of XPath 1.0, 3.2–3.5.
func (c *compiler) as(n *Node, want typ) (ast.Node, error) {
	x, have, err := c.node(n)
	if err != nil {
		return nil, err
	}
	return convert(n, x, have, want)
}

func convert(n *Node, x ast.Node, have, want typ) (ast.Node, error) {
	if have == want || want == typAny {
		return x, nil
	}
	if have == typMany {
		return nil, mistake(n.At, "several answers where one is wanted; use sum, count, join or indexed-repeat")
	}
	switch want {
	case typMany:
		x, err := convert(n, x, have, typText)
		return invoke("list", x), err
	case typNumber:
		if have == typBool {
			return &ast.ConditionalNode{Cond: x, Exp1: &ast.FloatNode{Value: 1}, Exp2: &ast.FloatNode{Value: 0}}, nil
		}
		return invoke("textNumber", x), nil
	case typText:
		if have == typBool {
			return &ast.ConditionalNode{Cond: x, Exp1: &ast.StringNode{Value: "true"}, Exp2: &ast.StringNode{Value: "false"}}, nil
		}
		return invoke("numberText", x), nil
	}
	if have == typNumber {
		return invoke("numberBool", x), nil
	}
	return &ast.BinaryNode{Operator: "!=", Left: x, Right: &ast.StringNode{}}, nil
}

func (c *compiler) binary(n *Node) (ast.Node, typ, error) {
	switch n.Op {
	case "or", "and":
		operator := map[string]string{"or": "||", "and": "&&"}[n.Op]
		x, err := c.both(n, operator, typBool)
		return x, typBool, err
	case "+", "-", "*", "div":
		operator := n.Op
		if operator == "div" {
			operator = "/"
		}
		x, err := c.both(n, operator, typNumber)
		return x, typNumber, err
	case "mod":
		left, right, err := c.pair(n, typNumber)
		return invoke("remainder", left, right), typNumber, err
	case "<", "<=", ">", ">=":
		x, err := c.both(n, n.Op, typNumber)
		return x, typBool, err
	}
	return c.equality(n)
}

func (c *compiler) both(n *Node, operator string, t typ) (ast.Node, error) {
	left, right, err := c.pair(n, t)
	return &ast.BinaryNode{Operator: operator, Left: left, Right: right}, err
}

func (c *compiler) pair(n *Node, t typ) (left, right ast.Node, err error) {
	if left, err = c.as(n.Args[0], t); err != nil {
		return nil, nil, err
	}
	right, err = c.as(n.Args[1], t)
	return left, right, err
}

// equality compares truths if one side is a truth, else numbers if one side is
// a number, else texts (XPath 1.0, 3.4).
func (c *compiler) equality(n *Node) (ast.Node, typ, error) {
	left, lt, err := c.node(n.Args[0])
	if err != nil {
		return nil, 0, err
	}
	right, rt, err := c.node(n.Args[1])
	if err != nil {
		return nil, 0, err
	}
	t := typText
	switch {
	case lt == typBool || rt == typBool:
		t = typBool
	case lt == typNumber || rt == typNumber:
		t = typNumber
	}
	if left, err = convert(n.Args[0], left, lt, t); err != nil {
		return nil, 0, err
	}
	if right, err = convert(n.Args[1], right, rt, t); err != nil {
		return nil, 0, err
	}
	var x ast.Node = &ast.BinaryNode{Operator: "==", Left: left, Right: right}
	if t == typNumber {
		x = invoke("equal", left, right)
	}
	if n.Op == "!=" {
		x = &ast.UnaryNode{Operator: "!", Node: x}
	}
	return x, typBool, nil
}

// pattern compiles what regex() matches against, where it is known at import.
func pattern(n *Node) (*regexp.Regexp, error) {
	re, err := compilePattern(n.Text)
	if err != nil {
		return nil, mistake(n.At, "not a regular expression: %w", err)
	}
	return re, nil
}

func (m *Machine) run(p *Program, s Scope) (any, error) {
	if p.value != nil {
		return p.value, nil
	}
	v, err := m.vm.Run(p.program, s)
	if err != nil {
		return nil, fmt.Errorf("evaluate: %w", err)
	}
	return v, nil
}

// Text runs p and returns its result as text, "" for what is not a number.
func (m *Machine) Text(p *Program, s Scope) (string, error) {
	v, err := m.run(p, s)
	switch v := v.(type) {
	case string:
		return v, nil
	case float64:
		if v != v {
			return "", nil
		}
		return FormatNumber(v), nil
	case bool:
		if v {
			return "true", nil
		}
		return "false", nil
	}
	return "", err
}

// Truth runs p and returns its result as XPath's boolean() has it.
func (m *Machine) Truth(p *Program, s Scope) (bool, error) {
	v, err := m.run(p, s)
	switch v := v.(type) {
	case bool:
		return v, nil
	case string:
		return v != "", nil
	case float64:
		return v == v && v != 0, nil
	}
	return false, err
}

// Number runs p and returns its result as XPath's number() has it.
func (m *Machine) Number(p *Program, s Scope) (float64, error) {
	v, err := m.run(p, s)
	switch v := v.(type) {
	case float64:
		return v, nil
	case string:
		return ToNumber(v), nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	}
	return 0, err
}

// IsNumber reports whether the result of p is a number, as of a predicate that
// stands for a position.
func (p *Program) IsNumber() bool { return p.result == typNumber }
