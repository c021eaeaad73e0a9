package expr

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// function is one that forms may call.
type function struct {
	engine string // its name in the engine
	params []typ
	least  int // number of arguments that must be there
	more   bool
	result typ
	scope  bool // wants the Scope first
	chance bool // gives something else each time
}

// signatures are the functions that need nothing but the conversion of their
// arguments. The last parameter repeats where more is set.
func signatures() map[string]function {
	one := func(engine string, param, result typ) function {
		return function{engine: engine, params: []typ{param}, least: 1, result: result}
	}
	two := func(engine string, a, b, result typ) function {
		return function{engine: engine, params: []typ{a, b}, least: 2, result: result}
	}
	many := func(engine string, result typ) function {
		return function{engine: engine, params: []typ{typMany}, least: 1, more: true, result: result}
	}
	clock := func(engine string) function {
		return function{engine: engine, result: typText, scope: true}
	}
	out := map[string]function{
		"selected":       two("selected", typText, typText, typBool),
		"is-selected":    two("selected", typText, typText, typBool),
		"selected-at":    two("selectedAt", typText, typNumber, typText),
		"count-selected": one("countSelected", typText, typNumber),

		"regex":               two("matches", typText, typText, typBool),
		"contains":            two("hasText", typText, typText, typBool),
		"starts-with":         two("hasStart", typText, typText, typBool),
		"ends-with":           two("hasEnd", typText, typText, typBool),
		"string-length":       one("textLength", typText, typNumber),
		"normalize-space":     one("normalizeSpace", typText, typText),
		"substring-before":    two("before", typText, typText, typText),
		"substring-after":     two("after", typText, typText, typText),
		"translate":           {engine: "translate", params: []typ{typText, typText, typText}, least: 3, result: typText},
		"substr":              {engine: "substr", params: []typ{typText, typNumber, typNumber}, least: 2, result: typText},
		"boolean-from-string": one("truthOf", typText, typBool),

		"concat":          {engine: "concat", params: []typ{typMany}, more: true, result: typText},
		"join":            {engine: "join", params: []typ{typText, typMany}, least: 2, more: true, result: typText},
		"sum":             many("sum", typNumber),
		"min":             many("least", typNumber),
		"max":             many("most", typNumber),
		"count":           one("count", typMany, typNumber),
		"count-non-empty": one("countNonEmpty", typMany, typNumber),

		"int":   one("whole", typNumber, typNumber),
		"round": {engine: "round", params: []typ{typNumber, typNumber}, least: 1, result: typNumber},
		"pow":   two("pow", typNumber, typNumber, typNumber),
		"atan2": two("atan2", typNumber, typNumber, typNumber),
		"pi":    {engine: "pi", result: typNumber},

		"date":              one("toDate", typText, typText),
		"date-time":         one("toDateTime", typText, typText),
		"format-date":       {engine: "formatDate", params: []typ{typText, typText}, least: 2, result: typText, scope: true},
		"format-date-time":  {engine: "formatDate", params: []typ{typText, typText}, least: 2, result: typText, scope: true},
		"decimal-date-time": one("textNumber", typText, typNumber),
		"decimal-time":      one("timeOfDay", typText, typNumber),
		"today":             clock("today"),
		"now":               clock("now"),

		"uuid":   {engine: "uuid", params: []typ{typNumber}, result: typText, chance: true},
		"random": {engine: "random", result: typNumber, chance: true},

		"checklist": {engine: "checklist", params: []typ{typNumber, typNumber, typBool}, least: 2, more: true, result: typBool},
	}
	for _, name := range []string{"abs", "exp", "exp10", "log", "log10", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan"} {
		out[name] = one(name, typNumber, typNumber)
	}
	return out
}

// call compiles a call, first those functions that are not mere functions.
func (c *compiler) call(n *Node) (ast.Node, typ, error) {
	special := map[string]struct {
		least, most int
		compile     func(*Node) (ast.Node, typ, error)
	}{
		"true":               {0, 0, func(*Node) (ast.Node, typ, error) { return &ast.BoolNode{Value: true}, typBool, nil }},
		"false":              {0, 0, func(*Node) (ast.Node, typ, error) { return &ast.BoolNode{}, typBool, nil }},
		"not":                {1, 1, c.not},
		"if":                 {3, 3, c.choose},
		"coalesce":           {2, 100, c.coalesce},
		"once":               {1, 1, c.once},
		"position":           {0, 1, c.position},
		"indexed-repeat":     {3, 7, c.indexedRepeat},
		"jr:choice-name":     {2, 2, c.choiceName},
		"weighted-checklist": {2, 200, c.weightedChecklist},
		"string":             {1, 1, c.cast(typText)},
		"number":             {1, 1, c.cast(typNumber)},
		"boolean":            {1, 1, c.cast(typBool)},
	}
	if s, ok := special[n.Text]; ok {
		if len(n.Args) < s.least || len(n.Args) > s.most {
			return nil, 0, mistake(n.At, "%s does not take %d arguments", n.Text, len(n.Args))
		}
		return s.compile(n)
	}
	f, ok := signatures()[n.Text]
	if !ok {
		c.errs = append(c.errs, mistake(n.At, "unknown function %s", n.Text))
		for _, a := range n.Args {
			if _, _, err := c.node(a); err != nil {
				return nil, 0, err
			}
		}
		return &ast.StringNode{}, typText, nil
	}
	if len(n.Args) == 0 && (n.Text == "string-length" || n.Text == "normalize-space") {
		n = &Node{Kind: Call, Text: n.Text, Args: []*Node{own(n)}, At: n.At}
	}
	if len(n.Args) < f.least || (len(n.Args) > len(f.params) && !f.more) || len(n.Args) > 200 {
		return nil, 0, mistake(n.At, "%s does not take %d arguments", n.Text, len(n.Args))
	}
	args := make([]ast.Node, len(n.Args))
	for i, a := range n.Args {
		x, err := c.as(a, f.params[min(i, len(f.params)-1)])
		if err != nil {
			return nil, 0, err
		}
		args[i] = x
	}
	if n.Text == "regex" && n.Args[1].Kind == Text {
		re, err := pattern(n.Args[1])
		if err != nil {
			return nil, 0, err
		}
		return invoke("matchesPattern", args[0], &ast.ConstantNode{Value: re}), typBool, nil
	}
	if f.scope {
		args = slices.Insert(args, 0, ast.Node(&ast.IdentifierNode{Value: "$env"}))
	}
	c.constant = c.constant && !f.scope && !f.chance
	return invoke(f.engine, args...), f.result, nil
}

func (c *compiler) cast(t typ) func(*Node) (ast.Node, typ, error) {
	return func(n *Node) (ast.Node, typ, error) {
		x, err := c.as(n.Args[0], t)
		return x, t, err
	}
}

func (c *compiler) not(n *Node) (ast.Node, typ, error) {
	x, err := c.as(n.Args[0], typBool)
	return &ast.UnaryNode{Operator: "!", Node: x}, typBool, err
}

// choose keeps the type of both branches where they agree.
func (c *compiler) choose(n *Node) (ast.Node, typ, error) {
	cond, err := c.as(n.Args[0], typBool)
	if err != nil {
		return nil, 0, err
	}
	yes, yt, err := c.node(n.Args[1])
	if err != nil {
		return nil, 0, err
	}
	no, nt, err := c.node(n.Args[2])
	if err != nil {
		return nil, 0, err
	}
	t := yt
	if yt != nt {
		t = typText
	}
	if yes, err = convert(n.Args[1], yes, yt, t); err != nil {
		return nil, 0, err
	}
	no, err = convert(n.Args[2], no, nt, t)
	return &ast.ConditionalNode{Cond: cond, Exp1: yes, Exp2: no}, t, err
}

// coalesce gives a text, which counts as a number wherever one is wanted.
func (c *compiler) coalesce(n *Node) (ast.Node, typ, error) {
	args := make([]ast.Node, len(n.Args))
	for i, a := range n.Args {
		x, err := c.as(a, typText)
		if err != nil {
			return nil, 0, err
		}
		args[i] = x
	}
	return invoke("coalesce", args...), typText, nil
}

// once is the place's own answer, if there is one already.
func (c *compiler) once(n *Node) (ast.Node, typ, error) {
	there, err := c.as(own(n), typText)
	if err != nil {
		return nil, 0, err
	}
	x, err := c.as(n.Args[0], typText)
	return &ast.ConditionalNode{
		Cond: &ast.BinaryNode{Operator: "!=", Left: there, Right: &ast.StringNode{}}, Exp1: there, Exp2: x,
	}, typText, err
}

// own is the path of the place where n stands: a single dot.
func own(n *Node) *Node { return &Node{Kind: Place, Path: &Path{}, At: n.At} }

func (c *compiler) position(n *Node) (ast.Node, typ, error) {
	where := own(n)
	if len(n.Args) == 1 {
		where = n.Args[0]
	}
	if where.Kind != Place {
		return nil, 0, mistake(where.At, "position wants a path such as ..")
	}
	ref, err := c.names.Resolve(where.Path)
	if err != nil {
		return nil, 0, at(where, err)
	}
	if ref.Many {
		return nil, 0, mistake(where.At, "several places where position wants one")
	}
	return c.ask("position", ref.ID), typNumber, nil
}

func (c *compiler) indexedRepeat(n *Node) (ast.Node, typ, error) {
	if len(n.Args)%2 == 0 || n.Args[0].Kind != Place {
		return nil, 0, mistake(n.At, "want indexed-repeat(${answer}, ${repeat}, number)")
	}
	var repeats []*Path
	var numbers []ast.Node
	for i := 1; i < len(n.Args); i += 2 {
		if n.Args[i].Kind != Place {
			return nil, 0, mistake(n.Args[i].At, "want a repeat such as ${repeat}")
		}
		repeats = append(repeats, n.Args[i].Path)
		x, err := c.as(n.Args[i+1], typNumber)
		if err != nil {
			return nil, 0, err
		}
		numbers = append(numbers, x)
	}
	ref, err := c.names.Indexed(n.Args[0].Path, repeats)
	if err != nil {
		return nil, 0, at(n, err)
	}
	return c.ask("indexed", ref.ID, numbers...), typText, nil
}

// choiceName takes its second argument as a path in quotes, as ODK wants it, or
// bare.
func (c *compiler) choiceName(n *Node) (ast.Node, typ, error) {
	choice, err := c.as(n.Args[0], typText)
	if err != nil {
		return nil, 0, err
	}
	where := n.Args[1]
	if where.Kind == Text {
		if where, err = Parse(where.Text); err != nil {
			return nil, 0, mistake(n.Args[1].At, "want the path of a select: %w", err)
		}
	}
	if where.Kind != Place {
		return nil, 0, mistake(n.Args[1].At, "want the path of a select")
	}
	id, err := c.names.Choices(where.Path)
	if err != nil {
		return nil, 0, at(n.Args[1], err)
	}
	return c.ask("label", id, choice), typText, nil
}

// weightedChecklist takes a truth and a weight by turns after its bounds.
func (c *compiler) weightedChecklist(n *Node) (ast.Node, typ, error) {
	if len(n.Args)%2 != 0 {
		return nil, 0, mistake(n.At, "%s does not take %d arguments", n.Text, len(n.Args))
	}
	least, err := c.as(n.Args[0], typNumber)
	if err != nil {
		return nil, 0, err
	}
	most, err := c.as(n.Args[1], typNumber)
	if err != nil {
		return nil, 0, err
	}
	args := []ast.Node{least, most}
	for i := 2; i < len(n.Args); i += 2 {
		yes, err := c.as(n.Args[i], typBool)
		if err != nil {
			return nil, 0, err
		}
		weight, err := c.as(n.Args[i+1], typNumber)
		if err != nil {
			return nil, 0, err
		}
		args = append(args, &ast.ConditionalNode{Cond: yes, Exp1: weight, Exp2: &ast.FloatNode{}})
	}
	return invoke("weightedChecklist", args...), typBool, nil
}
