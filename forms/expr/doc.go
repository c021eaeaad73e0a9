// Package expr reads and evaluates the expressions of a form: the dialect of
// XPath that ODK's form specification describes, with XLSForm's ${name}.
//
// Parse makes a tree, from which the names a form has to know are taken.
// Compile turns it into a program for the engine of expr-lang/expr.
//
// Why that engine and not an XPath one. What is special about the dialect is
// not in XPath: most of its functions (selected, once, indexed-repeat,
// format-date …), text in the shape of a date that counts as a number of days,
// and ${name}, which means this entry's answer inside a repeat and all entries'
// outside. antchfx/xpath 1.3.9 takes no functions from outside, compares dates
// as NaN, and would want the answers as a tree of XML nodes; nearly every
// expression would be rewritten before and patched up after. What the dialect
// does share with other languages is arithmetic, logic that stops early,
// conditionals and calls, and these expr evaluates: the tree is translated into
// its syntax tree with XPath's conversions written out as calls, so that each
// operator works on one type and expr's checker proves that it does. No text
// is generated, and so nothing in a form can escape into the engine's own
// language. Its virtual machine bounds memory and turns panics into errors.
package expr
