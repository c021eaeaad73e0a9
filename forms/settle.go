package forms

import (
	"reflect"
	"strings"
	"time"
)

// settle works out the state of every node again and returns the paths whose
// state changed, those of touched among them.
func (c *Checker) settle(touched ...*node) (changed []Path) {
	c.root.relevant = true
	c.root.walk(func(n *node) {
		old := *n
		c.work(n)
		if n.q != nil && (!sameState(&old, n) || contains(touched, n)) {
			changed = append(changed, n.path())
		}
	})
	return changed
}

func contains(list []*node, n *node) bool {
	for _, m := range list {
		if m == n {
			return true
		}
	}
	return false
}

func sameState(a, b *node) bool {
	return a.value == b.value && a.relevant == b.relevant && a.required == b.required && a.readOnly == b.readOnly &&
		reflect.DeepEqual(a.findings, b.findings) && len(a.choices) == len(b.choices)
}

func (c *Checker) work(n *node) {
	if n.q == nil {
		return
	}
	n.relevant = n.up.relevant
	n.required = constant(n.q.Required)
	n.readOnly = constant(n.q.ReadOnly)
	n.choices = n.q.Options()
	n.findings = c.judge(n)
}

// constant evaluates the constants that XLSForm allows for an expression.
func constant(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "yes", "true", "true()":
		return true
	}
	return false
}

func (c *Checker) fillDefaults(n *node) {
	n.walk(func(k *node) {
		if k.q != nil && !k.q.Type.Nested() && k.q.Default != "" && k.value == "" {
			k.store(k.q.Default)
		}
	})
}

// fillStart answers what the program knows itself.
func (c *Checker) fillStart() {
	c.root.walk(func(n *node) {
		if n.q == nil || n.value != "" {
			return
		}
		switch n.q.Type {
		case TypeToday:
			n.store(c.env.Now().Format(time.DateOnly))
		case TypeStart:
			n.store(c.env.Now().Format(time.RFC3339))
		}
	})
}
